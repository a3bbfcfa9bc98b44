#include "tests/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datasets/fetch/stamp.h"
#include "datasets/folder.h"
#include "harness/base/file.h"

static char root[] = "/tmp/triarch-stamp-XXXXXX";
static char file[64], dir[64];
static struct error err;
static struct arena a;

static void test_file(void)
{
	struct timespec old[2];
	char one[HASH_HEX], two[HASH_HEX];
	struct stat st;

	file_replace(file, "abc", 3, &err);
	ok(stamp_signature(file, &a, one) && stamp_signature(file, &a, two) &&
		   !strcmp(one, two),
	   "stamp: an untouched file keeps its signature");
	ok(!stamp_holds(root, file, "digest", one), "stamp: none at first");
	stamp_set(root, file, "digest", one);
	ok(stamp_holds(root, file, "digest", one), "stamp: then there is one");
	ok(!stamp_holds(root, file, "other", one) &&
		   !stamp_holds(root, dir, "digest", one),
	   "stamp: of this path and this digest only");
	stat(file, &st);
	old[0] = st.st_atim;
	old[1] = st.st_mtim;
	usleep(20000); /* more than a tick of the file system's clock */
	truncate(file, 0);
	truncate(file, 3);
	utimensat(AT_FDCWD, file, old, 0);
	ok(stamp_signature(file, &a, two) && strcmp(one, two) &&
		   !stamp_holds(root, file, "digest", two),
	   "stamp: a write is seen, also when the time is set back");
	file_replace(file, "abc", 3, &err);
	ok(stamp_signature(file, &a, one) && strcmp(one, two),
	   "stamp: another file of that name, too");
	ok(!stamp_signature("/proc/no", &a, one), "stamp: no file");
}

static void test_folder(void)
{
	char one[HASH_HEX], two[HASH_HEX], path[80];

	ok(!stamp_signature(dir, &a, one), "stamp: no folder");
	file_make_dirs(dir, &err);
	snprintf(path, sizeof(path), "%s/x", dir);
	file_replace(path, "x", 1, &err);
	ok(stamp_signature(dir, &a, one) && stamp_signature(dir, &a, two) &&
		   !strcmp(one, two),
	   "stamp: a folder by all its files");
	snprintf(path, sizeof(path), "%s/y", dir);
	file_replace(path, "", 0, &err);
	ok(stamp_signature(dir, &a, two) && strcmp(one, two),
	   "stamp: a new file is seen");
	unlink(path);
	ok(stamp_signature(dir, &a, two) && !strcmp(one, two),
	   "stamp: and that it went");
	a.fail_at = a.calls + 1;
	ok(!stamp_signature(dir, &a, two), "stamp: out of memory is no signature");
	a.fail_at = 0;
}

/* Where nothing can be written, things are hashed again: no harm. */
static void test_nowhere(void)
{
	char sig[HASH_HEX];

	stamp_signature(file, &a, sig);
	stamp_set("/proc/no", file, "digest", sig);
	ok(!stamp_holds("/proc/no", file, "digest", sig),
	   "stamp: a cache that cannot be written keeps none");
}

int main(void)
{
	if (!mkdtemp(root))
		return 1;
	snprintf(file, sizeof(file), "%s/file", root);
	snprintf(dir, sizeof(dir), "%s/dir", root);
	arena_init(&a, 0);
	test_file();
	test_folder();
	test_nowhere();
	arena_clear(&a);
	folder_remove(root);
	return tap_done();
}
