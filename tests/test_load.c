/* load_dataset on a made-up IDX data set that is laid into a cache by hand,
 * and on the project's own data sets where this user's cache has them. */
#include "tests/tap.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "datasets/folder.h"
#include "datasets/load.h"
#include "harness/base/blas.h"
#include "harness/base/file.h"

static char root[] = "/tmp/triarch-load-XXXXXX";

/* Pictures 4 x 4 and labels in the cache, and the entry that describes them. */
struct toy {
	struct origin_file files[4];
	char hex[4][HASH_HEX];
	struct entry e;
};

static void lay(struct toy *t, size_t k, const char *name, const uint8_t *data,
		size_t size)
{
	char path[128];
	struct error err;

	snprintf(path, sizeof(path), "%s/packages/toy/usr", root);
	file_make_dirs(path, &err);
	snprintf(path, sizeof(path), "%s/packages/toy/usr/%s", root, name);
	if (file_replace(path, data, size, &err))
		printf("# %s\n", err.text);
	hash_bytes(data, size, t->hex[k]);
	t->files[k] = (struct origin_file){ .package = "toy",
					    .path = name, .sha256 = t->hex[k] };
}

static void lay_pair(struct toy *t, size_t k, uint8_t n, const char *images,
		     const char *labels)
{
	uint8_t x[16 + 255 * 16] = { 0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 4,
				     0, 0, 0, 4 };
	uint8_t y[8 + 255] = { 0, 0, 8, 1, 0, 0, 0, n };

	for (size_t i = 0; i < n * 16u; i++)
		x[16 + i] = (uint8_t)(i * 37 + i / 16);
	for (size_t i = 0; i < n; i++)
		y[8 + i] = (uint8_t)(i % 3);
	lay(t, k, images, x, 16 + n * 16u);
	lay(t, k + 1, labels, y, 8u + n);
}

static void make_toy(struct toy *t)
{
	static const char *const paths[] = { "usr/i", "usr/l", "usr/ti",
					     "usr/tl" };

	*t = (struct toy){ 0 };
	lay_pair(t, 0, 100, "i", "l");
	lay_pair(t, 2, 40, "ti", "tl");
	for (size_t k = 0; k < 4; k++)
		t->files[k].path = paths[k];
	t->e = (struct entry){
		.name = "toy", .modality = MODALITY_IMAGE,
		.task = TASK_CLASSIFICATION, .origins = t->files,
		.n_origins = 4, .reader = reader_find("idx"),
		.split = { .kind = SPLIT_OFFICIAL, .valid = 0.2 },
		.metric = "accuracy",
		.expect = { .rows = 140, .columns = 16, .classes = 3,
			    .missing = 0 },
	};
}

static int load(const struct toy *t, enum view view, size_t n, unsigned repeat,
		struct arena *a, struct loaded *l, struct error *err)
{
	struct fetch f = { .cache = root, .offline = true };
	struct load_request req = { .entry = &t->e, .view = view, .n = n,
				    .repeat = repeat, .threads = 2 };

	error_clear(err);
	return load_dataset(&f, &req, a, l, err);
}

/* A chain makes a view of its own in the cache, beside the plain one; pixels and
 * their permutation have the same sums, and severities have names of their own. */
static void test_chain(struct toy *t, struct arena *a)
{
	struct fetch f = { .cache = root, .offline = true };
	struct transform_step step = { transform_find("permute_pixels"), 1 };
	struct load_request req = { .entry = &t->e, .view = VIEW_DENSE, .n = 40,
				    .chain = { &step, 1 }, .threads = 2 };
	struct loaded plain, twin, again, none;
	struct error err;
	float sum = 0;

	ok(!load(t, VIEW_DENSE, 40, 0, a, &plain, &err) &&
		   !load_dataset(&f, &req, a, &twin, &err) &&
		   !load_dataset(&f, &req, a, &again, &err),
	   "load: a twin is loaded");
	for (size_t j = 0; j < 16; j++)
		sum += plain.data.test.x[j] - twin.data.test.x[j];
	ok(fabsf(sum) < 1e-4f && memcmp(plain.data.test.x, twin.data.test.x, 64),
	   "load: the twin's rows are the plain ones in another order");
	ok(!memcmp(twin.data.test.x, again.data.test.x, 40 * 64),
	   "load: the second time from the cache");
	step.severity = 0;
	ok(!load_dataset(&f, &req, a, &none, &err) &&
		   !memcmp(plain.data.test.x, none.data.test.x, 40 * 64),
	   "load: another severity is another view");
	load_close(&plain);
	load_close(&twin);
	load_close(&again);
	load_close(&none);
}

/* Files in a folder of the cache, without the hidden ones; with `hurt`, each
 * is cut in half. */
