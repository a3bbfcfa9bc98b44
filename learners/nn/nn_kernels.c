/* The hot loops of the nets outside of matrix products and convolutions.
 *
 * Written so that the compiler vectorises over columns (channels last): each
 * column keeps its own sum and rows are added in order, so no reduction is
 * reassociated and a level's bits depend on nothing but the data. They are bound by memory: each
 * reads and writes its arrays once.
 */
#include "learners/nn/nn_kernels.h"

#include <math.h>
#include <string.h>

/* Rows summed in float before they join the total: keeps the error of a sum
 * over a hundred thousand pixels near that of a few hundred. */
#define SUM_ROWS 256
/* Columns handled at once by the two-level sums. */
#define SUM_COLS 64
/* Blocks of random numbers worked out side by side. */
#define PHILOX_LANES 16
/* Weights updated at once: the summed gradient stays in L1. */
#define UPDATE_BLOCK 512

#define MIN(a, b) ((a) < (b) ? (a) : (b))

static void add_bias(float *restrict x, const float *restrict b, size_t rows,
		     size_t cols)
{
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < cols; j++)
			x[i * cols + j] += b[j];
}

/* acc += the rows [0, rows) of one column block, `term` a row. */
#define COLUMN_SUM(TERM)                                                  \
	for (size_t j0 = 0; j0 < cols; j0 += SUM_COLS) {                  \
		size_t w = MIN(cols - j0, (size_t)SUM_COLS);              \
		float total[SUM_COLS] = { 0 };                            \
		for (size_t i0 = 0; i0 < rows; i0 += SUM_ROWS) {          \
			size_t end = MIN(rows, i0 + SUM_ROWS);            \
			float part[SUM_COLS] = { 0 };                     \
			for (size_t i = i0; i < end; i++)                 \
				for (size_t j = 0; j < w; j++)            \
					part[j] += (TERM);                \
			for (size_t j = 0; j < w; j++)                    \
				total[j] += part[j];                      \
		}                                                         \
		memcpy(out + j0, total, w * sizeof(*out));                \
	}

static void col_sum(const float *restrict x, size_t rows, size_t cols,
		    float *restrict out)
{
	COLUMN_SUM(x[i * cols + j0 + j])
}

static void col_spread(const float *restrict x, const float *restrict mean,
		       size_t rows, size_t cols, float *restrict out)
{
	COLUMN_SUM((x[i * cols + j0 + j] - mean[j0 + j]) *
		   (x[i * cols + j0 + j] - mean[j0 + j]))
}

static void col_cross(const float *restrict d, const float *restrict x,
		      const float *restrict mean, size_t rows, size_t cols,
		      float *restrict out)
{
	COLUMN_SUM(d[i * cols + j0 + j] *
		   (x[i * cols + j0 + j] - mean[j0 + j]))
}

/* Batch norm's forward: a = gain / sd, b = shift - mean a. */
static void affine(const float *restrict x, const float *restrict a,
		   const float *restrict b, size_t rows, size_t cols,
		   float *restrict y)
{
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < cols; j++)
			y[i * cols + j] = a[j] * x[i * cols + j] + b[j];
}

/* Batch norm's backward: linear in the gradient and the input. */
static void affine2(const float *restrict d, const float *restrict x,
		    const float *restrict a, const float *restrict b,
		    const float *restrict c, size_t rows, size_t cols,
		    float *restrict y)
{
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < cols; j++)
			y[i * cols + j] = a[j] * d[i * cols + j] +
					  (b[j] * x[i * cols + j] + c[j]);
}

/* NaN stays NaN, so that a loss gone wrong is seen: max(x, 0) would hide it. */
static void relu(float *restrict x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = x[i] < 0.0f ? 0.0f : x[i];
}

static void relu_back(const float *restrict y, float *restrict d, size_t n)
{
	for (size_t i = 0; i < n; i++)
		d[i] = y[i] > 0.0f ? d[i] : 0.0f;
}

