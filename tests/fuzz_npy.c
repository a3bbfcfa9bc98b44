/* libFuzzer: any bytes as an npy file give values that can all be read by their
 * columns, or an error with words. */
#include <stdlib.h>

#include "datasets/formats/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	struct npy x;
	double sum = 0;

	if (npy_parse(&x, data, size, &err)) {
		if (!err.text[0])
			abort();
		return 0;
	}
	if (x.count * x.width > size)
		abort();
	for (size_t j = 0; x.count && j < npy_cols(&x); j++)
		for (size_t i = 0; i < (x.dims ? x.size[0] : 1); i++) {
			size_t place = npy_place(&x, j) + i * x.stride[0];

			if (place >= x.count)
				abort();
			sum += npy_at(&x, place);
		}
	return sum < 0 && sum > 0;
}
