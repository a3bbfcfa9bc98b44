/* Packages are made here with dpkg-deb and put in a mirror folder, so that the
 * whole way but apt's download runs without a network. */
#include "tests/tap.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "datasets/fetch/fetch.h"
#include "datasets/fetch/package.h"
#include "datasets/folder.h"
#include "harness/base/file.h"

static char root[] = "/tmp/triarch-fetch-XXXXXX";
static char cache[64], mirror[64], temp[64];

/* Run a shell line in the test's folder; true when it succeeds. */
__attribute__((format(printf, 1, 2))) static bool shell(const char *fmt, ...)
{
	char line[1024], whole[1200];
	va_list ap;
	int rc;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	snprintf(whole, sizeof(whole), "cd %s && { %s; } >/dev/null 2>&1", root,
		 line);
	rc = system(whole);
	return rc == 0;
}

/* A package with usr/a (its content given), usr/tree/x and usr/tree/sub/y. */
static bool make_package(const char *name, const char *content)
{
	return shell("rm -rf p && mkdir -p p/DEBIAN p/usr/tree/sub mirror && "
		     "printf 'Package: %s\\nVersion: 1\\nArchitecture: all\\n"
		     "Maintainer: nobody <n@example.org>\\nDescription: toy\\n' "
		     "> p/DEBIAN/control && printf '%s' > p/usr/a && "
		     "printf xx > p/usr/tree/x && printf yy > p/usr/tree/sub/y "
		     "&& dpkg-deb -b p mirror/%s_1_all.deb",
		     name, content, name);
}

/* Digests of the contents above. */
static char hex_one[HASH_HEX], hex_two[HASH_HEX], hex_tree[HASH_HEX];

static void make_digests(void)
{
	char x[HASH_HEX], y[HASH_HEX];
	struct hash *h = hash_new();

	hash_bytes("one", 3, hex_one);
	hash_bytes("two", 3, hex_two);
	hash_bytes("xx", 2, x);
	hash_bytes("yy", 2, y);
	hash_add_string(h, "sub/y");
	hash_add_string(h, y);
	hash_add_string(h, "x");
	hash_add_string(h, x);
	hash_finish(h, hex_tree);
}

struct toy {
	struct origin_file files[2];
	struct entry e;
};

static struct entry *toy(struct toy *t, const char *package, const char *hex)
{
	t->files[0] = (struct origin_file){ .package = package,
					    .path = "usr/a", .sha256 = hex };
	t->files[1] = (struct origin_file){ .package = package,
					    .path = "usr/tree",
					    .sha256 = hex_tree,
					    .is_tree = true };
	t->e = (struct entry){ .name = "toy", .origins = t->files,
			       .n_origins = 2 };
	return &t->e;
}

static void count_lines(void *ctx, const char *line)
{
	(void)line;
	++*(int *)ctx;
}

static bool cached_is(const char *package, const char *content)
{
	return shell("test \"$(cat cache/packages/%s/usr/a)\" = '%s'", package,
		     content);
}

static bool no_litter(void)
{
	return shell("test -z \"$(ls -d cache/packages/.tmp-*)\"");
}

static void test_good(void)
{
	int lines = 0;
	struct fetch f = { .cache = cache, .mirror = mirror, .offline = true,
			   .say = count_lines, .say_ctx = &lines };
	const char *const *paths;
	struct error err;
	struct arena a;
	struct toy t;
	struct entry *e = toy(&t, "toy-one", hex_one);

	ok(!fetch_present(&f, e), "fetch: nothing is there at first");
	if (!ok(!fetch_entry(&f, e, &err), "fetch: a package of the mirror"))
		printf("# %s\n", err.text);
	ok(fetch_present(&f, e) && lines == 1 && no_litter(),
	   "fetch: the files are there, one line said, nothing left over");
	ok(!fetch_verify(&f, e, &err), "fetch: files and trees have their digests");
	ok(!fetch_entry(&f, e, &err) && lines == 1,
	   "fetch: what is there is not brought again");
	arena_init(&a, 0);
	ok(!fetch_paths(&f, e, &a, &paths, &err) && file_exists(paths[0]) &&
		   file_exists(paths[1]),
	   "fetch: paths of the files");
	a.fail_at = a.calls + 1;
	ok(fetch_paths(&f, e, &a, &paths, &err) == ERR_MEMORY,
	   "fetch: out of memory is an error");
	arena_clear(&a);
}

