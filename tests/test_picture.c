/* Promises of datasets/media/picture.h and of the images reader. */
#include "datasets/media/picture.h"

#include <unistd.h>

#include "datasets/folder.h"
#include "harness/base/rng.h"
#include "tests/media_fixtures.h"
#include "tests/tap.h"

static struct error err;
static struct arena arena;

/* ---------------------------------------------------------------- paintings */

static void noise(size_t y, size_t x, uint8_t *to)
{
	for (size_t k = 0; k < 3; k++)
		to[k] = (uint8_t)rng_u32(rng_make(3, "paint"), (y * 100 + x) * 3 + k);
}

static void smooth(size_t y, size_t x, uint8_t *to)
{
	to[0] = (uint8_t)(y * 4);
	to[1] = (uint8_t)(x * 4);
	to[2] = (uint8_t)(255 - y * 2);
}

static void red(size_t y, size_t x, uint8_t *to)
{
	(void)y, (void)x;
	to[0] = 200, to[1] = to[2] = 0;
}

static void clear(size_t y, size_t x, uint8_t *to)
{
	red(y, x, to);
	to[3] = x < 2 ? 0 : x < 4 ? 255 : 51; /* a fifth */
}

static void grey_ramp(size_t y, size_t x, uint8_t *to)
{
	(void)y;
	to[0] = (uint8_t)(x * 10);
}

/* ---------------------------------------------------------------- the slow way */

/* Cut from the centre and average, pixel by pixel of the result, by the
 * definition in picture.h. */
static double plain_cell(paint *p, size_t height, size_t width,
			 const struct picture_shape *s, size_t k, size_t y, size_t x)
{
	size_t h = height, w = width;
	double sum = 0, ys, xs;

	if (width * s->height / s->width < height)
		h = width * s->height / s->width;
	else if (height * s->width / s->height < width)
		w = height * s->width / s->height;
	ys = (double)h / (double)s->height;
	xs = (double)w / (double)s->width;
	for (size_t i = 0; i < h; i++)
		for (size_t j = 0; j < w; j++) {
			double dy = fmin((double)i + 1, ys * (double)(y + 1)) -
				    fmax((double)i, ys * (double)y);
			double dx = fmin((double)j + 1, xs * (double)(x + 1)) -
				    fmax((double)j, xs * (double)x);
			uint8_t c[4];

			p(i + (height - h) / 2, j + (width - w) / 2, c);
			if (dy > 0 && dx > 0)
				sum += dy * dx * c[k];
		}
	return sum / (ys * xs);
}

static int decode(const char *name, const struct picture_shape *s, uint8_t *out)
{
	struct picture_desk d;
	char *data;
	size_t size;
	int rc;

	if (picture_desk_init(&d, s, &arena, &err) ||
	    file_read(&arena, media(name), &data, &size, &err))
		abort();
	rc = picture_read(name, (unsigned char *)data, size, &d, out, &err);
	return rc;
}

/* Largest difference from the slow way. */
static double worst(const char *name, paint *p, size_t height, size_t width,
		    const struct picture_shape *s)
{
	uint8_t out[3 * 64 * 64];
	double most = 0;

	if (decode(name, s, out))
		return 999;
	for (size_t k = 0; k < 3; k++)
		for (size_t y = 0; y < s->height; y++)
			for (size_t x = 0; x < s->width; x++) {
				double want = plain_cell(p, height, width, s, k, y, x);
				double got = out[(k * s->height + y) * s->width + x];

				most = fmax(most, fabs(got - want));
			}
	return most;
}

static void test_areas(void)
{
	static const struct picture_shape shapes[] = { { 3, 7, 11 }, { 3, 20, 31 },
						       { 3, 40, 40 }, { 3, 1, 1 } };

	put_png("noise.png", 20, 31, 3, false, noise);
	put_png("adam.png", 20, 31, 3, true, noise);
	put_jpeg("smooth.jpg", 40, 60, 3, false, smooth);
	put_jpeg("steps.jpg", 40, 60, 3, true, smooth);
	for (size_t k = 0; k < 4; k++) {
		/* half a step of rounding */
		ok_near(worst("noise.png", noise, 20, 31, &shapes[k]), 0, 0.5001,
			"picture: areas of %zu x %zu", shapes[k].height,
			shapes[k].width);
		ok_near(worst("adam.png", noise, 20, 31, &shapes[k]), 0, 0.5001,
			"picture: also interlaced");
	}
	/* JPEG loses a little at quality 95, and colour is kept at half */
	ok_near(worst("smooth.jpg", smooth, 40, 60, &shapes[0]), 0, 4,
		"picture: JPEG is near what was painted");
	ok_near(worst("steps.jpg", smooth, 40, 60, &shapes[0]), 0, 4,
		"picture: also progressive");
}

static void test_colours(void)
{
	const struct picture_shape one = { 1, 6, 6 }, three = { 3, 6, 6 };
	uint8_t out[3 * 36];

	put_png("red.png", 6, 6, 3, false, red);
	put_png("clear.png", 6, 6, 4, false, clear);
	put_png("grey.png", 6, 6, 1, false, grey_ramp);
	put_jpeg("grey.jpg", 6, 6, 1, false, grey_ramp);
	ok(!decode("red.png", &one, out) && out[0] == 60 && out[35] == 60,
	   "picture: grey is luma: 0.299 of 200");
	ok(!decode("clear.png", &three, out) && out[0] == 255 && out[36] == 255,
	   "picture: what is transparent is white");
	ok(out[2] == 200 && out[38] == 0 && out[4] == 244 && out[40] == 204,
	   "picture: what is half so lies on white");
	ok(!decode("grey.png", &three, out) && out[3] == 30 && out[36 + 3] == 30,
	   "picture: grey has three equal colours");
	ok(!decode("grey.jpg", &three, out) && abs(out[5] - 50) < 4 &&
		   out[36 + 5] == out[5],
	   "picture: so has grey JPEG");
	put_jpeg("cmyk.jpg", 6, 6, 4, false, clear);
	ok(decode("cmyk.jpg", &three, out) == ERR_DATA && strstr(err.text, "CMYK"),
	   "picture: four colours of ink are an error that says so");
}

