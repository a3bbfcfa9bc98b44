#include "tests/tap.h"

#include <stdlib.h>
#include <unistd.h>

#include "datasets/catalog.h"
#include "harness/base/file.h"

/* A good entry in pieces, so that each piece can be replaced. */
enum piece { TITLE, KIND, FILES, READER, TARGET, SPLIT, METRIC, EXPECT, REST,
	     PIECES };

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
static const char *const good[PIECES] = {
	"toy:\n  title: a toy\n",
	"  modality: tabular\n  task: classification\n",
	"  files:\n    - { package: pkg, path: usr/a.gz, sha256: " DIGEST " }\n",
	"  reader: rdata\n  options: { object: Toy }\n",
	"  target: y\n  drop: { id: names the row }\n",
	"  split: { kind: random, test: 0.25, valid: 0.1, max_test: 9 }\n",
	"  metric: accuracy\n",
	"  expect: { rows: 10, columns: 3, classes: 2 }\n",
	"  licence: MIT\n  citation: nobody 2000\n  notes: none\n",
};

/* Write the entry with one piece replaced, and read it. */
static int read_with(enum piece which, const char *text, struct arena *a,
		     struct catalog *c, struct error *err)
{
	char path[] = "/tmp/triarch-catalog-XXXXXX";
	int fd = mkstemp(path), rc;

	for (size_t k = 0; k < PIECES; k++)
		dprintf(fd, "%s", k == which ? text : good[k]);
	close(fd);
	error_clear(err);
	rc = catalog_read(c, a, path, err);
	unlink(path);
	return rc;
}

static void test_good(struct arena *a)
{
	struct catalog c = { 0 };
	struct error err;
	const struct entry *e;

	if (!ok(!read_with(PIECES, "", a, &c, &err) && c.n == 1,
		"catalog: a full entry is read"))
		return;
	e = catalog_find(&c, "toy");
	ok(e && !catalog_find(&c, "toys"), "catalog: entries by name");
	ok(e->modality == MODALITY_TABULAR && e->task == TASK_CLASSIFICATION &&
		   !strcmp(e->metric, "accuracy") && !strcmp(e->target, "y") &&
		   !strcmp(e->reader->name, "rdata"),
	   "catalog: words become their values");
	ok(e->n_origins == 1 && !strcmp(e->origins[0].package, "pkg") &&
		   !e->origins[0].is_tree && !strcmp(e->origins[0].sha256, DIGEST),
	   "catalog: files with package and digest");
	ok(e->split.kind == SPLIT_RANDOM && e->split.test == 0.25 &&
		   e->split.valid == 0.1 && e->split.max_test == 9,
	   "catalog: the split rule");
	ok(e->n_drops == 1 && !strcmp(e->drops[0].reason, "names the row"),
	   "catalog: dropped columns come with a reason");
	ok(e->expect.rows == 10 && e->expect.missing == SIZE_MAX,
	   "catalog: counts that are not given are not checked");
}

/* Each must be refused, with a place and these words. */
static const struct {
	enum piece which;
	const char *text, *words;
} wrong[] = {
	{ TITLE, "toy:\n  titel: a toy\n", "did you mean 'title'" },
	{ TITLE, "Toy Set:\n  title: a toy\n", "is no name" },
	{ TITLE, "toy:\n", "'title' is missing" },
	{ KIND, "  modality: tabluar\n  task: classification\n",
	  "did you mean 'tabular'" },
	{ KIND, "  modality: tabular\n  task: ranking\n", "unknown task" },
	{ FILES, "", "'files' must be a list" },
	{ FILES, "  files: []\n", "'files' must be a list" },
	{ FILES, "  files:\n    - { package: pkg, path: a, sha256: 12 }\n",
	  "64" },
	{ FILES, "  files:\n    - { package: pkg, path: ../a, sha256: " DIGEST
		 " }\n", "inside the package" },
	{ FILES, "  files:\n    - { package: pkg, path: /etc/a, sha256: " DIGEST
		 " }\n", "inside the package" },
	{ FILES, "  files:\n    - { package: ../x, path: a, sha256: " DIGEST
		 " }\n", "no package name" },
	{ FILES, "  files:\n    - { package: -o, path: a, sha256: " DIGEST " }\n",
	  "no package name" },
	{ FILES, "  files:\n    - { package: 'p*', path: a, sha256: " DIGEST
		 " }\n", "no package name" },
	{ FILES, "  files:\n    - { package: pkg, path: a/, tree_sha256: " DIGEST
		 " }\n", "inside the package" },
	{ FILES, "  files:\n    - { package: pkg, path: a, sha256: " DIGEST
		 ", tree_sha256: " DIGEST " }\n", "give one" },
	{ FILES, "  files:\n    - { package: pkg, path: a }\n",
	  "'sha256' is missing" },
	{ READER, "  reader: rdta\n", "did you mean 'rdata'" },
	{ READER, "  reader: rdata\n  options: { objekt: T }\n",
	  "did you mean 'object'" },
	{ TARGET, "", "needs a 'target'" },
	{ TARGET, "  target: y\n  log_target: true\n", "for regression" },
	{ TARGET, "  target: y\n  log_target: perhaps\n", ":10:15: " },
	{ TARGET, "  target: y\n  drop: [id]\n", "reasons" },
	{ SPLIT, "", "'split' is missing" },
	{ SPLIT, "  split: { kind: random, test: 1.5 }\n", "1.5" },
	{ SPLIT, "  split: { kind: official, test: 0.2 }\n", "no 'test' share" },
	{ SPLIT, "  split: { kind: sorted }\n", "unknown kind" },
	{ METRIC, "  metric: r2\n", "is not for classification" },
	{ METRIC, "  metric: acuracy\n", "did you mean 'accuracy'" },
	{ EXPECT, "  expect: { rows: -3 }\n", "-3" },
	{ EXPECT, "  expect: { row: 3 }\n", "did you mean 'rows'" },
	{ REST, "  citation: nobody\n", "'licence' is missing" },
};

