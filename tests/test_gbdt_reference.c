/* gbdt beside scikit-learn's histogram boosting and XGBoost, with the same
 * settings on the same rows: tests/make_gbdt_reference.py. */
#include "tests/gbdt_reference.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { HALF = 2000, COLS = 6, LEVELS = 12 };

/* Two implementations of one method differ by edges of bins and ties; on sets
 * of this size other rows move the loss by about as much. */
static const double band = 0.03;

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
	double u[COLS], y;
	size_t level;

	for (uint32_t j = 0; j < COLS; j++)
		u[j] = uniform(i, j);
	level = (size_t)(u[5] * LEVELS);
	y = 2 * sin(5 * u[0]) + (u[1] > 0.4 ? 1.5 : 0) + 2 * u[2] * u[3] +
	    (double)(level * 7 % LEVELS) / 6 - 1;
	for (uint32_t k = 0; k < 4; k++)
		y += 0.5 * uniform(i, 200 + k);
	u[5] = (double)level;
	for (uint32_t j = 0; j < COLS; j++)
		x[j] = uniform(i, 100 + j) < 0.1 ? NAN : (float)u[j];
	return (float)y;
}

static struct part make_part(struct arena *a, uint32_t first, size_t classes)
{
	float *x = ARENA_NEW(a, float, HALF * COLS);
	float *target = ARENA_NEW(a, float, HALF);
	int32_t *label = ARENA_NEW(a, int32_t, HALF);

	for (uint32_t i = 0; i < HALF; i++) {
		double k = (double)classes;

		target[i] = make_row(first + i, x + i * COLS);
		if (classes)
			label[i] = (int32_t)fmin(fmax(
				((double)target[i] + 1) / 6 * k, 0), k - 1);
	}
	return (struct part){ .rows = HALF, .x = x, .target = target,
			      .label = label };
}

/* What make_gbdt_reference.py tells for each, on the test half. */
enum told { RMSE, LOG_LOSS, MAE, PINBALL, HUBER, DEVIANCE };

static double one_loss(enum told told, double y, double p)
{
	double d = fabs(y - p);

	switch (told) {
	case MAE:
		return d;
	case PINBALL:
		return fmax(0.8 * (y - p), -0.2 * (y - p));
	case HUBER:
		return d <= 1.5 ? d * d / 2 : 1.5 * (d - 0.75);
	case DEVIANCE:
		return 2 * ((y > 0 ? y * log(y / p) : 0) - y + p);
	default:
		return d * d;
	}
}

static double loss(const struct dataset *d, const float *scores, enum told told)
{
	double sum = 0;

	if (told == RMSE)
		return sample_rmse(&d->test, scores);
	for (size_t i = 0; i < HALF; i++)
		sum += told == LOG_LOSS ?
			-log((double)scores[i * d->classes +
					    (size_t)d->test.label[i]]) :
			one_loss(told, (double)d->test.target[i],
				 (double)scores[i]);
	return sum / HALF;
}

/* Our softmax hessian is K / (K - 1) of scikit-learn's (objective.c), so the
 * same step takes a learning rate larger by as much. */
static double fitted_loss(size_t classes, bool categorical, enum told told,
			  const char *more)
{
	double k = (double)classes;
	char options[240];
	struct column columns[COLS] = {
		[5] = { .is_cat = categorical, .levels = LEVELS },
	};
	struct arena a;
	struct sample_fit f;
	struct dataset d;
	double got;

	arena_init(&a, 0);
	d = (struct dataset){
		.view = VIEW_TABLE, .cols = COLS, .columns = columns,
		.classes = classes,
		.task = classes ? TASK_CLASSIFICATION : TASK_REGRESSION,
		.train = make_part(&a, 0, classes),
		.test = make_part(&a, HALF, classes),
	};
	for (size_t i = 0; told == DEVIANCE && i < HALF; i++) {
		float *train = (float *)d.train.target + i;
		float *test = (float *)d.test.target + i;

		*train = fmaxf(floorf(*train + 1.5f), 0);
		*test = fmaxf(floorf(*test + 1.5f), 0);
	}
	snprintf(options, sizeof(options), "rounds=100,shrinkage=%.6f,"
		 "min_child_rows=20,l2=0,bin_rows=1,row_sample=1,col_sample=1,%s",
		 classes > 2 ? 0.1 * k / (k - 1) : 0.1, more);
	sample_fit(&f, &d, options, 1);
	got = f.rc ? NAN : loss(&d, f.test, told);
	arena_clear(&f.arena);
	arena_clear(&a);
	return got;
}

