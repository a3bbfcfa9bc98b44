/* Trees, and what they know of their columns, in model files. */
#ifndef TRIARCH_GBDT_TREE_FILE_H
#define TRIARCH_GBDT_TREE_FILE_H

#include "learners/gbdt/tree.h"
#include "learners/model/model_reader.h"

/* The n trees of a model, in their order: all with values or all with vectors, all
 * by rank (and of one table of sets) or none. */
void tree_file_save(const struct tree *const *tree, size_t n, struct model_writer *w);

/* Of the kept columns what tree_leaf needs: no edges, no cells. */
void tree_file_save_columns(const struct bins *b, struct model_writer *w);

/* Back: each a tree that every row of `width` values (columns of the data, then
 * numbers made of them) comes to an end in, with sets of categorical columns alone
 * and vectors of less than `outputs`; flattened. `b` has the columns.
 * tree: (n), in the reader's arena. ERR_DATA, ERR_MEMORY. */
int tree_file_load_columns(struct bins *b, const struct dataset *data, size_t width,
			   struct model_reader *r, struct error *err);
int tree_file_load(struct tree **tree, size_t n, size_t width, size_t outputs,
		   const struct bins *b, struct model_reader *r, struct error *err);

#endif
