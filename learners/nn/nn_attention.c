/* Multi-head self-attention (Vaswani et al. 2017, section 3.2), its projections
 * inside: q, k, v = x Wqkv + bqkv; a head's context is softmax(q k' / sqrt(c)) v
 * over the positions of its row; out = context Wo + bo. theta: Wqkv (d, 3 d), bqkv
 * (3 d), Wo (d, d), bo (d).
 *
 * A head's queries are taken TILE at a time: their scores (TILE, positions) are
 * made, used and forgotten within L2. Backward makes them again from the logarithm
 * of each softmax's sum, as Dao et al. 2022 (FlashAttention, section 3.1), so
 * memory grows with positions and not with their square; a tile has whole rows of
 * scores, so there is no running softmax. Rows cost the square of their own length:
 * sequences are packed (nn_pass.start).
 */
#include <math.h>
#include <string.h>

#include "harness/base/blas.h"
#include "harness/base/simd.h"
#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"
#include "learners/nn/nn_sequence_kernels.h"

#define TILE 96 /* queries, a multiple of the products' six rows */
#define LANES 32 /* a row of scores has room for whole vectors */
#define BLOCK 16 /* bytes that one block of random numbers decides */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Blocks of dropout bytes of one query at full length. */
static size_t blocks_of(const struct nn_layer *l)
{
	return (l->in.height + BLOCK - 1) / BLOCK;
}

static size_t padded(size_t n)
{
	return (n + LANES - 1) / LANES * LANES;
}

static void plan(struct nn_layer *l, size_t rows)
{
	size_t d = l->in.channels, n = rows * l->in.height;
	size_t tile = least(TILE, l->in.height);

	l->out = l->in;
	l->range[0] = (struct nn_range){ .n = 3 * d * d, .lr = 1, .decay = 1,
					 .rows = d, .cols = 3 * d };
	l->range[1] = (struct nn_range){ .n = 3 * d, .lr = 1 };
	l->range[2] = (struct nn_range){ .n = d * d, .lr = 1, .decay = 1,
					 .rows = d, .cols = d };
	l->range[3] = (struct nn_range){ .n = d, .lr = 1 };
	l->ranges = 4;
	l->params = 4 * d * d + 4 * d;
	/* q, k, v; context; log sums */
	l->save = n * (4 * d + l->heads);
	/* d q, k, v; d context; two tiles; a mean a query; k' and v'; bytes */
	l->scratch = n * 4 * d + tile * (2 * padded(l->in.height) + 1) +
		     2 * (d / l->heads) * padded(l->in.height) +
		     tile * blocks_of(l) * (BLOCK / sizeof(float));
}

/* Glorot's uniform scheme would have variance 2 / (in + out): q, k and v count as
 * matrices (d, d) of their own, so all weights have variance 1 / d. */
static void init(const struct nn_layer *l, struct rng r, float *theta, float *state)
{
	size_t d = l->in.channels;
	float scale = 1.0f / sqrtf((float)d);

	(void)state;
	memset(theta, 0, l->params * sizeof(*theta));
	rng_fill_normal(r, 0, 3 * d * d, theta);
	rng_fill_normal(r, 3 * d * d, d * d, theta + 3 * d * d + 3 * d);
	for (size_t i = 0; i < l->params; i++)
		theta[i] *= scale;
}

/* One head of one row, and where its parts lie. */
struct head {
	const struct nn_layer *l;
	const struct nn_pass *p;
	size_t row, head;	 /* which */
	size_t n, c;		 /* its positions and channels */
	size_t pitch;		 /* of scores: n and what fills vectors */
	size_t at;		 /* its first position */
	const float *q, *k, *v;	 /* (n, c), pitch 3 d */
	float *context;		 /* (n, c), pitch d */
	float *log_sum;		 /* (n) */
	float *d_q, *d_k, *d_v;	 /* (n, c), pitch 3 d */
	float *d_context;	 /* (n, c), pitch d */
	float *score, *slope;	 /* (TILE, pitch) */
	float *mean;		 /* (TILE) */
	float *kt, *vt;		 /* (c, pitch): k', v' */
	uint8_t *byte;		 /* (TILE, blocks) of dropout */
};

