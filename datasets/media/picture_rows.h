/* Rows of a large picture -> areas of a small one: what picture.c lends to its
 * two decoders. */
#ifndef TRIARCH_PICTURE_ROWS_H
#define TRIARCH_PICTURE_ROWS_H

#include "datasets/media/picture.h"

/* The part of the source that is kept, and how far it was read. */
struct picture_rows {
	struct picture_desk *desk;
	size_t left, top;     /* of the rectangle */
	size_t height, width; /* of the rectangle */
	size_t y;	      /* rows so far */
};

/* Are these sides within the limits of picture.h? ERR_DATA when not. */
int picture_check(const char *name, const struct picture_info *info,
		  struct error *err);

/* Start a picture of these sides, which were checked. The desk is set. */
void picture_rows_start(struct picture_rows *r, const struct picture_info *info);

/* The next row: RGB, `step` bytes a pixel (3, or 4 with opacity). */
void picture_rows_add(struct picture_rows *r, const uint8_t *row, size_t step);

/* The decoders; each in its own file, since both jump out of their libraries.
 * With r NULL they only look. */
int picture_png(const char *name, const unsigned char *data, size_t size,
		struct picture_info *info, struct picture_rows *r,
		struct error *err);
int picture_jpeg(const char *name, const unsigned char *data, size_t size,
		 struct picture_info *info, struct picture_rows *r,
		 struct error *err);

/* Bytes that decoding may take beyond the file's. */
static inline size_t picture_budget(size_t size)
{
	return ((size_t)64 << 20) + 2 * size;
}

#endif
