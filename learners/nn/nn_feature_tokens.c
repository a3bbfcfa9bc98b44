/* The feature tokenizer of FT-Transformer (Gorishniy et al. 2021, section 3.3): a
 * row of columns becomes a sequence, a class token and then one token a column,
 *	x_j w_j + b_j of a number, table_j[code] + b_j of a category.
 * Input (1, 1, columns), the first `numeric` of them numbers, the others codes as
 * floats, each below its entry of `levels`; out (columns + 1, 1, units). theta: the
 * class token, w (numeric, units), the tables (levels, units) one below the other,
 * b (columns, units). None decays (the same, section 4.3), all begin uniform in
 * +-1 / sqrt(units). */
#include <math.h>
#include <string.h>

#include "harness/base/simd.h"
#include "learners/nn/nn_layer.h"

static void plan(struct nn_layer *l, size_t rows)
{
	size_t cols = l->in.channels, vectors = 1 + l->numeric + cols;

	(void)rows;
	for (size_t j = l->numeric; j < cols; j++)
		vectors += l->levels[j - l->numeric];
	l->out = (struct nn_shape){ cols + 1, 1, l->units };
	l->params = vectors * l->units;
	l->range[0] = (struct nn_range){ .n = l->params, .lr = 1 };
	l->ranges = 1;
}

static void init(const struct nn_layer *l, struct rng r, float *theta, float *state)
{
	float scale = 2.0f / sqrtf((float)l->units);

	(void)state;
	rng_fill_uniform(r, 0, l->params, theta);
	for (size_t i = 0; i < l->params; i++)
		theta[i] = scale * (theta[i] - 0.5f);
}

/* Which vector of theta column j of a row takes: a number's own, or its code's.
 * `table` is the first vector of the column's. A code out of range (a level that
 * training has not seen) is taken for the last. */
static size_t vector_of(const struct nn_layer *l, size_t j, size_t table, float x)
{
	size_t levels;

	if (j < l->numeric)
		return table;
	levels = l->levels[j - l->numeric];
	return table + (x >= 0.0f && x < (float)levels ? (size_t)x : levels - 1);
}

static size_t vectors_of(const struct nn_layer *l, size_t j)
{
	return j < l->numeric ? 1 : l->levels[j - l->numeric];
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t cols = l->in.channels, c = l->units, size = (cols + 1) * c;
	const float *bias = p->theta + l->params - cols * c;

	for (size_t i = 0; i < p->rows; i++) {
		float *to = p->out + i * size;
		size_t table = 1;

		memcpy(to, p->theta, c * sizeof(*to));
		for (size_t j = 0; j < cols; j++) {
			float x = p->in[i * cols + j];
			size_t v = vector_of(l, j, table, x);

			memcpy(to + (j + 1) * c, bias + j * c, c * sizeof(*to));
			simd_vec()->axpy(j < l->numeric ? x : 1.0f,
					 p->theta + v * c, to + (j + 1) * c, c);
			table += vectors_of(l, j);
		}
	}
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t cols = l->in.channels, c = l->units, size = (cols + 1) * c;
	const struct vec_kernels *vec = simd_vec();
	float *bias = p->grad + l->params - cols * c;

	memset(p->grad, 0, l->params * sizeof(*p->grad));
	for (size_t i = 0; i < p->rows; i++) {
		const float *d = p->d_out + i * size;
		size_t table = 1;

		vec->axpy(1.0f, d, p->grad, c);
		for (size_t j = 0; j < cols; j++) {
			const float *e = d + (j + 1) * c;
			float x = p->in[i * cols + j];
			size_t v = vector_of(l, j, table, x);
			bool number = j < l->numeric;

			vec->axpy(1.0f, e, bias + j * c, c);
			vec->axpy(number ? x : 1.0f, e, p->grad + v * c, c);
			if (p->d_in)
				p->d_in[i * cols + j] =
					number ? vec->dot(e, p->theta + v * c, c) :
						 0.0f;
			table += vectors_of(l, j);
		}
	}
}

const struct nn_layer_type nn_feature_tokens = {
	.name = "feature_tokens",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