/* One round on all lanes: table 2 and section 4.3 of Salmon et al. 2011. */
static void philox_round(uint32_t c[restrict 4][PHILOX_LANES], uint32_t k0,
			 uint32_t k1)
{
	for (size_t l = 0; l < PHILOX_LANES; l++) {
		uint64_t p0 = (uint64_t)0xD2511F53u * c[0][l];
		uint64_t p1 = (uint64_t)0xCD9E8D57u * c[2][l];

		c[0][l] = (uint32_t)(p1 >> 32) ^ c[1][l] ^ k0;
		c[1][l] = (uint32_t)p1;
		c[2][l] = (uint32_t)(p0 >> 32) ^ c[3][l] ^ k1;
		c[3][l] = (uint32_t)p0;
	}
}

/* The same numbers as rng_philox gives one by one. Lanes past the last block
 * are worked out and dropped. */
static void philox(struct rng r, uint64_t first, size_t blocks, uint32_t *word)
{
	for (size_t i = 0; i < blocks; i += PHILOX_LANES) {
		uint32_t c[4][PHILOX_LANES];
		uint32_t k0 = (uint32_t)r.seed, k1 = (uint32_t)(r.seed >> 32);
		size_t n = MIN(blocks - i, (size_t)PHILOX_LANES);

		for (size_t l = 0; l < PHILOX_LANES; l++) {
			c[0][l] = (uint32_t)(first + i + l);
			c[1][l] = (uint32_t)((first + i + l) >> 32);
			c[2][l] = (uint32_t)r.purpose;
			c[3][l] = (uint32_t)(r.purpose >> 32);
		}
		for (int round = 0; round < 10; round++) {
			philox_round(c, k0, k1);
			k0 += 0x9E3779B9u;
			k1 += 0xBB67AE85u;
		}
		for (size_t l = 0; l < n; l++)
			for (size_t k = 0; k < 4; k++)
				word[4 * (i + l) + k] = c[k][l];
	}
}

/* byte < below has probability below / 256. */
static void drop(const float *restrict x, const uint8_t *restrict byte,
		 unsigned below, float scale, size_t n, float *restrict y)
{
	for (size_t i = 0; i < n; i++)
		y[i] = byte[i] < below ? 0.0f : x[i] * scale;
}

/* top (n) <- the largest of n channels over one window; row k, place x of the
 * window lies at image[k * pitch + x * channels]. */
static void window_top(const struct nn_windows *s, const float *restrict image,
		       size_t channels, size_t n, float *restrict top)
{
	memcpy(top, image, n * sizeof(*top));
	for (size_t k = 0; k < s->window; k++) {
		for (size_t x = 0; x < s->run; x += channels) {
			const float *restrict at = image + k * s->pitch + x;

			for (size_t j = 0; j < n; j++)
				top[j] = at[j] > top[j] ? at[j] : top[j];
		}
	}
}

/* Windows that overlap or leave a rim over are all one here: nn_pool says
 * where they lie. */
static void max_pool(const struct nn_windows *s, const float *image,
		     size_t channels, float *out)
{
	for (size_t y = 0; y < s->height; y++)
		for (size_t x = 0; x < s->width; x++, out += channels)
			window_top(s, image + y * s->down + x * s->across,
				   channels, channels, out);
}

/* What is left of a window's gradient goes to the first value that equals the
 * largest, so ties share nothing. */
static void window_give(const struct nn_windows *s,
			const float *restrict image, const float *restrict d,
			size_t channels, size_t n, float *restrict d_image)
{
	float top[SUM_COLS], left[SUM_COLS];

	window_top(s, image, channels, n, top);
	memcpy(left, d, n * sizeof(*left));
	for (size_t k = 0; k < s->window; k++) {
		for (size_t x = 0; x < s->run; x += channels) {
			const float *restrict at = image + k * s->pitch + x;
			float *restrict to = d_image + k * s->pitch + x;

			for (size_t j = 0; j < n; j++) {
				float hit = at[j] == top[j] ? left[j] : 0.0f;

				to[j] += hit;
				left[j] -= hit;
			}
		}
	}
}

