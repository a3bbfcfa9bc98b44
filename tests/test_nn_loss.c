/* Losses: values against the formula in double, gradients, extremes. */
#include "learners/nn/nn_loss.h"

#include "harness/base/rng.h"

#include "tests/tap.h"

#define ROWS 5
#define MAX 100

/* The slow twin: cross entropy of one row from the definition. */
static double plain(const float *z, size_t n, size_t label, double smoothing)
{
	double sum = 0, loss = 0;

	for (size_t c = 0; c < n; c++)
		sum += exp((double)z[c]);
	for (size_t c = 0; c < n; c++) {
		double t = smoothing / (double)n +
			   (c == label ? 1 - smoothing : 0);

		loss -= t * ((double)z[c] - log(sum));
	}
	return loss;
}

static void test_softmax(size_t classes, double smoothing)
{
	static float z[ROWS * MAX], d[ROWS * MAX];
	const int32_t label[ROWS] = { 0, (int32_t)classes - 1, 0, 0, 0 };
	const float weight[ROWS] = { 1, 2, 0, 1, 0.5f };
	struct nn_loss l = { .rows = ROWS, .outputs = classes, .scores = z,
			     .label = label, .weight = weight,
			     .smoothing = smoothing, .scale = 0.5f,
			     .d_scores = d };
	double want = 0, got, worst = 0;

	rng_fill_normal(rng_make(1, "loss"), 0, ROWS * classes, z);
	got = nn_loss_softmax(&l);
	for (size_t i = 0; i < ROWS; i++)
		want += (double)weight[i] *
			plain(z + i * classes, classes, (size_t)label[i],
			      smoothing);
	ok_near(got, want, 1e-5, "softmax of %zu, smoothing %g: the formula",
		classes, smoothing);
	l.d_scores = NULL;
	for (size_t k = 0; k < ROWS * classes; k++) {
		float was = z[k];
		double up, down;

		z[k] = was + 1e-2f;
		up = nn_loss_softmax(&l);
		z[k] = was - 1e-2f;
		down = nn_loss_softmax(&l);
		z[k] = was;
		worst = fmax(worst, fabs(0.5 * (up - down) / 2e-2 -
					 (double)d[k]));
	}
	/* exp in float, over a step of 2e-2 */
	ok(worst < 1e-4, "softmax of %zu, smoothing %g: gradient", classes,
	   smoothing);
}

static void test_extremes(void)
{
	const float z[] = { 1e4f, -1e4f, 0 };
	const int32_t right = 0, wrong = 1, only = 0;
	float d[3];
	struct nn_loss l = { .rows = 1, .outputs = 3, .scores = z,
			     .label = &right, .scale = 1, .d_scores = d };

	ok_near(nn_loss_softmax(&l), 0, 1e-6, "softmax: sure and right is 0");
	l.label = &wrong;
	ok_near(nn_loss_softmax(&l), 2e4, 1,
		"softmax: sure and wrong stays finite");
	ok(d[0] == 1.0f && d[1] == -1.0f && d[2] == 0.0f,
	   "softmax: and so does its gradient");
	l.label = &only;
	l.outputs = 1;
	ok(nn_loss_softmax(&l) == 0 && d[0] == 0.0f,
	   "softmax: one class costs nothing");
	ok(isnan(nn_loss_softmax(&(struct nn_loss){
		   .rows = 1, .outputs = 2, .scores = (float[]){ NAN, NAN },
		   .label = &right })), "softmax: NaN is seen");
}

static void test_squared(void)
{
	const float z[] = { 1, 2, 3 }, y[] = { 1.5f, 2, 1 };
	const float weight[] = { 2, 1, 1 };
	float d[3];
	struct nn_loss l = { .rows = 3, .outputs = 1, .scores = z, .target = y,
			     .weight = weight, .scale = 0.5f, .d_scores = d };

	ok_near(nn_loss_squared(&l), 0.25 + 2, 1e-12,
		"squared: half the weighted sum of squares");
	ok(d[0] == -0.5f && d[1] == 0.0f && d[2] == 1.0f,
	   "squared: its gradient is the scaled residual");
}

/* Two members of one row are two rows of half its weight. */
static void test_members(void)
{
	const float z[] = { 1, 0, -1, 0.5f, 2, 0 }, w[] = { 3 }, half[] = { 1.5, 1.5 };
	const int32_t label[] = { 1, 1 };
	float d[6], e[6];
	struct nn_loss one = { .rows = 1, .members = 2, .outputs = 3, .scores = z,
			       .label = label, .weight = w, .scale = 0.5f,
			       .smoothing = 0.1, .d_scores = d };
	struct nn_loss two = one;

	two.rows = 2;
	two.members = 0;
	two.weight = half;
	two.d_scores = e;
	ok_near(nn_loss_softmax(&one), nn_loss_softmax(&two), 1e-12,
		"loss: the mean over members");
	ok(!memcmp(d, e, sizeof(d)), "loss: and its slope");
}

static void test_huber(void)
{
	const float z[] = { 0.5f, 3, -4 }, y[] = { 0, 1, 0 };
	float d[3];
	struct nn_loss l = { .rows = 3, .outputs = 1, .scores = z, .target = y,
			     .scale = 1, .delta = 1, .d_scores = d };

	ok_near(nn_loss_huber(&l), 0.125 + 1.5 + 3.5, 1e-6,
		"loss: huber is a square within delta and a line beyond");
	ok(d[0] == 0.5f && d[1] == 1 && d[2] == -1, "loss: its slope is cut off");
	l.delta = 10;
	ok_near(nn_loss_huber(&l), nn_loss_squared(&l), 1e-6,
		"loss: with a wide delta it is the squared one");
}

int main(void)
{
	test_members();
	test_huber();
	test_softmax(2, 0);
	test_softmax(10, 0.1);
	test_softmax(MAX, 0.3);
	test_extremes();
	test_squared();
	return tap_done();
}
