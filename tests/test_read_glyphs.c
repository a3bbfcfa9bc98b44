/* Promises of the glyphs reader and of datasets/media/glyph.h. The font is made here,
 * table by table: boxes for the letters a, b (Latin) and alpha (Greek). */
#include "datasets/media/glyph.h"

#include <unistd.h>

#include "datasets/folder.h"
#include "datasets/media/scripts.h"
#include "harness/base/rng.h"
#include "tests/media_fixtures.h"
#include "tests/tap.h"

static struct error err;
static struct arena arena;

/* ---------------------------------------------------------------- a font */

/* Bytes of a table, most significant first, as OpenType has them. */
struct bytes {
	uint8_t data[4096];
	size_t n;
};

static void u16(struct bytes *b, unsigned v)
{
	b->data[b->n++] = (uint8_t)(v >> 8);
	b->data[b->n++] = (uint8_t)v;
}

static void u32(struct bytes *b, uint32_t v)
{
	u16(b, v >> 16);
	u16(b, v & 0xffff);
}

static void words(struct bytes *b, size_t n, const unsigned *v)
{
	for (size_t i = 0; i < n; i++)
		u16(b, v[i]);
}
#define WORDS(b, ...)                                                     \
	words(b, sizeof((unsigned[]){ __VA_ARGS__ }) / sizeof(unsigned), \
	      (unsigned[]){ __VA_ARGS__ })

/* Characters of the font and the sides of their boxes; glyph 0 is empty, and
 * so is glyph 4, which stands for beta. */
static const unsigned codes[] = { 'a', 'b', 0x3b1, 0x3b2 };
static const unsigned sides[][2] = { { 700, 700 }, { 350, 700 }, { 700, 175 } };

static void head(struct bytes *b)
{
	u32(b, 0x10000);
	u32(b, 0x10000);
	u32(b, 0);
	u32(b, 0x5f0f3cf5);
	WORDS(b, 0, 1000);
	for (int k = 0; k < 4; k++)
		u32(b, 0); /* dates */
	WORDS(b, 0, 0, 700, 700, 0, 8, 2, 0, 0);
}

static void hhea(struct bytes *b)
{
	u32(b, 0x10000);
	WORDS(b, 800, 0xff38, 0, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5);
}