static size_t count_files(const char *name, bool hurt)
{
	char folder[64], path[400];
	struct dirent *d;
	size_t n = 0;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/%s", root, name);
	dir = opendir(folder);
	while (dir && (d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		n++;
		snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
		if (hurt && truncate(path, 700))
			n = 0;
	}
	if (dir)
		closedir(dir);
	return n;
}

static void test_cached(struct toy *t, struct arena *a)
{
	struct loaded l, again;
	struct error err;

	if (!ok(!load(t, VIEW_DENSE, 50, 0, a, &l, &err), "load: a data set"))
		printf("# %s\n", err.text);
	ok(l.data.train.rows == 50 && l.data.valid.rows == 10 &&
		   l.data.test.rows == 40 && l.data.cols == 16 &&
		   !strcmp(l.data.name, "toy"),
	   "load: the parts are as asked for");
	ok(count_files("items", false) == 1 && count_files("views", false) == 1,
	   "load: items and view stand in the cache");
	ok(!load(t, VIEW_DENSE, 50, 0, a, &again, &err) &&
		   !memcmp(l.data.train.x, again.data.train.x, 50 * 16 * 4) &&
		   !strcmp(l.digest, again.digest) &&
		   count_files("views", false) == 1,
	   "load: a second time from the cache, the same bytes");
	load_close(&again);
	ok(!load(t, VIEW_DENSE, 50, 1, a, &again, &err) &&
		   memcmp(l.data.train.item, again.data.train.item, 50 * 4) &&
		   count_files("views", false) == 2,
	   "load: another repeat has other rows");
	load_close(&again);
	ok(!load(t, VIEW_GRID, 0, 0, a, &again, &err) &&
		   again.data.height == 4 && again.data.train.rows == 90,
	   "load: another view, the whole training set");
	load_close(&again);
	load_close(&l);
	load_close(&l);
	ok(!l.data.train.x, "load: closing twice does no harm");
}

/* Overwrite `n` bytes at `at` in every file of a folder; with n = 0, empty it. */
static void scribble(const char *name, long at, size_t n)
{
	char folder[64], path[400];
	struct dirent *d;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/%s", root, name);
	dir = opendir(folder);
	while (dir && (d = readdir(dir))) {
		FILE *f;

		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
		f = fopen(path, n ? "r+b" : "wb");
		if (!f)
			continue;
		fseek(f, at, SEEK_SET);
		for (size_t i = 0; i < n; i++)
			fputc(0xa5, f);
		fclose(f);
	}
	if (dir)
		closedir(dir);
}

/* Magic number, version, the promised length, the checksum itself, the counts
 * behind the header; and nothing at all. */
static void test_healing_bytes(struct toy *t, struct arena *a)
{
	static const struct {
		const char *what;
		long at;
		size_t n;
	} hurts[] = {
		{ "a strange beginning", 0, 8 }, { "another version", 8, 4 },
		{ "a wrong length", 24, 8 },	 { "a wrong checksum", 40, 4 },
		{ "counts that were changed", 120, 4 },
		{ "no bytes at all", 0, 0 },
	};
	struct loaded l;
	struct error err;

	for (size_t k = 0; k < sizeof(hurts) / sizeof(hurts[0]); k++) {
		scribble("views", hurts[k].at, hurts[k].n);
		scribble("items", hurts[k].at, hurts[k].n);
		ok(!load(t, VIEW_DENSE, 50, 0, a, &l, &err) &&
		   l.data.train.rows == 50 && l.data.cols == 16 && !err.code,
		   "load: %s: view and items are made again", hurts[k].what);
		load_close(&l);
	}
}

static void test_healing(struct toy *t, struct arena *a)
{
	struct loaded l;
	struct error err;
	char path[128];

	/* three views of test_cached, three of test_chain */
	ok(count_files("views", true) == 6 && count_files("items", true) == 1,
	   "load: every cache file is cut short");
	ok(!load(t, VIEW_DENSE, 50, 0, a, &l, &err) && l.data.train.rows == 50,
	   "load: broken cache files are made again");
	load_close(&l);
	test_healing_bytes(t, a);
	snprintf(path, sizeof(path), "%s/packages/toy/usr/i", root);
	count_files("items", true);
	ok(!truncate(path, 50) &&
		   load(t, VIEW_DENSE, 20, 0, a, &l, &err) == ERR_DATA &&
		   strstr(err.text, "toy") && strstr(err.text, "sha256"),
	   "load: a damaged data file is an error naming the digest");
	ok(!unlink(path) && load(t, VIEW_DENSE, 20, 0, a, &l, &err) ==
				    ERR_MISSING &&
		   strstr(err.text, "triarch fetch toy"),
	   "load: a missing data file names the command that brings it");
	ok(!load(t, VIEW_DENSE, 50, 0, a, &l, &err),
	   "load: what is cached needs no data file");
	load_close(&l);
}

static void test_errors(struct toy *t, struct arena *a)
{
	struct loaded l;
	struct error err;

	make_toy(t);
	t->e.expect.rows = 141;
	t->e.log_target = true; /* another digest, so that it is read again */
	ok(load(t, VIEW_DENSE, 10, 0, a, &l, &err) == ERR_DATA &&
		   strstr(err.text, "140 rows, the catalogue says 141"),
	   "load: counts are checked against the catalogue");
	t->e.expect.rows = 140;
	ok(load(t, VIEW_TOKENS, 10, 0, a, &l, &err) == ERR_UNSUPPORTED,
	   "load: pictures have no tokens");
	ok(load(t, VIEW_DENSE, 100, 0, a, &l, &err) == ERR_CONFIG &&
		   strstr(err.text, "100"),
	   "load: more rows than there are");
}

static void test_digest(struct toy *t)
{
	char one[HASH_HEX], other[HASH_HEX];

	make_toy(t);
	load_digest(&t->e, VIEW_DENSE, one);
	load_digest(&t->e, VIEW_DENSE, other);
	ok_str(one, other, "load: the digest depends on the entry alone");
	load_digest(&t->e, VIEW_GRID, other);
	ok(strcmp(one, other) != 0, "load: the digest names the view");
	t->e.split.valid = 0.3;
	load_digest(&t->e, VIEW_DENSE, other);
	ok(strcmp(one, other) != 0, "load: and the split rule");
	t->e.split.valid = 0.2;
	t->hex[0][5] ^= 1;
	load_digest(&t->e, VIEW_DENSE, other);
	ok(strcmp(one, other) != 0, "load: and the content of the files");
	ok(load_views(MODALITY_IMAGE) & VIEW_GRID &&
		   !(load_views(MODALITY_TABULAR) & VIEW_GRID),
	   "load: pictures have a grid, tables none");
}

/* Four processes that start on an empty cache. */
static void test_together(struct toy *t)
{
	bool good = true;

	make_toy(t);
	t->e.split.valid = 0.1;
	for (int k = 0; k < 4; k++) {
		if (fork() == 0) {
			struct arena a;
			struct loaded l;
			struct error err;

			arena_init(&a, 0);
			_exit(load(t, VIEW_TABLE, 30, 0, &a, &l, &err) ? 1 : 0);
		}
	}
	for (int k = 0; k < 4; k++) {
		int status = 0;

		good &= wait(&status) > 0 && status == 0;
	}
	ok(good, "load: four processes at once all get their data");
}

static void test_memory(struct toy *t)
{
	int rc = ERR_MEMORY;
	size_t calls = 0;

	for (; rc == ERR_MEMORY; calls++) {
		struct arena small;
		struct loaded l;
		struct error err;

		arena_init(&small, 0);
		small.fail_at = calls + 1;
		rc = load(t, VIEW_TABLE, 30, 0, &small, &l, &err);
		if (!rc)
			load_close(&l);
		arena_clear(&small);
	}
	ok(!rc, "load: every failing allocation is an error");
}

/* ------------------------------------------------------------- real data */

/* cache/NAME -> the folder of that name in the user's cache, if it is there. */
static bool borrow(const char *cache, const char *name)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char folder[512], link[128];

	if (xdg && *xdg)
		snprintf(folder, sizeof(folder), "%s/triarch/%s", xdg, name);
	else
		snprintf(folder, sizeof(folder), "%s/.cache/triarch/%s",
			 home ? home : "", name);
	snprintf(link, sizeof(link), "%s/%s", cache, name);
	return !file_exists(folder) || !symlink(folder, link);
}

