/* libFuzzer on CSV files: read once, then again as the test file of itself. */
#include <stddef.h>
#include <stdint.h>

#include "datasets/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv_options options = { .no_header = size && *data & 1 };
	const char *bytes = (const char *)data + 1;
	struct csv csv, again;
	struct arena a;
	struct error err;

	if (!size)
		return 0;
	arena_init(&a, (size_t)1 << 30);
	/* What was read reads again with its own columns, and in the same way. */
	if (!csv_parse(bytes, size - 1, "a", &options, NULL, &a, &csv, &err) &&
	    (csv_parse(bytes, size - 1, "b", &options, &csv.table, &a, &again, &err) ||
	     again.table.rows != csv.table.rows))
		__builtin_trap();
	arena_clear(&a);
	return 0;
}
