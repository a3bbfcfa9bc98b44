/* A probe of shift: each TEST picture is turned about its centre by an angle
 * drawn evenly from [-severity, severity] degrees, bilinear, 0 outside.
 * Training and validation rows stay. */
#include <math.h>

#include "datasets/twins/image_edit.h"

/* `degrees` is the largest angle; that of a picture is drawn by its row and is
 * the same for all channels. */
struct turn {
	struct rng rng;
	double degrees;
};

/* A pixel of a plane, 0 outside of it. The border is dark and not repeated: in most
 * glyph and photo sets it is. */
static double pixel(const uint8_t *plane, size_t h, size_t w, double y, double x)
{
	if (y < 0 || x < 0 || y >= (double)h || x >= (double)w)
		return 0;
	return plane[(size_t)y * w + (size_t)x];
}

/* Rounded to the nearest byte; weights sum to 1, so an even area stays exactly what it
 * was. */
static uint8_t bilinear(const uint8_t *plane, size_t h, size_t w, double y, double x)
{
	double y0 = floor(y), x0 = floor(x), dy = y - y0, dx = x - x0;
	double top = (1 - dx) * pixel(plane, h, w, y0, x0) +
		     dx * pixel(plane, h, w, y0, x0 + 1);
	double low = (1 - dx) * pixel(plane, h, w, y0 + 1, x0) +
		     dx * pixel(plane, h, w, y0 + 1, x0 + 1);

	return (uint8_t)floor((1 - dy) * top + dy * low + 0.5);
}

/* Each new pixel looks up where it comes from: no holes are left. */
static void turn(const void *ctx, const struct items *items, uint32_t row,
		 const uint8_t *from, uint8_t *to)
{
	const struct turn *t = ctx;
	size_t h = items->height, w = items->width;
	double angle = (2 * rng_uniform(t->rng, row) - 1) * t->degrees * M_PI / 180;
	double s = sin(angle), c = cos(angle);
	double cy = ((double)h - 1) / 2, cx = ((double)w - 1) / 2;

	for (size_t k = 0; k < items->channels * h * w; k++) {
		double y = (double)(k / w % h) - cy, x = (double)(k % w) - cx;

		to[k] = bilinear(from + k / (h * w) * h * w, h, w, cy + c * y - s * x,
				 cx + s * y + c * x);
	}
}

/* 0 degrees must be the very picture and not one that went through rounding. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	struct turn t = { job->rng, job->severity };
	struct image_edit edit = { .fn = turn, .ctx = &t, .test_only = true };

	if (!(job->severity > 0))
		return 0;
	return image_edit(job, items, &edit, err);
}

const struct transform transform_turn = {
	.name = "turn",
	.summary = "each test picture is turned at random; training pictures are not",
	.severity = "largest angle in degrees, either way",
	.version = 1,
	.modalities = 1u << MODALITY_IMAGE,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 180,
	.usual = 15,
	.items = apply,
};
