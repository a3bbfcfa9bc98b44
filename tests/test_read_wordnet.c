/* Promises of the wordnet reader. */
#include "datasets/reader.h"

#include <stdlib.h>
#include <unistd.h>

#include "datasets/split.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

static char dir[] = "/tmp/test_read_wordnet_XXXXXX";
static char path[64];

static const char sample[] =
	"  1 This software and database is being provided to you  \n"
	"00000001 04 n 01 walk 0 001 @ 00000002 n 0000 | the act of walking; "
	"\"a walk\"  \n"
	"00000002 04 n 02 run 0 race 0 000 | the act of running  \n"
	"00000003 05 n 01 dog 0 000 | a loyal animal  \n"
	"00000004 05 n 01 hound 0 000 | A loyal ANIMAL!  \n"
	"00000005 20 n 01 oak 0 000 | a tree | with acorns\n";

static void write_file(const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
}

/* Read the file with options (YAML text, may be ""). */
static int read_with(const char *yaml, struct arena *a, struct items *out,
		     struct error *err)
{
	const char *paths[] = { path };
	struct source src = { .name = "wn", .paths = paths, .n_paths = 1,
			      .threads = 1 };
	struct yaml *options = NULL;

	if (*yaml && yaml_parse(a, yaml, strlen(yaml), "opt", &options, err))
		return ERR_CONFIG;
	src.options = options;
	return reader_find("wordnet")->read(&src, a, out, err);
}

static int read_text(const char *text, const char *yaml, struct arena *a,
		     struct items *out, struct error *err)
{
	error_clear(err);
	write_file(text, strlen(text));
	return read_with(yaml, a, out, err);
}

/* The row whose gloss starts so. */
static size_t find(const struct items *x, const char *start)
{
	for (size_t i = 0; i < x->n; i++)
		if (!strncmp(x->text[i], start, strlen(start)))
			return i;
	abort();
}

static void reads(struct arena *a)
{
	static const char *const starts[] = { "the act of w", "the act of r",
					      "a loyal", "A loyal", "a tree" };
	struct error err = { 0 };
	struct items x;
	size_t at[5];

	if (!ok(!read_text(sample, "", a, &x, &err), "reads a small file"))
		return;
	ok(x.n == 5 && x.classes == 3 && x.modality == MODALITY_TEXT,
	   "one row a gloss, the licence left out");
	for (size_t k = 0; k < 5; k++)
		at[k] = find(&x, starts[k]);
	ok_str(x.text[at[0]], "the act of walking; \"a walk\"",
	       "the gloss has its examples, not the blanks around it");
	ok_str(x.text[at[4]], "a tree | with acorns", "a gloss may have a bar");
	ok(x.label[at[0]] == 0 && x.label[at[1]] == 0 && x.label[at[2]] == 1 &&
		   x.label[at[4]] == 2,
	   "classes are numbered in the order of lexnames");
	ok_str(x.class_names[2], "noun.plant", "and have their names");
	ok(x.group[at[2]] == x.group[at[3]] && x.group[at[0]] != x.group[at[1]],
	   "glosses of the same words are one group");
}

/* Acts, then animals in the file; the first half must have both. */
static void mixes(struct arena *a)
{
	struct error err = { 0 };
	size_t acts = 0, len = 0;
	struct items x;
	char text[8192];

	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%08d %02d n 01 w 0 000 | gloss %d\n",
					i, i < 50 ? 4 : 5, i);
	if (!ok(!read_text(text, "", a, &x, &err), "reads 100 glosses"))
		return;
	for (size_t i = 0; i < 50; i++)
		acts += x.label[i] == 0;
	ok(acts > 10 && acts < 40, "rows are mixed, for the file is sorted");
}

/* 300 glosses, each text up to four times, in other spellings and classes: the
 * copies must never stand on two sides, or learners are tested on what they saw. */
static void copies_stay_together(struct arena *a)
{
	static const struct split_rule rule = { .kind = SPLIT_RANDOM, .test = 0.2,
						.valid = 0.2, .max_test = 50 };
	static const char *const ends[] = { "", "!", " ...", "  (?)" };
	struct error err = { 0 };
	size_t len = 0, parted = 0;
	struct items x;
	char text[32768];

	for (int i = 0; i < 300; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%08d %02d n 01 w 0 000 | %s %d%s\n", i,
					4 + i % 3, i % 2 ? "Gloss" : "gloss",
					i % 100, ends[i % 4]);
	if (!ok(!read_text(text, "", a, &x, &err), "reads copies of glosses"))
		return;
	for (unsigned r = 0; r < 20; r++) {
		struct split s;
		uint8_t side[300] = { 0 };

		if (split_make(&x, &rule, 100, r, false, a, &s, &err)) {
			ok(false, "splits them: %s", err.text);
			return;
		}
		for (size_t i = 0; i < s.n_train; i++)
			side[x.group[s.train[i]]] |= 1;
		for (size_t i = 0; i < s.n_valid; i++)
			side[x.group[s.valid[i]]] |= 2;
		for (size_t i = 0; i < s.n_test; i++)
			side[x.group[s.test[i]]] |= 4;
		for (size_t g = 0; g < 300; g++)
			parted += side[g] & (side[g] - 1u) ? 1 : 0;
	}
	ok(parted == 0, "20 repeats: equal glosses stay on one side");
}