static struct head head_of(const struct nn_layer *l, const struct nn_pass *p,
			   size_t row, size_t head)
{
	size_t d = l->in.channels, c = d / l->heads;
	size_t all = nn_pass_start(p, l->in, p->rows);
	size_t at = nn_pass_start(p, l->in, row);
	size_t tile = least(TILE, l->in.height);
	const float *q = p->save + at * 3 * d + head * c;
	float *d_q = p->scratch + at * 3 * d + head * c;
	size_t pitch = padded(l->in.height);
	float *tiles = p->scratch + all * 4 * d, *after = tiles + 2 * tile * pitch;
	size_t n = nn_pass_start(p, l->in, row + 1) - at;

	return (struct head){
		.l = l, .p = p, .row = row, .head = head, .c = c, .at = at,
		.n = n, .pitch = padded(n),
		.q = q, .k = q + d, .v = q + 2 * d,
		.context = p->save + all * 3 * d + at * d + head * c,
		.log_sum = p->save + all * 4 * d + at * l->heads,
		.d_q = d_q, .d_k = d_q + d, .d_v = d_q + 2 * d,
		.d_context = p->scratch + all * 3 * d + at * d + head * c,
		.score = tiles, .slope = tiles + tile * pitch,
		.mean = after, .kt = after + tile,
		.vt = after + tile + c * pitch,
		.byte = (uint8_t *)(after + tile + 2 * c * pitch),
	};
}

static const struct nn_sequence_kernels *kernels(void)
{
	return SIMD_PICK(nn_sequence_kernels);
}

/* to (m, pitch) = x (m, c) yt (c, pitch): a tile of products of all pairs. */
static void all_pairs(const struct head *h, size_t m, const float *x, size_t x_pitch,
		      const float *yt, float *to)
{
	kernels()->product(&(struct nn_product){
		.m = m, .n = h->pitch, .k = h->c, .a = x, .a_row = x_pitch,
		.a_col = 1, .b = yt, .b_pitch = h->pitch, .c = to,
		.c_pitch = h->pitch });
}

/* to (m, c) = weight (m, n) x (n, c). */
static void mix(const struct head *h, size_t m, const float *weight, const float *x,
		float *to, size_t to_pitch)
{
	kernels()->product(&(struct nn_product){
		.m = m, .n = h->c, .k = h->n, .a = weight, .a_row = h->pitch,
		.a_col = 1, .b = x, .b_pitch = 3 * h->l->in.channels, .c = to,
		.c_pitch = to_pitch });
}

/* to (n, c) += weight' (n, m) x (m, c); the first tile sets it. */
static void mix_back(const struct head *h, size_t m, const float *weight,
		     const float *x, size_t x_pitch, bool add, float *to)
{
	kernels()->product(&(struct nn_product){
		.m = h->n, .n = h->c, .k = m, .a = weight, .a_row = 1,
		.a_col = h->pitch, .b = x, .b_pitch = x_pitch, .c = to,
		.c_pitch = 3 * h->l->in.channels, .add = add });
}

/* Raw scores of the queries [first, first + m). */
static void scores(const struct head *h, size_t first, size_t m)
{
	size_t pitch = 3 * h->l->in.channels;

	all_pairs(h, m, h->q + first * pitch, pitch, h->kt, h->score);
}

static unsigned below(const struct nn_layer *l)
{
	return (unsigned)fmin(255.0, round(l->rate * 256.0));
}

/* What is not dropped is scaled by this. */
static float kept(const struct nn_layer *l)
{
	return 256.0f / (256.0f - (float)below(l));
}

/* Which weights of a tile are dropped, as nn_dropout's: a byte a score, addressed by row
 * of the minibatch, head, query and key. */
static void drop_bytes(const struct head *h, size_t first, size_t m)
{
	size_t blocks = blocks_of(h->l), used = (h->n + BLOCK - 1) / BLOCK;
	size_t at = ((h->p->first_row + h->row) * h->l->heads + h->head) *
			    h->l->in.height + first;

	for (size_t i = 0; i < m; i++)
		nn_kernels_pick()->philox(
			h->p->rng, (at + i) * blocks, used,
			(uint32_t *)(h->byte + i * blocks * BLOCK));
}

/* y = x dropped, of a tile; the two may not overlap. */
static void drop(const struct head *h, const float *x, size_t m, float *y)
{
	for (size_t i = 0; i < m; i++)
		nn_kernels_pick()->drop(x + i * h->pitch,
					h->byte + i * blocks_of(h->l) * BLOCK,
					below(h->l), kept(h->l), h->n,
					y + i * h->pitch);
}

static bool drops(const struct head *h)
{
	return h->p->train && below(h->l) > 0;
}

