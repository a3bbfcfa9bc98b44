/* The SQLite index of a store: a copy of the cell files that can be asked.
 *
 * It holds nothing of its own, so every trouble with it has the same cure:
 * throw it away and read the files again. Rollback journal, not WAL: a store
 * may lie on a network file system, where WAL does not work. Two processes
 * take turns (short transactions, a busy timeout). Private to results/.
 */
#ifndef TRIARCH_STORE_INDEX_H
#define TRIARCH_STORE_INDEX_H

#include <stdbool.h>

#include "results/record.h"

struct index; /* opaque */

/* Open DIR/index.sqlite, made if need be; in memory alone when `in_memory`.
 * ERR_DATA when what is there is no index of ours; ERR_IO. */
int index_open(struct index **ix, const char *dir, bool in_memory,
	       struct error *err);
void index_close(struct index *ix);

/* Is the file under that name still the one we opened? Whoever writes asks
 * first, holding the store's lock: an SQLite file that was deleted and made
 * again must not be written through the old handle. */
bool index_current(const struct index *ix, const char *dir);

/* Delete the file (another process that has it open keeps its own copy). */
void index_drop(const char *dir);

/* store_sync, store_count and store_each are these. ERR_DATA stands for a
 * corrupt index, ERR_IO for one that cannot be read or written. */
int index_sync(struct index *ix, void (*say)(void *ctx, const char *line),
	       void *ctx, size_t *broken, struct error *err);
int index_count(struct index *ix, const char *key, const char *fingerprint,
		int64_t *count, int64_t *last_repetition, struct error *err);
/* What is asked of the index. */
struct index_query {
	const char *const *keys; /* (n); NULL: every row */
	size_t n;
	const char *const *fields; /* (n_fields); NULL: every field */
	size_t n_fields;
	int (*row)(void *ctx, const struct record *r);
	void *ctx;
};
int index_each(struct index *ix, const struct index_query *q,
	       struct error *err);

#endif
