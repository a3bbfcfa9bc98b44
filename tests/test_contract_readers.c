/* What holds for every reader of the registry, whatever it is given: an error in
 * words or items that hold together, and no memory beyond the promise. */
#include "tests/tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datasets/folder.h"
#include "datasets/reader.h"
#include "harness/base/file.h"
#include "harness/base/yaml.h"
#include "tests/bad_files.h"
#include "tests/items_check.h"

/* What is refused has taken at most twice the file and 64 MiB. */
#define SLACK ((size_t)64 << 20)

static char folder[] = "/tmp/triarch-readers-XXXXXX";

struct trial {
	int rc;
	size_t peak;
	struct error err;
	const char *bad; /* what is wrong with the items, NULL: nothing */
};

static struct trial run(const struct reader *r, const struct source *src, size_t fail_at)
{
	struct trial t = { 0 };
	struct items items = { 0 };
	struct arena a;

	arena_init(&a, 0);
	a.fail_at = fail_at;
	t.rc = r->read(src, &a, &items, &t.err);
	if (!t.rc)
		t.bad = items_check(&items);
	t.peak = a.peak;
	arena_clear(&a);
	return t;
}

/* Options that a reader cannot do without are in its error; here it gets none. */
static struct trial try(const struct reader *r, const char *const *paths, size_t n,
			enum task task, size_t fail_at)
{
	struct source src = { .name = "trial", .paths = paths, .n_paths = n,
			      .target = "target", .task = task, .threads = 2 };

	return run(r, &src, fail_at);
}

static bool is_good(const struct trial *t, size_t size)
{
	if (!t->rc)
		return !t->bad;
	return t->err.text[0] && t->peak <= 2 * size + SLACK;
}

static void tell(const struct trial *t)
{
	printf("# rc %d, %zu bytes: %s%s\n", t->rc, t->peak, t->err.text,
	       t->bad ? t->bad : "");
}

/* Each bad file alone, thrice (readers of several files), and as both tasks. */
static void test_bad_files(const struct reader *r)
{
	char path[128];
	bool all = true;

	snprintf(path, sizeof(path), "%s/file", folder);
	for (size_t k = 0; k < BAD_FILES; k++) {
		const char *const paths[] = { path, path, path };

		if (!bad_file_write(&bad_files[k], path))
			abort();
		for (size_t n = 1; n <= 3; n++) {
			struct trial t = try(r, paths, n, (enum task)(n % 2), 0);

			if (!is_good(&t, bad_files[k].size * n)) {
				printf("# %s, %zu times:\n", bad_files[k].name, n);
				tell(&t);
				all = false;
			}
		}
	}
	ok(all, "%s: %zu malformed files give an error in words or sound items", r->name,
	   BAD_FILES);
	unlink(path);
}

/* What is no file at all. */
static void test_no_file(const struct reader *r)
{
	const char *const nowhere[] = { "/nowhere/at/all" }, *const itself[] = { folder };
	struct trial t = try(r, nowhere, 1, TASK_CLASSIFICATION, 0);

	if (!t.rc) { /* a reader that makes its rows looks at no file */
		ok(is_good(&t, 0), "%s: needs no file", r->name);
		return;
	}
	ok(t.err.text[0], "%s: a path that is not there: %.90s", r->name, t.err.text);
	t = try(r, itself, 1, TASK_CLASSIFICATION, 0);
	ok(t.rc && t.err.text[0], "%s: an empty folder: %.90s", r->name, t.err.text);
	t = try(r, NULL, 0, TASK_CLASSIFICATION, 0);
	ok(t.rc && t.err.text[0], "%s: no path: %.90s", r->name, t.err.text);
}

/* Every allocation of a trial fails once; a reader that fails early has few. */
static void test_memory(const struct reader *r)
{
	char path[128];
	const char *const paths[] = { path };
	bool all = true;

	snprintf(path, sizeof(path), "%s/file", folder);
	for (size_t k = 0; k < BAD_FILES; k += 3) {
		if (!bad_file_write(&bad_files[k], path))
			abort();
		for (size_t at = 1; at <= 12; at++) {
			struct trial t = try(r, paths, 1, TASK_CLASSIFICATION, at);

			all &= is_good(&t, bad_files[k].size);
		}
	}
	ok(all, "%s: an allocation that fails is an error and no crash", r->name);
	unlink(path);
}

