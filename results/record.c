/* A record as one table of fields: writing, reading and checking walk it, so a
 * new field is one line here and one in the struct, and no place is forgotten.
 * (git's parse-options and xgboost's DMLC_DECLARE_FIELD do the same for flags.) */
#include "results/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/suggest.h"
#include "results/record_fields.h"

#define FIELD(member, kind_, needed_)                       \
	{ .name = #member, .kind = RECORD_##kind_,          \
	  .offset = offsetof(struct record, member),        \
	  .needed = (needed_) }
#define NEEDED(member, kind) FIELD(member, kind, true)
#define EXTRA(member, kind) FIELD(member, kind, false)

/* In the order of the struct. What identifies a row, or what a board cannot do
 * without, is needed; the rest may be absent from an older row. */
const struct record_field record_fields[] = {
	NEEDED(key, TEXT),
	NEEDED(build, TEXT),
	NEEDED(fingerprint, TEXT),
	NEEDED(repetition, COUNT),
	NEEDED(created, COUNT),
	NEEDED(task, TEXT),
	EXTRA(dataset, TEXT),
	EXTRA(transform, TEXT),
	NEEDED(modality, TEXT),
	EXTRA(task_kind, TEXT),
	EXTRA(metric, TEXT),
	EXTRA(view, TEXT),
	EXTRA(digest, TEXT),
	NEEDED(learner, TEXT),
	NEEDED(family, TEXT),
	EXTRA(origin, TEXT),
	EXTRA(learner_version, INT),
	EXTRA(params, OBJECT),
	EXTRA(tuning, OBJECT),
	EXTRA(seed, INT),
	EXTRA(repeat, COUNT),
	EXTRA(n_train, COUNT),
	EXTRA(n_valid, COUNT),
	EXTRA(n_test, COUNT),
	EXTRA(cols, COUNT),
	EXTRA(classes, COUNT),
	EXTRA(threads, COUNT),
	EXTRA(limit_s, REAL),
	EXTRA(limit_mb, REAL),
	EXTRA(budget_s, REAL),
	NEEDED(status, STATUS),
	EXTRA(message, TEXT),
	EXTRA(metrics, OBJECT),
	EXTRA(valid, OBJECT),
	EXTRA(score, REAL),
	EXTRA(error, REAL),
	EXTRA(prepare_s, REAL),
	EXTRA(fit_s, REAL),
	EXTRA(fit_cpu_s, REAL),
	EXTRA(predict_s, REAL),
	EXTRA(predict_cpu_s, REAL),
	EXTRA(peak_rss_mb, REAL),
	EXTRA(steps, COUNT),
	EXTRA(stopped, COUNT),
	EXTRA(pred_sha256, TEXT),
	EXTRA(machine, OBJECT),
	EXTRA(blas, OBJECT),
	EXTRA(versions, OBJECT),
	EXTRA(noise, OBJECT),
};
const size_t record_fields_n = sizeof(record_fields) / sizeof(record_fields[0]);

static const char *const status_names[] = {
	[STATUS_OK] = "ok",
	[STATUS_TIMEOUT] = "timeout",
	[STATUS_OOM] = "oom",
	[STATUS_DIVERGED] = "diverged",
	[STATUS_CRASHED] = "crashed",
	[STATUS_UNSUPPORTED] = "unsupported",
	[STATUS_ERROR] = "error",
};
#define STATUS_COUNT (sizeof(status_names) / sizeof(status_names[0]))

/* The names are in files: they never change, and new ones come at the end. */
const char *status_name(enum status s)
{
	return status_names[s];
}

int status_from_name(const char *name, enum status *out)
{
	for (size_t i = 0; i < STATUS_COUNT; i++) {
		if (!strcmp(name, status_names[i])) {
			*out = (enum status)i;
			return 0;
		}
	}
	return -1;
}

/* Strings are "" and not NULL, so nobody who prints a row has to ask. */
void record_init(struct record *r)
{
	*r = (struct record){ .score = NAN, .error = NAN };
	for (size_t i = 0; i < record_fields_n; i++)
		if (record_fields[i].kind == RECORD_TEXT)
			*(const char **)record_at(&record_fields[i], r) = "";
}

/* Strings are the arena's or the caller's; only JSON has a count. */
void record_clear(struct record *r)
{
	for (size_t i = 0; i < record_fields_n; i++) {
		json_t **object;

		if (record_fields[i].kind != RECORD_OBJECT)
			continue;
		object = record_at(&record_fields[i], r);
		json_decref(*object);
		*object = NULL;
	}
}

/* jansson refuses text that is not UTF-8, and the last words of a crashed cell
 * may be anything: a row with '?' in its message beats no row at all. */
