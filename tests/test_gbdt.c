/* The learner gbdt: what boosting promises, on small tables. */
#include "learners/learner.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

/* No draws: what is promised below holds for all rows and columns only. */
#define WHOLE "row_sample=1,col_sample=1"

static const struct sample_shape mixed = {
	.train = 600, .valid = 150, .test = 400, .numeric = 4, .categories = 1,
	.levels = 12, .missing = 0.1, .noise = 0.2, .seed = 1,
};

static struct sample_shape with_classes(size_t classes)
{
	struct sample_shape s = mixed;

	s.classes = classes;
	return s;
}

static float *cell(struct part *p, size_t cols, size_t row, size_t j)
{
	return (float *)&p->x[row * cols + j];
}

static void test_learns(void)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct sample_fit f;

	sample_make(&s, &shape);
	sample_fit(&f, &s.data, "rounds=200", 2);
	/* the rule's spread is 1.3; noise .2 is the floor */
	ok(!f.rc && sample_rmse(&s.data.test, f.test) < 0.4,
	   "gbdt: learns steps, slopes and parity of a level (rmse %.3f)",
	   sample_rmse(&s.data.test, f.test));
	arena_clear(&f.arena);
	arena_clear(&s.arena);
	for (size_t classes = 2; classes <= 4; classes += 2) {
		double right;

		shape = with_classes(classes);
		sample_make(&s, &shape);
		sample_fit(&f, &s.data, "rounds=200", 2);
		right = sample_accuracy(&s.data.test, f.test, classes);
		ok(!f.rc && right > (classes == 2 ? 0.88 : 0.76),
		   "gbdt: %zu classes (%.3f right)", classes, right);
		arena_clear(&f.arena);
		arena_clear(&s.arena);
	}
}

/* Rounded gradients learn as well: rounding is one noise more among many. */
static void test_quantized(size_t classes)
{
	struct sample_shape shape = with_classes(classes);
	struct sample s;
	struct sample_fit f[3];
	double error[3];
	static const char *const options[] = {
		"rounds=50,shrinkage=0.2,quantize=off",
		"rounds=50,shrinkage=0.2,quantize=on",
		"rounds=50,shrinkage=0.2,quantize=auto",
	};

	shape.train = 1500;
	sample_make(&s, &shape);
	for (size_t k = 0; k < 3; k++) {
		sample_fit(&f[k], &s.data, options[k], 1);
		error[k] = f[k].rc ? NAN : classes ?
			1 - sample_accuracy(&s.data.test, f[k].test, classes) :
			sample_rmse(&s.data.test, f[k].test);
	}
	/* of 400 test rows, some 20 are wrong */
	ok(error[1] < error[0] * 1.1 + (classes ? 0.01 : 0),
	   "gbdt: quantized gradients learn as well, %zu classes (%.3f, %.3f)",
	   classes, error[1], error[0]);
	ok(!memcmp(f[0].test, f[2].test, s.data.test.rows *
					 learner_outputs(&s.data) * sizeof(float)),
	   "gbdt: 1,500 rows are not quantized");
	for (size_t k = 0; k < 3; k++)
		arena_clear(&f[k].arena);
	arena_clear(&s.arena);
}

/* Train loss never rises with full data and small steps. */
static void test_train_loss(size_t classes)
{
	struct sample_shape shape = with_classes(classes);
	double before = INFINITY;
	bool falls = true;
	struct sample s;

	shape.valid = 0;
	sample_make(&s, &shape);
	for (size_t rounds = 1; rounds <= 30; rounds++) {
		struct sample_fit f;
		char options[64];
		double loss = 0;

		snprintf(options, sizeof(options), "rounds=%zu,shrinkage=0.1," WHOLE,
			 rounds);
		sample_fit(&f, &s.data, options, 1);
		for (size_t i = 0; i < s.data.train.rows; i++)
			loss -= !classes ? 0 :
				log((double)f.train[i * classes + (size_t)
					s.data.train.label[i]]);
		if (!classes)
			loss = sample_rmse(&s.data.train, f.train);
		falls &= loss <= before * (1 + 1e-6);
		before = loss;
		arena_clear(&f.arena);
	}
	ok(falls, "gbdt: train loss never rises, %zu classes", classes);
	arena_clear(&s.arena);
}

