/* triarch run: the cells of a suite that have no row yet.
 *
 * Plan, then rows, then data, then cells: each step is cheaper than the next,
 * so that a mistake is told before it costs anything. Rows are files and reach
 * the store one by one; a run that is killed has lost the cells at hand
 * and nothing else. */
#include <stdio.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/blas_core.h"
#include "harness/machine.h"
#include "harness/own_report.h"
#include "harness/progress.h"
#include "harness/resume.h"
#include "harness/runner.h"
#include "harness/selection.h"

struct options {
	struct selection which;
	int64_t jobs;
	bool force, retry;
};

/* What the steps hand on. All lists live in the cli's arena; only the store is
 * to be closed. */
struct work {
	struct cli *cli;
	struct options o;
	struct plan plan;
	struct machine machine;
	struct store *store;
	struct resume *resume; /* (plan.n) */
	struct job *jobs;      /* (n_jobs) */
	size_t n_jobs;
	struct progress progress;
	size_t reused, elsewhere; /* rows of before, of another run */
	size_t broken;		  /* cells that could not be run */
	size_t failed; /* rows, also reused ones */
	struct error first_broken;
};

/* Only the suite is needed; the other options narrow it or say how it runs. */
static int parse(struct cli *c, struct options *o, int argc, char **argv,
		 struct error *err)
{
	const struct opt table[] = {
		SELECTION_OPTIONS(&o->which),
		{ OPT_INT, 'j', "jobs", "JOBS", &o->jobs,
		  "cells at once (1; more disturb each other's times)", 1, 256 },
		{ OPT_FLAG, 0, "force", NULL, &o->force,
		  "run all again, as further repetitions", 0, 0 },
		{ OPT_FLAG, 0, "retry", NULL, &o->retry,
		  "run cells again whose row is not ok", 0, 0 },
		{ .name = NULL },
	};
	int rc = opt_parse(table, "triarch run -s SUITE [options]",
			   "Run the cells of a suite that have no row yet, and "
			   "store their rows.", c->arena, argc, argv, err);

	return rc ? rc : selection_check(&o->which, "run", err);
}

/* ---------------------------------------------------------------- data */

/* Bring what the plan needs; each data set is asked for once. Here and not in
 * the cells: they must never touch the network, and two of them would fetch
 * twice. */
static int bring_data(struct work *w, struct error *err)
{
	const struct suite *s = w->plan.suite;
	struct cli *c = w->cli;

	for (size_t i = 0; i < s->n_tasks; i++) {
		const struct entry *e = s->tasks[i].what.entry;

		if (own_report_tell(c, &s->tasks[i].what, err))
			return (int)err->code;
		if (fetch_present(&c->fetch, e))
			continue;
		if (!c->fetch.offline)
			log_info(&c->log, "fetching '%s' into %s", e->name,
				 c->fetch.cache);
		if (fetch_entry(&c->fetch, e, err))
			return error_wrap(err, "data of '%s'", e->name);
	}
	return 0;
}

/* ---------------------------------------------------------------- jobs */

/* What the store complains of, as it comes. */
static void warn_line(void *ctx, const char *line)
{
	log_warn(ctx, "%s", line);
}

/* Broken files are warned of and left out: their cells run again. Only rows of
 * this machine and BLAS count as done (the fingerprint). */
static int find_rows(struct work *w, struct error *err)
{
	struct cli *c = w->cli;
	size_t broken = 0;

	if (store_open(&w->store, c->results, err) ||
	    store_sync(w->store, warn_line, &c->log, &broken, err) ||
	    resume_find(&w->resume, c->arena, w->store, &w->plan,
			w->machine.fingerprint, err))
		return (int)err->code;
	return 0;
}

/* A row that is not ok is an answer as well: only --retry asks for another. */
static bool is_wanted(const struct options *o, const struct resume *r)
{
	return !r->done || o->force || (o->retry && r->status != STATUS_OK);
}

