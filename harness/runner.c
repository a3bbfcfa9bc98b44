/* One loop that never blocks for long: start what there is room for, sleep
 * until a child says something, look at each, settle those that ended. A
 * cell that ends with an answer published its row itself; one that died gets
 * a row from here; an error of the disk is tried again. Ctrl-C lets the loop
 * go on without starting more, asks the children to stop, and kills them
 * after GRACE_S. */
#include "harness/runner.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/child.h"

#define MAX_JOBS 256
#define LOAD_S 900.0 /* to decode and encode data that is new here */
#define GRACE_S 10.0 /* for a cell to stop by itself after Ctrl-C */

/* The one thing a signal handler may touch. */
static volatile sig_atomic_t interrupts;

/* Counted and not just noted: the second Ctrl-C means "now". */
static void count_interrupt(int signal)
{
	(void)signal;
	interrupts++;
}

/* A place for one child; runner->jobs of them are in use at most. */
struct slot {
	const struct job *job; /* NULL: free */
	struct child child;
};

struct state {
	const struct runner *runner;
	struct queue queue;
	size_t running; /* slots with a job */
	int attempt; /* of the last one to be published */
	bool told;   /* that we wait for others */
	struct slot slots[MAX_JOBS];
	double stop_by; /* 0: not stopping */
	struct error *fatal; /* code ERR_OK: none */
};

/* ---------------------------------------------------------------- start */

/* Made at the start, not in the plan: 100,000 of them would be 100 MB. Freed by
 * the caller; NULL when out of memory. */
static char *question_text(const struct runner *r, const struct job *job)
{
	struct cell_place place = r->place;
	json_t *question;
	char *text;

	place.repetition = job->repetition;
	question = cell_to_json(job->cell, &place);
	text = question ? json_dumps(question, JSON_COMPACT) : NULL;
	json_decref(question);
	return text;
}

/* /proc/self/exe and not a path: a program that was rebuilt meanwhile must
 * not mix two builds in one run. */
static int start(const struct runner *r, struct slot *slot,
		 const struct job *job, struct error *err)
{
	const struct protocol *p = job->cell->protocol;
	const struct child_limits limits = { p->limit_s, p->memory_mb, LOAD_S };
	char *question = question_text(r, job);
	int rc;

	if (!question)
		return error_set(err, ERR_MEMORY, "out of memory");
	rc = child_start(&slot->child, r->program ? r->program : "/proc/self/exe",
			 question, &limits, err);
	free(question);
	if (!rc)
		slot->job = job;
	return rc;
}

/* Wait a little longer each time, 0.2 s, then 1.2 s and so on: a full process
 * table or disk may clear. Other children go on meanwhile, but are not looked
 * at. */
static void back_off(int attempt)
{
	const struct timespec pause = { .tv_sec = attempt - 1,
					.tv_nsec = 200000000 };

	nanosleep(&pause, NULL);
}

/* False with s->fatal set when no process is to be had. s->fatal doubles as the
 * place for the error of an attempt, so it is cleared when one succeeds. */
static bool start_patiently(struct state *s, struct slot *slot,
			    const struct job *job)
{
	for (int attempt = 1; start(s->runner, slot, job, s->fatal); attempt++) {
		if (attempt >= s->runner->attempts || interrupts)
			return false;
		back_off(attempt);
	}
	error_clear(s->fatal);
	s->running++;
	return true;
}

/* The next job that is ours to run, NULL for none now. Those that another run
 * has done since the plan was made are told and passed over. */
static const struct job *next_job(struct state *s)
{
	const struct runner *r = s->runner;
	const struct job *job = queue_take(&s->queue);

	for (; job && job->elsewhere; job = queue_take(&s->queue))
		if (r->elsewhere)
			r->elsewhere(r->ctx, job);
	return job;
}

/* Fill the free slots. After a failure nothing more is tried: s->fatal is set
 * and the loop winds up. */
static void start_some(struct state *s)
{
	for (int i = 0; i < s->runner->jobs && !interrupts; i++) {
		const struct job *job;

		if (s->slots[i].job)
			continue;
		job = next_job(s);
		if (!job)
			return;
		if (start_patiently(s, &s->slots[i], job))
			continue;
		queue_drop(&s->queue, job);
		return;
	}
}

/* Once a run, when nothing of our own is left to do: a program that says
 * nothing and uses no CPU looks as if it hung. */
static void tell_others(struct state *s)
{
	if (s->told || s->running || queue_is_empty(&s->queue))
		return;
	log_info(s->runner->log, "waiting for %zu cells that another run is at",
		 s->queue.put_off);
	s->told = true;
}

/* ---------------------------------------------------------------- rows */

/* In words, since "signal 9" is not what people look for. */
static const char *signal_text(int status, char *out, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(out, size, "killed by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(out, size, "ended with exit code %d and no answer",
			 WEXITSTATUS(status));
	return out;
}

