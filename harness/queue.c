/* A list that is gone through in passes: a job whose cell somebody else has
 * claimed moves to the front part and is asked for again in the next pass. With
 * a claim in hand the store's folder is asked, not its index, whether the row
 * has come meanwhile: another run may have begun and ended since this one made
 * its plan. */
#include "harness/queue.h"

#include <stdlib.h>

#include "harness/base/clock.h"

#define PASS_S 0.2 /* between two questions for what others are at */

int queue_init(struct queue *q, struct job *jobs, size_t n, struct store *store,
	       const char *fingerprint, struct error *err)
{
	*q = (struct queue){ .n = n, .store = store,
			     .fingerprint = fingerprint,
			     .claims = { .fd = -1 } };
	q->left = malloc((n + 1) * sizeof(struct job *));
	if (!q->left)
		return error_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < n; i++)
		q->left[i] = &jobs[i];
	return store ? claims_open(&q->claims, store_dir(store), err) : 0;
}

void queue_free(struct queue *q)
{
	claims_close(&q->claims);
	free(q->left);
	q->left = NULL;
}

/* Is the job's row there already? If not, settle which repetition it writes, now
 * that nobody else can: past all names that are taken, so that a file that is
 * damaged does not stand in a new row's way. A folder that cannot be read is left
 * for the publication to complain of. */
static bool is_written(const struct queue *q, struct job *job)
{
	struct error ignored;
	int64_t last, taken;

	if (store_last_written(q->store, job->cell->key, q->fingerprint, &last,
			       &taken, &ignored))
		return false;
	if (!job->again && last >= job->repetition)
		return true;
	if (taken >= job->repetition)
		job->repetition = taken + 1;
	return false;
}

/* Back to the front, unless what is put off was asked for just now. */
static bool begin_pass(struct queue *q)
{
	double now = clock_wall();

	if (!q->put_off || now < q->again_at)
		return false;
	q->again_at = now + PASS_S;
	q->n = q->put_off;
	q->next = q->put_off = 0;
	return true;
}

/* The next job to run or to tell of, with its claim held (one that is written
 * elsewhere is dropped here again). NULL: nothing now, but queue_is_empty tells
 * whether there will be. Without a store there is nobody to share with. */
struct job *queue_take(struct queue *q)
{
	while (q->next < q->n || begin_pass(q)) {
		struct job *job = q->left[q->next++];

		if (!q->store)
			return job;
		if (!claims_take(&q->claims, job->cell->key)) {
			q->left[q->put_off++] = job;
			continue;
		}
		job->elsewhere = is_written(q, job);
		if (job->elsewhere)
			queue_drop(q, job);
		return job;
	}
	return NULL;
}

void queue_drop(struct queue *q, const struct job *job)
{
	claims_drop(&q->claims, job->cell->key);
}

/* Those put off are forgotten as well: somebody else is at them. */
void queue_stop(struct queue *q)
{
	q->n = q->next = q->put_off = 0;
}

bool queue_is_empty(const struct queue *q)
{
	return q->next == q->n && !q->put_off;
}
