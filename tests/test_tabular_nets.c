/* tabm, realmlp, mlp_plr and tabular_resnet as learners. What all learners promise
 * (threads, memory, edges) is in contract_learners.h; here: their options,
 * holes, weights, the target's range. */
#include "tests/nn_trial.h"

extern const struct learner learner_tabm, learner_realmlp, learner_mlp_plr,
	learner_tabular_resnet;

static const struct learner *const nets[] = {
	&learner_tabm, &learner_realmlp, &learner_mlp_plr, &learner_tabular_resnet,
};
enum { NETS = 4 };

static void try_options(const struct learner *l, const char *const *options)
{
	static struct trial t;
	char text[96];

	trial_data(&t, l, TASK_CLASSIFICATION, 60);
	for (; *options; options++) {
		snprintf(text, sizeof(text), "epochs=3,width=16,%s", *options);
		trial_run(&t, text);
		ok(!t.rc && trial_finite(&t), "%s[%s] fits", l->name, *options);
	}
	trial_free(&t);
}

static void test_options(void)
{
	static const char *const tabm[] = { "members=1", "members=32", "layers=1",
					    "bins=1", "bins=1024", "dropout=0",
					    "batch=1", "embedding=1", NULL };
	static const char *const realmlp[] = { "simple=true", "layers=1", "dropout=0",
					       "batch=65536", "patience=0", NULL };
	static const char *const plr[] = { "embedding=plr_lite", "embedding=ple",
					   "waves=1", "dim=1", "layers=0",
					   "sigma=1000", NULL };
	static const char *const resnet[] = { "blocks=1", "blocks=12", "factor=1",
					      "dropout=0", "batch=1", NULL };

	try_options(&learner_tabm, tabm);
	try_options(&learner_realmlp, realmlp);
	try_options(&learner_mlp_plr, plr);
	try_options(&learner_tabular_resnet, resnet);
}

/* NaN everywhere: columns that say nothing, in all of the rows. */
static void test_holes(const struct learner *l)
{
	static struct trial t;
	float *x;
	size_t cells;

	trial_data(&t, l, TASK_REGRESSION, 40);
	cells = 40 * t.data.cols;
	x = arena_copy(&t.data_arena, t.data.train.x, cells * sizeof(float));
	t.data.train.x = x;
	for (size_t i = 0; i < cells; i++)
		x[i] = NAN;
	trial_run(&t, "epochs=3,width=16");
	ok(!t.rc && trial_finite(&t), "%s: nothing but holes", l->name);
	for (size_t i = 0; i < cells; i++)
		x[i] = i % t.data.cols < t.data.cols - 2 ?
			       (i % 3 ? INFINITY : 3e38f) : 0;
	trial_run(&t, "epochs=3,width=16");
	ok(t.rc ? t.rc == ERR_DIVERGED : trial_finite(&t),
	   "%s: huge and infinite values", l->name);
	t.data.train.rows = 0;
	trial_run(&t, "epochs=3,width=16");
	ok(t.rc == ERR_DATA, "%s: no rows, no fit", l->name);
	trial_free(&t);
}

/* Half of the rows lie; without weight nobody hears them. */
static void test_weights(const struct learner *l)
{
	static struct trial t;
	int32_t *label;
	float *weight;
	double deaf, heard;

	trial_data(&t, l, TASK_CLASSIFICATION, 240);
	label = arena_copy(&t.data_arena, t.data.train.label, 240 * sizeof(*label));
	weight = ARENA_NEW(&t.data_arena, float, 240);
	for (size_t i = 0; i < 240; i++) {
		label[i] = i % 2 ? label[i] : (label[i] + 1) % 3;
		weight[i] = i % 2 ? 5.0f : 0.0f;
	}
	t.data.train.label = label;
	trial_run(&t, "epochs=12,width=32,batch=32");
	heard = trial_right(&t);
	t.data.train.weight = weight;
	trial_run(&t, "epochs=12,width=32,batch=32");
	deaf = trial_right(&t);
	if (!ok(deaf > heard, "%s: rows without weight do not count", l->name))
		printf("# %g with weights, %g without\n", deaf, heard);
	trial_free(&t);
}

/* A target of any unit comes back in it; RealMLP stays in the range it saw. */
static void test_units(const struct learner *l)
{
	static struct trial t;
	float *target, low = INFINITY, high = -INFINITY;
	bool inside = true;

	trial_data(&t, l, TASK_REGRESSION, 100);
	target = arena_copy(&t.data_arena, t.data.train.target, 100 * sizeof(float));
	t.data.train.target = target;
	t.data.valid.rows = 0;
	for (size_t i = 0; i < 100; i++) {
		target[i] = 1e6f + 1000 * target[i];
		low = fminf(low, target[i]);
		high = fmaxf(high, target[i]);
	}
	trial_run(&t, "epochs=8,width=32,batch=32");
	for (size_t i = 0; i < t.data.test.rows; i++)
		inside &= t.scores[i] >= low - 8e3f && t.scores[i] <= high + 8e3f &&
			  (l != &learner_realmlp ||
			   (t.scores[i] >= low - 1 && t.scores[i] <= high + 1));
	ok(!t.rc && inside, "%s: values come back in the target's units", l->name);
	for (size_t i = 0; i < 100; i++)
		target[i] = 7;
	trial_run(&t, "epochs=8,width=32,batch=32");
	ok(!t.rc && fabsf(t.scores[0] - 7) < 1, "%s: a constant target", l->name);
	trial_free(&t);
}

static void test_diverged(const struct learner *l)
{
	static struct trial t;

	trial_data(&t, l, TASK_REGRESSION, 60);
	trial_run(&t, "lr=1e6,epochs=4,width=16,batch=16");
	ok(t.rc == ERR_DIVERGED || (!t.rc && trial_finite(&t)),
	   "%s: an exploding rate is a reason, or harmless: %s", l->name,
	   t.rc ? t.err.text : "harmless");
	trial_free(&t);
}

int main(void)
{
	blas_init();
	test_options();
	for (size_t k = 0; k < NETS; k++) {
		test_holes(nets[k]);
		test_weights(nets[k]);
		test_units(nets[k]);
		test_diverged(nets[k]);
	}
	return tap_done();
}
