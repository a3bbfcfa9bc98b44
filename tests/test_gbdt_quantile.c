/* Weighted quantiles: sorting, runs, edges; and the search of many cells at
 * once against one at a time. */
#include "learners/gbdt/quantile.h"
#include "learners/gbdt/bins.h"
#include "learners/gbdt/bins_kernels.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

static struct arena arena;
static struct quantile q;

static void fill(const float *x, const float *w, size_t n)
{
	uint32_t *key = ARENA_RAW(&arena, uint32_t, n);
	uint64_t *word = ARENA_RAW(&arena, uint64_t, n);

	for (size_t i = 0; i < n; i++) {
		key[i] = quantile_key(x[i]);
		word[i] = w ? quantile_word(key[i], w[i]) : 0;
	}
	quantile_init(&q, n, w != NULL, &arena);
	if (w)
		quantile_sort_weighed(&q, word, n);
	else
		quantile_sort(&q, key, n);
}

static int by_value(const void *a, const void *b)
{
	const float *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void test_sort(void)
{
	enum { N = 5000 };
	static float x[N];
	struct rng r = rng_make(1, "sort");
	bool same = true;
	double rows = 0;
	size_t at = 0;

	for (size_t i = 0; i < N; i++)
		x[i] = i % 3 ? (float)rng_normal(r, i) :
			       ldexpf(rng_u32(r, i) % 2 ? 1 : -1,
				      (int)(rng_u32(r, i) % 250) - 125);
	x[7] = INFINITY;
	x[8] = -INFINITY;
	fill(x, NULL, N);
	qsort(x, N, sizeof(*x), by_value);
	for (size_t i = 0; i < q.runs; i++) {
		for (size_t k = 0; k < (size_t)q.weight[i]; k++)
			same &= x[at++] == quantile_value(q.key[i]);
		rows += q.weight[i];
	}
	ok(same && rows == N, "quantile: runs are the sorted values, each once");
	x[0] = 0.0f;
	x[1] = -0.0f;
	fill(x, NULL, 2);
	ok(q.runs == 1 && q.weight[0] == 2, "quantile: -0 equals 0");
	arena_clear(&arena);
}

/* Whole weights are as many rows. */
static void test_weights(void)
{
	enum { N = 2000 };
	static float x[N], w[N], many[4 * N], edge[2][255];
	struct rng r = rng_make(2, "weights");
	size_t n = 0;
	uint32_t bins[2];
	bool same = true;

	for (size_t i = 0; i < N; i++) {
		x[i] = i % 5 ? (float)rng_normal(r, i) : 0.25f;
		w[i] = (float)(1 + rng_u32(r, i) % 4);
		for (size_t k = 0; k < (size_t)w[i]; k++)
			many[n++] = x[i];
	}
	for (size_t max = 1; max < 256; max += 23) {
		fill(x, w, N);
		bins[0] = quantile_edges(&q, max, edge[0]);
		fill(many, NULL, n);
		bins[1] = quantile_edges(&q, max, edge[1]);
		same &= bins[0] == bins[1] && bins[0] <= max &&
			!memcmp(edge[0], edge[1], bins[0] * sizeof(float));
		arena_clear(&arena);
	}
	ok(same, "quantile: a row of weight k is k rows, at any number of bins");
}

/* Odd weights never make more bins than there is room for. */
static void test_odd_weights(void)
{
	enum { N = 700 };
	static float x[N], w[N];
	bool good = true;

	for (uint64_t seed = 0; seed < 40; seed++) {
		struct rng r = rng_make(seed, "odd");
		float edge[64];
		uint32_t n;

		for (size_t i = 0; i < N; i++) {
			x[i] = (float)(rng_u32(r, i) % 500);
			w[i] = (float)exp(9 * rng_normal(r, 1000 + i));
		}
		edge[40] = 17;
		fill(x, w, N);
		n = quantile_edges(&q, 40, edge);
		good &= n >= 1 && n <= 40 && edge[40] == 17 &&
			edge[n - 1] == quantile_value(q.key[q.runs - 1]);
		for (size_t b = 1; b < n; b++)
			good &= edge[b - 1] < edge[b];
		arena_clear(&arena);
	}
	ok(good, "quantile: with weights from 1e-12 to 1e12 edges ascend, end "
		 "with the largest value and are no more than asked for");
}

static void test_add(void)
{
	float x[] = { 3, -1, 2, 2 };

	fill(x, NULL, 4);
	quantile_add(&q, 2, 5);
	ok(q.runs == 3 && q.weight[1] == 7, "quantile: more of a value that is there");
	quantile_add(&q, 0, 9);
	ok(q.runs == 4 && quantile_value(q.key[1]) == 0 && q.weight[1] == 9 &&
		   quantile_value(q.key[3]) == 3 && quantile_heaviest(&q) == 1,
	   "quantile: a new value has its place, and is the heaviest");
	fill(x, NULL, 0);
	ok(quantile_edges(&q, 5, x) == 0, "quantile: no values, no bins");
	quantile_add(&q, -2, 1);
	ok(quantile_edges(&q, 5, x) == 1 && x[0] == -2, "quantile: one value");
	arena_clear(&arena);
}

/* ---------------------------------------------------------------- kernels */

static const float odd[] = { 0, -0.0f, INFINITY, -INFINITY, NAN, 1e-40f, 3e38f };

/* Edges 0, 2, 4 ... (infinite at both ends) padded as struct bins_table says. */
static struct bins_table make_table(float edge[256], uint32_t bins)
{
	struct bins_table t = { .steps = BINS_STEPS, .bins = bins, .edge = edge };

	while (1u << t.steps < bins)
		t.steps++;
	for (uint32_t b = 0; b < 1u << t.steps; b++)
		edge[b] = b < bins ? (float)(2 * b) - (float)bins : INFINITY;
	if (bins > 3) {
		edge[0] = -INFINITY;
		edge[bins - 1] = INFINITY;
	}
	return t;
}

static void test_find(const struct bins_kernels *k, const char *level)
{
	enum { N = 331, STRIDE = 3, WIDTH = 5 };
	static float x[N * STRIDE];
	static uint8_t out[N * WIDTH];
	struct rng r = rng_make(3, "find");
	bool same = true, alone = true;

	for (uint32_t bins = 1; bins < 256; bins++) {
		float edge[256];
		struct bins_table t = make_table(edge, bins);
		struct bins_column c = { .bins = bins, .edge = edge };
		size_t n = bins % 2 ? N : bins;

		for (size_t i = 0; i < N; i++)
			x[i * STRIDE] = i < 7 ? odd[i] :
				(float)(rng_u32(r, i) % (2 * bins + 4)) -
					(float)bins - 2;
		memset(out, 77, sizeof(out));
		k->find(&t, x, STRIDE, n, out, WIDTH);
		for (size_t i = 0; i < n; i++)
			same &= out[i * WIDTH] == bins_find(&c, x[i * STRIDE]);
		for (size_t i = 0; i < N * WIDTH; i++)
			alone &= i % WIDTH == 0 && i < n * WIDTH ? true :
								   out[i] == 77;
	}
	ok(same, "bins kernels %s: the same as one value at a time", level);
	ok(alone, "bins kernels %s: nothing else is written", level);
	for (size_t i = 0; i < N; i++)
		x[i] = INFINITY;
	same = !k->any_nan(x, N) && !k->any_nan(x, 0);
	for (size_t i = 0; i < N; i++) {
		x[i] = NAN;
		same &= k->any_nan(x, N) && k->any_nan(x, i + 1) && !k->any_nan(x, i);
		x[i] = 0;
	}
	ok(same, "bins kernels %s: one NaN anywhere is seen", level);
}

static void test_levels(void)
{
	for (int l = 0; l <= (int)simd_level(); l++)
		test_find(SIMD_AT(bins_kernels, (enum simd_level)l),
			  simd_level_name((enum simd_level)l));
}

/* ---------------------------------------------------------------- tables */

/* Rows of weight 2, and of weight 0, against rows twice and not at all. */
static void test_weighed_table(void)
{
	enum { N = 900, COLS = 5 };
	struct sample_shape shape = { .train = N, .numeric = 4, .categories = 1,
				      .levels = 90, .missing = .1, .seed = 5 };
	static float twice[2 * N * COLS], weight[N];
	struct sample s;
	struct dataset other;
	struct bins one, two;
	struct error err;
	bool same = true;
	size_t n = 0;

	sample_make(&s, &shape);
	for (size_t i = 0; i < N; i++) {
		weight[i] = (float)(i % 3);
		for (size_t k = 0; k < i % 3; k++)
			memcpy(twice + COLS * n++, s.data.train.x + COLS * i,
			       COLS * sizeof(float));
	}
	other = s.data;
	other.train = (struct part){ .rows = n, .x = twice };
	s.data.train.weight = weight;
	same = !bins_make(&one, &s.data, 60, 2, &s.arena, &err) &&
	       !bins_make(&two, &other, 60, 2, &s.arena, &err) &&
	       one.cols == two.cols && one.cols == COLS;
	for (size_t j = 0; j < one.cols && same; j++) {
		const struct bins_column *a = &one.column[j], *b = &two.column[j];

		same &= a->bins == b->bins && a->bins > 40;
		same &= a->is_cat || !memcmp(a->edge, b->edge, a->bins * 4);
		same &= !a->is_cat || !memcmp(a->level_bin, b->level_bin, 90);
	}
	ok(same, "bins: a row of weight 2 is two rows, of weight 0 none");
	for (size_t i = 0; i < N; i++)
		weight[i] = 0;
	ok(!bins_make(&one, &s.data, 60, 2, &s.arena, &err) && one.cols == 0,
	   "bins: nothing weighs anything, nothing can be cut");
	arena_clear(&s.arena);
}

/* A hole in a row that is not in the sample is known of. */
static void test_rare_hole(void)
{
	enum { N = 200001 };
	struct arena a;
	float *x;
	struct dataset data = { .view = VIEW_DENSE, .cols = 2 };
	struct bins b;
	struct error err;

	arena_init(&a, 0);
	x = ARENA_NEW(&a, float, 2 * N);
	x[2 * (N - 1)] = NAN;
	data.train = (struct part){ .rows = N, .x = x };
	ok(!bins_make(&b, &data, 255, 2, &a, &err) && b.cols == 1 &&
		   b.column[0].has_missing && b.bin[N - 1] == 1,
	   "bins: one missing value in 200,001 rows is seen");
	arena_clear(&a);
}

int main(void)
{
	arena_init(&arena, 0);
	test_sort();
	test_weights();
	test_odd_weights();
	test_add();
	test_levels();
	test_weighed_table();
	test_rare_hole();
	return tap_done();
}
