#include "harness/base/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

#include "tests/tap.h"

static char dir[] = "/tmp/triarch-file-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static size_t entries(void)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void test_publish(void)
{
	struct error err = { 0 };
	struct arena a;
	bool existed = true;
	char *text;
	size_t size;

	arena_init(&a, 0);
	ok(!file_publish_new(in_dir("row"), "first", 5, &existed, &err) &&
		   !existed,
	   "file: the first to publish wins");
	ok(!file_publish_new(in_dir("row"), "second", 6, &existed, &err) &&
		   existed,
	   "file: a later one is told");
	ok(!file_read(&a, in_dir("row"), &text, &size, &err) && size == 5 &&
		   !strcmp(text, "first"),
	   "file: what was published stays");
	ok(entries() == 1, "file: no temporary is left");
	ok(!file_replace(in_dir("row"), "third", 5, &err) &&
		   !file_read(&a, in_dir("row"), &text, &size, &err) &&
		   !strcmp(text, "third"),
	   "file: replace changes it whole");
	arena_clear(&a);
}

/* What cannot be written says so, and leaves nothing behind. */
static void test_impossible(void)
{
	static char longest[8192];
	struct error err = { 0 };
	bool existed;
	size_t before = entries();

	ok(file_publish_new(in_dir("none/row"), "x", 1, &existed, &err) ==
			   ERR_IO &&
		   file_replace(in_dir("none/row"), "x", 1, &err) == ERR_IO,
	   "file: publishing into a missing folder is an error");
	memset(longest, 'a', sizeof(longest) - 1);
	ok(file_publish_new(longest, "x", 1, &existed, &err) == ERR_IO &&
		   file_replace(longest, "x", 1, &err) == ERR_IO &&
		   file_make_dirs(longest, &err) == ERR_IO,
	   "file: so is a path longer than the system takes");
	ok(!mkdir(in_dir("taken"), 0777) &&
		   file_replace(in_dir("taken"), "x", 1, &err) == ERR_IO,
	   "file: so is replacing a folder");
	ok(entries() == before + 1, "file: none of them leaves a temporary");
}

/* The last part of a path: a file or a dead link there is no folder. */
static void test_file_in_the_way(void)
{
	struct error err = { 0 };

	ok(!file_replace(in_dir("plain"), "x", 1, &err) &&
		   file_make_dirs(in_dir("plain"), &err) == ERR_IO &&
		   strstr(err.text, "in the way"),
	   "file: a file is not taken for a folder");
	ok(file_make_dirs(in_dir("plain/sub"), &err) == ERR_IO,
	   "file: nor is one further up");
	ok(!symlink("nowhere", in_dir("dead")) &&
		   file_make_dirs(in_dir("dead"), &err) == ERR_IO,
	   "file: nor is a link that leads nowhere");
	ok(!symlink(dir, in_dir("alive")) &&
		   !file_make_dirs(in_dir("alive/linked"), &err),
	   "file: a link to a folder is one");
}

/* 8 processes replace one name: whoever is last, the content is one of them,
 * whole, and no reader meets a mixture. */
static void test_replace_race(void)
{
	struct error err = { 0 };
	struct file_map m;
	bool whole = true;

	for (int i = 0; i < 8; i++) {
		if (fork() == 0) {
			char data[4096];

			memset(data, 'a' + i, sizeof(data));
			_exit(file_replace(in_dir("swap"), data, sizeof(data),
					   &err) != 0);
		}
	}
	for (int i = 0, status; i < 8; i++) {
		wait(&status);
		whole &= status == 0 && !file_map(&m, in_dir("swap"), &err);
		if (!whole)
			break;
		whole &= m.size == 4096 &&
			 !memcmp(m.data, m.data + 1, m.size - 1);
		file_unmap(&m);
	}
	ok(whole, "file: 8 processes replace a file, each time whole");
}

/* 8 processes publish the same name: one wins and the content is whole. */
static void test_race(void)
{
	struct error err = { 0 };
	int winners = 0;

	for (int i = 0; i < 8; i++) {
		if (fork() == 0) {
			char data[4096];
			bool existed;

			memset(data, 'a' + i, sizeof(data));
			_exit(file_publish_new(in_dir("race"), data,
					       sizeof(data), &existed, &err) ?
				      2 :
				      existed);
		}
	}
	for (int i = 0; i < 8; i++) {
		int status;

		wait(&status);
		winners += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	ok(winners == 1, "file: of eight publishers one wins");
}

static void test_map(void)
{
	struct error err = { 0 };
	struct file_map m;

	file_replace(in_dir("map"), "abc", 3, &err);
	ok(!file_map(&m, in_dir("map"), &err) && m.size == 3 &&
		   !memcmp(m.data, "abc", 3),
	   "file: maps the content");
	file_unmap(&m);
	file_replace(in_dir("empty"), "", 0, &err);
	ok(!file_map(&m, in_dir("empty"), &err) && m.size == 0 && m.data,
	   "file: an empty file maps to size 0");
	file_unmap(&m);
	ok(file_map(&m, in_dir("none"), &err) == ERR_IO &&
		   strstr(err.text, "none"),
	   "file: a missing file is named");
	ok(file_map(&m, dir, &err) == ERR_IO, "file: a folder is no file");
}

static void test_folders(void)
{
	struct error err = { 0 };
	struct stat st;

	ok(!file_make_dirs(in_dir("a/b/c"), &err) &&
		   !stat(in_dir("a/b/c"), &st) && S_ISDIR(st.st_mode),
	   "file: makes folders on the way");
	ok(!file_make_dirs(in_dir("a/b/c"), &err), "file: twice is fine");
	ok(file_make_dirs(in_dir("map/x"), &err) == ERR_IO,
	   "file: a file in the way is an error");
	ok(file_replace(in_dir("nowhere/x"), "", 0, &err) == ERR_IO,
	   "file: no folder, no file");
}

static void test_sweep(void)
{
	struct error err = { 0 };
	struct utimbuf old = { 0 };

	file_replace(in_dir(".tmp-old"), "x", 1, &err);
	utime(in_dir(".tmp-old"), &old);
	file_replace(in_dir(".tmp-new"), "x", 1, &err);
	file_sweep(dir);
	ok(!file_exists(in_dir(".tmp-old")), "file: sweeps old temporaries");
	ok(file_exists(in_dir(".tmp-new")), "file: leaves those in use");
}

static void test_lock(void)
{
	struct error err = { 0 };
	int h = file_lock(in_dir("lock"), &err), status;
	pid_t child;

	ok(h >= 0, "file: a lock can be taken");
	child = fork();
	if (!child) {
		alarm(1); /* dies of it while the lock is held */
		_exit(file_lock(in_dir("lock"), &err) < 0);
	}
	waitpid(child, &status, 0);
	ok(WIFSIGNALED(status), "file: a second process waits for it");
	file_unlock(h);
	child = fork();
	if (!child)
		_exit(file_lock(in_dir("lock"), &err) < 0);
	waitpid(child, &status, 0);
	ok(status == 0, "file: and gets it afterwards");
}

int main(void)
{
	char command[64];

	if (!mkdtemp(dir))
		return 1;
	test_publish();
	test_impossible();
	test_file_in_the_way();
	test_race();
	test_replace_race();
	test_map();
	test_folders();
	test_sweep();
	test_lock();
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ok(system(command) == 0, "file: the test cleans up");
	return tap_done();
}
