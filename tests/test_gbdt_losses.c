/* Boosting with each of the objectives: what it minimises, and what it refuses. */
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

#define WHOLE "row_sample=1,col_sample=1,patience=0,"

struct loss {
	const char *options;
	double worth; /* of the spread of the rule, at most, as an RMSE */
};

static const struct loss losses[] = {
	{ "objective=squared", 0.4 },
	{ "objective=absolute", 0.45 },
	{ "objective=quantile,quantile_level=0.5", 0.45 },
	{ "objective=huber,huber_delta=0.5", 0.4 },
	{ "objective=poisson", 0.7 },
};
enum { LOSSES = sizeof(losses) / sizeof(*losses) };

static struct sample_shape shape = {
	.train = 500, .valid = 150, .test = 400, .numeric = 4, .categories = 1,
	.levels = 12, .missing = 0.1, .noise = 0.2, .seed = 1,
};

/* The rule, moved up so that it may be counts for all it knows. */
static void make(struct sample *s, const struct sample_shape *form)
{
	struct part *parts[3] = { &s->data.train, &s->data.valid, &s->data.test };

	sample_make(s, form);
	for (size_t p = 0; p < 3; p++)
		for (size_t i = 0; i < parts[p]->rows; i++)
			((float *)parts[p]->target)[i] =
				fmaxf(parts[p]->target[i] + 2, 0);
}

/* The mean loss of predictions, told by the objective itself. */
static double told(const struct sample_fit *f, const struct part *p,
		   const float *scores, const struct gbdt_config *c)
{
	struct objective_rows t = objective_rows(c, p, 1);
	const struct objective *o = f->model->objective;
	float raw[500];
	double partial[8];

	for (size_t i = 0; i < p->rows; i++)
		raw[i] = o == &objective_poisson ? logf(scores[i]) : scores[i];
	return objective_loss(o, &t, raw, partial, 1);
}

