/* Promises of the sounds reader and of datasets/media/filing.h, on tones made here. */
#include "datasets/media/filing.h"

#include <unistd.h>

#include "datasets/folder.h"
#include "datasets/media/faults.h"
#include "tests/media_fixtures.h"
#include "tests/tap.h"

static struct error err;
static struct arena arena;

static void make(void)
{
	put_tone("s/root/low/1_ann.wav", TONE_WAV, 16000, 200, 0.5, 0.30);
	put_tone("s/root/low/2_bob.FLAC", TONE_FLAC, 44100, 200, 0.25, 0.10);
	put_tone("s/root/high/1_bob.ogg", TONE_OGG, 22050, 2000, 0.5, 0.30);
	put_tone("s/root/high/3_ann.wav", TONE_WAV, 8000, 2000, 0.5, 0.25);
	media_put("s/root/README.txt", "no sound", 8);
	media_put("s/root/low/._1_ann.wav", "a packer's", 10);
}

static int read_all(const char *yaml, int threads, struct items *x)
{
	return media_read("sounds", "s", yaml, threads, &arena, x, &err);
}

/* Upward zero crossings of item i in its first n samples. */
static size_t crossings(const struct items *x, size_t i, size_t n)
{
	const float *w = x->wave + x->wave_start[i];
	size_t count = 0;

	for (size_t t = 1; t < n; t++)
		count += w[t - 1] < 0 && w[t] >= 0;
	return count;
}

static void test_folder_labels(void)
{
	struct items x = { 0 };

	if (!ok(!read_all("", 1, &x), "sounds: reads a folder: %s", err.text))
		return;
	ok(x.n == 4 && x.modality == MODALITY_AUDIO && x.rate == 16000,
	   "sounds: one item a file; texts and hidden files are none");
	ok(x.classes == 2 && !strcmp(x.class_names[0], "high") &&
		   !strcmp(x.class_names[1], "low"),
	   "sounds: folders are classes, in order; the one around them is not");
	ok(x.label[0] == 0 && x.label[1] == 0 && x.label[2] == 1 && x.label[3] == 1,
	   "sounds: each file has its folder's class");
	ok(x.wave_start[1] == 4800 && x.wave_start[4] == 4 * 4800,
	   "sounds: by default all are as long as the longest");
	ok(!x.official && !x.group && !x.fold, "sounds: no parts unless asked for");
	/* 0.1 s at 200 Hz are 20 periods, 0.3 s at 2 kHz 600; ends may miss one */
	ok_near(crossings(&x, 3, 1600), 20, 1, "sounds: flac, resampled from 44.1 kHz");
	ok_near(crossings(&x, 0, 4800), 600, 2, "sounds: ogg, resampled from 22 kHz");
	for (size_t t = x.wave_start[3] + 2000; t < x.wave_start[4]; t++)
		if (x.wave[t] != 0) {
			ok(false, "sounds: behind a short sound is silence");
			return;
		}
	ok(true, "sounds: behind a short sound is silence");
}

static void test_fields(void)
{
	struct items x = { 0 };

	ok(!read_all("label_field: 1\nfold_field: 0\ngroup: folder\n"
		     "official_field: 0\ntest_values: [3, 2]", 1, &x) &&
		   x.classes == 2 && !strcmp(x.class_names[0], "ann"),
	   "sounds: labels from a field of the name");
	/* order: high/1_bob high/3_ann low/1_ann low/2_bob */
	ok(x.label[0] == 1 && x.label[1] == 0 && x.label[2] == 0 && x.label[3] == 1,
	   "sounds: the last field ends at the extension");
	ok(x.fold[0] == 0 && x.fold[1] == 2 && x.fold[2] == 0 && x.fold[3] == 1,
	   "sounds: folds are numbered by the order of their texts");
	ok(x.group[0] == 0 && x.group[1] == 0 && x.group[2] == 1,
	   "sounds: a folder is a group");
	ok(x.official[0] == OFFICIAL_TRAIN && x.official[1] == OFFICIAL_TEST &&
		   x.official[3] == OFFICIAL_TEST,
	   "sounds: values of a field are for testing, all others for training");
	ok(!read_all("label_field: 1\nfold: folder", 1, &x) && x.fold[1] == 0 &&
		   x.fold[2] == 1 && !x.group,
	   "sounds: or folds are folders");
	ok(read_all("label_field: 2", 1, &x) == ERR_DATA &&
		   strstr(err.text, "high/1_bob.ogg") && strstr(err.text, "field 2"),
	   "sounds: a field that a name has not, with the name: %s", err.text);
	ok(!read_all("label_field: 0\nseparator: _a", 1, &x) ||
		   strstr(err.text, "class"),
	   "sounds: a separator of two letters");
}

