/* What goes wrong inside a parallel loop, which has no way to stop.
 *
 * Each thread keeps the failure of its lowest-numbered item; after the loop the
 * lowest of all is the one to report, on any number of threads the same. */
#ifndef TRIARCH_FAULTS_H
#define TRIARCH_FAULTS_H

#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

struct fault {
	struct error err;
	size_t at; /* the item of err */
};

struct faults {
	size_t threads;
	struct fault *of; /* (threads) */
};

/* Nothing went wrong yet. ERR_MEMORY. */
int faults_init(struct faults *f, size_t threads, struct arena *a,
		struct error *err);

/* Item `at` failed on this worker, for the reason in err. */
void faults_note(struct faults *f, size_t worker, size_t at,
		 const struct error *err);

/* The first item's error, or 0. */
int faults_first(const struct faults *f, struct error *err);

#endif
