/* Periodic embeddings of numbers, PLR and PBLD: what they are is in nn_features.h.
 *
 *	theta	frequencies (numeric, F); PBLD: phases (numeric, F); then V
 *		(numeric, waves, units), a (numeric, units), once when lite
 *	save	(rows, numeric, 2 F): cosines, sines
 *	scratch	(rows, waves): their gradient
 *
 * A column's V is a matrix product over the shard's rows, with the strides that
 * let it read and write in place.
 */
#include "learners/nn/nn_features.h"

#include <math.h>
#include <string.h>

#include "harness/base/blas.h"
#include "learners/nn/nn_wave_kernels.h"

/* The sizes that kinds differ in, and places in theta. */
struct sizes {
	size_t f, waves, units;
	size_t phase, v, a; /* begin here */
	size_t v_step, a_step; /* from a column's to the next one's */
	size_t row;	    /* of save */
};

static struct sizes sizes_of(const struct nn_features *f)
{
	bool pbld = f->kind == NN_EMBED_PBLD, lite = f->kind == NN_EMBED_PLR_LITE;
	size_t n = f->prepare->n_num * f->waves;
	struct sizes s = { .f = f->waves,
			   .waves = (pbld ? 1 : 2) * f->waves,
			   .units = pbld ? f->dim - 1 : f->dim,
			   .row = 2 * n, .phase = n, .v = pbld ? 2 * n : n };

	s.v_step = lite ? 0 : s.waves * s.units;
	s.a_step = lite ? 0 : s.units;
	s.a = s.v + (lite ? 1 : f->prepare->n_num) * s.waves * s.units;
	return s;
}

/* Holzmueller's lr factor, and his decay, which has it twice: the optimizer
 * multiplies by the rate. Frequencies of PLR do not decay (Gorishniy et al.). */
static void plan(struct nn_layer *l, size_t rows)
{
	const struct nn_features *f = l->features;
	struct sizes s = sizes_of(f);
	size_t biases = (f->kind == NN_EMBED_PLR_LITE ? 1 : f->prepare->n_num) * s.units;

	if (f->kind == NN_EMBED_PBLD) {
		nn_features_range(l, s.a + biases, 0.1f, 0.1f);
	} else {
		nn_features_range(l, s.v, 1, 0);
		nn_features_range(l, s.a - s.v, 1, 1);
		nn_features_range(l, biases, 1, 0);
	}
	l->save = rows * s.row;
	l->scratch = rows * s.waves;
}

/* A normal number within 3 deviations: the first of some draws that is. */
static float cut_normal(struct rng r, double sigma)
{
	double z = 0;

	for (size_t k = 0; k < 16; k++) {
		z = rng_normal(r, k);
		if (fabs(z) <= 3)
			break;
	}
	return (float)(sigma * fmax(-3, fmin(3, z)));
}

/* PBLD: not cut; phases U(-pi, pi); V and a U(+-1 / sqrt(waves)). */
static void init(const struct nn_features *f, struct rng r, float *theta)
{
	struct sizes s = sizes_of(f);
	size_t end = s.a + (f->kind == NN_EMBED_PLR_LITE ? 1 : f->prepare->n_num) * s.units;
	double bound = 1 / sqrt((double)s.waves);

	for (size_t k = 0; k < s.phase; k++)
		theta[k] = f->kind == NN_EMBED_PBLD ?
				   (float)(f->sigma * rng_normal(rng_sub(r, 0), k)) :
				   cut_normal(rng_sub(rng_sub(r, 0), k), f->sigma);
	for (size_t k = s.phase; k < s.v; k++)
		theta[k] = (float)(M_PI * (2 * rng_uniform(rng_sub(r, 1), k) - 1));
	for (size_t k = s.v; k < end; k++)
		theta[k] = (float)(bound * (2 * rng_uniform(rng_sub(r, 2), k) - 1));
}

