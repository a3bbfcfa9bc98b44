/* mlp as a learner. What all learners promise (threads, memory, edges) is in
 * contract_learners.h; here: its options, its units, NaN. */
#include "tests/nn_trial.h"

extern const struct learner learner_mlp;

static void test_options(void)
{
	static const char *const options[] = {
		"layers=0", "layers=1,width=1", "activation=tanh",
		"batch_norm=true", "optimizer=sgd,lr=0.05",
		"schedule=constant", "smoothing=0.1", "dropout=0.5",
		"batch=1,epochs=2", "batch=65536", "patience=0",
		"activation=gelu", "activation=silu", "activation=selu",
		"activation=mish,init=he", "init=lecun", "init=pytorch",
		"optimizer=muon,lr=0.02", "clip=1,warmup=0.1", "average=0.9",
		"schedule=one_cycle", "schedule=coslog4", "schedule=flat_cos",
	};
	static struct trial t;
	char text[96];

	trial_data(&t, &learner_mlp, TASK_CLASSIFICATION, 200);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(text, sizeof(text), "epochs=5,width=32,%s",
			 options[i]);
		trial_run(&t, text);
		ok(!t.rc && trial_finite(&t), "mlp[%s] fits", options[i]);
	}
	trial_run(&t, "epochs=40,batch=32,width=64");
	ok(!t.rc && trial_right(&t) > 0.65, "mlp: more than half are right");
	trial_run(&t, "epochs=40,batch=32,width=64,optimizer=muon,lr=0.02");
	ok(!t.rc && trial_right(&t) > 0.65, "mlp: with muon as well");
	trial_free(&t);
}

static double mean_score(const struct trial *t)
{
	double mean = 0;

	for (size_t i = 0; i < t->data.test.rows; i++)
		mean += (double)t->scores[i] / (double)t->data.test.rows;
	return mean;
}

/* The target's own units: 1000 y + 5e4 is answered likewise. */
static void test_units(void)
{
	static struct trial t;
	float *target;
	double mean, moved;

	trial_data(&t, &learner_mlp, TASK_REGRESSION, 300);
	trial_run(&t, "epochs=20,width=64");
	mean = mean_score(&t);
	target = arena_copy(&t.data_arena, t.data.train.target,
			    300 * sizeof(float));
	for (size_t i = 0; i < 300; i++)
		target[i] = 1000.0f * target[i] + 5e4f;
	t.data.train.target = target;
	t.data.valid.rows = 0;
	trial_run(&t, "epochs=20,width=64");
	moved = mean_score(&t);
	/* another validation, another epoch kept: near is enough */
	ok_near((moved - 5e4) / 1000, mean, 1.0,
		"mlp: values come back in the target's units");
	for (size_t i = 0; i < 300; i++)
		target[i] = 7.0f;
	trial_run(&t, "epochs=20,width=64");
	ok_near(mean_score(&t), 7, 0.5, "mlp: a constant target is learned");
	trial_free(&t);
}

static void test_nan(void)
{
	static struct trial t;
	float *x;

	trial_data(&t, &learner_mlp, TASK_CLASSIFICATION, 50);
	x = arena_copy(&t.data_arena, t.data.train.x,
		       50 * t.data.cols * sizeof(float));
	x[3 * t.data.cols + 2] = NAN;
	t.data.train.x = x;
	trial_run(&t, "width=64,epochs=5");
	ok(t.rc == ERR_DATA && strstr(t.err.text, "row 3, column 2"),
	   "mlp: NaN is refused by place: %s", t.err.text);
	x[3 * t.data.cols + 2] = INFINITY;
	trial_run(&t, "width=64,epochs=5");
	ok(t.rc == ERR_DATA, "mlp: and so is infinity");
	x[3 * t.data.cols + 2] = 1e30f;
	trial_run(&t, "width=64,epochs=5");
	ok(t.rc ? t.rc == ERR_DIVERGED : trial_finite(&t),
	   "mlp: a huge value gives a result or says diverged");
	trial_free(&t);
}

static void test_diverged(void)
{
	static struct trial t;

	trial_data(&t, &learner_mlp, TASK_CLASSIFICATION, 300);
	trial_run(&t, "lr=1e6,epochs=5");
	ok(t.rc == ERR_DIVERGED, "mlp: an exploding rate is a reason: %s",
	   t.err.text);
	t.data.train.rows = 0;
	trial_run(&t, "width=64,epochs=5");
	ok(t.rc == ERR_DATA, "mlp: no rows, no fit");
	trial_free(&t);
}

/* Columns that say nothing, one row, one class. */
static void test_edges(void)
{
	static struct trial t;
	float *x;

	trial_data(&t, &learner_mlp, TASK_CLASSIFICATION, 50);
	x = arena_copy(&t.data_arena, t.data.train.x,
		       50 * t.data.cols * sizeof(float));
	t.data.train.x = x;
	for (size_t i = 0; i < 50; i++)
		x[i * t.data.cols] = 3;
	trial_run(&t, "width=64,epochs=5");
	ok(!t.rc && trial_finite(&t), "mlp: a constant column does no harm");
	t.data.train.rows = 1;
	trial_run(&t, "width=64,epochs=5");
	ok(!t.rc && trial_finite(&t), "mlp: one row is fitted");
	t.data.train.rows = 50;
	t.data.train.label = arena_alloc(&t.data_arena, 50, sizeof(int32_t));
	trial_run(&t, "width=64,epochs=20,patience=0");
	ok(!t.rc && t.scores[0] > 0.8f, "mlp: rows of one class make it sure");
	trial_free(&t);
}

int main(void)
{
	blas_init();
	test_options();
	test_units();
	test_nan();
	test_diverged();
	test_edges();
	return tap_done();
}
