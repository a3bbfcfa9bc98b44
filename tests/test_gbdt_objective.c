/* Losses: derivatives against differences, bases, predictions. */
#include "learners/gbdt/objective.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { N = 300, K = 5 };

static float score[K * N], gradient[K * N], hessian[K * N], target[N], weight[N];
static int32_t label[N];

static struct objective_rows make(size_t outputs, size_t classes)
{
	struct rng r = rng_make(outputs, "objective");

	for (size_t i = 0; i < K * N; i++)
		score[i] = (float)rng_normal(r, i);
	for (size_t i = 0; i < N; i++) {
		target[i] = (float)rng_normal(r, 5000 + i);
		weight[i] = (float)rng_uniform_open(r, 7000 + i) * 3;
		label[i] = (int32_t)rng_below(r, 9000 + i, classes);
	}
	return (struct objective_rows){ .rows = N, .outputs = outputs,
					.label = label, .target = target,
					.weight = weight };
}

/* Analytic gradient and hessian of every tenth row against central
 * differences of the loss; `scale` is loss over objective (2 for squares). */
static void check(const struct objective *o, size_t outputs, size_t classes,
		  double scale, double factor)
{
	struct objective_rows t = make(outputs, classes);
	double off = 0, off2 = 0;
	const float step = 1e-2f;

	for (size_t k = 0; k < par_chunks(N, OBJECTIVE_ROWS); k++)
		o->derive(&t, score, par_range(N, OBJECTIVE_ROWS, k), gradient,
			  hessian);
	for (size_t at = 0; at < outputs * N; at += 10) {
		size_t i = at % N;
		struct par_range r = { i, i + 1 };
		float keep = score[at];
		double mid = o->loss(&t, score, r), up, down;

		score[at] = keep + step;
		up = o->loss(&t, score, r);
		score[at] = keep - step;
		down = o->loss(&t, score, r);
		score[at] = keep;
		off = fmax(off, fabs((up - down) / (2 * (double)step) / scale -
				     (double)gradient[at]));
		off2 = fmax(off2, fabs((up - 2 * mid + down) /
				       ((double)step * (double)step) / scale *
					       factor - (double)hessian[at]));
	}
	/* differences of step 1e-2: errors of its square, and of floats */
	ok(off < 1e-3, "%s: gradient is the loss's slope (off %.1e)", o->name, off);
	ok(off2 < 2e-2, "%s: hessian is its curvature (off %.1e)", o->name, off2);
}

/* The best constant: the summed gradient at the base is zero. */
static void check_base(const struct objective *o, size_t outputs, size_t classes)
{
	struct objective_rows t = make(outputs, classes);
	double base[K], worst = 0;

	o->base(&t, base);
	for (size_t c = 0; c < outputs; c++)
		for (size_t i = 0; i < N; i++)
			score[c * N + i] = (float)base[c];
	for (size_t k = 0; k < par_chunks(N, OBJECTIVE_ROWS); k++)
		o->derive(&t, score, par_range(N, OBJECTIVE_ROWS, k), gradient,
			  hessian);
	for (size_t c = 0; c < outputs; c++) {
		double sum = 0;

		for (size_t i = 0; i < N; i++)
			sum += (double)gradient[c * N + i];
		worst = fmax(worst, fabs(sum));
	}
	/* N rows of float rounding */
	ok(worst < 1e-3, "%s: no constant is better than the base", o->name);
}

static void test_links(void)
{
	float raw[6] = { 0, 1, 2, -100, 0, 100 }, out[12];

	objective_squared.link(raw, 6, 1, out);
	ok(!memcmp(raw, out, sizeof(raw)), "squared: predicts its score");
	objective_logistic.link(raw, 6, 1, out);
	ok_near(out[3], 1 / (1 + exp(-1)), 1e-6, "logistic: sigmoid of the score");
	ok(out[6] > 0.999f && out[7] < 1e-30f && out[11] > 0.999f,
	   "logistic: extreme scores stay probabilities");
	objective_softmax.link(raw, 2, 3, out);
	ok_near(out[0], 1 / (1 + exp(1) + exp(2)), 1e-6, "softmax: of a row");
	ok(out[5] > 0.999f && out[3] >= 0 && isfinite(out[3]),
	   "softmax: extreme scores stay probabilities");
}

static void test_losses(void)
{
	struct objective_rows t = make(1, 2);
	double want = 0, all = 0;

	t.weight = NULL;
	for (size_t i = 0; i < N; i++)
		want += pow((double)score[i] - (double)target[i], 2) / N;
	ok_near(objective_loss(&objective_squared, &t, score), sqrt(want), 1e-9,
		"squared: the loss told is the RMSE");
	memset(score, 0, sizeof(score));
	ok_near(objective_loss(&objective_logistic, &t, score), log(2), 1e-9,
		"logistic: a coin costs log 2");
	t = make(K, K);
	memset(score, 0, sizeof(score));
	ok_near(objective_loss(&objective_softmax, &t, score), log(K), 1e-6,
		"softmax: a die of K costs log K, whatever the weights");
	t.rows = 0;
	all = objective_loss(&objective_softmax, &t, score);
	ok(isnan(all), "no rows, no loss");
}

static void test_unseen_class(void)
{
	struct objective_rows t = make(3, 2);
	double base[3];

	objective_softmax.base(&t, base);
	ok(isfinite(base[2]) && base[2] < base[0] && base[2] < base[1],
	   "softmax: a class without rows has a small finite base");
}

static void test_pick(void)
{
	struct dataset d = { .task = TASK_REGRESSION };
	size_t outputs;

	ok(objective_pick(&d, &outputs) == &objective_squared && outputs == 1,
	   "pick: regression takes squares");
	d = (struct dataset){ .task = TASK_CLASSIFICATION, .classes = 2 };
	ok(objective_pick(&d, &outputs) == &objective_logistic && outputs == 1,
	   "pick: two classes take one logistic tree a round");
	d.classes = 7;
	ok(objective_pick(&d, &outputs) == &objective_softmax && outputs == 7,
	   "pick: seven classes take seven trees a round");
}

int main(void)
{
	/* the sum of squares is twice the objective; LightGBM's softmax
	 * hessian is K / (K - 1) times the diagonal */
	check(&objective_squared, 1, 2, 2, 1);
	check(&objective_logistic, 1, 2, 1, 1);
	check(&objective_softmax, K, K, 1, K / (K - 1.0));
	check_base(&objective_squared, 1, 2);
	check_base(&objective_logistic, 1, 2);
	check_base(&objective_softmax, K, K);
	test_links();
	test_losses();
	test_unseen_class();
	test_pick();
	return tap_done();
}
