/* text_transformer as a learner: it sees the order of words, and documents that are
 * empty, of one word, or longer than its limit. What all learners promise is in
 * test_contract_learners.c. */
#include "tests/nn_trial.h"

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
	trial_run(&t, SMALL "epochs=40,lr=5e-3,dropout=0,word_dropout=0");
	ok(!t.rc && trial_right(&t) > 0.6,
	   "text_transformer: more than half are right");
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

/* Documents of words 1 and 2 whose class is which comes first: equal as bags. */
static void order_rows(uint64_t *start, uint32_t *word, int32_t *label, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		start[i] = i * 4;
		label[i] = i % 2;
		for (size_t k = 0; k < 4; k++)
			word[i * 4 + k] = (k < 2) == (i % 2) ? 1 : 2;
	}
	start[n] = n * 4;
}

static void test_order(void)
{
	static uint64_t start[201];
	static uint32_t word[800];
	static int32_t label[200];
	static struct trial t;

	order_rows(start, word, label, 200);
	trial_data(&t, &learner_text_transformer, TASK_CLASSIFICATION, 10);
	t.data.classes = 2;
	t.data.vocab = 3;
	t.data.train = (struct part){ .rows = 200, .row_start = start,
				      .index = word, .label = label };
	t.data.valid.rows = 0;
	t.data.test = t.data.train;
	trial_run(&t, SMALL "epochs=10,lr=1e-2,word_dropout=0");
	ok(!t.rc && trial_right(&t) == 1.0,
	   "text_transformer: the order of words tells");
	trial_free(&t);
}

/* Scores of documents of no, one and 50 words, after a fit on ordinary ones; the
 * last must be that of its first words. */
static void test_lengths(void)
{
	static const uint64_t start[] = { 0, 0, 1, 51, 54 };
	static uint32_t word[54];
	static struct trial t;
	bool same = true;

	for (size_t i = 0; i < 54; i++)
		word[i] = 1 + (uint32_t)(i * 7 % 50);
	for (size_t i = 51; i < 54; i++)
		word[i] = word[i - 50]; /* the first three of the long one */
	trial_data(&t, &learner_text_transformer, TASK_CLASSIFICATION, 60);
	t.data.test = (struct part){ .rows = 4, .row_start = start,
				     .index = word };
	trial_run(&t, SMALL "epochs=2,length=4");
	ok(!t.rc && trial_finite(&t),
	   "text_transformer: documents of no and of one word have scores");
	for (size_t c = 0; c < t.outputs; c++)
		same &= fabsf(t.scores[2 * t.outputs + c] -
			      t.scores[3 * t.outputs + c]) < 1e-6f;
	ok(same, "text_transformer: a long one is cut at the limit");
	word[53] = 60000;
	trial_run(&t, SMALL "epochs=2,length=4");
	ok(!t.rc && trial_finite(&t),
	   "text_transformer: an id beyond the vocabulary is an unknown word");
	trial_free(&t);
}

/* All training documents empty: nothing to see but the base rate. */
static void test_empty(void)
{
	static const uint64_t start[41];
	static int32_t label[40];
	static const uint32_t none[1];
	static struct trial t;

	for (size_t i = 0; i < 40; i++)
		label[i] = i % 4 == 0;
	trial_data(&t, &learner_text_transformer, TASK_CLASSIFICATION, 10);
	t.data.classes = 2;
	t.data.train = (struct part){ .rows = 40, .row_start = start,
				      .index = none, .label = label };
	t.data.valid.rows = 0;
	t.data.test = (struct part){ .rows = 1, .row_start = start,
				     .index = none };
	trial_run(&t, SMALL "epochs=30,lr=1e-2,dropout=0");
	ok_near((double)t.scores[1], 0.25, 0.1,
		"text_transformer: empty documents get the base rate");
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
	blas_init();
	test_options();
	test_refusals();
	test_order();
	test_lengths();
	test_empty();
	test_edges();
	return tap_done();
}
