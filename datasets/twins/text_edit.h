/* New texts in place of those of a split, for transforms. */
#ifndef TRIARCH_TEXT_EDIT_H
#define TRIARCH_TEXT_EDIT_H

#include "datasets/text/retext.h"
#include "datasets/transform.h"

/* Make text i of `r`, which is row `row` of the items, anew. */
typedef int text_fn(const struct transform_job *job, struct retext *r, size_t i, uint32_t row,
		    const char **out, struct error *err);

/* Cut the texts of the split's rows into words, hand them to `begin` (NULL:
 * nothing to do), then make each anew. ERR_DATA: not UTF-8; ERR_MEMORY. */
int text_edit(const struct transform_job *job, struct items *items,
	      int (*begin)(const struct transform_job *job, struct retext *r,
			   struct error *err),
	      text_fn *fn, struct error *err);

#endif
