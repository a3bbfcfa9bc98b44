/* Bag of embeddings: features, forward against plain loops, the gradient that
 * an update follows, training. */
#include "learners/nn/nn_bag.h"

#include "learners/nn/nn_loss.h"

#include "tests/tap.h"

#define VOCAB 20
#define BUCKETS 50
#define DIM 6
#define CLASSES 3

static struct nn_bag make(struct arena *a)
{
	struct nn_bag b = { .vocab = VOCAB, .buckets = BUCKETS, .dim = DIM,
			    .outputs = CLASSES };
	struct error err;

	arena_init(a, 0);
	nn_bag_init(&b, 3, a, &err);
	rng_fill_normal(rng_make(1, "head"), 0, CLASSES * DIM, b.head);
	rng_fill_normal(rng_make(1, "bias"), 0, CLASSES, b.bias);
	return b;
}

static void test_features(void)
{
	const uint32_t words[] = { 3, 4, 0, 4, 3, 99, 3, 4 };
	struct arena a;
	struct nn_bag b = make(&a);
	uint32_t f[16];
	size_t n = nn_bag_features(&b, words, 8, f);

	ok(n == 9, "features: words, and pairs of neighbours that are known");
	ok(f[0] == 3 && f[2] == 4, "features: a word is its own row");
	ok(f[1] >= VOCAB && f[1] < VOCAB + BUCKETS && f[1] == f[n - 2],
	   "features: a pair has one bucket wherever it stands");
	ok(f[1] != f[4], "features: order makes another pair");
	ok(nn_bag_features(&b, words, 0, f) == 0, "features: none of none");
	b.buckets = 0;
	ok(nn_bag_features(&b, words, 8, f) == 6,
	   "features: no buckets, no pairs");
	arena_clear(&a);
}

static void test_forward(void)
{
	const uint32_t f[] = { 3, 7, 25, 3 };
	struct arena a;
	struct nn_bag b = make(&a);
	float hidden[DIM], scores[CLASSES];
	double worst = 0;

	nn_bag_forward(&b, f, 4, hidden, scores);
	for (size_t c = 0; c < CLASSES; c++) {
		double want = (double)b.bias[c];

		for (size_t i = 0; i < 4; i++)
			for (size_t j = 0; j < DIM; j++)
				want += (double)b.table[f[i] * DIM + j] / 4 *
					(double)b.head[c * DIM + j];
		worst = fmax(worst, fabs(want - (double)scores[c]));
	}
	ok(worst < 1e-6, "forward: mean of rows, then linear");
	nn_bag_forward(&b, f, 0, hidden, scores);
	ok(!memcmp(scores, b.bias, sizeof(scores)),
	   "forward: an empty document scores the bias");
	arena_clear(&a);
}

static double loss_of(const struct nn_bag *b, const uint32_t *f, size_t n,
		      float *hidden, float *d_scores)
{
	const int32_t label = 1;
	float scores[CLASSES];

	nn_bag_forward(b, f, n, hidden, scores);
	return nn_loss_softmax(&(struct nn_loss){
		.rows = 1, .outputs = CLASSES, .scores = scores,
		.label = &label, .scale = 1, .d_scores = d_scores });
}

/* An update with rate 1 moves each weight by minus its gradient. */
static double check(struct nn_bag *b, float *was, const float *now, size_t n,
		    const uint32_t *f)
{
	double worst = 0;
	float hidden[DIM];

	for (size_t k = 0; k < n; k++) {
		float keep = was[k];
		double up, down;

		was[k] = keep + 1e-2f;
		up = loss_of(b, f, 3, hidden, NULL);
		was[k] = keep - 1e-2f;
		down = loss_of(b, f, 3, hidden, NULL);
		was[k] = keep;
		worst = fmax(worst, fabs((up - down) / 2e-2 -
					 (double)(keep - now[k])));
	}
	return worst;
}

static void test_update(void)
{
	const uint32_t f[] = { 3, 30, 3 };
	struct arena a, other;
	struct nn_bag b = make(&a), after = make(&other);
	float hidden[DIM], d_scores[CLASSES], d_hidden[DIM];
	size_t touched = 0;

	loss_of(&after, f, 3, hidden, d_scores);
	nn_bag_update(&after, f, 3, hidden, d_scores, 1, d_hidden);
	/* float losses of size 1 over a step of 2e-2 */
	ok(check(&b, b.head, after.head, CLASSES * DIM, f) < 1e-4,
	   "update: gradient of the head");
	ok(check(&b, b.bias, after.bias, CLASSES, f) < 1e-4,
	   "update: gradient of the bias");
	ok(check(&b, b.table, after.table, (VOCAB + BUCKETS) * DIM, f) < 1e-4,
	   "update: gradient of the table");
	for (size_t i = 0; i < VOCAB + BUCKETS; i++)
		touched += memcmp(b.table + i * DIM, after.table + i * DIM,
				  DIM * sizeof(float)) != 0;
	ok(touched == 2, "update: only the document's rows change");
	arena_clear(&a);
	arena_clear(&other);
}

int main(void)
{
	test_features();
	test_forward();
	test_update();
	return tap_done();
}
