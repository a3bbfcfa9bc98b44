/* New pictures in place of those of some rows, for transforms. */
#ifndef TRIARCH_IMAGE_EDIT_H
#define TRIARCH_IMAGE_EDIT_H

#include "datasets/transform.h"

struct image_edit {
	/* Make `to` from `from`, both (channels, height, width), `to` all 0.
	 * `row` addresses random numbers. */
	void (*fn)(const void *ctx, const struct items *items, uint32_t row,
		   const uint8_t *from, uint8_t *to);
	const void *ctx;
	bool test_only; /* training and validation rows stay: a probe of shift */
};

/* Edit the rows of the split; rows outside of it are 0 afterwards and used by
 * nobody. ERR_MEMORY. */
int image_edit(const struct transform_job *job, struct items *items,
	       const struct image_edit *edit, struct error *err);

#endif
