/* The losses. Rows come in short ranges so that scratch fits on the stack and
 * whoever calls may hand ranges to threads; loops over a range are plain, with
 * exp and sigmoid from the shared vector routines.
 */
#include "learners/gbdt/objective.h"

#include <math.h>
#include <string.h>

#include "harness/base/simd.h"

static double weight_of(const struct objective_rows *t, size_t i)
{
	return t->weight ? (double)t->weight[i] : 1.0;
}

/* A weight multiplies the loss, hence both derivatives. */
static void weigh(const struct objective_rows *t, struct par_range r, float *g,
		  float *h)
{
	if (!t->weight)
		return;
	for (size_t i = r.begin; i < r.end; i++) {
		g[i] *= t->weight[i];
		h[i] *= t->weight[i];
	}
}

/* ---------------------------------------------------------------- squared */

/* The weighted mean. */
static void squared_base(const struct objective_rows *t, double *base)
{
	double sum = 0, weight = 0;

	for (size_t i = 0; i < t->rows; i++) {
		sum += weight_of(t, i) * (double)t->target[i];
		weight += weight_of(t, i);
	}
	*base = weight > 0 ? sum / weight : 0;
}

/* Half the square, so that the hessian of a row is 1 and counts rows. */
static void squared_derive(const struct objective_rows *t, const float *score,
			   struct par_range r, float *g, float *h)
{
	for (size_t i = r.begin; i < r.end; i++) {
		g[i] = score[i] - t->target[i];
		h[i] = 1.0f;
	}
	weigh(t, r, g, h);
}

/* Twice what derive belongs to: the mean square, whose root is reported. */
static double squared_loss(const struct objective_rows *t, const float *score,
			   struct par_range r)
{
	double sum = 0;

	for (size_t i = r.begin; i < r.end; i++) {
		double d = (double)score[i] - (double)t->target[i];

		sum += weight_of(t, i) * d * d;
	}
	return sum;
}

/* Raw scores are in the target's units already. */
static void squared_link(const float *raw, size_t n, size_t outputs, float *scores)
{
	memcpy(scores, raw, n * outputs * sizeof(*raw));
}

/* ---------------------------------------------------------------- classes */

/* Log of a class's share of the weight. A class without rows counts as half a
 * row, so that its score stays a number (LightGBM: 1e-15). */
static double log_share(const struct objective_rows *t, int32_t label)
{
	double with = 0, all = 0;

	for (size_t i = 0; i < t->rows; i++) {
		with += t->label[i] == label ? weight_of(t, i) : 0;
		all += weight_of(t, i);
	}
	if (!(all > 0))
		return 0;
	return log(fmax(with / all, 0.5 / (double)t->rows));
}

/* The log of the odds. */
static void logistic_base(const struct objective_rows *t, double *base)
{
	*base = log_share(t, 1) - log_share(t, 0);
}

/* d/ds log(1 + exp(-s)) for label 1 and its mirror for 0: p - y and p (1 - p). */
static void logistic_derive(const struct objective_rows *t, const float *score,
			    struct par_range r, float *g, float *h)
{
	simd_vec()->sigmoid(score + r.begin, g + r.begin, r.end - r.begin);
	for (size_t i = r.begin; i < r.end; i++) {
		float p = g[i];

		g[i] = p - (float)t->label[i];
		h[i] = p * (1.0f - p);
	}
	weigh(t, r, g, h);
}

static double logistic_loss(const struct objective_rows *t, const float *score,
			    struct par_range r)
{
	double sum = 0;

	for (size_t i = r.begin; i < r.end; i++) {
		double s = t->label[i] ? (double)score[i] : -(double)score[i];

		/* log(1 + exp(-s)) without overflow */
		sum += weight_of(t, i) *
		       (fmax(-s, 0) + log1p(exp(-fabs(s))));
	}
	return sum;
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

/* Logs of the classes' shares, as LightGBM's boost_from_average. */
static void softmax_base(const struct objective_rows *t, double *base)
{
	for (size_t c = 0; c < t->outputs; c++)
		base[c] = log_share(t, (int32_t)c);
}

/* g (outputs, rows) = exp(score - row maximum); sum and top: (rows of r). */
static void exponentials(const struct objective_rows *t, const float *score,
			 struct par_range r, float *g, float *top, float *sum)
{
	size_t n = r.end - r.begin;

