/* Files that were made to do harm: each gives an error with words, no crash,
 * and no more memory than twice the file and 64 MiB. */
#include "datasets/media/bundle.h"

#include <sys/resource.h>
#include <unistd.h>

#include "datasets/folder.h"
#include "tests/media_fixtures.h"
#include "tests/tap.h"

#define SLACK ((size_t)64 << 20)

static uint32_t crc(const uint8_t *p, size_t n)
{
	uint32_t c = 0xffffffff;

	for (size_t i = 0; i < n; i++) {
		c ^= p[i];
		for (int k = 0; k < 8; k++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
	}
	return ~c;
}

static void put_be(uint8_t *to, uint32_t v)
{
	for (int k = 0; k < 4; k++)
		to[k] = (uint8_t)(v >> (24 - 8 * k));
}

static size_t bytes_of(const char *name)
{
	struct stat st;

	return stat(media(name), &st) ? 0 : (size_t)st.st_size;
}

/* The system's memory of this process at its highest, in bytes. */
static size_t resident(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (size_t)u.ru_maxrss << 10;
}

/* Read a folder or archive (named last) that holds or is the file. */
static void refuse(const char *reader, const char *file, const char *read,
		   const char *says, const char *yaml, const char *what)
{
	size_t before = resident(), room = 2 * bytes_of(file) + SLACK;
	struct error err;
	struct items x;
	struct arena a;
	int rc;

	arena_init(&a, 0);
	rc = media_read(reader, read, yaml, 2, &a, &x, &err);
	if (!ok(rc && err.text[0] && strstr(err.text, says), "%s: %s", reader, what))
		printf("# %d %s\n", rc, err.text);
	ok(a.peak <= room && resident() - before <= room,
	   "%s: %s: %zu kB were taken", reader, what, a.peak >> 10);
	arena_clear(&a);
}

/* ---------------------------------------------------------------- archives */

static void archives(void)
{
	static char big[100000];
	static const uint8_t plain[] = "PK\3\4\24\0\0\0\0\0\0\0\0\0"
				       "\0\0\0\0\xf0\xff\xff\xff\xf0\xff\xff\xff"
				       "\7\0\0\0a/b.wavxyz";
	struct archive *ar = pack_open("whole.tar", PACK_TAR);

	pack_member(ar, "a/x.wav", AE_IFREG, big, sizeof(big));
	pack_close(ar);
	media_cut("whole.tar", "cut.tar", 0.5);
	refuse("sounds", "cut.tar", "cut.tar", "a/x.wav", "", "a tar cut short");
	ar = pack_open("out.tar", PACK_TAR);
	pack_member(ar, "../x.wav", AE_IFREG, big, 10);
	pack_close(ar);
	refuse("sounds", "out.tar", "out.tar", "../x.wav", "", "a tar with ../x");
	ar = pack_open("link.tar", PACK_TAR);
	pack_member(ar, "a/x.png", AE_IFLNK, "/dev/zero", 0);
	pack_close(ar);
	refuse("images", "link.tar", "link.tar", "a/x.png", "", "a tar with a link");
	media_put("huge.zip", plain, sizeof(plain) - 1);
	refuse("sounds", "huge.zip", "huge.zip", "a/b.wav", "",
	       "a zip of a few bytes that declares 4 GB");
	media_put("rubbish.tar", big, sizeof(big));
	refuse("glyphs", "rubbish.tar", "rubbish.tar", "rubbish.tar", "",
	       "an archive of zeros");
}

/* A tar header that declares 8 GB, and one of a sparse file of 8 EB. */
static void tar_sizes(void)
{
	struct archive *ar = pack_open("size.tar", PACK_TAR);
	unsigned sum = 8 * ' ';
	struct error err;
	struct arena a;
	size_t size;
	char *t;

	pack_member(ar, "a/x.wav", AE_IFREG, "x", 1);
	pack_close(ar);
	arena_init(&a, 0);
	if (file_read(&a, media("size.tar"), &t, &size, &err))
		abort();
	memcpy(t + 124, "77777777777", 11);
	for (size_t i = 0; i < 512; i++)
		sum += i < 148 || i >= 156 ? (unsigned char)t[i] : 0;
	snprintf(t + 148, 8, "%06o", sum);
	media_put("size.tar", t, size);
	arena_clear(&a);
	refuse("sounds", "size.tar", "size.tar", "a/x.wav", "",
	       "a tar that declares 8 GB");
}

/* ---------------------------------------------------------------- sounds */

static void sounds(void)
{
	static const uint8_t wav[] = "RIFF\xff\xff\xff\xffWAVEfmt \20\0\0\0\1\0\1\0"
				     "\x40\x1f\0\0\x80\x3e\0\0\2\0\20\0"
				     "data\xff\xff\xff\xff";
	static const uint8_t rates[] = "RIFF\xff\0\0\0WAVEfmt \20\0\0\0\1\0\1\0"
				       "\xff\xff\xff\x7f\0\0\0\0\2\0\20\0data\4\0\0\0abcd";

	put_tone("w/b/ok.wav", TONE_WAV, 8000, 300, 0.5, 0.1);
	media_put("w/a/x.wav", wav, sizeof(wav) - 1);
	{
		struct error err;
		struct items x;
		struct arena a;
		int rc;

		arena_init(&a, 0);
		rc = media_read("sounds", "w", "", 1, &a, &x, &err);
		ok((rc && err.text[0]) || (!rc && x.wave_start[1] == 1600),
		   "sounds: a wav that declares 4 GB has what is there");
		ok(a.peak < SLACK, "sounds: and takes %zu kB", a.peak >> 10);
		arena_clear(&a);
	}
	media_put("w/a/x.wav", rates, sizeof(rates) - 1);
	refuse("sounds", "w/a/x.wav", "w", "a/x.wav", "", "a wav of 2 GHz");
	media_put("w/a/x.wav", wav, 20);
	refuse("sounds", "w/a/x.wav", "w", "a/x.wav", "", "half a header");
	put_tone("w/a/x.wav", TONE_FLAC, 8000, 300, 0.5, 5);
	media_cut("w/a/x.wav", "w/a/x.wav", 0.3);
	refuse("sounds", "w/a/x.wav", "w", "a/x.wav", "", "a flac cut short");
}

/* A FLAC header may claim 2^36 samples: 60 s of them in each of 50 files would
 * be 190 MB of silence. */
static void long_claims(void)
{
	struct error err;
	struct arena a;
	char name[32], *data;
	size_t size;

	put_tone("l/b/ok.wav", TONE_WAV, 8000, 300, 0.5, 0.1);
	put_tone("flac", TONE_FLAC, 8000, 300, 0.5, 0.1);
	arena_init(&a, 0);
	if (file_read(&a, media("flac"), &data, &size, &err))
		abort();
	memset(data + 22, 0xff, 4); /* the low bits of STREAMINFO's samples */
	for (int k = 0; k < 50; k++) {
		snprintf(name, sizeof(name), "l/a/%02d.flac", k);
		media_put(name, data, size);
	}
	arena_clear(&a);
	refuse("sounds", "flac", "l", "a/00.flac", "", "50 files that claim hours");
}

/* ---------------------------------------------------------------- pictures */

static void put_header_png(const char *name, uint32_t width, uint32_t height)
{
	uint8_t png[33] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

	put_be(png + 16, width);
	put_be(png + 20, height);
	png[24] = 8;
	png[25] = 6;
	put_be(png + 29, crc(png + 12, 17));
	media_put(name, png, sizeof(png));
}

static void red(size_t y, size_t x, uint8_t *to)
{
	to[0] = (uint8_t)(x * 5), to[1] = (uint8_t)(y * 7), to[2] = 9;
}

static void pictures(void)
{
	static const uint32_t sides[][2] = { { 0x80000000, 0x80000000 },
					     { 0x7fffffff, 0x7fffffff },
					     { 60000, 60000 }, { 8000, 8000 },
					     { 0, 5 }, { 70000, 1 } };
	char what[64];

	put_png("p/b/ok.png", 5, 5, 3, false, red);
	for (size_t k = 0; k < 6; k++) {
		put_header_png("p/a/x.png", sides[k][0], sides[k][1]);
		snprintf(what, sizeof(what), "a png of %u x %u without pixels",
			 sides[k][0], sides[k][1]);
		refuse("images", "p/a/x.png", "p", "a/x.png", "", what);
	}
	unlink(media("p/a/x.png"));
	put_jpeg("p/a/x.jpg", 50, 50, 3, false, red);
	media_cut("p/a/x.jpg", "p/a/x.jpg", 0.7);
	refuse("images", "p/a/x.jpg", "p", "a/x.jpg", "", "a jpeg cut short");
	put_jpeg("p/a/x.jpg", 50, 50, 3, true, red);
	media_cut("p/a/x.jpg", "p/a/x.jpg", 0.7);
	refuse("images", "p/a/x.jpg", "p", "a/x.jpg", "",
	       "a progressive jpeg cut short");
	media_put("p/a/x.jpg", "\xff\xd8\xff\xe0\xff\xff", 6);
	refuse("images", "p/a/x.jpg", "p", "a/x.jpg", "", "a jpeg of a header");
}

/* ---------------------------------------------------------------- folders */

static void folders(void)
{
	static const char *const readers[] = { "sounds", "images", "glyphs" };
	struct error err;

	if (file_make_dirs(media("empty/deep/x"), &err))
		abort();
	for (size_t k = 0; k < 3; k++) {
		refuse(readers[k], "empty", "empty", "no files", "",
		       "an empty folder");
		refuse(readers[k], "none", "none", "none", "", "no folder");
		media_put("texts/a/readme.txt", "x", 1);
		refuse(readers[k], "texts", "texts", "texts", "",
		       "nothing of its kind");
	}
	put_tone("flat/x.wav", TONE_WAV, 8000, 300, 0.5, 0.1);
	put_tone("flat/a/y.wav", TONE_WAV, 8000, 300, 0.5, 0.1);
	refuse("sounds", "flat/x.wav", "flat", "x.wav", "", "a file in no folder");
	put_png("flat/x.png", 5, 5, 3, false, red);
	refuse("images", "flat/x.png", "flat", "x.png", "", "a file in no folder");
	media_put("f/a.ttf", "OTTO\xff\xff\xff\xff\xff\xff\xff\xff", 12);
	refuse("glyphs", "f/a.ttf", "f", "a.ttf", "", "a font of 65,535 tables");
}

int main(void)
{
	if (!mkdtemp(media_root))
		return 1;
	archives();
	tar_sizes();
	sounds();
	long_claims();
	pictures();
	folders();
	folder_remove(media_root);
	return tap_done();
}
