/* ft_transformer as a learner: its options and its limits. What all learners promise
 * is in contract_learners.h; its layers are checked in test_nn_sequence.c. */
#include "tests/nn_trial.h"

extern const struct learner learner_ft_transformer;

#define SMALL "layers=1,width=16,heads=4,batch=32,lr=3e-3,"

static void test_options(void)
{
	static const char *const options[] = {
		"layers=3", "width=4,heads=1", "hidden_factor=0.01",
		"attention_dropout=0,hidden_dropout=0", "dropout=0.2",
		"attention_dropout=0.9", "schedule=constant", "smoothing=0.1",
		"batch=1,epochs=1", "batch=65536", "patience=0",
		"weight_decay=0.1",
	};
	static struct trial t;
	char text[128];

	trial_data(&t, &learner_ft_transformer, TASK_CLASSIFICATION, 80);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(text, sizeof(text), SMALL "epochs=2,%s", options[i]);
		trial_run(&t, text);
		ok(!t.rc && trial_finite(&t), "ft_transformer[%s] fits",
		   options[i]);
	}
	trial_run(&t, SMALL "epochs=40");
	ok(!t.rc && trial_right(&t) > 0.6,
	   "ft_transformer: more than half are right");
	trial_free(&t);
}

/* A target that is the product of two columns: no sum over columns has it. */
static void test_products(void)
{
	static struct trial t;
	float *x, *y;
	double error = 0, spread = 0;

	trial_data(&t, &learner_ft_transformer, TASK_REGRESSION, 400);
	x = arena_alloc(&t.data_arena, 400 * 2, sizeof(float));
	y = arena_alloc(&t.data_arena, 400, sizeof(float));
	rng_fill_uniform(rng_make(1, "x"), 0, 800, x);
	for (size_t i = 0; i < 400; i++) {
		x[2 * i] = 4 * x[2 * i] - 2;
		x[2 * i + 1] = 4 * x[2 * i + 1] - 2;
		y[i] = x[2 * i] * x[2 * i + 1];
	}
	t.data.cols = 2;
	t.data.train = (struct part){ .rows = 300, .x = x, .target = y };
	t.data.test = (struct part){ .rows = 100, .x = x + 600 };
	t.data.valid.rows = 0;
	trial_run(&t, SMALL "epochs=60,attention_dropout=0,hidden_dropout=0");
	for (size_t i = 0; i < 100; i++) {
		double d = (double)t.scores[i] - (double)y[300 + i];

		error += d * d;
		spread += (double)y[300 + i] * (double)y[300 + i];
	}
	ok(!t.rc && error < 0.2 * spread,
	   "ft_transformer: columns interact (%.3f of the variance is left)",
	   error / spread);
	trial_free(&t);
}

static void test_edges(void)
{
	static struct trial t;

	trial_data(&t, &learner_ft_transformer, TASK_CLASSIFICATION, 1);
	t.data.classes = 1;
	t.data.cols = 1;
	t.data.train.label = arena_alloc(&t.data_arena, 1, sizeof(int32_t));
	t.data.valid.rows = 0;
	trial_run(&t, SMALL "epochs=2");
	ok(!t.rc && t.scores[0] == 1.0f,
	   "ft_transformer: one row, one column, one class");
	trial_run(&t, "width=30,heads=8");
	ok(t.rc == ERR_CONFIG && strstr(t.err.text, "heads 8"),
	   "ft_transformer: heads divide the width: %s", t.err.text);
	t.data.train.x = arena_alloc(&t.data_arena, 1, sizeof(float));
	*(float *)(uintptr_t)t.data.train.x = NAN;
	trial_run(&t, SMALL "epochs=2");
	ok(t.rc == ERR_DATA && strstr(t.err.text, "column 0"),
	   "ft_transformer: NaN is refused: %s", t.err.text);
	trial_free(&t);
}

int main(void)
{
	blas_init();
	test_options();
	test_products();
	test_edges();
	return tap_done();
}
