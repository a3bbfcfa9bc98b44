/* image_resnet, alexnet_small and conv1d as learners. What all learners promise is
 * in contract_learners.h; here: their options and odd shapes. */
#include "learners/nn/nn_net.h"

#include "tests/nn_trial.h"

extern const struct learner learner_image_resnet, learner_alexnet_small,
	learner_conv1d, learner_cnn;

static void test_options(const struct learner *l, const char *const *options)
{
	static struct trial t;

	trial_data(&t, l, TASK_CLASSIFICATION, 60);
	for (; *options; options++) {
		trial_run(&t, *options);
		ok(!t.rc && trial_finite(&t), "%s[%s] fits", l->name, *options);
	}
	trial_free(&t);
}

static void test_learns(const struct learner *l, const char *options)
{
	static struct trial t;

	trial_data(&t, l, TASK_CLASSIFICATION, 150);
	trial_run(&t, options);
	ok(!t.rc && trial_right(&t) > 0.9, "%s[%s]: learns", l->name, options);
	trial_free(&t);
}

/* An ingredient that is left out changes what comes out. */
static void test_ingredients(void)
{
	static const char *const without[] = { "activation=tanh", "overlap=no",
		"local_norm=0", "dropout=0", "momentum=0", "weight_decay=0",
		"shift=1", "flip=yes", "crop=0.2", "mask_time=0.3", "mask_bins=0.3" };
	static struct trial t;
	static float scores[TRIAL_SCORES];
	char text[96];

	trial_data(&t, &learner_alexnet_small, TASK_CLASSIFICATION, 60);
	trial_run(&t, "epochs=1,channels=4,hidden=8");
	memcpy(scores, t.scores, sizeof(scores));
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		snprintf(text, sizeof(text), "epochs=1,channels=4,hidden=8,%s",
			 without[i]);
		trial_run(&t, text);
		ok(!t.rc && memcmp(scores, t.scores, sizeof(scores)),
		   "alexnet_small: %s makes another net", without[i]);
	}
	trial_free(&t);
}

static void test_shapes(const struct learner *l)
{
	static const size_t shapes[][3] = { { 1, 1, 1 }, { 1, 1, 144 },
		{ 1, 144, 1 }, { 3, 6, 8 }, { 144, 1, 1 }, { 2, 3, 3 } };
	static struct trial t;

	trial_data(&t, l, TASK_CLASSIFICATION, 20);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		t.data.channels = shapes[i][0];
		t.data.height = shapes[i][1];
		t.data.width = shapes[i][2];
		t.data.cols = t.data.channels * t.data.height * t.data.width;
		trial_run(&t, "epochs=1,channels=2");
		ok(!t.rc && trial_finite(&t), "%s: takes %zu channels of %zu x %zu",
		   l->name, t.data.channels, t.data.height, t.data.width);
	}
	trial_free(&t);
}

/* Waves from one sample on, shorter than the first window and not. */
static void test_waves(void)
{
	static const size_t lengths[] = { 1, 2, 39, 81, SYNTH_WAVE };
	static struct trial t;

	trial_data(&t, &learner_conv1d, TASK_CLASSIFICATION, 20);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		t.data.cols = t.data.width = lengths[i];
		trial_run(&t, "epochs=1,channels=2,shift=3");
		ok(!t.rc && trial_finite(&t), "conv1d: takes %zu samples", lengths[i]);
	}
	trial_free(&t);
}

static void test_depth(void)
{
	static struct trial t;

	trial_data(&t, &learner_image_resnet, TASK_CLASSIFICATION, 20);
	trial_run(&t, "epochs=1,channels=1,stages=4,blocks=9");
	ok(t.rc == ERR_UNSUPPORTED && strstr(t.err.text, "stages * blocks"),
	   "image_resnet: too deep a net is refused, with the limit");
	trial_free(&t);
}

int main(void)
{
	static const char *const resnet[] = { "epochs=1,channels=2,blocks=3",
		"epochs=1,channels=2,stages=1,stem=2", "epochs=1,channels=2,dropout=0.5",
		"epochs=1,channels=2,flip=yes,shift=2", NULL };
	static const char *const alexnet[] = { "epochs=1,channels=2,layers=0",
		"epochs=1,channels=2,hidden=1,layers=4", NULL };
	static const char *const conv1d[] = { "epochs=1,channels=2,blocks=1",
		"epochs=1,channels=2,window=1,stride=1", "epochs=1,channels=1,blocks=8",
		NULL };

	blas_init();
	test_options(&learner_image_resnet, resnet);
	test_options(&learner_alexnet_small, alexnet);
	test_options(&learner_conv1d, conv1d);
	test_learns(&learner_image_resnet, "channels=4,epochs=4,batch=16");
	test_learns(&learner_alexnet_small, "channels=4,hidden=16,epochs=8,batch=16");
	test_learns(&learner_conv1d, "channels=8,epochs=6,batch=16");
	test_learns(&learner_cnn, "channels=4,epochs=5,batch=16,shift=1,mask_time=0.2");
	test_ingredients();
	test_shapes(&learner_image_resnet);
	test_shapes(&learner_alexnet_small);
	test_waves();
	test_depth();
	return tap_done();
}
