/* A probe of shift: of each TEST picture a rectangle of the picture's own shape
 * is blanked (0) at a random place. Training and validation rows stay. */
#include <math.h>
#include <string.h>

#include "datasets/twins/image_edit.h"

/* In pixels; at most the picture itself, so that a random place is always inside. */
struct patch {
	struct rng rng;
	size_t height, width;
};

/* The place is addressed by row: a picture has the same one whichever others are
 * tested. All channels are blanked at the same place: 0 in each is black in a colour
 * picture. */
static void blank(const void *ctx, const struct items *items, uint32_t row,
		  const uint8_t *from, uint8_t *to)
{
	const struct patch *p = ctx;
	size_t h = items->height, w = items->width;
	size_t top = (size_t)rng_below(rng_sub(p->rng, 0), row, h - p->height + 1);
	size_t left = (size_t)rng_below(rng_sub(p->rng, 1), row, w - p->width + 1);

	memcpy(to, from, items->channels * h * w);
	for (size_t c = 0; c < items->channels; c++)
		for (size_t y = top; y < top + p->height; y++)
			memset(to + (c * h + y) * w + left, 0, p->width);
}

/* The side is the root of the area's share, rounded by itself in each direction: on
 * small pictures the blanked area is near the severity and not exactly it. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	double side = sqrt(job->severity);
	struct patch p = { job->rng, (size_t)floor(side * (double)items->height + 0.5),
			   (size_t)floor(side * (double)items->width + 0.5) };
	struct image_edit edit = { .fn = blank, .ctx = &p, .test_only = true };

	return image_edit(job, items, &edit, err);
}

const struct transform transform_occlude = {
	.name = "occlude",
	.summary = "a part of each test picture is blanked; training pictures are whole",
	.severity = "share of the area that is blanked",
	.version = 1,
	.modalities = 1u << MODALITY_IMAGE,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 1,
	.usual = 0.1,
	.items = apply,
};
