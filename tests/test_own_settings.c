#include "datasets/own/own_settings.h"

#include "datasets/own/notes.h"
#include "datasets/own/yaml_make.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static struct own_settings s;

static int add(const char *text, const char *file)
{
	struct yaml *root;

	error_clear(&err);
	if (yaml_parse(&arena, text, strlen(text), file, &root, &err))
		return (int)err.code;
	return own_settings_read(&s, root, &arena, &err);
}

static int take(const char *text)
{
	own_settings_init(&s);
	return add(text, "d.csv.yaml");
}

static bool fails(const char *text, const char *with)
{
	if (take(text) == ERR_CONFIG && strstr(err.text, with))
		return true;
	printf("# '%s'\n", err.text);
	return false;
}

static void test_keys(void)
{
	ok(!take("target: y\ntask: regression\nmetric: r2\nlog_target: true\n"
		 "separator: tab\ndecimal: ','\nheader: false\nday_first: yes\n"
		 "missing_target: drop\noptions: {size: [8, 8]}\n"
		 "group: g\ntime: t\nfold: f\ntext: x\n"), "every key");
	ok(!strcmp(s.target, "y") && !strcmp(s.task, "regression") && !strcmp(s.metric, "r2") &&
	   s.log_target && s.separator == '\t' && s.decimal == ',' && s.header == 0 &&
	   s.day_first == 1 && s.drop_rows, "arrives");
	ok(s.options && yaml_get(s.options, "size"), "options of the reader are kept for it");
	ok(!strcmp(s.group, "g") && !strcmp(s.time, "t") && !strcmp(s.fold, "f") &&
	   !strcmp(s.text, "x"), "those of columns, too");
	ok(!take("target: y\n") && s.header < 0 && s.day_first < 0 && !s.separator && !s.missing,
	   "what is not said stays open");
	ok(!take("split: {kind: time, test: 0.3}\ntime: t\n") && s.has_split &&
	   s.split.kind == SPLIT_TIME, "a split as in the catalogue");
	ok_near(s.split.test, 0.3, 0, "with its share");
	ok(!take("test: 0.4\n") && !s.has_split, "or the share alone");
	ok_near(s.split.test, 0.4, 0, "which is short for it");
	ok(!take("missing: [-999, x]\n") && s.n_missing == 2, "markers of holes");
}

static void test_columns(void)
{
	ok(!take("drop: [a, b]\n") && s.n_drops == 2 && !strcmp(s.drops[1].column, "b"),
	   "columns to drop as a list");
	ok(!take("drop: {a: leaks, b: an id}\n") && !strcmp(s.drops[0].reason, "leaks"),
	   "or with reasons");
	ok(!take("types: {a: numeric, b: categorical, c: date, d: drop}\n") && s.n_types == 3 &&
	   s.types[2].type == OWN_DATE && s.n_drops == 1, "types by column");
	ok(!take("categorical: [a, b]\nnumeric: c\n") && s.n_types == 3 &&
	   s.types[2].type == OWN_NUMERIC, "types by kind");
	ok(!add("types: {a: date}\ntarget: z\n", "x") && s.n_types == 3 &&
	   s.types[0].type == OWN_DATE && !strcmp(s.target, "z"), "later words replace");
	ok(!take("target: y\n") && !add("drop: a+b\n", "command line") && s.n_drops == 2 &&
	   !strcmp(s.drops[1].column, "b"), "a+b on the command line");
	ok(!take("drop: a+b\n") && s.n_drops == 1, "a plus in the file is part of a name");
}

