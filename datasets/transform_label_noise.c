/* Label noise: some training and validation labels are replaced.
 *
 * Validation labels are as noisy as training labels, as they would be in a data
 * set that was labelled that badly; test labels are the truth. Classification:
 * another class, uniformly (symmetric noise, Angluin & Laird 1988). Regression:
 * the target of another training or validation row. */
#include "datasets/transform.h"

/* The k-th of the rows that may be changed. */
static uint32_t row_of(const struct split *s, size_t k)
{
	return k < s->n_train ? s->train[k] : s->valid[k - s->n_train];
}

/* The numbers are addressed by the row of the data set, not by its place in the
 * split: a larger training set keeps the noise of a smaller one. */
static bool is_hit(const struct transform_job *job, uint32_t row)
{
	return rng_uniform(rng_sub(job->rng, 0), row) < job->severity;
}

/* A step of 1 to classes - 1 around the circle, each as likely: the label that is hit
 * never stays what it was, so severity is the true share of wrong labels. At (classes
 * - 1) / classes labels say nothing at all. */
static int flip_labels(const struct transform_job *job, struct items *items,
		       struct error *err)
{
	const struct split *s = job->split;
	int32_t *label = arena_copy(job->a, items->label, items->n * sizeof(*label));
	int32_t classes = (int32_t)items->classes;

	if (!label)
		return arena_error(job->a, err);
	if (classes < 2)
		return error_set(err, ERR_UNSUPPORTED, "a single class has no other");
	for (size_t k = 0; k < s->n_train + s->n_valid; k++) {
		uint32_t row = row_of(s, k);
		uint64_t step = rng_below(rng_sub(job->rng, 1), row, (uint64_t)classes - 1);

		if (is_hit(job, row))
			label[row] = (label[row] + 1 + (int32_t)step) % classes;
	}
	items->label = label;
	return 0;
}

/* Drawn with replacement from the old targets, so their law stays what it was; now and
 * then a row draws its own. */
static int move_targets(const struct transform_job *job, struct items *items,
			struct error *err)
{
	const struct split *s = job->split;
	float *target = arena_copy(job->a, items->target, items->n * sizeof(*target));
	size_t n = s->n_train + s->n_valid;

	if (!target)
		return arena_error(job->a, err);
	for (size_t k = 0; k < n; k++) {
		uint32_t row = row_of(s, k);
		size_t from = (size_t)rng_below(rng_sub(job->rng, 1), row, n);

		if (is_hit(job, row))
			target[row] = items->target[row_of(s, from)];
	}
	items->target = target;
	return 0;
}

/* The old arrays are mapped from the cache and must not be written: both write to a
 * copy. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	return items->label ? flip_labels(job, items, err) : move_targets(job, items, err);
}

const struct transform transform_label_noise = {
	.name = "label_noise",
	.summary = "some training and validation labels are replaced by others",
	.severity = "share of the labels that are replaced",
	.version = 1,
	.modalities = 1u << MODALITY_TABULAR | 1u << MODALITY_IMAGE |
		      1u << MODALITY_AUDIO | 1u << MODALITY_TEXT,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 1,
	.usual = 0.2,
	.items = apply,
};
