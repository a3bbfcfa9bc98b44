/* An ensemble within one net (Gorishniy, Kotelnikov & Babenko 2025, "TabM",
 * its TabM-mini): members are positions. `nn_members` makes k copies of a row,
 * each channel times a weight of the member's; layers between have the same
 * weights for all; `nn_heads` has an output layer for each.
 *
 *	members: theta (k, channels), normal at first
 *	heads: theta (k, channels, units), then biases (k, units)
 */
#include <math.h>
#include <string.h>

#include "harness/base/blas.h"
#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"

/* `units` is the number of members. */
static void members_plan(struct nn_layer *l, size_t rows)
{
	(void)rows;
	l->out = (struct nn_shape){ l->units, 1, nn_shape_size(l->in) };
	l->params = l->units * l->out.channels;
	l->range[0] = (struct nn_range){ .n = l->params, .lr = 1 };
	l->ranges = 1;
}

/* One draw for all channels of a feature (`group` of them in a row) would keep
 * its embedding together; what lies behind the last whole group has its own. */
static void members_init(const struct nn_layer *l, struct rng r, float *theta,
			 float *state)
{
	size_t c = l->out.channels, group = l->group ? l->group : 1;
	size_t grouped = l->grouped < c ? l->grouped : c;

	(void)state;
	for (size_t m = 0; m < l->units; m++)
		for (size_t j = 0; j < c; j++) {
			size_t place = j < grouped ? j / group : j;

			theta[m * c + j] = (float)rng_normal(rng_sub(r, m), place);
		}
}

/* y = x w, one member of one row. */
static void times(const float *restrict x, const float *restrict w,
		  float *restrict y, size_t n)
{
	for (size_t j = 0; j < n; j++)
		y[j] = x[j] * w[j];
}

/* y += x w */
static void add_times(const float *restrict x, const float *restrict w,
		      float *restrict y, size_t n)
{
	for (size_t j = 0; j < n; j++)
		y[j] += x[j] * w[j];
}

static void members_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->out.channels, k = l->units;

	for (size_t i = 0; i < p->rows; i++)
		for (size_t m = 0; m < k; m++)
			times(p->in + i * c, p->theta + m * c,
			      p->out + (i * k + m) * c, c);
}

static void members_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->out.channels, k = l->units;

	memset(p->grad, 0, l->params * sizeof(float));
	if (p->d_in)
		memset(p->d_in, 0, p->rows * c * sizeof(float));
	for (size_t i = 0; i < p->rows; i++)
		for (size_t m = 0; m < k; m++) {
			const float *d = p->d_out + (i * k + m) * c;

			add_times(d, p->in + i * c, p->grad + m * c, c);
			if (p->d_in)
				add_times(d, p->theta + m * c, p->d_in + i * c, c);
		}
}

const struct nn_layer_type nn_members_in = {
	.name = "members",
	.plan = members_plan,
	.init = members_init,
	.forward = members_forward,
	.backward = members_backward,
};

/* ---------------------------------------------------------------- heads */

static void heads_plan(struct nn_layer *l, size_t rows)
{
	size_t k = l->in.height * l->in.width;

	(void)rows;
	l->out = (struct nn_shape){ l->in.height, l->in.width, l->units };
	l->decayed = k * l->in.channels * l->units;
	l->params = l->decayed + k * l->units;
}

static void heads_init(const struct nn_layer *l, struct rng r, float *theta,
		       float *state)
{
	(void)state;
	nn_init_weights(l, l->in.channels, r, theta);
}

/* Rows of one member lie k apart. */
static void heads_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t k = l->in.height * l->in.width, in = l->in.channels, out = l->units;

	for (size_t m = 0; m < k; m++)
		blas_sgemm(&(struct blas_gemm){
			.m = p->rows, .n = out, .k = in, .alpha = 1.0f,
			.a = p->in + m * in, .lda = k * in,
			.b = p->theta + m * in * out, .ldb = out,
			.c = p->out + m * out, .ldc = k * out });
	nn_kernels_pick()->add_bias(p->out, p->theta + l->decayed, p->rows, k * out);
}

static void heads_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t k = l->in.height * l->in.width, in = l->in.channels, out = l->units;

	nn_kernels_pick()->col_sum(p->d_out, p->rows, k * out, p->grad + l->decayed);
	for (size_t m = 0; m < k; m++) {
		const float *d = p->d_out + m * out;

		blas_sgemm(&(struct blas_gemm){
			.trans_a = true, .m = in, .n = out, .k = p->rows,
			.alpha = 1.0f, .a = p->in + m * in, .lda = k * in,
			.b = d, .ldb = k * out,
			.c = p->grad + m * in * out, .ldc = out });
		if (p->d_in)
			blas_sgemm(&(struct blas_gemm){
				.trans_b = true, .m = p->rows, .n = in, .k = out,
				.alpha = 1.0f, .a = d, .lda = k * out,
				.b = p->theta + m * in * out, .ldb = out,
				.c = p->d_in + m * in, .ldc = k * in });
	}
}

const struct nn_layer_type nn_heads = {
	.name = "heads",
	.plan = heads_plan,
	.init = heads_init,
	.forward = heads_forward,
	.backward = heads_backward,
};
