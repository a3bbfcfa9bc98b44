/* The layers of sequences but attention: layer norm, linear by position, reglu, pools,
 * embedding, feature tokens; gradients, plain twins, packed rows. */
#include "harness/base/blas.h"

#include "tests/nn_check.h"

static const uint32_t packed[] = { 0, 3, 4, 8 };
static const struct nn_shape seq = { 4, 1, 11 };

/* Gradients beyond the positions in use are not written, so they begin at 0. */
static void pack(struct check *c)
{
	c->start = packed;
	memset(c->d_in, 0, c->rows * nn_shape_size(c->l.in) * sizeof(float));
}

static void test_norm(void)
{
	struct nn_layer l = { .type = &nn_layer_norm };
	struct check c;
	double mean = 0, spread = 0, worst = 0;

	check_init(&c, l, seq, 3);
	for (size_t j = 0; j < 22; j++)
		c.theta[j] = 0.5f + 0.1f * (float)j;
	for (size_t i = 0; i < 11; i++)
		c.x[22 + i] = 3.0f * c.x[22 + i] + 5.0f;
	check_forward(&c, true);
	for (size_t i = 0; i < 11; i++)
		mean += (double)c.x[22 + i] / 11;
	for (size_t i = 0; i < 11; i++)
		spread += ((double)c.x[22 + i] - mean) *
			  ((double)c.x[22 + i] - mean) / 11;
	for (size_t i = 0; i < 11; i++)
		worst = fmax(worst,
			     fabs((double)c.theta[i] * ((double)c.x[22 + i] - mean) /
					  sqrt(spread + 1e-5) +
				  (double)c.theta[11 + i] - (double)c.out[22 + i]));
	ok(worst < 1e-5, "layer_norm: as plain loops");
	check_gradients(&c, "layer_norm");
	pack(&c);
	check_gradients(&c, "layer_norm of packed rows");
	check_free(&c);
	check_init(&c, l, (struct nn_shape){ 1, 1, 40 }, 5);
	check_gradients(&c, "layer_norm of flat rows");
	check_free(&c);
}

/* One channel, or channels that are all equal, have no variance. */
static void test_norm_flat(void)
{
	struct nn_layer l = { .type = &nn_layer_norm };
	struct check c;
	bool finite = true, zero = true;

	check_init(&c, l, (struct nn_shape){ 2, 1, 1 }, 2);
	check_backward(&c);
	for (size_t i = 0; i < 4; i++) {
		finite &= isfinite(c.d_in[i]);
		zero &= c.out[i] == 0.0f;
	}
	ok(finite && zero, "layer_norm: one channel is its mean");
	check_free(&c);
}

static void test_linear(void)
{
	struct nn_layer l = { .type = &nn_linear, .each = true, .units = 5 };
	struct check c;
	double worst = 0;

	check_init(&c, l, seq, 3);
	c.theta[55] = 0.5f;
	check_forward(&c, true);
	for (size_t t = 0; t < 12; t++)
		for (size_t k = 0; k < 5; k++) {
			double sum = (double)c.theta[55 + k];

			for (size_t j = 0; j < 11; j++)
				sum += (double)c.x[t * 11 + j] *
				       (double)c.theta[j * 5 + k];
			worst = fmax(worst, fabs(sum - (double)c.out[t * 5 + k]));
		}
	ok(worst < 1e-5, "linear, each: as plain loops");
	check_gradients(&c, "linear, each");
	pack(&c);
	check_gradients(&c, "linear, each, of packed rows");
	check_free(&c);
}

static void test_reglu(void)
{
	struct nn_layer l = { .type = &nn_reglu };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 3, 1, 20 }, 4);
	for (size_t i = 0; i < 240; i++) /* no kink within a difference's step */
		c.x[i] = fabsf(c.x[i]) < 0.05f ? 0.3f : c.x[i];
	check_forward(&c, true);
	ok(c.out[0] == c.x[0] * fmaxf(c.x[10], 0.0f) &&
		   c.out[10] == c.x[20] * fmaxf(c.x[30], 0.0f),
	   "reglu: half times the ReLU of the other half");
	check_gradients(&c, "reglu");
	check_free(&c);
}

static void test_pool(const struct nn_layer_type *type, const char *what)
{
	const uint32_t empty[] = { 0, 3, 3, 7 };
	struct nn_layer l = { .type = type };
	struct check c;

	check_init(&c, l, seq, 3);
	check_gradients(&c, what);
	pack(&c);
	check_gradients(&c, what);
	if (type == &nn_token_mean)
		ok_near((double)c.out[0],
			((double)c.x[0] + (double)c.x[11] + (double)c.x[22]) / 3,
			1e-6, "token_mean: over the positions that there are");
	else
		ok(c.out[11] == c.x[33], "token_first: of each row");
	c.start = empty;
	check_backward(&c);
	ok(c.out[11] == 0.0f && isfinite(c.d_in[33]),
	   "%s: an empty row is zeros", what);
	check_free(&c);
}

/* Ids have no gradient, so only that of the weights is compared. */
static void check_weights(struct check *c, size_t n, const char *what)
{
	check_backward(c);
	ok(check_array(c, c->theta, c->grad, n) < CHECK_TOLERANCE,
	   "%s: gradient of the weights", what);
}

