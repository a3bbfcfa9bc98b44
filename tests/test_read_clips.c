/* Promises of the clips reader: sounds are made here, with libsndfile. */
#include "datasets/reader.h"

#include <stdlib.h>
#include <unistd.h>

#include <sndfile.h>

#include "datasets/folder.h"
#include "datasets/split.h"
#include "harness/base/file.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

#define RULE "classes: [m, v]\ntrain: cs\ntest: nl\nseconds: 0.25\n"

static char root[] = "/tmp/test_read_clips_XXXXXX";

/* A path under the folder; its folders are made. */
static const char *under(const char *name)
{
	static char path[256];
	struct error err = { 0 };
	char *slash;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	slash = strrchr(path, '/');
	*slash = '\0';
	if (file_make_dirs(path, &err))
		abort();
	*slash = '/';
	return path;
}

/* `sound` seconds of a tone, then `quiet` seconds of nearly nothing. */
static void write_tone(const char *name, int format, int channels, double hz,
		       double sound, double quiet)
{
	SF_INFO info = { .samplerate = 22050, .channels = channels,
			 .format = format };
	SNDFILE *f = sf_open(under(name), SFM_WRITE, &info);
	sf_count_t n = (sf_count_t)((sound + quiet) * 22050);

	if (!f)
		abort();
	for (sf_count_t i = 0; i < n; i++) {
		double loud = (double)i < sound * 22050 ? 0.5 : 0.0005;
		float x[8];

		for (int c = 0; c < channels; c++)
			x[c] = (float)(loud * (c + 1) / channels *
				       sin(2 * M_PI * hz * (double)i / 22050));
		sf_writef_float(f, x, 1);
	}
	sf_close(f);
}

static void write_bytes(const char *name, const void *data, size_t size)
{
	FILE *f = fopen(under(name), "wb");

	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
}

static int read_folder(const char *yaml, int threads, struct arena *a,
		       struct items *out, struct error *err)
{
	const char *paths[] = { root };
	struct source src = { .name = "test", .paths = paths, .n_paths = 1,
			      .threads = threads };
	struct yaml *options = NULL;

	error_clear(err);
	if (yaml_parse(a, yaml, strlen(yaml), "opt", &options, err))
		return (int)err->code;
	src.options = options;
	return reader_find("clips")->read(&src, a, out, err);
}

static void make_folder(void)
{
	int wav = SF_FORMAT_WAV | SF_FORMAT_PCM_16;

	write_tone("a/cs/one-m-x.wav", wav, 1, 200, 1.1, 1);
	write_tone("a/cs/one-v-y.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 2, 500,
		   0.6, 0);
	write_tone("b/cs/two-v-z.wav", wav, 2, 500, 0.6, 0);
	write_tone("b/nl/two-v-z.wav", wav, 1, 500, 0.3, 0);
	write_tone("b/cs/two-v-short.wav", wav, 1, 500, 0.1, 0);
	write_tone("b/cs/two-v-none.wav", wav, 1, 500, 0, 0);
	write_tone("b/cs/two-q-z.wav", wav, 1, 500, 1, 0);
	write_tone("b/cs/two-v.wav", wav, 1, 500, 1, 0);
	write_tone("b/de/two-v-z.wav", wav, 1, 500, 1, 0);
	write_bytes("b/cs/two-v-z.txt", "no sound", 8);
}

static double rms(const struct items *x, size_t i)
{
	size_t n = x->wave_start[i + 1] - x->wave_start[i];
	double sum = 0;

	for (size_t t = x->wave_start[i]; t < x->wave_start[i + 1]; t++)
		sum += (double)x->wave[t] * (double)x->wave[t];
	return sqrt(sum / (double)n);
}

/* Upward zero crossings a second. */
static double pitch(const struct items *x, size_t i)
{
	size_t n = x->wave_start[i + 1] - x->wave_start[i], count = 0;
	const float *w = x->wave + x->wave_start[i];

	for (size_t t = 1; t < n; t++)
		count += w[t - 1] < 0 && w[t] >= 0;
	return (double)count * x->rate / (double)n;
}

