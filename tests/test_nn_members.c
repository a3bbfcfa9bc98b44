/* An ensemble within one net, a weight for each input, and linear layers of the
 * NTK parametrisation: gradients, twins, first weights. */
#include "harness/base/blas.h"
#include "learners/nn/nn_net.h"

#include "tests/nn_check.h"

static void test_members(void)
{
	struct nn_layer l = { .type = &nn_members_in, .units = 3, .group = 4,
			      .grouped = 8 };
	struct check c;
	bool right = true, shared = true;

	check_init(&c, l, (struct nn_shape){ 1, 1, 11 }, 5);
	check_forward(&c, true);
	for (size_t i = 0; i < 5; i++)
		for (size_t m = 0; m < 3; m++)
			for (size_t j = 0; j < 11; j++)
				right &= c.out[(i * 3 + m) * 11 + j] ==
					 c.x[i * 11 + j] * c.theta[m * 11 + j];
	ok(right, "members: each has the row times weights of its own");
	for (size_t m = 0; m < 3; m++)
		for (size_t j = 0; j < 8; j++)
			shared &= c.theta[m * 11 + j] == c.theta[m * 11 + j / 4 * 4];
	ok(shared && c.theta[0] != c.theta[4] && c.theta[8] != c.theta[9] &&
		   c.theta[0] != c.theta[11],
	   "members: one draw for a feature's channels");
	check_gradients(&c, "members");
	check_free(&c);
	l.units = 1;
	l.group = 0;
	check_init(&c, l, (struct nn_shape){ 1, 1, 1 }, 1);
	check_gradients(&c, "members, one of one");
	check_free(&c);
}

static void test_heads(void)
{
	struct nn_layer l = { .type = &nn_heads, .units = 2 };
	struct check c;
	double worst = 0;

	check_init(&c, l, (struct nn_shape){ 3, 1, 5 }, 4);
	for (size_t k = 0; k < 6; k++)
		c.theta[30 + k] = 0.1f * (float)k;
	check_forward(&c, true);
	for (size_t i = 0; i < 4; i++)
		for (size_t m = 0; m < 3; m++)
			for (size_t o = 0; o < 2; o++) {
				double y = 0.1 * (double)(m * 2 + o);

				for (size_t j = 0; j < 5; j++)
					y += (double)c.x[(i * 3 + m) * 5 + j] *
					     (double)c.theta[(m * 5 + j) * 2 + o];
				worst = fmax(worst, fabs(y - (double)c.out[(i * 3 + m) * 2 + o]));
			}
	ok(worst < 1e-5, "heads: a linear layer for each member");
	check_gradients(&c, "heads");
	check_free(&c);
}

static void test_scale(void)
{
	struct nn_layer l = { .type = &nn_scale };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 1, 1, 7 }, 5);
	check_forward(&c, true);
	ok(!memcmp(c.out, c.x, 35 * sizeof(float)) && c.l.range[0].lr == 6.0f,
	   "scale: starts as the identity and learns fast");
	check_gradients(&c, "scale");
	check_free(&c);
}

/* The slow twin of a linear layer over positions. */
static double plain(const struct check *c, size_t row, size_t unit, double factor)
{
	size_t in = c->l.in.channels, out = c->l.units;
	double sum = 0;

	for (size_t j = 0; j < in; j++)
		sum += (double)c->x[row * in + j] *
		       (double)c->theta[j * out + unit];
	return factor * sum + (double)c->theta[in * out + unit];
}

static void test_linear(bool ntk, bool each, const char *what)
{
	struct nn_layer l = { .type = &nn_linear, .units = 3, .ntk = ntk,
			      .each = each };
	size_t rows = each ? 8 : 4;
	struct check c;
	double worst = 0;

	check_init(&c, l, (struct nn_shape){ each ? 2 : 1, 1, 6 }, 4);
	check_forward(&c, true);
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < 3; k++)
			worst = fmax(worst, fabs(plain(&c, i, k, ntk ? sqrt(1 / 6.0) : 1) -
						 (double)c.out[i * 3 + k]));
	ok(worst < 1e-5, "%s: as plain loops", what);
	check_gradients(&c, what);
	check_free(&c);
}

