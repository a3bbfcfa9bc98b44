/* Clocks and memory in use. Learners and data code may not read them. */
#ifndef TRIARCH_CLOCK_H
#define TRIARCH_CLOCK_H

#include <stddef.h>

double clock_wall(void); /* seconds, CLOCK_MONOTONIC */
double clock_cpu(void);  /* CPU seconds of this process, all threads */

/* Bytes: the peak and the present resident set of this process (VmHWM and
 * VmRSS of /proc/self/status); 0 where the system does not tell. ru_maxrss is
 * no use here: a child's starts from its parent's size. */
size_t clock_peak_rss(void);
size_t clock_rss(void);

/* Lower the peak to the present size (/proc/self/clear_refs), best effort. */
void clock_reset_peak_rss(void);

#endif
