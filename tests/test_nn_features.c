/* Embeddings of numbers and categories: gradients, and values against their
 * formulas in double. */
#include "harness/base/blas.h"
#include "learners/nn/nn_features.h"
#include "learners/nn/nn_prepare.h"
#include "learners/nn/nn_wave_kernels.h"

#include "tests/nn_check.h"

enum { ROWS = 9, NUMERIC = 3, PLAIN = 2, CODES = 2, WIDTH = 7 };

static const size_t first[] = { 0, 4, 4, 6 }; /* the second has no bins */
static const float edge[] = { -1, -0.25f, 0.5f, 1, -0.5f, 0.75f };
static const size_t slots[] = { 4, 2 };
static const struct nn_prepare prepare = { .n_num = NUMERIC, .n_onehot = PLAIN,
					   .n_codes = CODES, .width = WIDTH,
					   .slots = slots };

static struct nn_features sample(enum nn_embedding kind)
{
	return (struct nn_features){
		.prepare = &prepare,
		.kind = kind, .dim = kind ? 4 : 1, .waves = 5,
		.sigma = 0.3, .first = first, .edge = edge,
		.cat_dim = 3,
	};
}

/* Codes are cut to whole numbers, one of them beyond its levels; all keep off the
 * edges, where there is no slope. */
static void set_rows(struct check *c)
{
	for (size_t i = 0; i < ROWS; i++) {
		float *x = c->x + i * WIDTH;

		for (size_t j = 0; j < NUMERIC; j++)
			for (size_t e = 0; e < 6; e++)
				if (fabsf(x[j] - edge[e]) < 0.03f)
					x[j] += 0.07f;
		x[5] = 0.3f + (float)(i % 5);
		x[6] = 0.3f + (float)(i % 2);
	}
}

static void start(struct check *c, const struct nn_features *f)
{
	struct nn_layer l = { .type = &nn_features, .features = f };

	check_init(c, l, (struct nn_shape){ 1, 1, WIDTH }, ROWS);
	set_rows(c);
	/* what begins at 0 must be seen to work */
	rng_fill_normal(rng_make(7, "check"), 0, c->l.params, c->theta);
	if (f->kind > NN_EMBED_PLE)
		for (size_t k = 0; k < (size_t)NUMERIC * f->waves; k++)
			c->theta[k] *= 0.3f;
}

/* ---------------------------------------------------------------- formulas */

static double ple(const struct check *c, double x, size_t j, size_t k)
{
	const float *w = c->theta + 2 * NUMERIC * 4;
	double y = x * (double)c->theta[j * 4 + k] +
		   (double)c->theta[(NUMERIC + j) * 4 + k];

	for (size_t e = first[j]; e + 1 < first[j + 1]; e++) {
		double t = (x - (double)edge[e]) / (double)(edge[e + 1] - edge[e]);

		if (e > first[j])
			t = fmax(t, 0);
		if (e + 2 < first[j + 1])
			t = fmin(t, 1);
		y += t * (double)w[e * 4 + k];
	}
	return y;
}

static double plr(const struct check *c, double x, size_t j, size_t k, bool lite)
{
	size_t of = lite ? 0 : j;
	const float *v = c->theta + NUMERIC * 5 + of * 40;
	const float *a = c->theta + NUMERIC * 5 + (lite ? 1 : NUMERIC) * 40 + of * 4;
	double y = (double)a[k];

	for (size_t f = 0; f < 5; f++) {
		double angle = 2 * M_PI * (double)c->theta[j * 5 + f] * x;

		y += (double)v[f * 4 + k] * cos(angle) +
		     (double)v[(5 + f) * 4 + k] * sin(angle);
	}
	return y;
}

