/* Dropout: rate, scale, gradient, and a mask that belongs to its row. */
#include "tests/nn_check.h"

#define COLS 203
#define ROWS 40

static void test_mask(void)
{
	struct nn_layer l = { .type = &nn_dropout, .rate = 0.25 };
	struct check c;
	size_t zeros = 0, scaled = 0, n = ROWS * COLS;

	check_init(&c, l, (struct nn_shape){ 1, 1, COLS }, ROWS);
	check_forward(&c, true);
	for (size_t i = 0; i < n; i++) {
		zeros += c.out[i] == 0.0f;
		scaled += c.out[i] == c.x[i] * (256.0f / 192.0f);
	}
	/* 8,120 draws: the share is known to 0.5 % */
	ok_near((double)zeros / (double)n, 0.25, 0.02,
		"dropout: drops the share it is told");
	ok(zeros + scaled == n, "dropout: the others grow to make up for it");
	check_gradients(&c, "dropout");
	check_forward(&c, false);
	ok(!memcmp(c.out, c.x, n * sizeof(float)),
	   "dropout: prediction leaves values alone");
	check_free(&c);
}

/* A shard that begins at row 10 drops what rows 10 .. of one shard would. */
static void test_rows(void)
{
	struct nn_layer l = { .type = &nn_dropout, .rate = 0.5 };
	struct nn_pass p;
	struct check c;
	float whole[ROWS * COLS];

	check_init(&c, l, (struct nn_shape){ 1, 1, COLS }, ROWS);
	for (size_t i = 0; i < ROWS * COLS; i++)
		c.x[i] = 1.0f;
	check_forward(&c, true);
	memcpy(whole, c.out, sizeof(whole));
	memcpy(c.in, c.x, sizeof(whole));
	p = check_pass(&c);
	p.rows = ROWS - 10;
	p.first_row = 10;
	l = c.l;
	l.type->forward(&l, &p);
	ok(!memcmp(c.out, whole + 10 * COLS,
		   (ROWS - 10) * COLS * sizeof(float)),
	   "dropout: how a minibatch is cut in shards does not matter");
	check_free(&c);
}

int main(void)
{
	test_mask();
	test_rows();
	return tap_done();
}
