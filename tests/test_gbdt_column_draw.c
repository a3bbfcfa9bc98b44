/* Columns drawn for a level and for a leaf. */
#include "learners/gbdt/column_draw.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { COLS = 40 };

static struct arena arena;

static struct column_draw make(double level, double node, const uint8_t *use)
{
	struct gbdt_config config = { .col_sample_level = level,
				      .col_sample_node = node };
	struct column_draw d;

	column_draw_allocate(&d, &config, COLS, &arena);
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
	uint8_t use[COLS] = { 0 }, level[COLS];
	const uint8_t *node;

	column_draw_level(&d, 0);
	ok(!column_draw_node(&d, 0, 0) && !d.level,
	   "column_draw: shares of 1 draw nothing and take no memory");
	d = make(0, 0, NULL);
	ok(!column_draw_node(&d, 0, 0), "column_draw: nor does a config of zeros");
	for (size_t j = 0; j < COLS; j += 2)
		use[j] = 1;
	d = make(.5, .3, use);
	column_draw_level(&d, 2);
	memcpy(level, d.level, COLS);
	node = column_draw_node(&d, 1, 7);
	ok(count(level) == 10 && within(level, use),
	   "column_draw: a level has its share of the tree's columns");
	ok(count(node) == 3 && within(node, level),
	   "column_draw: a leaf its share of the level's");
	d = make(.001, .001, use);
	column_draw_level(&d, 2);
	ok(count(column_draw_node(&d, 0, 1)) == 1, "column_draw: one at least");
}

/* Whatever was drawn before, and in whatever slot. */
static void test_addressed(void)
{
	struct column_draw a = make(.5, .5, NULL), b = make(.5, .5, NULL);
	const uint8_t *x, *y;

	column_draw_level(&a, 3);
	x = column_draw_node(&a, 0, 11);
	for (size_t k = 0; k < 5; k++) {
		column_draw_level(&b, k);
		column_draw_node(&b, k % 2, k);
	}
	column_draw_level(&b, 3);
	y = column_draw_node(&b, 1, 11);
	ok(!memcmp(x, y, COLS), "column_draw: a draw depends on its address alone");
	y = column_draw_node(&b, 1, 12);
	ok(memcmp(x, y, COLS) != 0, "column_draw: another leaf, other columns");
	b.rng = rng_make(6, "test");
	column_draw_level(&b, 3);
	ok(memcmp(a.level, b.level, COLS) != 0,
	   "column_draw: another tree, other columns");
}

/* Each column alike: 4,000 draws of a quarter, +- 5 standard deviations. */
static void test_even(void)
{
	struct column_draw d = make(1, .25, NULL);
	size_t times[COLS] = { 0 }, most = 0, least = SIZE_MAX;

	for (uint64_t k = 0; k < 4000; k++) {
		const uint8_t *mask = column_draw_node(&d, 0, k);

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

static void test_memory(void)
{
	struct gbdt_config config = { .col_sample_level = .5,
				      .col_sample_node = .5 };
	struct column_draw d;
	size_t failed = 0;

	for (size_t k = 1; k <= 3; k++) {
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = k;
		failed += !column_draw_allocate(&d, &config, COLS, &a);
		arena_clear(&a);
	}
	ok(failed == 3, "column_draw: each failing allocation is told");
}

int main(void)
{
	arena_init(&arena, 0);
	test_shares();
	test_addressed();
	test_even();
	test_fits("col_sample_level=0.3");
	test_fits("col_sample_node=0.3");
	test_fits("growth=depth,col_sample_level=0.5,col_sample_node=0.5");
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