/* Same training data up to something that must not matter. */
static bool same_scores(const struct sample *a, const struct sample *b,
			const char *options)
{
	struct sample_fit f, g;
	size_t n = a->data.train.rows * learner_outputs(&a->data);
	size_t m = a->data.test.rows * learner_outputs(&a->data);
	bool same;

	sample_fit(&f, &a->data, options, 1);
	sample_fit(&g, &b->data, options, 1);
	same = !f.rc && !g.rc && !memcmp(f.train, g.train, n * sizeof(float)) &&
	       !memcmp(f.test, g.test, m * sizeof(float));
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	return same;
}

/* What a monotone function does to column 0 of all parts; holes stay holes. */
static void transform(struct sample *s, float (*f)(float))
{
	struct part *parts[3] = { &s->data.train, &s->data.valid, &s->data.test };

	for (size_t p = 0; p < 3; p++)
		for (size_t i = 0; i < parts[p]->rows; i++) {
			float *x = cell(parts[p], s->data.cols, i, 0);

			*x = f(*x);
		}
}

static float cube(float x)
{
	return powf(x, 3) * 1000;
}

/* Ends beyond what a float holds: infinite values are values. */
static float steep(float x)
{
	return x > 0.99f ? INFINITY : expf(80 * x);
}

static float steps(float x)
{
	return x > 0.99f ? 0.995f : x;
}

static void test_monotone(size_t classes)
{
	struct sample_shape shape = with_classes(classes);
	struct sample a, b;

	sample_make(&a, &shape);
	sample_make(&b, &shape);
	transform(&b, cube);
	ok(same_scores(&a, &b, ""),
	   "gbdt: a monotone transform changes no bit, %zu classes", classes);
	transform(&a, steps); /* equal values stay equal */
	arena_clear(&b.arena);
	sample_make(&b, &shape);
	transform(&b, steep);
	ok(same_scores(&a, &b, ""),
	   "gbdt: nor one that reaches infinity, %zu classes", classes);
	arena_clear(&a.arena);
	arena_clear(&b.arena);
}

/* With a constant in place of the last numeric column, nothing else is cut than
 * without it. */
static void test_added_constant(void)
{
	struct sample_shape shape = mixed;
	struct part *parts[3];
	struct sample a, b;

	shape.missing = 0; /* the added columns would be holes' neighbours */
	sample_make(&b, &shape);
	parts[0] = &b.data.train;
	parts[1] = &b.data.valid;
	parts[2] = &b.data.test;
	for (size_t p = 0; p < 3; p++)
		for (size_t i = 0; i < parts[p]->rows; i++) {
			*cell(parts[p], 5, i, 3) = 42;
			*cell(parts[p], 5, i, 4) = 1;
		}
	shape.numeric = 3;
	shape.categories = 0;
	sample_make(&a, &shape);
	memcpy((float *)a.data.train.target, b.data.train.target,
	       a.data.train.rows * sizeof(float));
	memcpy((float *)a.data.valid.target, b.data.valid.target,
	       a.data.valid.rows * sizeof(float));
	ok(same_scores(&b, &a, ""), "gbdt: constant columns change no bit");
	arena_clear(&a.arena);
	arena_clear(&b.arena);
}