/* The row of a cell that could not write its own. The limit that struck is the
 * one for loading as long as the child has not said a word (child.h). */
static void judge_death(const struct child *c, struct record *r, char *message,
			size_t size)
{
	r->message = message;
	r->peak_rss_mb = c->peak_mb;
	switch (c->end) {
	case CHILD_TIMEOUT:
		r->status = STATUS_TIMEOUT;
		snprintf(message, size, "killed at the limit of %g s%s",
			 c->load_s > 0.0 ? c->load_s : c->limit_s,
			 c->load_s > 0.0 ? " for loading" : "");
		break;
	case CHILD_OOM:
		r->status = STATUS_OOM;
		snprintf(message, size, "killed at %.0f MiB, the limit is %g MiB",
			 c->peak_mb, c->memory_mb);
		break;
	default:
		r->status = STATUS_CRASHED;
		signal_text(c->status, message, size);
	}
}

/* The digest is the catalogue's, as the child's own row would have it. */
static int publish_death(const struct runner *r, const struct slot *slot,
			 struct error *err)
{
	const struct cell *cell = slot->job->cell;
	char message[128], digest[HASH_HEX] = "";
	struct record row;
	int rc = 0;

	if (cell_record(cell, r->machine, &row, err))
		return (int)err->code;
	if (cell->entry)
		load_digest(cell->entry, cell->view, digest);
	row.digest = digest;
	row.repetition = slot->job->repetition;
	judge_death(&slot->child, &row, message, sizeof(message));
	if (r->store)
		rc = store_publish(r->store, &row, NULL, NULL, NULL, err);
	if (!rc && r->row)
		r->row(r->ctx, slot->job, &row);
	record_clear(&row);
	return rc;
}

/* Codes travel as names, so that a person can read a failure. A name that is
 * unknown was not sent by this program. */
static enum err code_from_name(const char *name)
{
	for (int code = ERR_OK; code >= ERR_BUG; code--)
		if (!strcmp(error_name((enum err)code), name))
			return (enum err)code;
	return ERR_BUG;
}

/* 0: the answer was a row, and was passed on. 1: no answer at all. Otherwise
 * the error that the child reported, which is the place's. */
static int take_answer(const struct runner *r, const struct slot *slot,
		       struct error *err)
{
	const char *text = slot->child.text;
	json_t *answer = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) :
				NULL;
	const json_t *failure = json_object_get(answer, "failure");
	struct record row;
	struct arena a;
	int rc = 1;

	arena_init(&a, 0);
	if (failure)
		rc = error_set(err, code_from_name(json_get_string(failure,
								   "code", "")),
			       "%s", json_get_string(failure, "text", "?"));
	else if (answer && !record_from_json(&row, &a, answer, err)) {
		if (r->row)
			r->row(r->ctx, slot->job, &row);
		record_clear(&row);
		rc = 0;
	}
	json_decref(answer);
	arena_clear(&a);
	return rc;
}

/* ---------------------------------------------------------------- settle */

/* An error of the place: the disk's is tried again and then ends the run, any
 * other concerns this cell alone. */
static void settle_error(struct state *s, const struct slot *slot,
			 const struct error *why)
{
	const struct runner *r = s->runner;
	bool system = why->code == ERR_IO || why->code == ERR_MEMORY;

	if (why->code == ERR_INTERRUPTED)
		interrupts += !interrupts; /* somebody stopped the child */
	else if (!system && r->broken)
		r->broken(r->ctx, slot->job, why);
	else if (system && ++s->attempt >= r->attempts)
		*s->fatal = *why;
	else if (system)
		log_warn(r->log, "%s: %s; trying again", cell_task(slot->job->cell),
			 why->text);
}

static bool is_stopping(const struct state *s)
{
	return s->stop_by > 0.0;
}

/* One that ended: its row, or why there is none. True: run it once more, as the
 * disk or the memory of the machine failed and not the cell.
 *
 * The order matters. An answer that is complete counts, whatever happened to
 * the process afterwards; what a stopped cell leaves otherwise is no answer;
 * only then is silence a death. */
static bool settle(struct state *s, struct slot *slot)
{
	struct error why = { .code = ERR_OK };
	int rc = 1;

	if (slot->child.end == CHILD_EXITED && WIFEXITED(slot->child.status))
		rc = take_answer(s->runner, slot, &why);
	if (rc && (slot->child.end == CHILD_STOPPED ||
		   (is_stopping(s) && why.code)))
		return false;
	if (rc == 1)
		rc = publish_death(s->runner, slot, &why);
	if (!rc) {
		s->attempt = 0;
		return false;
	}
	settle_error(s, slot, &why);
	return (why.code == ERR_IO || why.code == ERR_MEMORY) && !s->fatal->code;
}

/* Each child that ended is settled; a slot whose cell must run again is used
 * at once, since its claim is held. */