/* A cache of our own that borrows the user's packages, and the items that are
 * named by their content and slow to read again; views stay here. */
static void borrow_cache(char *cache, size_t size)
{
	snprintf(cache, size, "%s/real", root);
	ok(!mkdir(cache, 0777) && borrow(cache, "packages") &&
		   borrow(cache, "items"),
	   "load: a cache that borrows from the user's");
}

/* Rows of all parts: each item at most once, labels below the classes. */
static bool sound_part(const struct dataset *d, const struct part *p)
{
	for (size_t i = 0; i < p->rows; i++) {
		if (d->classes && (p->label[i] < 0 ||
				   (size_t)p->label[i] >= d->classes))
			return false;
		if (!d->classes && !isfinite(p->target[i]))
			return false;
	}
	return p->rows > 0;
}

static void check_real(const struct fetch *f, const struct entry *e,
		       struct arena *a)
{
	unsigned views = load_views(e->modality);
	size_t n = e->expect.rows < 3000 ? 0 : 1000; /* 0: small sets as a whole */
	size_t valid = (size_t)((double)n * e->split.valid);

	for (unsigned v = VIEW_TABLE; v <= VIEW_SPARSE; v <<= 1) {
		struct load_request req = { .entry = e, .view = (enum view)v,
					    .n = n, .threads = 2 };
		struct loaded l;
		struct error err;

		if (!(views & v))
			continue;
		if (!ok(!load_dataset(f, &req, a, &l, &err), "load: %s as %s",
			e->name, view_name((enum view)v))) {
			printf("# %s\n", err.text);
			continue;
		}
		ok((n ? l.data.train.rows == n : l.data.train.rows > 0) &&
			   l.data.valid.rows >= valid &&
			   sound_part(&l.data, &l.data.train) &&
			   sound_part(&l.data, &l.data.valid) &&
			   sound_part(&l.data, &l.data.test),
		   "load: %s as %s has its rows and targets", e->name,
		   view_name((enum view)v));
		load_close(&l);
	}
}