/* Swap two numeric columns: the same cuts, whatever their order. */
static void test_column_order(size_t classes)
{
	struct sample_shape shape = with_classes(classes);
	struct part *parts[3];
	struct sample a, b;
	struct sample_fit f, g;
	double worst = 0;

	sample_make(&a, &shape);
	sample_make(&b, &shape);
	parts[0] = &b.data.train;
	parts[1] = &b.data.valid;
	parts[2] = &b.data.test;
	for (size_t p = 0; p < 3; p++)
		for (size_t i = 0; i < parts[p]->rows; i++) {
			float keep = *cell(parts[p], 5, i, 0);

			*cell(parts[p], 5, i, 0) = *cell(parts[p], 5, i, 2);
			*cell(parts[p], 5, i, 2) = keep;
		}
	/* Few, large leaves: in small ones two columns often cut alike. */
	sample_fit(&f, &a.data, "leaves=6,min_child_rows=30," WHOLE, 1);
	sample_fit(&g, &b.data, "leaves=6,min_child_rows=30," WHOLE, 1);
	for (size_t i = 0; i < a.data.test.rows * learner_outputs(&a.data); i++)
		worst = fmax(worst, fabs((double)f.test[i] - (double)g.test[i]));
	ok(worst == 0, "gbdt: the order of columns does not matter, %zu classes",
	   classes);
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&a.arena);
	arena_clear(&b.arena);
}

static void test_constant_column(void)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct sample_fit f;
	float gain[5];

	sample_make(&s, &shape);
	for (size_t i = 0; i < s.data.train.rows; i++)
		*cell(&s.data.train, 5, i, 3) = 42;
	sample_fit(&f, &s.data, "", 1);
	learner_find("gbdt")->importance(f.model, IMPORTANCE_GAIN, gain);
	ok(!f.rc && gain[3] == 0, "gbdt: a constant column is never cut");
	ok(gain[0] > gain[2] && gain[1] > gain[2] && gain[4] > gain[2] &&
		   gain[2] >= 0,
	   "gbdt: columns that matter have the gain");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

static void test_unseen_level(void)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct sample_fit f;
	bool same = true;

	sample_make(&s, &shape);
	for (size_t i = 0; i < s.data.train.rows; i++) /* level 3: never */
		if (*cell(&s.data.train, 5, i, 4) == 3)
			*cell(&s.data.train, 5, i, 4) = NAN;
	for (size_t i = 0; i + 1 < s.data.test.rows; i += 2) {
		for (size_t j = 0; j < 4; j++)
			*cell(&s.data.test, 5, i + 1, j) =
				*cell(&s.data.test, 5, i, j);
		*cell(&s.data.test, 5, i, 4) = 3;
		*cell(&s.data.test, 5, i + 1, 4) = NAN;
	}
	sample_fit(&f, &s.data, "", 1);
	for (size_t i = 0; i + 1 < s.data.test.rows; i += 2)
		same &= f.test[i] == f.test[i + 1];
	ok(!f.rc && same, "gbdt: an unseen level goes where missing goes");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

static void test_early_stopping(void)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct sample_fit f, all, best;
	char options[64];

	shape.noise = 1.5;
	sample_make(&s, &shape);
	sample_fit(&f, &s.data, "rounds=300,shrinkage=0.3,patience=10", 1);
	sample_fit(&all, &s.data, "rounds=300,shrinkage=0.3,patience=0", 1);
	ok(f.run.steps < 100 && all.run.steps == 300,
	   "gbdt: stops early (%zu rounds), unless patience is 0", f.run.steps);
	snprintf(options, sizeof(options),
		 "rounds=%zu,shrinkage=0.3,patience=0", f.run.steps);
	sample_fit(&best, &s.data, options, 1);
	ok(!memcmp(f.test, best.test, s.data.test.rows * sizeof(float)),
	   "gbdt: what is kept is the model of the best round");
	ok(sample_rmse(&s.data.test, f.test) < sample_rmse(&s.data.test, all.test),
	   "gbdt: and it is better than the last");
	arena_clear(&f.arena);
	arena_clear(&all.arena);
	arena_clear(&best.arena);
	s.data.valid = (struct part){ 0 };
	sample_fit(&f, &s.data, "rounds=40,patience=1", 1);
	ok(!f.rc && f.run.steps == 40, "gbdt: without validation rows, all rounds");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

