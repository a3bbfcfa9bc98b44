/* text_transformer as a learner: it sees the order of words, and documents that are
 * empty, of one word, or longer than its limit. What all learners promise is in
 * contract_learners.h. */
#include "tests/text_trial.h"

extern const struct learner learner_text_transformer;

#define SMALL "layers=1,width=16,heads=2,hidden=16,batch=32,"

static void test_options(void)
{
	static const char *const options[] = {
		"pool=first", "sines=true", "length=2", "length=4",
		"dropout=0", "dropout=0.5", "word_dropout=0.9", "smoothing=0.1",
		"batch=1,epochs=1", "batch=65536", "patience=0", "clip=0",
		"heads=1,width=1", "layers=3", "pool=first,layers=2",
	};
	static struct trial t;
	char text[128];

	trial_data(&t, &learner_text_transformer, TASK_CLASSIFICATION, 60);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(text, sizeof(text), SMALL "epochs=2,%s", options[i]);
		trial_run(&t, text);
		ok(!t.rc && trial_finite(&t), "text_transformer[%s] fits",
		   options[i]);
	}
	trial_free(&t);
}

/* With rows enough that every start learns it: six of the 100 documents are empty,
 * all others are right with seeds 1 to 6; with 60 rows it was .50 to .73. */
static void test_learns(void)
{
	static struct trial t;

	trial_data(&t, &learner_text_transformer, TASK_CLASSIFICATION, 240);
	trial_run(&t, SMALL "epochs=20,lr=1e-2,dropout=0,word_dropout=0");
	ok(!t.rc && trial_right(&t) > 0.85,
	   "text_transformer: nearly all documents with words are right");
	trial_free(&t);
}

static void test_refusals(void)
{
	static struct trial t;

	trial_data(&t, &learner_text_transformer, TASK_CLASSIFICATION, 20);
	trial_run(&t, "width=30,heads=4");
	ok(t.rc == ERR_CONFIG && strstr(t.err.text, "heads 4"),
	   "text_transformer: heads divide the width: %s", t.err.text);
	t.data.train.rows = 0;
	trial_run(&t, SMALL "epochs=1");
	ok(t.rc == ERR_DATA, "text_transformer: no rows: %s", t.err.text);
	trial_free(&t);
}

static void test_edges(void)
{
	static struct trial t;

	trial_data(&t, &learner_text_transformer, TASK_CLASSIFICATION, 1);
	t.data.classes = 1;
	t.data.train.label = arena_alloc(&t.data_arena, 1, sizeof(int32_t));
	t.data.valid.rows = 0;
	trial_run(&t, SMALL "epochs=2");
	ok(!t.rc && t.scores[0] == 1.0f,
	   "text_transformer: one row of one class");
	trial_free(&t);
	trial_data(&t, &learner_text_transformer, TASK_REGRESSION, 120);
	trial_run(&t, SMALL "epochs=10,lr=3e-3");
	ok(!t.rc && trial_finite(&t) && t.scores[0] > 5 && t.scores[0] < 25,
	   "text_transformer: regression in the target's units");
	trial_run(&t, SMALL "lr=1e6,clip=0");
	ok(!t.rc || (t.rc == ERR_DIVERGED && strstr(t.err.text, "lr")),
	   "text_transformer: an absurd rate gives a result or names lr");
	trial_free(&t);
}

int main(void)
{
	const struct learner *l = &learner_text_transformer;

	blas_init();
	test_options();
	test_learns();
	test_refusals();
	text_trial_order(l, SMALL "epochs=10,lr=1e-2,word_dropout=0");
	text_trial_lengths(l, SMALL "epochs=2,length=4");
	text_trial_empty(l, SMALL "epochs=20,lr=1e-2,dropout=0");
	test_edges();
	return tap_done();
}
