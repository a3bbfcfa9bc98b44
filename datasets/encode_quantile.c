/* The dense view of a table, with numeric columns by training rank to a normal
 * law instead of scaled: heavy tails and odd units no longer matter to learners
 * that measure distances. Neural nets on tables are compared on such columns
 * since Gorishniy et al. 2021 ("Revisiting deep learning models for tabular
 * data"). */
#include "datasets/encode.h"

#include "datasets/views/table_dense.h"

/* The base view is dense: learners that take one take the other. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	int rc = encode_begin(items, split, VIEW_DENSE, a, out, err);

	return rc ? rc : table_dense(items, split, TABLE_RANKED, threads, a,
				     out, err);
}

const struct encoder encoder_quantile = {
	.view = VIEW_QUANTILE,
	.version = 100 * TABLE_DENSE_VERSION + 1,
	.modalities = 1u << MODALITY_TABULAR,
	.encode = encode,
};
