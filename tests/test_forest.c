/* The learner forest: what a random forest promises, on small tables. */
#include "tests/forest_sample.h"
#include "tests/tap.h"

static const struct sample_shape mixed = {
	.train = 600, .test = 400, .numeric = 4, .categories = 1, .levels = 12,
	.missing = 0.1, .noise = 0.2, .seed = 1,
};

static struct sample_shape with_classes(size_t classes)
{
	struct sample_shape s = mixed;

	s.classes = classes;
	return s;
}

static size_t score_bytes(const struct dataset *d)
{
	return d->test.rows * learner_outputs(d) * sizeof(float);
}

static void test_learns(const char *learner)
{
	for (size_t classes = 0; classes <= 4; classes += 2) {
		struct sample_shape shape = with_classes(classes);
		struct sample s;
		struct grove_fit f;
		double got;

		sample_make(&s, &shape);
		grove_try_on(&f, &s.data, learner, "trees=50");
		got = classes ? sample_accuracy(&s.data.test, f.test, classes) :
				sample_rmse(&s.data.test, f.test);
		ok(!f.rc && (classes ? got > (classes == 2 ? 0.85 : 0.7) :
				       got < 0.6),
		   "%s: %zu classes: learns steps, slopes and parity (%.3f)",
		   learner, classes, got);
		arena_clear(&f.arena);
		arena_clear(&s.arena);
	}
}

static void test_threads(const char *learner)
{
	static const char *const options[] = {
		"trees=7", "trees=5,row_share=0.5,bootstrap=false",
		"trees=5,class_weight=balanced,oob=true,criterion=entropy",
	};

	for (size_t k = 0; k < 9; k++) {
		static const size_t classes[] = { 0, 2, 40 };
		struct sample_shape shape = with_classes(classes[k % 3]);
		struct sample s;
		struct grove_fit f[3];
		bool same = true;

		sample_make(&s, &shape);
		for (int t = 0; t < 3; t++) {
			struct grove_trial trial = {
				.learner = learner, .options = options[k / 3],
				.threads = 1 << t, .seed = 3 };

			grove_try(&f[t], &s.data, &trial);
			same &= !f[t].rc && !memcmp(f[0].test, f[t].test,
						    score_bytes(&s.data));
		}
		ok(same, "%s: same bits on 1, 2, 4 threads: %zu classes, %s", learner,
		   shape.classes, options[k / 3]);
		for (int t = 0; t < 3; t++)
			arena_clear(&f[t].arena);
		arena_clear(&s.arena);
	}
}

static bool stop_at_first(void *ctx, size_t done, size_t total, double loss)
{
	(void)total, (void)loss;
	*(size_t *)ctx = done;
	return false;
}

