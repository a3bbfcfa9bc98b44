/* Parameters as data: one loop over a schema does what each learner would
 * otherwise write for itself. A value travels as a double between text or JSON
 * and the field of the config struct; whole numbers are exact up to 2^53. */
#include "learners/param.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/suggest.h"

#define PARAMS_MAX 64 /* more parameters than any learner should have */

/* Into the field at the parameter's offset, as its type. */
static void store(const struct param *p, void *config, double value)
{
	char *at = (char *)config + p->offset;

	switch (p->type) {
	case PARAM_TYPE_INT:
		*(int64_t *)(void *)at = (int64_t)value;
		break;
	case PARAM_TYPE_REAL:
		*(double *)(void *)at = value;
		break;
	case PARAM_TYPE_BOOL:
		*(bool *)(void *)at = value != 0.0;
		break;
	case PARAM_TYPE_CHOICE:
		*(int *)(void *)at = (int)value;
		break;
	case PARAM_TYPE_TEXT:
		*at = '\0'; /* a text is no number: its default alone */
		break;
	}
}

/* And back out of it. */
static double fetch(const struct param *p, const void *config)
{
	const char *at = (const char *)config + p->offset;

	switch (p->type) {
	case PARAM_TYPE_INT:
		return (double)*(const int64_t *)(const void *)at;
	case PARAM_TYPE_REAL:
		return *(const double *)(const void *)at;
	case PARAM_TYPE_BOOL:
		return *(const bool *)(const void *)at;
	case PARAM_TYPE_CHOICE:
		return *(const int *)(const void *)at;
	case PARAM_TYPE_TEXT:
		break;
	}
	return NAN;
}

void param_defaults(const struct param *schema, void *config)
{
	for (const struct param *p = schema; p->name; p++)
		store(p, config, p->otherwise);
}

/* NULL and an error with the nearest name when the schema has none such. */
static const struct param *find(const struct param *schema, const char *name,
				struct error *err)
{
	const char *names[PARAMS_MAX];
	char hint[96];
	size_t n = 0;

	for (const struct param *p = schema; p->name; p++) {
		if (!strcmp(p->name, name))
			return p;
		if (n < PARAMS_MAX)
			names[n++] = p->name;
	}
	error_set(err, ERR_CONFIG, "unknown parameter '%s'%s", name,
		  suggest_text(name, names, n, hint, sizeof(hint)));
	return NULL;
}

static size_t choice_count(const struct param *p)
{
	size_t n = 0;

	while (p->choices[n])
		n++;
	return n;
}

/* A choice is stored as its index; the error lists what there is. */
static int parse_choice(const struct param *p, const char *value, double *out,
			struct error *err)
{
	char all[256] = "";
	size_t used = 0;

	for (size_t i = 0; p->choices[i]; i++) {
		if (!strcmp(p->choices[i], value)) {
			*out = (double)i;
			return 0;
		}
		if (used < sizeof(all))
			used += (size_t)snprintf(all + used, sizeof(all) - used,
						 "%s%s", i ? ", " : "",
						 p->choices[i]);
	}
	return error_set(err, ERR_CONFIG, "%s: '%s' is none of %s", p->name,
			 value, all);
}

/* The words that YAML takes, and 0 and 1 as the command line likes them. */
static int parse_bool(const struct param *p, const char *value, double *out,
		      struct error *err)
{
	static const char *const words[] = { "false", "true", "no", "yes",
					     "off",   "on",   "0",  "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(words[i], value)) {
			*out = (double)(i % 2);
			return 0;
		}
	}
	return error_set(err, ERR_CONFIG, "%s: expected true or false, found '%s'",
			 p->name, value);
}

static int check_range(const struct param *p, double x, struct error *err)
{
	if (x >= p->min && x <= p->max)
		return 0;
	return error_set(err, ERR_CONFIG, "%s: %g is outside %g .. %g", p->name,
			 x, p->min, p->max);
}

/* All of the text must be the number: "10s" is none, nor is "nan". */
static int parse_number(const struct param *p, const char *value, double *out,
			struct error *err)
{
	bool is_int = p->type == PARAM_TYPE_INT;
	char *end;

	errno = 0;
	*out = is_int ? (double)strtoll(value, &end, 10) : strtod(value, &end);
	if (end == value || *end || (is_int && errno) || !isfinite(*out))
		return error_set(err, ERR_CONFIG, "%s: expected a %s, found '%s'",
				 p->name, is_int ? "whole number" : "number",
				 value);
	return check_range(p, *out, err);
}

/* It must fit its field, and be UTF-8, which is what JSON can hold. */
static int set_text(const struct param *p, void *config, const char *value,
		    struct error *err)
{
	size_t n = strlen(value);
	json_t *valid = json_string(value);

	json_decref(valid);
	if (n > (size_t)p->max)
		return error_set(err, ERR_CONFIG, "%s: more than %g bytes", p->name,
				 p->max);
	if (!valid)
		return error_set(err, ERR_CONFIG, "%s: not UTF-8", p->name);
	memcpy((char *)config + p->offset, value, n + 1);
	return 0;
}

