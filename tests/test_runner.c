#include "harness/runner.h"

#include <signal.h>
#include <sys/stat.h>

#include "harness/plan.h"
#include "tests/suite_text.h"

/* The program that runs as a cell is a shell script here, and misbehaves. */
static struct arena arena;
static struct plan plan;  /* little memory and much time */
static struct plan hasty; /* little time */
static struct machine machine;
static struct log quiet = { .level = LOG_QUIET };
static char program[128], results[128];

struct seen {
	size_t rows, broken, waits;
	enum status status;
	char message[256];
	int interrupt_at; /* the wait at which Ctrl-C comes; 0: never */
};

static void see_row(void *ctx, const struct job *job, const struct record *r)
{
	struct seen *s = ctx;

	(void)job;
	s->rows++;
	s->status = r->status;
	snprintf(s->message, sizeof(s->message), "%s", r->message);
}

static void see_broken(void *ctx, const struct job *job, const struct error *why)
{
	struct seen *s = ctx;

	(void)job;
	s->broken++;
	snprintf(s->message, sizeof(s->message), "%.255s", why->text);
}

static void see_wait(void *ctx, const struct job *job)
{
	struct seen *s = ctx;

	(void)job;
	if (++s->waits == (size_t)s->interrupt_at)
		raise(SIGINT);
}

static void write_program(const char *body)
{
	char text[1024];

	snprintf(text, sizeof(text), "#!/bin/sh\ncat >/dev/null\n%s\n", body);
	suite_write(program, text);
	chmod(program, 0700);
}

/* Run the first `n` cells of the plan by `body` into a fresh store; *stored is
 * how many rows it holds afterwards. */
static int run_plan(const struct plan *p, const char *body, size_t n, int jobs,
		    struct seen *seen, int64_t *stored, struct error *err)
{
	struct runner r = {
		.log = &quiet, .machine = &machine, .program = program,
		.place = { .catalog = "datasets/catalog.yaml", .cache = "x",
			   .store = results },
		.jobs = jobs, .attempts = 2, .row = see_row,
		.broken = see_broken, .waiting = see_wait, .ctx = seen,
	};
	struct job list[8] = { 0 };
	char command[160];
	size_t broken;
	int rc;

	snprintf(command, sizeof(command), "rm -rf '%s'", results);
	if (system(command) || store_open(&r.store, results, err))
		abort();
	write_program(body);
	for (size_t i = 0; i < n; i++)
		list[i].cell = &p->cells[i];
	rc = runner_run(&r, list, n, err);
	*stored = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t count = 0, last;
		struct error ignored;

		store_sync(r.store, NULL, NULL, &broken, &ignored);
		store_count(r.store, p->keys[i], NULL, &count, &last, &ignored);
		*stored += count;
	}
	store_close(r.store);
	return rc;
}

static int run(const char *body, size_t n, int jobs, struct seen *seen,
	       int64_t *stored, struct error *err)
{
	return run_plan(&plan, body, n, jobs, seen, stored, err);
}

static void expect_row(const struct plan *p, const char *body, enum status want, const char *words,
		       const char *what)
{
	struct seen seen = { 0 };
	struct error err = { 0 };
	int64_t stored;
	int rc = run_plan(p, body, 1, 1, &seen, &stored, &err);

	if (!ok(!rc && seen.rows == 1 && stored == 1 && seen.status == want &&
		strstr(seen.message, words), "%s", what))
		printf("# rc %d, rows %zu, stored %d, %s: %s\n", rc, seen.rows,
		       (int)stored, status_name(seen.status), seen.message);
}

static void test_deaths(void)
{
	expect_row(&plan, "kill -9 $$", STATUS_CRASHED, "signal 9",
		   "a cell that is killed leaves the row 'crashed'");
	expect_row(&plan, "kill -SEGV $$", STATUS_CRASHED, "signal 11",
		   "and so does one that breaks");
	expect_row(&hasty, "echo; sleep 30", STATUS_TIMEOUT, "limit of 0.5 s",
		   "one that runs too long leaves the row 'timeout'");
	expect_row(&plan, "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done", STATUS_OOM,
		   "limit is 64 MiB", "one that takes too much leaves 'oom'");
	expect_row(&plan, "echo nonsense", STATUS_CRASHED, "no answer",
		   "an answer that is no row is a crash");
	expect_row(&plan, "echo '{\"format\": 1}'; exit 7", STATUS_CRASHED, "",
		   "half a row is none");
}

