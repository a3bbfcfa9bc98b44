#include "results/store.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "results/store_file.h"
#include "tests/store_fixture.h"

static int publish(struct store *s, int i, bool *existed)
{
	struct record r;
	int rc;

	record_sample(&r, i);
	rc = store_publish(s, &r, NULL, NULL, existed, &err);
	record_clear(&r);
	return rc;
}

static char said[4096];

static void remember(void *ctx, const char *line)
{
	(void)ctx;
	snprintf(said, sizeof(said), "%s", line);
}

static size_t sync_broken(struct store *s)
{
	size_t broken = 99;

	said[0] = '\0';
	if (store_sync(s, remember, NULL, &broken, &err))
		printf("# %s\n", err.text);
	return broken;
}

struct seen {
	int64_t rows, stop_at;
	char last_key[HASH_HEX];
	bool sorted;
	double score;
	char cpu[32];
};

static int see(void *ctx, const struct record *r)
{
	struct seen *seen = ctx;

	seen->sorted &= strcmp(seen->last_key, r->key) <= 0;
	strcpy(seen->last_key, r->key);
	seen->score = r->score;
	snprintf(seen->cpu, sizeof(seen->cpu), "%s",
		 json_string_value(json_object_get(r->machine, "cpu")));
	return ++seen->rows == seen->stop_at ? 42 : 0;
}

static int64_t rows_in(struct store *s)
{
	struct seen seen = { .sorted = true };

	if (store_each(s, NULL, 0, see, &seen, &err))
		printf("# %s\n", err.text);
	return seen.rows;
}

static void cell_path(int i, char path[PATH_MAX])
{
	struct record r;

	record_sample(&r, i);
	store_cell_path(dir, &r, path, &err);
	record_clear(&r);
}

static void index_path(char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/index.sqlite", dir);
}

static void test_publish(void)
{
	struct store *s = must_open();
	int64_t count = -1, last = -2;
	char key[HASH_HEX];
	bool existed = true;

	ok(!publish(s, 1, &existed) && !existed, "store: a row is published");
	ok(!publish(s, 1, &existed) && existed, "store: the first row stays");
	publish(s, 2, NULL);
	ok(sync_broken(s) == 0, "store: all files are rows");
	record_sample_key(1, key);
	ok(!store_count(s, key, NULL, &count, &last, &err) && count == 1 &&
		   last == 0, "store: a key has its rows counted");
	ok(!store_count(s, key, "other", &count, &last, &err) && !count &&
		   last == -1, "store: of another machine there are none");
	ok_str(store_dir(s), dir, "store: knows its folder");
	store_close(s);
	store_close(NULL);
}

static void test_each(void)
{
	struct store *s = must_open();
	struct seen all = { .sorted = true }, one = { .stop_at = 1 };
	struct seen some = { .sorted = true };
	char a[HASH_HEX], b[HASH_HEX];
	const char *keys[] = { a, b, a, "no such key" };

	for (int i = 0; i < 20; i++)
		publish(s, i, NULL);
	sync_broken(s);
	ok(!store_each(s, NULL, 0, see, &all, &err) && all.rows == 20 &&
		   all.sorted, "store: every row comes, by key");
	ok(store_each(s, NULL, 0, see, &one, &err) == 42 && one.rows == 1,
	   "store: a non-zero return stops and is returned");
	record_sample_key(4, a);
	record_sample_key(5, b);
	ok(!store_each(s, keys, 4, see, &some, &err) && some.rows == 2 &&
		   some.sorted, "store: rows of some keys, each once");
	ok(some.score >= 0.96, "store: numbers come from the index");
	ok_str(some.cpu, "Test CPU", "store: and objects");
	ok(!store_each(s, keys, 0, see, &some, &err) && some.rows == 2,
	   "store: no keys, no rows");
	store_close(s);
}

static void test_sync_follows_files(void)
{
	struct store *s = must_open();
	char path[PATH_MAX], junk[PATH_MAX + 8];

	cell_path(3, path);
	unlink(path);
	sync_broken(s);
	ok(rows_in(s) == 19, "store: a file that is gone is forgotten");
	publish(s, 3, NULL);
	sync_broken(s);
	ok(rows_in(s) == 20, "store: one that came is added");
	snprintf(junk, sizeof(junk), "%.*s/.tmp-abcdef",
		 (int)(strrchr(path, '/') - path), path);
	write_bytes(junk, "{\"form", 6);
	ok(sync_broken(s) == 0 && rows_in(s) == 20,
	   "store: a half-written temporary is no row");
	unlink(junk);
	store_close(s);
}

