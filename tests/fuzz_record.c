/* libFuzzer on rows: the text of a cell file, whatever it holds, is refused
 * with words or becomes a record that writes itself and reads back the same. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "harness/base/json.h"
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

/* A good row with the members of `changes` (taken over) put in: most inputs
 * would stop at the first field that is missing otherwise. */
static json_t *onto_sample(json_t *changes)
{
	struct record r;
	json_t *row;

	record_sample(&r, 1);
	row = record_to_json(&r);
	record_clear(&r);
	must(row && !json_object_update(row, changes));
	json_decref(changes);
	return row;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *object = json_loadb((const char *)data, size,
				    JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
				    NULL);
	struct error err = { 0 };
	struct record r;
	struct arena a;

	if (!object)
		return 0;
	arena_init(&a, 0);
	if (json_is_object(object))
		object = onto_sample(object);
	if (record_from_json(&r, &a, object, &err)) {
		must(err.code == ERR_DATA && err.text[0]);
	} else {
		round_trip(&a, &r);
		record_clear(&r);
	}
	json_decref(object);
	arena_clear(&a);
	return 0;
}
