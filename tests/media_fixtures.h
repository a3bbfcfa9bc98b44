/* Small archives, sounds and pictures made on the spot, for tests. */
#ifndef TRIARCH_MEDIA_FIXTURES_H
#define TRIARCH_MEDIA_FIXTURES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>
#include <png.h>
#include <sndfile.h>

#include <jpeglib.h>

#include "datasets/reader.h"
#include "harness/base/file.h"

static char media_root[] = "/tmp/test_media-XXXXXX";

/* A path under the test's folder, whose folders are made. Up to four at once. */
static inline const char *media(const char *name)
{
	static char path[4][512];
	static size_t next;
	char *p = path[next++ % 4], *slash;
	struct error err;

	snprintf(p, sizeof(path[0]), "%s/%s", media_root, name);
	slash = strrchr(p, '/');
	*slash = '\0';
	if (file_make_dirs(p, &err))
		abort();
	*slash = '/';
	return p;
}

static inline void media_put(const char *name, const void *data,
					      size_t size)
{
	FILE *f = fopen(media(name), "wb");

	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
}

/* The first `size` bytes of another file, or all. */
static inline void media_cut(const char *from, const char *to,
					      double share)
{
	struct error err;
	struct arena a;
	size_t size;
	char *data;

	arena_init(&a, 0);
	if (file_read(&a, media(from), &data, &size, &err))
		abort();
	media_put(to, data, (size_t)((double)size * share));
	arena_clear(&a);
}

/* ---------------------------------------------------------------- archives */

enum pack { PACK_TAR, PACK_GZIP, PACK_BZIP2, PACK_XZ, PACK_ZIP };

static inline struct archive *pack_open(const char *name,
							  enum pack how)
{
	struct archive *ar = archive_write_new();

	if (how == PACK_ZIP)
		archive_write_set_format_zip(ar);
	else
		archive_write_set_format_pax_restricted(ar);
	if (how == PACK_GZIP)
		archive_write_add_filter_gzip(ar);
	if (how == PACK_BZIP2)
		archive_write_add_filter_bzip2(ar);
	if (how == PACK_XZ)
		archive_write_add_filter_xz(ar);
	if (archive_write_open_filename(ar, media(name)))
		abort();
	return ar;
}

/* A member of a type (AE_IFREG, AE_IFLNK ...); links lead to `data`. */
static inline void pack_member(struct archive *ar,
						 const char *name, unsigned type,
						 const void *data, size_t size)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, 0644);
	if (type == AE_IFREG)
		archive_entry_set_size(e, (la_int64_t)size);
	if (type == AE_IFLNK)
		archive_entry_set_symlink(e, data);
	if (archive_write_header(ar, e))
		abort();
	if (type == AE_IFREG && size)
		archive_write_data(ar, data, size);
	archive_entry_free(e);
}

static inline void pack_close(struct archive *ar)
{
	if (archive_write_close(ar))
		abort();
	archive_write_free(ar);
}

/* A file of the test's folder, under its own name. */
static inline void pack_file(struct archive *ar, const char *name)
{
	struct error err;
	struct arena a;
	size_t size;
	char *data;

	arena_init(&a, 0);
	if (file_read(&a, media(name), &data, &size, &err))
		abort();
	pack_member(ar, name, AE_IFREG, data, size);
	arena_clear(&a);
}

/* ---------------------------------------------------------------- sounds */

/* A tone of `hz`, loud or soft, of so many seconds. */
static inline void put_tone(const char *name, int format, int rate,
					     double hz, double loud, double seconds)
{
	SF_INFO info = { .samplerate = rate, .channels = 1, .format = format };
	SNDFILE *f = sf_open(media(name), SFM_WRITE, &info);
	sf_count_t n = (sf_count_t)(seconds * rate);

	if (!f)
		abort();
	for (sf_count_t i = 0; i < n; i++) {
		float x = (float)(loud * sin(2 * M_PI * hz * (double)i / rate));

		sf_writef_float(f, &x, 1);
	}
	sf_close(f);
}