static void test_broken_files(void)
{
	struct store *s = must_open();
	char path[PATH_MAX], copy[PATH_MAX + 8], *text = NULL;
	size_t size = 0;

	cell_path(6, path);
	file_read(&arena, path, &text, &size, &err);
	snprintf(copy, sizeof(copy), "%s", path);
	strcpy(strrchr(copy, '/'), "/copy.json");
	write_bytes(copy, text, size);
	ok(sync_broken(s) == 1 && strstr(said, "copy.json: holds the row of"),
	   "store: a row under another name is named and left out");
	write_bytes(copy, text, size / 2);
	ok(sync_broken(s) == 1 && strstr(said, "copy.json: "),
	   "store: as is a file that was cut, every time");
	write_bytes(copy, "", 0);
	ok(sync_broken(s) == 1 && rows_in(s) == 20,
	   "store: an empty one too, and the others stay");
	unlink(copy);
	ok(sync_broken(s) == 0, "store: and once it is gone all is well");
	store_close(s);
}

static void check_rebuilt(const char *how)
{
	struct store *s = must_open();

	sync_broken(s);
	ok(rows_in(s) == 20, "store: the index is made anew after %s", how);
	store_close(s);
}

static void test_index_trouble(void)
{
	char path[PATH_MAX], other[PATH_MAX + 8], junk[8192];
	struct store *s;

	index_path(path);
	unlink(path);
	check_rebuilt("it was lost");
	memset(junk, 'x', sizeof(junk));
	write_bytes(path, junk, sizeof(junk));
	check_rebuilt("it was overwritten");
	if (truncate(path, 9000))
		printf("# cannot cut %s\n", path);
	check_rebuilt("it was cut");
	write_bytes(path, "", 0);
	check_rebuilt("it was emptied");
	/* A folder in its place cannot be deleted: the index stays in memory. */
	unlink(path);
	snprintf(other, sizeof(other), "%s/in", path);
	if (mkdir(path, 0755) || mkdir(other, 0755))
		printf("# cannot make %s\n", other);
	check_rebuilt("it could not be written, in memory");
	rmdir(other);
	rmdir(path);
	s = must_open();
	sync_broken(s);
	unlink(path);
	check_rebuilt("another process deleted it");
	publish(s, 20, NULL);
	sync_broken(s);
	ok(rows_in(s) == 21, "store: which the first process notices");
	store_close(s);
}

/* Damage in the middle of the file shows only when its pages are read. */
static void test_damaged_pages(void)
{
	struct store *s = must_open();
	char path[PATH_MAX], junk[4096];
	int64_t count = 0, last;
	struct stat st;
	int fd;

	sync_broken(s);
	store_close(s);
	index_path(path);
	fd = open(path, O_WRONLY);
	memset(junk, 0xee, sizeof(junk));
	if (fd < 0 || fstat(fd, &st))
		printf("# cannot damage %s\n", path);
	for (off_t at = 4096; at + 4096 <= st.st_size; at += 4096)
		if (pwrite(fd, junk, sizeof(junk), at) < 0)
			printf("# cannot damage %s\n", path);
	close(fd);
	s = must_open();
	record_sample_key(7, junk);
	ok(!store_count(s, junk, NULL, &count, &last, &err) && count == 1,
	   "store: a damaged index is made anew when asked");
	ok(rows_in(s) == 21, "store: and has every row");
	store_close(s);
}

static void publish_many(int from, int to)
{
	struct store *s = must_open();

	for (int i = from; i < to; i++)
		if (publish(s, i, NULL) || sync_broken(s))
			_exit(1);
	store_close(s);
	_exit(0);
}

static void test_two_at_once(void)
{
	int status, failed = 0;
	struct store *s;

	fflush(stdout);
	for (int child = 0; child < 2; child++)
		if (!fork())
			publish_many(100 + 20 * child, 160 + 20 * child);
	for (int child = 0; child < 2; child++)
		failed |= wait(&status) < 0 || status != 0;
	ok(!failed, "store: two processes publish and sync at once");
	s = must_open();
	ok(sync_broken(s) == 0 && rows_in(s) == 21 + 80,
	   "store: every row is there once");
	store_close(s);
}

