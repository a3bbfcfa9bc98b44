/* Attention against plain loops, and its gradient: one tile and several, packed rows,
 * with and without dropout. */
#include "harness/base/blas.h"

#include "tests/nn_check.h"

#define D 8

/* q, k or v (part 0, 1, 2) of position t. */
static double project(const struct check *c, size_t part, size_t t, size_t j)
{
	size_t d = c->l.in.channels;
	double sum = (double)c->theta[3 * d * d + part * d + j];

	for (size_t i = 0; i < d; i++)
		sum += (double)c->x[t * d + i] *
		       (double)c->theta[i * 3 * d + part * d + j];
	return sum;
}

/* Channel j of the context of position t, in a row of positions [from, to). */
static double context(const struct check *c, size_t from, size_t to, size_t t,
		      size_t j)
{
	size_t width = c->l.in.channels / c->l.heads, first = j / width * width;
	double sum = 0, total = 0;

	for (size_t s = from; s < to; s++) {
		double score = 0;

		for (size_t i = first; i < first + width; i++)
			score += project(c, 0, t, i) * project(c, 1, s, i);
		score = exp(score / sqrt((double)width));
		total += score;
		sum += score * project(c, 2, s, j);
	}
	return sum / total;
}

/* The slow twin: output j of position t. */
static double plain(const struct check *c, size_t from, size_t to, size_t t, size_t j)
{
	size_t d = c->l.in.channels, wo = 3 * d * d + 3 * d;
	double sum = (double)c->theta[wo + d * d + j];

	for (size_t i = 0; i < d; i++)
		sum += context(c, from, to, t, i) *
		       (double)c->theta[wo + i * d + j];
	return sum;
}

static void biases(struct check *c)
{
	for (size_t j = 0; j < 3 * D; j++)
		c->theta[3 * D * D + j] = 0.1f * (float)(j % 5);
	for (size_t j = 0; j < D; j++)
		c->theta[4 * D * D + 3 * D + j] = 0.2f * (float)j;
}

static double worst_of(const struct check *c, const uint32_t *start, size_t rows)
{
	double worst = 0;

	for (size_t i = 0; i < rows; i++)
		for (size_t t = start[i]; t < start[i + 1]; t++)
			for (size_t j = 0; j < D; j += 3)
				worst = fmax(worst,
					     fabs(plain(c, start[i], start[i + 1],
							t, j) -
						  (double)c->out[t * D + j]));
	return worst;
}

static void test_full(void)
{
	const uint32_t start[] = { 0, 5, 10, 15 };
	struct nn_layer l = { .type = &nn_attention, .heads = 2 };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 5, 1, D }, 3);
	biases(&c);
	check_forward(&c, true);
	/* float sums of some dozens of values of size 1 */
	ok(worst_of(&c, start, 3) < 2e-5, "attention: as plain loops");
	check_gradients(&c, "attention");
	check_free(&c);
}

/* Rows of one position, none, and full height; one head. */
static void test_packed(void)
{
	const uint32_t start[] = { 0, 1, 1, 7, 10 };
	struct nn_layer l = { .type = &nn_attention, .heads = 1 };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 6, 1, D }, 4);
	biases(&c);
	c.start = start;
	check_forward(&c, true);
	ok(worst_of(&c, start, 4) < 2e-5,
	   "attention: packed rows see themselves alone");
	check_gradients(&c, "attention of packed rows");
	check_free(&c);
}

/* Beyond a tile of 128 queries; 150 is no multiple of any vector either. */
static void test_tiles(void)
{
	const uint32_t start[] = { 0, 150 };
	struct nn_layer l = { .type = &nn_attention, .heads = 4 };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 150, 1, D }, 1);
	for (size_t i = 0; i < 150 * D; i++)
		c.x[i] *= 0.5f;
	biases(&c);
	check_forward(&c, true);
	ok(worst_of(&c, start, 1) < 5e-5, "attention: two tiles as plain loops");
	check_gradients(&c, "attention of two tiles");
	check_free(&c);
}

static void test_dropout(void)
{
	struct nn_layer l = { .type = &nn_attention, .heads = 2, .rate = 0.3 };
	struct check c;
	double with, without;

	check_init(&c, l, (struct nn_shape){ 20, 1, D }, 2);
	biases(&c);
	check_gradients(&c, "attention with dropout");
	with = check_forward(&c, true);
	ok(with == check_forward(&c, true), "attention: dropout is addressed");
	without = check_forward(&c, false);
	ok(with != without, "attention: it drops in training");
	c.l.rate = 0.0;
	ok(without == check_forward(&c, true), "attention: and only then");
	check_free(&c);
}

/* Row 1 of a shard that begins at row 0 draws as row 0 of one that begins at 1. */
static void test_shards(void)
{
	struct nn_layer l = { .type = &nn_attention, .heads = 2, .rate = 0.5 };
	float whole[4 * D];
	struct check c;
	struct nn_pass p;

	check_init(&c, l, (struct nn_shape){ 4, 1, D }, 2);
	check_forward(&c, true);
	memcpy(whole, c.out + 4 * D, sizeof(whole));
	p = check_pass(&c);
	p.rows = 1;
	p.first_row = 1;
	p.in = c.in + 4 * D;
	l.type->forward(&c.l, &p);
	/* another m, perhaps another kernel of the products */
	for (size_t i = 0; i < 4 * D; i++)
		whole[i] = fabsf(whole[i] - c.out[i]);
	for (size_t i = 1; i < 4 * D; i++)
		whole[0] = fmaxf(whole[0], whole[i]);
	ok(whole[0] < 1e-5f, "attention: what is dropped does not see shards");
	check_free(&c);
}

/* Scores of some thousands: the softmax is one-hot, nothing overflows. */
static void test_extreme(void)
{
	struct nn_layer l = { .type = &nn_attention, .heads = 2 };
	struct check c;
	bool finite = true;

	check_init(&c, l, (struct nn_shape){ 9, 1, D }, 1);
	for (size_t i = 0; i < 9 * D; i++)
		c.x[i] *= 100.0f;
	check_backward(&c);
	for (size_t i = 0; i < 9 * D; i++)
		finite &= isfinite(c.out[i]) && isfinite(c.d_in[i]);
	ok(finite, "attention: large scores stay finite");
	ok(c.l.ranges == 4 && c.l.range[0].cols == 3 * D && !c.l.range[1].decay,
	   "attention: its matrices are told, its biases do not decay");
	check_free(&c);
}

int main(void)
{
	blas_init();
	test_full();
	test_packed();
	test_tiles();
	test_dropout();
	test_shards();
	test_extreme();
	return tap_done();
}