static void test_threads(void)
{
	static const char *const options[] = {
		"rounds=4", "rounds=6,row_sample=0.6,col_sample=0.5",
		"rounds=3,leaves=200,bins=17",
		"rounds=3,leaves=63,quantize=on",
	};

	for (size_t k = 0; k < 12; k++) {
		static const size_t classes[] = { 0, 2, 4 };
		struct sample_shape shape = with_classes(classes[k % 3]);
		struct sample s;
		struct sample_fit f[3];
		size_t bytes;
		bool same = true;

		/* at first more rows than any chunk has */
		shape.train = k ? 800 : 18000;
		shape.numeric = 40; /* more than one block of columns */
		sample_make(&s, &shape);
		bytes = s.data.test.rows * learner_outputs(&s.data) * sizeof(float);
		for (int t = 0; t < 3; t++)
			sample_fit(&f[t], &s.data, options[k / 3], 1 << t);
		for (int t = 1; t < 3; t++)
			same &= !f[t].rc && !memcmp(f[0].test, f[t].test, bytes);
		ok(same, "gbdt: same bits on 1, 2, 4 threads: %zu classes, %s",
		   shape.classes, options[k / 3]);
		for (int t = 0; t < 3; t++)
			arena_clear(&f[t].arena);
		arena_clear(&s.arena);
	}
}

static void test_odd_tables(void)
{
	struct sample_shape shape = { .train = 50, .test = 10, .numeric = 2,
				      .seed = 1 };
	struct sample s;
	struct sample_fit f;

	sample_make(&s, &shape);
	for (size_t i = 0; i < 50; i++) {
		*cell(&s.data.train, 2, i, 0) = NAN;
		*cell(&s.data.train, 2, i, 1) = NAN;
	}
	sample_fit(&f, &s.data, "", 1);
	ok(!f.rc && f.run.steps >= 1 && isfinite(f.test[0]) &&
		   f.test[0] == f.test[9],
	   "gbdt: all missing predicts the mean");
	arena_clear(&f.arena);
	for (size_t i = 0; i < 50; i++)
		*cell(&s.data.train, 2, i, 1) = i % 2 ? INFINITY : -INFINITY;
	*cell(&s.data.test, 2, 0, 1) = INFINITY;
	*cell(&s.data.test, 2, 1, 1) = -INFINITY;
	sample_fit(&f, &s.data, "", 1);
	ok(!f.rc && isfinite(f.test[0]) && isfinite(f.test[1]),
	   "gbdt: infinite values are values");
	arena_clear(&f.arena);
	((float *)s.data.train.target)[3] = 3e38f;
	((float *)s.data.train.target)[4] = -3e38f;
	sample_fit(&f, &s.data, "shrinkage=1,l2=0", 1);
	ok(f.rc == ERR_DIVERGED || (!f.rc && isfinite(f.test[0])),
	   "gbdt: a huge target is fitted or refused: %s", f.err.text);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* Wide, and with more classes than rows a class. */
static void test_sizes(void)
{
	struct sample_shape wide = { .train = 12, .test = 3, .numeric = 100000,
				     .seed = 1 };
	struct sample_shape many = { .train = 400, .valid = 50, .test = 20,
				     .numeric = 3, .classes = 100, .seed = 1 };
	struct sample s;
	struct sample_fit f;

	sample_make(&s, &wide);
	sample_fit(&f, &s.data, "rounds=1,leaves=4", 2);
	ok(!f.rc && isfinite(f.test[2]), "gbdt: 100,000 columns");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
	sample_make(&s, &many);
	sample_fit(&f, &s.data, "rounds=3", 2);
	ok(!f.rc && isfinite(f.test[0]), "gbdt: 100 classes");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

int main(void)
{
	test_learns();
	test_quantized(0);
	test_quantized(2);
	test_quantized(4);
	test_train_loss(0);
	test_train_loss(2);
	test_train_loss(3);
	for (size_t classes = 0; classes <= 4; classes += 2) {
		test_monotone(classes);
		test_column_order(classes);
	}
	test_added_constant();
	test_constant_column();
	test_unseen_level();
	test_early_stopping();
	test_threads();
	test_odd_tables();
	test_sizes();
	return tap_done();
}
