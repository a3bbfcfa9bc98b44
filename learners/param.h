/* A learner's parameters as data: one table drives YAML checking, the command
 * line, `triarch info`, the tuning space and the row in the results. */
#ifndef TRIARCH_PARAM_H
#define TRIARCH_PARAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/rng.h"

enum param_type {
	PARAM_TYPE_INT,
	PARAM_TYPE_REAL,
	PARAM_TYPE_BOOL,
	PARAM_TYPE_CHOICE,
	PARAM_TYPE_TEXT,
};

struct param {
	const char *name; /* NULL ends a schema */
	enum param_type type;
	/* in the config struct: int64_t, double, bool, int, char[max + 1] */
	size_t offset;
	double otherwise; /* the default (a choice: its index; a text: "") */
	double min, max;  /* the allowed range, inclusive; of a text its bytes */
	const char *const *choices; /* NULL-terminated, for a choice */
	const char *help; /* one line; units in it */
	/* the tuning space: empty when lo == hi (a choice or bool with
	 * tunable = true is drawn among all its values) */
	bool tunable;
	bool log_scale;
	double lo, hi;
};

/* Rows of a schema:
 *	PARAM_INT(struct gbdt_config, rounds, 300, 1, 100000, "trees a class"),
 *	PARAM_REAL(struct gbdt_config, shrinkage, 0.1, 1e-4, 1, "learning rate",
 *		   PARAM_LOG(0.02, 0.3)),
 * The field has the parameter's name. The tuning space comes last; leave it
 * out for a parameter that is not searched. */
#define PARAM_INT(S, field, def, lo_, hi_, text, ...)                     \
	{ .name = #field, .type = PARAM_TYPE_INT,                         \
	  .offset = offsetof(S, field), .otherwise = (def), .min = (lo_), \
	  .max = (hi_), .help = (text), __VA_ARGS__ }
#define PARAM_REAL(S, field, def, lo_, hi_, text, ...)                    \
	{ .name = #field, .type = PARAM_TYPE_REAL,                        \
	  .offset = offsetof(S, field), .otherwise = (def), .min = (lo_), \
	  .max = (hi_), .help = (text), __VA_ARGS__ }
#define PARAM_BOOL(S, field, def, text, ...)                            \
	{ .name = #field, .type = PARAM_TYPE_BOOL,                      \
	  .offset = offsetof(S, field), .otherwise = (def), .max = 1.0, \
	  .help = (text), __VA_ARGS__ }
#define PARAM_CHOICE(S, field, def, names, text, ...)         \
	{ .name = #field, .type = PARAM_TYPE_CHOICE,          \
	  .offset = offsetof(S, field), .otherwise = (def),   \
	  .choices = (names), .help = (text), __VA_ARGS__ }
#define PARAM_TEXT(S, field, text)                              \
	{ .name = #field, .type = PARAM_TYPE_TEXT,              \
	  .offset = offsetof(S, field),                         \
	  .max = sizeof(((S *)0)->field) - 1, .help = (text) }
#define PARAM_END { .name = NULL }
#define PARAM_LOG(from, to) .tunable = true, .log_scale = true, .lo = (from), .hi = (to)
#define PARAM_LIN(from, to) .tunable = true, .lo = (from), .hi = (to)
#define PARAM_ANY .tunable = true

/* config <- the defaults. */
void param_defaults(const struct param *schema, void *config);

/* Set one parameter from text. ERR_CONFIG: unknown name (did you mean), wrong
 * type, out of range; the message names learner-free what was wrong, callers
 * wrap it with their place. */
int param_set(const struct param *schema, void *config, const char *name,
	      const char *value, struct error *err);

/* "k=v,k=v" ("" is fine), so a text holds no comma. */
int param_set_all(const struct param *schema, void *config, const char *text,
		  struct error *err);

/* {"name": value, ...} with every parameter; a new reference, NULL when out of
 * memory. And back (unknown or wrong values: ERR_CONFIG). */
json_t *param_to_json(const struct param *schema, const void *config);
int param_from_json(const struct param *schema, void *config,
		    const json_t *object, struct error *err);

/* Random search: trial 0 leaves `config` as it is; trial t >= 1 draws every
 * tunable parameter from its space, a pure function of (rng, t). */
void param_sample(const struct param *schema, void *config, struct rng r,
		  size_t trial);

#endif
