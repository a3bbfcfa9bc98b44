/* Which rows a round gets: uniform draws and goss. */
#include "learners/gbdt/sampling.h"

#include <stdlib.h>

#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { N = 50000, K = 3 };

static float gradient[K * N], hessian[K * N];

static struct sampling make(struct arena *a, const struct gbdt_config *config,
			    size_t n, int threads)
{
	struct sampling s;
	struct error err;

	arena_init(a, 0);
	sampling_init(&s, config, n, threads, a, &err);
	return s;
}

static void fill(size_t outputs)
{
	struct rng r = rng_make(outputs, "sampling test");

	for (size_t i = 0; i < outputs * N; i++) {
		gradient[i] = (float)rng_normal(r, i);
		hessian[i] = 1;
	}
}

static bool ascending(const struct sampling *s)
{
	bool good = s->n > 0 && s->rows[s->n - 1] < s->total;

	for (size_t k = 1; k < s->n; k++)
		good &= s->rows[k - 1] < s->rows[k];
	return good;
}

static void test_uniform(void)
{
	struct gbdt_config config = { .row_sample = 0.3, .shrinkage = 0.1 };
	struct arena a, b;
	struct sampling s = make(&a, &config, N, 1), t;
	size_t both = 0, k = 0, other;
	uint32_t *first;

	sampling_draw(&s, 1, 4, gradient, 1);
	/* four standard deviations of 102 */
	ok(fabs((double)s.n - 0.3 * N) < 410 && ascending(&s) && !s.factor,
	   "uniform: a share of the rows, ascending (%zu)", s.n);
	first = arena_copy(&a, s.rows, s.n * sizeof(*first));
	other = s.n;
	t = make(&b, &config, N, 4);
	sampling_draw(&t, 1, 4, gradient, 1);
	ok(t.n == s.n && !memcmp(t.rows, s.rows, s.n * sizeof(*s.rows)),
	   "uniform: the same on 4 threads");
	sampling_draw(&s, 1, 5, gradient, 1);
	for (size_t i = 0; i < other; i++) {
		while (k < s.n && s.rows[k] < first[i])
			k++;
		both += k < s.n && s.rows[k] == first[i];
	}
	ok(fabs((double)both - 0.09 * N) < 260,
	   "uniform: rounds draw independently (%zu in both)", both);
	arena_clear(&a);
	arena_clear(&b);
}

static void test_all(void)
{
	struct gbdt_config config = { .row_sample = 1, .shrinkage = 0.1 };
	struct arena a;
	struct sampling s = make(&a, &config, 10, 1);

	sampling_draw(&s, 1, 0, gradient, 1);
	ok(!s.rows && s.n == 10 && !a.calls, "uniform: a share of 1 is all rows");
	config.row_sample = 1e-3;
	s = make(&a, &config, 1, 1);
	for (size_t round = 0; round < 20; round++)
		sampling_draw(&s, 1, round, gradient, 1);
	ok(s.n == 1 && s.rows[0] == 0, "uniform: one row at least");
	arena_clear(&a);
}

static int downwards(const void *a, const void *b)
{
	float l = *(const float *)a, r = *(const float *)b;

	return (l < r) - (l > r);
}

/* Against sorting: every row above the bar is there, with factor 1. */
static void test_goss(size_t outputs)
{
	struct gbdt_config config = { .sampling = SAMPLING_GOSS, .goss_top = 0.2,
				      .goss_rest = 0.1, .shrinkage = 0.1 };
	struct arena a, b;
	struct sampling s = make(&a, &config, N, 1), t;
	float *size = ARENA_NEW(&a, float, N), *sorted;
	size_t top = 0, rest = 0, wrong = 0;
	double sum = 0, drawn = 0;

	fill(outputs);
	for (size_t i = 0; i < N; i++)
		for (size_t c = 0; c < outputs; c++)
			size[i] += fabsf(gradient[c * N + i]);
	sorted = arena_copy(&a, size, N * sizeof(*sorted));
	qsort(sorted, N, sizeof(*sorted), downwards);
	sampling_draw(&s, 1, 3, gradient, outputs);
	ok(!s.rows && s.n == N, "goss: the first rounds take all rows");
	sampling_draw(&s, 1, 10, gradient, outputs);
	for (size_t k = 0; k < s.n; k++) {
		bool large = size[s.rows[k]] >= sorted[N / 5 - 1];

		top += large;
		rest += !large;
		wrong += s.factor[s.rows[k]] != (large ? 1.0f : 8.0f);
	}
	ok(top == N / 5 && !wrong, "goss: the largest fifth is there, as it is");
	/* four standard deviations of 66 */
	ok(labs((long)rest - N / 10) < 265 && ascending(&s),
	   "goss: and a tenth of all, times (1 - a) / b (%zu)", rest);
	t = make(&b, &config, N, 4);
	sampling_draw(&t, 1, 10, gradient, outputs);
	ok(t.n == s.n && !memcmp(t.rows, s.rows, s.n * sizeof(*s.rows)),
	   "goss: the same on 4 threads");
	for (size_t i = 0; i < N; i++)
		sum += (double)hessian[i];
	sampling_amplify(&s, gradient, hessian, outputs);
	for (size_t k = 0; k < s.n; k++)
		drawn += (double)hessian[s.rows[k]];
	/* 8 * 265 */
	ok(fabs(drawn - sum) < 2200, "goss: sums are those of all rows (%.3f)",
	   drawn / sum);
	arena_clear(&a);
	arena_clear(&b);
}