/* Killed at whatever moment, a publisher leaves whole rows or none. */
static void test_killed(void)
{
	struct store *s = must_open();
	int64_t before, after;
	size_t broken = 0;
	int status;

	sync_broken(s);
	before = rows_in(s);
	fflush(stdout);
	for (int i = 0; i < 10; i++) {
		pid_t child = fork();

		if (!child)
			publish_many(1000 * (i + 1), 1000 * (i + 1) + 500);
		usleep((useconds_t)(3000 + 2500 * i));
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		broken += sync_broken(s);
	}
	after = rows_in(s);
	ok(!broken && after > before,
	   "store: kill -9 leaves whole rows (%lld) or none",
	   (long long)(after - before));
	store_close(s);
}

/* A child of fork publishes while its parent keeps the index. */
static void test_child_publishes(void)
{
	struct store *s = must_open();
	int64_t before;
	int status = -1;

	sync_broken(s);
	before = rows_in(s);
	fflush(stdout);
	if (!fork()) {
		int rc = publish(s, 9999, NULL);

		store_close(s);
		_exit(rc != 0);
	}
	wait(&status);
	sync_broken(s);
	ok(!status && rows_in(s) == before + 1,
	   "store: a forked child publishes, its parent sees the row");
	store_close(s);
}

/* What a row of store_each_of had in it. */
struct glimpse {
	int64_t rows;
	bool asked, others;
};

static int glimpse_row(void *ctx, const struct record *r)
{
	struct glimpse *g = ctx;

	g->rows++;
	g->asked &= strlen(r->key) == HASH_HEX - 1 && r->score > 0.9 &&
		    r->machine;
	g->others |= r->noise || r->params || *r->task || r->n_train;
	return 0;
}

static void test_some_fields(void)
{
	static const char *const fields[] = { "machine", "score", "key" };
	struct store *s = must_open();
	struct glimpse g = { .asked = true };
	char key[HASH_HEX];
	const char *keys[] = { key };

	ok(!store_each_of(s, NULL, 0, fields, 3, glimpse_row, &g, &err) &&
		   g.rows == rows_in(s),
	   "store: every row, with some of its fields");
	ok(g.asked, "store: those that were asked for");
	ok(!g.others, "store: and no others");
	record_sample_key(7, key);
	g.rows = 0;
	ok(!store_each_of(s, keys, 1, fields, 3, glimpse_row, &g, &err) &&
		   g.rows == 1, "store: also by key");
	store_close(s);
}

/* Machines differ from row to row: each row must come with its own, whatever
 * the row before had (objects are remembered by their text). */
static int check_noise(void *ctx, const struct record *r)
{
	double load = json_number_value(json_object_get(r->noise, "load"));

	*(bool *)ctx &= load == 0.5 + (double)r->seed;
	return 0;
}

static void test_objects_are_their_own(void)
{
	struct store *s = must_open();
	bool right = true;

	ok(!store_each(s, NULL, 0, check_noise, &right, &err) && right,
	   "store: each row has its own objects");
	ok(!store_each(s, NULL, 0, check_noise, &right, &err) && right,
	   "store: also when they are remembered from before");
	store_close(s);
}

/* A reader never sees fewer rows than before, nor a half one, while another
 * process publishes, syncs, and throws the index away now and then. */
static int read_while_written(void)
{
	struct store *s = must_open();
	int64_t last = 0;

	for (int i = 0; i < 40; i++) {
		int64_t rows;

		if (sync_broken(s))
			return 1;
		rows = rows_in(s);
		if (rows < last)
			return 2;
		last = rows;
	}
	store_close(s);
	return 0;
}

static void write_and_drop(void)
{
	char path[PATH_MAX];
	struct store *s = must_open();

	index_path(path);
	for (int i = 0; i < 40; i++) {
		if (publish(s, 20000 + i, NULL) || sync_broken(s))
			_exit(1);
		if (i % 10 == 5)
			unlink(path);
	}
	store_close(s);
	_exit(0);
}