static void test_labels(void)
{
	struct items x = { 0 };

	ok(!read_all("labels: {b: [BOB, none], a: ann}", 1, &x) && x.n == 4 &&
		   !strcmp(x.class_names[0], "b") && x.label[0] == 0 && x.label[1] == 1,
	   "sounds: a class from what its name holds, in capitals or not");
	ok(!read_all("labels: {one: ['1_'], two: ['2_', '3_ann'], n: []}\n"
		     "min_class: 2", 1, &x) && x.n == 4 && x.classes == 2,
	   "sounds: a class too small is dropped");
	ok(!read_all("labels: {one: ['1_'], two: ['2_', 1_a]}", 1, &x) && x.n == 2,
	   "sounds: names that fit two classes, or none, are left out");
	ok(read_all("labels: {one: ['1_'], x: xyz}", 1, &x) == ERR_DATA &&
		   strstr(err.text, "'x'"),
	   "sounds: a class without a file is named");
	ok(read_all("classes: [low, middle]", 1, &x) == ERR_DATA &&
		   strstr(err.text, "'middle'"),
	   "sounds: also one that `classes` lists");
	ok(!read_all("label_field: 1\nclasses: [bob, ann]", 1, &x) && x.label[0] == 0,
	   "sounds: listed classes keep their order");
	ok(read_all("min_class: 3", 1, &x) == ERR_DATA &&
		   strstr(err.text, "0 classes"),
	   "sounds: no class is left");
}

static void test_wave_rules(void)
{
	struct items x = { 0 }, y = { 0 };
	float top = 0;
	double sum = 0;

	ok(!read_all("seconds: 0.05\nrate: 8000\nnormalise: peak", 2, &x) &&
		   x.wave_start[1] == 400,
	   "sounds: cut to the seconds asked for");
	for (size_t t = x.wave_start[3]; t < x.wave_start[4]; t++)
		top = fmaxf(top, fabsf(x.wave[t]));
	ok_near(top, 1, 1e-6, "sounds: the loudest sample is 1");
	ok(!read_all("normalise: rms\nseconds: 0.05", 2, &x), "sounds: rms");
	for (size_t t = x.wave_start[3]; t < x.wave_start[4]; t++)
		sum += (double)x.wave[t] * (double)x.wave[t];
	ok_near(sqrt(sum / 800), 0.05, 1e-6, "sounds: the level is 0.05");
	for (int t = 1; t <= 3; t += 2) {
		read_all("normalise: rms\nseconds: 0.05", t, &y);
		ok(!memcmp(x.wave, y.wave, x.wave_start[x.n] * sizeof(float)),
		   "sounds: same bits on %d and 2 threads", t);
	}
}

static void pack(const char *name, enum pack how)
{
	static const char *const files[] = { "s/root/low/1_ann.wav",
					     "s/root/high/1_bob.ogg",
					     "s/root/low/2_bob.FLAC",
					     "s/root/high/3_ann.wav" };
	struct archive *ar = pack_open(name, how);

	for (size_t k = 0; k < 4; k++)
		pack_file(ar, files[k]);
	pack_close(ar);
}

static void test_archives(void)
{
	static const char *const names[] = { "s.tar", "s.tgz", "s.tbz", "s.txz",
					     "s.zip" };
	struct items x = { 0 }, y = { 0 };

	read_all("", 1, &x);
	for (size_t k = 0; k < 5; k++) {
		pack(names[k], (enum pack)k);
		ok(!media_read("sounds", names[k], "", 2, &arena, &y, &err) &&
			   y.n == 4 && !memcmp(x.label, y.label, 4 * sizeof(*x.label)) &&
			   !memcmp(x.wave, y.wave, x.wave_start[4] * sizeof(float)),
		   "sounds: %s gives what its folder gives", names[k]);
	}
}

