/* Promises of datasets/folder.h. */
#include "datasets/folder.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "tests/tap.h"

static char root[] = "/tmp/test_folder-XXXXXX";
static struct error err;

/* A path under the test's folder; up to four at a time. */
static const char *under(const char *name)
{
	static char path[4][128];
	static size_t next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", root, name);
	return p;
}

static void put(const char *name, const char *text)
{
	char folder[128];

	snprintf(folder, sizeof(folder), "%s", under(name));
	*strrchr(folder, '/') = '\0';
	if (file_make_dirs(folder, &err) ||
	    file_replace(under(name), text, strlen(text), &err))
		ok(false, "folder: a file for the test: %s", err.text);
}

static void make(const char *name)
{
	char file[64];

	for (size_t k = 0; k < 4; k++) {
		snprintf(file, sizeof(file), "%s/%s", name,
			 (const char *[]){ "b", "a/z", "a.txt", "B" }[k]);
		put(file, file + strlen(name));
	}
}

static bool digest(const char *name, char hex[HASH_HEX])
{
	struct arena a;
	int rc;

	arena_init(&a, 0);
	rc = folder_digest(under(name), &a, hex, &err);
	arena_clear(&a);
	return !rc;
}

static void test_files(void)
{
	static const char *const want[] = { "B", "a.txt", "a/z", "b" };
	const char *const *paths;
	struct arena a;
	size_t n = 0;
	bool good;

	arena_init(&a, 0);
	good = !folder_files(under("one"), &a, &paths, &n, &err) && n == 4;
	for (size_t k = 0; good && k < 4; k++)
		good = !strcmp(paths[k] + strlen(under("one")) + 1, want[k]);
	ok(good, "folder: all files however deep, by the bytes of their paths");
	ok(folder_files(under("none"), &a, &paths, &n, &err) == ERR_IO,
	   "folder: one that is not there");
	ok(folder_files(under("one/b"), &a, &paths, &n, &err) == ERR_IO,
	   "folder: a file is no folder");
	file_make_dirs(under("empty/deep"), &err);
	ok(folder_files(under("empty"), &a, &paths, &n, &err) == ERR_IO &&
		   strstr(err.text, "no files"),
	   "folder: one without any file is an error");
	arena_clear(&a);
}

static void test_digest(void)
{
	char one[HASH_HEX], two[HASH_HEX];

	make("moved/elsewhere");
	ok(digest("one", one) && digest("moved/elsewhere", two) &&
		   !strcmp(one, two),
	   "folder: the digest moves with the folder");
	ok(!symlink("/etc/passwd", under("one/link")) && digest("one", two) &&
		   !strcmp(one, two),
	   "folder: links do not count");
	put("one/b", "other");
	ok(digest("one", two) && strcmp(one, two), "folder: a changed byte does");
	make("one");
	ok(!rename(under("one/b"), under("one/c")) && digest("one", two) &&
		   strcmp(one, two),
	   "folder: so does another name");
	put("ab/x", "yz");
	put("ba/xy", "z");
	ok(digest("ab", one) && digest("ba", two) && strcmp(one, two),
	   "folder: names and contents do not run into each other");
	ok(!digest("none", one) && !one[0], "folder: no digest on errors");
}

static void test_memory(void)
{
	char hex[HASH_HEX];
	size_t calls = 0;
	int rc = ERR_MEMORY;

	for (; rc == ERR_MEMORY; calls++) {
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = calls + 1;
		rc = folder_digest(under("moved"), &a, hex, &err);
		arena_clear(&a);
	}
	ok(!rc && calls > 4, "folder: each of %zu allocations may fail", calls - 1);
}

static void test_remove(void)
{
	put("kept/file", "precious");
	ok(!symlink(under("kept"), under("one/link2")), "folder: a link inside");
	folder_remove(under("one"));
	ok(!file_exists(under("one")), "folder: removed with all in it");
	ok(file_exists(under("kept/file")), "folder: but not what links point to");
	folder_remove(under("one"));
	ok(true, "folder: removing what is not there is nothing");
}

int main(void)
{
	if (!mkdtemp(root))
		return 1;
	make("one");
	test_files();
	test_digest();
	test_memory();
	test_remove();
	folder_remove(root);
	ok(!file_exists(root), "folder: nothing is left");
	return tap_done();
}