static void test_wrong(struct arena *a)
{
	for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
		struct catalog c;
		struct error err;
		int rc = read_with(wrong[k].which, wrong[k].text, a, &c, &err);

		if (!ok(rc == ERR_CONFIG && strstr(err.text, wrong[k].words) &&
				strstr(err.text, "/tmp/triarch-catalog-"),
			"catalog: refused with a place: %s", wrong[k].words))
			printf("# %d %s\n", rc, err.text);
	}
}

/* Line and column of what is wrong: editors jump there. */
static const struct {
	enum piece which;
	const char *text, *place;
} places[] = {
	{ TITLE, "toy:\n  titel: a toy\n", ":2:3: " },
	{ KIND, "  modality: tabluar\n  task: classification\n", ":3:13: " },
	{ KIND, "  modality: tabular\n  task: [a, b]\n", ":4:9: " },
	{ FILES, "  files:\n    - { package: P, path: a, sha256: " DIGEST " }\n",
	  ":6:18: " },
	{ FILES, "  files:\n    - { package: pkg, path: /a, sha256: " DIGEST
		 " }\n", ":6:29: " },
	{ FILES, "  files:\n    - { package: pkg, path: a, sha256: XY }\n",
	  ":6:40: " },
	{ READER, "  reader: rdata\n  options: { object: T, size: 3 }\n",
	  ":8:25: " },
	{ SPLIT, "  split: { kind: sorted }\n", ":11:18: " },
	{ SPLIT, "  split: { kind: random, test: 0 }\n", ":11:32: " },
	{ SPLIT, "  split: { kind: random, valid: 2 }\n", ":11:33: " },
	{ SPLIT, "  split: { kind: random, max_test: 0.5 }\n", ":11:36: " },
	{ METRIC, "  metric: [accuracy]\n", ":12:11: " },
	{ EXPECT, "  expect: { rows: ten }\n", ":13:19: " },
	{ REST, "  licence: MIT\n  citation: x\n  note: y\n", ":16:3: " },
};

static void test_places(struct arena *a)
{
	for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
		struct catalog c;
		struct error err;
		int rc = read_with(places[k].which, places[k].text, a, &c, &err);

		if (!ok(rc == ERR_CONFIG && strstr(err.text, places[k].place),
			"catalog: an error of piece %d is placed at%s",
			(int)places[k].which, places[k].place))
			printf("# %d %s\n", rc, err.text);
	}
}

static void test_own(struct arena *a)
{
	const struct entry *e = NULL;
	struct catalog c = { 0 };
	struct error err;

	if (!ok(!catalog_read(&c, a, "datasets/catalog.yaml", &err),
		"catalog: the project's own catalogue is well formed"))
		printf("# %s\n", err.text);
	for (size_t k = 0; k < c.n; k++)
		for (size_t i = 0; i < k; i++)
			ok(strcmp(c.entries[i].name, c.entries[k].name) != 0,
			   "catalog: %s and %s differ", c.entries[i].name,
			   c.entries[k].name);
	ok(!catalog_get(&c, "letter", &e, &err) && e,
	   "catalog: letter is there");
	ok(catalog_get(&c, "leter", &e, &err) == ERR_USAGE &&
		   strstr(err.text, "did you mean 'letter'"),
	   "catalog: an unknown name is answered with the nearest");
	ok(catalog_read(&c, a, "datasets/no-such.yaml", &err) == ERR_IO,
	   "catalog: a missing file is an error");
}

static void test_memory(void)
{
	int rc = ERR_MEMORY;
	size_t calls = 0;

	for (; rc == ERR_MEMORY; calls++) {
		struct arena small;
		struct catalog c;
		struct error err;

		arena_init(&small, 0);
		small.fail_at = calls + 1;
		rc = read_with(PIECES, "", &small, &c, &err);
		arena_clear(&small);
	}
	ok(!rc && calls > 5, "catalog: every failing allocation is an error");
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	test_good(&a);
	test_wrong(&a);
	test_places(&a);
	test_own(&a);
	test_memory();
	arena_clear(&a);
	return tap_done();
}
