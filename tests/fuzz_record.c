/* libFuzzer on rows: the text of a cell file, whatever it holds, is refused
 * with words or becomes a record that writes itself and reads back the same. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "harness/base/json.h"
#include "results/record_fields.h"
#include "tests/record_sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		__builtin_trap();
}

/* Written, read and written again: the same bytes. */
static void round_trip(struct arena *a, const struct record *r)
{
	json_t *first = record_to_json(r), *second;
	struct error err;
	struct record back;
	const char *x, *y;

	must(first && !record_from_json(&back, a, first, &err));
	second = record_to_json(&back);
	x = json_canonical(a, first);
	y = json_canonical(a, second);
	must(x && y && !strcmp(x, y));
	json_decref(first);
	json_decref(second);
	record_clear(&back);
}

/* A value of any kind from one byte and the text behind it; NULL for none. */
static json_t *make_value(uint8_t kind, const char *text, size_t n)
{
	switch (kind % 8) {
	case 0:
		return json_null();
	case 1:
		return json_integer((json_int_t)n - 3);
	case 2:
		return json_real((double)n / 7.0);
	case 3:
		return json_stringn(text, n);
	case 4:
		return json_object();
	case 5:
		return json_array();
	case 6:
		return json_loadb(text, n, JSON_DECODE_ANY, NULL);
	}
	return NULL;
}

/* A good row whose fields the input changes or removes: a byte for the field,
 * one for the kind, one for the length, then the text. Bytes taken as JSON
 * would hardly ever get past its syntax. */
static json_t *make_row(const char *bytes, size_t size)
{
	struct record r;
	json_t *row;

	record_sample(&r, 1);
	row = record_to_json(&r);
	record_clear(&r);
	while (size >= 3) {
		const uint8_t *head = (const uint8_t *)bytes;
		const char *name =
			record_fields[head[0] % record_fields_n].name;
		size_t n = head[2] < size - 3 ? head[2] : size - 3;
		json_t *value = make_value(head[1], bytes + 3, n);

		if (value)
			json_object_set_new(row, name, value);
		else
			json_object_del(row, name);
		bytes += 3 + n;
		size -= 3 + n;
	}
	return row;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *row = make_row((const char *)data, size);
	struct error err = { 0 };
	struct record r;
	struct arena a;

	arena_init(&a, 0);
	if (record_from_json(&r, &a, row, &err)) {
		must(err.code == ERR_DATA && err.text[0]);
	} else {
		round_trip(&a, &r);
		record_clear(&r);
	}
	json_decref(row);
	arena_clear(&a);
	return 0;
}
