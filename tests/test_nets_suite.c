/* suites/nets.yaml lists tables by a rule, which is checked here: every real one of
 * 1,000 to 10,000 rows, and of copies of one data set the first; and each number
 * that is to be shown of nets has a suite that can show it. */
#include "harness/config.h"
#include "tests/tap.h"

static bool by_rule(const struct entry *e)
{
	return e->modality == MODALITY_TABULAR && !e->synthetic &&
	       e->expect.rows != SIZE_MAX && e->expect.rows >= 1000 &&
	       e->expect.rows <= 10000;
}

/* Is there one before it in the catalogue that the rule takes? */
static bool is_copy(const struct catalog *c, const struct entry *e)
{
	for (const struct entry *other = c->entries; other < e; other++)
		if (by_rule(other) && !strcmp(other->identity, e->identity))
			return true;
	return false;
}

static bool listed(const struct suite *s, const char *name)
{
	for (size_t i = 0; i < s->n_tasks; i++)
		if (!strcmp(s->tasks[i].what.entry->name, name))
			return s->tasks[i].what.n == 0;
	return false;
}

static void test_rule(const struct catalog *c, const struct suite *s)
{
	size_t n = 0;

	for (const struct entry *e = c->entries; e < c->entries + c->n; e++) {
		bool wanted = by_rule(e) && !is_copy(c, e);

		n += wanted;
		if (wanted != listed(s, e->name))
			ok(false, "%s: %s is %s by the rule", s->name, e->name,
			   wanted ? "missing" : "one too many");
	}
	ok(n >= 16 && n == s->n_tasks, "%s: has the %zu tables of the rule, whole, and "
	   "nothing else", s->name, n);
	ok(s->protocol.repeats >= 3, "%s: of three splits", s->name);
}

static const struct suite *get(const struct config *c, const char *name)
{
	const struct suite *s = NULL;
	struct error err = { 0 };

	if (!ok(!config_find(c, name, &s, &err), "there is a suite '%s'%s", name, err.text))
		exit(tap_done());
	return s;
}

static bool has(const struct suite *s, const char *learner)
{
	for (size_t k = 0; k < s->n_specs; k++)
		if (!strcmp(s->specs[k].learner->name, learner))
			return true;
	return false;
}

/* Default parameters are the claim: only mlp, the anchor, may be told otherwise. */
static void test_defaults(const struct suite *s)
{
	size_t odd = 0;
	json_t *is, *was;

	for (size_t k = 0; k < s->n_specs; k++) {
		const struct learner *l = s->specs[k].learner;
		void *config = calloc(1, l->config_size);

		param_defaults(l->params, config);
		was = param_to_json(l->params, config);
		is = param_to_json(l->params, s->specs[k].config);
		odd += !json_equal(is, was);
		json_decref(is);
		json_decref(was);
		free(config);
	}
	ok(!odd && has(s, "mlp"), "%s: learners have their defaults, mlp is among them",
	   s->name);
}

/* What a suite must have for what is to be shown. */
static void test_shown(const struct config *c)
{
	static const struct {
		const char *suite, *task, *learner;
		unsigned repeats; /* at least: folds, speakers */
	} shown[] = {
		{ "nets-image", "fashion-mnist", "mlp", 1 },
		{ "nets-image", "fashion-mnist", "cnn", 1 },
		{ "nets-image", "cifar10-subset", "cnn", 1 },
		{ "nets-image", "mnist", "cnn", 1 },
		{ "nets-speakers", "fsdd", "cnn", 6 },
		{ "nets-sound", "fsdd-official", "cnn", 1 },
		{ "nets-sound", "esc10", "cnn", 5 },
		{ "nets-text", "ag-news", "embedding_bag", 3 },
		{ "nets-text", "trec6", "embedding_bag", 3 },
		{ "nets-text", "sst2", "linear", 3 },
	};

	for (size_t k = 0; k < sizeof(shown) / sizeof(*shown); k++) {
		const struct suite *s = get(c, shown[k].suite);

		ok(listed(s, shown[k].task) && has(s, shown[k].learner) &&
		   s->protocol.repeats >= shown[k].repeats, "%s: %s on all rows of %s",
		   s->name, shown[k].learner, shown[k].task);
	}
}

int main(void)
{
	struct error err = { 0 };
	struct catalog catalog;
	struct config config;
	struct arena a;

	arena_init(&a, 0);
	if (!ok(!catalog_read(&catalog, &a, "datasets/catalog.yaml", &err) &&
		!config_read(&config, &a, "suites.yaml", &catalog, &err), "suites are read"))
		printf("# %s\n", err.text);
	else {
		test_rule(&catalog, get(&config, "nets"));
		test_rule(&catalog, get(&config, "nets-peers"));
		test_defaults(get(&config, "nets"));
		test_shown(&config);
	}
	arena_clear(&a);
	return tap_done();
}
