/* How far a run is: a bar with ETA on a terminal, plain lines otherwise. */
#ifndef TRIARCH_PROGRESS_H
#define TRIARCH_PROGRESS_H

#include <stddef.h>

#include "harness/base/log.h"

struct progress {
	const struct log *log;
	size_t done, total;
	double started;
	double drawn; /* when the bar was drawn last */
};

void progress_init(struct progress *p, const struct log *log, size_t total);

/* One more is done; `line` says which and what came of it. */
void progress_step(struct progress *p, const char *line);

/* Redraw the bar now and then while waiting; `doing` is what runs. */
void progress_wait(struct progress *p, const char *doing);

/* Take the bar away. */
void progress_end(struct progress *p);

/* Seconds as "42 s", "3 min 20 s", "2 h 5 min". Returns out. */
const char *progress_duration(double seconds, char *out, size_t size);

/* Seconds still to go, by the mean of what is done; NAN before the first. */
double progress_eta(size_t done, size_t total, double elapsed);

#endif