static void check(double got, double want, const char *what)
{
	if (!ok(fabs(got / want - 1) < band, "gbdt: as good as %s (ratio %.3f)",
		what, got / want))
		printf("# got %.6f, want %.6f\n", got, want);
}

/* The same growth, constraints and penalties by other names. */
static void test_growth(void)
{
	static const struct {
		const char *options, *what;
		double want;
	} with[] = {
		{ "growth=depth,depth=5,leaves=32", "XGBoost, depth-wise",
		  XGBOOST_DEPTHWISE },
		{ "growth=depth,depth=8,leaves=12", "XGBoost, depth-wise, 12 leaves",
		  XGBOOST_DEPTH_LEAVES },
		{ "monotone=0:-1:1:0:0:0", "XGBoost, monotone constraints",
		  XGBOOST_MONOTONE },
		{ "max_delta_step=0.3", "XGBoost, bounded leaves",
		  XGBOOST_DELTA_STEP },
		{ "l1=20,l2=5,min_gain=5,min_child_rows=5", "XGBoost, penalties",
		  XGBOOST_PENALTIES },
		{ "col_sample_level=0.6,col_sample_node=0.7",
		  "XGBoost, columns by level and leaf", XGBOOST_LEVEL_NODE },
	};
	char options[120];

	for (size_t k = 0; k < sizeof(with) / sizeof(with[0]); k++) {
		snprintf(options, sizeof(options), "leaf_steps=0,%s",
			 with[k].options);
		check(fitted_loss(0, false, RMSE, options), with[k].want,
		      with[k].what);
	}
}

int main(void)
{
	double squared = fitted_loss(0, false, RMSE, "leaf_steps=0");

	check(squared, SKLEARN_SQUARED, "scikit-learn, regression");
	check(squared, XGBOOST_SQUARED, "XGBoost, regression");
	check(fitted_loss(0, false, RMSE, "leaf_steps=0,quantize=on"),
	      SKLEARN_SQUARED, "scikit-learn, regression, with quantized gradients");
	check(fitted_loss(2, false, LOG_LOSS, "leaf_steps=0,quantize=on"),
	      SKLEARN_LOGISTIC, "scikit-learn, two classes, with quantized gradients");
	check(fitted_loss(0, true, RMSE, "leaf_steps=0"), SKLEARN_LEVELS,
	      "scikit-learn, with a categorical column");
	check(fitted_loss(2, false, LOG_LOSS, "leaf_steps=0"), SKLEARN_LOGISTIC,
	      "scikit-learn, two classes");
	check(fitted_loss(4, false, LOG_LOSS, "leaf_steps=0"), SKLEARN_SOFTMAX,
	      "scikit-learn, four classes");
	check(fitted_loss(0, false, MAE, "objective=absolute"), SKLEARN_ABSOLUTE,
	      "scikit-learn, absolute error");
	check(fitted_loss(0, false, PINBALL,
			  "objective=quantile,quantile_level=0.8"),
	      SKLEARN_QUANTILE, "scikit-learn, a quantile");
	check(fitted_loss(0, false, HUBER, "objective=huber,huber_delta=1.5"),
	      XGBOOST_HUBER, "XGBoost, Huber's loss");
	check(fitted_loss(0, false, DEVIANCE, "objective=poisson,min_child_rows=1,"
			  "min_child_hessian=1"),
	      XGBOOST_POISSON, "XGBoost, counts");
	test_growth();
	return tap_done();
}
