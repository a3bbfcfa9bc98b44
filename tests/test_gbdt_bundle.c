/* Columns that share stores: the plan, the bytes, the cells, and fits that must
 * not know of it. */
#include "learners/gbdt/bundle.h"
#include "learners/gbdt/columns.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { LEVELS = 12, ONEHOT = 3 * LEVELS, COLS = ONEHOT + 3 };

/* Three categories one-hot, two dense columns and one with a rare value and
 * holes. */
static void make_onehot(struct sample *s, size_t rows, uint64_t seed)
{
	struct sample_shape shape = { .train = rows, .test = 200,
				      .numeric = COLS, .seed = seed };
	struct part *part[2];

	sample_make(s, &shape);
	s->data.view = VIEW_DENSE;
	s->data.columns = NULL;
	part[0] = &s->data.train;
	part[1] = &s->data.test;
	for (size_t i = 0; i < 2 * rows; i++) {
		struct part *p = part[i / rows];
		float *x = (float *)p->x + i % rows * COLS;
		struct rng r = rng_sub(rng_make(seed, "onehot"), i);
		size_t level[3];

		if (i % rows >= p->rows)
			continue;
		memset(x, 0, ONEHOT * sizeof(*x));
		for (size_t c = 0; c < 3; c++) {
			level[c] = rng_below(r, c, LEVELS);
			x[c * LEVELS + level[c]] = 1;
		}
		x[COLS - 1] = i % 50 == 0 ? NAN : i % 40 == 0 ? 2.0f : 1.0f;
		((float *)p->target)[i % rows] =
			(float)level[0] + (level[1] > 5 ? x[ONEHOT] : 0) +
			(i % 40 == 0 ? 3.0f : 0);
	}
}

static void make_bins(struct bins *b, struct sample *s, bool bundle, int threads)
{
	struct bins_options o = { .max_bins = 200, .sparse_bins = 200,
				  .bundle = bundle };
	struct error err;

	if (bins_make_with(b, &s->data, &o, threads, &s->arena, &err))
		abort();
}

static void test_stores(void)
{
	struct sample s;
	struct bins one, two;
	bool sound = true, same = true;
	size_t members = 0;

	make_onehot(&s, 2000, 1);
	make_bins(&one, &s, false, 1);
	make_bins(&two, &s, true, 2);
	ok(two.cols == COLS && one.stores == COLS && two.stores <= 6,
	   "bundle: three categories as 36 columns and three others are %zu "
	   "stores", two.stores);
	for (size_t t = 0; t < two.stores; t++) {
		const struct bins_store *store = &two.store[t];

		for (size_t m = 0; m < store->members; m++) {
			sound &= two.column[store->column[m]].store == t;
			sound &= !m || store->column[m] > store->column[m - 1];
			sound &= two.column[store->column[m]].is_bundled ==
				 (store->members > 1);
		}
		members += store->members;
		sound &= store->cells <= 256;
		sound &= !t || store->column[0] > store[-1].column[0];
		for (size_t i = 0; i < two.rows; i++)
			sound &= two.bin[t * two.pitch + i] < store->cells;
	}
	ok(sound && members == COLS, "bundle: each column is in one store, in order");
	/* the rows that a cut of any column sends left, by bytes */
	for (size_t k = 0; k < COLS; k++) {
		const struct bins_column *a = &one.column[k], *b = &two.column[k];
		uint8_t left[256] = { 0 }, spread[256];

		for (uint32_t bin = 0; bin <= a->bins; bin++)
			left[bin] = bin % 3 == 0;
		memcpy(spread, left, 256);
		bins_spread(b, spread);
		for (size_t i = 0; i < one.rows; i++)
			same &= left[one.bin[a->store * one.pitch + i]] ==
				spread[two.bin[b->store * two.pitch + i]];
	}
	ok(same, "bundle: any cut parts the rows as it does without");
	arena_clear(&s.arena);
}

/* Histograms of single columns, read out of their stores'. */
static void test_cells(void)
{
	struct sample s;
	struct bins one, two;
	bool same = true;

	make_onehot(&s, 1000, 2);
	make_bins(&one, &s, false, 1);
	make_bins(&two, &s, true, 1);
	for (size_t k = 0; k < COLS; k++) {
		const struct bins_column *a = &one.column[k], *b = &two.column[k];
		int64_t plain[256] = { 0 }, store[256] = { 0 }, own[256];
		const int64_t *cells;
		int64_t total = 0;

		for (size_t i = 0; i < one.rows; i += 3) {
			int64_t gh = (int64_t)(i * i) - 1000;

			plain[one.bin[a->store * one.pitch + i]] += gh;
			store[two.bin[b->store * two.pitch + i]] += gh;
			total += gh;
		}
		cells = bins_cells(b, store, total, own);
		same &= !memcmp(cells, plain, (a->bins + 1) * sizeof(*cells));
	}
	ok(same, "bundle: a column's cells are those it has alone");
	arena_clear(&s.arena);
}