/* ---------------------------------------------------------------- with options */

/* The least that a reader needs to be told before it opens a file, and ways of
 * telling that lead to other code. Where `end` is given, the bytes are two files
 * of two class folders, x-a-1END and x-b-1END; else the paths themselves. */
struct least {
	const char *reader, *options, *end;
	size_t paths;
	const char *target; /* NULL: "target" */
};

static const struct least leasts[] = {
	{ "arff", "", NULL, 1, "t" },
	{ "charlm", "{context: 2, stride: 3, bad_utf8: replace}", NULL, 1, NULL },
	{ "cifar", "{classes: [a, b]}", NULL, 1, NULL },
	{ "cifar", "{labels: 2, label: coarse}", NULL, 3, NULL },
	{ "clips", "{classes: [a, b], seconds: 0.1}", ".wav", 1, NULL },
	{ "clips", "{classes: [a, b], snr_db: 20}", ".ogg", 1, NULL },
	{ "csv", "{header: false}", NULL, 1, "c1" },
	{ "csv", "{columns: [a, b], separator: space}", NULL, 1, "b" },
	{ "csv", "{separator: tab, official: [train, test]}", NULL, 2, "a" },
	{ "glyphs", "{scripts: [Latin, Greek]}", ".ttf", 1, NULL },
	{ "idx", "{classes: [a, b]}", NULL, 2, NULL },
	{ "images", "{size: [4, 6], channels: 1}", ".png", 1, NULL },
	{ "images", "{label_field: 1, separator: '-'}", ".jpg", 1, NULL },
	{ "images", "{size: [4, 6]}", NULL, 1, NULL },
	{ "libsvm", "{base: 0, columns: 3}", NULL, 1, NULL },
	{ "libsvm", "{official: [train, test]}", NULL, 2, "f1" },
	{ "npy", "{as: image}", NULL, 2, NULL },
	{ "npy", "{columns: [a]}", NULL, 4, NULL },
	{ "rdata", "{object: x}", NULL, 1, NULL },
	{ "rtext", "{text: a}", NULL, 1, "b" },
	{ "rtext", "{objects: {a: x, b: y}, min_words: 1}", NULL, 1, NULL },
	{ "sounds", "{seconds: 1, normalise: rms}", ".wav", 1, NULL },
	{ "sounds", "{rate: 8000}", ".flac", 1, NULL },
	{ "sounds", "{seconds: 1}", NULL, 1, NULL },
	{ "text", "{format: csv, header: false, text_column: 1, label_column: 2}", NULL,
	  1, NULL },
	{ "text", "{format: tsv, text_column: a, label_column: b}", NULL, 1, NULL },
	{ "text", "{format: lines, encoding: latin1}", NULL, 1, NULL },
	{ "text", "{format: lines, label_base: 0, classes: [a, b]}", NULL, 1, NULL },
	{ "text", "{format: lines_by_file, classes: [a, b]}", NULL, 2, NULL },
	{ "text", "{format: folders, strip: [headers, quotes, footers]}", ".txt", 1, NULL },
	{ "text", "{format: folders, bad_utf8: replace, max_bytes: 7}", ".txt", 1, NULL },
	{ "text", "{format: folders}", NULL, 1, NULL },
	{ "wordnet", "{min_class: 1}", NULL, 1, NULL },
};
#define LEASTS (sizeof(leasts) / sizeof(leasts[0]))

/* Lay the bytes out as the reader wants them; the path to read is `path`. */
static void lay(const struct least *l, const struct bad_file *b, char path[128])
{
	char file[256];
	struct error err;

	snprintf(path, 128, "%s/%s", folder, l->end ? "tree" : "file");
	if (!l->end && !bad_file_write(b, path))
		abort();
	for (char c = 'a'; l->end && c <= 'b'; c++) {
		snprintf(file, sizeof(file), "%s/%c", path, c);
		if (file_make_dirs(file, &err))
			abort();
		snprintf(file, sizeof(file), "%s/%c/x-%c-1%s", path, c, c, l->end);
		if (!bad_file_write(b, file))
			abort();
	}
}