/* The further repetition of a cell follows its last one on this machine. Order
 * is the plan's. */
static int choose_jobs(struct work *w, struct error *err)
{
	w->jobs = ARENA_NEW(w->cli->arena, struct job, w->plan.n);
	if (!w->jobs)
		return arena_error(w->cli->arena, err);
	for (size_t i = 0; i < w->plan.n; i++) {
		const struct resume *r = &w->resume[i];

		if (is_wanted(&w->o, r)) {
			w->jobs[w->n_jobs++] = (struct job){
				.cell = &w->plan.cells[i],
				.repetition = r->last_repetition + 1,
				.again = w->o.force,
			};
		} else {
			w->reused++;
			w->failed += r->status != STATUS_OK;
		}
	}
	return 0;
}

/* ---------------------------------------------------------------- telling */

/* Task, learner and repeat, cut where a configuration is long: it is there to
 * be recognised, not to be read. */
static void label(const struct job *job, char *out, size_t size)
{
	const struct cell *c = job->cell;

	snprintf(out, size, "%s %s #%u", cell_task(c), c->spec->text, c->repeat);
}

/* One line, also for what failed: why is more use than a number then. */
static void tell_row(void *ctx, const struct job *job, const struct record *r)
{
	struct work *w = ctx;
	char name[96], line[384];

	label(job, name, sizeof(name));
	if (r->status == STATUS_OK)
		snprintf(line, sizeof(line),
			 "%-36s %s %.4f  fit %.2f s  %.0f MiB%s%.80s", name,
			 r->metric, r->score, r->fit_s, r->peak_rss_mb,
			 *r->message ? "  " : "", r->message);
	else
		snprintf(line, sizeof(line), "%-36s %s: %.200s", name,
			 status_name(r->status), r->message);
	w->failed += r->status != STATUS_OK;
	progress_step(&w->progress, line);
}

/* The first one's code becomes the exit code: "data missing" is not "cell
 * failed". */
static void tell_broken(void *ctx, const struct job *job,
			const struct error *why)
{
	struct work *w = ctx;
	char name[96], line[384];

	label(job, name, sizeof(name));
	snprintf(line, sizeof(line), "%-36s not run: %.240s", name, why->text);
	if (!w->broken++)
		w->first_broken = *why;
	progress_step(&w->progress, line);
}

/* Counted as a step, or the bar would never be full. */
static void tell_elsewhere(void *ctx, const struct job *job)
{
	struct work *w = ctx;
	char name[96], line[128];

	label(job, name, sizeof(name));
	snprintf(line, sizeof(line), "%-36s by another run", name);
	w->elsewhere++;
	progress_step(&w->progress, line);
}

static void tell_waiting(void *ctx, const struct job *job)
{
	struct work *w = ctx;
	char name[96];

	label(job, name, sizeof(name));
	progress_wait(&w->progress, name);
}

/* What was measured on, before hours are spent on it. */
static void tell_start(const struct work *w)
{
	const struct log *l = &w->cli->log;
	const struct machine *m = &w->machine;
	char warning[256];

	log_info(l, "%s, %d cores, %s, BLAS %s (%s)", m->cpu, m->cpus, m->simd,
		 m->blas.core, m->blas.build);
	if (blas_core_warning(&m->blas, warning, sizeof(warning)))
		log_warn(l, "%s", warning);
	log_info(l, "suite '%s': %zu cells, %zu to run", w->o.which.suite, w->plan.n,
		 w->n_jobs);
	if (w->plan.left_out)
		log_debug(l, "%zu pairs of task and learner have no common view",
			  w->plan.left_out);
}

/* Of the cells that another run did, none was run here: they count as
 * reused. */
static void tell_end(const struct work *w, double seconds)
{
	size_t ran = w->progress.done - w->broken - w->elsewhere;
	size_t reused = w->reused + w->elsewhere;
	char took[32];

	log_info(&w->cli->log,
		 "%zu cells: %zu reused, %zu ran%s; %zu rows not ok, %zu not run "
		 "(%s; rows in %s)", w->plan.n, reused, ran,
		 w->o.force ? " again" : "", w->failed,
		 w->plan.n - reused - ran,
		 progress_duration(seconds, took, sizeof(took)), w->cli->results);
}

