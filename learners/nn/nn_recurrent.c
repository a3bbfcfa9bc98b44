/* Recurrent layers over sequences: LSTM (Hochreiter & Schmidhuber 1997, with the forget
 * gate of Gers et al. 2000) and GRU (Cho et al. 2014, in the form of cuDNN and PyTorch:
 * the reset gate acts on the product). Input (positions, 1, channels), out (positions, 1,
 * units), or with `both` (positions, 1, 2 units): forth, then back.
 *
 * theta: Wx (channels, directions * gates * units), then Wh (units, gates * units) for
 * each direction, then biases (directions, gates, units), then, gru alone, those of the
 * new state's product (directions, units).
 *
 * What the input gives is one product for all positions and both directions. A step then
 * has one for the rows that are that long: rows are ranked by their length, longest
 * first, so that those are always the first ones, and no padded position is ever worked
 * on. Wh is packed once for all steps. Backward leaves gradients of gates where the
 * gates were, hence weights' gradients, too, are products over all positions.
 */
#include <math.h>
#include <string.h>

#include "harness/base/blas.h"
#include "harness/base/simd.h"
#include "learners/nn/nn_conv_kernels.h"
#include "learners/nn/nn_layer.h"
#include "learners/nn/nn_recurrent_kernels.h"
#include "learners/nn/nn_token_kernels.h"

#define FORGET_BIAS 1.0f /* Jozefowicz et al. 2015: past states are kept at first */

static bool is_gru(const struct nn_layer *l)
{
	return l->type == &nn_gru;
}

static size_t gates_of(const struct nn_layer *l)
{
	return is_gru(l) ? 3 : 4;
}

static size_t directions(const struct nn_layer *l)
{
	return l->both ? 2 : 1;
}

/* Columns of Wx, and of a position's gates. */
static size_t columns(const struct nn_layer *l)
{
	return directions(l) * gates_of(l) * l->units;
}

static size_t in_panels(size_t n)
{
	size_t panel = nn_conv_kernels_pick()->panel;

	return (n + panel - 1) / panel * panel;
}

/* Floats of Wh packed, as it is or transposed, whichever is more. */
static size_t packed_size(const struct nn_layer *l)
{
	size_t h = l->units, g = gates_of(l) * h;
	size_t forth = in_panels(g) * h, back = in_panels(h) * g;

	return forth > back ? forth : back;
}

static void plan(struct nn_layer *l, size_t rows)
{
	size_t d = directions(l), h = l->units, g = gates_of(l) * h;
	size_t positions = rows * l->in.height;

	l->out = (struct nn_shape){ l->in.height, 1, d * h };
	l->decayed = l->in.channels * d * g + d * h * g;
	l->params = l->decayed + d * g + (is_gru(l) ? d * h : 0);
	/* gates, what a cell keeps, states */
	l->save = positions * d * (g + 2 * h);
	/* the packed Wh; of ranks: u, states, their d, carries; states before */
	l->scratch = packed_size(l) + rows * (g + 3 * h) + h + positions * h +
		     2 * rows;
}

/* U(-1, 1) / sqrt(units), as PyTorch has it. */
static void init(const struct nn_layer *l, struct rng r, float *theta, float *state)
{
	size_t h = l->units, g = gates_of(l) * h;
	float scale = 1.0f / sqrtf((float)h);

	(void)state;
	rng_fill_uniform(r, 0, l->decayed, theta);
	for (size_t k = 0; k < l->decayed; k++)
		theta[k] = (2.0f * theta[k] - 1.0f) * scale;
	memset(theta + l->decayed, 0, (l->params - l->decayed) * sizeof(*theta));
	for (size_t d = 0; !is_gru(l) && d < directions(l); d++)
		for (size_t j = 0; j < h; j++)
			theta[l->decayed + d * g + h + j] = FORGET_BIAS;
}

/* One pass in one direction. */
struct walk {
	const struct nn_layer *l;
	const struct nn_pass *p;
	size_t direction;
	size_t h, g;	      /* units, gates * units */
	size_t gate_pitch, pitch; /* from a position to the next: gates; the others */
	float *gate, *kept, *state; /* of position 0, this direction */
	float *packed;
	float *u;	  /* (rows, g) of ranks, as all below */
	float *h_now;	  /* (rows, h) states; going back, their d */
	float *carry;	  /* (rows, h) */
	float *d_h;	  /* (rows, h) */
	float *zero;	  /* (h) */
	float *before;	  /* (positions, h) */
	uint32_t *rank;	  /* (rows) the rows, longest first */
};

