/* Promises of the images reader that test_picture.c does not make: which part of a
 * picture is kept, what becomes of colours, archives, labels by name, and which
 * of several bad files is named. */
#include "datasets/reader.h"

#include <unistd.h>

#include "datasets/folder.h"
#include "tests/items_check.h"
#include "tests/media_fixtures.h"
#include "tests/tap.h"

static struct error err;
static struct arena arena;

/* ---------------------------------------------------------------- paintings */

/* Three vertical stripes of 4 pixels: red, green, blue. */
static void stripes(size_t y, size_t x, uint8_t *to)
{
	(void)y;
	memset(to, 0, 3);
	to[x / 4 % 3] = 240;
}

/* Three lying stripes of 4 pixels. */
static void layers(size_t y, size_t x, uint8_t *to)
{
	stripes(x, y, to);
}

static void white(size_t y, size_t x, uint8_t *to)
{
	(void)y, (void)x;
	memset(to, 255, 3);
}

/* Black that nobody sees. */
static void nothing(size_t y, size_t x, uint8_t *to)
{
	(void)y, (void)x;
	memset(to, 0, 4);
}

static void half(size_t y, size_t x, uint8_t *to)
{
	(void)y;
	to[0] = x % 2 ? 255 : 0;
}

/* ---------------------------------------------------------------- helpers */

static int look(const char *name, const char *yaml, struct items *x)
{
	*x = (struct items){ 0 };
	return media_read("images", name, yaml, 2, &arena, x, &err);
}

/* Pixel (c, y, x) of item i. */
static int pixel(const struct items *it, size_t i, size_t c, size_t y, size_t x)
{
	return it->pixels[((i * it->channels + c) * it->height + y) * it->width + x];
}

/* Are all pixels of channel c of item i within `tolerance` of v? */
static bool is_flat(const struct items *it, size_t i, size_t c, int v, int tolerance)
{
	for (size_t k = 0; k < it->height * it->width; k++)
		if (abs(pixel(it, i, c, k / it->width, k % it->width) - v) > tolerance)
			return false;
	return true;
}

/* ---------------------------------------------------------------- pixels */

static void test_crop(void)
{
	struct items x;

	put_png("crop/a/wide.png", 4, 12, 3, false, stripes);
	put_png("crop/b/tall.png", 12, 4, 3, false, layers);
	if (!ok(!look("crop", "size: [4, 4]", &x) && !items_check(&x),
		"images: pictures of any aspect: %s", err.text))
		return;
	ok(is_flat(&x, 0, 1, 240, 0) && is_flat(&x, 0, 0, 0, 0) && is_flat(&x, 0, 2, 0, 0),
	   "images: of a wide picture the middle is kept, at full height");
	ok(is_flat(&x, 1, 1, 240, 0) && is_flat(&x, 1, 0, 0, 0),
	   "images: of a tall one the middle, at full width");
	ok(!look("crop", "size: [2, 6]", &x) && pixel(&x, 0, 0, 0, 0) == 240 &&
		   pixel(&x, 0, 2, 0, 5) == 240 && pixel(&x, 0, 1, 1, 3) == 240,
	   "images: nothing is cut where the aspect is the picture's");
	ok(!look("crop", "size: [1, 1]", &x) && x.n == 2 && pixel(&x, 0, 1, 0, 0) == 240,
	   "images: a single pixel is the mean of the middle");
	ok(!look("crop", "size: [16, 16]", &x) && is_flat(&x, 0, 1, 240, 0),
	   "images: small pictures are blown up, not padded");
}

static void test_colours(void)
{
	struct items x;

	put_png("tint/a/red.png", 4, 4, 3, false, stripes);
	put_png("tint/a/white.png", 4, 4, 3, false, white);
	put_png("tint/b/clear.png", 4, 4, 4, false, nothing);
	put_png("tint/b/grey.png", 4, 4, 1, false, half);
	if (!ok(!look("tint", "{size: [2, 2], channels: 1}", &x), "images: grey: %s",
		err.text))
		return;
	/* 0.299 * 240 = 71.76: ITU-R BT.601, not a third */
	ok(is_flat(&x, 0, 0, 72, 0), "images: red is darker than a third of white");
	ok(is_flat(&x, 1, 0, 255, 0), "images: white stays white through the weights");
	ok(is_flat(&x, 2, 0, 255, 0), "images: what is clear lies on white");
	ok(is_flat(&x, 3, 0, 128, 1), "images: areas are averaged, not sampled");
	ok(!look("tint", "{size: [2, 2], channels: 3}", &x) && is_flat(&x, 3, 0, 128, 1) &&
		   is_flat(&x, 3, 1, 128, 1) && is_flat(&x, 3, 2, 128, 1),
	   "images: grey becomes three equal planes");
	put_jpeg("ink/a/1.jpg", 8, 8, 3, false, white);
	put_jpeg("ink/b/1.jpeg", 8, 8, 1, true, nothing);
	ok(!look("ink", "{size: [3, 5]}", &x) && is_flat(&x, 0, 2, 255, 2) &&
		   is_flat(&x, 1, 0, 0, 2),
	   "images: JPEG of colour, and of grey in scans");
}

/* ---------------------------------------------------------------- files */

