/* Regression: squared, absolute, quantile, huber, poisson. One output each, and
 * the derivatives are in objective_kernels.c. */
#include <math.h>
#include <string.h>

#include "learners/gbdt/location.h"
#include "learners/gbdt/objective.h"
#include "learners/gbdt/objective_kernels.h"

static void derive(objective_derive_fn *kernel, double parameter,
		   const struct objective_rows *t, const float *score,
		   struct par_range r, float *g, float *h, double *sums)
{
	struct objective_strip s = {
		.n = r.end - r.begin,
		.outputs = 1,
		.score = score + r.begin,
		.target = t->target + r.begin,
		.weight = t->weight ? t->weight + r.begin : NULL,
		.parameter = (float)parameter,
		.gradient = g + r.begin,
		.hessian = h + r.begin,
		.sums = sums,
	};

	sums[0] = sums[1] = 0;
	kernel(&s);
}

/* Residuals are taken in double, as a loss is told. */
static double residual(const struct objective_rows *t, const float *score, size_t i)
{
	return (double)t->target[i] - (double)score[i];
}

/* Raw scores are in the target's units already. */
static void link_same(const float *raw, size_t n, size_t outputs, float *scores)
{
	memcpy(scores, raw, n * outputs * sizeof(*raw));
}

/* ---------------------------------------------------------------- squared */

/* The weighted mean. */
static double mean_target(const struct objective_rows *t)
{
	double sum = 0, weight = 0;

	for (size_t i = 0; i < t->rows; i++) {
		sum += objective_weight(t, i) * (double)t->target[i];
		weight += objective_weight(t, i);
	}
	return weight > 0 ? sum / weight : 0;
}

static void squared_base(const struct objective_rows *t, double *base)
{
	*base = mean_target(t);
}

/* Half the square, so that the hessian of a row is 1 and counts rows. */
static void squared_derive(const struct objective_rows *t, const float *score,
			   struct par_range r, float *g, float *h, double *sums)
{
	derive(SIMD_PICK(objective_kernels)->squared, 0, t, score, r, g, h, sums);
}

/* Twice what derive belongs to: the mean square, whose root is reported. */
static double squared_loss(const struct objective_rows *t, const float *score,
			   struct par_range r)
{
	double sum = 0;

	for (size_t i = r.begin; i < r.end; i++) {
		double d = residual(t, score, i);

		sum += objective_weight(t, i) * d * d;
	}
	return sum;
}

/* ------------------------------------------------------ absolute, quantile */

static void absolute_derive(const struct objective_rows *t, const float *score,
			    struct par_range r, float *g, float *h, double *sums)
{
	derive(SIMD_PICK(objective_kernels)->absolute, 0, t, score, r, g, h, sums);
}

static double absolute_loss(const struct objective_rows *t, const float *score,
			    struct par_range r)
{
	double sum = 0;

	for (size_t i = r.begin; i < r.end; i++)
		sum += objective_weight(t, i) * fabs(residual(t, score, i));
	return sum;
}

/* Friedman 2001, Algorithm 3: the median of the residuals in the leaf. */
static double absolute_renew(const struct objective_rows *t, float *x,
			     float *weight, size_t n)
{
	(void)t;
	return location_quantile(x, weight, n, 0.5);
}

static void quantile_derive(const struct objective_rows *t, const float *score,
			    struct par_range r, float *g, float *h, double *sums)
{
	derive(SIMD_PICK(objective_kernels)->quantile, t->quantile_level, t,
	       score, r, g, h, sums);
}

static double quantile_loss(const struct objective_rows *t, const float *score,
			    struct par_range r)
{
	double sum = 0;

	for (size_t i = r.begin; i < r.end; i++) {
		double d = residual(t, score, i);

		sum += objective_weight(t, i) *
		       fmax(t->quantile_level * d, (t->quantile_level - 1) * d);
	}
	return sum;
}

static double quantile_renew(const struct objective_rows *t, float *x,
			     float *weight, size_t n)
{
	return location_quantile(x, weight, n, t->quantile_level);
}

/* ---------------------------------------------------------------- huber */

static void huber_derive(const struct objective_rows *t, const float *score,
			 struct par_range r, float *g, float *h, double *sums)
{
	derive(SIMD_PICK(objective_kernels)->huber, t->huber_delta, t, score, r,
	       g, h, sums);
}

static double huber_loss(const struct objective_rows *t, const float *score,
			 struct par_range r)
{
	double sum = 0, delta = t->huber_delta;

	for (size_t i = r.begin; i < r.end; i++) {
		double d = fabs(residual(t, score, i));

		sum += objective_weight(t, i) *
		       (d <= delta ? d * d / 2 : delta * (d - delta / 2));
	}
	return sum;
}

static double huber_renew(const struct objective_rows *t, float *x,
			  float *weight, size_t n)
{
	return location_huber(x, weight, n, t->huber_delta);
}

/* ---------------------------------------------------------------- poisson */

/* Of targets that are all 0 the mean is taken as if there were half a one. */
static void poisson_base(const struct objective_rows *t, double *base)
{
	double mean = mean_target(t);

	*base = log(mean > 0 ? mean : 0.5 / (double)t->rows);
}

static void poisson_derive(const struct objective_rows *t, const float *score,
			   struct par_range r, float *g, float *h, double *sums)
{
	derive(SIMD_PICK(objective_kernels)->poisson, 0, t, score, r, g, h, sums);
}

/* The deviance, 2 (y log(y / m) - y + m): twice the loss less what it is at
 * its best (Nelder & Wedderburn 1972, "Generalized linear models"). */
static double poisson_loss(const struct objective_rows *t, const float *score,
			   struct par_range r)
{
	double sum = 0;

	for (size_t i = r.begin; i < r.end; i++) {
		double y = (double)t->target[i], s = (double)score[i];
		double best = y > 0 ? y * log(y) - y : 0;

		sum += objective_weight(t, i) * 2 * (exp(s) - y * s + best);
	}
	return sum;
}

static void poisson_link(const float *raw, size_t n, size_t outputs, float *scores)
{
	simd_vec()->exp(raw, scores, n * outputs);
}

static bool poisson_takes(float target)
{
	return target >= 0;
}

/* ---------------------------------------------------------------- tables */

/* The three whose leaves are renewed have no base of their own: it is the value
 * of the root, when all scores are 0. */
const struct objective objective_squared = {
	.name = "squared",
	.tells_root = true,
	.base = squared_base,
	.derive = squared_derive,
	.loss = squared_loss,
	.link = link_same,
};

const struct objective objective_absolute = {
	.name = "absolute",
	.derive = absolute_derive,
	.loss = absolute_loss,
	.link = link_same,
	.renew = absolute_renew,
};

const struct objective objective_quantile = {
	.name = "quantile",
	.derive = quantile_derive,
	.loss = quantile_loss,
	.link = link_same,
	.renew = quantile_renew,
};

const struct objective objective_huber = {
	.name = "huber",
	.derive = huber_derive,
	.loss = huber_loss,
	.link = link_same,
	.renew = huber_renew,
};

const struct objective objective_poisson = {
	.name = "poisson",
	.base = poisson_base,
	.derive = poisson_derive,
	.loss = poisson_loss,
	.link = poisson_link,
	.takes = poisson_takes,
	.wants = "0 or more",
};
