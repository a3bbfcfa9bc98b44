/* Letters of a font as small grey pictures (FreeType).
 *
 * The outline is scaled so that the longer side of its bounding box is 5/7 of
 * the picture and put in the middle, as MNIST's digits are (20 of 28 pixels).
 * No hinting: shapes, not what a screen makes of them. */
#ifndef TRIARCH_GLYPH_H
#define TRIARCH_GLYPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"

struct glyph_font; /* opaque: a font and its library; one thread at a time */

/* Open the font in data[0..size), which must stay until glyph_close: TrueType
 * or OpenType, of a collection the first. ERR_DATA when it is none or damaged,
 * ERR_MEMORY. `name` is for messages. */
int glyph_open(struct glyph_font **f, const char *name,
	       const unsigned char *data, size_t size, struct error *err);
void glyph_close(struct glyph_font *f); /* NULL is fine */

/* Has the font an outline that is not empty for this code point? */
bool glyph_has(struct glyph_font *f, uint32_t code);

/* Draw it, white (255) on black. False, and black, where glyph_has is false. */
bool glyph_draw(struct glyph_font *f, uint32_t code, size_t side,
		uint8_t *out /* (side, side) */);

#endif
