/* libFuzzer on the inference: bytes as a table of a person's own. What was inferred
 * with a target and a type given by the first byte is dropped; nothing may crash,
 * hang or run out of a gigabyte. */
#include <stddef.h>
#include <stdint.h>

#include "datasets/own/infer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct own_column type = { "a", OWN_DATE };
	struct own_settings s;
	struct inferred out;
	struct notes notes;
	struct arena a;
	struct error err;

	if (!size)
		return 0;
	arena_init(&a, (size_t)1 << 30);
	notes = (struct notes){ .arena = &a };
	own_settings_init(&s);
	s.target = *data & 1 ? "a" : NULL;
	s.header = *data & 2 ? 1 : -1;
	s.day_first = *data & 4 ? 1 : -1;
	if (*data & 8) {
		type.type = (enum own_type)(*data >> 4) % 3;
		s.types = &type;
		s.n_types = 1;
	}
	if (!infer_table((const char *)data + 1, size - 1, "a", &s, &a, &out, &notes, &err) &&
	    (out.target >= out.cols || !out.columns[out.target].name))
		__builtin_trap();
	arena_clear(&a);
	return 0;
}
