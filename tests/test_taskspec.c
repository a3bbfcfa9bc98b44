#include "harness/taskspec.h"

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
	arena_clear(&arena);
	return tap_done();
}