/* A window at a time, SUM_COLS channels at a time, so that what the gradient
 * is shared out from stays on the stack. */
static void max_back(const struct nn_windows *s, const float *image,
		     const float *d, size_t channels, float *d_image)
{
	for (size_t k = 0; k < s->height * s->width; k++, d += channels) {
		size_t at = k / s->width * s->down + k % s->width * s->across;

		for (size_t c = 0; c < channels; c += SUM_COLS)
			window_give(s, image + at + c, d + c, channels,
				    MIN(channels - c, (size_t)SUM_COLS),
				    d_image + at + c);
	}
}

/* g = the gradients of [at, at + n), added in shard order and scaled. */
static void sum_shards(const struct nn_update *u, size_t at, size_t n,
		       float *restrict g)
{
	memcpy(g, u->grad + at, n * sizeof(*g));
	for (size_t s = 1; s < u->shards; s++) {
		const float *restrict more = u->grad + s * u->stride + at;

		for (size_t i = 0; i < n; i++)
			g[i] += more[i];
	}
	for (size_t i = 0; u->scale != 1.0f && i < n; i++)
		g[i] *= u->scale;
}

/* Kingma & Ba 2015, algorithm 1, with the decay apart from the gradient:
 * Loshchilov & Hutter 2019, algorithm 2. */
static void adam_block(const struct nn_update *u, const float *restrict g,
		       float *restrict theta, float *restrict m,
		       float *restrict v, size_t n)
{
	float step = u->lr * u->fix1, shrink = 1.0f - u->lr * u->decay;
	float b1 = u->beta1, b2 = u->beta2, fix2 = u->fix2, eps = u->eps;

	for (size_t i = 0; i < n; i++) {
		m[i] = b1 * m[i] + (1.0f - b1) * g[i];
		v[i] = b2 * v[i] + (1.0f - b2) * g[i] * g[i];
		theta[i] = shrink * theta[i] -
			   step * m[i] / (sqrtf(v[i]) * fix2 + eps);
	}
}

/* Gradients of all shards are added in the same pass over memory that updates
 * the weights: a separate sum would read and write them once more. */
static void adam(const struct nn_update *u)
{
	float g[UPDATE_BLOCK];

	for (size_t at = 0; at < u->n; at += UPDATE_BLOCK) {
		size_t n = MIN(u->n - at, (size_t)UPDATE_BLOCK);

		sum_shards(u, at, n, g);
		adam_block(u, g, u->theta + at, u->m + at, u->v + at, n);
	}
}

/* Momentum as Sutskever et al. 2013 in Nesterov's form, decay apart. */
static void sgd_block(const struct nn_update *u, const float *restrict g,
		      float *restrict theta, float *restrict m, size_t n)
{
	float lr = u->lr, shrink = 1.0f - u->lr * u->decay, mu = u->beta1;

	for (size_t i = 0; i < n; i++) {
		m[i] = mu * m[i] + g[i];
		theta[i] = shrink * theta[i] - lr * (g[i] + mu * m[i]);
	}
}

static void sgd(const struct nn_update *u)
{
	float g[UPDATE_BLOCK];

	for (size_t at = 0; at < u->n; at += UPDATE_BLOCK) {
		size_t n = MIN(u->n - at, (size_t)UPDATE_BLOCK);

		sum_shards(u, at, n, g);
		sgd_block(u, g, u->theta + at, u->m + at, n);
	}
}

const struct nn_kernels SIMD_NAME(nn_kernels) = {
	.add_bias = add_bias,
	.col_sum = col_sum,
	.col_spread = col_spread,
	.col_cross = col_cross,
	.affine = affine,
	.affine2 = affine2,
	.relu = relu,
	.relu_back = relu_back,
	.philox = philox,
	.drop = drop,
	.max_pool = max_pool,
	.max_back = max_back,
	.adam = adam,
	.sgd = sgd,
};
