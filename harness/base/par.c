/* Threads: OpenMP's, or pthreads for the thread sanitizer. Which worker takes
 * which chunk is left to chance (dynamic, one at a time): chunks may differ in
 * work by much, and since a chunk writes only its own output the bits do not
 * depend on who computed it.
 */
#include "harness/base/par.h"

#include <assert.h>
#include <sched.h>
#include <unistd.h>

/* `n - begin < grain` and not `begin + grain > n`, which could wrap. */
struct par_range par_range(size_t n, size_t grain, size_t chunk)
{
	size_t begin = chunk * grain;
	size_t end = n - begin < grain ? n : begin + grain;

	assert(begin <= n);
	return (struct par_range){ .begin = begin, .end = end };
}

size_t par_chunks(size_t n, size_t grain)
{
	assert(grain);
	return n / grain + (n % grain != 0);
}

/* The mask and not the number of processors: in a container or under taskset
 * threads beyond it only wait for each other. */
int par_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return CPU_COUNT(&set);
	return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

/* ---------------------------------------------------------------- the lock */

/* Looks at the list before a waiting thread sleeps: waking costs it, and the one
 * that wakes it, more than most waits last. */
enum { LOOKS = 2000 };

static void pause_a_little(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
}

void par_lock_init(struct par_lock *l)
{
	pthread_mutex_init(&l->mutex, NULL);
	pthread_cond_init(&l->changed, NULL);
	atomic_init(&l->changes, 0);
}

void par_lock_free(struct par_lock *l)
{
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->mutex);
}

void par_lock(struct par_lock *l)
{
	pthread_mutex_lock(&l->mutex);
}

void par_unlock(struct par_lock *l)
{
	pthread_mutex_unlock(&l->mutex);
}

void par_changed(struct par_lock *l)
{
	atomic_fetch_add(&l->changes, 1);
	pthread_cond_broadcast(&l->changed);
}

void par_wait(struct par_lock *l)
{
	unsigned seen = atomic_load(&l->changes);

	par_unlock(l);
	for (int k = 0; k < LOOKS && atomic_load(&l->changes) == seen; k++)
		pause_a_little();
	par_lock(l);
	while (atomic_load(&l->changes) == seen)
		pthread_cond_wait(&l->changed, &l->mutex);
}

/* ---------------------------------------------------------------- the loop */

#ifdef TRIARCH_PAR_PTHREAD

/* The thread sanitizer does not see into libgomp, so its build runs on plain
 * threads that take chunks from an atomic counter. */
struct job {
	par_fn *fn;
	void *ctx;
	size_t chunks;
	atomic_size_t next;
};

struct worker {
	struct job *job;
	size_t index;
	pthread_t thread;
};

#define MAX_WORKERS 64

/* In a chunk: a par_for there runs in its caller, as the OpenMP one does. */
static _Thread_local int inside;

/* The life of one thread: chunks from the counter until there are none. */
static void *work(void *arg)
{
	struct worker *w = arg;
	size_t chunk;

	inside = 1;
	while ((chunk = atomic_fetch_add(&w->job->next, 1)) < w->job->chunks)
		w->job->fn(w->job->ctx, chunk, w->index);
	inside = 0;
	return NULL;
}

void par_for(int threads, size_t chunks, par_fn *fn, void *ctx)
{
	struct job job = { .fn = fn, .ctx = ctx, .chunks = chunks };
	struct worker workers[MAX_WORKERS];
	int started = 1;

	if (threads > MAX_WORKERS)
		threads = MAX_WORKERS;
	if (threads <= 1 || chunks <= 1 || inside) {
		for (size_t c = 0; c < chunks; c++)
			fn(ctx, c, 0);
		return;
	}
	workers[0] = (struct worker){ .job = &job };
	for (int i = 1; i < threads; i++) {
		workers[i] = (struct worker){ .job = &job, .index = (size_t)i };
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			break;
		started++;
	}
	work(&workers[0]);
	for (int i = 1; i < started; i++)
		pthread_join(workers[i].thread, NULL);
}

#else

/* Nested calls run one after another: the outer loop has all the threads, and
 * a learner need not know whether it is called from inside one. */
#include <omp.h>

void par_for(int threads, size_t chunks, par_fn *fn, void *ctx)
{
	if (threads <= 1 || chunks <= 1 || omp_in_parallel()) {
		for (size_t c = 0; c < chunks; c++)
			fn(ctx, c, 0);
		return;
	}
	/* num_threads wins over what openblas_set_num_threads(1) sets in the
	 * OpenMP build of OpenBLAS. */
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
	for (size_t c = 0; c < chunks; c++)
		fn(ctx, c, (size_t)omp_get_thread_num());
}

#endif