static void test_real(struct arena *a)
{
	char cache[64];
	struct fetch f = { .cache = cache, .offline = true };
	struct catalog c = { 0 };
	struct error err;

	borrow_cache(cache, sizeof(cache));
	ok(!catalog_read(&c, a, "datasets/catalog.yaml", &err),
	   "load: the catalogue");
	for (size_t k = 0; k < c.n; k++) {
		if (!c.entries[k].n_origins || !c.entries[k].origins[0].package)
			continue; /* packages alone are borrowed */
		if (fetch_present(&f, &c.entries[k]))
			check_real(&f, &c.entries[k], a);
		else
			skip(c.entries[k].name, "not in the cache: run "
						"'triarch fetch'");
	}
}

/* ---------------------------------------------------------------- raw rows */

/* The items behind an entry, once and for all learners. */
static int items_of(const struct toy *t, int threads, struct arena *a, struct items *x,
		    struct file_map *m, struct error *err)
{
	const struct fetch f = { .cache = root, .offline = true };

	error_clear(err);
	*x = (struct items){ 0 };
	return load_items(&f, &t->e, threads, a, x, m, err);
}

/* From the files, from the cache, and from a cache that was hurt. */
static void test_items(struct toy *t, struct arena *a)
{
	struct items first, again, healed;
	struct file_map m[3];
	struct error err;
	size_t files;

	if (!ok(!items_of(t, 1, a, &first, &m[0], &err), "load_items: reads: %s", err.text))
		return;
	files = count_files("items", false);
	ok(first.n == 140 && first.classes == 3 && first.height == 4 &&
		   first.official[99] == OFFICIAL_TRAIN &&
		   first.official[100] == OFFICIAL_TEST,
	   "load_items: all rows of all parts, in the files' order");
	ok(!items_of(t, 4, a, &again, &m[1], &err) && again.n == first.n &&
		   !memcmp(first.pixels, again.pixels, 140 * 16) &&
		   !memcmp(first.label, again.label, 140 * sizeof(*first.label)),
	   "load_items: the same bits from the cache, on any threads");
	ok(count_files("items", false) == files, "load_items: one file is enough for both");
	file_unmap(&m[0]);
	file_unmap(&m[1]);
	ok(count_files("items", true) == files &&
		   !items_of(t, 1, a, &healed, &m[2], &err) && healed.n == 140 &&
		   healed.pixels[3] == 111,
	   "load_items: a cache cut in half is made again: %s", err.text);
	file_unmap(&m[2]);
}

/* The catalogue's counts are a promise about the files. */
static void test_items_counts(const struct toy *t, struct arena *a)
{
	static const char *const says[] = { "rows", "columns", "classes", "missing" };
	struct items x;
	struct file_map m;
	struct error err;

	for (size_t k = 0; k < 4; k++) {
		struct toy other = *t;
		size_t *count[] = { &other.e.expect.rows, &other.e.expect.columns,
				    &other.e.expect.classes, &other.e.expect.missing };

		*count[k] += 1;
		/* a target names other contents: nothing of the cache is taken */
		other.e.target = says[k];
		ok(items_of(&other, 1, a, &x, &m, &err) == ERR_DATA &&
			   strstr(err.text, says[k]) && strstr(err.text, "loading toy"),
		   "load_items: another number of %s than was promised: %s", says[k],
		   err.text);
	}
}

int main(void)
{
	struct arena a;
	struct toy t;

	if (!mkdtemp(root))
		return 1;
	blas_init();
	arena_init(&a, 0);
	make_toy(&t);
	test_cached(&t, &a);
	test_chain(&t, &a);
	test_items(&t, &a);
	test_items_counts(&t, &a);
	test_healing(&t, &a);
	test_errors(&t, &a);
	test_digest(&t);
	test_together(&t);
	test_memory(&t);
	test_real(&a);
	folder_remove(root);
	arena_clear(&a);
	return tap_done();
}