#define TONE_WAV (SF_FORMAT_WAV | SF_FORMAT_PCM_16)
#define TONE_FLAC (SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
#define TONE_OGG (SF_FORMAT_OGG | SF_FORMAT_VORBIS)

/* ---------------------------------------------------------------- pictures */

/* Pixel (y, x) as up to four bytes: grey; R, G, B; R, G, B, opacity. */
typedef void paint(size_t y, size_t x, uint8_t *to);

static inline void put_png(const char *name, size_t height,
					    size_t width, int channels,
					    bool interlaced, paint *p)
{
	static const int types[] = { 0, PNG_COLOR_TYPE_GRAY, 0, PNG_COLOR_TYPE_RGB,
				     PNG_COLOR_TYPE_RGBA };
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL,
						  NULL, NULL);
	png_infop info = png_create_info_struct(png);
	uint8_t *rows = calloc(height * width, 4);
	FILE *f = fopen(media(name), "wb");
	int passes;

	if (!f || !rows)
		abort();
	for (size_t i = 0; i < height * width; i++)
		p(i / width, i % width, rows + i * (size_t)channels);
	png_init_io(png, f);
	png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8,
		     types[channels], interlaced, 0, 0);
	png_write_info(png, info);
	passes = png_set_interlace_handling(png);
	for (int k = 0; k < passes; k++)
		for (size_t y = 0; y < height; y++)
			png_write_row(png, rows + y * width * (size_t)channels);
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	free(rows);
	fclose(f);
}

static inline void put_jpeg(const char *name, size_t height,
					     size_t width, int channels,
					     bool progressive, paint *p)
{
	static const J_COLOR_SPACE spaces[] = { 0, JCS_GRAYSCALE, 0, JCS_RGB,
						JCS_CMYK };
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr errors;
	uint8_t *row = calloc(width, 4);
	FILE *f = fopen(media(name), "wb");

	if (!f || !row)
		abort();
	c.err = jpeg_std_error(&errors);
	jpeg_create_compress(&c);
	jpeg_stdio_dest(&c, f);
	c.image_height = (JDIMENSION)height;
	c.image_width = (JDIMENSION)width;
	c.input_components = channels;
	c.in_color_space = spaces[channels];
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, 95, TRUE);
	if (progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	for (size_t y = 0; y < height; y++) {
		for (size_t x = 0; x < width; x++)
			p(y, x, row + x * (size_t)channels);
		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	free(row);
	fclose(f);
}

/* ---------------------------------------------------------------- readers */

/* Read a path of the test's folder by a reader with these options. */
static inline int media_read(const char *reader, const char *name,
					      const char *yaml, int threads,
					      struct arena *a, struct items *out,
					      struct error *err)
{
	char path[512];
	const char *paths[] = { path };
	struct source src = { .name = "test", .paths = paths, .n_paths = 1,
			      .threads = threads };
	struct yaml *options = NULL;

	snprintf(path, sizeof(path), "%s%s%s", media_root, *name ? "/" : "", name);
	error_clear(err);
	if (*yaml && yaml_parse(a, yaml, strlen(yaml), "opt", &options, err))
		return (int)err->code;
	src.options = options;
	return reader_find(reader)->read(&src, a, out, err);
}

/* Fail every allocation once: each must be ERR_MEMORY, until all are there.
 * Returns how many there were, or 0 when one was taken for something else. */
static inline size_t media_starve(const char *reader,
						    const char *name,
						    const char *yaml)
{
	for (size_t k = 1; k < 5000; k++) {
		struct error err;
		struct items x;
		struct arena a;
		int rc;

		arena_init(&a, 0);
		a.fail_at = k;
		rc = media_read(reader, name, yaml, 1, &a, &x, &err);
		arena_clear(&a);
		if (!rc)
			return k - 1;
		if (rc != ERR_MEMORY)
			return 0;
	}
	return 0;
}

#endif