/* The very command, since -o is easily forgotten. */
static void tell_resume(const struct work *w)
{
	log_warn(&w->cli->log, "interrupted: what ran is stored; go on with "
		 "'triarch run -s %s%s%s'", w->o.which.suite,
		 strcmp(w->cli->results, "results/runs") ? " -o " : "",
		 strcmp(w->cli->results, "results/runs") ? w->cli->results : "");
}

/* ---------------------------------------------------------------- run */

/* The rows that other runs wrote count for the exit code as if they were ours;
 * what became of them only the store knows. The index is brought up to date in
 * any case, for the board that comes next. */
static int look_elsewhere(struct work *w, struct error *err)
{
	size_t broken;

	if (store_sync(w->store, warn_line, &w->cli->log, &broken, err))
		return (int)err->code;
	if (!w->elsewhere)
		return 0;
	if (resume_find(&w->resume, w->cli->arena, w->store, &w->plan,
			w->machine.fingerprint, err))
		return (int)err->code;
	for (size_t i = 0; i < w->n_jobs; i++) {
		ptrdiff_t at = w->jobs[i].cell - w->plan.cells;

		w->failed += w->jobs[i].elsewhere &&
			     w->resume[at].status != STATUS_OK;
	}
	return 0;
}

/* The index follows at the end, in one go; the files are the truth
 * meanwhile. */
static int run_jobs(struct work *w, struct error *err)
{
	struct cli *c = w->cli;
	const struct runner runner = {
		.log = &c->log, .machine = &w->machine, .store = w->store,
		.place = { .catalog = c->catalog, .cache = c->fetch.cache,
			   .store = c->results },
		.jobs = (int)w->o.jobs, .attempts = 3,
		.row = tell_row, .broken = tell_broken,
		.elsewhere = tell_elsewhere, .waiting = tell_waiting, .ctx = w,
	};
	int rc;

	progress_init(&w->progress, &c->log, w->n_jobs);
	rc = runner_run(&runner, w->jobs, w->n_jobs, err);
	progress_end(&w->progress);
	if (!rc)
		rc = look_elsewhere(w, err);
	tell_end(w, clock_wall() - w->progress.started);
	if (rc == ERR_INTERRUPTED)
		tell_resume(w);
	return rc;
}

/* Cheap checks first: plan, then store, and data only when a cell needs it. No
 * cell at all is a usage error here: it is what a filter leaves that fits
 * nothing, and success would hide it. */
static int prepare(struct work *w, struct error *err)
{
	struct cli *c = w->cli;
	if (selection_plan(&w->o.which, c, &w->plan, err))
		return (int)err->code;
	if (!w->plan.n)
		return error_set(err, ERR_USAGE, "no cell is left of suite '%s'",
				 w->o.which.suite);
	machine_read(&w->machine);
	if (find_rows(w, err) || choose_jobs(w, err))
		return (int)err->code;
	return w->n_jobs ? bring_data(w, err) : 0;
}

/* What could not be run weighs more than rows that are not ok: its code goes
 * first. */
int cli_run(struct cli *c, int argc, char **argv)
{
	struct work w = { .cli = c, .o = { .jobs = 1 } };
	struct error err = { 0 };
	int rc = parse(c, &w.o, argc, argv, &err);

	if (rc > 0)
		return EXIT_FINE;
	if (!rc)
		rc = prepare(&w, &err);
	if (!rc) {
		tell_start(&w);
		rc = run_jobs(&w, &err);
	}
	store_close(w.store);
	if (rc)
		return cli_fail(c, &err);
	if (w.broken)
		return cli_fail(c, &w.first_broken);
	return w.failed ? EXIT_FAILED_CELLS : EXIT_FINE;
}
