/* Standardised columns for learners that measure distances or multiply
 * matrices; what dense, hog and mfcc views of sound and pictures end with. */
#include "datasets/views/scaling.h"

#include <math.h>
#include <stdbool.h>

#include "harness/base/par.h"

#define COL_GRAIN 32

/* Columns in blocks, so that rows are read in memory order. */
struct columns {
	const struct scaling *s;
	double *mean;	 /* (cols) */
	double *deviate; /* (cols) standard deviation; 0: constant */
	double least;	 /* deviation */
};

/* Of standardised values; SCALING_CLIP says why. */
double scaling_clip(double z)
{
	return z > SCALING_CLIP ? SCALING_CLIP :
	       z < -SCALING_CLIP ? -SCALING_CLIP : z;
}

/* Do all training rows have one value? The sums cannot tell: a thousand times
 * 0.1 over a thousand is not 0.1, and the rest would count as deviation. */
static bool is_constant(const struct scaling *s, size_t j)
{
	for (size_t i = 1; i < s->n[0]; i++)
		if (s->x[0][i * s->cols + j] < s->x[0][j] ||
		    s->x[0][i * s->cols + j] > s->x[0][j])
			return false;
	return true;
}

/* Mean and deviation of a block of columns over the training rows. Each column
 * is summed by one thread in the order of the rows. Two passes: with one, the
 * square of the mean would cancel most digits of the variance. */
static void fit_columns(void *ctx, size_t chunk, size_t worker)
{
	const struct columns *c = ctx;
	const struct scaling *s = c->s;
	struct par_range r = par_range(s->cols, COL_GRAIN, chunk);
	double n = (double)s->n[0];

	(void)worker;
	for (size_t i = 0; i < s->n[0]; i++)
		for (size_t j = r.begin; j < r.end; j++)
			c->mean[j] += (double)s->x[0][i * s->cols + j] / n;
	for (size_t i = 0; i < s->n[0]; i++) {
		for (size_t j = r.begin; j < r.end; j++) {
			double d = (double)s->x[0][i * s->cols + j] - c->mean[j];

			c->deviate[j] += d * d / n;
		}
	}
	/* a constant's rounding errors are no deviation */
	for (size_t j = r.begin; j < r.end; j++)
		c->deviate[j] = is_constant(s, j) ? 0 : sqrt(c->deviate[j]);
}

/* The least deviation that counts: a share of the root mean square of all,
 * added in the order of the columns. */
static double least_deviation(const struct columns *c)
{
	double square = 0;

	for (size_t j = 0; j < c->s->cols; j++)
		square += c->deviate[j] * c->deviate[j] / (double)c->s->cols;
	return c->s->floor * sqrt(square);
}

/* Constant columns are multiplied by 0. */
static double column_scale(const struct columns *c, size_t j)
{
	return c->deviate[j] > 0 ? 1 / fmax(c->deviate[j], c->least) : 0;
}

/* A block of columns of all three parts, in place. */
static void scale_columns(void *ctx, size_t chunk, size_t worker)
{
	const struct columns *c = ctx;
	const struct scaling *s = c->s;
	struct par_range r = par_range(s->cols, COL_GRAIN, chunk);
	double scale[COL_GRAIN];

	(void)worker;
	for (size_t j = r.begin; j < r.end; j++)
		scale[j - r.begin] = column_scale(c, j);
	for (size_t p = 0; p < 3; p++) {
		for (size_t i = 0; i < s->n[p]; i++) {
			float *x = s->x[p] + i * s->cols;

			for (size_t j = r.begin; j < r.end; j++)
				x[j] = (float)scaling_clip(
					((double)x[j] - c->mean[j]) *
					scale[j - r.begin]);
		}
	}
}

/* Two loops over the columns: the floor is known only behind the first. */
int scaling_apply(const struct scaling *s, int threads, struct arena *scratch,
		  struct error *err)
{
	struct arena_mark mark = arena_mark(scratch);
	size_t chunks = par_chunks(s->cols, COL_GRAIN);
	struct columns c = { .s = s };

	c.mean = ARENA_NEW(scratch, double, s->cols);
	c.deviate = ARENA_NEW(scratch, double, s->cols);
	if (!c.mean || !c.deviate)
		return arena_error(scratch, err);
	par_for(threads, chunks, fit_columns, &c);
	c.least = least_deviation(&c);
	par_for(threads, chunks, scale_columns, &c);
	arena_rewind(scratch, mark);
	return 0;
}
