/* Promises of datasets/media/clip.h, on sounds made here. */
#include "datasets/media/clip.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include <sndfile.h>

#include "harness/base/file.h"
#include "tests/tap.h"

#define FLOATS (SF_FORMAT_WAV | SF_FORMAT_FLOAT)

static char path[] = "/tmp/test_clip-XXXXXX";
static struct error err;
static struct arena arena;

/* 100 ms segments at 8 kHz. */
static const struct clip_rule plain = { .rate = 8000, .length = 800, .most = 9,
					.silence = 30, .level = 0.1 };

/* Sample i of channel c. */
typedef float sound(size_t i, int c);

static void record(int rate, int channels, size_t frames, sound *f)
{
	SF_INFO info = { .samplerate = rate, .channels = channels, .format = FLOATS };
	SNDFILE *s = sf_open(path, SFM_WRITE, &info);

	for (size_t i = 0; s && i < frames; i++) {
		float x[16];

		for (int c = 0; c < channels; c++)
			x[c] = f(i, c);
		sf_writef_float(s, x, 1);
	}
	if (!s || sf_close(s))
		abort();
}

static float tone(size_t i, int c)
{
	(void)c;
	return 0.3f * sinf((float)i * 0.3f);
}

static float silent(size_t i, int c)
{
	(void)c;
	return (float)(i * 0);
}

/* Channels that cancel each other but for a tenth. */
static float against(size_t i, int c)
{
	return c ? -0.9f * tone(i, 0) : tone(i, 0);
}

/* Loud, then 60 dB less, then loud. */
static float gap(size_t i, int c)
{
	return tone(i, c) * (i >= 2000 && i < 4000 ? 0.001f : 1);
}

static float rising(size_t i, int c)
{
	return tone(i, c) * (0.2f + (float)i / 16000);
}

static float shifted(size_t i, int c)
{
	return tone(i, c) + 0.4f;
}

static float broken(size_t i, int c)
{
	return i == 700 ? NAN : i == 900 ? INFINITY : tone(i, c);
}

/* The segments of what was recorded, in the arena; SIZE_MAX on errors. */
static size_t cut(const struct clip_rule *rule, float **out)
{
	struct clip_info info;
	struct clip_desk desk;
	size_t n = 0;

	error_clear(&err);
	*out = ARENA_NEW(&arena, float, rule->most * rule->length);
	if (clip_info(path, &info, &err) ||
	    clip_desk_init(&desk, &info, 1, rule, &arena, &err) ||
	    clip_read(path, &info, rule, &desk, *out, &n, &err))
		return SIZE_MAX;
	return n;
}

static double rms(const float *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i] * (double)x[i];
	return sqrt(sum / (double)n);
}

static void test_segments(void)
{
	struct clip_rule few = plain;
	float *x, *y;
	bool level = true;
	double mean = 0;

	record(8000, 1, 4000, shifted);
	ok(cut(&plain, &x) == 5, "clip: half a second has five tenths");
	for (size_t k = 0; k < 5; k++) {
		/* 1e-6: rounding of 800 floats of about 0.1 */
		level &= fabs(rms(x + k * 800, 800) - 0.1) < 1e-6;
		mean = 0;
		for (size_t i = 0; i < 800; i++)
			mean += (double)x[k * 800 + i] / 800;
		level &= fabs(mean) < 1e-6;
	}
	ok(level, "clip: each at the level and without an offset");
	few.most = 2;
	ok(cut(&few, &y) == 2 && !memcmp(y, x, 800 * sizeof(*x)) &&
		   !memcmp(y + 800, x + 4 * 800, 800 * sizeof(*x)),
	   "clip: of few segments the first and the last");
	record(8000, 1, 799, tone);
	ok(cut(&plain, &x) == 0, "clip: what is shorter than a segment has none");
	record(8000, 1, 0, tone);
	ok(cut(&plain, &x) == 0, "clip: neither has an empty file");
}

static void test_level(void)
{
	struct clip_rule deep = plain;
	float *x, *y;

	record(8000, 1, 8000, silent);
	ok(cut(&plain, &x) == 0, "clip: silence has no segments");
	record(8000, 1, 6000, gap);
	ok(cut(&plain, &x) == 5, "clip: a gap is left out");
	deep.silence = 90;
	ok(cut(&deep, &x) == 7, "clip: unless it is said to be sound");
	record(8000, 1, 4000, rising);
	ok(cut(&plain, &x) == 5 &&
		   fabs(rms(x, 800) - rms(x + 3200, 800)) < 1e-6,
	   "clip: soft and loud segments come to one level");
	record(8000, 2, 4000, against);
	cut(&plain, &x);
	record(8000, 1, 4000, tone);
	cut(&plain, &y);
	/* a tenth of the amplitude: one digit of float is lost, 1e-6 is ample */
	for (size_t i = 0; i < 4000; i++)
		x[i] = fabsf(x[i] - y[i]);
	ok(rms(x, 4000) < 1e-6, "clip: channels are averaged");
}

