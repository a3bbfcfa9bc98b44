/* Weights of rows and of classes. */
#include "learners/gbdt/weights.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

/* A side's least size as a hessian, which weights are in; subsets of levels are
 * bounded by rows, which they are not, so levels are cut one by one. */
#define EXACT "row_sample=1,col_sample=1,bin_rows=1,max_onehot=255,"

static struct sample_shape shape(size_t classes)
{
	return (struct sample_shape){
		.train = 240, .valid = 80, .test = 200, .numeric = 3,
		.categories = 1, .levels = 6, .missing = 0.1, .noise = 0.2,
		.classes = classes, .seed = 3,
	};
}

/* Row `from` of a part in the place of row `to`. */
static void copy_row(struct part *p, size_t cols, size_t from, size_t to)
{
	memcpy((float *)p->x + to * cols, p->x + from * cols,
	       cols * sizeof(float));
	((float *)p->target)[to] = p->target[from];
	((int32_t *)p->label)[to] = p->label[from];
}

static double apart(const float *a, const float *b, size_t n)
{
	double worst = 0;

	for (size_t i = 0; i < n; i++)
		worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
	return worst;
}

/* So few values that each has its bin, however often it occurs. */
static void make_coarse(struct sample *s, const struct sample_shape *form)
{
	float *x;

	sample_make(s, form);
	x = (float *)s->data.train.x;
	for (size_t i = 0; i < form->train * 4; i++)
		x[i] = i % 4 == 3 ? x[i] : floorf(x[i] * 60) / 60;
}

/* Rows 0..299 twice, or with weight 2 and rows 300..599 with weight 0. */
static void test_duplicates(size_t classes, const char *more)
{
	struct sample_shape form = shape(classes);
	struct sample s, twice;
	struct sample_fit f, g;
	char options[200];
	float *weight;
	double off;

	form.valid = 0;
	form.train = 900;
	make_coarse(&s, &form);
	make_coarse(&twice, &form);
	weight = ARENA_NEW(&s.arena, float, 900);
	for (size_t i = 0; i < 900; i++)
		weight[i] = i < 300 ? 2 : i < 600 ? 0 : 1;
	s.data.train.weight = weight;
	for (size_t i = 0; i < 300; i++)
		copy_row(&twice.data.train, 4, i, 300 + i);
	snprintf(options, sizeof(options), "rounds=5,leaves=7," EXACT
		 "min_child_hessian=%g,%s", classes ? 5.0 : 15.0, more);
	sample_fit(&f, &s.data, options, 2);
	sample_fit(&g, &twice.data, options, 2);
	off = apart(f.test, g.test, 200 * learner_outputs(&s.data));
	/* Large leaves: small ones are often cut alike by two columns. Gradients
	 * are rounded to 2^-30 of their sum, and scores to floats. */
	ok(!f.rc && !g.rc && off < 1e-5,
	   "weights: a row of weight 2 is two rows: %zu classes %s (off %.1e)",
	   classes, more, off);
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
	arena_clear(&twice.arena);
}

/* The very bits of a fit without the rows that weigh nothing. */
static void test_absent(void)
{
	struct sample_shape form = shape(3);
	struct sample s, less;
	struct sample_fit f, g;
	float *weight, *valid;
	size_t n = 0;

	sample_make(&s, &form);
	sample_make(&less, &form);
	weight = ARENA_NEW(&s.arena, float, 240);
	valid = ARENA_NEW(&s.arena, float, 80);
	for (size_t i = 0; i < 240; i++) {
		weight[i] = i % 3 ? 1.0f : 0.0f;
		if (i % 3)
			copy_row(&less.data.train, 4, i, n++);
	}
	for (size_t i = 0; i < 80; i++)
		valid[i] = i < 40 ? 1.0f : 0.0f;
	s.data.train.weight = weight;
	s.data.valid.weight = valid;
	less.data.train.rows = n;
	less.data.valid.rows = 40;
	sample_fit(&f, &s.data, "", 1);
	sample_fit(&g, &less.data, "", 1);
	ok(!f.rc && !g.rc && f.run.steps == g.run.steps &&
		   !memcmp(f.test, g.test, 200 * 3 * sizeof(float)),
	   "weights: rows of weight 0 are as if absent, to the bit");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	memset(weight, 0, 240 * sizeof(float));
	sample_fit(&f, &s.data, "", 1);
	ok(f.rc == ERR_DATA, "weights: %s", f.err.text);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
	arena_clear(&less.arena);
}

