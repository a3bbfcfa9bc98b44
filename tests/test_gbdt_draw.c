/* What a tree gets to see: bounds on bins and columns. How drawn columns are
 * laid out is tested in test_gbdt_drawn.c. */
#include "learners/gbdt/grower.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

static struct sample_shape shape = {
	.train = 700, .valid = 100, .test = 200, .numeric = 70, .noise = .2,
	.missing = .05, .seed = 4,
};

/* Columns that a round's tree cuts. */
static size_t columns_cut(const struct boost *b, size_t round)
{
	const struct tree *t = &b->tree[round][0];
	uint8_t seen[70] = { 0 };
	size_t n = 0;

	for (size_t k = 0; k + 1 < t->leaves; k++) {
		n += !seen[t->node[k].column];
		seen[t->node[k].column] = 1;
	}
	return n;
}

static void test_columns(void)
{
	struct sample s;
	struct sample_fit f, g;
	size_t most = 0;
	bool differ = false;

	sample_make(&s, &shape);
	sample_fit(&f, &s.data, "max_columns=2", 1);
	for (size_t r = 0; !f.rc && r < f.model->rounds; r++) {
		size_t n = columns_cut(f.model, r);

		most = n > most ? n : most;
	}
	ok(!f.rc && most >= 1 && most <= 2,
	   "draw: max_columns bounds what a tree sees (%zu)", most);
	sample_fit(&g, &s.data, "max_columns=2", 4);
	ok(!memcmp(f.test, g.test, 200 * sizeof(float)),
	   "draw: same columns on 4 threads");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	sample_fit(&f, &s.data, "max_columns=71,col_sample=1,patience=0", 1);
	sample_fit(&g, &s.data, "max_columns=100000,col_sample=1,patience=0", 1);
	ok(!memcmp(f.test, g.test, 200 * sizeof(float)),
	   "draw: a bound above the columns changes no bit");
	arena_clear(&g.arena);
	sample_fit(&g, &s.data, "col_sample=0.5,patience=0", 1);
	for (size_t i = 0; i < 200; i++)
		differ |= f.test[i] != g.test[i];
	ok(differ, "draw: col_sample draws where max_columns would not");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

/* All trees of a round see the same columns, and other rounds others. */
static void test_shared(void)
{
	struct sample_shape classes = shape;
	struct sample s;
	struct sample_fit f;
	bool shared = true;
	uint8_t seen[70] = { 0 };
	size_t different = 0;

	classes.classes = 3;
	sample_make(&s, &classes);
	sample_fit(&f, &s.data, "max_columns=1,patience=0", 2);
	for (size_t r = 0; !f.rc && r < f.model->rounds; r++) {
		uint32_t column = UINT32_MAX;

		for (size_t c = 0; c < 3; c++) {
			const struct tree *t = &f.model->tree[r][c];

			for (size_t k = 0; k + 1 < t->leaves; k++) {
				if (column == UINT32_MAX)
					column = t->node[k].column;
				shared &= column == t->node[k].column;
			}
		}
		if (column != UINT32_MAX && !seen[column]++)
			different++;
	}
	ok(!f.rc && shared, "draw: trees of all classes cut the same columns");
	/* 20 rounds of 70 columns: 17.5 different ones on average */
	ok(different > 10, "draw: other rounds draw others (%zu)", different);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

static void test_bin_rows(void)
{
	struct sample_shape many = shape;
	struct sample s;
	struct sample_fit f;
	static const struct {
		const char *options;
		uint32_t bins;
	} cases[] = {
		{ "rounds=1", 63 },
		{ "rounds=1,bin_rows=1", 255 },
		{ "rounds=1,bins=20", 20 },
		{ "rounds=1,bin_rows=1000000", 63 },
	};

	many.train = 3200;
	many.numeric = 2;
	many.missing = 0;
	sample_make(&s, &many);
	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		sample_fit(&f, &s.data, cases[k].options, 1);
		ok(!f.rc && f.model->bins.column[0].bins == cases[k].bins,
		   "draw: %s makes %u bins of 3,200 rows", cases[k].options,
		   cases[k].bins);
		arena_clear(&f.arena);
	}
	arena_clear(&s.arena);
	many.train = 6400;
	sample_make(&s, &many);
	sample_fit(&f, &s.data, "rounds=1", 1);
	ok(!f.rc && f.model->bins.column[0].bins == 100,
	   "draw: one bin for each 64 of 6,400 rows");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

int main(void)
{
	test_columns();
	test_shared();
	test_bin_rows();
	return tap_done();
}