static void test_slips(void)
{
	ok(fails("tagret: y\n", "d.csv.yaml:1:1") && strstr(err.text, "did you mean 'target'"),
	   "an unknown key, with its place");
	ok(fails("target: y\ntask: regresion\n", "d.csv.yaml:2:7") &&
	   strstr(err.text, "did you mean 'regression'"), "an unknown word");
	ok(fails("types: {a: numerc}\n", "did you mean 'numeric'"), "an unknown type");
	ok(fails("types: [a]\n", "map from columns"), "types that are no map");
	ok(fails("separator: ab\n", "one character"), "a separator of two");
	ok(fails("missing_target: keep\n", "unknown missing_target"), "rows without a target");
	ok(fails("test: 2\n", "d.csv.yaml:1"), "a share above 1");
	ok(fails("split: {kind: tim}\n", "d.csv.yaml:1"), "a slip in the split");
	ok(fails("- a\n", "a map of settings"), "a list");
	ok(fails("header: perhaps\n", "d.csv.yaml:1") && fails("categorical: {a: b}\n", "list"),
	   "values of another kind");
}

static void test_memory(void)
{
	size_t k = 1;

	for (; k < 200; k++) {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = k;
		if (!take("drop: [a, b]\ntypes: {a: date}\nmissing: [x]\n"))
			break;
		if (err.code != ERR_MEMORY)
			break;
	}
	ok(k > 5 && k < 200 && !err.code, "every failed allocation is told");
	arena.fail_at = 0;
}

static void test_notes(void)
{
	struct notes n = { .arena = &arena };

	for (int i = 0; i < 40; i++)
		notes_add(&n, i % 2 ? NOTE_WARNING : NOTE_INFO, "line %d", i);
	ok(n.n == 40 && !strcmp(n.list[39].text, "line 39") && n.list[39].level == NOTE_WARNING &&
	   !n.failed, "notes keep their lines in order");
	ok_str(note_level_name(NOTE_WARNING), "warning", "levels have names");
	arena.calls = 0;
	arena.fail_at = 1;
	notes_add(&n, NOTE_INFO, "lost");
	arena.fail_at = 0;
	notes_add(&n, NOTE_INFO, "too late");
	ok(n.failed && n.n == 40, "a line that could not be kept shows at the end");
}

static void test_make(void)
{
	static const char *const list[] = { "true", "b" };
	struct yaml_maker m = { .arena = &arena, .file = "x" };
	struct yaml *map = yaml_make_map(&m, 2);
	const char *const *out;
	bool flag = false;
	size_t n;

	yaml_make_text(&m, map, "flag", "true");
	yaml_make_list(&m, map, "list", list, 2);
	ok(!m.failed && !yaml_get_bool(map, "flag", &flag, &err) && flag,
	   "a tree that is made reads like one of a file");
	ok(!yaml_get_strings(&arena, map, "list", &out, &n, &err) && n == 2 &&
	   !strcmp(out[0], "true"), "lists, too");
	for (size_t k = 1; k < 8; k++) {
		m.failed = false;
		arena.calls = 0;
		arena.fail_at = k;
		map = yaml_make_map(&m, 2);
		yaml_make_list(&m, map, "list", list, 2);
		ok(m.failed, "a failed allocation %zu shows", k);
	}
	arena.fail_at = 0;
}

/* file:line:column of every kind of slip. */
static void test_places(void)
{
	static const struct {
		const char *text, *place;
	} slips[] = {
		{ "target: y\n\nsplit: {kind: tim}\n", "d.csv.yaml:3:15" },
		{ "target: y\ntest: 0\n", "d.csv.yaml:2:7" },
		{ "test: many\n", "d.csv.yaml:1:7" },
		{ "header: perhaps\n", "d.csv.yaml:1:9" },
		{ "day_first: 2\n", "d.csv.yaml:1:12" },
		{ "log_target: often\n", "d.csv.yaml:1:13" },
		{ "separator: ''\n", "d.csv.yaml:1:12" },
		{ "separator: '\"'\n", "d.csv.yaml:1:12" },
		{ "decimal: \"\\n\"\n", "d.csv.yaml:1:10" },
		{ "types:\n  a: numeric\n  b: nmeric\n", "d.csv.yaml:3:6" },
		{ "types: numeric\n", "d.csv.yaml:1:8" },
		{ "categorical: {a: b}\n", "d.csv.yaml:1:14" },
		{ "target: [a, b]\n", "d.csv.yaml:1:9" },
		{ "task: [regression]\n", "d.csv.yaml:1:7" },
		{ "metric: mae\n", "d.csv.yaml:1:9" },
		{ "drop: {a: [b]}\n", "d.csv.yaml:1:11" },
		{ "missing: {a: b}\n", "d.csv.yaml:1:10" },
		{ "word\n", "d.csv.yaml:1:1" },
	};

	for (size_t k = 0; k < sizeof(slips) / sizeof(*slips); k++)
		ok(fails(slips[k].text, slips[k].place), "a slip at %s", slips[k].place);
}