static void test_sparse(void)
{
	static const uint64_t start[] = { 0, 2, 2, 5, 6 };
	static const uint32_t index[] = { 1, 4, 0, 2, 3, 4 };
	static const float value[] = { 1, 2, 3, 4, 5, 6 }, weight[] = { 1, 2, 0, 3 };
	static const int32_t label[] = { 0, 1, 0, 1 };
	struct dataset d = { .task = TASK_CLASSIFICATION, .classes = 2, .cols = 5,
			     .train = { .rows = 4, .row_start = start,
					.index = index, .value = value,
					.weight = weight, .label = label } };
	struct gbdt_config config = { .positive_weight = 1 };
	struct dataset out;
	struct arena a;
	struct error err;
	const struct part *p = &out.train;

	arena_init(&a, 0);
	ok(!weights_apply(&config, &d, &out, &a, &err) && p->rows == 3 &&
		   p->row_start[1] == 2 && p->row_start[2] == 2 &&
		   p->row_start[3] == 3 && p->index[2] == 4 && p->value[2] == 6 &&
		   p->label[2] == 1 && p->weight[2] == 3,
	   "weights: sparse rows of weight 0 are left out");
	for (size_t n = 1; n <= 5; n++) {
		arena_clear(&a);
		a.calls = 0;
		a.fail_at = n;
		ok(weights_apply(&config, &d, &out, &a, &err) == ERR_MEMORY,
		   "weights: failing allocation %zu is reported", n);
	}
	arena_clear(&a);
}

static void test_refused(void)
{
	static const struct {
		float weight;
		size_t row;
	} bad[] = { { -1, 7 }, { NAN, 0 }, { INFINITY, 239 }, { -INFINITY, 3 } };
	struct sample_shape form = shape(0);
	struct sample s;
	struct sample_fit f;
	float *weight;

	sample_make(&s, &form);
	weight = ARENA_NEW(&s.arena, float, 240);
	s.data.train.weight = weight;
	for (size_t k = 0; k < sizeof(bad) / sizeof(*bad); k++) {
		char row[32];

		for (size_t i = 0; i < 240; i++)
			weight[i] = 1;
		weight[bad[k].row] = bad[k].weight;
		snprintf(row, sizeof(row), "training row %zu ", bad[k].row + 1);
		sample_fit(&f, &s.data, "", 1);
		ok(f.rc == ERR_DATA && strstr(f.err.text, row), "weights: %s",
		   f.err.text);
		arena_clear(&f.arena);
	}
	weight[3] = 1;
	sample_fit(&f, &s.data, "class_weight=balanced", 1);
	ok(f.rc == ERR_CONFIG, "weights: %s", f.err.text);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
	form.classes = 3;
	sample_make(&s, &form);
	sample_fit(&f, &s.data, "positive_weight=2", 1);
	ok(f.rc == ERR_CONFIG, "weights: %s", f.err.text);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* By formula and by hand are the same bits. */
static void test_classes(void)
{
	struct sample_shape form = shape(3);
	struct sample s;
	struct sample_fit f, g;
	float *train, *valid;
	double of[3] = { 0 };

	sample_make(&s, &form);
	train = ARENA_NEW(&s.arena, float, 240);
	valid = ARENA_NEW(&s.arena, float, 80);
	sample_fit(&f, &s.data, "class_weight=balanced", 1);
	for (size_t i = 0; i < 240; i++)
		of[s.data.train.label[i]]++;
	for (size_t i = 0; i < 240; i++)
		train[i] = (float)(240 / (3 * of[s.data.train.label[i]]));
	for (size_t i = 0; i < 80; i++)
		valid[i] = (float)(240 / (3 * of[s.data.valid.label[i]]));
	s.data.train.weight = train;
	s.data.valid.weight = valid;
	sample_fit(&g, &s.data, "", 1);
	ok(!f.rc && !g.rc && !memcmp(f.test, g.test, 600 * sizeof(float)),
	   "weights: balanced classes are rows weighed by hand");
	ok(f.model->base[0] == 0 || fabs(f.model->base[0] - f.model->base[2]) < 1e-6,
	   "weights: balanced, every class starts alike");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
	form.classes = 2;
	sample_make(&s, &form);
	sample_fit(&f, &s.data, "rounds=1,shrinkage=1e-4,positive_weight=3", 1);
	sample_fit(&g, &s.data, "rounds=1,shrinkage=1e-4", 1);
	ok(!f.rc && fabs(f.model->base[0] - g.model->base[0] - log(3)) < 1e-6,
	   "weights: positive_weight multiplies the odds to start from");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

int main(void)
{
	static const char *const losses[] = {
		"", "objective=absolute", "objective=quantile,quantile_level=0.7",
		"objective=huber", "leaf_steps=2",
	};

	for (size_t k = 0; k < sizeof(losses) / sizeof(*losses); k++)
		test_duplicates(0, losses[k]);
	test_duplicates(2, "");
	test_duplicates(4, "");
	test_duplicates(4, "leaf_steps=3");
	test_absent();
	test_sparse();
	test_refused();
	test_classes();
	return tap_done();
}
