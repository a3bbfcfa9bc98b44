/* text_cnn as a learner: it sees phrases where a bag of words cannot, and documents
 * that are empty, of one word, unknown, or longer than its limit. What all learners
 * promise is in contract_learners.h. */
#include "tests/text_trial.h"

extern const struct learner learner_text_cnn;

#define SMALL "width=16,units=8,batch=32,"

static void test_options(void)
{
	static const char *const options[] = {
		"shortest=1,longest=1", "shortest=5,longest=5", "longest=9",
		"length=2", "dropout=0", "dropout=0.9", "input_dropout=0.3",
		"word_dropout=0.9", "smoothing=0.1", "batch=1,epochs=1",
		"batch=65536", "patience=0", "clip=0.1", "average=0.9",
		"optimizer=sgd,lr=0.05", "width=1,units=1",
	};
	static struct trial t;
	char text[128];

	trial_data(&t, &learner_text_cnn, TASK_CLASSIFICATION, 60);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(text, sizeof(text), SMALL "epochs=2,%s", options[i]);
		trial_run(&t, text);
		ok(!t.rc && trial_finite(&t), "text_cnn[%s] fits", options[i]);
	}
	trial_run(&t, "shortest=4,longest=3");
	ok(t.rc == ERR_CONFIG && strstr(t.err.text, "shortest 4"),
	   "text_cnn: sizes are in order: %s", t.err.text);
	t.data.train.rows = 0;
	trial_run(&t, SMALL "epochs=1");
	ok(t.rc == ERR_DATA, "text_cnn: no rows: %s", t.err.text);
	trial_free(&t);
}

int main(void)
{
	blas_init();
	test_options();
	text_trial_order(&learner_text_cnn, SMALL "epochs=10,lr=1e-2,word_dropout=0");
	text_trial_lengths(&learner_text_cnn, SMALL "epochs=2,length=4");
	text_trial_empty(&learner_text_cnn, SMALL "epochs=30,lr=1e-2,dropout=0");
	text_trial_edges(&learner_text_cnn, SMALL);
	return tap_done();
}