static void maxp(struct bytes *b)
{
	u32(b, 0x10000);
	WORDS(b, 5, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
}

static void hmtx(struct bytes *b)
{
	for (int k = 0; k < 5; k++)
		WORDS(b, 1000, 0);
}

/* Format 12: one group a character. */
static void cmap(struct bytes *b)
{
	WORDS(b, 0, 1, 3, 10);
	u32(b, 12);
	WORDS(b, 12, 0);
	u32(b, 16 + 12 * 4);
	u32(b, 0);
	u32(b, 4);
	for (uint32_t k = 0; k < 4; k++) {
		u32(b, codes[k]);
		u32(b, codes[k]);
		u32(b, k + 1);
	}
}

#define BOX_BYTES 34u /* padded to an even number */

/* A box: one contour of four points on the curve, as words. */
static void glyf(struct bytes *b)
{
	for (size_t k = 0; k < 3; k++) {
		unsigned w = sides[k][0], h = sides[k][1];

		WORDS(b, 1, 0, 0, w, h, 3, 0, 0x0101, 0x0101);
		WORDS(b, 0, w, 0, 0x10000 - w, 0, 0, h, 0);
	}
}

static void loca(struct bytes *b)
{
	WORDS(b, 0, 0, BOX_BYTES / 2, BOX_BYTES, 3 * BOX_BYTES / 2,
	      3 * BOX_BYTES / 2);
}

/* All tables behind their directory. */
static struct bytes make_font(void)
{
	static const struct {
		const char *tag;
		void (*make)(struct bytes *b);
	} tables[] = { { "cmap", cmap }, { "glyf", glyf }, { "head", head },
		       { "hhea", hhea }, { "hmtx", hmtx }, { "loca", loca },
		       { "maxp", maxp } };
	struct bytes font = { 0 }, body = { 0 };

	u32(&font, 0x10000);
	WORDS(&font, 7, 64, 2, 48);
	for (size_t k = 0; k < 7; k++) {
		size_t at = body.n;

		tables[k].make(&body);
		memcpy(font.data + font.n, tables[k].tag, 4);
		font.n += 4;
		u32(&font, 0);
		u32(&font, (uint32_t)(12 + 7 * 16 + at));
		u32(&font, (uint32_t)(body.n - at));
		body.n = (body.n + 3) / 4 * 4;
	}
	memcpy(font.data + font.n, body.data, body.n);
	font.n += body.n;
	return font;
}

/* ---------------------------------------------------------------- glyph.h */

static void test_draw(const struct bytes *font)
{
	struct glyph_font *f;
	uint8_t out[28 * 28];
	size_t sum = 0;

	if (!ok(!glyph_open(&f, "made", font->data, font->n, &err),
		"glyph: opens a font: %s", err.text))
		return;
	ok(glyph_has(f, 'a') && glyph_has(f, 0x3b1) && !glyph_has(f, 'c'),
	   "glyph: knows what it has");
	ok(!glyph_has(f, 0x3b2), "glyph: an empty outline is nothing to draw");
	ok(glyph_draw(f, 'a', 28, out), "glyph: draws");
	for (size_t i = 0; i < 28 * 28; i++)
		sum += out[i] == 255;
	ok(sum == 400 && out[4 * 28 + 4] == 255 && out[3 * 28 + 4] == 0 &&
		   out[23 * 28 + 23] == 255 && out[24 * 28 + 23] == 0,
	   "glyph: a square is 20 x 20 in the middle of 28 x 28");
	ok(glyph_draw(f, 'b', 28, out) && out[4 * 28 + 9] == 255 &&
		   out[4 * 28 + 8] == 0 && out[23 * 28 + 18] == 255,
	   "glyph: the longer side is 5/7 of the picture, the other in proportion");
	ok(!glyph_draw(f, 'c', 28, out) && !out[14 * 28 + 14],
	   "glyph: black where there is nothing");
	glyph_close(f);
	glyph_close(NULL);
}

static void test_damage(const struct bytes *font)
{
	struct rng r = rng_make(6, "glyph/mutate");
	uint8_t copy[sizeof(font->data)], out[8 * 8];
	struct glyph_font *f;
	size_t silent = 0;

	for (uint64_t t = 0; t < 1000; t++) {
		size_t n = t % 4 ? font->n : rng_below(r, 16 * t, font->n);

		memcpy(copy, font->data, font->n);
		for (uint64_t k = 1; k < 4; k++)
			copy[rng_below(r, 16 * t + k, font->n)] =
				(uint8_t)rng_u32(r, 16 * t + k + 4);
		error_clear(&err);
		if (glyph_open(&f, "made", copy, n, &err)) {
			silent += !err.text[0] || f;
			continue;
		}
		for (uint32_t c = 'a'; c < 'd'; c++)
			glyph_draw(f, c, 8, out);
		glyph_close(f);
	}
	ok(!silent, "glyph: 1,000 damaged fonts: letters or words");
	ok(glyph_open(&f, "x.pcf", (const uint8_t *)"\1fcp\0\0\0\0\0\0\0\0", 12, &err) ==
			   ERR_DATA && strstr(err.text, "x.pcf"),
	   "glyph: other kinds of fonts are refused");
}

/* ---------------------------------------------------------------- the reader */

static void test_reader(const struct bytes *font)
{
	struct items x = { 0 }, y = { 0 };

	media_put("f/A-Regular.ttf", font->data, font->n);
	media_put("f/deep/A-Bold.TTF", font->data, font->n);
	media_put("f/readme.txt", "none", 4);
	if (!ok(!media_read("glyphs", "f", "", 1, &arena, &x, &err),
		"glyphs: reads a folder: %s", err.text))
		return;
	ok(x.n == 6 && x.modality == MODALITY_IMAGE && x.channels == 1 &&
		   x.height == 28 && x.width == 28,
	   "glyphs: an item is a letter in a font");
	ok(x.classes == 2 && !strcmp(x.class_names[0], "Latin") &&
		   !strcmp(x.class_names[1], "Greek"),
	   "glyphs: only scripts that the fonts have");
	ok(x.label[0] == 0 && x.label[3] == 0 && x.label[4] == 1 &&
		   x.group[0] == 0 && x.group[1] == 0 && x.group[2] == 1 &&
		   x.group[5] == 2,
	   "glyphs: a code point is a group");
	ok(!memcmp(x.pixels, x.pixels + 784, 784) &&
		   memcmp(x.pixels, x.pixels + 2 * 784, 784),
	   "glyphs: faces of a letter are side by side");
	for (int t = 2; t <= 4; t += 2) {
		media_read("glyphs", "f", "", t, &arena, &y, &err);
		ok(y.n == 6 && !memcmp(x.pixels, y.pixels, 6 * 784),
		   "glyphs: same bits on %d threads", t);
	}
	ok(!media_read("glyphs", "f", "files: '*-Bold*'\nsize: 14", 1, &arena, &x,
		       &err) && x.n == 3 && x.width == 14,
	   "glyphs: patterns choose files");
	ok(!media_read("glyphs", "f", "per_script: 3", 1, &arena, &x, &err) &&
		   x.n == 4,
	   "glyphs: whole letters up to per_script");
	ok(!media_read("glyphs", "f", "scripts: [Greek, Latin]", 1, &arena, &x,
		       &err) && x.label[0] == 0 && !strcmp(x.class_names[0], "Greek"),
	   "glyphs: scripts in the order asked for");
}

static void test_wrong(void)
{
	static const struct {
		const char *yaml, *says;
		int code;
	} wrong[] = {
		{ "scripts: [Latin, Klingon]", "Klingon", ERR_CONFIG },
		{ "scripts: [Latin, Latin]", "twice", ERR_CONFIG },
		{ "scripts: [Latin]", "two", ERR_CONFIG },
		{ "size: 3", "outside", ERR_CONFIG },
		{ "per_script: 0", "outside", ERR_CONFIG },
		{ "scripts: [Latin, Thai]", "Thai", ERR_DATA },
		{ "files: '*-Italic*'", "no font", ERR_DATA },
		{ "per_script: 1", "fewer than two", ERR_DATA },
	};
	struct items x;

	for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++)
		ok((int)media_read("glyphs", "f", wrong[k].yaml, 1, &arena, &x,
				   &err) == wrong[k].code &&
			   strstr(err.text, wrong[k].says),
		   "glyphs: wrong options say so: %s", err.text);
	ok(media_starve("glyphs", "f", ""), "glyphs: each allocation may fail");
	media_put("f/bad.ttf", "\0\1\0\0\0\0\0\0\0\0\0\0", 12);
	ok(media_read("glyphs", "f", "", 2, &arena, &x, &err) == ERR_DATA &&
		   strstr(err.text, "bad.ttf"),
	   "glyphs: a damaged font is named");
}

/* take_script and all_scripts rest on both. */
static void test_blocks(void)
{
	size_t n, bad = 0;
	const struct script_block *b = script_blocks(&n);

	for (size_t i = 0; i < n; i++) {
		bad += b[i].first > b[i].last;
		for (size_t k = 0; k < i; k++) {
			bad += b[k].first <= b[i].last && b[i].first <= b[k].last;
			bad += k + 1 < i && !strcmp(b[k].script, b[i].script) &&
			       strcmp(b[i - 1].script, b[i].script) != 0;
		}
	}
	ok(n > 40 && !bad, "scripts: %zu blocks, none in another, scripts together", n);
}

int main(void)
{
	struct bytes font = make_font();

	if (!mkdtemp(media_root))
		return 1;
	arena_init(&arena, 0);
	test_draw(&font);
	test_damage(&font);
	test_reader(&font);
	test_wrong();
	test_blocks();
	folder_remove(media_root);
	arena_clear(&arena);
	return tap_done();
}
