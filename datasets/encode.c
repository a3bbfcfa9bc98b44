/* The registry of encoders, and what all of them start with.
 *
 * An encoder is fitted on the training rows and applied to all three parts. It
 * never sees a test row before its numbers (means, levels, terms, directions)
 * are fixed; that is the one rule that keeps a benchmark honest, and
 * tests/test_encode.c checks it for every encoder of the registry by changing
 * the test rows. */
#include "datasets/encode.h"

/* Made by tests/registry.sh from the file names encode_<view>.c. */
extern const struct encoder *const encoder_list[];
extern const size_t encoder_list_n;

/* In the order of the file names; nothing depends on it. */
const struct encoder *const *encoder_all(size_t *n)
{
	*n = encoder_list_n;
	return encoder_list;
}

/* A view may be made by different encoders for different modalities, but never
 * by two for one: the first that fits is the only one. */
const struct encoder *encoder_find(enum view view, enum modality modality)
{
	for (size_t k = 0; k < encoder_list_n; k++)
		if (encoder_list[k]->view == view &&
		    encoder_list[k]->modalities & 1u << modality)
			return encoder_list[k];
	return NULL;
}

/* out[i] = from[rows[i]] for 4-byte values (labels, targets and groups all
 * are); NULL stays NULL. */
static int gather(const void *from, const uint32_t *rows, size_t n,
		  struct arena *a, const void **out, struct error *err)
{
	const uint32_t *src = from;
	uint32_t *to;

	*out = NULL;
	if (!src)
		return 0;
	to = ARENA_RAW(a, uint32_t, n);
	if (!to)
		return arena_error(a, err);
	for (size_t i = 0; i < n; i++)
		to[i] = src[rows[i]];
	*out = to;
	return 0;
}

/* Labels and targets of one part in its own order. A learner never indexes the
 * items themselves, so it cannot reach rows it was not lent. */
int encode_targets(const struct items *items, const uint32_t *rows, size_t n,
		   struct arena *a, struct part *out, struct error *err)
{
	const void *label, *target, *group, *item;
	int rc;

	rc = gather(items->label, rows, n, a, &label, err);
	if (!rc)
		rc = gather(items->target, rows, n, a, &target, err);
	if (!rc)
		rc = gather(items->group, rows, n, a, &group, err);
	if (rc)
		return rc;
	/* a copy: the split may live in another arena than the data set */
	item = arena_copy(a, rows, n * sizeof(*rows));
	if (!item)
		return arena_error(a, err);
	out->rows = n;
	out->label = label;
	out->target = target;
	out->group = group;
	out->item = item;
	return 0;
}

/* Rows and destination of each part, so that encoders loop instead of saying
 * everything three times. Training comes first: it is what they are fitted on.
 */
void encode_parts(const struct split *split, struct dataset *out,
		  struct encode_part parts[3])
{
	parts[0] = (struct encode_part){ split->train, split->n_train,
					 &out->train };
	parts[1] = (struct encode_part){ split->valid, split->n_valid,
					 &out->valid };
	parts[2] = (struct encode_part){ split->test, split->n_test, &out->test };
}

/* Everything of a data set but the view itself. `out` is cleared: what a view
 * does not have stays NULL or 0, which is how learners tell. */
int encode_begin(const struct items *items, const struct split *split,
		 enum view view, struct arena *a, struct dataset *out,
		 struct error *err)
{
	struct encode_part parts[3];

	*out = (struct dataset){
		.modality = items->modality,
		.task = items->task,
		.view = view,
		.classes = items->classes,
	};
	encode_parts(split, out, parts);
	for (size_t p = 0; p < 3; p++) {
		int rc = encode_targets(items, parts[p].rows, parts[p].n, a,
					parts[p].part, err);

		if (rc)
			return rc;
	}
	return 0;
}

/* An unfilled matrix. One-hot tables multiply rows by thousands of columns, so
 * the product is checked before it can wrap around to a small allocation. */
int encode_matrix(struct arena *a, size_t rows, size_t cols, float **x,
		  struct error *err)
{
	size_t count;

	if (__builtin_mul_overflow(rows, cols, &count))
		return error_set(err, ERR_MEMORY,
				 "%zu rows of %zu columns are too many", rows,
				 cols);
	*x = ARENA_RAW(a, float, count);
	return *x ? 0 : arena_error(a, err);
}
