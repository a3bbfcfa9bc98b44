/* cnn as a learner. What all learners promise (threads, memory, edges) is in
 * contract_learners.h; here: its options, shapes of images, size. */
#include "harness/base/rng.h"
#include "learners/nn/nn_net.h"

#include "tests/nn_trial.h"

extern const struct learner learner_cnn;

static void test_options(void)
{
	static const char *const options[] = {
		"hidden=0", "blocks=1,channels=1", "blocks=8,channels=4",
		"dropout=0.5", "optimizer=sgd,lr=0.05", "patience=2",
		"smoothing=0.1", "batch=65536",
	};
	static struct trial t;
	char text[96];

	trial_data(&t, &learner_cnn, TASK_CLASSIFICATION, 150);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(text, sizeof(text), "epochs=2,channels=8,%s",
			 options[i]);
		trial_run(&t, text);
		ok(!t.rc && trial_finite(&t), "cnn[%s] fits", options[i]);
	}
	trial_run(&t, "channels=8,epochs=6,batch=16");
	ok(!t.rc && trial_right(&t) > 0.9, "cnn: finds the lit corner");
	trial_free(&t);
}

/* The made-up images, read as another shape of as many pixels or fewer. */
static void test_shapes(void)
{
	static const size_t shapes[][3] = {
		{ 1, 1, 1 }, { 1, 1, 100 }, { 1, 144, 1 }, { 3, 6, 8 },
		{ 144, 1, 1 }, { 2, 3, 3 },
	};
	static struct trial t;

	trial_data(&t, &learner_cnn, TASK_CLASSIFICATION, 60);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		t.data.channels = shapes[i][0];
		t.data.height = shapes[i][1];
		t.data.width = shapes[i][2];
		t.data.cols = t.data.channels * t.data.height * t.data.width;
		trial_run(&t, "epochs=2,channels=4");
		ok(!t.rc && trial_finite(&t),
		   "cnn: takes %zu channels of %zu x %zu", t.data.channels,
		   t.data.height, t.data.width);
	}
	trial_free(&t);
}

/* The default of `pool` is a rule, so naming what it gives changes nothing. */
static void test_pool(void)
{
	static const struct { size_t height, width, pool; } sizes[] = {
		{ 12, 12, 2 }, { 1, 144, 2 }, { 34, 33, 3 }, { 66, 66, 4 },
	};
	static struct trial t;
	static float scores[TRIAL_SCORES];
	static float x[100 * 66 * 66];
	char named[64];

	trial_data(&t, &learner_cnn, TASK_CLASSIFICATION, 24);
	rng_fill_normal(rng_make(7, "pool"), 0, 100 * 66 * 66, x);
	t.data.train.x = t.data.valid.x = t.data.test.x = x;
	t.data.channels = 1;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		t.data.height = sizes[i].height;
		t.data.width = sizes[i].width;
		t.data.cols = t.data.height * t.data.width;
		trial_run(&t, "epochs=1,channels=2");
		memcpy(scores, t.scores, sizeof(scores));
		snprintf(named, sizeof(named),
			 "epochs=1,channels=2,pool=%zu", sizes[i].pool);
		trial_run(&t, named);
		ok(!t.rc && !memcmp(scores, t.scores, sizeof(scores)),
		   "cnn: images of %zu x %zu are pooled by %zu first",
		   sizes[i].height, sizes[i].width, sizes[i].pool);
		snprintf(named, sizeof(named),
			 "epochs=1,channels=2,pool=%zu", sizes[i].pool + 1);
		trial_run(&t, named);
		ok(!t.rc && memcmp(scores, t.scores, sizeof(scores)),
		   "cnn: and not by %zu", sizes[i].pool + 1);
	}
	trial_free(&t);
}

/* Brightness and contrast of the camera leave no trace. */
static void test_scale(void)
{
	static struct trial t, other;
	size_t n[3];
	const float *from[3];
	float *x[3];
	double worst = 0;

	trial_data(&t, &learner_cnn, TASK_CLASSIFICATION, 100);
	trial_run(&t, "epochs=3,channels=4");
	other = t;
	n[0] = 100, n[1] = 60, n[2] = 100;
	from[0] = t.data.train.x, from[1] = t.data.valid.x,
	from[2] = t.data.test.x;
	for (size_t k = 0; k < 3; k++) {
		x[k] = arena_copy(&t.data_arena, from[k],
				  n[k] * t.data.cols * sizeof(float));
		for (size_t i = 0; i < n[k] * t.data.cols; i++)
			x[k][i] = 8.0f * x[k][i] + 16.0f;
	}
	other.data.train.x = x[0];
	other.data.valid.x = x[1];
	other.data.test.x = x[2];
	trial_run(&other, "epochs=3,channels=4");
	for (size_t i = 0; i < 300; i++)
		worst = fmax(worst, fabs((double)(t.scores[i] -
						  other.scores[i])));
	/* rounding of the scaled inputs, grown by training */
	ok(!other.rc && worst < 0.02, "cnn: inputs are standardised");
	trial_free(&t);
}

int main(void)
{
	blas_init();
	test_options();
	test_shapes();
	test_pool();
	test_scale();
	return tap_done();
}
