/* Bins: quantiles of training values, missing values, levels. */
#include "learners/gbdt/bins.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

static struct sample sample;
static struct bins bins;
static struct error err;

static int make(const struct sample_shape *shape, size_t max)
{
	sample_make(&sample, shape);
	return bins_make(&bins, &sample.data, max, 2, &sample.arena, &err);
}

/* The cell of (row, kept column) as stored. */
static uint32_t stored(size_t row, size_t column)
{
	return bins.bin[column * bins.pitch + row];
}

static float *column_of(size_t j, size_t row)
{
	return (float *)&sample.data.train.x[row * sample.data.cols + j];
}

static void test_quantiles(void)
{
	struct sample_shape shape = { .train = 5000, .numeric = 40, .seed = 1 };
	size_t count[BINS_MAX + 1] = { 0 }, most = 0, least = SIZE_MAX;
	bool ordered = true, training_values = true, agree = true;
	const struct bins_column *c;

	ok(!make(&shape, 255) && bins.cols == 40 &&
		   bins.pitch % 64 == 0 && bins.pitch >= 5000 + 32,
	   "bins: columns lie apart by whole cache lines, with room to read on");
	c = &bins.column[7];
	ok(c->bins == 255, "bins: as many as asked for");
	for (size_t i = 0; i < 5000; i++)
		count[stored(i, 7)]++;
	for (size_t b = 0; b < 255; b++) {
		most = count[b] > most ? count[b] : most;
		least = count[b] < least ? count[b] : least;
		ordered &= !b || c->edge[b - 1] < c->edge[b];
	}
	/* 5000 / 255 = 19.6 */
	ok(least >= 19 && most <= 20, "bins: of equal weight (%zu to %zu rows)",
	   least, most);
	for (uint32_t b = 0; b < 255; b++) {
		bool found = false;

		for (size_t i = 0; i < 5000; i++)
			found |= *column_of(7, i) == c->edge[b];
		training_values &= found;
		agree &= bins_find(c, c->edge[b]) == b;
	}
	ok(ordered && training_values, "bins: edges are training values, in order");
	for (size_t i = 0; i < 5000; i++) {
		uint32_t b = stored(i, 7);
		float x = *column_of(7, i);

		agree &= x <= c->edge[b] && (!b || x > c->edge[b - 1]);
	}
	ok(agree, "bins: a value is in the first bin whose edge is not below it");
	arena_clear(&sample.arena);
}

static void test_odd_values(void)
{
	struct sample_shape shape = { .train = 100, .numeric = 5, .seed = 2 };
	const struct bins_column *c;

	sample_make(&sample, &shape);
	for (size_t i = 0; i < 100; i++) {
		*column_of(0, i) = i % 3 ? (float)(i % 3) : -INFINITY;
		*column_of(1, i) = 5;
		*column_of(2, i) = NAN;
		*column_of(3, i) = i % 2 ? NAN : 1;
		*column_of(4, i) = i < 90 ? 0 : i % 2 ? -0.0f : (float)i;
	}
	*column_of(0, 7) = INFINITY;
	ok(!bins_make(&bins, &sample.data, 255, 1, &sample.arena, &err),
	   "bins: infinite and missing values are taken");
	ok(bins.cols == 3 && bins.column[1].source == 3,
	   "bins: constant and all-missing columns are left out");
	c = &bins.column[0];
	ok(c->bins == 4 && stored(0, 0) == 0 && stored(7, 0) == 3,
	   "bins: -inf is the least and inf the largest value");
	ok(bins_find(c, 1e30f) == 3 && bins_find(c, -1e30f) == 1,
	   "bins: raw values find their place between them");
	c = &bins.column[1];
	ok(c->bins == 1 && c->has_missing && stored(1, 1) == 1 &&
		   bins_find(c, NAN) == 1,
	   "bins: missing has the bin behind the last");
	ok(stored(91, 2) == stored(0, 2), "bins: -0 equals 0");
	arena_clear(&sample.arena);
}

static void test_heavy_value(void)
{
	struct sample_shape shape = { .train = 1000, .numeric = 1, .seed = 3 };
	size_t zero = 0;
	uint32_t b;

	sample_make(&sample, &shape);
	for (size_t i = 0; i < 1000; i++)
		if (i % 4)
			*column_of(0, i) = 0.5f;
	bins_make(&bins, &sample.data, 20, 1, &sample.arena, &err);
	b = bins_find(&bins.column[0], 0.5f);
	for (size_t i = 0; i < 1000; i++)
		zero += stored(i, 0) == b;
	ok(zero == 750, "bins: a value on 75 %% of the rows has its own bin");
	ok(bins.column[0].bins >= 18, "bins: the others share the rest (%u)",
	   bins.column[0].bins);
	arena_clear(&sample.arena);
}

static void test_levels(void)
{
	struct sample_shape shape = { .train = 4000, .categories = 1,
				      .levels = 400, .missing = .05, .seed = 4 };
	const struct bins_column *c;
	bool agree = true;

	sample_make(&sample, &shape);
	/* level 7 is the most frequent, level 9 never occurs */
	for (size_t i = 0; i < 4000; i++) {
		if (i % 3 == 0 || *column_of(0, i) == 9)
			*column_of(0, i) = 7;
	}
	bins_make(&bins, &sample.data, 255, 2, &sample.arena, &err);
	c = &bins.column[0];
	ok(c->is_cat && c->bins <= 255 && c->bins > 150,
	   "bins: of 400 levels the %u most frequent", c->bins);
	ok(bins_find(c, 7) < c->bins, "bins: a frequent level has a bin");
	ok(bins_find(c, 9) == c->bins && bins_find(c, 400) == c->bins &&
		   bins_find(c, -1) == c->bins && bins_find(c, NAN) == c->bins,
	   "bins: unseen, impossible and missing levels share one");
	for (size_t i = 0; i < 4000; i++)
		agree &= stored(i, 0) == bins_find(c, *column_of(0, i));
	ok(agree, "bins: stored cells are those of bins_find");
	arena_clear(&sample.arena);
}

static void test_monotone(void)
{
	struct sample_shape shape = { .train = 3000, .numeric = 2, .seed = 5 };
	bool same = true;

	sample_make(&sample, &shape);
	for (size_t i = 0; i < 3000; i++) /* a growing function of column 0 */
		*column_of(1, i) = expf(20 * *column_of(0, i)) - 7;
	bins_make(&bins, &sample.data, 64, 1, &sample.arena, &err);
	for (size_t i = 0; i < 3000; i++)
		same &= stored(i, 0) == stored(i, 1);
	ok(same, "bins: a monotone transform changes no cell");
	arena_clear(&sample.arena);
}

static void test_memory(void)
{
	struct sample_shape shape = { .train = 200, .numeric = 3,
				      .categories = 2, .levels = 5, .seed = 6 };
	struct arena a;
	int rc = -1;
	size_t calls = 0, wrong = 0;

	sample_make(&sample, &shape);
	for (; rc; calls++) {
		arena_init(&a, 0);
		a.fail_at = calls + 1;
		rc = bins_make(&bins, &sample.data, 255, 2, &a, &err);
		wrong += rc && rc != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(!wrong && calls > 5, "bins: each of %zu failing allocations is told",
	   calls - 1);
	arena_clear(&sample.arena);
}

int main(void)
{
	test_quantiles();
	test_odd_values();
	test_heavy_value();
	test_levels();
	test_monotone();
	test_memory();
	return tap_done();
}
