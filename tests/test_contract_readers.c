/* What holds for every reader of the registry, whatever it is given: an error in
 * words or items that hold together, and no memory beyond the promise. */
#include "tests/tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datasets/folder.h"
#include "datasets/reader.h"
#include "harness/base/file.h"
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

/* Options that a reader cannot do without are in its error; here it gets none,
 * and two that most take. */
static struct trial try(const struct reader *r, const char *const *paths, size_t n,
			enum task task, size_t fail_at)
{
	struct source src = { .name = "trial", .paths = paths, .n_paths = n,
			      .target = "target", .task = task, .threads = 2 };
	struct trial t = { 0 };
	struct items items = { 0 };
	struct arena a;

	arena_init(&a, 0);
	a.fail_at = fail_at;
	t.rc = r->read(&src, &a, &items, &t.err);
	if (!t.rc)
		t.bad = items_check(&items);
	t.peak = a.peak;
	arena_clear(&a);
	return t;
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

int main(void)
{
	size_t n;
	const struct reader *const *all = reader_all(&n);

	if (!mkdtemp(folder))
		return 1;
	for (size_t k = 0; k < n; k++) {
		ok(all[k]->summary && all[k]->version > 0, "%s: says what it reads",
		   all[k]->name);
		test_no_file(all[k]);
		test_bad_files(all[k]);
		test_memory(all[k]);
	}
	folder_remove(folder);
	return tap_done();
}