/* A forest that was stopped is the first trees of the one that was not. */
static void test_stop(void)
{
	struct sample_shape shape = with_classes(3);
	struct sample s;
	struct grove_fit f, g;
	size_t done = 0;
	struct grove_trial t = { .learner = "forest", .options = "trees=200",
				 .threads = 2, .seed = 1, .tick = stop_at_first,
				 .tick_ctx = &done };
	char options[32];

	sample_make(&s, &shape);
	grove_try(&f, &s.data, &t);
	snprintf(options, sizeof(options), "trees=%zu", done);
	grove_try_on(&g, &s.data, "forest", options);
	ok(!f.rc && f.run.steps == done && done && done < 200 && f.run.stopped,
	   "forest: stops after %zu trees when the tick says so", done);
	ok(!memcmp(f.test, g.test, score_bytes(&s.data)),
	   "forest: and is the forest of so many trees");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

static void test_seed(void)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct grove_fit f, g;
	struct grove_trial t = { .learner = "forest", .options = "trees=5",
				 .threads = 1, .seed = 2 };

	sample_make(&s, &shape);
	grove_try_on(&f, &s.data, "forest", "trees=5");
	grove_try(&g, &s.data, &t);
	ok(memcmp(f.test, g.test, score_bytes(&s.data)) != 0,
	   "forest: another seed is another forest");
	ok(memcmp(&f.model->tree[0].node[0], &f.model->tree[1].node[0],
		  sizeof(struct tree_node)) != 0 ||
		   f.model->tree[0].leaves != f.model->tree[1].leaves,
	   "forest: its trees differ");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

/* Rows of weight 2 against the same rows twice; nothing drawn. */
static void test_weights(size_t classes)
{
	static const char options[] = "trees=1,bootstrap=false,col_share=1,"
				      "min_leaf=1,depth=4";
	struct sample_shape shape = with_classes(classes);
	struct sample a, b;
	struct grove_fit f, g;
	float *weight;
	double worst = 0;
	size_t k = classes ? classes : 1;

	sample_make(&a, &shape);
	sample_make(&b, &shape);
	weight = ARENA_NEW(&a.arena, float, a.data.train.rows);
	/* rows 0..99 weigh 2 and are twice in b, where they replace 100..199 */
	for (size_t i = 0; i < a.data.train.rows; i++)
		weight[i] = i < 100 ? 2 : i < 200 ? 0 : 1;
	a.data.train.weight = weight;
	for (size_t i = 0; i < 100; i++) {
		memcpy(sample_cell(&b.data.train, 5, 100 + i, 0),
		       sample_cell(&b.data.train, 5, i, 0), 5 * sizeof(float));
		memcpy(sample_cell(&a.data.train, 5, 100 + i, 0),
		       sample_cell(&a.data.train, 5, i, 0), 5 * sizeof(float));
		((int32_t *)b.data.train.label)[100 + i] = b.data.train.label[i];
		((float *)b.data.train.target)[100 + i] = b.data.train.target[i];
	}
	grove_try_on(&f, &a.data, "forest", options);
	grove_try_on(&g, &b.data, "forest", options);
	for (size_t i = 0; i < a.data.test.rows * k; i++)
		worst = fmax(worst, fabs((double)f.test[i] - (double)g.test[i]));
	/* of equal cuts either may be taken: classes have many such */
	ok(!f.rc && !g.rc && worst < 1e-4,
	   "forest: %zu classes: a row of weight 2 is two rows (off by %.1e)",
	   classes, worst);
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&a.arena);
	arena_clear(&b.arena);
}

static void test_no_weight(void)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct grove_fit f;
	float *weight;

	sample_make(&s, &shape);
	weight = ARENA_NEW(&s.arena, float, s.data.train.rows);
	s.data.train.weight = weight;
	grove_try_on(&f, &s.data, "forest", "trees=3");
	ok(f.rc == ERR_DATA, "forest: no weights at all: %s", f.err.text);
	arena_clear(&f.arena);
	weight[17] = 1;
	grove_try_on(&f, &s.data, "forest", "trees=3");
	ok(!f.rc && fabsf(f.test[0] - s.data.train.target[17]) < 1e-6f,
	   "forest: one row with a weight is all there is");
	arena_clear(&f.arena);
	((float *)s.data.train.target)[17] = INFINITY;
	grove_try_on(&f, &s.data, "forest", "trees=3");
	ok(f.rc == ERR_DATA, "forest: an infinite target: %s", f.err.text);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* Nine of ten rows of class 0: balanced, class 1 is predicted more often. */
static void test_balanced(void)
{
	struct sample_shape shape = with_classes(2);
	struct sample s;
	size_t ones[2] = { 0 };

	shape.noise = 1.5;
	sample_make(&s, &shape);
	for (size_t i = 0; i < s.data.train.rows; i++)
		if (i % 5)
			((int32_t *)s.data.train.label)[i] = 0;
	for (size_t k = 0; k < 2; k++) {
		struct grove_fit f;

		grove_try_on(&f, &s.data, "forest", k ?
			     "trees=50,depth=4,class_weight=balanced" :
			     "trees=50,depth=4");
		for (size_t i = 0; i < s.data.test.rows; i++)
			ones[k] += f.test[2 * i + 1] > 0.5f;
		arena_clear(&f.arena);
	}
	ok(ones[1] > ones[0] + 50, "forest: balanced weights favour the rare class "
	   "(%zu rows, %zu without)", ones[1], ones[0]);
	arena_clear(&s.arena);
}

