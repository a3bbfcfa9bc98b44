/* Dropped rounds: what is chosen, what it weighs, and what is left at the end. */
#include "learners/gbdt/dart.h"

#include "tests/gbdt_sample.h"
#include "tests/tap.h"

#define DART "rounds=40,drop_rate=0.3,drop_skip=0.2,shrinkage=0.3,"

static struct sample_shape shape = {
	.train = 600, .valid = 200, .test = 200, .numeric = 3, .categories = 1,
	.levels = 8, .missing = 0.1, .noise = 0.6, .seed = 5,
};

static struct dart make(struct arena *a, const struct gbdt_config *config)
{
	struct dart d;
	struct error err;

	arena_init(a, 0);
	dart_init(&d, config, 1, 10, 10, a, &err);
	return d;
}

static void test_choice(void)
{
	struct gbdt_config config = { .rounds = 400, .leaves = 2, .drop_rate = 0.1,
				      .drop_skip = 0.5, .shrinkage = 0.1 };
	struct arena a;
	struct dart d = make(&a, &config);
	size_t skipped = 0, dropped = 0, expected = 0, most = 0, none = 0;

	dart_drop(&d, 1);
	ok(!d.n_dropped, "dart: the first round has nothing to drop");
	for (size_t r = 0; r < 400; r++) {
		dart_drop(&d, 1);
		skipped += !d.n_dropped;
		dropped += d.n_dropped;
		expected += r / 20; /* half the rounds, a tenth of those before */
		dart_settle(&d);
	}
	/* four standard deviations of 10, and 6 % */
	ok(abs((int)skipped - 200) < 40, "dart: drop_skip rounds drop nothing");
	ok(fabs((double)dropped / (double)expected - 1) < 0.25,
	   "dart: drop_rate is a share of the earlier rounds (%zu of %zu)",
	   dropped, expected);
	config.drop_most = 3;
	config.drop_skip = 0;
	d.rounds = 0;
	for (size_t r = 0; r < 400; r++) {
		dart_drop(&d, 1);
		most = d.n_dropped > most ? d.n_dropped : most;
		none += r && !d.n_dropped;
		dart_settle(&d);
	}
	ok(most == 3 && !none, "dart: drop_most bounds it, one is the least");
	arena_clear(&a);
}

/* Two rounds: the second one drops the first. */
static void test_weights(int norm, double newborn, double keep)
{
	struct gbdt_config config = { .rounds = 9, .leaves = 2, .drop_rate = 1,
				      .shrinkage = 0.5, .drop_norm = norm };
	struct arena a;
	struct dart d = make(&a, &config);
	float value[4][2] = { { 1, 2 }, { 1, 2 }, { 1, 2 }, { 1, 2 } };
	struct tree tree[4], *round[4];
	double got;

	for (size_t r = 0; r < 4; r++) {
		tree[r] = (struct tree){ .leaves = 2, .value = value[r] };
		round[r] = &tree[r];
	}
	dart_settle(&d);
	dart_drop(&d, 1);
	ok(d.n_dropped == 1 && d.dropped[0] == 0, "dart: with rate 1 all are dropped");
	ok_near(dart_newborn(&d), newborn, 1e-12, "dart: the new tree's weight");
	got = dart_settle(&d);
	ok_near(got, keep, 1e-12, "dart: what is left of the dropped one");
	dart_mark(&d);
	dart_drop(&d, 1);
	dart_settle(&d);
	ok_near(dart_weighed(&d, round[1], 1)->value[1], norm ? 2 / 1.5 : 2 * 0.8,
		1e-6, "dart: a second time, of two");
	ok_near(dart_weighed(&d, round[0], 0)->value[1],
		norm ? 2 / 1.5 / 1.5 : 2 * keep * 0.8, 1e-6,
		"dart: weights are products");
	dart_finish(&d, round, 2);
	ok_near(value[0][0], keep, 1e-6,
		"dart: the best round's trees get the weights they had then");
	ok(value[1][0] == 1 && value[2][0] == 1,
	   "dart: and later ones are nobody's");
	arena_clear(&a);
}

