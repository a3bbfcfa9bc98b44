#include "harness/taskspec.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

static struct arena arena;
static struct catalog catalog;

static int parse(const char *text, struct taskspec *t, struct error *err)
{
	error_clear(err);
	return taskspec_parse(t, &arena, &catalog, text, err);
}

static void test_rows(void)
{
	static const char *const bad[] = { "letter[n=0]", "letter[n=-3]", "letter[n=x]",
					   "letter[n=3", "letter[rows=3]", "letter[n]",
					   "letter[n=3,k=1]" };
	struct taskspec t;
	struct error err;

	ok(!parse("letter[n=500]", &t, &err) && t.n == 500 &&
	   !strcmp(t.entry->name, "letter") && !strcmp(t.label, "letter"),
	   "NAME[n=ROWS]: the rows are no part of the label");
	ok(!parse("letter", &t, &err) && t.n == 0 && t.chain.n == 0 &&
	   !strcmp(t.transform, ""), "a name alone means all rows as they are");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(parse(bad[i], &t, &err) == ERR_CONFIG, "refused: '%s'", bad[i]);
}

static void test_transforms(void)
{
	struct taskspec t;
	struct error err;

	ok(!parse("letter[n=5,label_noise=0.30]", &t, &err) && t.n == 5 &&
	   t.chain.n == 1 && !strcmp(t.transform, "label_noise=0.3") &&
	   !strcmp(t.label, "letter[label_noise=0.3]"),
	   "a transform with a severity, in one spelling");
	ok(!parse("letter[label_noise]", &t, &err) &&
	   !strcmp(t.label, "letter[label_noise=0.2]"),
	   "without a severity the usual one");
	ok(!parse("letter[label_noise=0.1,label_noise=0.5]", &t, &err) && t.chain.n == 2 &&
	   !strcmp(t.transform, "label_noise=0.1,label_noise=0.5"),
	   "a chain acts in the order in which it is written");
	ok(parse("letter[label_noise=7]", &t, &err) == ERR_CONFIG &&
	   strstr(err.text, "from 0 to 1"), "a severity out of range: %s", err.text);
	ok(parse("letter[label_nose=0.1]", &t, &err) == ERR_CONFIG &&
	   strstr(err.text, "did you mean 'label_noise'"), "a slip: %s", err.text);
}

static void test_options(void)
{
	struct taskspec t;
	struct error err;

	ok(!parse("fillets[snr_db=0,n=10]", &t, &err) &&
	   !strcmp(t.label, "fillets[snr_db=0]") &&
	   !strcmp(yaml_get(t.entry->options, "snr_db")->text, "0"),
	   "an option of the reader in place of the catalogue's");
	ok(t.entry != catalog_find(&catalog, "fillets") &&
	   t.entry->expect.classes == SIZE_MAX,
	   "the catalogue's entry and counts are left alone");
	ok(!strcmp(yaml_get(catalog_find(&catalog, "fillets")->options, "snr_db")->text,
		   "-14"), "its options too");
}

static void test_names(void)
{
	struct taskspec t;
	struct error err;

	ok(parse("leter", &t, &err) == ERR_USAGE &&
	   strstr(err.text, "did you mean 'letter'"), "an unknown data set: %s", err.text);
}

static void test_brackets(void)
{
	static const char *const bad[] = { "letter[", "letter]", "[n=3]", "letter[n=3]]",
					   "letter[n=3]x", "" };
	struct taskspec t;
	struct error err;

	ok(!parse("letter[]", &t, &err) && !t.n && !strcmp(t.label, "letter"),
	   "empty brackets say nothing");
	ok(!parse("letter[,n=5,,]", &t, &err) && t.n == 5, "nor do empty words in them");
	ok(!parse("letter[n=5,n=7]", &t, &err) && t.n == 7, "the last n counts");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(parse(bad[i], &t, &err) && *err.text, "refused: '%s': %s", bad[i], err.text);
	ok(parse("letter[n=1000000000001]", &t, &err) == ERR_CONFIG &&
	   parse("letter[n=99999999999999999999]", &t, &err) == ERR_CONFIG &&
	   parse("letter[n=5.5]", &t, &err) == ERR_CONFIG &&
	   parse("letter[n=5e3]", &t, &err) == ERR_CONFIG &&
	   parse("letter[n=]", &t, &err) == ERR_CONFIG,
	   "rows are a whole number of a size that can be");
}