static void test_learns(const struct loss *l)
{
	struct sample s;
	struct sample_fit f, g;
	char options[160];

	make(&s, &shape);
	snprintf(options, sizeof(options), "rounds=200,%s", l->options);
	sample_fit(&f, &s.data, options, 1);
	ok(!f.rc && sample_rmse(&s.data.test, f.test) < l->worth,
	   "%s: learns (rmse %.3f)", l->options, sample_rmse(&s.data.test, f.test));
	sample_fit(&g, &s.data, options, 4);
	ok(!g.rc && !memcmp(f.test, g.test, 400 * sizeof(float)),
	   "%s: same bits on 4 threads", l->options);
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

static void test_train_loss(const struct loss *l)
{
	struct gbdt_config config = { .quantile_level = 0.5, .huber_delta = 0.5 };
	double before = INFINITY;
	size_t rises = 0;
	struct sample s;

	make(&s, &shape);
	for (size_t rounds = 1; rounds <= 25; rounds += 3) {
		struct sample_fit f;
		char options[160];
		double loss;

		snprintf(options, sizeof(options), WHOLE "rounds=%zu,%s", rounds,
			 l->options);
		sample_fit(&f, &s.data, options, 1);
		loss = f.rc ? NAN : told(&f, &s.data.train, f.train, &config);
		rises += !(loss <= before * (1 + 1e-6));
		before = loss;
		arena_clear(&f.arena);
	}
	ok(!rises, "%s: train loss never rises", l->options);
	arena_clear(&s.arena);
}

/* One row, a constant target, no column that tells anything. */
static void test_small(const struct loss *l)
{
	struct sample_shape one = { .train = 1, .test = 3, .numeric = 1, .seed = 1 };
	struct sample s;
	struct sample_fit f;

	make(&s, &one);
	((float *)s.data.train.target)[0] = 4;
	sample_fit(&f, &s.data, l->options, 1);
	ok(!f.rc && fabs((double)f.test[2] - 4) < 1e-5, "%s: one row is its target",
	   l->options);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
	one.train = 50;
	make(&s, &one);
	for (size_t i = 0; i < 50; i++)
		((float *)s.data.train.target)[i] = 3;
	sample_fit(&f, &s.data, l->options, 1);
	ok(!f.rc && fabs((double)f.test[0] - 3) < 1e-5, "%s: a constant target",
	   l->options);
	arena_clear(&f.arena);
	for (size_t i = 0; i < 50; i++) {
		((float *)s.data.train.target)[i] = i < 20 ? 0 : 5;
		((float *)s.data.train.x)[i] = NAN;
	}
	sample_fit(&f, &s.data, l->options, 1);
	ok(!f.rc && f.test[0] == f.test[1] && f.test[0] >= 0 && f.test[0] <= 5,
	   "%s: all missing predicts a middle (%.3f)", l->options,
	   (double)f.test[0]);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* The share of test targets below the prediction is about the level. */
static void test_coverage(double level)
{
	struct sample_shape form = shape;
	struct sample s;
	struct sample_fit f;
	char options[160];
	double below = 0;

	form.train = 3000;
	form.test = 2000;
	form.noise = 1;
	sample_make(&s, &form);
	snprintf(options, sizeof(options), "rounds=60,min_child_rows=40,"
		 "leaves=8,objective=quantile,quantile_level=%g", level);
	sample_fit(&f, &s.data, options, 1);
	for (size_t i = 0; i < 2000; i++)
		below += s.data.test.target[i] < f.test[i] ? 1.0 / 2000 : 0;
	/* three standard deviations of .011, and what boosting overfits */
	ok(!f.rc && fabs(below - level) < 0.05,
	   "quantile: %g of the targets are below (%.3f)", level, below);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* A tenth of the targets is wild: medians and Huber do not follow. */
static void test_outliers(void)
{
	double rmse[3];
	static const char *const options[] = {
		"rounds=60,min_child_rows=8,objective=squared", "rounds=60,objective=absolute",
		"rounds=60,min_child_rows=8,objective=huber,huber_delta=0.3",
	};

	for (int k = 0; k < 3; k++) {
		struct sample s;
		struct sample_fit f;

		make(&s, &shape);
		for (size_t i = 0; i < 500; i += 10)
			((float *)s.data.train.target)[i] += i % 20 ? 300 : 100;
		sample_fit(&f, &s.data, options[k], 1);
		rmse[k] = f.rc ? NAN : sample_rmse(&s.data.test, f.test);
		arena_clear(&f.arena);
		arena_clear(&s.arena);
	}
	ok(rmse[1] < 4 && rmse[2] < 4 && rmse[0] > 8,
	   "outliers: absolute %.2f and huber %.2f, squared %.2f", rmse[1],
	   rmse[2], rmse[0]);
}

static void test_refused(void)
{
	struct sample_shape form = shape;
	struct sample s;
	struct sample_fit f;
	static const char *const wrong[] = {
		"quantile_level=0", "quantile_level=1", "quantile_level=1.5",
		"huber_delta=0", "huber_delta=-1", "objective=hinge",
		"drop_rate=1.5", "goss_rest=0", "leaf_steps=-1",
	};

	make(&s, &form);
	for (size_t k = 0; k < sizeof(wrong) / sizeof(*wrong); k++) {
		sample_fit(&f, &s.data, wrong[k], 1);
		ok(f.rc == ERR_CONFIG, "refused: %s", f.err.text);
		arena_clear(&f.arena);
	}
	((float *)s.data.train.target)[7] = -1;
	sample_fit(&f, &s.data, "objective=poisson", 1);
	ok(f.rc == ERR_DATA && strstr(f.err.text, "training row 8"), "refused: %s",
	   f.err.text);
	arena_clear(&f.arena);
	((float *)s.data.train.target)[7] = 1;
	((float *)s.data.valid.target)[2] = -1;
	sample_fit(&f, &s.data, "objective=poisson", 1);
	ok(f.rc == ERR_DATA && strstr(f.err.text, "validation row 3"),
	   "refused: %s", f.err.text);
	arena_clear(&f.arena);
	((float *)s.data.valid.target)[2] = NAN;
	sample_fit(&f, &s.data, "", 1);
	ok(f.rc == ERR_DATA, "refused: %s", f.err.text);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
	form.classes = 3;
	sample_make(&s, &form);
	sample_fit(&f, &s.data, "objective=absolute", 1);
	ok(f.rc == ERR_CONFIG, "refused: %s", f.err.text);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* Huge targets: a result or an error, whatever the loss. */
static void test_huge(const struct loss *l)
{
	struct sample s;
	struct sample_fit f;

	make(&s, &shape);
	((float *)s.data.train.target)[3] = 3e38f;
	((float *)s.data.train.target)[4] = 2e38f;
	((float *)s.data.train.target)[5] = 0;
	sample_fit(&f, &s.data, l->options, 1);
	ok(f.rc == ERR_DIVERGED || (!f.rc && isfinite(f.test[0])),
	   "%s: a huge target is fitted or refused: %s", l->options, f.err.text);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* Patience that a crawl does not feed; the best round is kept all the same. */
static void test_min_improvement(void)
{
	struct sample_shape form = shape;
	struct sample s;
	struct sample_fit f, g;

	form.train = 3000;
	form.valid = 1000;
	sample_make(&s, &form);
	sample_fit(&f, &s.data, "rounds=400,shrinkage=0.02,patience=5,"
		   "min_improvement=0.02", 1);
	sample_fit(&g, &s.data, "rounds=400,shrinkage=0.02,patience=5", 1);
	ok(!f.rc && !g.rc && f.run.steps < g.run.steps && f.run.steps > 10,
	   "min_improvement: stops at a crawl (%zu rounds, not %zu)",
	   f.run.steps, g.run.steps);
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

static void test_many_classes(void)
{
	struct sample_shape form = { .train = 4000, .valid = 100, .test = 20,
				     .numeric = 2, .noise = 0.1, .classes = 2000,
				     .seed = 1 };
	struct sample s;
	struct sample_fit f;
	double sum = 0;

	sample_make(&s, &form);
	sample_fit(&f, &s.data, "rounds=1,leaves=4,min_child_hessian=0.1", 2);
	for (size_t c = 0; !f.rc && c < 2000; c++)
		sum += (double)f.test[c];
	ok(!f.rc && fabs(sum - 1) < 1e-4, "2,000 classes: a distribution");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

static void test_counts(void)
{
	struct sample s;
	struct sample_fit f;
	size_t cuts[5] = { 0 };
	float count[5];
	bool same = true;

	make(&s, &shape);
	sample_fit(&f, &s.data, "rounds=10,patience=0", 1);
	for (size_t r = 0; r < f.model->rounds; r++) {
		const struct tree *t = &f.model->tree[r][0];

		for (size_t k = 0; k + 1 < t->leaves; k++)
			cuts[t->node[k].column]++;
	}
	learner_find("gbdt")->importance(f.model, IMPORTANCE_SPLITS, count);
	for (size_t j = 0; j < 5; j++)
		same &= (float)cuts[j] == count[j];
	ok(!f.rc && same && cuts[0] > 0, "importance: cuts are counted");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

int main(void)
{
	for (size_t k = 0; k < LOSSES; k++) {
		test_learns(&losses[k]);
		test_train_loss(&losses[k]);
		test_small(&losses[k]);
		test_huge(&losses[k]);
	}
	test_coverage(0.1);
	test_coverage(0.5);
	test_coverage(0.9);
	test_outliers();
	test_refused();
	test_min_improvement();
	test_many_classes();
	test_counts();
	return tap_done();
}
