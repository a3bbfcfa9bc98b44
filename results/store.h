/* The store of rows: a folder of append-only cell files, the truth, and an
 * SQLite index beside them, made from the files and rebuilt when it is lost.
 *
 *   DIR/cells/<key[0:2]>/<key>-<build>-<fingerprint[0:12]>-<rep>.json
 *   DIR/predictions/<key[0:2]>/<same stem>-{valid,test}.bin.gz
 *   DIR/index.sqlite
 *
 * A row is published with write, fsync, link(2): the first wins, kill -9 at any
 * point loses nothing that was published and leaves no half row. Two runs may
 * share a store. A file that does not parse is named in a warning and left out.
 * The index holds nothing of its own: lost, corrupt, not to be written, it is
 * made anew (in memory if need be) and nobody notices but the clock.
 */
#ifndef TRIARCH_STORE_H
#define TRIARCH_STORE_H

#include <stdbool.h>

#include "results/record.h"

struct store; /* opaque: holds the folder and the open index */

/* Open or create. ERR_IO when the folder cannot be written. */
int store_open(struct store **s, const char *dir, struct error *err);
/* Open what is there for reading only; ERR_MISSING when there is nothing. */
int store_open_readonly(struct store **s, const char *dir, struct error *err);
void store_close(struct store *s);
const char *store_dir(const struct store *s);

/* Publish a row, its predictions first (either may be NULL). Fills in nothing.
 * *existed (may be NULL) tells that such a row was there already: it stays.
 * Touches no index, so a forked child may call it. */
int store_publish(struct store *s, const struct record *r,
		  const struct predictions *valid,
		  const struct predictions *test, bool *existed,
		  struct error *err);

/* Bring the index up to date with the files (adds what is new, forgets what is
 * gone). *broken counts files that did not parse; their names go to `say`, as
 * "path: why" (both may be NULL). Files never change once published, so one
 * that was edited by hand is only noticed after index.sqlite is deleted. */
int store_sync(struct store *s, void (*say)(void *ctx, const char *line),
	       void *ctx, size_t *broken, struct error *err);

/* How many rows of this key and fingerprint are indexed (any fingerprint when
 * NULL), and the highest repetition (-1: none). */
int store_count(struct store *s, const char *key, const char *fingerprint,
		int64_t *count, int64_t *last_repetition, struct error *err);

/* The highest repetition of this key and fingerprint that is there now, from
 * the folder and not from the index: what another process published a moment ago
 * counts. *last is of rows that can be read, *taken of all names; -1: none.
 * ERR_IO when the folder cannot be read. */
int store_last_written(const struct store *s, const char *key,
		       const char *fingerprint, int64_t *last, int64_t *taken,
		       struct error *err);

/* Call `row` for every indexed row whose key is in keys[0..n) (all rows when
 * keys is NULL), in order of (key, created, file). The row lives as long as the
 * call. A non-zero return stops and is returned. */
int store_each(struct store *s, const char *const *keys, size_t n,
	       int (*row)(void *ctx, const struct record *r), void *ctx,
	       struct error *err);

/* The same with the needed fields only (record.h's names, `key` and `status`
 * always among them): the others stay as record_init leaves them. A board does
 * not look at the noise of 100,000 rows, whose JSON would have to be parsed. */
int store_each_of(struct store *s, const char *const *keys, size_t n,
		  const char *const *fields, size_t n_fields,
		  int (*row)(void *ctx, const struct record *r), void *ctx,
		  struct error *err);

/* The predictions stored with a row; ERR_MISSING when there are none, ERR_DATA
 * when they are damaged or their digest is not the row's. */
int store_predictions(struct store *s, const struct record *r, bool test,
		      struct arena *a, struct predictions *out,
		      struct error *err);

#endif
