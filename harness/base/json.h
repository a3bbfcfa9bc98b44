/* JSON through jansson, with our errors. `json_t` is jansson's. */
#ifndef TRIARCH_JSON_H
#define TRIARCH_JSON_H

#include <jansson.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/text.h"

/* Canonical text: sorted keys, no spaces, reals in the shortest form that
 * reads back to the same double; in the arena. NULL when out of memory. */
char *json_canonical(struct arena *a, const json_t *value);
/* The same behind what `t` holds; t->failed when out of memory. */
void json_add(struct text *t, const json_t *value);

/* A string in quotes behind what `t` holds; bytes that are no UTF-8 as '?'. */
void json_add_string(struct text *t, const char *s);

/* SHA-256 of the canonical text. */
int json_hash(const json_t *value, char hex[HASH_HEX], struct error *err);

/* Read a whole file; the caller owns the reference (json_decref). A broken
 * file is ERR_DATA with file:line:column. */
json_t *json_read(const char *path, struct error *err);

/* A real, or null where it is not finite (JSON has no NaN). */
json_t *json_number(double x);

/* Lookups with a default, never failing. */
double json_get_real(const json_t *object, const char *key, double otherwise);
long long json_get_int(const json_t *object, const char *key, long long otherwise);
const char *json_get_string(const json_t *object, const char *key,
			    const char *otherwise);

#endif