static void test_offline(void)
{
	struct fetch f = { .cache = cache, .offline = true };
	struct error err;
	struct toy t;

	ok(fetch_entry(&f, toy(&t, "no-such", hex_one), &err) == ERR_MISSING &&
		   strstr(err.text, "triarch fetch toy") &&
		   strstr(err.text, "no-such"),
	   "fetch: offline says which package and which command");
	ok(fetch_verify(&f, toy(&t, "no-such", hex_one), &err) == ERR_MISSING,
	   "fetch: verifying what is not there");
	f.mirror = mirror;
	ok(fetch_entry(&f, toy(&t, "no-such", hex_one), &err) == ERR_MISSING,
	   "fetch: offline and not in the mirror");
	f.cache = "/proc/no/cache";
	ok(fetch_entry(&f, toy(&t, "toy-one", hex_one), &err) == ERR_IO,
	   "fetch: a cache that cannot be made is an error");
}

static void test_wrong_digest(void)
{
	struct fetch f = { .cache = cache, .mirror = mirror };
	struct error err;
	struct toy t;

	ok(fetch_entry(&f, toy(&t, "toy-one", hex_two), &err) == ERR_DATA &&
		   strstr(err.text, hex_one) && strstr(err.text, hex_two),
	   "fetch: a digest that differs is an error naming both");
	ok(cached_is("toy-one", "one") && no_litter(),
	   "fetch: and what was there stays");
	ok(make_package("toy-one", "two") &&
		   !fetch_entry(&f, toy(&t, "toy-one", hex_two), &err) &&
		   cached_is("toy-one", "two"),
	   "fetch: the right content replaces the old");
	ok(shell("printf tw > cache/packages/toy-one/usr/a"),
	   "fetch: a file is cut short");
	ok(fetch_verify(&f, toy(&t, "toy-one", hex_two), &err) == ERR_DATA &&
		   strstr(err.text, "fetch toy"),
	   "fetch: verify notices it and says the cure");
	f.offline = true;
	f.mirror = NULL;
	ok(fetch_entry(&f, toy(&t, "toy-one", hex_two), &err) == ERR_DATA,
	   "fetch: offline and without a mirror it stays an error");
	f.mirror = mirror;
	ok(!fetch_entry(&f, toy(&t, "toy-one", hex_two), &err) &&
		   cached_is("toy-one", "two") && no_litter(),
	   "fetch: fetching heals it, from a mirror also offline");
	ok(shell("rm cache/packages/toy-one/usr/tree/x") &&
		   fetch_present(&f, toy(&t, "toy-one", hex_two)) &&
		   fetch_verify(&f, &t.e, &err) == ERR_DATA,
	   "fetch: a file missing in a folder changes its digest");
}

static void test_broken_package(void)
{
	struct fetch f = { .cache = cache, .mirror = mirror };
	struct error err;
	struct toy t;

	ok(shell("printf junk > mirror/toy-bad_1_all.deb") &&
		   fetch_entry(&f, toy(&t, "toy-bad", hex_one), &err) == ERR_IO &&
		   strstr(err.text, "toy-bad") && no_litter(),
	   "fetch: a package that cannot be unpacked");
	ok(make_package("toy-two", "one") &&
		   shell("mkdir -p q && cp -r p/DEBIAN q && mkdir q/usr && "
			 "dpkg-deb -b q mirror/toy-two_1_all.deb") &&
		   fetch_entry(&f, toy(&t, "toy-two", hex_one), &err) ==
			   ERR_MISSING &&
		   strstr(err.text, "usr/a"),
	   "fetch: a package without the file");
}

/* A .deb that was cut short anywhere: never half a package in place. */
static void test_truncated_package(void)
{
	struct fetch f = { .cache = cache, .mirror = mirror, .offline = true };
	struct entry *e;
	struct error err;
	struct toy t;
	bool good = make_package("toy-cut", "one");

	e = toy(&t, "toy-cut", hex_one);
	for (int percent = 0; percent < 100; percent += 9) {
		good &= shell("cp mirror/toy-cut_1_all.deb whole && "
			      "n=$(stat -c %%s whole) && "
			      "truncate -s $((n * %d / 100)) mirror/toy-cut_1_all.deb",
			      percent);
		good &= fetch_entry(&f, e, &err) < 0 &&
			strstr(err.text, "toy-cut") && !fetch_present(&f, e) &&
			no_litter() && shell("mv whole mirror/toy-cut_1_all.deb");
	}
	ok(good, "fetch: a package cut short at 12 places leaves nothing");
	ok(!fetch_entry(&f, e, &err) && fetch_present(&f, e),
	   "fetch: and the whole one is taken afterwards");
}

