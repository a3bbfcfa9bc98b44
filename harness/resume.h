/* Which cells of a plan have a row already. */
#ifndef TRIARCH_RESUME_H
#define TRIARCH_RESUME_H

#include "harness/plan.h"
#include "results/store.h"

struct resume {
	bool done;		 /* a row with this fingerprint is there */
	enum status status;	 /* of the latest such row */
	int64_t last_repetition; /* of this fingerprint, -1: none */
	double seconds; /* prepare, fit, search and predict of the latest row,
			 * of any machine; NAN: never run */
};

/* *out (plan->n), in the plan's order and in the arena, from what the store
 * has indexed. ERR_MEMORY and what store_each says. */
int resume_find(struct resume **out, struct arena *a, struct store *s,
		const struct plan *plan, const char *fingerprint,
		struct error *err);

#endif
