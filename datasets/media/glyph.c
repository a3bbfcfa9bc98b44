#include "datasets/media/glyph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_BBOX_H
#include FT_OUTLINE_H

/* Font units an honest glyph stays within; an em has at most 16,384. */
#define MAX_UNITS 200000

struct glyph_font {
	FT_Library library;
	FT_Face face;
};

/* FreeType also reads Type 1, bitmap fonts and gzipped ones, which unpack to
 * any size: only those are let through whose tables lie in the file as they
 * are. */
static bool is_sfnt(const unsigned char *data, size_t size)
{
	static const char *const magic[] = { "\0\1\0\0", "OTTO", "true", "ttcf" };

	for (size_t k = 0; size >= 12 && k < 4; k++)
		if (!memcmp(data, magic[k], 4))
			return true;
	return false;
}

/* FreeType keeps pointing into `data`; a library a font, because FT_Library
 * is not for several threads. glyph_close is called after either failure, as
 * both leave the library open. */
int glyph_open(struct glyph_font **out, const char *name,
	       const unsigned char *data, size_t size, struct error *err)
{
	struct glyph_font *f;
	FT_Error code;

	*out = NULL;
	if (!is_sfnt(data, size))
		return error_set(err, ERR_DATA, "'%s' is no TrueType or OpenType "
				 "font", name);
	f = calloc(1, sizeof(*f));
	if (!f || FT_Init_FreeType(&f->library)) {
		free(f);
		return error_set(err, ERR_MEMORY, "out of memory");
	}
	code = FT_New_Memory_Face(f->library, data, (FT_Long)size, 0, &f->face);
	if (code) {
		glyph_close(f);
		return error_set(err, ERR_DATA, "'%s' is a damaged font "
				 "(FreeType's error %d)", name, code);
	}
	*out = f;
	return 0;
}

/* The face first: it belongs to the library and would be freed twice. */
void glyph_close(struct glyph_font *f)
{
	if (!f)
		return;
	if (f->face)
		FT_Done_Face(f->face);
	FT_Done_FreeType(f->library);
	free(f);
}

/* The outline in font units, or NULL; it stays until the next call. */
static FT_Outline *outline_of(struct glyph_font *f, uint32_t code, FT_BBox *box)
{
	FT_UInt index = f->face->charmap ? FT_Get_Char_Index(f->face, code) : 0;
	FT_Outline *o = &f->face->glyph->outline;

	/* index 0 is the box that stands for what a font lacks */
	if (!index || FT_Load_Glyph(f->face, index, FT_LOAD_NO_SCALE |
					FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP))
		return NULL;
	if (f->face->glyph->format != FT_GLYPH_FORMAT_OUTLINE || !o->n_points)
		return NULL;
	for (short i = 0; i < o->n_points; i++)
		if (labs(o->points[i].x) > MAX_UNITS ||
		    labs(o->points[i].y) > MAX_UNITS)
			return NULL;
	if (FT_Outline_Get_BBox(o, box) || box->xMax <= box->xMin ||
	    box->yMax <= box->yMin)
		return NULL;
	return o;
}

/* By its outline and not by the character map alone: many fonts map letters
 * to empty glyphs. */
bool glyph_has(struct glyph_font *f, uint32_t code)
{
	FT_BBox box;

	return outline_of(f, code, &box) != NULL;
}

/* From font units to 1/64 of a pixel, the box in the middle of the picture. */
static void fit(FT_Outline *o, const FT_BBox *box, size_t side)
{
	double width = (double)(box->xMax - box->xMin);
	double height = (double)(box->yMax - box->yMin);
	double scale = (double)side * 64 * 5 / 7 / fmax(width, height);
	double x = (double)box->xMin + width / 2, y = (double)box->yMin + height / 2;

	for (short i = 0; i < o->n_points; i++) {
		FT_Vector *p = &o->points[i];

		p->x = lround(((double)p->x - x) * scale + (double)side * 32);
		p->y = lround(((double)p->y - y) * scale + (double)side * 32);
	}
}

/* Letters are scaled by their own box to 5/7 of the side, like the digits of
 * MNIST (20 of 28): neither size nor place on the line tells a script. */
bool glyph_draw(struct glyph_font *f, uint32_t code, size_t side, uint8_t *out)
{
	FT_Bitmap bitmap = {
		.rows = (unsigned)side,
		.width = (unsigned)side,
		.pitch = (int)side,
		.buffer = out,
		.num_grays = 256,
		.pixel_mode = FT_PIXEL_MODE_GRAY,
	};
	FT_BBox box;
	FT_Outline *o = outline_of(f, code, &box);

	memset(out, 0, side * side);
	if (!o)
		return false;
	fit(o, &box, side);
	return !FT_Outline_Get_Bitmap(f->library, o, &bitmap);
}
