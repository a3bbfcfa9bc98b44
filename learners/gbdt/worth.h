/* Is a piece of work worth waking other threads for?
 *
 * A parallel region costs some microseconds on an idle machine, and the wait
 * for a processor on a busy one; short work is faster, and no slower under
 * load, on the thread that has it. The answer depends on the data alone, and
 * bits do not depend on it. */
#ifndef TRIARCH_GBDT_WORTH_H
#define TRIARCH_GBDT_WORTH_H

/* `steps` of about a nanosecond each. */
static inline int worth_threads(int threads, double steps)
{
	return steps < 200e3 ? 1 : threads;
}

#endif
