/* mlp beside scikit-learn's MLPClassifier and MLPRegressor of the same layers, batch,
 * rate, epochs and first weights, on the same rows. Scores of single fits differ by
 * their seeds: means are compared, within 2 % and twice their standard errors. */
#include "harness/base/blas.h"
#include "learners/learner.h"

#include "tests/tap.h"

#define COLS 8
#define TRAIN 800
#define TEST 2000
#define SEEDS 10
#define OPTIONS "layers=2,width=64,dropout=0,weight_decay=0,init=glorot,batch=40,epochs=30," \
		"lr=1e-3,schedule=constant,patience=0"

/* By tests/make_mlp_reference.py with scikit-learn 1.2.1, 40 seeds; sums say that
 * the rows are the same. */
static const struct {
	double accuracy, accuracy_se, rmse, rmse_se, rows, classes, values;
} reference = { 0.8394, 0.0009, 0.2671, 0.0043, 48.0414715, 356, -10.0722879 };

extern const struct learner learner_mlp;

static float train_x[TRAIN * COLS], test_x[TEST * COLS];
static float train_y[TRAIN], test_y[TEST], scores[2 * TEST];
static int32_t train_c[TRAIN], test_c[TEST];

/* Knuth's multiplier; the upper 24 bits, in [-1, 1). */
static double uniform(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (double)(*state >> 40) / 8388608.0 - 1;
}

/* The sum of all that was drawn. */
static double make_rows(size_t n, uint64_t state, float *x, int32_t *c, float *y)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double u[COLS + 1], score;

		for (size_t j = 0; j <= COLS; j++)
			sum += u[j] = uniform(&state);
		for (size_t j = 0; j < COLS; j++)
			x[i * COLS + j] = (float)u[j];
		score = u[0] * u[1] + 0.5 * u[2] - 0.5 * u[3] * u[3];
		c[i] = (score > -0.1) != (u[COLS] > 0.8);
		y[i] = (float)(sin(3 * u[0]) + u[1] * u[2] + 0.3 * u[COLS]);
	}
	return sum;
}

static struct dataset data_of(enum task task)
{
	bool classify = task == TASK_CLASSIFICATION;
	struct dataset d = { .name = "reference", .task = task, .view = VIEW_DENSE,
			     .classes = classify ? 2 : 0, .cols = COLS };

	d.train = (struct part){ .rows = TRAIN, .x = train_x };
	d.test = (struct part){ .rows = TEST, .x = test_x };
	if (classify)
		d.train.label = train_c;
	else
		d.train.target = train_y;
	return d;
}

static int fit(enum task task, uint64_t seed)
{
	_Alignas(16) unsigned char config[512];
	struct dataset d = data_of(task);
	struct arena a;
	struct error err;
	struct run run = { .arena = &a, .threads = 2, .seed = seed };
	void *model;
	int rc;

	arena_init(&a, 0);
	param_defaults(learner_mlp.params, config);
	rc = param_set_all(learner_mlp.params, config, OPTIONS, &err) ||
	     learner_mlp.fit(config, &d, &run, &model, &err) ||
	     learner_mlp.predict(model, &d, &d.test, &run, scores, &err);
	arena_clear(&a);
	return rc;
}

static double accuracy(void)
{
	size_t right = 0;

	for (size_t i = 0; i < TEST; i++)
		right += (scores[2 * i + 1] > scores[2 * i]) == test_c[i];
	return (double)right / TEST;
}

static double rmse(void)
{
	double squares = 0;

	for (size_t i = 0; i < TEST; i++)
		squares += pow((double)scores[i] - (double)test_y[i], 2);
	return sqrt(squares / TEST);
}

/* Ours in the mean of its seeds. */
static void compare(enum task task, double (*score)(void), double theirs, double se,
		    const char *what)
{
	double sum = 0, squares = 0, mean, own;
	int rc = 0;

	for (uint64_t seed = 0; seed < SEEDS && !rc; seed++) {
		double got;

		rc = fit(task, seed);
		got = score();
		sum += got;
		squares += got * got;
	}
	mean = sum / SEEDS;
	own = sqrt(fmax(0, squares / SEEDS - mean * mean) / (SEEDS - 1));
	printf("# %s %.4f (standard error %.4f), scikit-learn's %.4f (%.4f)\n", what, mean,
	       own, theirs, se);
	ok(!rc && fabs(mean - theirs) < 0.02 * theirs + 2 * hypot(own, se),
	   "mlp: %s as scikit-learn's", what);
}

int main(void)
{
	double sum = 0, classes = 0;

	blas_init();
	ok_near(make_rows(TRAIN, 1, train_x, train_c, train_y), reference.rows, 1e-6,
		"the rows are scikit-learn's");
	make_rows(TEST, 2, test_x, test_c, test_y);
	for (size_t i = 0; i < TRAIN; i++) {
		sum += (double)train_y[i];
		classes += train_c[i];
	}
	ok_near(sum, reference.values, 1e-4, "and so are their values");
	ok_near(classes, reference.classes, 1e-9, "and classes");
	compare(TASK_CLASSIFICATION, accuracy, reference.accuracy, reference.accuracy_se,
		"accuracy");
	compare(TASK_REGRESSION, rmse, reference.rmse, reference.rmse_se, "rmse");
	return tap_done();
}
