/* Promises of datasets/media/filing_rule.h: what is not said has a default, and
 * what is said twice is refused at its place. */
#include "datasets/media/filing_rule.h"

#include "tests/tap.h"

static struct arena arena;
static struct error err;

/* Read the options; "" is none. */
static int rule_of(const char *yaml, struct filing_rule *r)
{
	struct yaml *o = NULL;

	error_clear(&err);
	if (*yaml && yaml_parse(&arena, yaml, strlen(yaml), "opt", &o, &err))
		return (int)err.code;
	return filing_rule_read(o, &arena, r, &err);
}

static void test_defaults(void)
{
	struct filing_rule r;

	ok(!rule_of("", &r) && r.label_field < 0 && r.group_field < 0 && r.fold_field < 0 &&
		   r.official_field < 0,
	   "filing rule: without options no field is asked for");
	ok(!r.group_folder && !r.fold_folder && !r.labels && !r.n_classes &&
		   r.min_class == 1 && !strcmp(r.separator, "_"),
	   "filing rule: names are cut at _, and all classes stay");
	ok(!rule_of("label_field: 0", &r) && r.label_field == 0 && r.group_field < 0,
	   "filing rule: field 0 is not 'no field'");
	ok(!rule_of("label: folder", &r) && r.label_field < 0,
	   "filing rule: the default may be written down");
	ok(!rule_of("{group: folder, fold_field: 3, separator: '--', min_class: 7}", &r) &&
		   r.group_folder && !r.fold_folder && r.fold_field == 3 &&
		   r.min_class == 7 && !strcmp(r.separator, "--"),
	   "filing rule: each part by its own means");
}

static void test_labels(void)
{
	struct filing_rule r;

	ok(!rule_of("labels: {snare: [snare, sd], kick: kick}", &r) && r.n_classes == 2 &&
		   !strcmp(r.classes[0], "snare") && !strcmp(r.classes[1], "kick"),
	   "filing rule: the keys of labels are the classes, in their order");
	ok(!rule_of("{official_field: 2, test_values: [9, '10'], classes: [b, a]}", &r) &&
		   r.n_test_values == 2 && !strcmp(r.test_values[1], "10") &&
		   !strcmp(r.classes[0], "b"),
	   "filing rule: values to test are texts, and lists keep their order");
}

static void test_wrong(void)
{
	static const struct {
		const char *yaml, *says;
	} wrong[] = {
		{ "label: name", "label_field" },
		{ "group: 3", "group_field" },
		{ "fold: folders", "not 'folder'" },
		{ "label_field: -1", "opt:1" },
		{ "label_field: 16", "opt:1" },
		{ "group_field: two", "opt:1" },
		{ "min_class: 0", "opt:1" },
		{ "separator: ''", "empty" },
		{ "separator: [a]", "opt:1" },
		{ "labels: [a, b]", "map" },
		{ "labels: {a: {b: c}}", "opt:1" },
		{ "{labels: {a: x}, classes: [a]}", "leave out 'classes'" },
		{ "{label: folder, label_field: 1}", "only one" },
		{ "{labels: {a: x}, label_field: 1}", "only one" },
		{ "{group: folder, group_field: 1}", "'group'" },
		{ "{fold: folder, fold_field: 1}", "'fold'" },
		{ "official_field: 1", "go together" },
		{ "test_values: [a]", "go together" },
		{ "classes: {a: b}", "opt:1" },
	};

	for (size_t k = 0; k < sizeof(wrong) / sizeof(*wrong); k++) {
		struct filing_rule r;
		int rc = rule_of(wrong[k].yaml, &r);

		if (!ok(rc == ERR_CONFIG && strstr(err.text, wrong[k].says),
			"filing rule: %s is refused", wrong[k].yaml))
			printf("# %d: %s\n", rc, err.text);
	}
}

/* Memory for the options is there, that for the rule runs out at each place. */
static void test_memory(void)
{
	static const char yaml[] = "{labels: {a: [x, y], b: z}, test_values: [1],"
				   " official_field: 2}";
	struct yaml *o;
	int rc = ERR_MEMORY;
	size_t at = 0;

	if (yaml_parse(&arena, yaml, sizeof(yaml) - 1, "opt", &o, &err))
		return;
	while (rc == ERR_MEMORY && at < 100) {
		struct filing_rule r;
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = ++at;
		rc = filing_rule_read(o, &a, &r, &err);
		arena_clear(&a);
	}
	ok(!rc && at > 2, "filing rule: each of %zu allocations may fail", at - 1);
}

int main(void)
{
	arena_init(&arena, 0);
	test_defaults();
	test_labels();
	test_wrong();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