/* Paths of the user's may be relative; dpkg-deb runs in another folder. */
static void test_relative(void)
{
	struct fetch f = { .cache = "here", .mirror = "mirror", .offline = true };
	struct error err;
	char before[256];
	struct toy t;
	bool good = make_package("toy-near", "one") &&
		    getcwd(before, sizeof(before)) && !chdir(root) &&
		    !fetch_entry(&f, toy(&t, "toy-near", hex_one), &err) &&
		    fetch_present(&f, &t.e);

	if (!ok(good, "fetch: a relative cache and a relative mirror"))
		printf("# %s\n", err.text);
	ok(!chdir(before), "fetch: back again");
}

/* A fetch that was killed leaves its folder; the next one removes it. */
static void test_leftovers(void)
{
	struct fetch f = { .cache = cache, .mirror = mirror };
	struct error err;
	struct toy t;

	ok(make_package("toy-five", "one") &&
		   shell("mkdir -p cache/packages/.tmp-toy-five-abcdef/tree "
			 "cache/packages/.tmp-toy-five-two-abcdef") &&
		   !fetch_entry(&f, toy(&t, "toy-five", hex_one), &err) &&
		   shell("test ! -e cache/packages/.tmp-toy-five-abcdef"),
	   "fetch: what a killed fetch left is removed");
	ok(shell("rmdir cache/packages/.tmp-toy-five-two-abcdef"),
	   "fetch: but not what belongs to another package");
}

/* Four processes want the same package at once. */
static void test_concurrent(void)
{
	struct fetch f = { .cache = cache, .mirror = mirror };
	struct toy t;
	struct entry *e = toy(&t, "toy-three", hex_one);
	bool good = make_package("toy-three", "one");

	for (int k = 0; k < 4; k++) {
		if (fork() == 0) {
			struct error err;

			_exit(fetch_entry(&f, e, &err) ? 1 : 0);
		}
	}
	for (int k = 0; k < 4; k++) {
		int status = 0;

		good &= wait(&status) > 0 && status == 0;
	}
	ok(good && fetch_present(&f, e) && no_litter(),
	   "fetch: four at once all succeed");
}

/* No such package: apt's own words; no apt: its absence. */
static void test_apt(void)
{
	struct error err;
	int rc;

	snprintf(temp, sizeof(temp), "%s/apt", root);
	ok(shell("mkdir apt"), "fetch: a folder for apt");
	rc = package_unpack("triarch-no-such-package", NULL, false, temp, &err);
	ok(rc == ERR_MISSING && strstr(err.text, "triarch-no-such-package"),
	   "fetch: a package that apt does not know");
	printf("# %s\n", err.text);
	rc = package_unpack("toy-four", NULL, true, temp, &err);
	ok(rc == ERR_MISSING, "fetch: apt is never started offline");
}

static void test_tree(void)
{
	char hex[HASH_HEX], path[80];
	struct error err;
	struct arena a;

	arena_init(&a, 0);
	snprintf(path, sizeof(path), "%s/none", root);
	ok(folder_digest(path, &a, hex, &err) == ERR_IO, "tree: a missing folder");
	ok(shell("mkdir empty"), "tree: an empty folder");
	snprintf(path, sizeof(path), "%s/empty", root);
	ok(folder_digest(path, &a, hex, &err) == ERR_IO, "tree: is an error too");
	snprintf(path, sizeof(path), "%s/p/usr/tree", root);
	for (a.fail_at = 1; a.fail_at < 50; a.fail_at++) {
		a.calls = 0;
		if (folder_digest(path, &a, hex, &err) != ERR_MEMORY)
			break;
	}
	ok(a.fail_at > 3 && a.fail_at < 50 && !strcmp(hex, hex_tree),
	   "tree: every failing allocation is an error");
	folder_remove(path);
	ok(!file_exists(path), "tree: removed with all that is in it");
	folder_remove(path);
	arena_clear(&a);
}

int main(void)
{
	if (!mkdtemp(root))
		return 1;
	snprintf(cache, sizeof(cache), "%s/cache", root);
	snprintf(mirror, sizeof(mirror), "%s/mirror", root);
	make_digests();
	if (!make_package("toy-one", "one")) {
		skip("fetch: packages", "dpkg-deb cannot build one");
	} else {
		test_good();
		test_offline();
		test_wrong_digest();
		test_broken_package();
		test_truncated_package();
	test_relative();
	test_leftovers();
		test_concurrent();
		test_apt();
		test_tree();
	}
	folder_remove(root);
	return tap_done();
}
