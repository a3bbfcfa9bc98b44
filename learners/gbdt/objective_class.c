/* Logistic and softmax: classes. The derivatives are in objective_kernels.c. */
#include <math.h>
#include <string.h>

#include "learners/gbdt/objective.h"
#include "learners/gbdt/objective_kernels.h"

/* base[c] = log of class c's share of the weight, as LightGBM's
 * boost_from_average. A class without rows counts as half a row, so that its
 * score stays a number (LightGBM: 1e-15). */
static void softmax_base(const struct objective_rows *t, double *base)
{
	double all = 0, least = 0.5 / (double)t->rows;

	memset(base, 0, t->outputs * sizeof(*base));
	for (size_t i = 0; i < t->rows; i++) {
		base[t->label[i]] += objective_weight(t, i);
		all += objective_weight(t, i);
	}
	for (size_t c = 0; c < t->outputs; c++)
		base[c] = all > 0 ? log(fmax(base[c] / all, least)) : 0;
}

/* The log of the odds. */
static void logistic_base(const struct objective_rows *t, double *base)
{
	struct objective_rows both = *t;
	double log_share[2];

	both.outputs = 2;
	softmax_base(&both, log_share);
	*base = log_share[1] - log_share[0];
}

/* Rows r of all outputs, as kernels want them. */
static struct objective_strip strip(const struct objective_rows *t,
				    const float *score, struct par_range r)
{
	return (struct objective_strip){
		.n = r.end - r.begin,
		.outputs = t->outputs,
		.stride = t->rows,
		.score = score + r.begin,
		.label = t->label + r.begin,
		.weight = t->weight ? t->weight + r.begin : NULL,
	};
}

static void derive(objective_derive_fn *kernel, const struct objective_rows *t,
		   const float *score, struct par_range r, float *g, float *h,
		   double *sums)
{
	struct objective_strip s = strip(t, score, r);

	s.gradient = g + r.begin;
	s.hessian = h + r.begin;
	s.sums = sums;
	kernel(&s);
}

/* d/ds log(1 + exp(-s)) for label 1 and its mirror for 0. */
static void logistic_derive(const struct objective_rows *t, const float *score,
			    struct par_range r, float *g, float *h, double *sums)
{
	memset(sums, 0, 2 * sizeof(*sums));
	derive(SIMD_PICK(objective_kernels)->logistic, t, score, r, g, h, sums);
}

static void softmax_derive(const struct objective_rows *t, const float *score,
			   struct par_range r, float *g, float *h, double *sums)
{
	memset(sums, 0, 2 * t->outputs * sizeof(*sums));
	for (size_t i = r.begin; i < r.end; i += OBJECTIVE_ROWS) {
		size_t rest = r.end - i;
		struct par_range some = {
			i, i + (rest < OBJECTIVE_ROWS ? rest : OBJECTIVE_ROWS),
		};

		derive(SIMD_PICK(objective_kernels)->softmax, t, score, some, g,
		       h, sums);
	}
}

/* log(1 + exp(-m)) of margins m = s or -s is max(-m, 0) + log(1 + exp(-|m|));
 * without weights the second sum is the log of a product, which 256 factors of
 * at most 2 leave in range, and one log in place of 256 is taken. */
static double logistic_loss(const struct objective_rows *t, const float *score,
			    struct par_range r)
{
	float e[OBJECTIVE_ROWS];
	double sum = 0, product[4] = { 1, 1, 1, 1 };
	size_t n = r.end - r.begin;

	for (size_t i = 0; i < n; i++)
		e[i] = -fabsf(score[r.begin + i]);
	simd_vec()->exp(e, e, n);
	for (size_t i = 0; i < n; i++) {
		float s = score[r.begin + i];
		float loss = t->label[r.begin + i] ? -s : s;

		sum += objective_weight(t, r.begin + i) *
		       (double)(loss > 0 ? loss : 0.0f);
		if (t->weight)
			sum += (double)t->weight[r.begin + i] *
			       log1p((double)e[i]);
		else
			product[i % 4] *= 1 + (double)e[i];
	}
	return sum + log(product[0] * product[1] * (product[2] * product[3]));
}

/* log sum exp less the score of the truth, with the top taken out first. */
static double softmax_loss(const struct objective_rows *t, const float *score,
			   struct par_range r)
{
	struct objective_strip s = strip(t, score, r);
	float top[OBJECTIVE_ROWS], sum[OBJECTIVE_ROWS];
	double loss = 0;

	SIMD_PICK(objective_kernels)->log_sums(&s, top, sum);
	for (size_t i = 0; i < s.n; i++)
		loss += objective_weight(t, r.begin + i) *
			(log((double)sum[i]) + (double)top[i] -
			 (double)s.score[(size_t)s.label[i] * s.stride + i]);
	return loss;
}

/* Two columns of scores from one raw score: 1 - p and p. */
static void logistic_link(const float *raw, size_t n, size_t outputs, float *scores)
{
	float p[OBJECTIVE_ROWS];

	(void)outputs;
	simd_vec()->sigmoid(raw, p, n);
	for (size_t i = 0; i < n; i++) {
		scores[2 * i] = 1.0f - p[i];
		scores[2 * i + 1] = p[i];
	}
}

/* Raw scores of a row lie side by side here, unlike in training. */
static void softmax_link(const float *raw, size_t n, size_t outputs, float *scores)
{
	memcpy(scores, raw, n * outputs * sizeof(*raw));
	simd_vec()->softmax(scores, n, outputs);
}

const struct objective objective_logistic = {
	.name = "logistic",
	.columns = 2,
	.base = logistic_base,
	.derive = logistic_derive,
	.loss = logistic_loss,
	.link = logistic_link,
};

const struct objective objective_softmax = {
	.name = "softmax",
	.base = softmax_base,
	.derive = softmax_derive,
	.loss = softmax_loss,
	.link = softmax_link,
};