static void test_fits(void)
{
	static const char *const options[] = {
		"col_sample=1,row_sample=1", "col_sample=0.4,leaves=9",
		"growth=depth,depth=4,col_sample=1", "growth=oblivious,depth=4",
	};
	struct sample s;

	for (size_t k = 0; k < 4; k++) {
		struct sample_fit with, without;
		char text[2][80];

		make_onehot(&s, 1500, 3 + k);
		for (int b = 0; b < 2; b++)
			snprintf(text[b], sizeof(text[b]), "%s,bundle=%s",
				 options[k], b ? "yes" : "no");
		sample_fit(&without, &s.data, text[0], 1);
		sample_fit(&with, &s.data, text[1], 2);
		ok(!with.rc && !without.rc &&
			   !memcmp(with.test, without.test, 200 * sizeof(float)),
		   "bundle: predictions do not know of it (%s)", options[k]);
		arena_clear(&with.arena);
		arena_clear(&without.arena);
		arena_clear(&s.arena);
	}
}

/* Random sparse columns: nothing in a group twice, no group too large, about as
 * few groups as the fullest row needs. */
static void test_plan(void)
{
	enum { N = 3000, ROWS = 500 };
	struct arena a;
	struct bins_entries e;
	uint32_t *need, *group;
	uint8_t *seen;
	size_t groups, at = 0, twice = 0, *bytes;
	struct error err;

	arena_init(&a, 0);
	e.start = ARENA_NEW(&a, uint64_t, N + 1);
	e.count = ARENA_NEW(&a, uint32_t, N);
	e.row = ARENA_NEW(&a, uint32_t, N * 40);
	need = ARENA_NEW(&a, uint32_t, N);
	group = ARENA_NEW(&a, uint32_t, N);
	for (size_t k = 0; k < N; k++) {
		struct rng r = rng_sub(rng_make(1, "plan"), k);

		e.start[k] = at;
		need[k] = k % 8 ? 1 + (uint32_t)(k % 5) : 255;
		for (size_t i = k % 37; i < ROWS; i += 20 + rng_below(r, i, 300))
			e.row[at++] = (uint32_t)i;
		e.count[k] = (uint32_t)(at - e.start[k]);
	}
	if (bundle_plan(&e, N, ROWS, need, group, &groups, &a, &err))
		abort();
	ok(groups >= 375 && groups < 500, "bundle plan: 3000 columns in %zu groups",
	   groups);
	seen = ARENA_NEW(&a, uint8_t, groups * ROWS);
	bytes = ARENA_NEW(&a, size_t, groups);
	for (size_t k = 0; k < N; k++) {
		bytes[group[k]] += need[k];
		twice += bytes[group[k]] > 255;
		for (size_t i = 0; i < e.count[k]; i++)
			twice += seen[group[k] * ROWS + e.row[e.start[k] + i]]++;
	}
	ok(!twice, "bundle plan: no row twice in a group, no group above 255 bytes");
	ok(!bundle_plan(&e, 0, ROWS, need, group, &groups, &a, &err) && !groups,
	   "bundle plan: no columns, no groups");
	arena_clear(&a);
}

static void test_memory(void)
{
	struct bins_options o = { .max_bins = 50, .bundle = true };
	struct sample s;
	struct bins b;
	struct error err;
	size_t calls = 0, wrong = 0;
	int rc = -1;

	make_onehot(&s, 300, 9);
	for (; rc; calls++) {
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = calls + 1;
		rc = bins_make_with(&b, &s.data, &o, 2, &a, &err);
		wrong += rc && rc != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(!wrong && calls > 30, "bundle: each of %zu failing allocations is told",
	   calls - 1);
	arena_clear(&s.arena);
}

/* A value above all of training is no missing value. */
static void test_largest(void)
{
	const float edge[] = { 1, 2, 3 };
	struct bins_column c = { .bins = 3, .edge = edge };

	ok(bins_threshold(&c, 1) == 2 && bins_threshold(&c, 2) == INFINITY,
	   "bins: behind the last edge there is no value");
}

int main(void)
{
	test_stores();
	test_cells();
	test_fits();
	test_plan();
	test_memory();
	test_largest();
	return tap_done();
}
