/* libFuzzer: any bytes as PNG or JPEG give pixels or an error with words. */
#include <stdlib.h>
#include <string.h>

#include "datasets/media/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct picture_shape shape = { 3, 5, 7 };
	struct picture_info info;
	struct picture_desk d;
	struct error err = { 0 };
	uint8_t out[3 * 5 * 7];
	struct arena a;

	arena_init(&a, 1 << 20);
	if (picture_desk_init(&d, &shape, &a, &err))
		abort();
	if (picture_read("x", data, size, &d, out, &err)) {
		if (!err.text[0])
			abort();
	} else if (picture_look("x", data, size, &info, &err)) {
		abort(); /* what can be decoded has a header */
	}
	arena_clear(&a);
	return 0;
}
