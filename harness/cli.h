/* The command line: one verb a file, cli_<verb>.c. Only these and main.c print
 * to stdout, read argv or exit. */
#ifndef TRIARCH_CLI_H
#define TRIARCH_CLI_H

#include "datasets/fetch/fetch.h"
#include "harness/base/log.h"

/* What main.c found out before the verb runs. */
struct cli {
	struct log log;
	bool color; /* stdout takes colours (log.color is stderr's) */
	struct arena *arena;  /* lives as long as the program */
	const char *program;  /* argv[0], for messages */
	const char *suites;   /* path of suites.yaml */
	const char *catalog;  /* path of datasets/catalog.yaml */
	const char *results;  /* results folder: results/runs or -o DIR */
	bool results_given;   /* by -o */
	struct fetch fetch;   /* cache folder and offline flag */
};

/* Exit codes of the program. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_FAILED_CELLS = 1, /* some cell failed, a check did not hold */
	EXIT_USAGE = 2,	       /* usage or configuration */
	EXIT_NO_DATA = 3,
	EXIT_REFUTED = 10,
	EXIT_INCONCLUSIVE = 11,
	EXIT_TAMPERED = 12,
	EXIT_BUG = 70,
	EXIT_INTERRUPTED = 130, /* resumable */
};

/* A verb; argv[0] is its name. Returns an exit code. */
typedef int cli_verb(struct cli *c, int argc, char **argv);
cli_verb cli_board, cli_cell, cli_doctor, cli_dump, cli_fetch, cli_info, cli_list,
	cli_plan, cli_predict, cli_run, cli_status, cli_try;

/* Say the error on stderr and return the exit code that fits it. */
int cli_fail(const struct cli *c, const struct error *err);

#endif
