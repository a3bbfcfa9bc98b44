/* libFuzzer: any bytes as a font draw letters or are an error with words. */
#include <stdlib.h>

#include "datasets/media/glyph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct glyph_font *f;
	struct error err = { 0 };
	uint8_t out[28 * 28];

	if (glyph_open(&f, "x", data, size, &err)) {
		if (!err.text[0] || f)
			abort();
		return 0;
	}
	for (uint32_t code = 0x20; code < 0x250; code++)
		if (glyph_draw(f, code, 28, out) && !glyph_has(f, code))
			abort();
	glyph_close(f);
	return 0;
}