static double pbld(const struct check *c, double x, size_t j, size_t k)
{
	const float *v = c->theta + 2 * NUMERIC * 5 + j * 15;
	double y;

	if (k == 3)
		return x;
	y = (double)c->theta[2 * NUMERIC * 5 + NUMERIC * 15 + j * 3 + k];
	for (size_t f = 0; f < 5; f++)
		y += (double)v[f * 3 + k] *
		     cos(2 * M_PI * (double)c->theta[j * 5 + f] * x +
			 (double)c->theta[(NUMERIC + j) * 5 + f]);
	return y;
}

static double formula(const struct check *c, double x, size_t j, size_t k)
{
	switch (c->l.features->kind) {
	case NN_EMBED_PLE:
		return ple(c, x, j, k);
	case NN_EMBED_PLR:
	case NN_EMBED_PLR_LITE:
		return plr(c, x, j, k, c->l.features->kind == NN_EMBED_PLR_LITE);
	case NN_EMBED_PBLD:
		return pbld(c, x, j, k);
	default:
		return x;
	}
}

/* Numbers by the formula, plain columns as they were, codes by their rows. */
static double worst_value(struct check *c)
{
	const struct nn_features *f = c->l.features;
	const float *table = c->theta + c->l.params - 6 * 3;
	double worst = 0;

	check_forward(c, true);
	for (size_t i = 0; i < ROWS; i++) {
		const float *x = c->x + i * WIDTH;
		const float *y = c->out + i * c->l.out.channels;

		for (size_t j = 0; j < NUMERIC; j++)
			for (size_t k = 0; k < f->dim; k++)
				worst = fmax(worst, fabs(formula(c, (double)x[j], j, k) -
							 (double)*y++));
		for (size_t j = 0; j < PLAIN; j++)
			worst = fmax(worst, fabs((double)(x[NUMERIC + j] - *y++)));
		for (size_t k = 0; k < 3; k++, y++) {
			const float *first_row = table + 3 * (i % 5 < 4 ? i % 5 : 0);
			const float *second_row = table + 12 + 3 * (i % 2);

			worst = fmax(worst, fabs((double)(y[0] - first_row[k])));
			worst = fmax(worst, fabs((double)(y[3] - second_row[k])));
		}
	}
	return worst;
}

static void test_kinds(void)
{
	static const char *const names[] = { "features alone", "ple", "plr",
					     "plr lite", "pbld" };

	for (int kind = NN_EMBED_NONE; kind <= NN_EMBED_PBLD; kind++) {
		struct nn_features f = sample((enum nn_embedding)kind);
		struct check c;
		double worst;

		start(&c, &f);
		worst = worst_value(&c);
		/* float sums of ten products of size 1 */
		if (!ok(worst < 2e-5, "%s: as the formula", names[kind]))
			printf("# off by %g\n", worst);
		c.h = 5e-3;
		check_gradients(&c, names[kind]);
		check_free(&c);
	}
}

/* ---------------------------------------------------------------- starts */

static void test_init(void)
{
	struct nn_features f = sample(NN_EMBED_PLE);
	struct nn_layer l = { .type = &nn_features, .features = &f };
	bool zero = true, bounded = true;
	struct check c;

	check_init(&c, l, (struct nn_shape){ 1, 1, WIDTH }, ROWS);
	for (size_t k = 24; k < 24 + 6 * 4; k++)
		zero &= c.theta[k] == 0.0f;
	for (size_t k = 0; k < 24; k++)
		bounded &= fabsf(c.theta[k]) <= 0.5f && c.theta[k] != 0.0f;
	ok(zero && bounded, "ple: starts as a linear map");
	ok(c.l.range[0].decay == 0.0f && c.l.range[1].decay == 1.0f &&
		   c.l.range[0].n + c.l.range[1].n + c.l.range[2].n == c.l.params,
	   "ple: ranges cover its weights; the linear part does not decay");
	check_free(&c);
	f = sample(NN_EMBED_PLR);
	f.waves = 400;
	check_init(&c, l, (struct nn_shape){ 1, 1, WIDTH }, ROWS);
	bounded = true;
	for (size_t k = 0; k < 1200; k++)
		bounded &= fabsf(c.theta[k]) <= 0.9f + 1e-6f;
	ok(bounded, "plr: frequencies are within 3 sigma");
	check_free(&c);
	f = sample(NN_EMBED_PBLD);
	check_init(&c, l, (struct nn_shape){ 1, 1, WIDTH }, ROWS);
	ok(c.l.range[0].lr == 0.1f && c.l.range[0].decay == 0.1f,
	   "pbld: learns at a tenth of the rate");
	check_free(&c);
}