static void reads(struct arena *a)
{
	struct error err = { 0 };
	struct items x;

	if (!ok(!read_folder(RULE, 1, a, &x, &err), "reads a folder"))
		return;
	/* one-m-x: 4 (1.1 s), one-v-y: 2, two-v-z (cs): 2, (nl): 1 */
	ok(x.n == 9 && x.modality == MODALITY_AUDIO && x.classes == 2,
	   "segments of sound; silence and what is too short give none");
	ok(x.rate == 16000 && x.wave_start[1] == 4000,
	   "0.25 s at 16 kHz are 4,000 samples");
	ok(x.label[0] == 0 && x.label[3] == 0 && x.label[4] == 1 &&
		   x.label[8] == 1,
	   "the label is the second field of the name");
	ok(x.official[0] == OFFICIAL_TRAIN && x.official[7] == OFFICIAL_TRAIN &&
		   x.official[8] == OFFICIAL_TEST,
	   "the folder decides the official part; others are left out");
	ok(x.group[0] == x.group[5] && x.group[0] != x.group[6] &&
		   x.group[6] == x.group[7],
	   "the first field names the group");
	ok(x.group[8] != x.group[7], "groups do not cross official parts");
	for (size_t i = 0; i < x.n; i += 4)
		ok_near(rms(&x, i), 0.05, 1e-6, "segment %zu is level", i);
	/* 8 Hz: the count of crossings in 0.25 s is whole, within 2 */
	ok_near(pitch(&x, 1), 200, 8, "resampling keeps the pitch (wav)");
	ok_near(pitch(&x, 4), 500, 8, "resampling keeps the pitch (ogg, stereo)");
}

static void options(struct arena *a)
{
	struct error err = { 0 };
	struct items x, y;
	float top = 0;

	ok(!read_folder(RULE "per_clip: 1", 1, a, &x, &err) && x.n == 4,
	   "per_clip bounds the segments of a clip");
	ok(!read_folder(RULE "snr_db: 0", 1, a, &x, &err) && x.n == 9,
	   "reads with noise");
	/* 3 %: the RMS of 4,000 normal values is known to about 1.1 % */
	ok_near(rms(&x, 2) / 0.05, sqrt(2), 0.03 * sqrt(2),
		"0 dB: noise is as strong as speech");
	ok(!read_folder(RULE "snr_db: -20", 1, a, &x, &err), "much noise");
	for (size_t t = 0; t < x.wave_start[x.n]; t++)
		top = fmaxf(top, fabsf(x.wave[t]));
	ok(top <= 1, "samples stay in [-1, 1]");
	read_folder(RULE "snr_db: 0", 2, a, &x, &err);
	for (int t = 1; t <= 4; t += 3) {
		read_folder(RULE "snr_db: 0", t, a, &y, &err);
		ok(x.n == y.n && !memcmp(x.wave, y.wave,
					 x.wave_start[x.n] * sizeof(float)),
		   "same bits on %d and 2 threads", t);
	}
	ok(!read_folder("classes: [m, v]\nseconds: 0.25", 1, a, &x, &err) &&
		   !x.official && x.n > 9,
	   "without folder names there are no official parts");
}

/* Twelve levels of two speakers: a level's clips never stand on both sides of
 * training and validation, and the other language is tested on alone. */
static void levels_stay_together(void)
{
	static const struct split_rule rule = { .kind = SPLIT_OFFICIAL,
						.valid = 0.3 };
	const char *path;
	struct error err = { 0 };
	struct source src = { .name = "test", .paths = &path, .n_paths = 1,
			      .threads = 2 };
	struct yaml *options = NULL;
	struct arena a;
	struct items x;
	size_t parted = 0, foreign = 0;
	char name[64];

	for (int k = 0; k < 48; k++) {
		snprintf(name, sizeof(name), "levels/%s/l%d-%c-%d.wav",
			 k % 4 < 3 ? "cs" : "nl", k / 4, k % 2 ? 'm' : 'v', k);
		write_tone(name, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 1, 300, 0.6, 0);
	}
	arena_init(&a, 0);
	path = arena_strdup(&a, under("levels"));
	if (yaml_parse(&a, RULE, strlen(RULE), "opt", &options, &err))
		abort();
	src.options = options;
	ok(!reader_find("clips")->read(&src, &a, &x, &err), "reads twelve levels");
	for (unsigned r = 0; r < 20; r++) {
		struct split s;
		uint8_t side[128] = { 0 };

		if (split_make(&x, &rule, 20, r, false, &a, &s, &err))
			abort();
		for (size_t i = 0; i < s.n_train; i++)
			side[x.group[s.train[i]]] = 1;
		for (size_t i = 0; i < s.n_valid; i++)
			parted += side[x.group[s.valid[i]]];
		for (size_t i = 0; i < s.n_test; i++)
			foreign += x.official[s.test[i]] != OFFICIAL_TEST;
		parted += !s.n_valid || s.n_train != 20;
	}
	ok(!parted, "20 repeats: a level is fitted or validated on, not both");
	ok(!foreign, "20 repeats: tested on the other folder alone");
	arena_clear(&a);
	folder_remove(under("levels"));
}

