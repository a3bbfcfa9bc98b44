/* embedding_bag as a learner: what it can and cannot tell apart, empty and
 * unknown documents, divergence. What all learners promise is in
 * contract_learners.h. */
#include "harness/base/blas.h"
#include "harness/base/rng.h"
#include "learners/learner.h"

#include "tests/tap.h"

extern const struct learner learner_embedding_bag;

#define ROWS 400
#define WORDS 4

struct outcome {
	int rc;
	double right;
	float empty[2];
	size_t steps;
	struct error err;
};

/* Documents of words 1 and 2: class 1 when the first word is 1. Both classes
 * have the same words, so only their order tells. */
static void fill(uint64_t *start, uint32_t *word, int32_t *label)
{
	for (size_t i = 0; i < ROWS; i++) {
		bool one = i % 2;

		start[i] = i * WORDS;
		label[i] = one;
		for (size_t k = 0; k < WORDS; k++)
			word[i * WORDS + k] = (k < 2) == one ? 1 : 2;
	}
	start[ROWS] = ROWS * WORDS;
}

static double share_right(const float *scores, const int32_t *label)
{
	size_t right = 0;

	for (size_t i = 0; i < ROWS; i++)
		right += (scores[2 * i + 1] > 0.5f) == (label[i] == 1);
	return (double)right / ROWS;
}

static void try(const char *options, struct outcome *o)
{
	static uint64_t start[ROWS + 1];
	static uint32_t word[ROWS * WORDS];
	static int32_t label[ROWS];
	static float scores[2 * ROWS];
	const struct learner *l = &learner_embedding_bag;
	const uint64_t none[2] = { 0, 0 };
	struct part empty = { .rows = 1, .row_start = none, .index = word };
	struct dataset data = { .view = VIEW_TOKENS, .classes = 2, .vocab = 3 };
	_Alignas(16) unsigned char config[256];
	struct arena a;
	struct run run = { .arena = &a, .threads = 2, .seed = 1 };
	void *model;

	*o = (struct outcome){ 0 };
	fill(start, word, label);
	data.train = (struct part){ .rows = ROWS, .row_start = start,
				    .index = word, .label = label };
	arena_init(&a, 0);
	param_defaults(l->params, config);
	param_set_all(l->params, config, options, &o->err);
	o->rc = l->fit(config, &data, &run, &model, &o->err);
	o->steps = run.steps;
	if (!o->rc) {
		l->predict(model, &data, &data.train, &run, scores, &o->err);
		o->right = share_right(scores, label);
		l->predict(model, &data, &empty, &run, o->empty, &o->err);
	}
	arena_clear(&a);
}

/* Log loss of the second half of the rows, and what class each is given, after
 * a fit on the first half, whose labels are noise. */
static double noise_loss(bool calibrated, int32_t *guess)
{
	static uint64_t start[ROWS + 1];
	static uint32_t word[ROWS * WORDS];
	static int32_t label[ROWS];
	static float scores[2 * ROWS];
	const struct learner *l = &learner_embedding_bag;
	const struct rng r = rng_make(2, "noise");
	struct dataset data = { .view = VIEW_TOKENS, .classes = 2,
				.vocab = 50 };
	_Alignas(16) unsigned char config[256];
	struct arena a;
	struct run run = { .arena = &a, .threads = 2, .seed = 1 };
	struct part rest;
	struct error err;
	void *model;
	double loss = 0;

	fill(start, word, label);
	for (size_t i = 0; i < ROWS * WORDS; i++)
		word[i] = 1 + (uint32_t)rng_below(r, i, 49);
	for (size_t i = 0; i < ROWS; i++)
		label[i] = (int32_t)rng_below(rng_sub(r, 1), i, 2);
	data.train = (struct part){ .rows = ROWS / 2, .row_start = start,
				    .index = word, .label = label };
	rest = (struct part){ .rows = ROWS / 2, .row_start = start + ROWS / 2,
			      .index = word, .label = label + ROWS / 2 };
	if (calibrated)
		data.valid = rest;
	arena_init(&a, 0);
	param_defaults(l->params, config);
	l->fit(config, &data, &run, &model, &err);
	l->predict(model, &data, &rest, &run, scores, &err);
	for (size_t i = 0; i < ROWS / 2; i++) {
		guess[i] = scores[2 * i + 1] > scores[2 * i];
		loss -= log(fmax(1e-12, (double)scores[2 * i +
						       (size_t)rest.label[i]]));
	}
	arena_clear(&a);
	return loss / (ROWS / 2);
}

static void test_calibration(void)
{
	static int32_t with[ROWS / 2], without[ROWS / 2];
	double sure = noise_loss(false, without);
	double fair = noise_loss(true, with);

	ok(sure > 1.0, "noise learnt by heart is believed: loss %.2f", sure);
	/* log 2 is that of knowing nothing and saying so */
	ok(fair < 0.75, "unless validation rows tell: %.2f", fair);
	ok(!memcmp(with, without, sizeof(with)),
	   "which changes how sure it is, not what it says");
}

int main(void)
{
	struct outcome o;

	blas_init();
	try("epochs=10", &o);
	ok(!o.rc && o.right == 1.0, "pairs tell the order of words");
	ok(o.steps == 10 * ROWS, "a step is a document");
	ok_near(o.empty[0], 0.5, 0.1, "an empty document gets the base rate");
	try("epochs=10,buckets=0", &o);
	ok(!o.rc && o.right < 0.9, "without pairs it cannot");
	try("lr=1e6,epochs=200", &o);
	ok(!o.rc || (o.rc == ERR_DIVERGED && strstr(o.err.text, "lr")),
	   "an absurd rate gives a result or names lr: %s",
	   o.rc ? o.err.text : "result");
	test_calibration();
	return tap_done();
}
