/* libFuzzer on CSV files: read once, again as the test file of itself, and twice
 * over as two files of one table. The first byte chooses the options. */
#include <stddef.h>
#include <stdint.h>

#include "datasets/csv/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t first = size ? *data : 0;
	const struct csv_options options = { .no_header = first & 1,
					     .separator = first & 2 ? ' ' : '\0',
					     .comment = first & 4 ? '#' : '\0',
					     .decimal = first & 8 ? ',' : '\0',
					     .strip_dot = first & 16 };
	const char *bytes = (const char *)data + 1;
	struct csv csv, again;
	struct arena a;
	struct error err;

	if (!size)
		return 0;
	const struct csv_text text = { .bytes = bytes,
				       .size = size - 1,
				       .path = "b",
				       .skip_lines = first >> 6 };
	const struct csv_text two[] = { text, text };

	arena_init(&a, (size_t)1 << 30);
	/* What was read reads again with its own columns, and in the same way. */
	if (!csv_parse_all(&text, 1, &options, NULL, &a, &csv, &err)) {
		if (csv_parse_all(&text, 1, &options, &csv.table, &a, &again, &err) ||
		    again.table.rows != csv.table.rows)
			__builtin_trap();
		if (csv_parse_all(two, 2, &options, NULL, &a, &again, &err) ||
		    again.table.rows != 2 * csv.table.rows ||
		    again.end[0] != csv.table.rows)
			__builtin_trap();
		for (size_t j = 0; j < csv.table.cols; j++)
			if (again.table.columns[j].levels != csv.table.columns[j].levels)
				__builtin_trap();
	}
	arena_clear(&a);
	return 0;
}