static void test_samples(void)
{
	float *x;
	size_t n;
	bool finite = true;

	record(8000, 1, 4000, broken);
	n = cut(&plain, &x);
	for (size_t i = 0; n <= 9 && i < n * 800; i++)
		finite &= isfinite(x[i]) != 0;
	ok(n == 5 && finite, "clip: samples that are no numbers are silence");
	/* 0.55 s: the last 20 ms may be lost to rounding */
	record(44100, 1, 24255, tone);
	ok(cut(&plain, &x) == 5, "clip: half a second is that at any rate");
	record(4000, 1, 2200, tone);
	ok(cut(&plain, &x) == 5, "clip: also at a lower one");
}

static void test_headers(void)
{
	struct clip_info info;

	record(8000, 9, 100, tone);
	ok(clip_info(path, &info, &err) == ERR_DATA && strstr(err.text, "9 channels"),
	   "clip: nine channels are refused");
	record(3999, 1, 100, tone);
	ok(clip_info(path, &info, &err) == ERR_DATA && strstr(err.text, "3999 Hz"),
	   "clip: so is a rate too low");
	record(400001, 1, 100, tone);
	ok(clip_info(path, &info, &err) == ERR_DATA, "clip: and one too high");
	record(4000, 1, 4000 * 61, silent);
	ok(!clip_info(path, &info, &err) && info.frames == 4000 * 60,
	   "clip: a minute is read at most");
	unlink(path);
	ok(clip_info(path, &info, &err) == ERR_DATA && strstr(err.text, path),
	   "clip: a file that is not there is named");
}

/* Every beginning of a file: fewer frames or an error, in words. */
static void test_cut_short(void)
{
	size_t size, good = 0;
	char *bytes;
	float *x;

	record(8000, 1, 2000, tone);
	if (file_read(&arena, path, &bytes, &size, &err))
		abort();
	for (size_t n = 0; n < size; n += n < 100 ? 1 : 97) {
		size_t segments;

		error_clear(&err);
		if (file_replace(path, bytes, n, &err))
			abort();
		segments = cut(&plain, &x);
		good += segments == SIZE_MAX ? err.text[0] != '\0' : segments <= 2;
	}
	ok(good == 100 + (size - 100 + 96) / 97, "clip: cut short at %zu places",
	   good);
}

/* The same bits from memory as from a file, in any number of channels and over
 * the edges of the blocks that are decoded at once. */
static void test_memory(void)
{
	static const int formats[] = { FLOATS, SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
				       SF_FORMAT_OGG | SF_FORMAT_VORBIS };
	static float from_file[10000];

	for (int k = 0; k < 6; k++) {
		SF_INFO how = { .samplerate = 8000, .channels = 1 + k % 2,
				.format = formats[k / 2] };
		SNDFILE *s = sf_open(path, SFM_WRITE, &how);
		struct clip_file f = { .name = path };
		struct clip_info info;
		struct clip_desk desk;
		char *bytes;

		for (size_t i = 0; i < 9000; i++) {
			float x[2] = { tone(i, 0), tone(2 * i, 1) };

			sf_writef_float(s, x, 1);
		}
		sf_close(s);
		if (clip_look(&f, &info, &err) ||
		    clip_desk_init(&desk, &info, 1, &plain, &arena, &err) ||
		    clip_decode(&f, &info, &desk, &err) ||
		    file_read(&arena, path, &bytes, &f.size, &err))
			abort();
		memcpy(from_file, desk.in, 9000 * sizeof(float));
		f.data = (unsigned char *)bytes;
		ok(!clip_look(&f, &info, &err) && info.frames == 9000 &&
			   !clip_decode(&f, &info, &desk, &err) &&
			   !memcmp(from_file, desk.in, 9000 * sizeof(float)),
		   "clip: the same from memory (format %x, %d channels)",
		   (unsigned)formats[k / 2], how.channels);
		info.frames = 5000;
		ok(!clip_decode(&f, &info, &desk, &err) &&
			   !memcmp(from_file, desk.in, 5000 * sizeof(float)),
		   "clip: or only its beginning");
		info.frames = 9001;
		ok(clip_decode(&f, &info, &desk, &err) == ERR_DATA &&
			   strstr(err.text, "9000 of 9001"),
		   "clip: never more than there is");
	}
}

/* A desk fits the clip with most samples and the one that gets longest. */
static void test_desk(void)
{
	const struct clip_info infos[] = { { 100, 8, 8000 }, { 500, 1, 4000 },
					   { 0, 1, 8000 } };
	struct clip_desk d;
	struct arena small;

	ok(!clip_desk_init(&d, infos, 3, &plain, &arena, &err) &&
		   d.room_in == 500 && d.room_out >= 1000,
	   "clip: a desk has room for each of its clips");
	arena_init(&small, 0);
	small.fail_at = 2;
	ok(clip_desk_init(&d, infos, 3, &plain, &small, &err) == ERR_MEMORY,
	   "clip: a desk without memory is an error");
	arena_clear(&small);
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0 || close(fd))
		return 1;
	arena_init(&arena, 0);
	test_segments();
	test_level();
	test_samples();
	test_headers();
	test_cut_short();
	test_memory();
	test_desk();
	unlink(path);
	arena_clear(&arena);
	return tap_done();
}
