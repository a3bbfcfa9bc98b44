/* libFuzzer: any bytes as a LIBSVM file give finite cells, twice the rows when
 * read twice, or an error with words. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "datasets/formats/libsvm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct libsvm_text one = { .bytes = (const char *)data, .size = size,
					 .path = "a" };
	const struct libsvm_text two[] = { one, one };
	const struct libsvm_options options = { .base = size % 2,
						.columns = size % 4 == 3 ? 9 : 0 };
	struct error err = { 0 };
	struct table t, again;
	struct arena a;
	size_t end[2];

	arena_init(&a, (size_t)1 << 30);
	if (libsvm_parse(&one, 1, &options, &a, &t, end, &err)) {
		if (!err.text[0])
			abort();
		t = (struct table){ 0 };
	} else if (libsvm_parse(two, 2, &options, &a, &again, end, &err) ||
		   again.rows != 2 * t.rows || again.cols != t.cols) {
		if (err.code != ERR_MEMORY)
			abort();
	}
	for (size_t j = 0; j < t.cols; j++)
		for (size_t i = 0; i < t.rows; i++)
			if (!isfinite(t.cell[j][i]))
				abort();
	arena_clear(&a);
	return 0;
}