/* Prepared by rank of many values, edges are where the quantiles are. */
static void test_edges(void)
{
	float x[3 * 101];
	struct dataset data = { .cols = 3, .task = TASK_REGRESSION,
				.train = { .rows = 101, .x = x } };
	struct nn_prepare p;
	struct nn_features f = { .prepare = &p };
	struct arena a;
	struct error err;

	for (size_t i = 0; i < 101; i++) {
		x[3 * i] = (float)(100 - i) / 50 - 1;
		x[3 * i + 1] = 7;
		x[3 * i + 2] = i < 80 ? 0.0f : 1.0f;
	}
	arena_init(&a, 0);
	ok(!nn_prepare_fit(&p, &data, NN_STANDARD, 9, &a, &err) &&
		   !nn_features_edges(&f, &data, 4, &a, &err) && f.first[1] == 5,
	   "edges: as many as asked for");
	ok_near(f.edge[3], 0.5 / sqrt(34.0) * 10 , 1e-5, "edges: quantiles");
	ok(f.first[2] - f.first[1] == 1, "edges: a constant column has no bin");
	ok(f.first[3] - f.first[2] == 2 && f.edge[6] < f.edge[7],
	   "edges: equal ones count once");
	data.train.rows = 1;
	ok(!nn_features_edges(&f, &data, 48, &a, &err) && f.first[3] == 3,
	   "edges: one row has no bin");
	for (size_t k = 1; k <= 4; k++) {
		a.fail_at = a.calls + k;
		if (nn_features_edges(&f, &data, 4, &a, &err) != ERR_MEMORY)
			break;
		ok(k <= 4, "edges: out of memory is said (%zu)", k);
	}
	arena_clear(&a);
}

static void test_waves(void)
{
	float frequency[19], phase[19], x[7], out[7 * 38];
	double worst = 0;
	struct nn_waves w = { .x = x, .rows = 7, .x_step = 1,
			      .frequency = frequency, .phase = phase, .n = 19,
			      .out = out, .out_step = 38 };

	rng_fill_normal(rng_make(1, "waves"), 0, 19, frequency);
	rng_fill_normal(rng_make(2, "waves"), 0, 19, phase);
	rng_fill_normal(rng_make(3, "waves"), 0, 7, x);
	for (size_t i = 0; i < 7; i++)
		x[i] *= 3.0f;
	SIMD_PICK(nn_wave_kernels)->waves(&w);
	for (size_t i = 0; i < 7; i++)
		for (size_t k = 0; k < 19; k++) {
			double a = 2 * M_PI * (double)frequency[k] * (double)x[i] +
				   (double)phase[k];

			worst = fmax(worst, fabs(cos(a) - (double)out[i * 38 + k]));
			worst = fmax(worst, fabs(sin(a) - (double)out[i * 38 + 19 + k]));
		}
	/* some turns in float: 2 pi 10 2^-24 */
	ok(worst < 1e-5, "waves: as libm has them");
	x[0] = 1e30f;
	x[1] = INFINITY;
	SIMD_PICK(nn_wave_kernels)->waves(&w);
	ok(fabsf(out[0]) <= 1.0f && fabsf(out[19]) <= 1.0f,
	   "waves: huge angles stay bounded");
}

int main(void)
{
	blas_init();
	test_kinds();
	test_init();
	test_edges();
	test_waves();
	return tap_done();
}
