/* The jobs of a run that are still to be done, shared with other runs on the
 * same store: what another one is at is put off, and what it finished is left
 * out. */
#ifndef TRIARCH_QUEUE_H
#define TRIARCH_QUEUE_H

#include "harness/cell.h"
#include "harness/claim.h"
#include "results/store.h"

struct job {
	const struct cell *cell;
	int64_t repetition; /* of the row it will write */
	bool again;	    /* as a further repetition, whatever is there */
	bool elsewhere;	    /* set when another run wrote that row */
};

struct queue {
	struct job **left; /* (n); [0, put_off) of them wait for others */
	size_t n, next, put_off;
	struct store *store; /* NULL: nothing is shared */
	const char *fingerprint;
	struct claims claims;
	double again_at; /* clock: not to ask before for what is put off */
};

/* `jobs` and `store` must outlive it. ERR_MEMORY, ERR_IO; queue_free is allowed
 * in any case. */
int queue_init(struct queue *q, struct job *jobs, size_t n, struct store *store,
	       const char *fingerprint, struct error *err);
void queue_free(struct queue *q);

/* The next job, claimed, or NULL: none now. Those that others finished come
 * with `elsewhere` set and need no queue_drop. */
struct job *queue_take(struct queue *q);

/* Done with one, its row written or not. */
void queue_drop(struct queue *q, const struct job *job);

/* Forget what was not taken yet. */
void queue_stop(struct queue *q);

/* None will come any more. */
bool queue_is_empty(const struct queue *q);

#endif