static void test_severities(void)
{
	struct taskspec t;
	struct error err;

	ok(parse("letter[label_noise=nan]", &t, &err) == ERR_CONFIG &&
	   parse("letter[label_noise=-0.1]", &t, &err) == ERR_CONFIG &&
	   parse("letter[label_noise=]", &t, &err) == ERR_CONFIG &&
	   parse("letter[label_noise=0.1x]", &t, &err) == ERR_CONFIG,
	   "a severity is a number in its range, NaN is in none");
	ok(!parse("letter[label_noise=1e-1]", &t, &err) &&
	   !strcmp(t.label, "letter[label_noise=0.1]"), "one spelling for 1e-1 and 0.1");
	ok(!parse("letter[label_noise=0]", &t, &err) && t.chain.n == 1 &&
	   !strcmp(t.transform, "label_noise=0"), "severity 0 is a task of its own: a control");
	ok(!parse("letter[label_noise,n=3]", &t, &err) &&
	   !strcmp(t.label, "letter[label_noise=0.2]"), "n may stand behind a transform");
	ok(!parse("letter[rotate,rotate,rotate,rotate,rotate,rotate,rotate,rotate]", &t, &err) &&
	   t.chain.n == 8, "eight transforms fit");
	ok(parse("letter[rotate,rotate,rotate,rotate,rotate,rotate,rotate,rotate,rotate]", &t,
		 &err) == ERR_CONFIG && strstr(err.text, "at most 8"), "a ninth does not");
	ok(parse("letter[permute_pixels]", &t, &err) == ERR_UNSUPPORTED &&
	   strstr(err.text, "letter") && strstr(err.text, "permute_pixels"),
	   "a transform of pictures is not for a table: %s", err.text);
}

static void test_replaced(void)
{
	struct taskspec t;
	struct error err;

	ok(!parse("fillets[snr_db=0,snr_db=3]", &t, &err) &&
	   !strcmp(yaml_get(t.entry->options, "snr_db")->text, "3"),
	   "an option that comes twice has its last value");
	ok(parse("fillets[snr_bd=0]", &t, &err) == ERR_CONFIG &&
	   strstr(err.text, "did you mean 'snr_db'"), "a slip in an option: %s", err.text);
	ok(parse("fillets[snr_db]", &t, &err) == ERR_CONFIG, "an option has a value");
	ok(!parse("fillets[snr_db=0]", &t, &err) &&
	   !strcmp(yaml_get(t.entry->options, "snr_db")->file, "command line"),
	   "its place is the command line, in what a reader says of it");
}

/* A small file of one's own, by its path. */
static void test_paths(void)
{
	char path[] = "/tmp/triarch-taskspec-XXXXXX", text[128];
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	const char *base = strrchr(path, '/') + 1;
	struct taskspec t;
	struct error err;

	if (!f)
		return;
	fputs("a,b,y\n1,2.5,x\n2,3.5,z\n3,4.5,x\n4,1.5,z\n", f);
	fclose(f);
	ok(!parse(path, &t, &err) && t.own && !strcmp(t.label, base) && !strcmp(t.source, path),
	   "a path: rows see its file, processes its place");
	snprintf(text, sizeof(text), "%s[target=b,n=3,label_noise=0.5]", path);
	ok(!parse(text, &t, &err) && t.n == 3 && !strcmp(t.entry->target, "b") &&
	   t.entry->task == TASK_REGRESSION && strstr(t.label, "[target=b,label_noise=0.5]"),
	   "settings, rows and transforms in one pair of brackets: %s", t.label);
	snprintf(text, sizeof(text), "%s[tagret=b]", path);
	ok(parse(text, &t, &err) == ERR_CONFIG && strstr(err.text, "did you mean 'target'") &&
	   strstr(err.text, "command line"), "a slip in them: %s", err.text);
	snprintf(text, sizeof(text), "%s[target]", path);
	ok(parse(text, &t, &err) == ERR_CONFIG && strstr(err.text, "KEY=VALUE"),
	   "a setting without a value");
	snprintf(text, sizeof(text), "%s[target=c]", path);
	ok(parse(text, &t, &err) == ERR_CONFIG && strstr(err.text, "no column 'c'"),
	   "a column that is not there");
	f = fopen(path, "w");
	if (f) {
		fputs("a,y\n1,x\n2,x\n", f);
		fclose(f);
	}
	ok(parse(path, &t, &err) == ERR_DATA && strstr(err.text, "nothing to learn"),
	   "a constant target cannot be a task");
	ok(!taskspec_look(&t, &arena, &catalog, path, &err) && t.own->problem.code == ERR_DATA,
	   "but may be looked at");
	unlink(path);
	ok(parse(path, &t, &err) == ERR_USAGE && strstr(err.text, base), "a file that is gone");
}

static void test_memory(void)
{
	struct error err;
	struct taskspec t;
	size_t k = 1;
	int rc = -1;

	for (; k < 100 && rc; k++) {
		arena.calls = 0;
		arena.fail_at = k;
		rc = parse("fillets[snr_db=0,label_noise=0.3,n=10]", &t, &err);
		if (rc && rc != ERR_MEMORY)
			break;
	}
	arena.fail_at = 0;
	ok(!rc && k > 5, "every failed allocation of %zu is told", k);
}

int main(void)
{
	struct error err;

	arena_init(&arena, 0);
	if (catalog_read(&catalog, &arena, "datasets/catalog.yaml", &err))
		return fprintf(stderr, "%s\n", err.text), 1;
	test_rows();
	test_transforms();
	test_options();
	test_names();
	test_brackets();
	test_severities();
	test_replaced();
	test_paths();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