/* Any bytes: pixels or words. Cuts are always an error. */
static void test_damage(const char *name)
{
	const struct picture_shape shape = { 3, 5, 5 };
	struct rng r = rng_make(5, "picture/mutate");
	size_t size, silent = 0, whole = 0;
	struct picture_desk d;
	char *data, *copy;
	uint8_t out[75];

	if (file_read(&arena, media(name), &data, &size, &err) ||
	    picture_desk_init(&d, &shape, &arena, &err))
		abort();
	copy = malloc(size);
	for (size_t n = 0; n < size - 2; n += 1 + size / 50) {
		memcpy(copy, data, n); /* of exactly n bytes: a sanitizer sees more */
		error_clear(&err);
		whole += !picture_read(name, (unsigned char *)copy, n, &d, out, &err);
		silent += !err.text[0];
	}
	ok(!whole && !silent, "picture: %s cut anywhere is an error", name);
	silent = 0;
	for (uint64_t t = 0; t < 200; t++) {
		memcpy(copy, data, size);
		for (uint64_t k = 0; k < 3; k++)
			copy[rng_below(r, 8 * t + k, size)] =
				(char)rng_u32(r, 8 * t + k + 4);
		error_clear(&err);
		silent += picture_read(name, (unsigned char *)copy, size, &d, out,
				       &err) && !err.text[0];
	}
	ok(!silent, "picture: 200 damaged copies of %s: pixels or words", name);
	free(copy);
}

/* ---------------------------------------------------------------- the reader */

static void make_folder(void)
{
	put_png("i/cat/a.png", 9, 12, 3, false, noise);
	put_jpeg("i/cat/b.JPG", 20, 12, 3, false, smooth);
	put_png("i/dog/c.png", 6, 6, 3, false, red);
	put_png("i/dog/d.png", 6, 6, 1, true, grey_ramp);
	media_put("i/notes.txt", "none", 4);
}

static void test_reader(void)
{
	struct items x = { 0 }, y = { 0 };

	make_folder();
	if (!ok(!media_read("images", "i", "", 1, &arena, &x, &err),
		"images: reads a folder: %s", err.text))
		return;
	ok(x.n == 4 && x.modality == MODALITY_IMAGE && x.channels == 3 &&
		   x.height == 32 && x.width == 32,
	   "images: 3 x 32 x 32 by default");
	ok(x.classes == 2 && !strcmp(x.class_names[1], "dog") && x.label[1] == 0 &&
		   x.label[2] == 1,
	   "images: one folder a class");
	ok(x.pixels[2 * 3072] == 200 && x.pixels[2 * 3072 + 1024] == 0,
	   "images: planes of colours");
	media_read("images", "i", "", 3, &arena, &y, &err);
	ok(!memcmp(x.pixels, y.pixels, 4 * 3072), "images: same bits on 3 threads");
	ok(!media_read("images", "i", "{size: [4, 6], channels: 1}", 2, &arena, &x,
		       &err) && x.channels == 1 && x.height == 4 && x.width == 6 &&
		   x.pixels[2 * 24] == 60,
	   "images: of the size and channels asked for");
	put_png("o/train/cat/a.png", 6, 6, 3, false, red);
	put_png("o/train/dog/a.png", 6, 6, 3, false, red);
	put_png("o/test/dog/a.png", 6, 6, 3, false, red);
	ok(!media_read("images", "o", "", 2, &arena, &x, &err) && x.n == 3 &&
		   x.official[0] == OFFICIAL_TEST && x.official[1] == OFFICIAL_TRAIN,
	   "images: folders train and test are official parts");
}

static void test_reader_wrong(void)
{
	static const char *const wrong[] = { "channels: 2", "channels: 4",
					     "size: 32", "size: [0, 3]",
					     "size: [3, 4000]", "size: [1, 2, 3]" };
	struct items x;

	for (size_t k = 0; k < 6; k++)
		ok(media_read("images", "i", wrong[k], 1, &arena, &x, &err) ==
			   ERR_CONFIG,
		   "images: wrong options say so: %s", err.text);
	media_put("i/cat/bad.png", "GIF89a", 6);
	ok(media_read("images", "i", "", 2, &arena, &x, &err) == ERR_DATA &&
		   strstr(err.text, "cat/bad.png"),
	   "images: what is no picture is named: %s", err.text);
	unlink(media("i/cat/bad.png"));
	ok(media_starve("images", "i", ""), "images: each allocation may fail");
}

int main(void)
{
	if (!mkdtemp(media_root))
		return 1;
	arena_init(&arena, 0);
	test_areas();
	test_colours();
	test_damage("noise.png");
	test_damage("adam.png");
	test_damage("smooth.jpg");
	test_damage("steps.jpg");
	test_reader();
	test_reader_wrong();
	folder_remove(media_root);
	arena_clear(&arena);
	return tap_done();
}
