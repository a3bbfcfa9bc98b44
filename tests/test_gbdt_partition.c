/* Rows of leaves: parted, put together again, by one thread and by several. */
#include "learners/gbdt/partition.h"
#include "harness/base/par.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

enum { N = 100000 }; /* a few chunks */

static uint8_t bin[2 * N];
static uint8_t left[256];

/* Every other row, as after a draw, with words that tell whose they are. */
static int32_t word_of(uint32_t row)
{
	return (int32_t)(3 * row) - 7;
}

static bool make(struct partition *p, struct arena *a, size_t n, bool with_gh,
		 int threads)
{
	arena_init(a, 0);
	if (!partition_allocate(p, n, with_gh, threads, a))
		return false;
	for (size_t i = 0; i < n; i++) {
		p->rows.row[i] = (uint32_t)(2 * i + i % 2);
		if (with_gh)
			p->rows.gh[i] = word_of(p->rows.row[i]);
	}
	return true;
}

static bool ascending(const struct partition *p, size_t begin, size_t end)
{
	bool good = true;

	for (size_t i = begin; i < end; i++) {
		good &= i == begin || p->rows.row[i - 1] < p->rows.row[i];
		good &= !p->rows.gh ||
			p->rows.gh[i] == word_of(p->rows.row[i]);
	}
	return good;
}

static bool untouched(const struct partition *p, size_t begin, size_t end)
{
	bool good = true;

	for (size_t i = begin; i < end; i++)
		good &= p->rows.row[i] == 2 * i + i % 2;
	return good && ascending(p, begin, end);
}

static void test_split(size_t n, bool with_gh, int threads)
{
	struct arena a;
	struct partition p;
	size_t end = n > 9 ? n - 5 : n, begin = n > 9 ? 4 : 0, lefts;
	bool good, sides = true;

	if (!make(&p, &a, n, with_gh, threads))
		return;
	lefts = partition_split(&p, begin, end, bin, left, threads);
	good = ascending(&p, begin, begin + lefts) &&
	       ascending(&p, begin + lefts, end);
	for (size_t i = begin; i < end; i++)
		sides &= left[bin[p.rows.row[i]]] == (i < begin + lefts);
	ok(good, "partition: stable; %zu rows%s, %d threads", n,
	   with_gh ? " and words" : "", threads);
	ok(sides, "partition: each row on its side");
	ok(untouched(&p, 0, begin) && untouched(&p, end, n),
	   "partition: rows outside the range stay");
	partition_join(&p, begin, begin + lefts, end);
	ok(untouched(&p, 0, n), "partition: joining undoes it");
	arena_clear(&a);
}

/* A way down, left and right in turn, and all the way up again. */
static void test_nested(void)
{
	enum { DEEP = 4 };
	struct { size_t begin, middle, end; } at[DEEP];
	struct arena a;
	struct partition p;
	size_t begin = 0, end = N, rows;

	if (!make(&p, &a, N, true, 1))
		return;
	for (size_t k = 0; k < DEEP; k++) {
		uint8_t way[256];

		for (size_t b = 0; b < 256; b++)
			way[b] = b >> k & 1;
		at[k].begin = begin;
		at[k].end = end;
		at[k].middle = begin +
			       partition_split(&p, begin, end, bin, way, 1);
		if (k % 2)
			end = at[k].middle;
		else
			begin = at[k].middle;
	}
	rows = end - begin;
	ok(rows > 1000 && ascending(&p, begin, end) && !untouched(&p, 0, N),
	   "partition: four cuts down (%zu rows)", rows);
	for (size_t k = DEEP; k--;)
		partition_join(&p, at[k].begin, at[k].middle, at[k].end);
	ok(untouched(&p, 0, N), "partition: splits within splits are undone");
	arena_clear(&a);
}

static void test_all_one_way(void)
{
	struct arena a;
	struct partition p;
	uint8_t all[256], none[256] = { 0 };

	memset(all, 1, sizeof(all));
	for (int threads = 1; threads <= 4; threads += 3) {
		if (!make(&p, &a, N, true, threads))
			return;
		ok(partition_split(&p, 0, N, bin, all, threads) == N &&
			   untouched(&p, 0, N),
		   "partition: all left, %d threads", threads);
		ok(partition_split(&p, 0, N, bin, none, threads) == 0 &&
			   untouched(&p, 0, N),
		   "partition: all right");
		partition_join(&p, 0, N, N);
		partition_join(&p, 0, 0, N);
		ok(untouched(&p, 0, N), "partition: joined with nothing");
		arena_clear(&a);
	}
}

/* Several leaves at the same time, each with its own part of the scratch. */
struct ranges {
	struct partition *p;
	size_t each;
	size_t lefts[N / 1000 + 1];
};

static void split_range(void *ctx, size_t chunk, size_t worker)
{
	struct ranges *r = ctx;
	struct par_range range = par_range(N, r->each, chunk);

	(void)worker;
	r->lefts[chunk] = partition_split(r->p, range.begin, range.end, bin, left,
					  1);
}

static void join_range(void *ctx, size_t chunk, size_t worker)
{
	struct ranges *r = ctx;
	struct par_range range = par_range(N, r->each, chunk);

	(void)worker;
	partition_join(r->p, range.begin, range.begin + r->lefts[chunk], range.end);
}

static void test_side_by_side(void)
{
	static struct ranges r, alone;
	struct arena a, b;
	struct partition p, q;
	size_t chunks;

	r.each = alone.each = 1003; /* no range ends on whole vectors */
	chunks = par_chunks(N, r.each);
	if (!make(&p, &a, N, true, 4) || !make(&q, &b, N, true, 1))
		return;
	r.p = &p;
	alone.p = &q;
	par_for(4, chunks, split_range, &r);
	par_for(1, chunks, split_range, &alone);
	ok(!memcmp(p.rows.row, q.rows.row, N * sizeof(uint32_t)) &&
		   !memcmp(p.rows.gh, q.rows.gh, N * sizeof(int32_t)) &&
		   !memcmp(r.lefts, alone.lefts, sizeof(r.lefts)),
	   "partition: neighbouring ranges may be split at the same time");
	par_for(4, chunks, join_range, &r);
	ok(untouched(&p, 0, N), "partition: and joined");
	arena_clear(&a);
	arena_clear(&b);
}

static void test_memory(void)
{
	size_t calls = 0;
	bool done = false;

	while (!done) {
		struct partition p;
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = ++calls;
		done = partition_allocate(&p, 10, true, 4, &a);
		arena_clear(&a);
	}
	/* three pairs and the counts */
	ok(calls == 8, "partition: every failing allocation is told");
}

int main(void)
{
	static const size_t sizes[] = { 0, 1, 7, 8, 9, 100, 32768, 32769 + 9, N };
	struct rng r = rng_make(8, "partition");

	for (size_t i = 0; i < 2 * N; i++)
		bin[i] = (uint8_t)rng_u32(r, i);
	for (size_t b = 0; b < 256; b++)
		left[b] = b % 5 == 1 || b % 5 == 2;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++)
		for (int way = 0; way < 6; way++)
			test_split(sizes[k], way % 2, 1 << way / 2);
	test_nested();
	test_all_one_way();
	test_side_by_side();
	test_memory();
	return tap_done();
}
