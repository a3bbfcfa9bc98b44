/* A linear layer on the channels of every position, y = x W + b with
 * W (channels, units), b (units); theta holds W, then b. One matrix product of a
 * shard: all positions of all rows are its long side. */
#include "harness/base/blas.h"
#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"

static void plan(struct nn_layer *l, size_t rows)
{
	size_t in = l->in.channels, out = l->units;

	(void)rows;
	l->out = (struct nn_shape){ l->in.height, l->in.width, out };
	l->decayed = in * out;
	l->params = l->decayed + out;
	l->range[0] = (struct nn_range){ .n = in * out, .lr = 1, .decay = 1,
					 .rows = in, .cols = out };
	l->range[1] = (struct nn_range){ .n = out, .lr = 1 };
	l->ranges = 2;
}

static void init(const struct nn_layer *l, struct rng r, float *theta, float *state)
{
	(void)state;
	nn_init_weights(l, l->in.channels, r, theta);
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t in = l->in.channels, out = l->units;
	size_t n = nn_pass_values(p, l->in) / in;

	blas_sgemm(&(struct blas_gemm){
		.m = n, .n = out, .k = in, .alpha = 1.0f, .a = p->in, .lda = in,
		.b = p->theta, .ldb = out, .c = p->out, .ldc = out });
	nn_kernels_pick()->add_bias(p->out, p->theta + in * out, n, out);
}

/* dW = x' dy, db = the sum of dy over positions, dx = dy W'. */
static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t in = l->in.channels, out = l->units;
	size_t n = nn_pass_values(p, l->in) / in;

	blas_sgemm(&(struct blas_gemm){
		.trans_a = true, .m = in, .n = out, .k = n, .alpha = 1.0f,
		.a = p->in, .lda = in, .b = p->d_out, .ldb = out,
		.c = p->grad, .ldc = out });
	nn_kernels_pick()->col_sum(p->d_out, n, out, p->grad + in * out);
	if (!p->d_in)
		return;
	blas_sgemm(&(struct blas_gemm){
		.trans_b = true, .m = n, .n = in, .k = out, .alpha = 1.0f,
		.a = p->d_out, .lda = out, .b = p->theta, .ldb = out,
		.c = p->d_in, .ldc = in });
}

const struct nn_layer_type nn_linear_each = {
	.name = "linear_each",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