/* Equal gradients: the first of them, exactly as many as are wanted. */
static void test_ties(void)
{
	struct gbdt_config config = { .sampling = SAMPLING_GOSS, .goss_top = 0.5,
				      .goss_rest = 0.001, .shrinkage = 1 };
	struct arena a;
	struct sampling s = make(&a, &config, N, 2);
	size_t top = 0;

	for (size_t i = 0; i < N; i++)
		gradient[i] = i % 4 ? 1 : 2;
	sampling_draw(&s, 1, 1, gradient, 1);
	for (size_t k = 0; k < s.n; k++)
		top += s.factor[s.rows[k]] == 1.0f;
	ok(top == N / 2, "goss: ties do not take more rows than wanted (%zu)", top);
	memset(gradient, 0, sizeof(gradient));
	sampling_draw(&s, 1, 2, gradient, 1);
	ok(s.n >= N / 2, "goss: gradients of 0 are drawn too");
	config.goss_top = 0;
	sampling_draw(&s, 1, 3, gradient, 1);
	ok(s.n > 0 && s.n < N / 100, "goss: no top");
	config.goss_top = 1;
	sampling_draw(&s, 1, 4, gradient, 1);
	ok(s.n == N, "goss: nothing but the top");
	config.goss_top = 0.9;
	config.goss_rest = 0.5;
	sampling_draw(&s, 1, 5, gradient, 1);
	ok(s.n == N && s.factor[N - 1] == 1.0f,
	   "goss: shares above 1 take all rows as they are");
	arena_clear(&a);
}

static void test_memory(void)
{
	struct gbdt_config config = { .sampling = SAMPLING_GOSS };
	struct sampling s;
	struct error err;
	struct arena a;

	for (size_t n = 1; n <= 6; n++) {
		arena_init(&a, 0);
		a.fail_at = n;
		ok(sampling_init(&s, &config, N, 1, &a, &err) == ERR_MEMORY,
		   "goss: failing allocation %zu is reported", n);
		arena_clear(&a);
	}
}

/* A model of it is worth something, on any number of threads. */
static void test_learns(size_t classes)
{
	struct sample_shape shape = { .train = 20000, .valid = 500, .test = 500,
				      .numeric = 3, .categories = 1, .levels = 9,
				      .noise = 0.2, .classes = classes, .seed = 2 };
	const char *options = "rounds=40,sampling=goss,goss_top=0.1,"
			      "goss_rest=0.1,shrinkage=0.2";
	struct sample s;
	struct sample_fit f, g;
	size_t n = 500 * (classes ? classes : 1);

	sample_make(&s, &shape);
	sample_fit(&f, &s.data, options, 1);
	sample_fit(&g, &s.data, options, 4);
	ok(!f.rc && (classes ? sample_accuracy(&s.data.test, f.test, classes) > 0.83 :
			       sample_rmse(&s.data.test, f.test) < 0.25),
	   "goss: learns, %zu classes", classes);
	ok(!g.rc && !memcmp(f.test, g.test, n * sizeof(float)),
	   "goss: same bits on 4 threads, %zu classes", classes);
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

int main(void)
{
	test_uniform();
	test_all();
	test_goss(1);
	test_goss(K);
	test_ties();
	test_memory();
	test_learns(0);
	test_learns(3);
	return tap_done();
}