static void poll_slots(struct state *s)
{
	for (int i = 0; i < s->runner->jobs; i++) {
		struct slot *slot = &s->slots[i];
		const struct job *job = slot->job;
		bool again;

		if (!job)
			continue;
		child_poll(&slot->child);
		if (slot->child.end == CHILD_RUNS)
			continue;
		again = settle(s, slot);
		child_clear(&slot->child);
		slot->job = NULL;
		s->running--;
		if (again)
			back_off(s->attempt);
		if (!again || start(s->runner, slot, job, s->fatal))
			queue_drop(&s->queue, job);
		else
			s->running++;
	}
}

/* ---------------------------------------------------------------- loop */

/* Asked first, so that a child in the middle of publishing finishes it. */
static void stop_all(struct state *s, bool now)
{
	for (int i = 0; i < s->runner->jobs; i++)
		if (s->slots[i].job)
			child_stop(&s->slots[i].child, now);
}

/* A second Ctrl-C, or GRACE_S after the first, ends what does not end
 * itself. */
static void heed_interrupts(struct state *s)
{
	if (!interrupts && !s->fatal->code)
		return;
	queue_stop(&s->queue);
	if (!is_stopping(s)) {
		s->stop_by = clock_wall() + GRACE_S;
		stop_all(s, false);
	} else if (interrupts > 1 || clock_wall() > s->stop_by) {
		stop_all(s, true);
	}
}

/* Sleep until a child says something, at most 20 ms: how late a limit may
 * strike. */
static void wait_a_little(const struct state *s)
{
	struct pollfd fds[MAX_JOBS];
	nfds_t n = 0;

	for (int i = 0; i < s->runner->jobs; i++)
		if (s->slots[i].job && s->slots[i].child.out >= 0)
			fds[n++] = (struct pollfd){ .fd = s->slots[i].child.out,
						    .events = POLLIN };
	/* One that closed its stdout is about to end. */
	poll(fds, n, n == s->running ? 20 : 1);
}

/* One name is enough for a progress bar: the first slot's. */
static void tell_waiting(const struct state *s)
{
	const struct runner *r = s->runner;

	for (int i = 0; r->waiting && i < r->jobs; i++)
		if (s->slots[i].job) {
			r->waiting(r->ctx, s->slots[i].job);
			return;
		}
}

/* Until nothing is left to start and nothing runs. Interrupts are heeded first,
 * so that no child is started after one; a fatal error still waits for the
 * children that run, whose answers are good. */
static void loop(struct state *s)
{
	while (!queue_is_empty(&s->queue) || s->running) {
		heed_interrupts(s);
		if (!is_stopping(s))
			start_some(s);
		tell_others(s);
		if (s->running || !queue_is_empty(&s->queue))
			wait_a_little(s);
		poll_slots(s);
		tell_waiting(s);
		if (s->fatal->code && !s->running)
			break;
	}
}

/* libgomp's threads spin for milliseconds while they wait; where another program
 * wants their core, a net's fit takes ten times as long (measured: 10.4 s against
 * 0.74 s). Asleep at once they cost the wait for waking instead, a fifth of
 * boosting's time on two threads. So: awake for some 50 microseconds.
 * It reads its environment when it is loaded, so the children get it. What the
 * user has set stays. */
static void let_threads_sleep(void)
{
	if (!getenv("OMP_WAIT_POLICY"))
		setenv("GOMP_SPINCOUNT", "2000", 0);
}

/* The caller's handlers come back afterwards. SIGPIPE is ignored because a
 * child that dies while its question is written must not take the run along. */
static void catch_and_loop(struct state *s)
{
	const int caught[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction act = { .sa_handler = count_interrupt }, old[3], old_pipe;
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (int i = 0; i < 3; i++)
		sigaction(caught[i], &act, &old[i]);
	sigaction(SIGPIPE, &ignore, &old_pipe);
	loop(s);
	for (int i = 0; i < 3; i++)
		sigaction(caught[i], &old[i], NULL);
	sigaction(SIGPIPE, &old_pipe, NULL);
}

/* On the heap, for 256 slots are too much for a stack. The error of the disk or
 * of memory goes before the interruption: it is what must be mended. */
int runner_run(const struct runner *r, struct job *jobs, size_t n,
	       struct error *err)
{
	struct state *s = calloc(1, sizeof(*s));

	assert(r->jobs >= 1 && r->jobs <= MAX_JOBS);
	if (!s)
		return error_set(err, ERR_MEMORY, "out of memory");
	error_clear(err);
	*s = (struct state){ .runner = r, .fatal = err };
	interrupts = 0;
	let_threads_sleep();
	if (!queue_init(&s->queue, jobs, n, r->store, r->machine->fingerprint,
			err))
		catch_and_loop(s);
	queue_free(&s->queue);
	free(s);
	if (interrupts && !err->code)
		return error_set(err, ERR_INTERRUPTED, "interrupted");
	return (int)err->code;
}
