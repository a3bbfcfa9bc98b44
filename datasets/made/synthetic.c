/* After the probes of Grinsztajn, Oyallon & Varoquaux 2022 ("Why do tree-based
 * models still outperform deep learning on typical tabular data?"), of
 * Radhakrishnan et al. 2024 (low rank, "Mechanism for feature learning") and of
 * the long line on parities since Minsky & Papert 1969. */
#include "datasets/made/synthetic.h"

#include <math.h>

const char *const synthetic_names[SYNTHETIC_KINDS] = {
	"axis_steps", "low_rank", "parity", "smooth_dense",
};

/* How many columns a function looks at. */
static size_t columns_needed(const struct synthetic *f)
{
	switch (f->kind) {
	case SYNTHETIC_AXIS_STEPS:
		return f->informative;
	case SYNTHETIC_LOW_RANK:
		return 6;
	case SYNTHETIC_PARITY:
		return f->degree;
	default:
		return 2;
	}
}

/* The distribution function of the standard normal law. */
static double normal_below(double x)
{
	return erfc(-x * M_SQRT1_2) / 2;
}

/* Moments of the sum of steps 1[x > t_k] h_k of one column: E h_k h_l is the
 * chance to be above the higher of the two. */
static void add_steps(const double *at, const double *height, double *mean,
		      double *variance)
{
	double first = 0, second = 0;

	for (size_t k = 0; k < SYNTHETIC_STEPS; k++) {
		first += height[k] * normal_below(-at[k]);
		for (size_t l = 0; l < SYNTHETIC_STEPS; l++)
			second += height[k] * height[l] *
				  normal_below(-fmax(at[k], at[l]));
	}
	*mean += first;
	*variance += second - first * first;
}

/* Places and heights, column by column; columns are independent, so their
 * variances add up. */
static void draw_steps(struct synthetic *f)
{
	struct rng at = rng_make(f->seed, "synthetic/at");
	struct rng height = rng_make(f->seed, "synthetic/height");
	double variance = 0;

	for (size_t k = 0; k < f->informative * SYNTHETIC_STEPS; k++) {
		f->at[k] = rng_normal(at, k);
		f->height[k] = rng_normal(height, k);
	}
	for (size_t j = 0; j < f->informative; j++)
		add_steps(f->at + j * SYNTHETIC_STEPS,
			  f->height + j * SYNTHETIC_STEPS, &f->mean, &variance);
	f->scale = 1 / sqrt(variance);
}

/* In order: the same bits wherever it is called. */
static double dot(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t j = 0; j < n; j++)
		sum += a[j] * b[j];
	return sum;
}

/* v to length 1. */
static void normalise(double *v, size_t n)
{
	double scale = 1 / sqrt(dot(v, v, n));

	for (size_t j = 0; j < n; j++)
		v[j] *= scale;
}

/* Two orthonormal directions; u'x and w'x are independent and N(0, 1). With
 * E cos(a z) = exp(-a^2 / 2): the sine has mean 0 and mean square
 * (1 - e^-8) / 2, the cosine mean e^-2 and mean square (1 + e^-8) / 2. */
static void draw_directions(struct synthetic *f)
{
	double over;

	for (size_t j = 0; j < f->d; j++) {
		f->at[j] = rng_normal(rng_make(f->seed, "synthetic/u"), j);
		f->height[j] = rng_normal(rng_make(f->seed, "synthetic/w"), j);
	}
	normalise(f->at, f->d);
	over = dot(f->at, f->height, f->d);
	for (size_t j = 0; j < f->d; j++)
		f->height[j] -= over * f->at[j];
	normalise(f->height, f->d);
	f->mean = exp(-2);
	f->scale = 1 / sqrt(1 - exp(-4));
}

/* Parity and the low-rank function have nothing to draw; all kinds keep their two
 * arrays, so that the struct has no field that may be NULL. */
int synthetic_init(struct synthetic *f, struct arena *a, struct error *err)
{
	size_t least = columns_needed(f);
	size_t room = f->kind == SYNTHETIC_AXIS_STEPS ?
		f->informative * SYNTHETIC_STEPS : f->d;

	if (f->d < least || !least)
		return error_set(err, ERR_CONFIG, "%s looks at %zu columns, d is "
				 "%zu", synthetic_names[f->kind], least, f->d);
	f->cells = rng_make(f->seed, "synthetic/x");
	f->mean = 0;
	f->scale = 1; /* parity: +-1, evenly */
	f->at = ARENA_NEW(a, double, room);
	f->height = ARENA_NEW(a, double, room);
	if (!f->at || !f->height)
		return arena_error(a, err);
	if (f->kind == SYNTHETIC_AXIS_STEPS)
		draw_steps(f);
	if (f->kind == SYNTHETIC_SMOOTH_DENSE)
		draw_directions(f);
	if (f->kind == SYNTHETIC_LOW_RANK)
		f->scale = M_SQRT2; /* E (x0 x1)^2 / 2 = 1 / 2 */
	return 0;
}

/* A stream a column: row i does not move when columns are added. */
float synthetic_cell(const struct synthetic *f, size_t i, size_t j)
{
	return (float)rng_normal(rng_sub(f->cells, j), i);
}

/* Steps are not sorted: each adds its height to all that lies beyond it. */
static double axis_steps(const struct synthetic *f, const float *x)
{
	double sum = 0;

	for (size_t k = 0; k < f->informative * SYNTHETIC_STEPS; k++)
		if ((double)x[k / SYNTHETIC_STEPS] > f->at[k])
			sum += f->height[k];
	return sum;
}

/* 0 counts as positive; the normal law never draws it in practice. */
static double parity(const struct synthetic *f, const float *x)
{
	double sign = 1;

	for (size_t j = 0; j < f->degree; j++)
		sign = x[j] < 0 ? -sign : sign;
	return sign;
}

/* In the period of a normal variable of deviation 2: smooth enough for kernels
 * on a few hundred rows, if only they knew the plane. */
static double smooth_dense(const struct synthetic *f, const float *x)
{
	double u = 0, w = 0;

	for (size_t j = 0; j < f->d; j++) {
		u += f->at[j] * (double)x[j];
		w += f->height[j] * (double)x[j];
	}
	return sin(2 * u) + cos(2 * w);
}

/* The function in its own units. */
static double raw_value(const struct synthetic *f, const float *x)
{
	switch (f->kind) {
	case SYNTHETIC_AXIS_STEPS:
		return axis_steps(f, x);
	case SYNTHETIC_LOW_RANK:
		return x[5] > 0 ? (double)x[0] * (double)x[1] : 0;
	case SYNTHETIC_PARITY:
		return parity(f, x);
	default:
		return smooth_dense(f, x);
	}
}

/* Less its mean, over its deviation: errors of all kinds compare. */
double synthetic_value(const struct synthetic *f, const float *x)
{
	return (raw_value(f, x) - f->mean) * f->scale;
}

/* Noise has a stream of its own: with another `noise` rows and function stay. */
float synthetic_target(const struct synthetic *f, size_t i, const float *x)
{
	double e = rng_normal(rng_make(f->seed, "synthetic/noise"), i);

	return (float)((synthetic_value(f, x) + f->noise * e) /
		       sqrt(1 + f->noise * f->noise));
}
