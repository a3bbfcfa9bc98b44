#include "harness/resume.h"

#include <math.h>

#include "tests/suite_text.h"

static struct arena arena;
static struct plan plan;
static struct machine machine;
static struct store *store;

/* A row of cell i, made on another machine when `elsewhere`. */
static void publish(size_t i, enum status status, int64_t repetition,
		    double fit_s, bool elsewhere)
{
	struct error err = { 0 };
	struct record r;

	if (cell_record(&plan.cells[i], &machine, &r, &err))
		abort();
	r.status = status;
	r.repetition = repetition;
	r.created += repetition; /* rows of a key come in order of time */
	r.fit_s = fit_s;
	if (elsewhere)
		r.fingerprint = "fedcba9876543210fedcba9876543210"
				"fedcba9876543210fedcba9876543210";
	if (store_publish(store, &r, NULL, NULL, NULL, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	record_clear(&r);
}

static struct resume *find(void)
{
	struct error err = { 0 };
	struct resume *all = NULL;
	size_t broken;

	if (store_sync(store, NULL, NULL, &broken, &err) ||
	    resume_find(&all, &arena, store, &plan, machine.fingerprint, &err))
		printf("# %s\n", err.text);
	return all;
}

static void test_rows(void)
{
	struct resume *all = find();

	ok(!all[0].done && all[0].last_repetition == -1 && isnan(all[0].seconds),
	   "a cell that never ran is to do");
	publish(0, STATUS_OK, 0, 2.0, false);
	publish(1, STATUS_TIMEOUT, 0, NAN, false);
	publish(2, STATUS_OK, 0, 3.0, true);
	all = find();
	ok(all[0].done && all[0].status == STATUS_OK &&
	   all[0].last_repetition == 0 && all[0].seconds == 2.0,
	   "one with a row is done, and its cost is known");
	ok(all[1].done && all[1].status == STATUS_TIMEOUT &&
	   all[1].seconds == 40.0, "a timeout is a row too; it cost its limit");
	ok(!all[2].done && all[2].seconds == 3.0,
	   "another machine's row is no answer here, but a hint of the cost");
	publish(1, STATUS_OK, 1, 5.0, false);
	all = find();
	ok(all[1].status == STATUS_OK && all[1].last_repetition == 1 &&
	   all[1].seconds == 5.0, "the latest repetition stands");
}

/* A later failure stands, too: whether to try again is the run's business. Rows
 * of other machines count no repetitions here. */
static void test_again(void)
{
	struct resume *all;

	publish(0, STATUS_CRASHED, 1, NAN, false);
	all = find();
	ok(all[0].done && all[0].status == STATUS_CRASHED &&
	   all[0].last_repetition == 1, "a failure after a success stands");
	ok(all[0].seconds == 0.0, "what it cost is not known: nothing is added");
	publish(2, STATUS_OK, 5, 4.0, true);
	all = find();
	ok(!all[2].done && all[2].last_repetition == -1 &&
	   all[2].seconds == 4.0, "another machine's repetitions are its own");
}

static void test_memory(void)
{
	struct error err = { 0 };
	struct resume *all;
	size_t odd = 0, at;
	int rc = -1;

	for (at = 1; rc; at++) {
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = at;
		error_clear(&err);
		rc = resume_find(&all, &a, store, &plan, machine.fingerprint,
				 &err);
		odd += rc && rc != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(!odd && at > 2, "every allocation that fails is ERR_MEMORY");
}

/* The same question asked twice: one row serves both. */
static void test_twins(void)
{
	struct resume *all;
	const char *kept = plan.keys[3];

	plan.keys[3] = plan.keys[0];
	all = find();
	ok(all[3].done && all[0].done, "two cells of one key share its row");
	plan.keys[3] = kept;
}

int main(void)
{
	const struct plan_source src = { .catalog = "datasets/catalog.yaml",
					 .suites = suite_path, .suite = "s" };
	struct error err = { 0 };
	char dir[128];

	arena_init(&arena, 0);
	suite_folder();
	snprintf(dir, sizeof(dir), "%s/results", suite_dir);
	suite_write(suite_path, "suites:\n  s:\n    repeats: 4\n    limit_s: 40\n"
				"    tasks: [letter]\n    learners: [constant]\n");
	machine_read(&machine);
	if (plan_read(&plan, &arena, &src, NULL, &err) ||
	    store_open(&store, dir, &err)) {
		printf("Bail out! %s\n", err.text);
		return 1;
	}
	test_rows();
	test_twins();
	test_again();
	test_memory();
	store_close(store);
	suite_cleanup();
	arena_clear(&arena);
	return tap_done();
}
