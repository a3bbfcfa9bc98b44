/* PNG through libpng, whose errors come as a jump: what is to be released lies
 * in one struct that the jump cannot have kept in a register. */
#include "datasets/media/picture_rows.h"

#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct png_job {
	const char *name;
	const unsigned char *data; /* (size) */
	size_t size, at;
	struct picture_info *info;
	struct picture_rows *rows; /* NULL: only look */
	png_structp png;
	png_infop png_info;
	png_bytep pixels;  /* a row, or all of them when interlaced */
	char message[128]; /* libpng's */
};

/* libpng ends the program when an error function returns (libpng-manual, "Error
 * handling"), so this one jumps. */
static void fail(png_structp png, png_const_charp message)
{
	struct png_job *j = png_get_error_ptr(png);

	snprintf(j->message, sizeof(j->message), "%s", message);
	png_longjmp(png, 1);
}

/* Warnings are about colour profiles and times, which are not read. */
static void hush(png_structp png, png_const_charp message)
{
	(void)png, (void)message;
}

/* libpng asks for exact sizes, from lengths that the file declares. */
static void take(png_structp png, png_bytep to, png_size_t n)
{
	struct png_job *j = png_get_io_ptr(png);

	if (n > j->size - j->at)
		png_error(png, "the file is cut short");
	memcpy(to, j->data + j->at, n);
	j->at += n;
}

/* Whatever it is, make it 8 bits of R, G, B and opacity. */
static void ask_for_rgba(struct png_job *j)
{
	png_set_expand(j->png);
	png_set_scale_16(j->png);
	png_set_gray_to_rgb(j->png);
	png_set_add_alpha(j->png, 255, PNG_FILLER_AFTER);
}

/* Adam7 spreads the first pass over the whole picture: all of it must be kept.
 * The size is held against the file's before it is taken. */
static void read_interlaced(struct png_job *j, size_t stride)
{
	size_t height = j->info->height;

	if (height * stride > picture_budget(j->size))
		png_error(j->png, "interlaced, and too large to be kept whole");
	j->pixels = calloc(height, stride);
	if (!j->pixels)
		png_error(j->png, "out of memory");
	for (int pass = png_set_interlace_handling(j->png); pass > 0; pass--)
		for (size_t y = 0; y < height; y++)
			png_read_row(j->png, j->pixels + y * stride, NULL);
	for (size_t y = 0; y < height; y++)
		picture_rows_add(j->rows, j->pixels + y * stride, 4);
}

/* The transformed row is always 4 bytes a pixel; png_read_update_info must
 * follow the last transformation, or the rows would be of the old width. */
static void read_rows(struct png_job *j)
{
	bool interlaced = png_get_interlace_type(j->png, j->png_info) !=
			  PNG_INTERLACE_NONE;
	size_t stride = j->info->width * 4;

	ask_for_rgba(j);
	if (interlaced) {
		read_interlaced(j, stride);
		return;
	}
	png_read_update_info(j->png, j->png_info);
	j->pixels = malloc(stride);
	if (!j->pixels)
		png_error(j->png, "out of memory");
	for (size_t y = 0; y < j->info->height; y++) {
		png_read_row(j->png, j->pixels, NULL);
		picture_rows_add(j->rows, j->pixels, 4);
	}
}

/* Between setjmp and its jump only *j changes. */
static int run(struct png_job *j, struct error *err)
{
	if (setjmp(png_jmpbuf(j->png)))
		return error_set(err, ERR_DATA, "'%s': damaged PNG: %s", j->name,
				 j->message);
	png_set_read_fn(j->png, j, take);
	png_set_user_limits(j->png, 1 << 30, 1 << 30); /* ours say more */
	png_set_chunk_malloc_max(j->png, 8 << 20);
	png_read_info(j->png, j->png_info);
	j->info->height = png_get_image_height(j->png, j->png_info);
	j->info->width = png_get_image_width(j->png, j->png_info);
	if (picture_check(j->name, j->info, err))
		return (int)err->code;
	if (!j->rows)
		return 0;
	picture_rows_start(j->rows, j->info);
	read_rows(j);
	png_read_end(j->png, NULL);
	return 0;
}

/* calloc'ed pixels and both structs are released at one place, whether or not
 * an error jumped. */
int picture_png(const char *name, const unsigned char *data, size_t size,
		struct picture_info *info, struct picture_rows *r,
		struct error *err)
{
	struct png_job j = { .name = name, .data = data, .size = size,
			     .info = info, .rows = r };
	int rc;

	j.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &j, fail, hush);
	j.png_info = j.png ? png_create_info_struct(j.png) : NULL;
	rc = j.png_info ? run(&j, err) :
			  error_set(err, ERR_MEMORY, "out of memory");
	png_destroy_read_struct(&j.png, &j.png_info, NULL);
	free(j.pixels);
	return rc;
}
