/* Gradient checks: a layer's backward against differences of its forward.
 *
 * The objective is a random weighted sum of the outputs, added in double. The
 * forward pass is in float, so a central difference with step h carries an
 * error of about 1e-7 * |objective| / h; with h = 1e-2 and objectives of some
 * tens that is 1e-4, and the tolerance is ten times as much, relative to the
 * largest gradient of the array.
 */
#ifndef TRIARCH_NN_CHECK_H
#define TRIARCH_NN_CHECK_H

#include <stdlib.h>

#include "harness/base/arena.h"
#include "learners/nn/nn_layer.h"

#include "tests/tap.h"

#define CHECK_TOLERANCE 1e-3
#define CHECK_PLACES 60 /* entries of an array that are tried */

struct check {
	struct nn_layer l;
	size_t rows;
	struct arena arena;
	float *x; /* (rows, in): the input, kept from in-place layers */
	float *in, *out, *theta, *grad, *d_out, *d_in, *save, *scratch;
	float *state, *batch_state;
	float *coefficient; /* (rows, out) of the objective */
	double h;
	const uint32_t *start; /* of a packed sequence */
};

static inline void check_init(struct check *c, struct nn_layer l,
			      struct nn_shape in, size_t rows)
{
	struct rng r = rng_make(3, "check");
	size_t n, m;

	*c = (struct check){ .rows = rows, .h = 1e-2 };
	l.in = in;
	l.type->plan(&l, rows);
	c->l = l;
	n = rows * nn_shape_size(l.in);
	m = rows * nn_shape_size(l.out);
	arena_init(&c->arena, 0);
	c->x = ARENA_NEW(&c->arena, float, n);
	c->in = ARENA_NEW(&c->arena, float, n);
	c->d_in = ARENA_NEW(&c->arena, float, n);
	c->out = l.type->in_place ? c->in : ARENA_NEW(&c->arena, float, m);
	c->d_out = l.type->in_place ? c->d_in : ARENA_NEW(&c->arena, float, m);
	c->coefficient = ARENA_NEW(&c->arena, float, m);
	c->theta = ARENA_NEW(&c->arena, float, l.params);
	c->grad = ARENA_NEW(&c->arena, float, l.params);
	c->save = ARENA_NEW(&c->arena, float, l.save);
	c->scratch = ARENA_NEW(&c->arena, float, l.scratch);
	c->state = ARENA_NEW(&c->arena, float, l.state);
	c->batch_state = ARENA_NEW(&c->arena, float, l.state);
	rng_fill_normal(r, 0, n, c->x);
	rng_fill_normal(rng_sub(r, 1), 0, m, c->coefficient);
	if (l.type->init)
		l.type->init(&l, rng_sub(r, 2), c->theta, c->state);
}

static inline struct nn_pass check_pass(struct check *c)
{
	return (struct nn_pass){ .rows = c->rows, .train = true,
				 .theta = c->theta, .grad = c->grad,
				 .state = c->state,
				 .batch_state = c->batch_state, .in = c->in,
				 .out = c->out, .d_out = c->d_out,
				 .d_in = c->d_in, .save = c->save,
				 .scratch = c->scratch, .fade = 1,
				 .start = c->start,
				 .rng = rng_make(4, "check") };
}

static inline double check_forward(struct check *c, bool train)
{
	struct nn_pass p = check_pass(c);
	double sum = 0;

	p.train = train;
	memcpy(c->in, c->x,
	       c->rows * nn_shape_size(c->l.in) * sizeof(float));
	c->l.type->forward(&c->l, &p);
	for (size_t i = 0; i < c->rows * nn_shape_size(c->l.out); i++)
		sum += (double)c->coefficient[i] * (double)c->out[i];
	return sum;
}

static inline void check_backward(struct check *c)
{
	struct nn_pass p = check_pass(c);

	check_forward(c, true);
	memcpy(c->d_out, c->coefficient,
	       c->rows * nn_shape_size(c->l.out) * sizeof(float));
	c->l.type->backward(&c->l, &p);
}

/* The largest difference between got[] and differences in at[], relative to
 * the largest entry of got. */
static inline double check_array(struct check *c, float *at, const float *got,
				 size_t n)
{
	double worst = 0, size = 1e-6;
	size_t step = n / CHECK_PLACES + 1;

	for (size_t i = 0; i < n; i++)
		size = fmax(size, fabs((double)got[i]));
	for (size_t i = 0; i < n; i += step) {
		float was = at[i], high = was + (float)c->h;
		float low = was - (float)c->h;
		double up, down;

		at[i] = high;
		up = check_forward(c, true);
		at[i] = low;
		down = check_forward(c, true);
		at[i] = was;
		worst = fmax(worst, fabs((up - down) / (double)(high - low) -
					 (double)got[i]));
	}
	return worst / size;
}

/* Both gradients of the layer in c. */
static inline void check_gradients(struct check *c, const char *what)
{
	size_t n = c->rows * nn_shape_size(c->l.in);
	float *d_in = malloc(n * sizeof(float));
	double x, theta;

	check_backward(c);
	memcpy(d_in, c->d_in, n * sizeof(float));
	x = check_array(c, c->x, d_in, n);
	if (!ok(x < CHECK_TOLERANCE, "%s: gradient of the input", what))
		printf("# off by %g\n", x);
	if (c->l.params) {
		theta = check_array(c, c->theta, c->grad, c->l.params);
		if (!ok(theta < CHECK_TOLERANCE, "%s: gradient of the weights",
			what))
			printf("# off by %g\n", theta);
	}
	free(d_in);
}

static inline void check_free(struct check *c)
{
	arena_clear(&c->arena);
}

#endif