static void attend_head(const struct head *h)
{
	size_t d = h->l->in.channels;
	float scale = 1.0f / sqrtf((float)h->c);

	kernels()->transpose(h->k, 3 * d, h->n, h->c, h->pitch, h->kt);
	for (size_t first = 0; first < h->n; first += TILE) {
		size_t m = least(TILE, h->n - first);
		const float *weight = h->score;

		scores(h, first, m);
		kernels()->attend(h->score, scale, m, h->n, h->pitch,
				  h->log_sum + h->head * h->n + first);
		if (drops(h)) {
			drop_bytes(h, first, m);
			drop(h, h->score, m, h->slope);
			weight = h->slope;
		}
		mix(h, m, weight, h->v, h->context + first * d, d);
	}
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t d = l->in.channels, n = nn_pass_values(p, l->in) / d;
	const float *wo = p->theta + 3 * d * d + 3 * d;
	float *context = p->save + n * 3 * d;

	blas_sgemm(&(struct blas_gemm){
		.m = n, .n = 3 * d, .k = d, .alpha = 1.0f, .a = p->in, .lda = d,
		.b = p->theta, .ldb = 3 * d, .c = p->save, .ldc = 3 * d });
	nn_kernels_pick()->add_bias(p->save, p->theta + 3 * d * d, n, 3 * d);
	for (size_t i = 0; i < p->rows; i++)
		for (size_t k = 0; k < l->heads; k++) {
			struct head h = head_of(l, p, i, k);

			attend_head(&h);
		}
	blas_sgemm(&(struct blas_gemm){
		.m = n, .n = d, .k = d, .alpha = 1.0f, .a = context, .lda = d,
		.b = wo, .ldb = d, .c = p->out, .ldc = d });
	nn_kernels_pick()->add_bias(p->out, wo + d * d, n, d);
}

/* The weights a of a tile again; dV += (a dropped)' d context, and slope =
 * d loss / d a. `other` holds the dropped ones before slope takes its place. */
static void tile_values(const struct head *h, size_t first, size_t m)
{
	size_t d = h->l->in.channels;
	const float *weight = h->score, *d_context = h->d_context + first * d;

	scores(h, first, m);
	kernels()->attend_again(h->score, 1.0f / sqrtf((float)h->c),
				h->log_sum + h->head * h->n + first, m, h->n,
				h->pitch);
	if (drops(h)) {
		drop_bytes(h, first, m);
		drop(h, h->score, m, h->slope);
		weight = h->slope;
	}
	mix_back(h, m, weight, d_context, d, first > 0, h->d_v);
	all_pairs(h, m, d_context, d, h->vt, h->slope);
}

/* slope = d loss / d raw scores. The softmax's backward wants the mean of the
 * slopes by their weights, and that is d context . context, dropout or not
 * (Dao et al. 2022, appendix B.2, eq. 4). */
static void tile_slopes(const struct head *h, size_t first, size_t m)
{
	size_t d = h->l->in.channels;
	struct nn_mask mask = { .byte = h->byte, .below = below(h->l),
				.pitch = blocks_of(h->l) * BLOCK,
				.scale = kept(h->l) };

	for (size_t i = 0; i < m; i++)
		h->mean[i] = simd_vec()->dot(h->d_context + (first + i) * d,
					     h->context + (first + i) * d, h->c);
	kernels()->attend_back(h->score, h->mean, 1.0f / sqrtf((float)h->c),
			       drops(h) ? &mask : NULL, m, h->n, h->pitch,
			       h->slope);
}

/* dQ = slope K, dK += slope' Q. */
static void head_backward(const struct head *h)
{
	size_t pitch = 3 * h->l->in.channels;

	kernels()->transpose(h->k, pitch, h->n, h->c, h->pitch, h->kt);
	kernels()->transpose(h->v, pitch, h->n, h->c, h->pitch, h->vt);
	for (size_t first = 0; first < h->n; first += TILE) {
		size_t m = least(TILE, h->n - first);

		tile_values(h, first, m);
		tile_slopes(h, first, m);
		mix(h, m, h->slope, h->k, h->d_q + first * pitch, pitch);
		mix_back(h, m, h->slope, h->q + first * pitch, pitch, first > 0,
			 h->d_k);
	}
}

/* dW = x' dy, db = sum of dy, dx = dy W' (d_in NULL: not asked for). */
static void project_back(size_t n, size_t in, size_t out, const float *x,
			 const float *w, const float *dy, float *grad, float *d_in)
{
	blas_sgemm(&(struct blas_gemm){
		.trans_a = true, .m = in, .n = out, .k = n, .alpha = 1.0f,
		.a = x, .lda = in, .b = dy, .ldb = out, .c = grad, .ldc = out });
	nn_kernels_pick()->col_sum(dy, n, out, grad + in * out);
	if (d_in)
		blas_sgemm(&(struct blas_gemm){
			.trans_b = true, .m = n, .n = in, .k = out,
			.alpha = 1.0f, .a = dy, .lda = out, .b = w, .ldb = out,
			.c = d_in, .ldc = in });
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t d = l->in.channels, n = nn_pass_values(p, l->in) / d;
	size_t out_at = 3 * d * d + 3 * d;

	project_back(n, d, d, p->save + n * 3 * d, p->theta + out_at, p->d_out,
		     p->grad + out_at, p->scratch + n * 3 * d);
	for (size_t i = 0; i < p->rows; i++)
		for (size_t k = 0; k < l->heads; k++) {
			struct head h = head_of(l, p, i, k);

			head_backward(&h);
		}
	project_back(n, d, 3 * d, p->in, p->theta, p->scratch, p->grad, p->d_in);
}

const struct nn_layer_type nn_attention = {
	.name = "attention",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
