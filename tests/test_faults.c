/* Promises of datasets/media/faults.h: one error out of many, the same whichever
 * thread was quicker. */
#include "datasets/media/faults.h"

#include "harness/base/par.h"
#include "tests/tap.h"

static void note(struct faults *f, size_t worker, size_t at)
{
	struct error err = { 0 };

	error_set(&err, at % 2 ? ERR_IO : ERR_DATA, "item %zu", at);
	faults_note(f, worker, at, &err);
}

static void test_order(struct arena *a)
{
	struct error err = { 0 };
	struct faults f;

	ok(!faults_init(&f, 3, a, &err) && !faults_first(&f, &err),
	   "faults: none at the start");
	note(&f, 2, 70);
	ok(faults_first(&f, &err) == ERR_DATA && !strcmp(err.text, "item 70"),
	   "faults: the only one is the first");
	note(&f, 0, 31);
	note(&f, 2, 90);
	ok(faults_first(&f, &err) == ERR_IO && !strcmp(err.text, "item 31"),
	   "faults: the lowest item counts, not the worker");
	note(&f, 2, 8);
	ok(faults_first(&f, &err) == ERR_DATA && !strcmp(err.text, "item 8"),
	   "faults: a lower one of the same worker takes its place");
	note(&f, 1, 0);
	ok(faults_first(&f, &err) == ERR_DATA && !strcmp(err.text, "item 0"),
	   "faults: item 0 is an item like others");
	note(&f, 1, 5);
	ok(faults_first(&f, &err) && !strcmp(err.text, "item 0"),
	   "faults: a higher one does not replace it");
}

static void fail_some(void *ctx, size_t at, size_t worker)
{
	if (at % 7 == 3)
		note(ctx, worker, at);
}

static void test_threads(struct arena *a)
{
	bool same = true;

	for (int threads = 4; threads >= 1; threads--) {
		struct error err = { 0 };
		struct faults f;

		if (faults_init(&f, (size_t)threads, a, &err))
			same = false;
		par_for(threads, 1000, fail_some, &f);
		same &= faults_first(&f, &err) == ERR_IO && !strcmp(err.text, "item 3");
	}
	ok(same, "faults: the same error on 1 to 4 threads");
}

static void test_memory(void)
{
	struct error err = { 0 };
	struct faults f;
	struct arena a;

	arena_init(&a, 0);
	a.fail_at = 1;
	ok(faults_init(&f, 4, &a, &err) == ERR_MEMORY, "faults: memory may be out");
	arena_clear(&a);
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	test_order(&a);
	test_threads(&a);
	test_memory();
	arena_clear(&a);
	return tap_done();
}
