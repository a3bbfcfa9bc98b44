/* libFuzzer: any bytes as an IDX file give values or an error with words. */
#include <stdlib.h>

#include "datasets/formats/idx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	struct idx x;
	struct arena a;

	arena_init(&a, (size_t)1 << 28);
	if (idx_parse(&x, data, size, &a, &err)) {
		if (!err.text[0])
			abort();
	} else {
		uint32_t sum = 0; /* every value that is promised can be read */

		for (size_t k = 0; k < x.count; k++)
			sum += x.values[k];
		if (sum == UINT32_MAX)
			abort();
	}
	arena_clear(&a);
	return 0;
}
