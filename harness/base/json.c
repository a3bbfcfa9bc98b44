#include "harness/base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* jansson prints reals with 17 digits unless told; 0.1 should stay 0.1, so the
 * fewest digits that read back to the same double are looked for here. */
static int shortest_precision(double x)
{
	char text[64];

	for (int digits = 1; digits < 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, x);
		if (strtod(text, NULL) == x)
			return digits;
	}
	return 17;
}

struct text {
	struct arena *arena;
	char *data;
	size_t size, room;
	int failed;
};

static void put(struct text *t, const char *s, size_t n)
{
	if (t->failed)
		return;
	if (t->room - t->size < n + 1) {
		size_t room = 2 * t->room + n + 64;
		char *data = arena_alloc_raw(t->arena, room, 1);

		if (!data) {
			t->failed = 1;
			return;
		}
		if (t->size)
			memcpy(data, t->data, t->size);
		t->data = data;
		t->room = room;
	}
	memcpy(t->data + t->size, s, n);
	t->size += n;
	t->data[t->size] = '\0';
}

static void put_scalar(struct text *t, const json_t *value)
{
	char *s;

	if (json_is_real(value)) {
		char real[64];
		double x = json_real_value(value);
		int n = snprintf(real, sizeof(real), "%.*g",
				 shortest_precision(x), x);

		put(t, real, (size_t)n);
		return;
	}
	s = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	if (!s) {
		t->failed = 1;
		return;
	}
	put(t, s, strlen(s));
	free(s);
}

static void put_value(struct text *t, const json_t *value);

static void put_array(struct text *t, const json_t *array)
{
	size_t i;
	json_t *item;

	put(t, "[", 1);
	json_array_foreach (array, i, item) {
		if (i)
			put(t, ",", 1);
		put_value(t, item);
	}
	put(t, "]", 1);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_pair(struct text *t, const char *key, const json_t *value)
{
	json_t *name = json_string(key);

	if (!name) {
		t->failed = 1;
		return;
	}
	put_scalar(t, name);
	json_decref(name);
	put(t, ":", 1);
	put_value(t, value);
}

static void put_object(struct text *t, const json_t *object)
{
	size_t n = json_object_size(object), i = 0;
	const char **keys = ARENA_NEW(t->arena, const char *, n);
	const char *key;
	json_t *value;

	if (!keys) {
		t->failed = 1;
		return;
	}
	json_object_foreach ((json_t *)(size_t)object, key, value)
		keys[i++] = key;
	qsort(keys, n, sizeof(*keys), by_name);
	put(t, "{", 1);
	for (i = 0; i < n; i++) {
		if (i)
			put(t, ",", 1);
		put_pair(t, keys[i], json_object_get(object, keys[i]));
	}
	put(t, "}", 1);
}

static void put_value(struct text *t, const json_t *value)
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

	put_value(&t, value);
	return t.failed ? NULL : t.data;
}

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