static json_t *text_json(const char *s)
{
	json_t *value = json_string(s);
	char *plain;

	if (value)
		return value;
	plain = strdup(s);
	if (!plain)
		return NULL;
	for (char *p = plain; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	value = json_string(plain);
	free(plain);
	return value;
}

/* One member as JSON, a new reference; NULL when out of memory. Numbers that
 * are no numbers become null, because JSON has no NaN. */
static json_t *field_to_json(const struct record_field *f,
			     const struct record *r)
{
	const void *at = record_peek(f, r);
	json_t *object;

	switch (f->kind) {
	case RECORD_TEXT:
		return text_json(*(const char *const *)at);
	case RECORD_INT:
	case RECORD_COUNT:
		return json_integer(*(const int64_t *)at);
	case RECORD_REAL:
		return json_number(*(const double *)at);
	case RECORD_STATUS:
		return json_string(status_name(*(const enum status *)at));
	case RECORD_OBJECT:
		object = *(json_t *const *)at;
		return object ? json_incref(object) : json_null();
	}
	return NULL;
}

/* Every field is written, also those that are empty: a reader of the file sees
 * what there is to know, and the bytes do not depend on how a row was made. */
json_t *record_to_json(const struct record *r)
{
	json_t *out = json_object();
	int bad;

	/* The _new calls take the value's reference, also when they fail. */
	bad = json_object_set_new(out, "format", json_integer(RECORD_FORMAT));
	for (size_t i = 0; !bad && i < record_fields_n; i++)
		bad = json_object_set_new(out, record_fields[i].name,
					  field_to_json(&record_fields[i], r));
	if (!bad)
		return out;
	json_decref(out);
	return NULL;
}

/* All complaints name the field: the row was written by a program, so whoever
 * reads the message looks for a name to grep, not for a column. */
static int wrong_type(const struct record_field *f, const char *want,
		      struct error *err)
{
	return error_set(err, ERR_DATA, "field '%s' is not %s", f->name, want);
}

/* Copied, because the JSON it came from is about to be freed. */
static int read_text(const struct record_field *f, const char **out,
		     struct arena *a, const json_t *value, struct error *err)
{
	if (!json_is_string(value))
		return wrong_type(f, "a string", err);
	*out = arena_strdup(a, json_string_value(value));
	return *out ? 0 : arena_error(a, err);
}

/* A count below zero is as wrong as a word: it would turn a size_t huge. */
static int read_int(const struct record_field *f, int64_t *out,
		    const json_t *value, struct error *err)
{
	if (!json_is_integer(value))
		return wrong_type(f, "an integer", err);
	*out = json_integer_value(value);
	if (f->kind == RECORD_COUNT && *out < 0)
		return wrong_type(f, "a count of 0 or more", err);
	return 0;
}

/* An integer is fine: "fit_s": 3 is what canonical JSON makes of 3.0. */
static int read_real(const struct record_field *f, double *out,
		     const json_t *value, struct error *err)
{
	if (!json_is_number(value) && !json_is_null(value))
		return wrong_type(f, "a number or null", err);
	*out = json_is_null(value) ? NAN : json_number_value(value);
	return 0;
}

/* A status this program does not know is an error and not "error": a board
 * that guessed would call a new kind of success a failure. */
static int read_status(const struct record_field *f, enum status *out,
		       const json_t *value, struct error *err)
{
	char hint[64];
	const char *name = json_string_value(value);

	if (!name)
		return wrong_type(f, "a string", err);
	if (!status_from_name(name, out))
		return 0;
	return error_set(err, ERR_DATA, "field 'status': unknown '%.32s'%s",
			 name,
			 suggest_text(name, status_names, STATUS_COUNT, hint,
				      sizeof(hint)));
}

static int read_object(const struct record_field *f, json_t **out,
		       const json_t *value, struct error *err)
{
	if (json_is_null(value))
		return 0;
	if (!json_is_object(value))
		return wrong_type(f, "an object or null", err);
	/* Shared, not copied: nobody writes to a row that was read. */
	*out = json_incref((json_t *)(size_t)value);
	return 0;
}

/* Absent fields keep what record_init gave them, so rows of an older program
 * stay readable for as long as what identifies them is there. */
static int read_field(const struct record_field *f, struct record *r,
		      struct arena *a, const json_t *object, struct error *err)
{
	const json_t *value = json_object_get(object, f->name);
	void *at = record_at(f, r);

	if (!value)
		return f->needed ? error_set(err, ERR_DATA,
					     "field '%s' is missing", f->name) :
				   0;
	switch (f->kind) {
	case RECORD_TEXT:
		return read_text(f, at, a, value, err);
	case RECORD_INT:
	case RECORD_COUNT:
		return read_int(f, at, value, err);
	case RECORD_REAL:
		return read_real(f, at, value, err);
	case RECORD_STATUS:
		return read_status(f, at, value, err);
	case RECORD_OBJECT:
		return read_object(f, at, value, err);
	}
	return error_set(err, ERR_BUG, "field '%s' has no kind", f->name);
}

/* Asked before the fields: a newer format may mean anything by them. */
static int check_format(const json_t *object, struct error *err)
{
	long long format = json_get_int(object, "format", 0);

	if (!json_is_object(object))
		return error_set(err, ERR_DATA, "a row must be a JSON object");
	if (format < 1)
		return error_set(err, ERR_DATA, "field 'format' is missing");
	if (format > RECORD_FORMAT)
		return error_set(err, ERR_DATA,
				 "row of format %lld, but this program knows "
				 "formats up to %d: use a newer triarch",
				 format, RECORD_FORMAT);
	return 0;
}

/* Nothing is left behind after an error, so that the caller has one path. */
int record_from_json(struct record *r, struct arena *a, const json_t *object,
		     struct error *err)
{
	int rc = check_format(object, err);

	record_init(r);
	for (size_t i = 0; !rc && i < record_fields_n; i++)
		rc = read_field(&record_fields[i], r, a, object, err);
	if (rc)
		record_clear(r);
	return rc;
}
