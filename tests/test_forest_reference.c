/* tree, forest and extra_trees beside scikit-learn's, with the same settings on
 * the same rows: tests/make_forest_reference.py. */
#include "tests/forest_reference.h"
#include "tests/forest_sample.h"
#include "tests/tap.h"

enum { HALF = 1500, COLS = 6, SEEDS = 2 };

static double uniform(uint32_t i, uint32_t j)
{
	uint32_t h = i * 0x9E3779B1u + j * 0x85EBCA77u + 12345u;

	h ^= h >> 15;
	h *= 0x2C1B3C6Du;
	h ^= h >> 12;
	h *= 0x297A2D39u;
	h ^= h >> 15;
	return h / 4294967296.0;
}

static float make_row(uint32_t i, float *x)
{
	double u[COLS], noise = 0;

	for (uint32_t j = 0; j < COLS; j++) {
		u[j] = floor(100 * uniform(i, j)) / 100;
		x[j] = (float)u[j];
	}
	for (uint32_t k = 0; k < 4; k++)
		noise += uniform(i, 200 + k);
	return (float)(2 * sin(5 * u[0]) + (u[1] > 0.4 ? 1.5 : 0) +
		       2 * u[2] * u[3] + 0.5 * (noise - 2));
}

static struct part make_part(struct arena *a, uint32_t first, size_t classes)
{
	float *x = ARENA_NEW(a, float, HALF * COLS);
	float *target = ARENA_NEW(a, float, HALF);
	int32_t *label = ARENA_NEW(a, int32_t, HALF);

	for (uint32_t i = 0; i < HALF; i++) {
		float k = (float)classes, c;

		target[i] = make_row(first + i, x + i * COLS);
		c = (target[i] + 1) / 6 * k;
		label[i] = classes ? (int32_t)fminf(fmaxf(c, 0), k - 1) : 0;
	}
	return (struct part){ .rows = HALF, .x = x, .target = target,
			      .label = label };
}

static struct dataset make_data(struct arena *a, size_t classes)
{
	return (struct dataset){
		.view = VIEW_TABLE, .cols = COLS, .classes = classes,
		.task = classes ? TASK_CLASSIFICATION : TASK_REGRESSION,
		.train = make_part(a, 0, classes),
		.test = make_part(a, HALF, classes),
	};
}

/* The mean over seeds of the error on the test half. */
static double error_of(const char *learner, size_t classes)
{
	struct arena a;
	struct dataset d;
	double sum = 0;

	arena_init(&a, 0);
	d = make_data(&a, classes);
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct grove_trial t = { .learner = learner, .threads = 2,
					 .options = classes ? "trees=100" :
						    "trees=100,col_share=0.67",
					 .seed = seed };
		struct grove_fit f;

		grove_try(&f, &d, &t);
		sum += f.rc ? NAN : classes ?
			1 - sample_accuracy(&d.test, f.test, classes) :
			sample_rmse(&d.test, f.test);
		arena_clear(&f.arena);
	}
	arena_clear(&a);
	return sum / SEEDS;
}

/* Forests of a hundred trees differ by some percent from seed to seed in the error of
 * classes, and by half a percent of a number's; better is no fault. */
static void check(const char *learner, size_t classes, double want)
{
	double got = error_of(learner, classes);

	if (!ok(got / want < (classes ? 1.06 : 1.015),
		"%s: %zu classes: as good as scikit-learn's (ratio %.3f)", learner,
		classes, got / want))
		printf("# got %.6f, want %.6f\n", got, want);
}

/* Cuts between equal ones may differ by a leaf or two. */
static void check_leaves(size_t classes, const char *alpha, size_t want)
{
	struct arena a;
	struct dataset d;
	struct grove_fit f;
	char options[64];
	size_t leaves;

	arena_init(&a, 0);
	d = make_data(&a, classes);
	snprintf(options, sizeof(options), "min_leaf=7,ccp_alpha=%s", alpha);
	grove_try_on(&f, &d, "tree", options);
	leaves = f.rc ? 0 : f.model->tree[0].leaves;
	ok(leaves + 2 >= want && leaves <= want + 2,
	   "tree: %zu classes: pruned at %s to %zu leaves, scikit-learn's to %zu",
	   classes, alpha, leaves, want);
	arena_clear(&f.arena);
	arena_clear(&a);
}

int main(void)
{
	check("forest", 0, SKLEARN_FOREST_NUMBER);
	check("forest", 2, SKLEARN_FOREST_CLASSES_2);
	check("forest", 5, SKLEARN_FOREST_CLASSES_5);
	check("extra_trees", 0, SKLEARN_EXTRA_NUMBER);
	check("extra_trees", 2, SKLEARN_EXTRA_CLASSES_2);
	check("extra_trees", 5, SKLEARN_EXTRA_CLASSES_5);
	check_leaves(0, "0.01", SKLEARN_LEAVES_NUMBER_10);
	check_leaves(2, "0.01", SKLEARN_LEAVES_CLASSES_2_10);
	check_leaves(5, "0.01", SKLEARN_LEAVES_CLASSES_5_10);
	check_leaves(0, "0.001", SKLEARN_LEAVES_NUMBER_1);
	check_leaves(2, "0.001", SKLEARN_LEAVES_CLASSES_2_1);
	check_leaves(5, "0.001", SKLEARN_LEAVES_CLASSES_5_1);
	return tap_done();
}