	for (size_t i = 0; i < n; i++) {
		top[i] = score[r.begin + i];
		sum[i] = 0;
	}
	for (size_t c = 1; c < t->outputs; c++) {
		const float *s = score + c * t->rows + r.begin;

		for (size_t i = 0; i < n; i++)
			top[i] = s[i] > top[i] ? s[i] : top[i];
	}
	for (size_t c = 0; c < t->outputs; c++) {
		const float *s = score + c * t->rows + r.begin;
		float *e = g + c * t->rows + r.begin;

		for (size_t i = 0; i < n; i++)
			e[i] = s[i] - top[i];
		simd_vec()->exp(e, e, n);
		for (size_t i = 0; i < n; i++)
			sum[i] += e[i];
	}
}

/* Hessian p (1 - p) K / (K - 1) as in LightGBM, the diagonal rescaled for the
 * redundant class (Friedman 2001, Algorithm 6); XGBoost takes 2 p (1 - p). */
static void softmax_derive(const struct objective_rows *t, const float *score,
			   struct par_range r, float *g, float *h)
{
	float top[OBJECTIVE_ROWS], sum[OBJECTIVE_ROWS];
	float classes = (float)t->outputs;
	float factor = t->outputs > 1 ? classes / (classes - 1) : 1;
	size_t n = r.end - r.begin;

	exponentials(t, score, r, g, top, sum);
	for (size_t i = 0; i < n; i++)
		sum[i] = 1.0f / sum[i];
	for (size_t c = 0; c < t->outputs; c++) {
		float *gc = g + c * t->rows, *hc = h + c * t->rows;

		for (size_t i = 0; i < n; i++) {
			float p = gc[r.begin + i] * sum[i];

			gc[r.begin + i] = p;
			hc[r.begin + i] = factor * p * (1.0f - p);
		}
	}
	for (size_t i = r.begin; i < r.end; i++)
		g[(size_t)t->label[i] * t->rows + i] -= 1.0f;
	for (size_t c = 0; c < t->outputs; c++)
		weigh(t, r, g + c * t->rows, h + c * t->rows);
}

/* log sum exp less the score of the truth, with the top taken out first. */
static double softmax_loss(const struct objective_rows *t, const float *score,
			   struct par_range r)
{
	double loss = 0;

	for (size_t i = r.begin; i < r.end; i++) {
		float top = score[i];
		double sum = 0;

		for (size_t c = 1; c < t->outputs; c++)
			top = fmaxf(top, score[c * t->rows + i]);
		for (size_t c = 0; c < t->outputs; c++)
			sum += (double)expf(score[c * t->rows + i] - top);
		loss += weight_of(t, i) *
			(log(sum) + (double)top -
			 (double)score[(size_t)t->label[i] * t->rows + i]);
	}
	return loss;
}

/* Raw scores of a row lie side by side here, unlike in training. */
static void softmax_link(const float *raw, size_t n, size_t outputs, float *scores)
{
	memcpy(scores, raw, n * outputs * sizeof(*raw));
	simd_vec()->softmax(scores, n, outputs);
}

/* ---------------------------------------------------------------- choice */

/* Three tables and one choice: a loss is five functions and nothing else. */
const struct objective objective_squared = {
	.name = "squared",
	.base = squared_base,
	.derive = squared_derive,
	.loss = squared_loss,
	.link = squared_link,
};

const struct objective objective_logistic = {
	.name = "logistic",
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

const struct objective *objective_pick(const struct dataset *data, size_t *outputs)
{
	*outputs = 1;
	if (data->task == TASK_REGRESSION)
		return &objective_squared;
	if (data->classes == 2)
		return &objective_logistic;
	*outputs = data->classes;
	return &objective_softmax;
}

/* Lends the part's arrays; label or target may be NULL, as the task has it. */
struct objective_rows objective_rows(const struct part *part, size_t outputs)
{
	return (struct objective_rows){
		.rows = part->rows,
		.outputs = outputs,
		.label = part->label,
		.target = part->target,
		.weight = part->weight,
	};
}

/* Chunks of the size that derive has, added in order: early stopping compares
 * these sums, so a model must not depend on who computed them. */
double objective_loss(const struct objective *o, const struct objective_rows *t,
		      const float *score)
{
	double sum = 0, weight = 0, mean;

	for (size_t k = 0; k < par_chunks(t->rows, OBJECTIVE_ROWS); k++)
		sum += o->loss(t, score, par_range(t->rows, OBJECTIVE_ROWS, k));
	for (size_t i = 0; i < t->rows; i++)
		weight += weight_of(t, i);
	mean = weight > 0 ? sum / weight : NAN;
	return o == &objective_squared ? sqrt(mean) : mean;
}
