#include "harness/queue.h"

#include "harness/base/clock.h"
#include "harness/plan.h"
#include "tests/suite_text.h"

#define CELLS 4

/* Two queues on one store stand for two runs. */
static struct arena arena;
static struct plan plan;
static struct machine machine;
static struct store *store;

static void fill(struct job jobs[CELLS], bool again)
{
	for (size_t i = 0; i < CELLS; i++)
		jobs[i] = (struct job){ .cell = &plan.cells[i],
					.again = again };
}

static void open_or_die(struct queue *q, struct job *jobs, bool shared)
{
	struct error err;

	if (queue_init(q, jobs, CELLS, shared ? store : NULL,
		       machine.fingerprint, &err))
		abort();
}

static void publish(const struct job *job)
{
	struct error err;
	struct record r;

	if (cell_record(job->cell, &machine, &r, &err))
		abort();
	r.repetition = job->repetition;
	if (store_publish(store, &r, NULL, NULL, NULL, &err))
		abort();
	record_clear(&r);
}

/* What is put off is asked for again after a while. */
static struct job *take_later(struct queue *q)
{
	struct job *job = NULL;
	double until = clock_wall() + 5.0;

	while (!job && !queue_is_empty(q) && clock_wall() < until)
		job = queue_take(q);
	return job;
}

static void test_alone(void)
{
	struct job jobs[CELLS];
	struct queue q;
	size_t n = 0;

	fill(jobs, false);
	open_or_die(&q, jobs, false);
	while (queue_take(&q) == &jobs[n])
		n++;
	ok(n == CELLS && queue_is_empty(&q),
	   "without a store the jobs come once each, in order");
	queue_free(&q);
	open_or_die(&q, jobs, false);
	queue_take(&q);
	queue_stop(&q);
	ok(!queue_take(&q) && queue_is_empty(&q), "none after a stop");
	queue_free(&q);
}

static void test_shared(void)
{
	struct job mine[CELLS], yours[CELLS];
	struct queue a, b;
	struct job *x, *y, *z;

	fill(mine, false);
	fill(yours, false);
	open_or_die(&a, mine, true);
	open_or_die(&b, yours, true);
	x = queue_take(&a);
	y = queue_take(&b);
	ok(x == &mine[0] && y == &yours[1], "two runs take different cells");
	publish(x);
	queue_drop(&a, x);
	z = queue_take(&a);
	ok(z == &mine[2] && queue_take(&b) == &yours[3],
	   "what another is at is put off");
	ok(!queue_is_empty(&b) && b.put_off == 2, "and not forgotten");
	z = take_later(&b);
	ok(z == &yours[0] && z->elsewhere, "what it finished is only told");
	queue_free(&a); /* as if it died: cell 2 has no row */
	z = take_later(&b);
	ok(z == &yours[2] && !z->elsewhere, "what it left undone is taken over");
	ok(queue_is_empty(&b) && !queue_take(&b), "then all is done");
	queue_free(&b);
}

static void test_again(void)
{
	struct job jobs[CELLS];
	struct queue q;
	struct job *job;

	fill(jobs, true);
	open_or_die(&q, jobs, true);
	job = queue_take(&q);
	ok(!job->elsewhere && job->repetition == 1,
	   "asked for again, a cell gets the next free repetition");
	publish(job);
	queue_drop(&q, job);
	queue_free(&q);
	fill(jobs, false);
	jobs[0].repetition = 2;
	open_or_die(&q, jobs, true);
	job = queue_take(&q);
	ok(!job->elsewhere && job->repetition == 2,
	   "a retry that nobody else made is ours");
	queue_free(&q);
}

/* A file that is no row keeps its name, but not its cell from being run. */
static void test_damaged(void)
{
	struct job jobs[CELLS];
	struct job *job;
	struct queue q;
	char command[256];

	fill(jobs, false);
	snprintf(command, sizeof(command),
		 "for f in '%s'/cells/*/%.16s*; do echo x > \"$f\"; done",
		 store_dir(store), jobs[0].cell->key);
	if (system(command))
		abort();
	open_or_die(&q, jobs, true);
	job = queue_take(&q);
	ok(!job->elsewhere && job->repetition == 2,
	   "a damaged file is no row, and is not written over");
	queue_free(&q);
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
	suite_write(suite_path, "suites:\n  s:\n    repeats: 4\n"
				"    tasks: [letter]\n    learners: [constant]\n");
	machine_read(&machine);
	if (plan_read(&plan, &arena, &src, NULL, &err) ||
	    store_open(&store, dir, &err)) {
		printf("Bail out! %s\n", err.text);
		return 1;
	}
	test_alone();
	test_shared();
	test_again();
	test_damaged();
	store_close(store);
	suite_cleanup();
	arena_clear(&arena);
	return tap_done();
}
