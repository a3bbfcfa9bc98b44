/* text_lstm as a learner: the order of words, lengths, empty documents, options. What
 * all learners promise is in contract_learners.h. */
#include "tests/text_trial.h"

extern const struct learner learner_text_lstm;

#define SMALL "width=8,units=8,batch=32,"

static void test_options(void)
{
	static const char *const options[] = {
		"cell=gru", "both=no", "layers=2", "cell=gru,both=no,layers=3",
		"length=2", "dropout=0", "dropout=0.9", "word_dropout=0.9",
		"smoothing=0.1", "batch=1,epochs=1", "batch=65536", "patience=0",
		"clip=0", "average=0.9", "optimizer=sgd,lr=0.05", "width=1,units=1",
	};
	static struct trial t;
	char text[128];

	trial_data(&t, &learner_text_lstm, TASK_CLASSIFICATION, 60);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(text, sizeof(text), SMALL "epochs=2,%s", options[i]);
		trial_run(&t, text);
		ok(!t.rc && trial_finite(&t), "text_lstm[%s] fits", options[i]);
	}
	t.data.train.rows = 0;
	trial_run(&t, SMALL "epochs=1");
	ok(t.rc == ERR_DATA, "text_lstm: no rows: %s", t.err.text);
	trial_free(&t);
}

int main(void)
{
	const struct learner *l = &learner_text_lstm;

	blas_init();
	test_options();
	text_trial_order(l, SMALL "epochs=10,lr=1e-2,word_dropout=0");
	text_trial_order(l, SMALL "epochs=10,lr=1e-2,word_dropout=0,cell=gru,both=no");
	text_trial_lengths(l, SMALL "epochs=2,length=4");
	text_trial_empty(l, SMALL "epochs=30,lr=1e-2,dropout=0");
	text_trial_edges(l, SMALL);
	return tap_done();
}