/* A fit whose best round is r is the fit of r rounds. */
static void test_best_round(void)
{
	struct sample s;
	struct sample_fit f, g;
	char options[160];

	sample_make(&s, &shape);
	sample_fit(&f, &s.data, DART "rounds=200,patience=12", 1);
	ok(!f.rc && f.run.steps > 2 && f.run.steps < 180,
	   "dart: stops early (%zu rounds)", f.run.steps);
	snprintf(options, sizeof(options), DART "rounds=%zu,patience=0",
		 f.run.steps);
	sample_fit(&g, &s.data, options, 1);
	ok(!g.rc && !memcmp(f.test, g.test, 200 * sizeof(float)),
	   "dart: what is kept is the model of the best round");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

/* The scores that boosting worked with are those of the model: the train loss
 * of predictions falls as it does without DART. */
static void test_learns(size_t classes)
{
	struct sample_shape form = shape;
	struct sample s;
	struct sample_fit f, g;
	size_t n = 200 * (classes ? classes : 1);

	form.classes = classes;
	form.noise = 0.2;
	sample_make(&s, &form);
	sample_fit(&f, &s.data, DART "rounds=120", 1);
	sample_fit(&g, &s.data, DART "rounds=120", 4);
	ok(!f.rc && (classes ? sample_accuracy(&s.data.test, f.test, classes) > 0.7 :
			       sample_rmse(&s.data.test, f.test) < 0.6),
	   "dart: learns, %zu classes", classes);
	ok(!g.rc && !memcmp(f.test, g.test, n * sizeof(float)),
	   "dart: same bits on 4 threads");
	arena_clear(&g.arena);
	sample_fit(&g, &s.data, DART "rounds=120,drop_norm=forest,row_sample=1,"
		   "leaf_steps=3", 1);
	ok(!g.rc && (classes ? sample_accuracy(&s.data.test, g.test, classes) > 0.7 :
			       sample_rmse(&s.data.test, g.test) < 0.6),
	   "dart: learns with drop_norm=forest and leaf steps");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

/* Scores that are added to and taken from must not wander off: the loss that a
 * fit tells of its validation rows is that of its predictions. */
struct told {
	double loss;
};

static bool tell(void *ctx, size_t done, size_t total, double loss)
{
	(void)done, (void)total;
	((struct told *)ctx)->loss = loss;
	return true;
}

static void test_no_drift(void)
{
	const struct learner *l = learner_find("gbdt");
	struct gbdt_config config;
	struct sample s;
	struct told told;
	struct error err;
	struct run run = { .threads = 1, .seed = 1, .tick = tell,
			   .tick_ctx = &told };
	float scores[200];
	void *model;
	int rc;

	sample_make(&s, &shape);
	run.arena = &s.arena;
	param_defaults(l->params, &config);
	param_set_all(l->params, &config, DART "rounds=300,patience=0", &err);
	rc = l->fit(&config, &s.data, &run, &model, &err);
	if (!rc)
		rc = l->predict(model, &s.data, &s.data.valid, &run, scores, &err);
	/* 300 rounds of float additions */
	ok(!rc && fabs(sample_rmse(&s.data.valid, scores) / told.loss - 1) < 1e-4,
	   "dart: scores do not drift from the model's (%.6f, %.6f)",
	   sample_rmse(&s.data.valid, scores), told.loss);
	arena_clear(&s.arena);
}

static void test_memory(void)
{
	struct gbdt_config config = { .rounds = 3, .leaves = 2 };
	struct arena a;
	struct dart d;
	struct error err;

	for (size_t n = 1; n <= 7; n++) {
		arena_init(&a, 0);
		a.fail_at = n;
		ok(dart_init(&d, &config, 2, 10, 10, &a, &err) == ERR_MEMORY,
		   "dart: failing allocation %zu is reported", n);
		arena_clear(&a);
	}
}

int main(void)
{
	test_choice();
	test_weights(DART_TREE, 1 / 1.5, 1 / 1.5);
	test_weights(DART_FOREST, 1 / 1.5, 1 / 1.5);
	test_best_round();
	test_learns(0);
	test_learns(2);
	test_learns(3);
	test_no_drift();
	test_memory();
	return tap_done();
}
