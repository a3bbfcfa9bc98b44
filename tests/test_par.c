#include "harness/base/par.h"

#include "tests/tap.h"

#define N 10007 /* prime: the last chunk is short */
#define GRAIN 64

struct job {
	double in[N];
	double partial[N / GRAIN + 1];
	int visits[N / GRAIN + 1];
	int workers_ok[N / GRAIN + 1];
	int threads;
};

static void add_chunk(void *ctx, size_t chunk, size_t worker)
{
	struct job *job = ctx;
	struct par_range r = par_range(N, GRAIN, chunk);

	job->visits[chunk]++;
	job->workers_ok[chunk] = worker < (size_t)job->threads;
	job->partial[chunk] = 0;
	for (size_t i = r.begin; i < r.end; i++)
		job->partial[chunk] += job->in[i];
}

static double total(struct job *job, int threads)
{
	double sum = 0;

	memset(job->visits, 0, sizeof(job->visits));
	job->threads = threads;
	par_for(threads, par_chunks(N, GRAIN), add_chunk, job);
	for (size_t c = 0; c < par_chunks(N, GRAIN); c++)
		sum += job->partial[c];
	return sum;
}

static void test_same_bits(void)
{
	static struct job job;
	double one;
	bool once = true, workers = true;

	for (size_t i = 0; i < N; i++)
		job.in[i] = 1.0 / (double)(i + 1);
	one = total(&job, 1);
	for (int threads = 2; threads <= 8; threads++) {
		ok(total(&job, threads) == one, "par: same bits on %d threads",
		   threads);
		for (size_t c = 0; c < par_chunks(N, GRAIN); c++) {
			once &= job.visits[c] == 1;
			workers &= job.workers_ok[c];
		}
	}
	ok(once, "par: every chunk runs once");
	ok(workers, "par: worker numbers stay below the thread count");
}

static void test_ranges(void)
{
	ok(par_chunks(0, 64) == 0 && par_chunks(1, 64) == 1 &&
		   par_chunks(64, 64) == 1 && par_chunks(65, 64) == 2,
	   "par: chunk counts round up");
	ok(par_range(65, 64, 1).begin == 64 && par_range(65, 64, 1).end == 65,
	   "par: the last chunk is short");
	ok(par_cpus() >= 1, "par: at least one processor");
}

struct nest {
	int inner[4][4];
};

static void inner(void *ctx, size_t chunk, size_t worker)
{
	(void)worker;
	((int *)ctx)[chunk]++;
}

static void outer(void *ctx, size_t chunk, size_t worker)
{
	(void)worker;
	par_for(4, 4, inner, ((struct nest *)ctx)->inner[chunk]);
}

static void test_nested(void)
{
	struct nest nest = { 0 };
	bool all = true;

	par_for(2, 4, outer, &nest);
	for (int i = 0; i < 16; i++)
		all &= nest.inner[i / 4][i % 4] == 1;
	ok(all, "par: a loop inside a chunk runs in full");
	par_for(4, 0, inner, NULL);
	ok(true, "par: no chunks, no calls");
}

/* Numbers that only the one whose turn it is may take. */
struct turns {
	struct par_lock lock;
	int next, last;
	size_t running;
};

static void take_turns(void *ctx, size_t chunk, size_t worker)
{
	struct turns *t = ctx;

	(void)worker;
	par_lock(&t->lock);
	t->running++;
	while (t->next < t->last) {
		bool mine = (size_t)t->next % 2 == chunk;

		if (mine || t->running < 2) { /* alone: nobody to wait for */
			t->next++;
			par_changed(&t->lock);
		} else {
			par_wait(&t->lock);
		}
	}
	t->running--;
	par_changed(&t->lock);
	par_unlock(&t->lock);
}

static void test_lock(void)
{
	struct turns t = { .last = 2000 };

	par_lock_init(&t.lock);
	par_for(2, 2, take_turns, &t);
	ok(t.next == 2000 && !t.running, "par: two take turns under a lock");
	t.next = 0;
	par_for(1, 2, take_turns, &t);
	ok(t.next == 2000, "par: one alone does not wait");
	par_lock_free(&t.lock);
}

int main(void)
{
	test_lock();
	test_same_bits();
	test_ranges();
	test_nested();
	return tap_done();
}
