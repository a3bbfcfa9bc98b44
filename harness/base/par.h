/* Threads, in one place.
 *
 * Work is cut into chunks whose edges depend on the data alone; chunks are
 * handed out dynamically. A chunk writes only its own output; sums are kept a
 * chunk each and added in chunk order afterwards. Then the same bits come out
 * on 1, 2 or 64 threads.
 */
#ifndef TRIARCH_PAR_H
#define TRIARCH_PAR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

/* `worker` is in [0, threads): the index of scratch memory to use. */
typedef void par_fn(void *ctx, size_t chunk, size_t worker);

/* Call fn for chunk = 0 .. chunks - 1 on at most `threads` threads; returns
 * when all are done. Calls inside a chunk run one after another. */
void par_for(int threads, size_t chunks, par_fn *fn, void *ctx);

/* The rows [begin, end) of one chunk, when n rows are cut every `grain`. */
struct par_range {
	size_t begin, end;
};
struct par_range par_range(size_t n, size_t grain, size_t chunk);

/* How many chunks that makes: ceil(n / grain). */
size_t par_chunks(size_t n, size_t grain);

/* A lock for chunks that share a list of work. Whoever changes the list says so;
 * a wait, with the lock held, ends at the next change after it began: a few ten
 * microseconds awake, then asleep. A chunk may wait only while another one is
 * known to run, for chunks may also run one after another. */
struct par_lock {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	atomic_uint changes;
};
void par_lock_init(struct par_lock *l);
void par_lock_free(struct par_lock *l);
void par_lock(struct par_lock *l);
void par_unlock(struct par_lock *l);
void par_changed(struct par_lock *l);
void par_wait(struct par_lock *l);

/* Processors this process may run on. */
int par_cpus(void);

#endif