int param_set(const struct param *schema, void *config, const char *name,
	      const char *value, struct error *err)
{
	const struct param *p = find(schema, name, err);
	double x;
	int rc;

	if (!p)
		return ERR_CONFIG;
	if (p->type == PARAM_TYPE_TEXT)
		return set_text(p, config, value, err);
	if (p->type == PARAM_TYPE_CHOICE)
		rc = parse_choice(p, value, &x, err);
	else if (p->type == PARAM_TYPE_BOOL)
		rc = parse_bool(p, value, &x, err);
	else
		rc = parse_number(p, value, &x, err);
	if (!rc)
		store(p, config, x);
	return rc;
}

/* One "k=v" of `length` bytes. */
static int set_pair(const struct param *schema, void *config, const char *pair,
		    size_t length, struct error *err)
{
	char text[512];
	char *equals;

	if (length >= sizeof(text))
		return error_set(err, ERR_CONFIG, "parameter too long: '%.30s...'",
				 pair);
	memcpy(text, pair, length);
	text[length] = '\0';
	equals = strchr(text, '=');
	if (!equals)
		return error_set(err, ERR_CONFIG, "expected NAME=VALUE, found '%s'",
				 text);
	*equals = '\0';
	return param_set(schema, config, text, equals + 1, err);
}

int param_set_all(const struct param *schema, void *config, const char *text,
		  struct error *err)
{
	while (*text) {
		size_t n = strcspn(text, ",");
		int rc = set_pair(schema, config, text, n, err);

		if (rc)
			return rc;
		text += n;
		text += *text == ',';
	}
	return 0;
}

/* A real stays a real in JSON (1 and 1.0 are different keys otherwise). */
static json_t *value_to_json(const struct param *p, const void *config)
{
	double x = fetch(p, config);

	switch (p->type) {
	case PARAM_TYPE_INT:
		return json_integer((json_int_t)x);
	case PARAM_TYPE_REAL:
		return json_number(x);
	case PARAM_TYPE_BOOL:
		return json_boolean(x != 0.0);
	case PARAM_TYPE_CHOICE:
		return json_string(p->choices[(size_t)x]);
	case PARAM_TYPE_TEXT:
		return json_string((const char *)config + p->offset);
	}
	return NULL;
}

json_t *param_to_json(const struct param *schema, const void *config)
{
	json_t *object = json_object();

	for (const struct param *p = schema; object && p->name; p++) {
		if (json_object_set_new(object, p->name,
					value_to_json(p, config))) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/* JSON has its types, so nothing is read out of strings but choices
 * and texts. */
static int set_from_json(const struct param *p, void *config,
			 const json_t *value, struct error *err)
{
	double x;
	int rc;

	if (json_is_string(value) && p->type == PARAM_TYPE_TEXT)
		return set_text(p, config, json_string_value(value), err);
	if (json_is_string(value) && p->type == PARAM_TYPE_CHOICE) {
		rc = parse_choice(p, json_string_value(value), &x, err);
	} else if (json_is_boolean(value) && p->type == PARAM_TYPE_BOOL) {
		x = json_is_true(value);
		rc = 0;
	} else if (json_is_integer(value) ||
		   (json_is_real(value) && p->type == PARAM_TYPE_REAL)) {
		x = json_number_value(value);
		rc = check_range(p, x, err);
	} else {
		return error_set(err, ERR_CONFIG, "%s: value of a wrong type",
				 p->name);
	}
	if (!rc)
		store(p, config, x);
	return rc;
}

int param_from_json(const struct param *schema, void *config,
		    const json_t *object, struct error *err)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(size_t)object, name, value) {
		const struct param *p = find(schema, name, err);
		int rc = p ? set_from_json(p, config, value, err) : ERR_CONFIG;

		if (rc)
			return rc;
	}
	return 0;
}

/* One draw from the parameter's space; u is uniform in [0, 1). */
static double draw(const struct param *p, double u)
{
	double x;

	if (p->type == PARAM_TYPE_BOOL)
		return u < 0.5 ? 0.0 : 1.0;
	if (p->type == PARAM_TYPE_CHOICE)
		return floor(u * (double)choice_count(p));
	if (p->log_scale)
		x = p->lo * pow(p->hi / p->lo, u);
	else
		x = p->lo + (p->hi - p->lo) * u;
	if (p->type == PARAM_TYPE_INT)
		x = round(x);
	return fmin(fmax(x, p->min), p->max);
}

void param_sample(const struct param *schema, void *config, struct rng r,
		  size_t trial)
{
	uint64_t i = 0;

	if (!trial)
		return;
	/* The k-th parameter of the schema has the k-th number of the trial, drawn
	 * or not: making one more tunable leaves the others' draws alone. */
	r = rng_sub(r, trial);
	for (const struct param *p = schema; p->name; p++, i++)
		if (p->tunable)
			store(p, config, draw(p, rng_uniform(r, i)));
}