/* A trial of a reader that was told what it needs. */
static struct trial try_told(const struct least *l, const char *path,
			     const struct yaml *options, size_t fail_at)
{
	const char *const paths[] = { path, path, path, path };
	struct source src = { .name = "trial", .paths = paths, .n_paths = l->paths,
			      .options = options, .threads = 2,
			      .target = l->target ? l->target : "target" };

	return run(reader_find(l->reader), &src, fail_at);
}

/* All bad files, and for some of them each of the first allocations failing. */
static void test_told(const struct least *l)
{
	struct yaml *options = NULL;
	bool good = true, reached = false, starved = true;
	struct error err;
	struct arena a;
	char path[128];

	arena_init(&a, 0);
	if (*l->options && yaml_parse(&a, l->options, strlen(l->options), "opt", &options,
				      &err))
		abort();
	for (size_t k = 0; k < BAD_FILES; k++) {
		struct trial t;

		lay(l, &bad_files[k], path);
		t = try_told(l, path, options, 0);
		reached |= t.rc != ERR_CONFIG;
		if (!is_good(&t, bad_files[k].size * (l->end ? 2 : l->paths))) {
			printf("# %s:\n", bad_files[k].name);
			tell(&t);
			good = false;
		}
		for (size_t at = 1; k % 5 == 0 && at <= 40; at++) {
			t = try_told(l, path, options, at);
			starved &= is_good(&t, bad_files[k].size * 4);
		}
		if (l->end)
			folder_remove(path);
		else
			unlink(path);
	}
	ok(good, "%s %s %s: malformed files", l->reader, l->options, l->end ? l->end : "");
	ok(reached, "%s: which the options let through to the parser", l->reader);
	ok(starved, "%s: and memory that runs out on the way", l->reader);
	arena_clear(&a);
}

/* A reader of files that nobody wrote down above would be tested on its options
 * alone. */
static bool is_told(const struct reader *r)
{
	for (size_t k = 0; k < LEASTS; k++)
		if (!strcmp(leasts[k].reader, r->name))
			return true;
	return r->no_files;
}

/* What makes its rows has no file to be wrong, but memory runs out all the same. */
static void test_made(void)
{
	static const char *const kinds[] = {
		"{kind: axis_steps, rows: 20}", "{kind: low_rank, rows: 20, d: 20}",
		"{kind: parity, rows: 20, degree: 2}", "{kind: smooth_dense, rows: 20}",
		"{kind: rhm, rows: 20}", "{kind: rhm, rows: 20, as: image, noise: 0.5}",
	};
	const struct least l = { "synthetic", "", NULL, 0, NULL };

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		struct yaml *options;
		struct trial t;
		struct error err;
		struct arena a;
		size_t at = 0;

		arena_init(&a, 0);
		if (yaml_parse(&a, kinds[k], strlen(kinds[k]), "opt", &options, &err))
			abort();
		do
			t = try_told(&l, NULL, options, ++at);
		while (t.rc == ERR_MEMORY && at < 500);
		ok(!t.rc && !t.bad && at > 2, "synthetic %s: sound once memory is there",
		   kinds[k]);
		arena_clear(&a);
	}
}

int main(void)
{
	size_t n;
	const struct reader *const *all = reader_all(&n);

	if (!mkdtemp(folder))
		return 1;
	for (size_t k = 0; k < n; k++) {
		ok(all[k]->summary && all[k]->version > 0, "%s: says what it reads",
		   all[k]->name);
		ok(is_told(all[k]), "%s: is also tested with the options it needs",
		   all[k]->name);
		test_no_file(all[k]);
		test_bad_files(all[k]);
		test_memory(all[k]);
	}
	for (size_t k = 0; k < LEASTS; k++)
		test_told(&leasts[k]);
	test_made();
	folder_remove(folder);
	return tap_done();
}
