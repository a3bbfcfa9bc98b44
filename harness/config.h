/* suites.yaml: which learners meet which tasks, how often and within what
 * limits. Read once, checked in full: an unknown key, learner, task or
 * parameter is an error with file:line:column and "did you mean".
 *
 *	defaults:            # any key of a protocol
 *	  repeats: 3
 *	suites:
 *	  quick:
 *	    summary: one line
 *	    tasks:
 *	      - letter                         # all of it
 *	      - diamonds[n=10000]              # so many rows fitted on
 *	      - letter[rotate]                 # its twin (taskspec.h)
 *	      - {task: satellite, learners: ["krr[l2=1e-3]"], skip: [knn]}
 *	    learners: [constant, linear, gbdt]
 *
 * A task's own `learners` replace those of the same name in the suite's list
 * and add the others; `skip` takes some away; any key of a protocol may stand
 * beside them.
 */
#ifndef TRIARCH_CONFIG_H
#define TRIARCH_CONFIG_H

#include "datasets/catalog.h"
#include "harness/spec.h"
#include "harness/taskspec.h"

/* How a cell is run. */
struct protocol {
	int64_t repeats; /* each with its own split, subsample and seed */
	int64_t seed;	 /* of repeat 0; repeat r has seed + r */
	int64_t threads;
	int64_t trials;	  /* of random search; 1 is the defaults alone */
	double tune_s;	  /* CPU seconds of search after which none starts; 0 */
	double limit_s;	  /* hard wall-clock limit once loaded; 0: none */
	double memory_mb; /* MiB of resident memory and of the arena; 0: none */
	double budget_s;  /* soft limit of one fit, through tick; 0: none */
};

struct suite_task {
	struct taskspec what;
	struct protocol protocol;
	const struct spec *specs; /* (n_specs) */
	size_t n_specs;
};

struct suite {
	const char *name, *summary;
	struct protocol protocol; /* what a task has that says nothing else */
	const struct spec *specs; /* (n_specs) likewise */
	size_t n_specs;
	const struct suite_task *tasks; /* (n_tasks) */
	size_t n_tasks;
};

struct config {
	const struct suite *suites; /* (n), in file order */
	size_t n;
};

/* 1 repeat, seed 0, 1 thread, 1 trial, no limits. */
void protocol_defaults(struct protocol *p);

/* Read `path` and then every *.yaml of the folder `suites/` beside it, in order
 * of name. All in the arena; `catalog` must outlive the config. ERR_CONFIG,
 * ERR_IO, ERR_MEMORY. */
int config_read(struct config *c, struct arena *a, const char *path,
		const struct catalog *catalog, struct error *err);

/* ERR_USAGE with "did you mean" when there is no suite of that name. */
int config_find(const struct config *c, const char *name,
		const struct suite **out, struct error *err);

#endif
