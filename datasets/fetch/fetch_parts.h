/* Private to fetch*.c: what the ways to a file share. */
#ifndef TRIARCH_FETCH_PARTS_H
#define TRIARCH_FETCH_PARTS_H

#include <limits.h>

#include "datasets/fetch/fetch.h"

/* Data code prints nothing itself: whoever asked decides what to show. */
void fetch_say(const struct fetch *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A path from pieces; too long a one is ERR_IO, never cut off. */
int fetch_join(char out[PATH_MAX], struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Where the origin's file is or will be. */
int fetch_place(char out[PATH_MAX], const struct fetch *f,
		const struct origin_file *o, struct error *err);

/* The file or folder at `path` against the catalogue; `home` is where it will
 * be and what its stamp is of. With `anew` the stamp is not asked. ERR_MISSING
 * when there is none, ERR_DATA when the digest differs: the first is the state
 * before a fetch, the second is damage. */
int fetch_check(const struct fetch *f, const struct origin_file *o,
		const char *path, const char *home, bool anew,
		struct error *err);

/* ERR_MISSING: not in the cache, and which command brings it. */
int fetch_missing(const struct fetch *f, const struct entry *e,
		  const struct origin_file *o, struct error *err);

/* All files of the k-th origin's package; the k-th origin's file. */
int fetch_package(const struct fetch *f, const struct entry *e, size_t k,
		  struct error *err);
int fetch_file(const struct fetch *f, const struct entry *e, size_t k,
	       struct error *err);

#endif
