#include "harness/base/clock.h"

#include <stdlib.h>

#include "tests/tap.h"

#define BYTES ((size_t)64 << 20)

/* Promises about order alone: how long anything takes is not tested. */
static void test_time(void)
{
	double wall = clock_wall(), cpu = clock_cpu(), last = wall;
	volatile double sum = 0.0;
	bool forward = true;

	for (int i = 0; i < 1000; i++) {
		double now = clock_wall();

		forward &= now >= last;
		last = now;
	}
	ok(forward, "clock: the wall clock never goes back");
	while (clock_cpu() - cpu < 0.005)
		sum = sum + 1.0;
	ok(sum > 0.0, "clock: CPU time passes while we compute");
	ok(clock_wall() > wall, "clock: and so does time");
}

/* The sanitizers' allocators keep what was freed: only the peak is certain. */
static void test_memory(void)
{
	size_t before = clock_rss(), peak;
	volatile char *p = malloc(BYTES);

	if (!before || !p) {
		skip("clock: memory", "/proc/self/status");
		free((char *)p);
		return;
	}
	for (size_t i = 0; i < BYTES; i += 4096)
		p[i] = 1;
	ok(clock_rss() >= before + BYTES / 2, "clock: touched memory counts");
	peak = clock_peak_rss();
	ok(peak >= before + BYTES / 2, "clock: and is in the peak");
	free((char *)p);
	/* The kernel counts pages in batches a CPU: a few may be in flight. */
	ok(clock_peak_rss() + BYTES / 16 >= peak,
	   "clock: the peak stays when it is freed");
	clock_reset_peak_rss();
	/* to what is resident now: a sanitizer may have kept what was freed */
	ok(clock_peak_rss() <= clock_rss() + BYTES / 16 && clock_peak_rss() > 0,
	   "clock: the peak can be set back");
}

int main(void)
{
	test_time();
	test_memory();
	return tap_done();
}
