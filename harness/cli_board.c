/* triarch board: the leaderboard of a suite, from the rows that are stored.
 *
 * The suite is planned as for a run, and the keys of its cells are what is asked
 * of the store: rows of a suite that has changed since are simply not asked for,
 * and cells without a row are counted as missing. Nothing is ever measured here.
 */
#include <stdio.h>

#include "harness/base/json.h"
#include "harness/print.h"
#include "harness/selection.h"
#include "results/board.h"

struct options {
	struct selection which;
	const char *format_name;
	enum textable_format format;
	bool twins;
};

/* The selection is that of run, so that a board can follow a partial run, or one
 * whose --trials made other cells of the same suite. */
static int parse(struct cli *c, struct options *o, int argc, char **argv,
		 struct error *err)
{
	const struct opt table[] = {
		SELECTION_OPTIONS(&o->which),
		{ OPT_STRING, 0, "format", "table|md|csv|json", &o->format_name,
		  "how to print (table)", 0, 0 },
		{ OPT_FLAG, 0, "twins", NULL, &o->twins,
		  "twins and probes beside the tasks they were made of", 0, 0 },
		{ .name = NULL },
	};
	int rc = opt_parse(table, "triarch board -s SUITE [options]",
			   "Accuracy, time and memory of every learner on every "
			   "task, averaged over repeats.", c->arena, argc, argv,
			   err);

	if (!rc)
		rc = selection_check(&o->which, "board", err);
	return rc ? rc : textable_format_from_name(o->format_name, &o->format,
						   err);
}

/* A board is more than one table, so it has formats of its own, under the names
 * that all verbs share. */
static enum board_format as_board(enum textable_format f)
{
	return f == TEXTABLE_MD	  ? BOARD_MD :
	       f == TEXTABLE_CSV  ? BOARD_CSV :
	       f == TEXTABLE_JSON ? BOARD_JSON :
				    BOARD_TABLE;
}

/* A table says so itself; a program's reader would not. */
static void say_missing(const struct cli *c, const struct options *o,
			const struct board *b)
{
	long long missing = json_get_int(b->header, "missing", 0);

	if (missing && (o->format == TEXTABLE_CSV || o->format == TEXTABLE_JSON))
		log_warn(&c->log, "%lld cells have no row yet: triarch run -s %s",
			 missing, o->which.suite);
}

/* Written in one piece when all of it is known: an error halfway leaves stdout
 * empty for whatever reads it. */
static int print_board(struct cli *c, const struct options *o, struct store *s,
		       const struct plan *plan, struct error *err)
{
	struct board board;
	const char *text;
	int rc = board_make(&board, s, plan->keys, plan->n, c->arena, err);

	if (rc)
		return rc;
	rc = (o->twins ? board_twins : board_format)(
		&board, as_board(o->format), c->color, c->arena, &text, err);
	if (!rc) {
		fputs(text, stdout);
		say_missing(c, o, &board);
	}
	board_clear(&board);
	return rc;
}

/* The plan first: a mistyped suite is told before the store is read. */
static int do_board(struct cli *c, const struct options *o, struct error *err)
{
	struct plan plan;
	struct store *s;
	int rc;

	if (selection_plan(&o->which, c, &plan, err) ||
	    print_open_store(c, &s, err))
		return (int)err->code;
	rc = print_board(c, o, s, &plan, err);
	store_close(s);
	return rc;
}

int cli_board(struct cli *c, int argc, char **argv)
{
	struct options o = { .format_name = "table" };
	struct error err = { 0 };
	int rc = parse(c, &o, argc, argv, &err);

	if (rc > 0)
		return EXIT_FINE;
	if (rc || do_board(c, &o, &err))
		return cli_fail(c, &err);
	return EXIT_FINE;
}
