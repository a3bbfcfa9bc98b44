/* Canonical JSON: one text for one value, since keys of questions are digests
 * of it and cells are compared byte by byte. Keys are sorted by their bytes,
 * nothing is between the tokens, and a real has the fewest digits that read
 * back to it (RFC 8785 has the same idea with JavaScript's layout of numbers;
 * ours is that of C's %g). The text must never change for a value it had one
 * for: stored keys would no longer be found.
 */
#include "harness/base/json.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The fewest digits that read back to the same double: 0.1 stays 0.1, where
 * jansson would print 17 digits. A decimal of up to DBL_DIG = 15 digits always
 * survives the way into a normal double and back, so if 15 do, the digits that
 * are left when zeros are cut off the end are the fewest; else it is 16 or 17. */
static int shortest_precision(double x)
{
	char text[64];
	int digits = DBL_DIG;

	snprintf(text, sizeof(text), "%.*e", digits - 1, x);
	if (strtod(text, NULL) != x) {
		snprintf(text, sizeof(text), "%.16g", x);
		return strtod(text, NULL) == x ? 16 : 17;
	}
	/* "-d.dddde+xx": the zeros before the 'e', down to one digit. */
	for (const char *end = strchr(text, 'e');
	     digits > 1 && end[-1] == '0'; end--)
		digits--;
	return digits;
}

/* Below DBL_MIN doubles have fewer digits than that argument needs, so there
 * all precisions are tried from the shortest. */
static int denormal_precision(double x)
{
	char text[64];

	for (int digits = 1; digits < 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, x);
		if (strtod(text, NULL) == x)
			return digits;
	}
	return 17;
}

static void put_real(struct text *t, double x)
{
	char text[64];
	int digits = fabs(x) < DBL_MIN ? denormal_precision(x) :
					 shortest_precision(x);
	int n = snprintf(text, sizeof(text), "%.*g", digits, x);

	text_add_bytes(t, text, (size_t)n);
}

/* Plain ASCII needs no escapes: nearly every string of a row. */
static bool is_plain(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\')
			return false;
	return true;
}

/* With jansson's escapes where some are needed. The strings of a json_t were
 * checked to be UTF-8 when it was made, so they are not checked again. */
static void put_string(struct text *t, const char *s, size_t n)
{
	json_t *value;
	char *dumped;

	if (is_plain(s, n)) {
		text_add_bytes(t, "\"", 1);
		text_add_bytes(t, s, n);
		text_add_bytes(t, "\"", 1);
		return;
	}
	value = json_stringn_nocheck(s, n);
	dumped = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
	if (dumped)
		text_add(t, dumped);
	t->failed |= !dumped;
	free(dumped);
	json_decref(value);
}

/* What is neither object nor array. */
/* Reals in their shortest form; all else as jansson prints it. */
static void put_scalar(struct text *t, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_REAL:
		put_real(t, json_real_value(value));
		break;
	case JSON_INTEGER:
		text_printf(t, "%" JSON_INTEGER_FORMAT,
			    json_integer_value(value));
		break;
	case JSON_STRING:
		put_string(t, json_string_value(value),
			   json_string_length(value));
		break;
	default:
		text_add(t, json_is_true(value)	 ? "true" :
			    json_is_false(value) ? "false" :
						   "null");
	}
}

static void put_array(struct text *t, const json_t *array)
{
	size_t i;
	json_t *item;

	text_add(t, "[");
	json_array_foreach (array, i, item) {
		if (i)
			text_add(t, ",");
		json_add(t, item);
	}
	text_add(t, "]");
}

/* Looked up again by name after the sort: objects here have tens of keys. */
/* Keys by byte order, so that the text does not depend on insertion. */
static void put_object(struct text *t, const json_t *object)
{
	size_t n = json_object_size(object), i = 0;
	const char **keys = ARENA_NEW(t->arena, const char *, n);
	const char *key;
	json_t *value;

	if (!keys) {
		t->failed = true;
		return;
	}
	json_object_foreach ((json_t *)(size_t)object, key, value)
		keys[i++] = key;
	qsort(keys, n, sizeof(*keys), text_order);
	text_add(t, "{");
	for (i = 0; i < n; i++) {
		if (i)
			text_add(t, ",");
		put_string(t, keys[i], strlen(keys[i]));
		text_add(t, ":");
		json_add(t, json_object_get(object, keys[i]));
	}
	text_add(t, "}");
}

void json_add(struct text *t, const json_t *value)
{
	if (json_is_object(value))
		put_object(t, value);
	else if (json_is_array(value))
		put_array(t, value);
	else
		put_scalar(t, value);
}

char *json_canonical(struct arena *a, const json_t *value)
{
	struct text t = { .arena = a };

	json_add(&t, value);
	return t.failed ? NULL : t.data;
}

/* Names of columns come from users' files in any encoding. */
void json_add_string(struct text *t, const char *s)
{
	json_t *probe = json_string(s);
	bool valid = probe != NULL;

	json_decref(probe);
	text_add(t, "\"");
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			text_printf(t, "\\%c", c);
		else if (c < ' ')
			text_printf(t, "\\u%04x", c);
		else
			text_add_bytes(t, c >= 0x80 && !valid ? "?" : s, 1);
	}
	text_add(t, "\"");
}

/* An arena of its own, so that a key costs the caller no memory. */
int json_hash(const json_t *value, char hex[HASH_HEX], struct error *err)
{
	struct arena a;
	char *text;
	int rc = 0;

	arena_init(&a, 0);
	text = json_canonical(&a, value);
	if (text)
		hash_bytes(text, strlen(text), hex);
	else
		rc = arena_error(&a, err);
	arena_clear(&a);
	return rc;
}

/* jansson gives line -1 when the file could not be opened at all. */
json_t *json_read(const char *path, struct error *err)
{
	json_error_t e;
	json_t *value = json_load_file(path, JSON_REJECT_DUPLICATES, &e);

	if (!value)
		error_set(err, e.line < 0 ? ERR_IO : ERR_DATA, "%s:%d:%d: %s",
			  path, e.line, e.column, e.text);
	return value;
}

json_t *json_number(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

double json_get_real(const json_t *object, const char *key, double otherwise)
{
	const json_t *v = json_object_get(object, key);

	return json_is_number(v) ? json_number_value(v) : otherwise;
}

long long json_get_int(const json_t *object, const char *key, long long otherwise)
{
	const json_t *v = json_object_get(object, key);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

const char *json_get_string(const json_t *object, const char *key,
			    const char *otherwise)
{
	const json_t *v = json_object_get(object, key);

	return json_is_string(v) ? json_string_value(v) : otherwise;
}
