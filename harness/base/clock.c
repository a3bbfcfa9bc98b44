/* Time and memory of this process. The wall clock is the monotonic one, which
 * nobody sets; CPU time is of all threads together. Memory is read from /proc,
 * where the kernel keeps the highest resident set ("VmHWM") itself: sampling
 * it from a thread would miss short peaks. Elsewhere than on Linux these are 0,
 * which the board shows as not measured.
 */
#include "harness/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* 0 where the system lacks the clock: a time that is plainly absent. */
static double seconds(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t))
		return 0.0;
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double clock_wall(void)
{
	return seconds(CLOCK_MONOTONIC);
}

double clock_cpu(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

/* A line "VmHWM:     1234 kB" of proc(5), in bytes; 0 when it is not there. */
static size_t status_field(const char *field)
{
	char line[256];
	size_t kib = 0, n = strlen(field);
	FILE *f = fopen("/proc/self/status", "r");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, field, n)) {
			if (sscanf(line + n, " %zu", &kib) != 1)
				kib = 0;
			break;
		}
	}
	fclose(f);
	return kib << 10;
}

size_t clock_peak_rss(void)
{
	return status_field("VmHWM:");
}

size_t clock_rss(void)
{
	return status_field("VmRSS:");
}

/* Without it a peak would include whatever was loaded before the fit. Not
 * every container may write there: then the peak is that of the process. */
void clock_reset_peak_rss(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (!f)
		return;
	fputs("5", f); /* proc(5): resets the peak resident set size */
	fclose(f);
}