static void wrong_options(struct arena *a)
{
	struct error err = { 0 };
	struct items x;

	ok(read_folder("seconds: 1", 1, a, &x, &err) == ERR_CONFIG &&
		   strstr(err.text, "classes"),
	   "missing classes are named");
	ok(read_folder("classes: [m, v]\nrate: 1", 1, a, &x, &err) == ERR_CONFIG,
	   "a rate out of range is refused");
	ok(read_folder("classes: [m, v]\ntest: nl", 1, a, &x, &err) == ERR_CONFIG &&
		   strstr(err.text, "go together") &&
		   read_folder("classes: [m, v]\ntrain: cs", 1, a, &x, &err) ==
			   ERR_CONFIG,
	   "one official part without the other is refused");
	ok(read_folder("classes: [p, q2]", 1, a, &x, &err) == ERR_DATA &&
		   strstr(err.text, "no clip"),
	   "names that fit no file are an error");
	ok(read_folder("classes: [m, v]\nseconds: 9", 1, a, &x, &err) ==
			   ERR_DATA && strstr(err.text, "9 s"),
	   "so are segments longer than all clips");
}

static void broken(struct arena *a)
{
	static const char junk[] = "OggS is not enough";
	struct error err = { 0 };
	struct items x;

	write_bytes("a/cs/one-m-bad.ogg", junk, sizeof(junk));
	ok(read_folder(RULE, 2, a, &x, &err) == ERR_DATA &&
		   strstr(err.text, "one-m-bad.ogg"),
	   "a broken clip is named");
	write_bytes("a/cs/one-m-aaa.ogg", "", 0);
	ok(read_folder(RULE, 4, a, &x, &err) == ERR_DATA &&
		   strstr(err.text, "one-m-aaa.ogg"),
	   "of several broken clips the first, on any number of threads");
	unlink(under("a/cs/one-m-bad.ogg"));
	unlink(under("a/cs/one-m-aaa.ogg"));
	ok(!read_folder(RULE, 1, a, &x, &err) && x.n == 9, "gone: reads again");
}

/* Any bytes in a clip: rows or an error with words, and never a crash. */
static void mutations(const char *from, const char *to)
{
	struct rng r = rng_make(2, "clips/mutate");
	struct error err = { 0 };
	size_t size, good = 0;
	struct arena a, keep;
	struct items x;
	char *bytes, *work;

	arena_init(&keep, 0);
	if (file_read(&keep, under(from), &bytes, &size, &err))
		abort();
	for (uint64_t t = 0; t < 60; t++) {
		struct rng s = rng_sub(r, t);
		int rc;

		arena_init(&a, (size_t)1 << 28);
		work = arena_copy(&a, bytes, size);
		for (uint64_t k = 0; k < 4; k++)
			work[rng_below(s, 2 * k, k < 2 ? 60 : size)] =
				(char)rng_below(s, 2 * k + 1, 256);
		write_bytes(to, work, t % 3 ? size : rng_below(s, 99, size));
		rc = read_folder(RULE, 1, &a, &x, &err);
		good += rc ? err.text[0] != '\0' : x.n >= 9;
		arena_clear(&a);
	}
	ok(good == 60, "60 broken copies of %s: rows or an error", from);
	unlink(under(to));
	arena_clear(&keep);
}

static void failing_memory(void)
{
	bool good = true;
	int rc = ERR_MEMORY;

	for (size_t k = 1; rc && k < 300; k++) {
		struct error err = { 0 };
		struct items x;
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = k;
		rc = read_folder(RULE, 1, &a, &x, &err);
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && !rc, "every allocation that fails is an error");
}

static void no_folder(struct arena *a)
{
	struct error err = { 0 };
	struct items x;

	ok(read_folder(RULE, 1, a, &x, &err) == ERR_IO &&
		   strstr(err.text, root),
	   "a missing folder is named");
}

int main(void)
{
	struct arena a;

	if (!mkdtemp(root))
		return 1;
	arena_init(&a, 0);
	make_folder();
	reads(&a);
	options(&a);
	levels_stay_together();
	wrong_options(&a);
	broken(&a);
	mutations("a/cs/one-m-x.wav", "a/cs/one-m-xx.wav");
	mutations("a/cs/one-v-y.ogg", "a/cs/one-v-yy.ogg");
	failing_memory();
	folder_remove(root);
	no_folder(&a);
	arena_clear(&a);
	return tap_done();
}
