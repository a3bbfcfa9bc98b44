/* What happens in a cell's process: load, tune, fit, predict, measure,
 * publish. */
#ifndef TRIARCH_MEASURE_H
#define TRIARCH_MEASURE_H

#include "harness/cell.h"

struct measure {
	const struct cell *cell;
	const struct cell_place *place;
	const struct machine *machine;
	struct arena *arena; /* for the strings of the record */
	/* Set by a signal handler: stop at the next tick. May be NULL. */
	const volatile int *stop;
	/* Called once when the data is there and the clock starts; or NULL. */
	void (*loaded)(void);
};

/* 0: *r is the row, whatever its status, and it is published where the place
 * names a store; the caller drops it with record_clear. An error is one of the
 * place, not of the learner (no data, disk full, interrupted): nothing was
 * published and nothing may be recorded. */
int measure_cell(const struct measure *m, struct record *r, struct error *err);

#endif