static void test_embedding(void)
{
	const float ids[] = { 0, 2, 2, 4, 1, 4, 3, 0 };
	struct nn_layer l = { .type = &nn_embedding, .vocab = 5, .units = 6 };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 4, 1, 1 }, 3);
	memcpy(c.x, ids, sizeof(ids));
	c.start = packed;
	check_forward(&c, true);
	ok(c.out[4 * 6] == c.theta[6] + c.theta[30] &&
		   c.out[7 * 6 + 1] == c.theta[1] + c.theta[30 + 18 + 1],
	   "embedding: a word's vector and its position's");
	check_weights(&c, c.l.params, "embedding");
	ok(c.grad[3 * 6] != 0.0f && c.d_in[0] == 0.0f,
	   "embedding: words that are there have a gradient, ids none");
	check_free(&c);
}

static void test_sines(void)
{
	struct nn_layer l = { .type = &nn_embedding, .vocab = 5, .units = 6,
			      .sines = true };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 4, 1, 1 }, 3);
	ok(c.l.range[1].lr == 0.0f && c.l.range[0].n == 30,
	   "embedding: sines do not learn");
	ok_near((double)c.theta[30 + 6], sin(1.0) / sqrt(12.0), 1e-6,
		"embedding: position 1 begins with sin(1)");
	ok_near((double)c.theta[30 + 13], cos(2.0) / sqrt(12.0), 1e-6,
		"embedding: and position 2 goes on with cos(2)");
	check_free(&c);
}

static void test_word_dropout(void)
{
	struct nn_layer l = { .type = &nn_embedding, .vocab = 5, .units = 1,
			      .rate = 0.5 };
	struct check c;
	size_t unknown = 0, start = 0;

	check_init(&c, l, (struct nn_shape){ 100, 1, 1 }, 20);
	for (size_t i = 0; i < 2000; i++)
		c.x[i] = i % 2 ? 4.0f : 3.0f;
	check_forward(&c, true);
	for (size_t i = 0; i < 2000; i++) {
		unknown += c.save[i] == 0.0f;
		start += c.save[i] == 4.0f;
	}
	/* 500 +- 16 of 1,000 words */
	ok(unknown > 420 && unknown < 580,
	   "embedding: word dropout shows the unknown word");
	ok(start == 1000, "embedding: but never for the start token");
	check_forward(&c, false);
	ok(c.save[0] == 3.0f && c.save[1998] == 3.0f,
	   "embedding: predictions see all words");
	check_free(&c);
}

static void test_features(void)
{
	static const size_t levels[] = { 3, 2 };
	struct nn_layer l = { .type = &nn_feature_tokens, .units = 4,
			      .numeric = 2, .levels = levels };
	const float rows[] = { 0.5f, -1, 2, 0, 1.5f, 2, 0, 1, 0, 1, 7, -3 };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 1, 1, 4 }, 3);
	memcpy(c.x, rows, sizeof(rows));
	ok(c.l.params == 4 * (1 + 2 + 5 + 4) && c.l.out.height == 5,
	   "feature_tokens: a class token and one a column");
	check_forward(&c, true);
	ok(c.out[0] == c.theta[0] && c.out[20] == c.theta[0],
	   "feature_tokens: the class token comes first");
	ok_near((double)c.out[4],
		0.5 * (double)c.theta[4] + (double)c.theta[32], 1e-6,
		"feature_tokens: a number times its vector, and a bias");
	ok_near((double)c.out[12], (double)c.theta[20] + (double)c.theta[40], 1e-6,
		"feature_tokens: a category's vector, and a bias");
	ok_near((double)c.out[2 * 20 + 16],
		(double)c.theta[28] + (double)c.theta[44], 1e-6,
		"feature_tokens: a code out of range is the last level");
	check_weights(&c, c.l.params, "feature_tokens");
	check_free(&c);
	l.numeric = 3;
	l.levels = NULL;
	check_init(&c, l, (struct nn_shape){ 1, 1, 3 }, 5);
	check_gradients(&c, "feature_tokens of numbers");
	check_free(&c);
}

/* Dropout and GELU of packed rows touch only what is in use. */
static void test_others(void)
{
	struct nn_layer drop = { .type = &nn_dropout, .rate = 0.4 };
	struct nn_layer gelu = { .type = &nn_gelu };
	struct check c;

	check_init(&c, drop, seq, 3);
	pack(&c);
	check_gradients(&c, "dropout of packed rows");
	ok(c.out[8 * 11] == 0.0f && c.out[12 * 11 - 1] == 0.0f,
	   "dropout: nothing is written beyond them");
	check_free(&c);
	check_init(&c, gelu, seq, 3);
	pack(&c);
	check_gradients(&c, "gelu of packed rows");
	ok(c.out[8 * 11] == 0.0f, "gelu: nothing is written beyond them");
	check_free(&c);
}

int main(void)
{
	blas_init();
	test_norm();
	test_norm_flat();
	test_linear();
	test_reglu();
	test_pool(&nn_token_mean, "token_mean");
	test_pool(&nn_token_first, "token_first");
	test_embedding();
	test_sines();
	test_word_dropout();
	test_features();
	test_others();
	return tap_done();
}