/* What the child would print, from a record of ours. */
static const char *answer_of(const struct cell *c)
{
	struct error err = { 0 };
	struct record r;
	json_t *o;
	char *text, *body;

	if (cell_record(c, &machine, &r, &err))
		abort();
	r.status = STATUS_OK;
	r.metrics = json_object();
	r.message = "fine";
	r.score = 0.5;
	o = record_to_json(&r);
	text = json_dumps(o, JSON_COMPACT);
	body = arena_printf(&arena, "cat <<'END'\n%s\nEND", text);
	free(text);
	json_decref(o);
	record_clear(&r);
	return body;
}

static void test_answer(void)
{
	const char *body = answer_of(&plan.cells[0]);
	struct seen seen = { 0 };
	struct error err = { 0 };
	char path[160], *long_body;
	int64_t stored;

	/* too long for write_program's buffer: into a file of its own */
	snprintf(path, sizeof(path), "%s/answer.sh", suite_dir);
	suite_write(path, body);
	long_body = arena_printf(&arena, ". '%s'", path);
	ok(!run(long_body, 1, 1, &seen, &stored, &err) && seen.rows == 1 &&
	   seen.status == STATUS_OK && !strcmp(seen.message, "fine"),
	   "a row that the cell wrote is passed on");
	ok(stored == 0, "and is the cell's own to publish");
}

static void test_errors_of_the_place(void)
{
	struct seen seen = { 0 };
	struct error err = { 0 };
	int64_t stored;

	ok(run("echo '{\"failure\":{\"code\":\"io\",\"text\":\"disk full\"}}'\n"
	       "exit 1", 3, 1, &seen, &stored, &err) == ERR_IO &&
	   strstr(err.text, "disk full"),
	   "a full disk is tried again and then ends the run");
	ok(!stored && !seen.rows, "and is nobody's result");
	seen = (struct seen){ 0 };
	error_clear(&err);
	ok(!run("echo '{\"failure\":{\"code\":\"missing\",\"text\":\"no data\"}}'\n"
		"exit 1", 3, 1, &seen, &stored, &err) && seen.broken == 3,
	   "missing data concerns one cell: the others go on");
	ok(!stored && !seen.rows && !strcmp(seen.message, "no data"),
	   "and leaves no row");
}

static void test_interrupt(void)
{
	struct seen seen = { .interrupt_at = 3 };
	struct error err = { 0 };
	int64_t stored;

	ok(run("trap 'exit 0' TERM\nwhile :; do sleep 0.02; done", 3, 1, &seen,
	       &stored, &err) == ERR_INTERRUPTED,
	   "Ctrl-C asks the running cell to stop and ends the run");
	ok(!stored && !seen.rows && !seen.broken,
	   "what was abandoned leaves no row");
}

static void test_jobs(void)
{
	struct seen seen = { 0 };
	struct error err = { 0 };
	int64_t stored;

	ok(!run("kill -9 $$", 6, 3, &seen, &stored, &err) && seen.rows == 6 &&
	   stored == 6, "three at once: every cell has its one row");
}

int main(void)
{
	const struct plan_source src = { .catalog = "datasets/catalog.yaml",
					 .suites = suite_path, .suite = "s" };
	const struct plan_source hasty_src = { .catalog = src.catalog,
					       .suites = suite_path,
					       .suite = "hasty" };
	struct error err = { 0 };

	arena_init(&arena, 0);
	suite_folder();
	snprintf(program, sizeof(program), "%s/program", suite_dir);
	snprintf(results, sizeof(results), "%s/results", suite_dir);
	suite_write(suite_path, "defaults: {repeats: 6}\nsuites:\n"
		    "  s:\n    limit_s: 60\n    memory_mb: 64\n"
		    "    tasks: [letter]\n    learners: [constant]\n"
		    "  hasty:\n    limit_s: 0.5\n"
		    "    tasks: [letter]\n    learners: [constant]\n");
	machine_read(&machine);
	if (plan_read(&plan, &arena, &src, NULL, &err) ||
	    plan_read(&hasty, &arena, &hasty_src, NULL, &err)) {
		printf("Bail out! %s\n", err.text);
		return 1;
	}
	test_deaths();
	test_answer();
	test_errors_of_the_place();
	test_interrupt();
	test_jobs();
	suite_cleanup();
	arena_clear(&arena);
	return tap_done();
}
