/* A suite as an ordered list of cells, each with its key. */
#ifndef TRIARCH_PLAN_H
#define TRIARCH_PLAN_H

#include "harness/cell.h"

/* Narrow a suite from the command line; empty lists do not narrow. */
struct plan_filter {
	const char *const *learners; /* (n_learners) "NAME[k=v,...]" */
	size_t n_learners;
	const char *const *datasets; /* (n_datasets) "NAME[n=ROWS]" */
	size_t n_datasets;
	const char *modality; /* NULL: all */
	int64_t trials;	      /* instead of the suite's; 0: as it says */
};

struct plan {
	const struct suite *suite; /* after narrowing */
	struct cell *cells;	   /* (n) in the order in which they run */
	const char **keys;	   /* (n) of the cells, for the store */
	size_t n;
	size_t left_out; /* task and learner pairs without a common view */
};

/* The cells of a suite: repeats outermost, so that early rows cover all tasks;
 * inside a repeat in an order shuffled by a fixed seed, so that slow drift of
 * the machine falls on all learners alike. A learner that has no view for a
 * task's modality, or cannot do its kind, is left out. In the arena; the suite
 * and what it points to must outlive the plan; `filter` may be NULL. ERR_USAGE for a
 * task that the suite lacks, ERR_CONFIG, ERR_MEMORY. */
int plan_make(struct plan *p, struct arena *a, const struct suite *suite,
	      const struct plan_filter *filter, struct error *err);

/* The same from the files: reads catalogue and suites, finds the suite.
 * `filter` may be NULL. ERR_USAGE for a suite that is not there, too. */
struct plan_source {
	const char *catalog, *suites; /* paths */
	const char *suite;	      /* name */
};
int plan_read(struct plan *p, struct arena *a, const struct plan_source *src,
	      const struct plan_filter *filter, struct error *err);

/* The canonical JSON whose SHA-256 is the key; in the arena, NULL when out of
 * memory. */
char *plan_question(struct arena *a, const struct cell *c);

#endif
