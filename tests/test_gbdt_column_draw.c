/* Columns drawn for a level and for a leaf. */
#include "learners/gbdt/column_draw.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { COLS = 40 };

static struct column_draw make(double level, double node, const uint8_t *use)
{
	struct gbdt_config config = { .col_sample_level = level,
				      .col_sample_node = node };
	struct column_draw d = column_draw_init(&config, COLS);

	d.rng = rng_make(5, "test");
	d.use = use;
	return d;
}

static size_t count(const uint8_t *mask)
{
	size_t n = 0;

	for (size_t j = 0; j < COLS; j++)
		n += mask[j];
	return n;
}

static bool within(const uint8_t *mask, const uint8_t *from)
{
	bool good = true;

	for (size_t j = 0; j < COLS; j++)
		good &= !mask[j] || from[j];
	return good;
}

static void test_shares(void)
{
	struct column_draw d = make(1, 1, NULL);
	uint8_t use[COLS] = { 0 }, level[COLS], node[COLS];

	ok(!column_draw_on(&d) && !column_draw_make(&d, 0, 1, node),
	   "column_draw: shares of 1 draw nothing");
	d = make(0, 0, NULL);
	ok(!column_draw_on(&d), "column_draw: nor does a config of zeros");
	for (size_t j = 0; j < COLS; j += 2)
		use[j] = 1;
	d = make(.5, 1, use);
	ok(column_draw_make(&d, 2, 7, level) == level && count(level) == 10 &&
		   within(level, use),
	   "column_draw: a level has its share of the tree's columns");
	d = make(.5, .3, use);
	column_draw_make(&d, 2, 7, node);
	ok(count(node) == 3 && within(node, level),
	   "column_draw: a leaf its share of the level's");
	d = make(.001, .001, use);
	ok(count(column_draw_make(&d, 2, 1, node)) == 1,
	   "column_draw: one at least");
}

/* Whatever was drawn before, and wherever to. */
static void test_addressed(void)
{
	struct column_draw d = make(.5, .5, NULL);
	uint8_t a[COLS], b[COLS];

	column_draw_make(&d, 3, 11, a);
	for (size_t k = 0; k < 5; k++)
		column_draw_make(&d, k, k, b);
	column_draw_make(&d, 3, 11, b);
	ok(!memcmp(a, b, COLS), "column_draw: a draw depends on its address alone");
	column_draw_make(&d, 3, 12, b);
	ok(memcmp(a, b, COLS) != 0, "column_draw: another leaf, other columns");
	d.rng = rng_make(6, "test");
	column_draw_make(&d, 3, 11, b);
	ok(memcmp(a, b, COLS) != 0, "column_draw: another tree, other columns");
}

/* Each column alike: 4,000 draws of a quarter, +- 5 standard deviations. */
static void test_even(void)
{
	struct column_draw d = make(1, .25, NULL);
	size_t times[COLS] = { 0 }, most = 0, least = SIZE_MAX;
	uint8_t mask[COLS];

	for (uint64_t k = 0; k < 4000; k++) {
		column_draw_make(&d, 0, k, mask);
		for (size_t j = 0; j < COLS; j++)
			times[j] += mask[j];
	}
	for (size_t j = 0; j < COLS; j++) {
		most = times[j] > most ? times[j] : most;
		least = times[j] < least ? times[j] : least;
	}
	ok(least > 863 && most < 1137, "column_draw: each column alike (%zu to %zu "
	   "of 4000)", least, most);
}

/* Depth-wise and leaf-wise trees of a fit see what they should. */
static void test_fits(const char *options)
{
	struct sample_shape shape = { .train = 400, .test = 100, .numeric = 12,
				      .noise = .2, .seed = 2 };
	size_t bytes = shape.test * sizeof(float), columns[12] = { 0 }, seen = 0;
	struct sample_fit f, g;
	struct sample s;
	char text[160];

	sample_make(&s, &shape);
	snprintf(text, sizeof(text), "row_sample=1,col_sample=1,%s", options);
	sample_fit(&f, &s.data, text, 1);
	sample_fit(&g, &s.data, text, 4);
	ok(!f.rc && !g.rc && !memcmp(f.test, g.test, bytes),
	   "column_draw: %s, same bits on 4 threads", options);
	arena_clear(&g.arena);
	sample_fit(&g, &s.data, "row_sample=1,col_sample=1", 1);
	ok(memcmp(f.test, g.test, bytes) != 0, "column_draw: %s, other trees",
	   options);
	for (size_t r = 0; r < f.model->rounds; r++)
		columns[f.model->tree[r][0].node[0].column]++;
	for (size_t j = 0; j < 12; j++)
		seen += columns[j] > 0;
	ok(seen >= 4, "column_draw: %s, %zu columns are cut first", options, seen);
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

int main(void)
{
	test_shares();
	test_addressed();
	test_even();
	test_fits("col_sample_level=0.3");
	test_fits("col_sample_node=0.3");
	test_fits("growth=depth,col_sample_level=0.5,col_sample_node=0.5");
	test_fits("growth=oblivious,col_sample_level=0.3");
	return tap_done();
}