static void test_archive(void)
{
	struct items x, y;
	struct archive *ar;

	put_png("set/cat/1.png", 6, 6, 3, false, stripes);
	put_png("set/dog/1.PNG", 6, 6, 3, false, white);
	put_png("set/dog/._1.png", 6, 6, 3, false, white);
	ar = pack_open("set.tar.gz", PACK_GZIP);
	pack_file(ar, "set/dog/1.PNG");
	pack_file(ar, "set/cat/1.png");
	pack_close(ar);
	ok(!look("set", "", &x) && x.n == 2, "images: hidden files are no pictures: %s",
	   err.text);
	ok(!look("set.tar.gz", "", &y) && y.n == 2 && y.label[0] == x.label[0] &&
		   !memcmp(x.pixels, y.pixels, 2 * 3072),
	   "images: an archive in any order is as good as its folder: %s", err.text);
	media_cut("set.tar.gz", "cut.tar.gz", 0.6);
	ok(look("cut.tar.gz", "", &y) == ERR_DATA && strstr(err.text, "cut.tar.gz"),
	   "images: an archive cut short is named: %s", err.text);
	ok(look("empty-handed", "", &y) == ERR_IO, "images: a path that is not there");
	media_put("words/a/1.txt", "x", 1);
	ok(look("words", "", &y) == ERR_DATA && strstr(err.text, ".png"),
	   "images: a folder without pictures says what is looked for: %s", err.text);
}

static void test_labels(void)
{
	struct items x;

	put_png("flat/cat_01_s1.png", 5, 5, 3, false, stripes);
	put_png("flat/cat_02_s2.png", 5, 5, 3, false, stripes);
	put_png("flat/dog_01_s1.png", 5, 5, 3, false, white);
	put_png("flat/eel_01_s2.png", 5, 5, 3, false, white);
	ok(look("flat", "", &x) == ERR_DATA && strstr(err.text, "folder"),
	   "images: without class folders the cure is in the error: %s", err.text);
	ok(!look("flat", "{label_field: 0, group_field: 2}", &x) && x.classes == 3 &&
		   x.group[0] == x.group[2] && x.group[0] != x.group[1],
	   "images: classes and groups out of the names");
	ok(!look("flat", "{label_field: 0, official_field: 1, test_values: ['02'], "
			 "classes: [dog, cat]}", &x) && x.n == 3 && x.classes == 2 &&
		   x.label[0] == 1 && x.label[2] == 0 && x.official[1] == OFFICIAL_TEST &&
		   x.official[0] == OFFICIAL_TRAIN,
	   "images: classes in the catalogue's order, parts by a field: %s", err.text);
	ok(!look("flat", "{label_field: 0, min_class: 1}", &x) && x.classes == 3,
	   "images: small classes stay unless they are unwanted");
	ok(look("flat", "{label_field: 0, min_class: 2}", &x) == ERR_DATA,
	   "images: one class that is left is none to tell apart: %s", err.text);
	ok(look("flat", "{label_field: 0, classes: [cat, cow]}", &x) == ERR_DATA &&
		   strstr(err.text, "cow"),
	   "images: a class that no file has is named: %s", err.text);
}

/* ---------------------------------------------------------------- damage */

/* Which file is blamed must not depend on which thread was first. */
static void test_first_fault(void)
{
	char name[32];
	struct items x;
	bool same = true;

	for (int k = 0; k < 12; k++) {
		snprintf(name, sizeof(name), "bad/%c/%02d.png", k % 2 ? 'a' : 'b', k);
		put_png(name, 8, 8, 3, false, stripes);
	}
	media_put("bad/a/07.png", "GIF89a", 6);
	media_put("bad/b/00.png", "BM", 2);
	for (int threads = 1; threads <= 4; threads++) {
		int rc = media_read("images", "bad", "", threads, &arena, &x, &err);

		same &= rc == ERR_DATA && strstr(err.text, "a/07.png");
	}
	ok(same, "images: the first bad file by name is blamed on any threads: %s",
	   err.text);
}

/* Headers are whole and pixels are not: seen in the second pass. */
static void test_cut(void)
{
	static const double shares[] = { 0.02, 0.3, 0.6, 0.95 };
	struct items x;

	put_png("whole/1.png", 40, 40, 3, false, stripes);
	put_jpeg("whole/1.jpg", 40, 40, 3, false, stripes);
	put_png("cut/a/good.png", 8, 8, 3, false, white);
	for (size_t k = 0; k < 4; k++) {
		media_cut("whole/1.png", "cut/b/1.png", shares[k]);
		ok(look("cut", "", &x) == ERR_DATA && strstr(err.text, "b/1.png"),
		   "images: %.0f %% of a PNG: %s", 100 * shares[k], err.text);
	}
	unlink(media("cut/b/1.png"));
	for (size_t k = 0; k < 3; k++) {
		media_cut("whole/1.jpg", "cut/b/1.jpg", shares[k]);
		ok(look("cut", "", &x) == ERR_DATA && strstr(err.text, "b/1.jpg"),
		   "images: %.0f %% of a JPEG: %s", 100 * shares[k], err.text);
	}
	media_put("cut/b/1.jpg", "", 0);
	ok(look("cut", "", &x) == ERR_DATA && strstr(err.text, "neither PNG nor JPEG"),
	   "images: an empty file is no picture: %s", err.text);
	unlink(media("cut/b/1.jpg"));
	put_png("cut/b/2.jpg", 8, 8, 3, false, white);
	ok(!look("cut", "", &x) && x.n == 2,
	   "images: a PNG that is called .jpg is a PNG: %s", err.text);
}

int main(void)
{
	if (!mkdtemp(media_root))
		return 1;
	arena_init(&arena, 0);
	test_crop();
	test_colours();
	test_archive();
	test_labels();
	test_first_fault();
	test_cut();
	folder_remove(media_root);
	arena_clear(&arena);
	return tap_done();
}