static size_t positions_of(const struct nn_layer *l, const struct nn_pass *p)
{
	return nn_pass_values(p, l->in) / l->in.channels;
}

static size_t length(const struct walk *w, size_t row)
{
	return nn_pass_start(w->p, w->l->in, row + 1) -
	       nn_pass_start(w->p, w->l->in, row);
}

/* Insertion: a shard has some dozen rows. */
static void rank_rows(struct walk *w)
{
	for (size_t i = 0; i < w->p->rows; i++) {
		size_t k = i;

		for (; k > 0 && length(w, w->rank[k - 1]) < length(w, i); k--)
			w->rank[k] = w->rank[k - 1];
		w->rank[k] = (uint32_t)i;
	}
}

static struct walk walk_of(const struct nn_layer *l, const struct nn_pass *p,
			   size_t direction)
{
	size_t h = l->units, g = gates_of(l) * h, d = directions(l);
	size_t positions = positions_of(l, p), rows = p->rows;
	struct walk w = { .l = l, .p = p, .direction = direction, .h = h, .g = g,
			  .gate_pitch = d * g, .pitch = d * h };

	w.gate = p->save + direction * g;
	w.kept = p->save + positions * d * g + direction * h;
	w.state = p->save + positions * d * (g + h) + direction * h;
	w.packed = p->scratch;
	w.u = w.packed + packed_size(l);
	w.h_now = w.u + rows * g;
	w.carry = w.h_now + rows * h;
	w.d_h = w.carry + rows * h;
	w.zero = w.d_h + rows * h;
	w.before = w.zero + h;
	w.rank = (uint32_t *)(w.before + positions * h);
	memset(w.h_now, 0, (3 * rows + 1) * h * sizeof(float));
	rank_rows(&w);
	return w;
}

static const float *recurrent(const struct walk *w)
{
	const struct nn_layer *l = w->l;

	return w->p->theta + l->in.channels * columns(l) + w->direction * w->h * w->g;
}

/* Of the first ranks, how many have a step t? `from` is at least as many. */
static size_t active(const struct walk *w, size_t t, size_t from)
{
	while (from > 0 && length(w, w->rank[from - 1]) <= t)
		from--;
	return from;
}

/* Where step t of a row is. */
static size_t position(const struct walk *w, size_t row, size_t t)
{
	size_t at = w->direction ? length(w, row) - 1 - t : t;

	return nn_pass_start(w->p, w->l->in, row) + at;
}

/* What a cell needs of rank k at step t. */
static struct nn_cell_step cell(const struct walk *w, size_t k, size_t t)
{
	size_t at = position(w, w->rank[k], t);
	size_t past = t ? position(w, w->rank[k], t - 1) : 0;

	return (struct nn_cell_step){
		.n = w->h,
		.gate = w->gate + at * w->gate_pitch,
		.kept = w->kept + at * w->pitch,
		.kept_before = t ? w->kept + past * w->pitch : w->zero,
		.h_before = t ? w->state + past * w->pitch : w->zero,
		.h = w->state + at * w->pitch,
		.bias = is_gru(w->l) ? w->p->theta + w->l->decayed + columns(w->l) +
					       w->direction * w->h :
				       NULL,
	};
}

/* out (rows, cols) = x (rows, inner) times what is packed. */
static void multiply(const struct walk *w, const float *x, size_t rows, size_t inner,
		     size_t cols, float *out)
{
	struct nn_windows s = { .window = 1, .run = inner, .across = inner,
				.height = 1, .width = rows };

	nn_conv_kernels_pick()->apply(&s, x, w->packed, NULL, cols, out);
}

static void step(const struct walk *w, size_t t, size_t rows)
{
	const struct nn_recurrent_kernels *kernels = nn_recurrent_kernels_pick();

	if (t)
		multiply(w, w->h_now, rows, w->h, w->g, w->u);
	for (size_t k = 0; k < rows; k++) {
		struct nn_cell_step s = cell(w, k, t);

		s.u = t ? w->u + k * w->g : NULL;
		if (is_gru(w->l))
			kernels->gru(&s);
		else
			kernels->lstm(&s);
		memcpy(w->h_now + k * w->h, s.h, w->h * sizeof(float));
	}
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t cols = columns(l), c = l->in.channels, positions = positions_of(l, p);

	blas_sgemm(&(struct blas_gemm){
		.m = positions, .n = cols, .k = c, .alpha = 1.0f, .a = p->in, .lda = c,
		.b = p->theta, .ldb = cols, .c = p->save, .ldc = cols });
	nn_kernels_pick()->add_bias(p->save, p->theta + l->decayed, positions, cols);
	for (size_t d = 0; d < directions(l); d++) {
		struct walk w = walk_of(l, p, d);
		size_t rows = active(&w, 0, p->rows);

		nn_conv_kernels_pick()->pack(recurrent(&w), w.h, w.g, w.packed);
		for (size_t t = 0; rows; t++, rows = active(&w, t, rows))
			step(&w, t, rows);
	}
	memcpy(p->out, p->save + positions * (cols + l->out.channels),
	       positions * l->out.channels * sizeof(*p->out));
}

