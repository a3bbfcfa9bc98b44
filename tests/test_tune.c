#include "harness/tune.h"

#include <math.h>

#include "tests/tap.h"

struct toy_config {
	double rate;
	int64_t size;
	bool fixed;
};

static const struct param params[] = {
	PARAM_REAL(struct toy_config, rate, 0.1, 1e-4, 1, "", PARAM_LOG(0.01, 1)),
	PARAM_INT(struct toy_config, size, 10, 1, 100, "", PARAM_LIN(5, 50)),
	PARAM_BOOL(struct toy_config, fixed, 1, ""),
	PARAM_END,
};

static const struct learner toy = {
	.name = "toy", .config_size = sizeof(struct toy_config), .params = params,
};

static struct arena arena;

struct bowl {
	double seen[64];  /* rates, in order of the trials */
	size_t n;
	int fail_below;	  /* trials that fail, from 0 */
	enum err code;
};

/* Best at rate 0.3. */
static int try_bowl(void *ctx, const void *config, double *score,
		    struct error *err)
{
	const struct toy_config *c = config;
	struct bowl *b = ctx;

	b->seen[b->n++] = c->rate;
	if ((int)b->n <= b->fail_below)
		return error_set(err, b->code, "trial %zu", b->n - 1);
	*score = -fabs(log(c->rate / 0.3));
	return 0;
}

static const struct toy_config base = { .rate = 0.02, .size = 7, .fixed = true };

static int search(int64_t trials, uint64_t seed, struct bowl *b,
		  struct toy_config *best, json_t **log, struct error *err)
{
	struct tune t = { .learner = &toy, .base = &base, .seed = seed,
			  .trials = trials };
	const void *winner = NULL;
	int rc = tune_search(&t, &arena, try_bowl, b, &winner, log, err);

	if (!rc)
		*best = *(const struct toy_config *)winner;
	return rc;
}

static void test_search(void)
{
	struct bowl b = { .n = 0 };
	struct toy_config best = { 0 };
	struct error err = { 0 };
	const json_t *rows;
	json_t *log = NULL;
	bool inside = true;

	ok(!search(20, 1, &b, &best, &log, &err) && b.n == 20,
	   "20 trials are 20 fits");
	ok(b.seen[0] == base.rate, "trial 0 is the configuration as given");
	for (size_t i = 1; i < b.n; i++)
		inside &= b.seen[i] >= 0.01 && b.seen[i] <= 1.0;
	ok(inside, "later trials stay in the declared space");
	ok(fabs(log10(best.rate / 0.3)) < fabs(log10(base.rate / 0.3)) &&
	   best.fixed, "the best of validation wins; what is not tunable stays");
	rows = json_object_get(log, "log");
	ok(json_array_size(rows) == 20 &&
	   json_object_get(json_array_get(rows, 3), "params") &&
	   json_object_get(json_array_get(rows, 3), "score"),
	   "every trial is logged with parameters and score");
	ok(json_integer_value(json_object_get(log, "tried")) == 20 &&
	   json_object_get(log, "cpu_s"), "both budgets are reported");
	json_decref(log);
}

static void test_seeds(void)
{
	struct bowl a = { .n = 0 }, b = { .n = 0 }, c = { .n = 0 };
	struct toy_config best;
	struct error err;
	json_t *log;

	search(5, 1, &a, &best, &log, &err);
	json_decref(log);
	search(9, 1, &b, &best, &log, &err);
	json_decref(log);
	search(5, 2, &c, &best, &log, &err);
	json_decref(log);
	ok(!memcmp(a.seen, b.seen, 5 * sizeof(double)),
	   "a trial depends on seed and number, not on how many there are");
	ok(a.seen[1] != c.seen[1], "another seed searches elsewhere");
}

static void test_failures(void)
{
	struct bowl some = { .fail_below = 3, .code = ERR_DIVERGED };
	struct bowl all = { .fail_below = 99, .code = ERR_DIVERGED };
	struct bowl stop = { .fail_below = 99, .code = ERR_INTERRUPTED };
	struct toy_config best;
	struct error err = { 0 };
	json_t *log;

	ok(!search(5, 1, &some, &best, &log, &err) && some.n == 5,
	   "a trial that diverges loses, and the search goes on");
	ok(json_object_get(json_array_get(json_object_get(log, "log"), 0),
			   "error") != NULL, "and its row says why");
	json_decref(log);
	ok(search(4, 1, &all, &best, &log, &err) == ERR_DIVERGED && all.n == 4 &&
	   !strcmp(err.text, "trial 0"), "when all fail, trial 0 says why");
	ok(search(4, 1, &stop, &best, &log, &err) == ERR_INTERRUPTED &&
	   stop.n == 1, "Ctrl-C ends the search at once");
}

