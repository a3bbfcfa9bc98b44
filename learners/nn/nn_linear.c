/* A linear layer, y = x W + b: x (rows, in), W (in, units), b (units); theta
 * holds W, then b. An image is read as one flat row, unless `each` is set: then
 * every position's channels are a row of their own, with the same weights.
 *
 * Each pass is one matrix product of a shard on one thread. A shard's rows are
 * the product's short side, so learners choose shards of 64 rows where linear
 * layers are all they have, over which the cost of packing W is spread.
 *
 * `ntk` is the parametrisation of Jacot, Gabriel & Hongler 2018: y = x W /
 * sqrt(in) + b with weights of variance 1, in which one learning rate fits layers
 * of any width.
 */
#include <math.h>
#include <string.h>

#include "harness/base/blas.h"
#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"

static size_t inputs(const struct nn_layer *l)
{
	return l->each ? l->in.channels : nn_shape_size(l->in);
}

/* Rows of the product: all positions in use of all rows, or the rows. */
static size_t lines(const struct nn_layer *l, const struct nn_pass *p)
{
	return l->each ? nn_pass_values(p, l->in) / l->in.channels : p->rows;
}

/* Decay is for W alone; RealMLP's biases learn at a tenth of the rate. */
static void plan(struct nn_layer *l, size_t rows)
{
	size_t in = inputs(l);

	(void)rows;
	l->out = (struct nn_shape){ 1, 1, l->units };
	if (l->each)
		l->out = (struct nn_shape){ l->in.height, l->in.width, l->units };
	l->decayed = in * l->units;
	l->params = l->decayed + l->units;
	l->range[0] = (struct nn_range){ .n = l->decayed, .lr = 1, .decay = 1,
					 .rows = in, .cols = l->units };
	l->range[1] = (struct nn_range){ .n = l->units,
					 .lr = l->ntk ? 0.1f : 1.0f };
	l->ranges = 2;
}

/* What PyTorch's Linear and scikit-learn's perceptrons start from: biases vary as
 * weights do, so that units' kinks lie apart from the first step on. */
static void init_uniform(const struct nn_layer *l, struct rng r, float *theta)
{
	double bound = sqrt(3 * l->gain / (double)inputs(l));

	for (size_t i = 0; i < l->params; i++)
		theta[i] = (float)(bound * (2 * rng_uniform(r, i) - 1));
}

static void init(const struct nn_layer *l, struct rng r, float *theta,
		 float *state)
{
	(void)state;
	if (l->uniform) {
		init_uniform(l, r, theta);
		return;
	}
	nn_init_weights(l, l->ntk ? 2 : inputs(l), r, theta);
	if (l->ntk && !(l->gain > 0))
		rng_fill_normal(rng_sub(r, 1), 0, l->units, theta + l->decayed);
	else if (l->ntk) /* an output layer starts at 0 */
		memset(theta, 0, l->params * sizeof(*theta));
}

static float factor(const struct nn_layer *l)
{
	return l->ntk ? (float)(1 / sqrt((double)inputs(l))) : 1.0f;
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t in = inputs(l), out = l->units, rows = lines(l, p);

	blas_sgemm(&(struct blas_gemm){
		.m = rows, .n = out, .k = in, .alpha = factor(l),
		.a = p->in, .lda = in, .b = p->theta, .ldb = out,
		.c = p->out, .ldc = out });
	nn_kernels_pick()->add_bias(p->out, p->theta + in * out, rows, out);
}

/* dW = x' dy, db = the sum of dy's rows, dx = dy W'. */
static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t in = inputs(l), out = l->units, rows = lines(l, p);

	blas_sgemm(&(struct blas_gemm){
		.trans_a = true, .m = in, .n = out, .k = rows,
		.alpha = factor(l), .a = p->in, .lda = in, .b = p->d_out,
		.ldb = out, .c = p->grad, .ldc = out });
	nn_kernels_pick()->col_sum(p->d_out, rows, out, p->grad + in * out);
	if (!p->d_in)
		return;
	blas_sgemm(&(struct blas_gemm){
		.trans_b = true, .m = rows, .n = in, .k = out,
		.alpha = factor(l), .a = p->d_out, .lda = out, .b = p->theta,
		.ldb = out, .c = p->d_in, .ldc = in });
}

/* ---------------------------------------------------------------- start */

enum { PICKED = 5 }; /* rows whose outputs a bias is mixed from */

/* Columns of W so that outputs, before the bias, have sd 1 on these rows. */
static void scale_columns(const struct nn_layer *l, const float *y, size_t rows,
			  float *theta)
{
	size_t in = inputs(l), out = l->units;

	for (size_t k = 0; k < out; k++) {
		double sum = 0, squares = 0, sd;

		for (size_t i = 0; i < rows; i++) {
			sum += (double)y[i * out + k];
			squares += (double)y[i * out + k] * (double)y[i * out + k];
		}
		sum /= (double)rows;
		sd = sqrt(fmax(0, squares / (double)rows - sum * sum));
		for (size_t j = 0; sd > 1e-6 && j < in; j++)
			theta[j * out + k] /= (float)sd;
	}
}

/* A unit's kink somewhere among the rows: minus a random mean of five outputs. */
static void place_bias(const struct nn_layer *l, const float *y, size_t rows,
		       struct rng r, float *bias)
{
	size_t out = l->units;

	for (size_t k = 0; k < out; k++) {
		struct rng own = rng_sub(r, k);
		double sum = 0, weights = 0;

		for (size_t m = 0; m < PICKED; m++) {
			size_t row = rng_below(own, m, rows);
			double w = -log(rng_uniform_open(own, PICKED + m));

			sum += w * (double)y[row * out + k];
			weights += w;
		}
		bias[k] = weights > 0 ? (float)(-sum / weights) : 0;
	}
}

/* "std" and "he+5" of Holzmueller et al. 2024, appendix A: hidden layers begin
 * where the data is. */
static void start(const struct nn_layer *l, const struct nn_pass *p, float *theta)
{
	size_t in = inputs(l), out = l->units, rows = lines(l, p);

	if (!l->from_data)
		return;
	forward(l, p);
	scale_columns(l, p->out, rows, theta);
	memset(theta + in * out, 0, out * sizeof(*theta));
	forward(l, p);
	place_bias(l, p->out, rows, p->rng, theta + in * out);
}

const struct nn_layer_type nn_linear = {
	.name = "linear",
	.plan = plan,
	.init = init,
	.start = start,
	.forward = forward,
	.backward = backward,
};
