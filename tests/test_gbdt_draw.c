/* What a tree gets to see: bounds on bins and columns, and blocks in which only
 * drawn columns have cells. */
#include "learners/gbdt/grower.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

static struct sample_shape shape = {
	.train = 700, .valid = 100, .test = 200, .numeric = 70, .noise = .2,
	.missing = .05, .seed = 4,
};

static void test_blocks(void)
{
	struct sample s;
	struct bins bins;
	struct error err;
	uint8_t use[70] = { 0 };
	bool packed = true;

	sample_make(&s, &shape);
	bins_make(&bins, &s.data, 255, 1, &s.arena, &err);
	for (size_t j = 0; j < 70; j += 3)
		use[j] = 1;
	for (size_t b = 0; b < bins.n_blocks; b++) {
		const struct bins_block *from = &bins.block[b];
		struct bins_block to;
		size_t cells = 0, live = 0;

		bins_draw(&bins, from, use, &to);
		for (size_t j = 0; j < from->width; j++) {
			if (!use[from->first + j])
				continue;
			packed &= to.place[live] == j && to.start[live] == cells;
			cells += bins.column[from->first + j].bins + 1;
			live++;
		}
		packed &= to.live == live && to.cells == cells &&
			  to.width == from->width && to.offset == from->offset;
	}
	ok(packed, "draw: cells of drawn columns lie side by side");
	arena_clear(&s.arena);
}

/* Building is by column, so drawn columns must get what all would. */
static void test_histogram(void)
{
	struct sample s;
	struct bins bins;
	struct error err;
	uint8_t use[70];
	uint32_t rows[300];
	int64_t gh[300], *all, *some;
	bool same = true;

	sample_make(&s, &shape);
	bins_make(&bins, &s.data, 50, 1, &s.arena, &err);
	all = ARENA_NEW(&s.arena, int64_t, bins.cells);
	some = ARENA_NEW(&s.arena, int64_t, bins.cells);
	for (size_t j = 0; j < 70; j++)
		use[j] = j % 4 == 1;
	for (size_t k = 0; k < 300; k++) {
		rows[k] = (uint32_t)(2 * k);
		gh[k] = gh_pack((int32_t)k - 150, (int32_t)k + 1);
	}
	for (size_t b = 0; b < bins.n_blocks; b++) {
		const struct bins_block *from = &bins.block[b];
		struct bins_block to;

		bins_draw(&bins, from, use, &to);
		SIMD_PICK(gbdt_kernels)->build(all + from->offset, from, rows,
					       gh, 300);
		SIMD_PICK(gbdt_kernels)->build(some + to.offset, &to, rows, gh,
					       300);
		for (size_t k = 0; k < to.live; k++) {
			size_t j = to.place[k];

			same &= !memcmp(all + from->offset + from->start[j],
					some + to.offset + to.start[k],
					(bins.column[from->first + j].bins + 1) *
						sizeof(*all));
		}
	}
	ok(same, "draw: a drawn column has the histogram it has among all");
	arena_clear(&s.arena);
}

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
	/* 2 of 70 on average; 12 would be a chance of 1e-6 a tree */
	ok(!f.rc && most >= 1 && most <= 12,
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
	test_blocks();
	test_histogram();
	test_columns();
	test_bin_rows();
	return tap_done();
}
