/* The part of a suite that a command is about: -s, -l, -d, -m and --trials of
 * `plan`, `run` and `board`. One table for all of them, so that what was run
 * can be looked at by the same words. */
#ifndef TRIARCH_SELECTION_H
#define TRIARCH_SELECTION_H

#include "harness/cli.h"
#include "harness/opt.h"
#include "harness/plan.h"

struct selection {
	const char *suite, *modality;	    /* NULL: not given */
	struct opt_list learners, datasets; /* empty: all of the suite's */
	int64_t trials;			    /* 0: as the suite says */
};

/* Rows for a verb's table of options; `s` is a struct selection *. */
#define SELECTION_OPTIONS(s)                                                \
	{ OPT_STRING, 's', "suite", "SUITE", &(s)->suite,                   \
	  "the suite ('triarch list suites' names them)", 0, 0 },           \
	{ OPT_LIST, 'l', "learner", "LEARNER[k=v]", &(s)->learners,         \
	  "only this learner (may be repeated)", 0, 0 },                    \
	{ OPT_LIST, 'd', "data", "NAME[n=ROWS]", &(s)->datasets,            \
	  "only this task (may be repeated)", 0, 0 },                       \
	{ OPT_STRING, 'm', "modality", "MODALITY", &(s)->modality,          \
	  "only tabular, image, audio or text", 0, 0 },                     \
	{ OPT_INT, 0, "trials", "N", &(s)->trials,                          \
	  "configurations to search in each cell, by validation "           \
	  "(as the suite says)", 1, 1e5 }

/* After parsing: ERR_USAGE, naming the verb, when there is no -s. */
int selection_check(const struct selection *s, const char *verb,
		    struct error *err);

/* The cells that are selected, as plan_read gives them; in c->arena. */
int selection_plan(const struct selection *s, const struct cli *c,
		   struct plan *out, struct error *err);

#endif