static void test_oob(void)
{
	struct sample_shape shape = with_classes(4);
	struct sample s;
	struct grove_fit f, g;
	double said = 0, is;

	shape.train = 1500;
	shape.test = 1500;
	sample_make(&s, &shape);
	grove_try_on(&f, &s.data, "forest", "trees=60,oob=true");
	grove_try_on(&g, &s.data, "forest", "trees=60");
	is = sample_accuracy(&s.data.test, f.test, 4);
	sscanf(f.run.note, "out-of-bag accuracy %lf", &said);
	ok(fabs(said - is) < 0.03,
	   "forest: the error out of bag is that on new rows (%.3f, %.3f)", said,
	   is);
	ok(!memcmp(f.test, g.test, score_bytes(&s.data)) && !g.run.note[0],
	   "forest: measuring it changes nothing");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

static void test_importance(const char *learner)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct grove_fit f;
	float gain[5], sum = 0;

	sample_make(&s, &shape);
	for (size_t i = 0; i < s.data.train.rows; i++)
		*sample_cell(&s.data.train, 5, i, 3) = 42;
	grove_try_on(&f, &s.data, learner, "trees=30");
	learner_find(learner)->importance(f.model, IMPORTANCE_GAIN, gain);
	for (size_t j = 0; j < 5; j++)
		sum += gain[j];
	ok(fabsf(sum - 1) < 1e-5f && gain[3] == 0 && f.model->cuts[3] == 0,
	   "%s: importance sums to 1, a constant column has none", learner);
	ok(gain[0] > gain[2] && gain[1] > gain[2] && gain[4] > gain[2],
	   "%s: columns that matter have it", learner);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* An unseen level and a missing one go the same way. */
static void test_unseen_level(void)
{
	struct sample_shape shape = with_classes(3);
	struct sample s;
	struct grove_fit f;
	bool same = true;

	sample_make(&s, &shape);
	for (size_t i = 0; i < s.data.train.rows; i++)
		if (*sample_cell(&s.data.train, 5, i, 4) == 3)
			*sample_cell(&s.data.train, 5, i, 4) = NAN;
	for (size_t i = 0; i + 1 < s.data.test.rows; i += 2) {
		memcpy(sample_cell(&s.data.test, 5, i + 1, 0),
		       sample_cell(&s.data.test, 5, i, 0), 5 * sizeof(float));
		*sample_cell(&s.data.test, 5, i, 4) = i % 4 ? 3 : 99;
		*sample_cell(&s.data.test, 5, i + 1, 4) = NAN;
	}
	grove_try_on(&f, &s.data, "forest", "trees=20");
	for (size_t i = 0; i + 1 < s.data.test.rows; i += 2)
		same &= !memcmp(f.test + 3 * i, f.test + 3 * i + 3,
				3 * sizeof(float));
	ok(!f.rc && same, "forest: an unseen level goes where missing goes");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* Rows walked by rank end where the sets of raw levels send them. */
static void test_sets(void)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct grove_fit f;
	double worst = 0;

	sample_make(&s, &shape);
	grove_try_on(&f, &s.data, "forest", "trees=10");
	for (size_t i = 0; i < s.data.test.rows; i++) {
		float sum = 0;

		for (size_t k = 0; k < 10; k++)
			tree_add(&f.model->tree[k], f.model->column,
				 s.data.test.x + 5 * i, 5, 1, &sum, 1);
		worst = fmax(worst, fabs((double)sum / 10 - (double)f.test[i]));
	}
	ok(f.model->tree[0].by_rank && f.model->tree[0].n_sets && worst < 1e-6,
	   "forest: raw rows and ranked ones end in the same leaves");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

static void test_sizes(void)
{
	struct sample_shape wide = { .train = 12, .test = 3, .numeric = 100000,
				     .seed = 1 };
	struct sample_shape many = { .train = 3000, .test = 20, .numeric = 3,
				     .classes = 2000, .noise = 1, .seed = 1 };
	struct sample s;
	struct grove_fit f;

	sample_make(&s, &wide);
	grove_try_on(&f, &s.data, "forest", "trees=3");
	ok(!f.rc && isfinite(f.test[2]), "forest: 100,000 columns");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
	sample_make(&s, &many);
	for (size_t k = 0; k < 3; k++) {
		static const char *const learners[] = { "forest", "extra_trees",
							"tree" };

		grove_try_on(&f, &s.data, learners[k], k < 2 ? "trees=10" : "");
		ok(!f.rc && isfinite(f.test[0]) && (double)f.arena.peak < 60e6,
		   "%s: 2,000 classes in %.0f MB", learners[k],
		   (double)f.arena.peak / 1e6);
		arena_clear(&f.arena);
	}
	arena_clear(&s.arena);
}

static void test_odd_tables(void)
{
	struct sample_shape shape = { .train = 50, .test = 10, .numeric = 2,
				      .seed = 1 };
	struct sample s;
	struct grove_fit f;

	sample_make(&s, &shape);
	for (size_t i = 0; i < 50; i++) {
		*sample_cell(&s.data.train, 2, i, 0) = NAN;
		*sample_cell(&s.data.train, 2, i, 1) = NAN;
	}
	grove_try_on(&f, &s.data, "extra_trees", "trees=3");
	ok(!f.rc && f.test[0] == f.test[9], "forest: all missing predicts the mean");
	arena_clear(&f.arena);
	for (size_t i = 0; i < 50; i++) {
		*sample_cell(&s.data.train, 2, i, 0) = i % 3 ? INFINITY : NAN;
		*sample_cell(&s.data.train, 2, i, 1) = i % 2 ? INFINITY : -INFINITY;
	}
	*sample_cell(&s.data.test, 2, 0, 1) = INFINITY;
	*sample_cell(&s.data.test, 2, 1, 1) = -INFINITY;
	for (size_t k = 0; k < 2; k++) {
		grove_try_on(&f, &s.data, k ? "extra_trees" : "forest", "trees=9");
		ok(!f.rc && isfinite(f.test[0]) && f.test[0] != f.test[1],
		   "forest: infinite values are values");
		arena_clear(&f.arena);
	}
	((float *)s.data.train.target)[3] = 3e38f;
	((float *)s.data.train.target)[4] = -3e38f;
	grove_try_on(&f, &s.data, "forest", "trees=9");
	ok(!f.rc && isfinite(f.test[0]), "forest: huge targets");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* With levels, many classes, measures out of bag: all there is to allocate. */
static void test_memory(void)
{
	static const char *const options[] = {
		"trees=2,oob=true,class_weight=balanced", "trees=2", "" };
	static const char *const learners[] = { "forest", "extra_trees", "tree" };
	struct sample_shape shape = with_classes(3);

	shape.train = 40;
	shape.valid = 20;
	for (size_t k = 0; k < 3; k++) {
		struct sample s;
		struct grove_fit f;
		size_t wrong = 0, failed = 0;

		sample_make(&s, &shape);
		for (;; failed++) {
			struct grove_trial t = {
				.learner = learners[k], .options = options[k],
				.threads = 2, .fail_at = failed + 1 };

			grove_try(&f, &s.data, &t);
			arena_clear(&f.arena);
			if (!f.rc)
				break;
			wrong += f.rc != ERR_MEMORY;
		}
		ok(failed > 40 && !wrong,
		   "%s: each of %zu failing allocations is reported", learners[k],
		   failed);
		arena_clear(&s.arena);
	}
}

static void test_forecast(void)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct grove_fit f;
	struct forest_config c = { 0 };
	const struct learner *l = learner_find("forest");
	struct forecast cast;

	sample_make(&s, &shape);
	param_defaults(l->params, &c);
	cast = l->forecast(&c, &s.data);
	grove_try_on(&f, &s.data, "forest", "");
	ok(cast.bytes > 0 && cast.bytes <= (double)f.arena.peak && cast.flops > 0,
	   "forest: never forecasts more memory than it takes");
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

int main(void)
{
	static const char *const learners[] = { "forest", "extra_trees" };

	for (size_t k = 0; k < 2; k++) {
		test_learns(learners[k]);
		test_threads(learners[k]);
		test_importance(learners[k]);
	}
	test_stop();
	test_seed();
	test_weights(0);
	test_weights(2);
	test_weights(3);
	test_no_weight();
	test_balanced();
	test_oob();
	test_unseen_level();
	test_sets();
	test_sizes();
	test_odd_tables();
	test_memory();
	test_forecast();
	return tap_done();
}