/* Vectors of column j for all rows: V' waves + a; PBLD: and x. */
static void embed(const struct nn_layer *l, const struct nn_pass *p, size_t j,
		  const struct sizes *s)
{
	const struct nn_features *f = l->features;
	size_t in = nn_shape_size(l->in), out = l->out.channels;
	const float *bias = p->theta + s->a + j * s->a_step;
	float *waves = p->save + j * 2 * s->f, *y = p->out + j * f->dim;
	struct nn_waves w = { .x = p->in + j, .rows = p->rows, .x_step = in,
			      .frequency = p->theta + j * s->f, .n = s->f,
			      .out = waves, .out_step = s->row };

	if (f->kind == NN_EMBED_PBLD)
		w.phase = p->theta + s->phase + j * s->f;
	SIMD_PICK(nn_wave_kernels)->waves(&w);
	for (size_t i = 0; i < p->rows; i++)
		memcpy(y + i * out, bias, s->units * sizeof(*y));
	blas_sgemm(&(struct blas_gemm){
		.m = p->rows, .n = s->units, .k = s->waves, .alpha = 1, .beta = 1,
		.a = waves, .lda = s->row, .b = p->theta + s->v + j * s->v_step,
		.ldb = s->units, .c = y, .ldc = out });
	for (size_t i = 0; f->kind == NN_EMBED_PBLD && i < p->rows; i++)
		y[i * out + s->units] = p->in[i * in + j];
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct sizes s = sizes_of(l->features);

	for (size_t j = 0; j < l->features->prepare->n_num; j++)
		embed(l, p, j, &s);
}

/* From d loss / d waves, in scratch, to frequencies, phases and x. */
static void waves_back(const struct nn_layer *l, const struct nn_pass *p, size_t j,
		       const struct sizes *s)
{
	const struct nn_features *f = l->features;
	size_t in = nn_shape_size(l->in);
	const float *restrict c = p->theta + j * s->f;
	float *restrict d_c = p->grad + j * s->f;
	float *restrict d_b = f->kind == NN_EMBED_PBLD ? d_c + s->phase : NULL;

	for (size_t i = 0; i < p->rows; i++) {
		const float *cosine = p->save + i * s->row + j * 2 * s->f;
		const float *sine = cosine + s->f, *d = p->scratch + i * s->waves;
		float x = p->in[i * in + j], d_x = 0;

		for (size_t k = 0; k < s->f; k++) {
			float slope = -sine[k] * d[k];

			if (!d_b)
				slope += cosine[k] * d[s->f + k];
			else
				d_b[k] += slope;
			slope *= (float)(2 * M_PI);
			d_c[k] += slope * x;
			d_x += slope * c[k];
		}
		if (p->d_in)
			p->d_in[i * in + j] += d_x;
	}
}

/* grad and d_in are 0 when this is called. */
static void embed_back(const struct nn_layer *l, const struct nn_pass *p, size_t j,
		       const struct sizes *s)
{
	const struct nn_features *f = l->features;
	size_t in = nn_shape_size(l->in), out = l->out.channels;
	const float *d = p->d_out + j * f->dim;
	float *bias = p->grad + s->a + j * s->a_step;

	for (size_t i = 0; i < p->rows; i++) {
		for (size_t k = 0; k < s->units; k++)
			bias[k] += d[i * out + k];
		if (f->kind == NN_EMBED_PBLD && p->d_in)
			p->d_in[i * in + j] = d[i * out + s->units];
	}
	blas_sgemm(&(struct blas_gemm){
		.trans_a = true, .m = s->waves, .n = s->units, .k = p->rows,
		.alpha = 1, .beta = 1, .a = p->save + j * 2 * s->f, .lda = s->row,
		.b = d, .ldb = out, .c = p->grad + s->v + j * s->v_step,
		.ldc = s->units });
	blas_sgemm(&(struct blas_gemm){
		.trans_b = true, .m = p->rows, .n = s->waves, .k = s->units,
		.alpha = 1, .a = d, .lda = out,
		.b = p->theta + s->v + j * s->v_step, .ldb = s->units,
		.c = p->scratch, .ldc = s->waves });
	waves_back(l, p, j, s);
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct sizes s = sizes_of(l->features);

	for (size_t j = 0; j < l->features->prepare->n_num; j++)
		embed_back(l, p, j, &s);
}

const struct nn_number_type nn_number_periodic = {
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
