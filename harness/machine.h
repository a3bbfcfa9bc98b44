/* What this program runs on: for the header of a board and the fingerprint
 * that decides which times may be compared. */
#ifndef TRIARCH_MACHINE_H
#define TRIARCH_MACHINE_H

#include <jansson.h>

#include "harness/base/blas.h"
#include "harness/base/hash.h"

struct machine {
	char cpu[128];	/* model name */
	int cpus;	/* processors this process may run on */
	double memory_mb;
	char simd[32];	/* "x86-64-v3" */
	char os[128];	/* system and kernel */
	char host[64];
	struct blas_info blas;
	char compiler[64];
	char build[64]; /* commit of the program, "-dirty" if changed */
	/* SHA-256 over cpu, cpus, simd and BLAS: what decides speed and bits */
	char fingerprint[HASH_HEX];
};

/* Never fails: what cannot be found out is "" or 0. */
void machine_read(struct machine *m);

/* Objects for a record; new references, NULL when out of memory. */
json_t *machine_to_json(const struct machine *m);
json_t *machine_blas_json(const struct machine *m);
json_t *machine_versions_json(const struct machine *m); /* with libraries */

/* What disturbs a timing: load average, pressure, involuntary switches. */
struct noise {
	double load;	       /* one-minute load average */
	double cpu_pressure;   /* percent of 10 s stalled, /proc/pressure/cpu */
	double io_pressure, memory_pressure; /* "some", NAN: not told */
	long involuntary;      /* context switches of this process so far */
};
void noise_read(struct noise *n);
/* The change from `before` to `after`, for the record. */
json_t *noise_to_json(const struct noise *before, const struct noise *after);

#endif
