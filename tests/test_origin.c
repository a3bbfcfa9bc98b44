/* The `files:` of an entry: what is read, and what is refused with its place. */
#include "tests/tap.h"

#include "datasets/origin.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define URL "url: https://example.org/a.zip"

/* One item of `files`, lines indented by 4. */
static int read_item(const char *item, struct arena *a,
		     const struct origin_file **o, struct error *err)
{
	char text[2048];
	struct yaml *root;
	size_t n = 0;
	int rc;

	snprintf(text, sizeof(text), "files:\n  - %s\n", item);
	error_clear(err);
	rc = yaml_parse(a, text, strlen(text), "c.yaml", &root, err);
	if (!rc)
		rc = origin_read(root, a, o, &n, err);
	return rc ? rc : n != 1;
}

static void test_good(struct arena *a)
{
	const struct origin_file *o;
	struct error err;

	ok(!read_item("{ package: pkg, path: usr/a, sha256: " DIGEST " }", a, &o,
		      &err) &&
		   !strcmp(o->package, "pkg") && !o->file && !o->is_tree &&
		   !strcmp(origin_source(o), "pkg") &&
		   !strcmp(origin_name(o), "usr/a"),
	   "origin: a file of a package");
	ok(!read_item("{ file: x/a.csv, " URL ", member: d/a.csv, sha256: " DIGEST
		      " }", a, &o, &err) &&
		   !o->package && !strcmp(o->file, "x/a.csv") &&
		   o->n_members == 1 && !strcmp(o->members[0], "d/a.csv") &&
		   !strcmp(origin_source(o), "https://example.org/a.zip"),
	   "origin: a member of an archive at an address");
	ok(!read_item("{ file: x, page: 'http://example.org/', sha256: " DIGEST
		      " }", a, &o, &err) && !o->url &&
		   !strcmp(origin_source(o), "http://example.org/") &&
		   !strcmp(origin_name(o), "x"),
	   "origin: a page for people");
	ok(!read_item("{ file: x.tar, " URL ", keep: ['r/*.wav', '*.txt'], "
		      "tree_sha256: " DIGEST " }", a, &o, &err) &&
		   o->is_tree && o->n_keep == 2 && !strcmp(o->keep[1], "*.txt"),
	   "origin: a tree kept of an archive");
	ok(!read_item("{ file: x, " URL ", lines: 20000, sha256: " DIGEST " }", a,
		      &o, &err) && o->lines == 20000,
	   "origin: the first lines");
	ok(!read_item("{ file: x, " URL ", members: [a, b], lowest_sha256: "
		      "{ record: 3073, skip: 1, take: 12000 }, sha256: " DIGEST
		      " }", a, &o, &err) &&
		   o->n_members == 2 && o->lowest.record == 3073 &&
		   o->lowest.skip == 1 && o->lowest.take == 12000,
	   "origin: the records with the lowest digests");
}

static const struct {
	const char *item, *words;
} wrong[] = {
	{ "{ file: x, sha256: " DIGEST " }", "'url' is missing" },
	{ "{ fiel: x, " URL ", sha256: " DIGEST " }", "fiel" },
	{ "{ file: x, urll: 'http://a', sha256: " DIGEST " }",
	  "did you mean 'url'" },
	{ "{ file: x, package: pkg, " URL ", sha256: " DIGEST " }", "package" },
	{ "{ file: ../x, " URL ", sha256: " DIGEST " }", "inside a mirror" },
	{ "{ file: /x, " URL ", sha256: " DIGEST " }", "inside a mirror" },
	{ "{ file: x/, " URL ", sha256: " DIGEST " }", "inside a mirror" },
	{ "{ file: x, url: 'file:///etc/passwd', sha256: " DIGEST " }",
	  "http(s) address" },
	{ "{ file: x, url: 'https://a/b c', sha256: " DIGEST " }", "spaces" },
	{ "{ file: x, page: somewhere, sha256: " DIGEST " }", "http(s) address" },
	{ "{ file: x, " URL " }", "'sha256' is missing" },
	{ "{ file: x, " URL ", sha256: abc }", "64" },
	{ "{ file: x, " URL ", member: a, members: [b], sha256: " DIGEST " }",
	  "give one" },
	{ "{ file: x, " URL ", member: [a, b], sha256: " DIGEST " }", "one path" },
	{ "{ file: x, " URL ", members: [], sha256: " DIGEST " }", "empty" },
	{ "{ file: x, " URL ", member: ../a, sha256: " DIGEST " }",
	  "inside the archive" },
	{ "{ file: x, " URL ", keep: ['/a'], tree_sha256: " DIGEST " }",
	  "inside the archive" },
	{ "{ file: x, " URL ", keep: ['*'], sha256: " DIGEST " }", "go together" },
	{ "{ file: x, " URL ", tree_sha256: " DIGEST " }", "go together" },
	{ "{ file: x, " URL ", keep: ['*'], member: a, tree_sha256: " DIGEST " }",
	  "give one" },
	{ "{ file: x, " URL ", keep: ['*'], lines: 3, tree_sha256: " DIGEST " }",
	  "not of trees" },
	{ "{ file: x, " URL ", lines: 0, sha256: " DIGEST " }", ":2:" },
	{ "{ file: x, " URL ", lines: many, sha256: " DIGEST " }", ":2:" },
	{ "{ file: x, " URL ", lines: 3, lowest_sha256: { record: 2, skip: 0, "
	  "take: 1 }, sha256: " DIGEST " }", "give one" },
	{ "{ file: x, " URL ", lowest_sha256: { record: 2, skip: 0 }, sha256: "
	  DIGEST " }", "'take' is missing" },
	{ "{ file: x, " URL ", lowest_sha256: { record: 2, skip: 2, take: 1 }, "
	  "sha256: " DIGEST " }", "nothing of a record" },
	{ "{ file: x, " URL ", lowest_sha256: { record: 2, ski: 0, take: 1 }, "
	  "sha256: " DIGEST " }", "did you mean 'skip'" },
	{ "{ package: pkg, path: a, " URL ", sha256: " DIGEST " }", "url" },
	{ "just text", "c.yaml:2:" },
};

static void test_wrong(struct arena *a)
{
	for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
		const struct origin_file *o;
		struct error err;
		int rc = read_item(wrong[k].item, a, &o, &err);

		if (!ok(rc == ERR_CONFIG && strstr(err.text, wrong[k].words) &&
				!strncmp(err.text, "c.yaml:2:", 9),
			"origin: refused with its place: %s", wrong[k].words))
			printf("# %s\n# %s\n", wrong[k].item, err.text);
	}
}

static void test_memory(void)
{
	int rc = ERR_MEMORY;
	size_t calls = 0;

	for (; rc == ERR_MEMORY; calls++) {
		const struct origin_file *o;
		struct arena a;
		struct error err;

		arena_init(&a, 0);
		a.fail_at = calls + 1;
		rc = read_item("{ file: x, " URL ", members: [a, b], sha256: "
			       DIGEST " }", &a, &o, &err);
		arena_clear(&a);
	}
	ok(!rc && calls > 3, "origin: each of %zu allocations may fail", calls - 1);
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	test_good(&a);
	test_wrong(&a);
	test_memory();
	arena_clear(&a);
	return tap_done();
}