/* Scores that are no numbers, but for trial 2. */
static int try_odd(void *ctx, const void *config, double *score,
		   struct error *err)
{
	static const double odd[] = { NAN, INFINITY, -3.0, -INFINITY };
	size_t *n = ctx;

	(void)config, (void)err;
	*score = odd[(*n)++ % 4];
	return 0;
}

static void test_odd_scores(void)
{
	struct tune t = { .learner = &toy, .base = &base, .trials = 4 };
	const void *best = NULL;
	struct error err = { 0 };
	json_t *log = NULL, *rows;
	size_t n = 0;

	ok(!tune_search(&t, &arena, try_odd, &n, &best, &log, &err) &&
	   json_integer_value(json_object_get(log, "best")) == 2,
	   "a score that is not finite never wins, however large");
	rows = json_object_get(log, "log");
	ok(json_is_null(json_object_get(json_array_get(rows, 0), "score")) &&
	   json_is_null(json_object_get(json_array_get(rows, 1), "score")) &&
	   !json_object_get(json_array_get(rows, 0), "error"),
	   "it is logged as null, and is no error");
	json_decref(log);
	t.trials = 2;
	n = 0;
	ok(tune_search(&t, &arena, try_odd, &n, &best, &log, &err) ==
	   ERR_DIVERGED && !log, "none at all: %s", err.text);
}

/* Which errors are the trial's, and which the place's. */
static void test_codes(void)
{
	static const enum err ends[] = { ERR_INTERRUPTED, ERR_IO, ERR_BUG };
	static const enum err loses[] = { ERR_MEMORY, ERR_UNSUPPORTED,
					  ERR_DIVERGED, ERR_TIMEOUT, ERR_DATA };
	struct toy_config best;
	struct error err;
	json_t *log;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct bowl b = { .fail_below = 1, .code = ends[i] };

		error_clear(&err);
		ok(search(5, 3, &b, &best, &log, &err) == ends[i] && b.n == 1,
		   "%s ends a search", error_name(ends[i]));
	}
	for (size_t i = 0; i < sizeof(loses) / sizeof(loses[0]); i++) {
		struct bowl b = { .fail_below = 1, .code = loses[i] };

		error_clear(&err);
		log = NULL;
		ok(!search(5, 3, &b, &best, &log, &err) && b.n == 5,
		   "%s loses a trial and no more", error_name(loses[i]));
		json_decref(log);
	}
}

/* A learner without parameters has one configuration, of no bytes. */
static void test_no_parameters(void)
{
	static const struct param none[] = { PARAM_END };
	const struct learner plain = { .name = "plain", .params = none };
	struct tune t = { .learner = &plain, .trials = 4 };
	const void *best = NULL;
	struct error err = { 0 };
	json_t *log = NULL;
	size_t n = 0;

	ok(!tune_search(&t, &arena, try_odd, &n, &best, &log, &err) && n == 4,
	   "a learner without parameters can be searched %s", err.text);
	json_decref(log);
}

static int try_slow(void *ctx, const void *config, double *score,
		    struct error *err)
{
	volatile double x = 0.0;

	(void)config, (void)err;
	++*(int *)ctx;
	for (int i = 0; i < 20000000; i++)
		x += (double)i;
	*score = x * 0.0;
	return 0;
}

static void test_budget(void)
{
	/* less than any trial takes, so that trial 0 is the only one */
	struct tune t = { .learner = &toy, .base = &base, .trials = 50,
			  .cpu_s = 1e-6 };
	struct error err = { 0 };
	const void *best;
	json_t *log;
	int fits = 0;

	ok(!tune_search(&t, &arena, try_slow, &fits, &best, &log, &err) &&
	   fits == 1, "no trial starts after the CPU seconds are spent, but "
	   "trial 0 always does");
	ok(!memcmp(best, &base, sizeof(double)), "of equals the earlier wins");
	json_decref(log);
}

static void test_memory(void)
{
	struct error err = { 0 };
	struct tune t = { .learner = &toy, .base = &base, .trials = 3 };
	const void *best;
	json_t *log;
	size_t at, odd = 0;
	int rc = -1;

	for (at = 1; rc; at++) {
		struct bowl b = { .n = 0 };
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = at;
		rc = tune_search(&t, &a, try_bowl, &b, &best, &log, &err);
		odd += rc && rc != ERR_MEMORY;
		arena_clear(&a);
	}
	json_decref(log);
	ok(!odd && at > 2, "every allocation that fails is ERR_MEMORY");
}

int main(void)
{
	arena_init(&arena, 0);
	test_search();
	test_seeds();
	test_failures();
	test_odd_scores();
	test_codes();
	test_no_parameters();
	test_budget();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