static void test_read_while_written(void)
{
	int status = -1, read;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child)
		write_and_drop();
	read = read_while_written();
	waitpid(child, &status, 0);
	ok(!status && !read,
	   "store: a reader's view only grows while another writes (%d)", read);
}

/* Four processes want the first index of a store at the same moment. */
static void test_first_index_at_once(void)
{
	int status, failed = 0;
	char path[PATH_MAX];
	int64_t rows;
	struct store *s = must_open();

	sync_broken(s);
	rows = rows_in(s);
	store_close(s);
	index_path(path);
	unlink(path);
	fflush(stdout);
	for (int child = 0; child < 4; child++) {
		if (fork())
			continue;
		s = must_open();
		_exit(sync_broken(s) != 0 || rows_in(s) != rows);
	}
	for (int child = 0; child < 4; child++)
		failed |= wait(&status) < 0 || status != 0;
	ok(!failed, "store: four processes make the first index at once");
}

/* The schema's version is part of the file: another one is made anew. */
static void test_index_of_another_version(void)
{
	char path[PATH_MAX], *text = NULL;
	struct store *s = must_open();
	size_t size = 0;
	int64_t rows;

	sync_broken(s);
	rows = rows_in(s);
	store_close(s);
	index_path(path);
	file_read(&arena, path, &text, &size, &err);
	ok(size > 100 && !memcmp(text, "SQLite format 3", 16),
	   "store: the index is an SQLite file that people can ask");
	text[63] = (char)(text[63] ^ 1); /* user_version, big endian, 60..63 */
	write_bytes(path, text, size);
	s = must_open();
	ok(!sync_broken(s) && rows_in(s) == rows,
	   "store: an index of another version is made anew");
	store_close(s);
}

static void test_unwritable(void)
{
	struct store *s = NULL;
	char path[128];

	error_clear(&err);
	ok(store_open(&s, "/dev/null/results", &err) == ERR_IO && !s &&
		   strstr(err.text, "/dev/null/results"),
	   "store: a folder that cannot be made is named");
	ok(store_open(&s, "/proc/results", &err) == ERR_IO && !s,
	   "store: a file system that takes no files is told");
	snprintf(path, sizeof(path), "%s/nothing", dir);
	ok(store_open_readonly(&s, path, &err) == ERR_MISSING && !s &&
		   strstr(err.text, "no results"),
	   "store: to read, something must be there");
	ok(!file_exists(path), "store: reading makes no folder");
	ok(!store_open_readonly(&s, dir, &err) && rows_in(s) > 100,
	   "store: reading needs no sync before");
	store_close(s);
}

/* A full disk, played by a limit on the size of files. */
static void test_no_space(void)
{
	const struct rlimit small = { 100, RLIM_INFINITY };
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	struct store *s = must_open();
	int64_t before, after;
	char path[PATH_MAX];
	int rc;

	sync_broken(s);
	before = rows_in(s);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	rc = publish(s, 700, NULL);
	setrlimit(RLIMIT_FSIZE, &all);
	cell_path(700, path);
	ok(rc == ERR_IO && !file_exists(path),
	   "store: without space a row is refused, and leaves no half");
	ok(strstr(err.text, "gbdt on letter"), "store: and named");
	setrlimit(RLIMIT_FSIZE, &small);
	publish(s, 701, NULL);
	rc = store_sync(s, NULL, NULL, NULL, &err);
	after = rows_in(s);
	setrlimit(RLIMIT_FSIZE, &all);
	ok(!rc && after == before, "store: what was there can still be read");
	ok(!publish(s, 700, NULL) && !sync_broken(s) && rows_in(s) == before + 1,
	   "store: with space again it is published");
	store_close(s);
}

int main(void)
{
	arena_init(&arena, 0);
	new_dir();
	test_publish();
	test_each();
	test_sync_follows_files();
	test_broken_files();
	test_index_trouble();
	test_damaged_pages();
	test_two_at_once();
	test_killed();
	test_child_publishes();
	test_some_fields();
	test_objects_are_their_own();
	test_read_while_written();
	test_first_index_at_once();
	test_index_of_another_version();
	test_unwritable();
	test_no_space();
	remove_dir();
	arena_clear(&arena);
	return tap_done();
}