static void test_parts(void)
{
	static const char *const parts[] = { "train", "test", "val" };
	struct items x = { 0 };
	char name[64];

	for (size_t k = 0; k < 6; k++) {
		snprintf(name, sizeof(name), "p/set/%s/%s/x.wav", parts[k / 2],
			 k % 2 ? "up" : "down");
		put_tone(name, TONE_WAV, 8000, 300, 0.5, 0.1);
	}
	/* order: test, train, val */
	ok(!media_read("sounds", "p", "", 1, &arena, &x, &err) && x.n == 6 &&
		   x.classes == 2 && !strcmp(x.class_names[0], "down"),
	   "sounds: below train, val and test are the classes: %s", err.text);
	ok(x.official && x.official[0] == OFFICIAL_TEST &&
		   x.official[2] == OFFICIAL_TRAIN && x.official[4] == OFFICIAL_VALID,
	   "sounds: and those folders are the official parts");
	put_tone("p/set/other/up/x.wav", TONE_WAV, 8000, 300, 0.5, 0.1);
	ok(!media_read("sounds", "p", "", 1, &arena, &x, &err) && x.classes == 4 &&
		   !x.official,
	   "sounds: not when there is another folder beside them");
}

static void test_wrong(void)
{
	static const struct {
		const char *yaml, *says;
	} wrong[] = {
		{ "label: name", "label_field" },
		{ "label: folder\nlabel_field: 1", "only one" },
		{ "labels: {a: x, b: y}\nclasses: [a, b]", "classes" },
		{ "labels: [a, b]", "map" },
		{ "group: folder\ngroup_field: 1", "only one" },
		{ "fold: folder\nfold_field: 1", "only one" },
		{ "official_field: 1", "together" },
		{ "test_values: [1]", "together" },
		{ "separator: ''", "empty" },
		{ "normalise: loud", "peak" },
		{ "rate: 16", "outside" },
		{ "seconds: 100", "outside" },
		{ "classes: [low, low]", "twice" },
		{ "label_field: 99", "outside" },
		{ "min_class: 0", "outside" },
	};
	struct items x;

	for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++)
		ok(read_all(wrong[k].yaml, 1, &x) == ERR_CONFIG &&
			   strstr(err.text, wrong[k].says),
		   "sounds: wrong options say so: %s", err.text);
}

static void test_broken(void)
{
	struct items x;

	media_put("s/root/low/0_bad.wav", "RIFF", 4);
	media_put("s/root/low/9_bad.ogg", "OggS", 4);
	for (int t = 1; t <= 4; t += 3)
		ok(read_all("", t, &x) == ERR_DATA && strstr(err.text, "0_bad.wav"),
		   "sounds: the first broken file is named on %d threads", t);
	unlink(media("s/root/low/0_bad.wav"));
	unlink(media("s/root/low/9_bad.ogg"));
	media_put("e/a/x.wav", "", 0);
	ok(media_read("sounds", "e", "", 1, &arena, &x, &err) == ERR_DATA,
	   "sounds: one folder is no task");
	put_tone("z/a/x.wav", TONE_WAV, 8000, 300, 0.5, 0);
	put_tone("z/b/x.wav", TONE_WAV, 8000, 300, 0.5, 0);
	ok(media_read("sounds", "z", "", 1, &arena, &x, &err) == ERR_DATA &&
		   strstr(err.text, "empty"),
	   "sounds: files without a sample are an error");
	ok(!media_read("sounds", "z", "seconds: 0.1", 1, &arena, &x, &err) &&
		   x.wave[0] == 0,
	   "sounds: but silence when a length is given");
}

static void test_faults(void)
{
	struct error one = { ERR_DATA, "one" }, two = { ERR_IO, "two" };
	struct faults f;

	ok(!faults_init(&f, 3, &arena, &err) && !faults_first(&f, &err),
	   "faults: none at first");
	faults_note(&f, 2, 9, &one);
	faults_note(&f, 2, 4, &two);
	faults_note(&f, 2, 5, &one);
	faults_note(&f, 0, 6, &one);
	ok(faults_first(&f, &err) == ERR_IO && !strcmp(err.text, "two"),
	   "faults: the lowest item's, whenever and wherever it was noted");
}

int main(void)
{
	if (!mkdtemp(media_root))
		return 1;
	arena_init(&arena, 0);
	make();
	test_folder_labels();
	test_fields();
	test_labels();
	test_wave_rules();
	test_archives();
	test_parts();
	test_wrong();
	test_broken();
	test_faults();
	ok(media_starve("sounds", "s", "label_field: 1\nfold_field: 0\ngroup: folder"),
	   "sounds: each allocation may fail");
	ok(media_starve("sounds", "s.zip", ""), "sounds: also on an archive");
	folder_remove(media_root);
	arena_clear(&arena);
	return tap_done();
}
