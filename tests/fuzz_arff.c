/* libFuzzer: any bytes as an ARFF file give a table whose codes are below their
 * levels, or an error with words. */
#include <math.h>
#include <stdlib.h>

#include "datasets/formats/arff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	struct table t;
	struct arena a;

	arena_init(&a, (size_t)1 << 30);
	if (arff_parse((const char *)data, size, "a", &a, &t, &err)) {
		if (!err.text[0])
			abort();
		t = (struct table){ 0 };
	}
	for (size_t j = 0; j < t.cols; j++)
		for (size_t i = 0; i < t.rows; i++) {
			float x = t.cell[j][i];

			if (isinf(x) || (t.columns[j].is_cat && !isnan(x) &&
					 (x < 0 || x >= (float)t.columns[j].levels)))
				abort();
		}
	arena_clear(&a);
	return 0;
}
