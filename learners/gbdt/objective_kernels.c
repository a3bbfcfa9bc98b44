/* Derivatives, a vector of rows at a time.
 *
 * A rule gives gradient and hessian of one vector; one loop around it loads,
 * weighs, stores and sums, so that a rule is its formula and nothing else. The
 * sums come along since the scales of fixed-point gradients rest on them, and a
 * pass over memory of its own costs as much as a derivative: logistic with its
 * sums took 2.5 ns a row in three passes and takes 1.0 in one (AVX2, 800,000
 * rows, one thread, the least of 40 alternated runs).
 */
#include "learners/gbdt/objective_kernels.h"

#include "harness/base/vec.h"

typedef int32_t vi_any
	__attribute__((vector_size(VEC_BYTES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

/* What float sums are folded into doubles after: a sum of 256 positive floats
 * in lanes is off by 2e-6 of itself at most. */
enum { STRIP = 256 };

/* The m <= W values at x; lanes beyond are 0. */
INLINE vf get(const float *x, size_t m)
{
	return m == W ? load(x) : load_part(x, m, 0.0f);
}

INLINE void put(float *x, vf v, size_t m)
{
	if (m == W)
		store(x, v);
	else
		store_part(x, v, m);
}

INLINE vi get_labels(const int32_t *label, size_t m)
{
	int32_t lanes[W] = { 0 };

	if (m == W)
		return *(const vi_any *)label;
	memcpy(lanes, label, m * sizeof(*label));
	return *(const vi_any *)lanes;
}

/* Weights are multiplied by even where there are none: the lanes beyond the
 * last row get 0, and add nothing to the sums. */
INLINE vf get_weights(const struct objective_strip *s, size_t i, size_t m)
{
	float lanes[W];

	if (s->weight)
		return get(s->weight + i, m);
	if (m == W)
		return splat(1.0f);
	for (size_t j = 0; j < W; j++)
		lanes[j] = j < m ? 1.0f : 0.0f;
	return load(lanes);
}

INLINE vf absolute(vf x)
{
	return (vf)((vu)x & 0x7fffffffu);
}

struct derivatives {
	vf gradient, hessian;
};

/* Of one vector of scores with their truth. */
typedef struct derivatives rule(vf score, vf truth, float parameter);

INLINE void step(const struct objective_strip *s, size_t i, size_t m, rule *of,
		 vf *sum_g, vf *sum_h)
{
	vf truth = s->label ? __builtin_convertvector(
				      get_labels(s->label + i, m), vf) :
			      get(s->target + i, m);
	struct derivatives d = of(get(s->score + i, m), truth, s->parameter);
	vf w = get_weights(s, i, m);

	d.gradient *= w;
	d.hessian *= w;
	put(s->gradient + i, d.gradient, m);
	put(s->hessian + i, d.hessian, m);
	*sum_g += absolute(d.gradient);
	*sum_h += d.hessian;
}

INLINE void each_row(const struct objective_strip *s, rule *of)
{
	for (size_t from = 0; from < s->n; from += STRIP) {
		size_t to = s->n - from < STRIP ? s->n : from + STRIP;
		vf sum_g = { 0 }, sum_h = { 0 };
		size_t i = from;

		for (; i + W <= to; i += W)
			step(s, i, W, of, &sum_g, &sum_h);
		if (i < to)
			step(s, i, to - i, of, &sum_g, &sum_h);
		s->sums[0] += (double)fold_sum(sum_g);
		s->sums[1] += (double)fold_sum(sum_h);
	}
}

/* ---------------------------------------------------------------- rules */

INLINE struct derivatives rule_squared(vf score, vf truth, float parameter)
{
	(void)parameter;
	return (struct derivatives){ score - truth, splat(1.0f) };
}

/* At the target itself neither side pulls. */
INLINE struct derivatives rule_absolute(vf score, vf truth, float parameter)
{
	vf below = blend((vu)(score < truth), splat(-1.0f), splat(0.0f));

	(void)parameter;
	return (struct derivatives){
		blend((vu)(score > truth), splat(1.0f), below), splat(1.0f),
	};
}

/* The pinball loss is level (y - s) where the score is too low, and
 * (1 - level) (s - y) where it is too high (Koenker & Bassett 1978, Eq. 1.2). */
INLINE struct derivatives rule_quantile(vf score, vf truth, float level)
{
	vf below = blend((vu)(score < truth), splat(-level), splat(0.0f));

	return (struct derivatives){
		blend((vu)(score > truth), splat(1.0f - level), below),
		splat(1.0f),
	};
}

/* The residual, but no more of it than delta. */
INLINE struct derivatives rule_huber(vf score, vf truth, float delta)
{
	vf d = score - truth;

	d = blend((vu)(d > delta), splat(delta), d);
	d = blend((vu)(d < -delta), splat(-delta), d);
	return (struct derivatives){ d, splat(1.0f) };
}

/* The hessian is that of a score larger by 0.7: Newton's step on an exponential
 * overshoots, and LightGBM and XGBoost hold it back so (max_delta_step). */
INLINE struct derivatives rule_poisson(vf score, vf truth, float parameter)
{
	vf mean = exp_vec(score);

	(void)parameter;
	return (struct derivatives){ mean - truth, mean * 2.01375270747f };
}

/* p - y and p (1 - p). */
INLINE struct derivatives rule_logistic(vf score, vf truth, float parameter)
{
	vf p = sigmoid_vec(score);

	(void)parameter;
	return (struct derivatives){ p - truth, p * (1.0f - p) };
}

static void squared(const struct objective_strip *s)
{
	each_row(s, rule_squared);
}

static void absolute_error(const struct objective_strip *s)
{
	each_row(s, rule_absolute);
}

static void quantile(const struct objective_strip *s)
{
	each_row(s, rule_quantile);
}

static void huber(const struct objective_strip *s)
{
	each_row(s, rule_huber);
}

static void poisson(const struct objective_strip *s)
{
	each_row(s, rule_poisson);
}

static void logistic(const struct objective_strip *s)
{
	each_row(s, rule_logistic);
}

/* ---------------------------------------------------------------- softmax */

/* top and sum of n <= STRIP rows; exp(score - top) into `keep` (outputs,
 * stride) unless NULL. Shifted by the largest score nothing overflows, and a sum
 * is at least 1. Output by output, as memory has them: with many outputs a walk
 * across them would touch a page for each. */
INLINE void exponentials(const struct objective_strip *s, float *keep, float *top,
			 float *sum)
{
	memcpy(top, s->score, s->n * sizeof(*top));
	memset(sum, 0, s->n * sizeof(*sum));
	for (size_t c = 1; c < s->outputs; c++)
		for (size_t i = 0; i < s->n; i += W) {
			size_t m = s->n - i < W ? s->n - i : W;
			vf v = get(s->score + c * s->stride + i, m);
			vf t = get(top + i, m);

			put(top + i, blend((vu)(v > t), v, t), m);
		}
	for (size_t c = 0; c < s->outputs; c++)
		for (size_t i = 0; i < s->n; i += W) {
			size_t m = s->n - i < W ? s->n - i : W;
			vf e = exp_vec(get(s->score + c * s->stride + i, m) -
				       get(top + i, m));

			put(sum + i, get(sum + i, m) + e, m);
			if (keep)
				put(keep + c * s->stride + i, e, m);
		}
}

static void log_sums(const struct objective_strip *s, float *top, float *sum)
{
	exponentials(s, NULL, top, sum);
}

/* Gradient and hessian of output c for m rows, whose exponentials are in the
 * gradient's place. */
INLINE void softmax_step(const struct objective_strip *s, size_t c, size_t i,
			 size_t m, const float *inverse, vf *sum_g, vf *sum_h)
{
	float factor = s->outputs > 1 ? (float)s->outputs /
						(float)(s->outputs - 1) : 1.0f;
	float *g = s->gradient + c * s->stride + i;
	vf p = get(g, m) * get(inverse + i, m), w = get_weights(s, i, m);
	vu hit = (vu)(get_labels(s->label + i, m) == (int32_t)c);
	vf gradient = (p - blend(hit, splat(1.0f), splat(0.0f))) * w;
	vf hessian = factor * p * (1.0f - p) * w;

	put(g, gradient, m);
	put(s->hessian + c * s->stride + i, hessian, m);
	*sum_g += absolute(gradient);
	*sum_h += hessian;
}

/* The strip of all outputs stays in the cache from the exponentials to the
 * derivatives, unless there are hundreds. */
static void softmax(const struct objective_strip *s)
{
	float top[STRIP], sum[STRIP];

	exponentials(s, s->gradient, top, sum);
	for (size_t i = 0; i < s->n; i++)
		sum[i] = 1.0f / sum[i];
	for (size_t c = 0; c < s->outputs; c++) {
		vf sum_g = { 0 }, sum_h = { 0 };
		size_t i = 0;

		for (; i + W <= s->n; i += W)
			softmax_step(s, c, i, W, sum, &sum_g, &sum_h);
		if (i < s->n)
			softmax_step(s, c, i, s->n - i, sum, &sum_g, &sum_h);
		s->sums[2 * c] += (double)fold_sum(sum_g);
		s->sums[2 * c + 1] += (double)fold_sum(sum_h);
	}
}

const struct objective_kernels SIMD_NAME(objective_kernels) = {
	.squared = squared,
	.absolute = absolute_error,
	.quantile = quantile,
	.huber = huber,
	.poisson = poisson,
	.logistic = logistic,
	.softmax = softmax,
	.log_sums = log_sums,
};
