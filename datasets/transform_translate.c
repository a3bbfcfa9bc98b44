/* A probe of shift: each TEST picture is moved, by whole pixels drawn evenly
 * from [-severity, severity] down and right; what comes in is 0. Training and
 * validation rows stay: the question is what a learner makes of places it was
 * not shown. */
#include <math.h>

#include "datasets/twins/image_edit.h"

struct shift {
	struct rng rng;
	size_t most;
};

/* `to` is cleared beforehand, so pixels that nothing moves to are 0. Down and right
 * have streams of their own: with one, all moves would be diagonal. */
static void move(const void *ctx, const struct items *items, uint32_t row,
		 const uint8_t *from, uint8_t *to)
{
	const struct shift *s = ctx;
	size_t h = items->height, w = items->width, most = s->most;
	size_t down = (size_t)rng_below(rng_sub(s->rng, 0), row, 2 * most + 1);
	size_t right = (size_t)rng_below(rng_sub(s->rng, 1), row, 2 * most + 1);

	/* Pixel (y, x) comes from (y - down, x - right), both offset by `most`. */
	for (size_t c = 0; c < items->channels; c++)
		for (size_t y = 0; y < h; y++)
			for (size_t x = 0; x < w; x++) {
				size_t y0 = y + most - down, x0 = x + most - right;

				/* below 0 wraps to beyond the end */
				if (y0 < h && x0 < w)
					to[(c * h + y) * w + x] = from[(c * h + y0) * w + x0];
			}
}

/* Whole pixels, so nothing is blurred; a severity of 2.5 is 2. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	struct shift s = { job->rng, (size_t)floor(job->severity) };
	struct image_edit edit = { .fn = move, .ctx = &s, .test_only = true };

	return image_edit(job, items, &edit, err);
}

const struct transform transform_translate = {
	.name = "translate",
	.summary = "each test picture is moved at random; training pictures are not",
	.severity = "most pixels of the move in each direction",
	.version = 1,
	.modalities = 1u << MODALITY_IMAGE,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 64,
	.usual = 2,
	.items = apply,
};