static void test_ntk_init(void)
{
	struct nn_layer l = { .type = &nn_linear, .units = 50, .ntk = true };
	struct check c;
	double squares = 0, biases = 0;
	bool zero = true;

	check_init(&c, l, (struct nn_shape){ 1, 1, 100 }, 1);
	for (size_t k = 0; k < 5000; k++)
		squares += (double)c.theta[k] * (double)c.theta[k] / 5000;
	for (size_t k = 5000; k < 5050; k++)
		biases += (double)c.theta[k] * (double)c.theta[k] / 50;
	/* 5,000 and 50 draws: known to 2 % and 20 % */
	ok(fabs(squares - 1) < 0.08 && fabs(biases - 1) < 0.8,
	   "ntk: weights and biases have variance 1");
	ok(c.l.range[1].lr == 0.1f && c.l.range[1].decay == 0.0f,
	   "ntk: biases learn at a tenth of the rate and do not decay");
	check_free(&c);
	l.gain = 1;
	check_init(&c, l, (struct nn_shape){ 1, 1, 100 }, 1);
	for (size_t k = 0; k < 5050; k++)
		zero &= c.theta[k] == 0.0f;
	ok(zero, "ntk: with a gain it starts at 0");
	check_free(&c);
}

/* After the start each unit's sum has deviation 1, and its kink lies among the
 * rows. */
static void test_start(void)
{
	enum { ROWS = 40 };
	struct nn_net net;
	struct nn_worker *w;
	struct arena a;
	struct error err;
	bool among = true;
	double worst = 0;

	arena_init(&a, 0);
	nn_net_init(&net, (struct nn_shape){ 1, 1, 5 }, ROWS);
	nn_net_add(&net, (struct nn_layer){ .type = &nn_linear, .ntk = true,
					    .from_data = true, .units = 8 });
	nn_net_start(&net, 3, &a, &err);
	w = nn_workers_new(&net, 1, false, &a);
	rng_fill_normal(rng_make(1, "rows"), 0, ROWS * 5, w->input);
	nn_net_start_on(&net, w, ROWS, 3);
	for (size_t k = 0; k < 8; k++) {
		double mean = 0, spread = 0, low = INFINITY, high = -INFINITY;

		for (size_t i = 0; i < ROWS; i++) {
			double y = (double)w->out[0][i * 8 + k];

			mean += y / ROWS;
			low = fmin(low, y);
			high = fmax(high, y);
		}
		for (size_t i = 0; i < ROWS; i++)
			spread += pow((double)w->out[0][i * 8 + k] - mean, 2) / ROWS;
		worst = fmax(worst, fabs(sqrt(spread) - 1));
		among &= low < 0 && high > 0;
	}
	ok(worst < 1e-4, "start: outputs have deviation 1 on the rows");
	ok(among, "start: kinks lie among the rows");
	memset(w->input, 0, ROWS * 5 * sizeof(float));
	nn_net_start_on(&net, w, ROWS, 3);
	among = true;
	for (size_t k = 0; k < net.params; k++)
		among &= isfinite(net.theta[k]);
	ok(among, "start: constant rows leave finite weights");
	nn_net_start_on(&net, w, 1, 3);
	ok(isfinite(net.theta[0]), "start: so does one row");
	arena_clear(&a);
}

/* The rate fades: at 0 nothing is dropped, though it is training. */
static void test_fade(void)
{
	struct nn_layer l = { .type = &nn_dropout, .rate = 0.5 };
	struct check c;
	struct nn_pass p;

	check_init(&c, l, (struct nn_shape){ 1, 1, 40 }, 6);
	p = check_pass(&c);
	memcpy(c.in, c.x, 240 * sizeof(float));
	p.fade = 0;
	l.type->forward(&c.l, &p);
	ok(!memcmp(c.out, c.x, 240 * sizeof(float)), "dropout: fades to nothing");
	p.fade = 1;
	l.type->forward(&c.l, &p);
	ok(memcmp(c.out, c.x, 240 * sizeof(float)) != 0, "dropout: in full at first");
	check_free(&c);
}

int main(void)
{
	blas_init();
	test_members();
	test_heads();
	test_scale();
	test_linear(false, true, "linear, each position");
	test_linear(true, false, "linear, ntk");
	test_linear(true, true, "linear, ntk, each position");
	test_ntk_init();
	test_start();
	test_fade();
	return tap_done();
}