/* Every beginning of the file: rows of whole lines, or an error with its line. */
static void prefixes(void)
{
	size_t good = 0, size = strlen(sample);

	for (size_t n = 0; n < size; n++) {
		struct error err = { 0 };
		struct items x;
		struct arena a;

		arena_init(&a, 0);
		write_file(sample, n);
		good += read_with("", &a, &x, &err) ? strstr(err.text, path) ||
							      strstr(err.text, "class")
						    : sample[n - 1] == '\n';
		arena_clear(&a);
	}
	ok(good == size, "each of %zu prefixes gives whole rows or an error", size);
}

static void min_class(struct arena *a)
{
	struct error err = { 0 };
	struct items x;

	ok(!read_text(sample, "min_class: 2", a, &x, &err) && x.n == 4 &&
		   x.classes == 2,
	   "min_class leaves out small classes");
	ok(read_text(sample, "min_class: 3", a, &x, &err) == ERR_DATA &&
		   strstr(err.text, "min_class"),
	   "too few classes are an error that names the option");
	ok(read_text(sample, "min_class: 0", a, &x, &err) == ERR_CONFIG,
	   "min_class must be at least 1");
}

static void fails(struct arena *a, const char *text, const char *needle,
		  const char *promise)
{
	struct error err = { 0 };
	struct items x;
	int rc = read_text(text, "", a, &x, &err);

	if (!ok(rc == ERR_DATA && strstr(err.text, needle), "%s", promise))
		printf("# %d: %s\n", rc, err.text);
}

static void bad_files(struct arena *a)
{
	struct error err = { 0 };
	struct items x;

	fails(a, "", "no synset", "an empty file is an error");
	fails(a, "  licence\n", "no synset", "so is one without synsets");
	fails(a, "  1\n0000001 04 n | x\n", ".noun:2: a synset starts",
	      "a wrong offset: file:line");
	fails(a, "00000001 4 n | x\n", ":1: a synset starts",
	      "a wrong number of the lexicographer file");
	fails(a, "00000001 45 n | x\n", "unknown lexicographer",
	      "a number that does not exist");
	fails(a, "00000001 04 n\n", "no gloss", "a missing gloss");
	fails(a, "00000001 04 n |   \n", "no gloss", "an empty gloss");
	fails(a, "00000001 04 n | \xff\n", "UTF-8", "broken UTF-8");
	fails(a, "00000001 04 n | abc", "cut short", "a line cut short");
	write_file("00000001 04 n | a\0b\n", 20);
	error_clear(&err);
	ok(read_with("", a, &x, &err) == ERR_DATA && strstr(err.text, "NUL"),
	   "a NUL byte is an error");
	unlink(path);
	error_clear(&err);
	ok(read_with("", a, &x, &err) == ERR_IO && strstr(err.text, path),
	   "a missing file is named");
}

/* Any bytes: 0 or an error with words, and never a crash. */
static void mutations(void)
{
	struct rng r = rng_make(1, "wordnet/mutate");
	size_t size = sizeof(sample) - 1, good = 0;

	for (uint64_t t = 0; t < 2000; t++) {
		struct rng s = rng_sub(r, t);
		struct error err = { 0 };
		char text[sizeof(sample)];
		struct items x;
		struct arena a;
		int rc;

		memcpy(text, sample, size);
		for (uint64_t k = 0; k < 3; k++)
			text[rng_below(s, 2 * k, size)] =
				(char)rng_below(s, 2 * k + 1, 256);
		write_file(text, rng_below(s, 9, 4) ? size :
						      rng_below(s, 10, size));
		arena_init(&a, 0);
		rc = read_with("", &a, &x, &err);
		good += rc ? err.text[0] != '\0' : x.n > 0 && x.n < 8;
		arena_clear(&a);
	}
	ok(good == 2000, "2,000 broken files: rows or an error");
}

static void failing_memory(void)
{
	bool good = true;
	int rc = ERR_MEMORY;

	write_file(sample, sizeof(sample) - 1);
	for (size_t k = 1; rc && k < 200; k++) {
		struct error err = { 0 };
		struct items x;
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = k;
		rc = read_with("", &a, &x, &err);
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && !rc, "every allocation that fails is an error");
}

int main(void)
{
	struct arena a;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/data.noun", dir);
	arena_init(&a, 0);
	reads(&a);
	mixes(&a);
	copies_stay_together(&a);
	prefixes();
	min_class(&a);
	bad_files(&a);
	mutations();
	failing_memory();
	arena_clear(&a);
	unlink(path);
	rmdir(dir);
	return tap_done();
}
