/* triarch cell: the hidden verb that a run starts as a child, one a cell.
 *
 * A question as JSON on stdin; on stdout a newline once the data is loaded,
 * then one line, a row or a failure. Everything else goes to stderr, which the
 * child shares with the run. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/cli.h"
#include "harness/measure.h"

/* Written by a signal handler, read by the learner's tick. */
static volatile int stop_asked;

static void ask_stop(int signal)
{
	(void)signal;
	stop_asked = 1;
}

/* SIGTERM stops at the next tick. Ctrl-C goes to the parent, which decides. */
static void catch_signals(void)
{
	struct sigaction act = { .sa_handler = ask_stop, .sa_flags = SA_RESTART };

	sigaction(SIGTERM, &act, NULL);
}

/* A new reference, NULL with the error set. Duplicate keys are refused: one of
 * the two values would be lost in silence. */
static json_t *read_question(struct error *err)
{
	json_error_t e;
	json_t *question = json_loadf(stdin, JSON_REJECT_DUPLICATES, &e);

	if (!question)
		error_set(err, ERR_USAGE, "the cell on stdin is no JSON: %s",
			  e.text);
	return question;
}

/* What the parent reads; it ends the line, so that half an answer shows. */
static int print_answer(json_t *owned)
{
	int rc = owned ? json_dumpf(owned, stdout, JSON_COMPACT) : -1;

	json_decref(owned);
	return rc || putchar('\n') == EOF || fflush(stdout) ?
		EXIT_FAILED_CELLS : EXIT_FINE;
}

/* Not a row: the parent decides whether to try again, tell the user or give
 * up. */
static int print_failure(const struct cli *c, const struct error *err)
{
	json_t *o = json_pack("{s:{s:s, s:s}}", "failure", "code",
			      error_name(err->code), "text", err->text);

	print_answer(o);
	log_debug(&c->log, "cell: %s", err->text);
	return EXIT_FAILED_CELLS;
}

/* The first byte tells the parent that the wall-clock limit starts; to JSON it
 * is a blank. */
static void say_loaded(void)
{
	putchar('\n');
	fflush(stdout);
}

/* The row's strings must live until it is printed: those that belong to
 * objects of this function are copied. */
static int do_cell(struct cli *c, const json_t *question, struct record *r,
		   struct error *err)
{
	struct catalog catalog;
	struct cell_place place;
	struct machine machine;
	struct cell cell;
	struct measure m = {
		.cell = &cell, .place = &place, .machine = &machine,
		.arena = c->arena, .stop = &stop_asked, .loaded = say_loaded,
	};

	if (cell_from_json(&cell, &place, &catalog, c->arena, question, err))
		return (int)err->code;
	machine_read(&machine);
	if (measure_cell(&m, r, err))
		return (int)err->code;
	/* The machine's strings end with this function; text outlives it. */
	r->build = arena_strdup(c->arena, machine.build);
	r->fingerprint = arena_strdup(c->arena, machine.fingerprint);
	r->key = arena_strdup(c->arena, cell.key);
	if (r->build && r->fingerprint && r->key)
		return 0;
	record_clear(r);
	return arena_error(c->arena, err);
}

/* No options: a person who wants to fit one learner has `try`. The exit code
 * only matters where there is no answer. */
int cli_cell(struct cli *c, int argc, char **argv)
{
	struct error err = { 0 };
	struct record r;
	json_t *question;
	int rc;

	(void)argc, (void)argv;
	catch_signals();
	question = read_question(&err);
	if (!question)
		return cli_fail(c, &err);
	rc = do_cell(c, question, &r, &err);
	json_decref(question);
	if (rc)
		return print_failure(c, &err);
	rc = print_answer(record_to_json(&r));
	record_clear(&r);
	return rc;
}