/* d loss / d state of step t: what comes from above, and from step t + 1. */
static void step_back(const struct walk *w, size_t t, size_t rows)
{
	const struct nn_recurrent_kernels *kernels = nn_recurrent_kernels_pick();
	const float *d_out = w->p->d_out + w->direction * w->h;

	for (size_t k = 0; k < rows; k++) {
		struct nn_cell_step s = cell(w, k, t);
		float *d_h = w->d_h + k * w->h;

		simd_vec()->axpy(1.0f,
				 d_out + position(w, w->rank[k], t) * w->pitch, d_h,
				 w->h);
		s.d_h = d_h;
		s.carry = w->carry + k * w->h;
		s.d_u = w->u + k * w->g;
		if (is_gru(w->l))
			kernels->gru_back(&s);
		else
			kernels->lstm_back(&s);
	}
	if (!t)
		return;
	multiply(w, w->u, rows, w->g, w->h, w->d_h);
	if (is_gru(w->l))
		simd_vec()->axpy(1.0f, w->carry, w->d_h, rows * w->h);
}

/* The state before each position, 0 before the first step. */
static void gather_before(const struct walk *w)
{
	for (size_t i = 0; i < w->p->rows; i++)
		for (size_t t = 0, n = length(w, i); t < n; t++) {
			const float *from = t ? w->state + position(w, i, t - 1) *
								   w->pitch :
						w->zero;

			memcpy(w->before + position(w, i, t) * w->h, from,
			       w->h * sizeof(float));
		}
}

/* grad (h, cols) = before' d, within columns [at, at + cols) of Wh. */
static void weigh(const struct walk *w, const float *d, size_t pitch, size_t at,
		  size_t cols)
{
	size_t wh = w->l->in.channels * columns(w->l) + w->direction * w->h * w->g;

	blas_sgemm(&(struct blas_gemm){
		.trans_a = true, .m = w->h, .n = cols, .k = positions_of(w->l, w->p),
		.alpha = 1.0f, .a = w->before, .lda = w->h, .b = d, .ldb = pitch,
		.c = w->p->grad + wh + at, .ldc = w->g });
}

static void walk_back(const struct nn_layer *l, const struct nn_pass *p, size_t d)
{
	struct walk w = walk_of(l, p, d);
	size_t steps = p->rows ? length(&w, w.rank[0]) : 0;

	nn_token_kernels_pick()->pack_rows(recurrent(&w), w.h, w.g,
					   nn_conv_kernels_pick()->panel, w.packed);
	for (size_t t = steps; t-- > 0;)
		step_back(&w, t, active(&w, t, p->rows));
	gather_before(&w);
	if (!is_gru(l)) {
		weigh(&w, w.gate, w.gate_pitch, 0, w.g);
		return;
	}
	weigh(&w, w.gate, w.gate_pitch, 0, 2 * w.h);
	weigh(&w, w.kept, w.pitch, 2 * w.h, w.h);
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t cols = columns(l), c = l->in.channels, positions = positions_of(l, p);
	float *bias = p->grad + l->decayed;

	for (size_t d = 0; d < directions(l); d++)
		walk_back(l, p, d);
	blas_sgemm(&(struct blas_gemm){
		.trans_a = true, .m = c, .n = cols, .k = positions, .alpha = 1.0f,
		.a = p->in, .lda = c, .b = p->save, .ldb = cols, .c = p->grad,
		.ldc = cols });
	nn_kernels_pick()->col_sum(p->save, positions, cols, bias);
	if (is_gru(l))
		nn_kernels_pick()->col_sum(p->save + positions * cols, positions,
					   l->out.channels, bias + cols);
	if (!p->d_in)
		return;
	blas_sgemm(&(struct blas_gemm){
		.trans_b = true, .m = positions, .n = c, .k = cols, .alpha = 1.0f,
		.a = p->save, .lda = cols, .b = p->theta, .ldb = cols, .c = p->d_in,
		.ldc = c });
}

const struct nn_layer_type nn_lstm = {
	.name = "lstm",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};

const struct nn_layer_type nn_gru = {
	.name = "gru",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
