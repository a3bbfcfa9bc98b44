/* suites/trees.yaml lists data by a rule, which is checked here: every real
 * table of 1,000 to 20,000 rows, and of copies of one data set the first. */
#include "harness/config.h"
#include "tests/tap.h"

static bool by_rule(const struct entry *e)
{
	return e->modality == MODALITY_TABULAR && !e->synthetic &&
	       e->expect.rows != SIZE_MAX && e->expect.rows >= 1000 &&
	       e->expect.rows <= 20000;
}

/* Is there one before it in the catalogue that the rule takes? */
static bool is_copy(const struct catalog *c, const struct entry *e)
{
	for (const struct entry *other = c->entries; other < e; other++)
		if (by_rule(other) && !strcmp(other->identity, e->identity))
			return true;
	return false;
}

static bool listed(const struct suite *s, const struct entry *e)
{
	for (size_t i = 0; i < s->n_tasks; i++)
		if (s->tasks[i].what.entry == e)
			return true;
	return false;
}

static void test_list(const struct catalog *c, const struct suite *s)
{
	size_t n = 0;

	for (const struct entry *e = c->entries; e < c->entries + c->n; e++) {
		bool wanted = by_rule(e) && !is_copy(c, e);

		n += wanted;
		if (wanted != listed(s, e))
			ok(false, "trees: %s is %s by the rule", e->name,
			   wanted ? "missing" : "one too many");
	}
	ok(n >= 16 && n == s->n_tasks, "trees: the suite has the %zu tables of the "
	   "rule and nothing else", n);
}

static double number(const struct spec *s, const char *name)
{
	json_t *o = param_to_json(s->learner->params, s->config);
	double v = json_number_value(json_object_get(o, name));

	json_decref(o);
	return v;
}

/* Ours with a step as long as the peer's: hessians of K > 2 classes are K / (K -
 * 1) times scikit-learn's, and XGBoost's twice scikit-learn's. */
static void test_steps(const struct suite *s)
{
	size_t wrong = 0, ours = 0;

	for (size_t i = 0; i < s->n_tasks; i++) {
		const struct suite_task *t = &s->tasks[i];
		double k = (double)t->what.entry->expect.classes;
		double c = k > 2 && t->what.entry->task == TASK_CLASSIFICATION ?
				   k / (k - 1) : 1;

		for (size_t j = 0; j < t->n_specs; j++) {
			const struct spec *p = &t->specs[j];
			bool by_rows = number(p, "min_child_rows") > 1;
			double half = c > 1 && !by_rows ? 0.5 : 1;

			if (p->learner->origin == ORIGIN_REFERENCE)
				continue;
			ours++;
			wrong += fabs(number(p, "shrinkage") - 0.1 * c * half) > 1e-6 ||
				 fabs(number(p, "l2") - (by_rows ? 0 : c * half)) > 1e-5;
		}
	}
	ok(ours == 2 * s->n_tasks && !wrong,
	   "trees: steps are as long as the peers' whatever the classes");
}

/* A build without libxgboost goes without its row of the suite. */
static void test_learners(const struct suite *s)
{
	size_t ours = 0, reference = 0, whole = 0;

	for (size_t k = 0; k < s->n_specs; k++) {
		ours += !strcmp(s->specs[k].learner->name, "gbdt");
		reference += s->specs[k].learner->origin == ORIGIN_REFERENCE;
	}
	for (size_t i = 0; i < s->n_tasks; i++)
		whole += s->tasks[i].what.n == 0 && s->tasks[i].n_specs == s->n_specs;
	ok(ours == 2 && reference == !learner_left_out("xgboost"),
	   "trees: ours under both rules of leaves, and XGBoost where it was built in");
	ok(whole == s->n_tasks && s->protocol.repeats >= 3,
	   "trees: all rows, all learners, at least three repeats");
}

int main(void)
{
	const struct suite *s;
	struct error err = { 0 };
	struct catalog catalog;
	struct config config;
	struct arena a;

	arena_init(&a, 0);
	if (!ok(!catalog_read(&catalog, &a, "datasets/catalog.yaml", &err) &&
			!config_read(&config, &a, "suites.yaml", &catalog, &err) &&
			!config_find(&config, "trees", &s, &err),
		"trees: there is such a suite")) {
		printf("# %s\n", err.text);
		return tap_done();
	}
	test_list(&catalog, s);
	test_learners(s);
	test_steps(s);
	arena_clear(&a);
	return tap_done();
}
