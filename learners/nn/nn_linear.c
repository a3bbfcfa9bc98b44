/* A linear layer, y = x W + b: x (rows, in), W (in, units), b (units); theta
 * holds W, then b. An image is read as one flat row.
 *
 * Each pass is one matrix product of a shard on one thread. A shard's rows are
 * the product's short side, so learners choose shards of 64 rows where linear
 * layers are all they have, over which the cost of packing W is spread.
 */
#include "harness/base/blas.h"
#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"

static void plan(struct nn_layer *l, size_t rows)
{
	(void)rows;
	l->out = (struct nn_shape){ 1, 1, l->units };
	l->decayed = nn_shape_size(l->in) * l->units;
	l->params = l->decayed + l->units;
}

/* Weight decay is for W alone: plan counts it in `decayed`. */
static void init(const struct nn_layer *l, struct rng r, float *theta,
		 float *state)
{
	(void)state;
	nn_init_weights(l, nn_shape_size(l->in), r, theta);
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t in = nn_shape_size(l->in), out = l->units;

	blas_sgemm(&(struct blas_gemm){
		.m = p->rows, .n = out, .k = in, .alpha = 1.0f,
		.a = p->in, .lda = in, .b = p->theta, .ldb = out,
		.c = p->out, .ldc = out });
	nn_kernels_pick()->add_bias(p->out, p->theta + in * out, p->rows, out);
}

/* dW = x' dy, db = the sum of dy's rows, dx = dy W'. */
static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t in = nn_shape_size(l->in), out = l->units;

	blas_sgemm(&(struct blas_gemm){
		.trans_a = true, .m = in, .n = out, .k = p->rows,
		.alpha = 1.0f, .a = p->in, .lda = in, .b = p->d_out,
		.ldb = out, .c = p->grad, .ldc = out });
	nn_kernels_pick()->col_sum(p->d_out, p->rows, out, p->grad + in * out);
	if (!p->d_in)
		return;
	blas_sgemm(&(struct blas_gemm){
		.trans_b = true, .m = p->rows, .n = in, .k = out,
		.alpha = 1.0f, .a = p->d_out, .lda = out, .b = p->theta,
		.ldb = out, .c = p->d_in, .ldc = in });
}

const struct nn_layer_type nn_linear = {
	.name = "linear",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
