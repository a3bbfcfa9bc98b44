/* Muon: the polynomial on singular values that are known, a slow twin, shapes; which
 * weights of a net it takes, threads, memory. */
#include "learners/nn/nn_muon.h"

#include "harness/base/blas.h"
#include "harness/base/rng.h"
#include "learners/nn/nn_optimizer.h"

#include "tests/tap.h"

#define SIDE 40

/* Jordan et al. 2024: what five rounds make of one singular value. */
static double five(double s)
{
	for (int round = 0; round < 5; round++)
		s = s * (3.4445 + s * s * (-4.7750 + s * s * 2.0315));
	return s;
}

static void test_diagonal(void)
{
	static float x[4 * 6], scratch[200];
	const double value[4] = { 3, 1, 0.25, 0 };
	double norm = sqrt(9 + 1 + 0.0625), worst = 0;

	memset(x, 0, sizeof(x));
	for (size_t i = 0; i < 4; i++)
		x[i * 6 + i] = (float)value[i];
	nn_muon_orthogonal(x, 4, 6, scratch);
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 6; j++)
			worst = fmax(worst, fabs((double)x[i * 6 + j] -
						 (i == j ? five(value[i] / norm) : 0)));
	ok(worst < 1e-5, "muon: a diagonal matrix gets the polynomial of its values");
	ok(x[0] > 0.7f && x[0] < 1.2f && x[14] > 0.7f && x[14] < 1.2f,
	   "muon: large and small ones come near 1");
	ok(x[21] == 0, "muon: 0 stays 0");
}

/* The slow twin, in double: X <- a X + (b XX' + c XX' XX') X. */
static void plain(double *x, size_t rows, size_t cols)
{
	static double gram[SIDE * SIDE], y[SIDE * SIDE], z[SIDE * SIDE];
	double squares = 0;

	for (size_t i = 0; i < rows * cols; i++)
		squares += x[i] * x[i];
	for (size_t i = 0; i < rows * cols; i++)
		x[i] /= sqrt(squares) + 1e-7;
	for (int round = 0; round < 5; round++) {
		memset(gram, 0, sizeof(gram));
		memset(y, 0, sizeof(y));
		memset(z, 0, sizeof(z));
		for (size_t i = 0; i < rows; i++)
			for (size_t j = 0; j < rows; j++)
				for (size_t k = 0; k < cols; k++)
					gram[i * rows + j] += x[i * cols + k] *
							      x[j * cols + k];
		for (size_t i = 0; i < rows; i++)
			for (size_t j = 0; j < rows; j++)
				for (size_t k = 0; k < cols; k++)
					y[i * cols + k] += gram[i * rows + j] *
							   x[j * cols + k];
		for (size_t i = 0; i < rows; i++)
			for (size_t j = 0; j < rows; j++)
				for (size_t k = 0; k < cols; k++)
					z[i * cols + k] += gram[i * rows + j] *
							   y[j * cols + k];
		for (size_t i = 0; i < rows * cols; i++)
			x[i] = 3.4445 * x[i] - 4.7750 * y[i] + 2.0315 * z[i];
	}
}

static void test_twin(size_t rows, size_t cols)
{
	static float x[SIDE * SIDE], scratch[3 * SIDE * SIDE];
	static double want[SIDE * SIDE];
	double worst = 0;

	rng_fill_normal(rng_make(5, "muon"), 0, rows * cols, x);
	for (size_t i = 0; i < rows * cols; i++)
		want[i] = (double)x[i];
	ok(nn_muon_scratch(rows, cols) <= sizeof(scratch) / sizeof(*scratch),
	   "muon: scratch of %zu x %zu", rows, cols);
	nn_muon_orthogonal(x, rows, cols, scratch);
	plain(want, rows, cols);
	for (size_t i = 0; i < rows * cols; i++)
		worst = fmax(worst, fabs((double)x[i] - want[i]));
	/* five rounds magnify float's rounding by some 3.4^5 on small values */
	if (!ok(worst < 2e-4, "muon: %zu x %zu as the slow twin", rows, cols))
		printf("# off by %g\n", worst);
}

/* Rows of a wide one stand at right angles, nearly: values within .7 and 1.2. */
static void test_angles(void)
{
	static float x[8 * 40], scratch[1000];
	double trace = 0, across = 0;

	rng_fill_normal(rng_make(6, "muon"), 0, 8 * 40, x);
	nn_muon_orthogonal(x, 8, 40, scratch);
	for (size_t i = 0; i < 8; i++)
		for (size_t j = 0; j <= i; j++) {
			double dot = 0;

			for (size_t k = 0; k < 40; k++)
				dot += (double)x[i * 40 + k] * (double)x[j * 40 + k];
			trace += i == j ? dot : 0;
			across = i == j ? across : fmax(across, fabs(dot));
		}
	ok(trace / 8 > 0.6 && trace / 8 < 1.3 && across < 0.45,
	   "muon: rows of length about 1, at right angles");
}

static void test_momentum(void)
{
	float m[2] = { 0, 1 }, g[2] = { 1, 0 };

	nn_muon_momentum(m, g, 2);
	ok_near(m[0], 0.05, 1e-7, "muon: a twentieth of the gradient is added");
	ok_near(m[1], 0.95, 1e-7, "muon: the rest stays");
	ok_near(g[0], 0.05 + 0.95 * 0.05, 1e-7, "muon: Nesterov looks ahead");
	ok_near(g[1], 0.95 * 0.95, 1e-7, "muon: without a gradient as well");
}