static void test_over(void)
{
	ok(!take("header: true\nday_first: true\nseparator: ';'\n") &&
	   !add("header: false\n", "command line") && s.header == 0 && s.day_first == 1 &&
	   s.separator == ';', "a later word replaces its own key alone");
	ok(!take("missing_target: drop\n") && !add("missing_target: error\n", "x") && !s.drop_rows,
	   "a drop of rows can be taken back");
	ok(!take("missing: [a, b]\n") && !add("missing: [c]\n", "x") && s.n_missing == 1 &&
	   !strcmp(s.missing[0], "c"), "lists of markers replace each other");
	ok(!take("drop: {a: why}\n") && !add("drop: [b]\n", "x") && s.n_drops == 2,
	   "drops add up");
	ok(!take("categorical: [a]\nnumeric: [a]\n") && s.n_types == 1 &&
	   s.types[0].type == OWN_NUMERIC, "two types of one column: one counts");
	ok(!take("split: {kind: random, test: 0.3}\ntest: 0.1\n"), "a share beside a split");
	ok_near(s.split.test, 0.1, 0, "stands above that of the split");
	ok(!take("target: y\n") && !add("drop: +a++b+\n", "command line") && s.n_drops == 2,
	   "empty names between plus signs are none");
	ok(!take("decimal: .\nseparator: '|'\n") && s.decimal == '.' && s.separator == '|',
	   "points and bars are characters");
}

static void test_long_notes(void)
{
	struct notes n = { .arena = &arena };
	char line[2000];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	notes_add(&n, NOTE_INFO, "%s", line);
	notes_add(&n, NOTE_INFO, "%%s %s", "");
	ok(!n.failed && n.n == 2 && strlen(n.list[0].text) < 600 && n.list[0].text[0] == 'x',
	   "a note that is too long is cut");
	ok_str(n.list[1].text, "%s ", "and is text once it is made");
	ok_str(note_level_name(NOTE_INFO), "info", "the other level has a name, too");
}

/* Digests are taken over the pairs in their order. */
static void test_made_order(void)
{
	struct yaml_maker m = { .arena = &arena, .file = "data.csv" };
	struct yaml *map = yaml_make_map(&m, 3), *none = yaml_make_map(&m, 0);
	static const char *const texts[] = { "" };
	bool flag = true;

	yaml_make_text(&m, map, "b", "1");
	yaml_make_text(&m, map, "a", "false");
	yaml_make_list(&m, map, "c", texts, 0);
	ok(!m.failed && map->n == 3 && !strcmp(map->keys[0]->text, "b") &&
	   !strcmp(map->keys[2]->text, "c"), "pairs stay in the order in which they came");
	ok(yaml_get(map, "c")->kind == YAML_LIST && yaml_get(map, "c")->n == 0,
	   "a list may be empty");
	ok(none && none->n == 0 && !yaml_get(none, "a"), "so may a map");
	error_clear(&err);
	ok(!yaml_get_bool(map, "a", &flag, &err) && !flag &&
	   yaml_get_bool(map, "b", &flag, &err) == ERR_CONFIG &&
	   strstr(err.text, "data.csv:1:1"), "an error names the data as its place");
}

int main(void)
{
	size_t n;

	ok(!strcmp(own_settings_keys(&n)[0], "target") && n > 10, "the keys are known");
	test_keys();
	test_columns();
	test_slips();
	test_memory();
	test_notes();
	test_make();
	test_places();
	test_over();
	test_long_notes();
	test_made_order();
	arena_clear(&arena);
	return tap_done();
}
