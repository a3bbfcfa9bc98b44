/* The twin of pictures: one fixed permutation of the pixels, the same for all
 * pictures and channels. All of the information stays; what is near is lost,
 * which is what convolutions live on. Learners that treat columns alike are
 * told the same thing in another order. */
#include "datasets/twins/image_edit.h"
#include "datasets/twins/place_order.h"

/* Channels keep together, as a learner of colour would else lose more than places. */
static void permute(const void *ctx, const struct items *items, uint32_t row,
		    const uint8_t *from, uint8_t *to)
{
	const uint32_t *order = ctx;
	size_t n = items->height * items->width;

	(void)row;
	for (size_t c = 0; c < items->channels; c++)
		for (size_t j = 0; j < n; j++)
			to[c * n + j] = from[c * n + order[j]];
}

/* All parts are permuted (test_only is not set): training pictures too. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	struct image_edit edit = { .fn = permute };
	uint32_t *order;

	if (place_order(items->height * items->width, job->severity, job->rng, job->a, &order,
			err))
		return (int)err->code;
	edit.ctx = order;
	return image_edit(job, items, &edit, err);
}

const struct transform transform_permute_pixels = {
	.name = "permute_pixels",
	.summary = "one fixed permutation of the pixels of all pictures",
	.severity = "share of the pixels that take part",
	.version = 1,
	.modalities = 1u << MODALITY_IMAGE,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 1,
	.usual = 1,
	.items = apply,
};