/* A matrix of one row has one value, to which the gradient's size means nothing. */
static void test_update(void)
{
	float theta[4] = { 1, 1, 1, 1 }, u[4] = { 2e-3f, 0, 0, 0 }, scratch[6];
	struct nn_matrix w = { .rows = 1, .cols = 4, .lr = 0.5f, .decay = 2,
			       .scratch = scratch };

	nn_muon_update(&w, theta, u, 0.1f, 0.25f);
	ok_near(theta[1], 1 - 0.05 * 0.5, 1e-6, "muon: decay by the range's factors");
	ok_near(theta[0], 1 - 0.05 * 0.5 - 0.05 * 2 * five(1), 1e-4,
		"muon: steps grow by sqrt(outputs / inputs)");
	w = (struct nn_matrix){ .rows = 4, .cols = 1, .lr = 1, .scratch = scratch };
	memset(u, 0, sizeof(u));
	nn_muon_update(&w, theta, u, 0.1f, 0);
	ok_near(theta[1], 1 - 0.05 * 0.5, 1e-6, "muon: no gradient, no step");
}

/* --------------------------------------------------------------- in a net */

struct fixture {
	struct arena arena;
	struct nn_net net;
	struct nn_optimizer o;
	struct error err;
};

/* fail_at: the allocation that fails; 0: none. */
static int setup(struct fixture *f, size_t fail_at)
{
	*f = (struct fixture){ .o = { .rule = NN_MUON, .decay = 0.1,
				      .average = 0.9, .clip = 1 } };
	arena_init(&f->arena, 0);
	f->arena.fail_at = fail_at;
	nn_net_init(&f->net, (struct nn_shape){ 1, 1, 30 }, 1);
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_linear, .units = 20 });
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_relu });
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_linear, .units = 40 });
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_linear, .units = 3 });
	return nn_net_start(&f->net, 1, &f->arena, &f->err) ||
	       nn_optimizer_init(&f->o, &f->net, &f->arena, &f->err);
}

static void test_matrices(void)
{
	struct fixture f;

	setup(&f, 0);
	ok(f.o.n_matrices == 2, "muon: takes the matrices below the outputs");
	ok(f.o.matrices[1].at == 30 * 20 + 20 && f.o.matrices[1].rows == 20 &&
	   f.o.matrices[1].cols == 40, "muon: where they lie");
	ok(f.o.groups[f.o.n_groups - 1].lr == NN_MUON_REST,
	   "muon: the others learn at AdamW's rate");
	arena_clear(&f.arena);
}

static void test_threads(void)
{
	static float got[2][4000];
	size_t params = 0;

	for (size_t k = 0; k < 2; k++) {
		struct fixture f;
		float *grad;

		setup(&f, 0);
		params = f.net.params;
		grad = ARENA_NEW(&f.arena, float, 3 * params);
		for (size_t step = 0; step < 3; step++) {
			rng_fill_normal(rng_make(step, "grad"), 0, 3 * params, grad);
			nn_optimizer_step(&f.o, &f.net, grad, 3, 0.02, k ? 4 : 1);
		}
		memcpy(got[k], f.net.theta, params * sizeof(float));
		memcpy(got[k] + params, f.o.ema, params * sizeof(float));
		arena_clear(&f.arena);
	}
	ok(2 * params < 4000 && !memcmp(got[0], got[1], sizeof(got[0])),
	   "muon: same bits on 4 threads, weights and their mean");
}

/* A direction is all that a gradient says: ten times as much is the same step. */
static void test_scale(void)
{
	float first[2] = { 0 };

	for (size_t k = 0; k < 2; k++) {
		struct fixture f;
		float *grad;

		setup(&f, 0);
		grad = ARENA_NEW(&f.arena, float, f.net.params);
		rng_fill_normal(rng_make(1, "grad"), 0, f.net.params, grad);
		for (size_t i = 0; k && i < f.net.params; i++)
			grad[i] *= 10;
		f.o.clip = 0;
		nn_optimizer_step(&f.o, &f.net, grad, 1, 0.02, 1);
		first[k] = f.net.theta[5];
		arena_clear(&f.arena);
	}
	ok_near(first[0], first[1], 1e-5, "muon: the gradient's size does not matter");
}

static void test_memory(void)
{
	struct fixture f;
	size_t calls, refused = 0;

	ok(!setup(&f, 0), "muon: begins");
	calls = f.arena.calls;
	arena_clear(&f.arena);
	for (size_t at = 1; at <= calls; at++) {
		refused += setup(&f, at) != 0 && f.err.code == ERR_MEMORY;
		arena_clear(&f.arena);
	}
	ok(calls > 2 && refused == calls, "muon: whichever allocation fails, it says so");
}

int main(void)
{
	blas_init();
	test_diagonal();
	test_twin(7, 7);
	test_twin(5, 30);
	test_angles();
	test_momentum();
	test_update();
	test_matrices();
	test_threads();
	test_scale();
	test_memory();
	return tap_done();
}
