/* Leaf values: from unrounded gradients, by more steps, by medians. */
#include "learners/gbdt/refine.h"

#include <stdlib.h>

#include "tests/gbdt_sample.h"
#include "tests/tap.h"

#define ONE "rounds=1,shrinkage=1,leaves=8,l2=0,row_sample=1,col_sample=1,patience=0,"

static struct sample_shape shape(size_t classes)
{
	return (struct sample_shape){
		.train = 500, .test = 100, .numeric = 3, .noise = 0.3,
		.classes = classes, .seed = 7,
	};
}

/* Residuals of the rows in a leaf of the model's first tree. */
static size_t residuals(const struct sample *s, const struct sample_fit *f,
			size_t leaf, double *r)
{
	const struct boost *b = f->model;
	size_t n = 0;

	for (size_t i = 0; i < s->data.train.rows; i++)
		if (tree_leaf(&b->tree[0][0], b->bins.column,
			      s->data.train.x + i * b->cols) == leaf)
			r[n++] = (double)s->data.train.target[i] - b->base[0];
	return n;
}

static int upwards(const void *a, const void *b)
{
	double l = *(const double *)a, r = *(const double *)b;

	return (l > r) - (l < r);
}

/* Each leaf against sorting its rows. */
static void test_quantiles(const char *objective, double level)
{
	struct sample_shape form = shape(0);
	struct sample s;
	struct sample_fit f;
	double r[500], worst = 0;
	char options[200];
	const struct tree *t;

	sample_make(&s, &form);
	snprintf(options, sizeof(options), ONE "%s,quantile_level=%g", objective,
		 level);
	sample_fit(&f, &s.data, options, 2);
	t = &f.model->tree[0][0];
	for (size_t l = 0; l < t->leaves; l++) {
		size_t n = residuals(&s, &f, l, r);
		double at = level * (double)n, want;
		size_t k = (size_t)ceil(at - 1e-9) - 1;

		qsort(r, n, sizeof(*r), upwards);
		want = fabs(at - (double)(k + 1)) < 1e-9 ?
			       (r[k] + r[k + 1]) / 2 : r[k];
		worst = fmax(worst, fabs(want - (double)t->value[l]));
	}
	/* floats of size 1 */
	ok(!f.rc && t->leaves > 4 && worst < 1e-6,
	   "refine: %s has quantiles of residuals in its leaves (off %.1e)",
	   objective, worst);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* With one Newton step of the squared loss a leaf is the mean of its rows. */
static void test_first_step(void)
{
	struct sample_shape form = shape(0);
	struct sample s;
	struct sample_fit f, g;
	double r[500], worst = 0;

	sample_make(&s, &form);
	sample_fit(&f, &s.data, ONE "leaf_steps=1", 1);
	sample_fit(&g, &s.data, ONE "leaf_steps=0", 1);
	for (size_t l = 0; l < f.model->tree[0][0].leaves; l++) {
		size_t n = residuals(&s, &f, l, r);
		double sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += r[i];
		worst = fmax(worst, fabs(sum / (double)n -
					 (double)f.model->tree[0][0].value[l]));
	}
	ok(!f.rc && worst < 1e-6, "refine: a leaf is its rows' mean (off %.1e)",
	   worst);
	worst = 0;
	for (size_t i = 0; i < 100; i++)
		worst = fmax(worst, fabs((double)f.test[i] - (double)g.test[i]));
	/* gradients are rounded to 500 / 2^30 of their mean at the finest */
	ok(worst < 0.02, "refine: which growth came near to (off %.1e)", worst);
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

static double log_loss(const struct part *p, const float *scores, size_t classes)
{
	double sum = 0;

	for (size_t i = 0; i < p->rows; i++)
		sum -= log((double)scores[i * classes + (size_t)p->label[i]]);
	return sum / (double)p->rows;
}

/* Many steps end where no leaf's gradient, penalty included, is left. */
static void test_converges(void)
{
	struct sample_shape form = shape(2);
	struct sample s;
	struct sample_fit f;
	double g[8] = { 0 }, worst = 0;
	const struct boost *b;

	sample_make(&s, &form);
	sample_fit(&f, &s.data, ONE "l2=2,leaf_steps=30", 2);
	b = f.model;
	for (size_t i = 0; i < 500; i++)
		g[tree_leaf(&b->tree[0][0], b->bins.column,
			    s.data.train.x + i * 3)] +=
			(double)f.train[2 * i + 1] - s.data.train.label[i];
	for (size_t l = 0; l < b->tree[0][0].leaves; l++)
		worst = fmax(worst, fabs(g[l] + 2 * (double)b->tree[0][0].value[l]));
	/* 500 floats */
	ok(!f.rc && worst < 1e-3,
	   "refine: many steps end at the penalised optimum (off %.1e)", worst);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* More steps, less train loss; softmax moves all classes at once. */
static void test_more_steps(size_t classes, const char *more)
{
	struct sample_shape form = shape(classes);
	struct sample s;
	struct sample_fit f[3];
	double loss[3];

	sample_make(&s, &form);
	for (int k = 0; k < 3; k++) {
		char options[200];

		snprintf(options, sizeof(options),
			 ONE "l2=1,rounds=5,shrinkage=0.3,%s,leaf_steps=%d", more,
			 1 << k);
		sample_fit(&f[k], &s.data, options, 1 + k);
		loss[k] = f[k].rc ? NAN : log_loss(&s.data.train, f[k].train, classes);
	}
	ok(loss[1] < loss[0] && loss[2] <= loss[1] * 1.001,
	   "refine: 1, 2, 4 steps, %zu classes %s: train loss %.4f %.4f %.4f",
	   classes, more, loss[0], loss[1], loss[2]);
	for (int k = 0; k < 3; k++)
		arena_clear(&f[k].arena);
	arena_clear(&s.arena);
}

static void test_same_bits(const char *more)
{
	struct sample_shape form = shape(3);
	struct sample s;
	struct sample_fit f, g;

	form.train = 3000;
	sample_make(&s, &form);
	sample_fit(&f, &s.data, more, 1);
	sample_fit(&g, &s.data, more, 4);
	ok(!f.rc && !g.rc && !memcmp(f.test, g.test, 300 * sizeof(float)),
	   "refine: same bits on 4 threads: %s", more);
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

/* Bounds of the grower's leaves hold after refinement: along column 0 nothing
 * falls, though column 1's effect on the target would have it. */
static void test_monotone(const char *more, size_t classes)
{
	struct sample_shape form = shape(classes);
	size_t outputs = classes ? classes : 1, falls = 0;
	struct sample s;
	struct sample_fit f;
	char options[160];

	form.noise = 1.5;
	sample_make(&s, &form);
	for (size_t i = 0; i < 100; i++) { /* one row, moved along column 0 */
		float *x = (float *)s.data.test.x + i * 3;

		x[0] = (float)i / 100;
		x[1] = 0.2f;
		x[2] = 0.5f;
	}
	snprintf(options, sizeof(options), "rounds=30,monotone=1,%s", more);
	sample_fit(&f, &s.data, options, 1);
	for (size_t i = 1; i < 100; i++)
		falls += f.test[i * outputs + outputs - 1] <
			 f.test[(i - 1) * outputs + outputs - 1];
	ok(!f.rc && !falls, "refine: monotone columns stay so: %s (%s)", more,
	   f.err.text);
	arena_clear(&f.arena);
	sample_fit(&f, &s.data, "monotone=1,objective=absolute", 1);
	ok(classes || f.rc == ERR_UNSUPPORTED, "refine: %s", f.err.text);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* Every allocation of a fit that uses all of it fails once. */
static void test_memory(const char *more, size_t classes)
{
	const struct learner *l = learner_find("gbdt");
	struct sample_shape form = shape(classes);
	struct sample s;
	size_t wrong = 0, calls = 1;

	form.train = 40;
	form.valid = 10;
	sample_make(&s, &form);
	for (size_t n = 0; n <= calls; n++) {
		struct gbdt_config config;
		struct arena a;
		struct error err;
		struct run run = { .arena = &a, .threads = 2, .seed = 1 };
		void *model;
		int rc;

		arena_init(&a, 0);
		a.fail_at = n;
		param_defaults(l->params, &config);
		param_set_all(l->params, &config, "rounds=3,min_child_rows=2", &err);
		param_set_all(l->params, &config, more, &err);
		rc = l->fit(&config, &s.data, &run, &model, &err);
		wrong += rc != (n ? ERR_MEMORY : 0);
		calls = n ? calls : a.calls;
		arena_clear(&a);
	}
	ok(!wrong, "refine: each of %zu failing allocations is reported: %s", calls,
	   more);
	arena_clear(&s.arena);
}

int main(void)
{
	test_quantiles("objective=absolute", 0.5);
	test_quantiles("objective=quantile", 0.8);
	test_quantiles("objective=quantile", 0.15);
	test_first_step();
	test_converges();
	test_more_steps(2, "depth=0");
	test_more_steps(3, "depth=0");
	test_more_steps(3, "row_sample=0.8");
	test_same_bits("leaf_steps=3");
	test_same_bits("leaf_steps=2,row_sample=0.6,sampling=goss,shrinkage=0.5");
	test_monotone("leaf_steps=1", 0);
	test_monotone("leaf_steps=4,l2=0.1", 2);
	test_monotone("objective=huber", 0);
	test_same_bits("leaf_steps=2,growth=oblivious,min_child_rows=60");
	test_memory("objective=huber", 0);
	test_memory("leaf_steps=2,sampling=goss,drop_rate=0.5", 3);
	test_memory("class_weight=balanced,positive_weight=2", 2);
	return tap_done();
}
