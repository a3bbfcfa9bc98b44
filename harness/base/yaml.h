/* YAML files with a place for every complaint.
 *
 * libyaml's document tree, copied into an arena as plain nodes that know their
 * line and column. A file is first parsed, then read by asking for keys; at the
 * end yaml_check_keys refuses the keys nobody knows, with "did you mean".
 * Anchors and aliases work; duplicate keys, tabs and a second document are
 * errors. Every message starts with file:line:column.
 */
#ifndef TRIARCH_YAML_H
#define TRIARCH_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	const char *file;
	size_t line, column; /* counted from 1 */
	const char *text;    /* scalar: its value */
	bool quoted;         /* scalar: was it in quotes (then never a number) */
	size_t n;            /* list: items; map: pairs */
	struct yaml **items; /* (n) list items or map values */
	struct yaml **keys;  /* (n) map keys (scalars) */
};

/* Parse a file, or `size` bytes of text that are called `name` in messages.
 * The tree lives in the arena. ERR_IO, ERR_CONFIG, ERR_MEMORY. */
int yaml_read(struct arena *a, const char *path, struct yaml **root,
	      struct error *err);
int yaml_parse(struct arena *a, const char *text, size_t size, const char *name,
	       struct yaml **root, struct error *err);

/* The value of a key of a map, NULL when absent (or `map` is no map). */
const struct yaml *yaml_get(const struct yaml *map, const char *key);

/* An error at a node: "file:line:column: message". Returns ERR_CONFIG. */
int yaml_error(const struct yaml *at, struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Refuse keys of a map outside names[0..n). */
int yaml_check_keys(const struct yaml *map, const char *const *names, size_t n,
		    struct error *err);

/* Typed values of one node; ERR_CONFIG when it is of another type. A real is
 * finite; `10s` is no number; booleans are true/false/yes/no/on/off. */
int yaml_string(const struct yaml *node, const char **out, struct error *err);
int yaml_int(const struct yaml *node, int64_t min, int64_t max, int64_t *out,
	     struct error *err);
int yaml_real(const struct yaml *node, double min, double max, double *out,
	      struct error *err);
int yaml_bool(const struct yaml *node, bool *out, struct error *err);

/* The same for a key of a map: absent leaves *out as it is and gives 0. */
int yaml_get_string(const struct yaml *map, const char *key, const char **out,
		    struct error *err);
int yaml_get_int(const struct yaml *map, const char *key, int64_t min,
		 int64_t max, int64_t *out, struct error *err);
int yaml_get_real(const struct yaml *map, const char *key, double min,
		  double max, double *out, struct error *err);
int yaml_get_bool(const struct yaml *map, const char *key, bool *out,
		  struct error *err);
/* The same for text that must be there: an absent key is ERR_CONFIG at the map. */
int yaml_need_string(const struct yaml *map, const char *key, const char **out,
		     struct error *err);
/* A list of strings (a single scalar counts as a list of one), in the arena. */
int yaml_get_strings(struct arena *a, const struct yaml *map, const char *key,
		     const char *const **out, size_t *n, struct error *err);

#endif
