/* Ordered target statistics: what a row may know, what new rows get, and what
 * they are good for. */
#include "learners/gbdt/target_stats.h"
#include "learners/gbdt/shap.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

static struct sample_shape shape = {
	.train = 900, .test = 100, .numeric = 1, .categories = 2, .levels = 60,
	.missing = .05, .seed = 3,
};
static const struct target_stats_options plain = {
	.levels = 40, .classes = 20, .prior = 1, .seed = 7,
};

static float cell(const struct part *p, size_t cols, size_t row, size_t column)
{
	return p->x[row * cols + column];
}

static bool same_level(float a, float b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* The slow twin: the mean of some rows of a level, and of the prior. */
static double twin(const struct dataset *d, const uint8_t *known, size_t column,
		   float level, double prior)
{
	double sum = prior, weight = 1;

	for (size_t i = 0; i < d->train.rows; i++) {
		double w = d->train.weight ? (double)d->train.weight[i] : 1;

		if (!known[i] ||
		    !same_level(level, cell(&d->train, d->cols, i, column)))
			continue;
		sum += w * (double)d->train.target[i];
		weight += w;
	}
	return sum / weight;
}

static double mean_target(const struct dataset *d)
{
	double sum = 0, weight = 0;

	for (size_t i = 0; i < d->train.rows; i++) {
		double w = d->train.weight ? (double)d->train.weight[i] : 1;

		sum += w * (double)d->train.target[i];
		weight += w;
	}
	return sum / weight;
}

static void test_twin(bool weighed)
{
	struct sample s;
	struct target_stats t;
	struct error err;
	uint8_t *known;
	uint32_t *order;
	float *ordered, *weight;
	double worst[2] = { 0, 0 }, prior;

	sample_make(&s, &shape);
	weight = ARENA_NEW(&s.arena, float, shape.train);
	known = ARENA_NEW(&s.arena, uint8_t, shape.train);
	order = ARENA_NEW(&s.arena, uint32_t, shape.train);
	for (size_t i = 0; i < shape.train; i++)
		weight[i] = (float)(i % 3);
	s.data.train.weight = weighed ? weight : NULL;
	prior = mean_target(&s.data);
	ok(!target_stats_make(&t, &s.data, &plain, &ordered, 2, &s.arena, &err) &&
		   t.columns == 2 && t.outputs == 1 && t.column[1] == 2,
	   "target stats: of both categories with 60 levels, one number each");
	rng_permutation(rng_make(7, "gbdt/target stats"), shape.train, order);
	for (size_t k = 0; k < shape.train; k++) {
		size_t i = order[k];

		for (size_t c = 0; c < 2; c++) {
			float x = cell(&s.data.train, 3, i, 1 + c);
			double want = twin(&s.data, known, 1 + c, x, prior);

			worst[0] = fmax(worst[0], fabs(want - (double)ordered[
				c * shape.train + i]));
		}
		known[i] = 1;
	}
	for (size_t i = 0; i < shape.test; i++) {
		float out[2];

		target_stats_row(&t, s.data.test.x + 3 * i, out);
		for (size_t c = 0; c < 2; c++)
			worst[1] = fmax(worst[1], fabs((double)out[c] -
				twin(&s.data, known, 1 + c,
				     cell(&s.data.test, 3, i, 1 + c), prior)));
	}
	/* floats of numbers up to 5 */
	ok(worst[0] < 1e-6, "target stats%s: a training row's come from the rows "
	   "before it in the order", weighed ? " by weight" : "");
	ok(worst[1] < 1e-6, "target stats%s: a new row's come from all of training",
	   weighed ? " by weight" : "");
	arena_clear(&s.arena);
}

/* Changing a row's target changes no number of that row nor of earlier ones. */
static void test_no_leak(void)
{
	struct sample s;
	struct target_stats t;
	struct error err;
	float *before, *after;
	size_t leaks = 0, moved = 0;

	sample_make(&s, &shape);
	target_stats_make(&t, &s.data, &plain, &before, 1, &s.arena, &err);
	for (size_t i = 0; i < shape.train; i += 90) {
		float *y = (float *)&s.data.train.target[i], was = *y;
		double mean = mean_target(&s.data);

		*y += 100;
		/* the prior is the mean of all: held still by another row */
		((float *)s.data.train.target)[(i + 1) % shape.train] -= 100;
		target_stats_make(&t, &s.data, &plain, &after, 1, &s.arena, &err);
		leaks += fabs((double)(after[i] - before[i])) >
				 1e-3 * (1 + fabs(mean)) &&
			 !same_level(cell(&s.data.train, 3, i, 1),
				     cell(&s.data.train, 3, i + 1, 1));
		for (size_t k = 0; k < shape.train; k++)
			moved += after[k] != before[k];
		((float *)s.data.train.target)[(i + 1) % shape.train] += 100;
		*y = was;
	}
	ok(!leaks && moved > 20, "target stats: a row never sees its own target");
	arena_clear(&s.arena);
}

static void test_new_levels(void)
{
	struct sample s;
	struct target_stats t;
	struct error err;
	float *ordered, x[3] = { 0, 77, -1 }, out[2], unseen[2];
	double prior;

	sample_make(&s, &shape);
	for (size_t i = 0; i < shape.train; i++)
		if (s.data.train.x[3 * i + 1] == 11)
			((float *)s.data.train.x)[3 * i + 1] = 12;
	target_stats_make(&t, &s.data, &plain, &ordered, 1, &s.arena, &err);
	prior = mean_target(&s.data);
	target_stats_row(&t, x, out);
	ok_near((double)out[0], prior, 1e-6, "target stats: no level: the prior");
	ok_near((double)out[1], prior, 1e-6, "target stats: below 0: the prior");
	x[1] = 11;
	x[2] = INFINITY;
	target_stats_row(&t, x, unseen);
	ok(unseen[0] == out[0] && unseen[1] == out[1],
	   "target stats: a level without training rows, an infinite one: the prior");
	x[1] = NAN;
	target_stats_row(&t, x, out);
	ok(out[0] != unseen[0], "target stats: missing is a level of its own");
	arena_clear(&s.arena);
}

static void test_classes(void)
{
	struct sample_shape many = shape;
	struct target_stats_options o = plain;
	struct sample s;
	struct target_stats t;
	struct error err;
	float *ordered;
	double worst = 0;

	many.classes = 4;
	sample_make(&s, &many);
	target_stats_make(&t, &s.data, &o, &ordered, 2, &s.arena, &err);
	ok(t.outputs == 4 && target_stats_extras(&t) == 8,
	   "target stats: a number for each of 4 classes");
	for (size_t i = 0; i < many.train; i++) {
		double sum = 0;

		for (size_t k = 0; k < 4; k++)
			sum += (double)ordered[k * many.train + i];
		worst = fmax(worst, fabs(sum - 1));
	}
	ok(worst < 1e-6, "target stats: which are shares");
	o.classes = 3;
	ok(!target_stats_make(&t, &s.data, &o, &ordered, 2, &s.arena, &err) &&
		   !target_stats_extras(&t),
	   "target stats: none for more classes than asked for");
	o.classes = 20;
	o.levels = 60;
	ok(!target_stats_make(&t, &s.data, &o, &ordered, 2, &s.arena, &err) &&
		   !target_stats_extras(&t),
	   "target stats: none for columns with so many levels or fewer");
	s.data.columns = NULL;
	o.levels = 1;
	ok(!target_stats_make(&t, &s.data, &o, &ordered, 2, &s.arena, &err) &&
		   !target_stats_extras(&t), "target stats: none without categories");
	arena_clear(&s.arena);
}

/* Contributions are the data set's columns' and add up to the score. */
static void test_explained(const struct dataset *data, struct sample_fit *f)
{
	size_t n = 300, wide = data->cols + 1;
	struct part rows = data->test;
	float *phi = ARENA_NEW(&f->arena, float, n * wide);
	double worst = 0;

	rows.rows = n;
	if (shap_explain(f->model, &rows, &f->run, phi, &f->err))
		abort();
	for (size_t i = 0; i < n; i++) {
		double sum = 0;

		for (size_t j = 0; j < wide; j++)
			sum += (double)phi[i * wide + j];
		worst = fmax(worst, fabs(sum - (double)f->test[i]));
	}
	ok(worst < 1e-4, "target stats: SHAP values add up to the score (%g)", worst);
}

/* 1,000 levels of 3 rows each, a third of them high: bins cannot hold them. */
static void test_fit(void)
{
	struct sample_shape wide = { .train = 3000, .valid = 300, .test = 500,
				     .numeric = 2, .categories = 1,
				     .levels = 1000, .seed = 8 };
	struct sample_fit with, without, again;
	struct sample s;
	float gain[3];

	sample_make(&s, &wide);
	for (size_t p = 0; p < 3; p++) {
		struct part *part = p == 0 ? &s.data.train :
				    p == 1 ? &s.data.valid : &s.data.test;

		for (size_t i = 0; i < part->rows; i++) {
			uint32_t level = (uint32_t)part->x[3 * i + 2];

			((float *)part->target)[i] = part->x[3 * i] +
				(rng_u32(rng_make(1, "level"), level) % 3 ? 0 : 3);
		}
	}
	sample_fit(&without, &s.data, "target_stats=0,rounds=100,shrinkage=0.2", 1);
	sample_fit(&with, &s.data, "rounds=100,shrinkage=0.2", 1);
	sample_fit(&again, &s.data, "rounds=100,shrinkage=0.2", 2);
	ok(!with.rc && sample_rmse(&s.data.test, with.test) <
			       0.8 * sample_rmse(&s.data.test, without.test),
	   "target stats: 1,000 levels: error %.3f, without them %.3f",
	   sample_rmse(&s.data.test, with.test),
	   sample_rmse(&s.data.test, without.test));
	ok(!again.rc && !memcmp(with.test, again.test, 4 * wide.test),
	   "target stats: the same bits on two threads");
	learner_find("gbdt")->importance(with.model, IMPORTANCE_GAIN, gain);
	ok(gain[2] > gain[0] && gain[2] > gain[1],
	   "target stats: what they gain counts for their category");
	test_explained(&s.data, &with);
	arena_clear(&with.arena);
	arena_clear(&without.arena);
	arena_clear(&again.arena);
	arena_clear(&s.arena);
}

static void test_edges(void)
{
	struct sample_shape one = { .train = 1, .test = 1, .categories = 1,
				    .levels = 50, .seed = 1 };
	struct sample s;
	struct target_stats t;
	struct error err;
	float *ordered, zero = 0;
	size_t calls = 0, wrong = 0;
	int rc = -1;

	sample_make(&s, &one);
	ok(!target_stats_make(&t, &s.data, &plain, &ordered, 1, &s.arena, &err) &&
		   ordered[0] == s.data.train.target[0],
	   "target stats: one row gets the prior");
	s.data.train.weight = &zero;
	ok(!target_stats_make(&t, &s.data, &plain, &ordered, 1, &s.arena, &err) &&
		   ordered[0] == 0,
	   "target stats: nothing weighs anything: 0");
	for (; rc; calls++) {
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = calls + 1;
		rc = target_stats_make(&t, &s.data, &plain, &ordered, 1, &a, &err);
		wrong += rc && rc != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(!wrong && calls == 8, "target stats: each of %zu failing allocations "
				 "is told", calls - 1);
	arena_clear(&s.arena);
}

int main(void)
{
	test_twin(false);
	test_twin(true);
	test_no_leak();
	test_new_levels();
	test_classes();
	test_fit();
	test_edges();
	return tap_done();
}
