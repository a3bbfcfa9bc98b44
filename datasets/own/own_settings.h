/* What a person says about data of their own, in brackets behind its path or in
 * a YAML file beside it. Everything is optional.
 *
 *	target: COLUMN		task: classification|regression
 *	text: COLUMN		the free text to learn from
 *	group: time: fold: COLUMN	what the split goes by
 *	split: {...}		as in the catalogue; test: SHARE is short for it
 *	drop: [a, b]		or {a: why, b: why}; in brackets a+b
 *	types: {a: numeric, b: categorical, c: date, d: drop}
 *	categorical: numeric: [a, b]	the same
 *	missing: [texts]	separator: decimal: header: day_first: metric:
 *	log_target: true	missing_target: drop
 *	options: {...}		for the reader, where it is not that of tables
 */
#ifndef TRIARCH_OWN_SETTINGS_H
#define TRIARCH_OWN_SETTINGS_H

#include "datasets/catalog.h"

enum own_type { OWN_NUMERIC, OWN_CATEGORICAL, OWN_DATE };

struct own_column {
	const char *name;
	enum own_type type;
};

struct own_settings {
	const char *target, *text, *group, *time, *fold; /* NULL: not said */
	const char *task, *metric;			 /* NULL: not said */
	const struct dropped *drops;			 /* (n_drops) */
	size_t n_drops;
	struct own_column *types; /* (n_types) */
	size_t n_types;
	const char *const *missing; /* (n_missing), NULL: the usual markers */
	size_t n_missing;
	char separator, decimal;  /* 0: not said */
	int header, day_first;	  /* -1: not said, 0, 1 */
	bool log_target, drop_rows; /* rows without a target */
	const struct yaml *options; /* for the reader, or NULL */
	bool has_split;
	struct split_rule split;
};

/* Nothing said. */
void own_settings_init(struct own_settings *s);

/* Read a map over what is there: a key replaces what was said before it. Strict;
 * errors say file:line:column. ERR_CONFIG, ERR_MEMORY. */
int own_settings_read(struct own_settings *s, const struct yaml *map, struct arena *a,
		      struct error *err);

/* The keys, for "did you mean"; how many goes to *n. */
const char *const *own_settings_keys(size_t *n);

#endif
