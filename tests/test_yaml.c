#include "harness/base/yaml.h"

#include "tests/tap.h"

static struct arena a;
static struct error err;

static struct yaml *parse(const char *text)
{
	struct yaml *root = NULL;

	error_clear(&err);
	return yaml_parse(&a, text, strlen(text), "t.yaml", &root, &err) ?
		       NULL :
		       root;
}

/* The text does not parse, and the message holds `want`. */
static void refused(const char *text, const char *want, const char *name)
{
	if (!ok(!parse(text) && strstr(err.text, want), "yaml: %s", name))
		printf("# got '%s'\n", err.text);
}

static void test_tree(void)
{
	struct yaml *y = parse("name: quick\nseeds: 3\nlist: [a, 'b c', 1.5]\n"
			       "map:\n  on: true\n  x: &anchor 2\n  y: *anchor\n");
	const char *s = NULL;
	const char *const *list = NULL;
	int64_t n = 0;
	size_t count = 0;
	double x = 0;
	bool flag = false;

	ok(y && y->kind == YAML_MAP && y->n == 4, "yaml: a map of four keys");
	ok(!yaml_get_string(y, "name", &s, &err) && !strcmp(s, "quick"),
	   "yaml: text by key");
	ok(!yaml_get_int(y, "seeds", 1, 10, &n, &err) && n == 3,
	   "yaml: a whole number by key");
	ok(!yaml_get_strings(&a, y, "list", &list, &count, &err) &&
		   count == 3 && !strcmp(list[1], "b c"),
	   "yaml: a list of strings");
	ok(!yaml_get_strings(&a, y, "name", &list, &count, &err) &&
		   count == 1 && !strcmp(list[0], "quick"),
	   "yaml: one scalar is a list of one");
	y = (struct yaml *)yaml_get(y, "map");
	ok(!yaml_get_bool(y, "on", &flag, &err) && flag, "yaml: a boolean");
	ok(!yaml_get_real(y, "y", 0, 9, &x, &err) && x == 2,
	   "yaml: an alias stands for its anchor");
	ok(!yaml_get_int(y, "absent", 0, 1, &n, &err) && n == 3,
	   "yaml: an absent key leaves the default");
}

static void test_places(void)
{
	static const char *const known[] = { "learners", "tasks" };
	struct yaml *y = parse("tasks: [x]\nlearner: [y]\n");
	int64_t n;
	double x;
	bool flag;

	yaml_check_keys(y, known, 2, &err);
	ok_str(err.text,
	       "t.yaml:2:1: unknown key 'learner' (did you mean 'learners'?)",
	       "yaml: an unknown key with its place and a guess");
	y = parse("a: 10s\nb: '3'\nc: 11\nd: maybe\ne: [1]\n");
	ok(yaml_get_int(y, "a", 0, 99, &n, &err) == ERR_CONFIG &&
		   strstr(err.text, "t.yaml:1:4"),
	   "yaml: 10s is no number");
	ok(yaml_get_int(y, "b", 0, 99, &n, &err), "yaml: '3' is text");
	ok(yaml_get_int(y, "c", 0, 10, &n, &err) && strstr(err.text, "0 .. 10"),
	   "yaml: out of range, and the range is named");
	ok(yaml_get_real(y, "c", 0, 10, &x, &err), "yaml: a real out of range");
	ok(yaml_get_bool(y, "d", &flag, &err), "yaml: maybe is no boolean");
	ok(yaml_get_int(y, "e", 0, 10, &n, &err) && strstr(err.text, "a list"),
	   "yaml: a list is no number");
}

static void test_refused(void)
{
	char deep[400];

	refused("a: 1\na: 2\n", "t.yaml:2:1: key 'a' stands here twice",
		"a doubled key");
	refused("a: [1, 2\nb: 3\n", "t.yaml:2", "a list that does not end");
	refused("\ta: 1\n", "t.yaml:1:1", "a tab");
	refused("a: 1\n---\nb: 2\n", "second document", "a second document");
	refused("[1]: 2\n", "plain word", "a key that is no word");
	refused("a: \"x\\0y\"\n", "NUL", "a NUL byte in the text");
	memset(deep, '[', 199);
	memset(deep + 199, ']', 199);
	deep[398] = '\0';
	refused(deep, "nested", "a hundred brackets");
	refused("a: &x [*x]\n", "", "an anchor inside itself");
}

/* Each alias doubles the tree: 2^40 nodes unless the loader stops. */
static void test_bomb(void)
{
	char text[4096];
	size_t n = (size_t)snprintf(text, sizeof(text), "a0: &a0 [x, x]\n");

	for (int i = 1; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "a%d: &a%d [*a%d, *a%d]\n", i, i, i - 1,
				      i - 1);
	refused(text, "too large", "a tree of aliases that doubles forty times");
}

static void test_empty_and_memory(void)
{
	struct yaml *root;
	size_t calls, failures = 0;

	ok(parse("") && parse("# nothing\n"), "yaml: an empty file is a map");
	calls = a.calls;
	parse("a: {b: [1, 2]}\n");
	calls = a.calls - calls;
	for (size_t i = 1; i <= calls; i++) {
		a.fail_at = a.calls + i;
		failures += yaml_parse(&a, "a: {b: [1, 2]}\n", 15, "t", &root,
				       &err) == ERR_MEMORY;
	}
	a.fail_at = 0;
	ok(failures == calls, "yaml: every failing allocation is reported");
	ok(yaml_read(&a, "/nonexistent.yaml", &root, &err) == ERR_IO,
	   "yaml: a missing file is an input error");
}

int main(void)
{
	arena_init(&a, (size_t)2 << 30);
	test_tree();
	test_places();
	test_refused();
	test_bomb();
	test_empty_and_memory();
	arena_clear(&a);
	return tap_done();
}
