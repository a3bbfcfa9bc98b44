/* A bag of embeddings, trained by plain stochastic gradient descent.
 *
 * One document a step, as fastText does: its gradient touches only the rows of
 * the table that its words and pairs name, so no optimizer state is kept for
 * the others, and a table of hundreds of thousands of rows costs nothing but
 * its memory. Steps follow one another on one thread, which keeps bits the
 * same everywhere; fastText itself lets threads race (its "Hogwild").
 */
#include "learners/nn/nn_bag.h"

#include <math.h>
#include <string.h>

#include "harness/base/par.h"
#include "harness/base/simd.h"
#include "learners/nn/nn_loss.h"
#include "learners/nn/nn_temperature.h"

#define TICK_ROWS 512	 /* documents between two ticks: about a millisecond */
#define PREDICT_ROWS 256 /* documents a chunk */

int nn_bag_init(struct nn_bag *b, uint64_t seed, struct arena *a,
		struct error *err)
{
	size_t words = b->vocab * b->dim;

	b->factor = 1.0;
	b->table = ARENA_NEW(a, float, (b->vocab + b->buckets) * b->dim);
	b->head = ARENA_NEW(a, float, b->outputs * b->dim);
	b->bias = ARENA_NEW(a, float, b->outputs);
	if (!b->table || !b->head || !b->bias)
		return arena_error(a, err);
	rng_fill_uniform(rng_make(seed, "bag/init"), 0, words, b->table);
	for (size_t k = 0; k < words; k++)
		b->table[k] = (2.0f * b->table[k] - 1.0f) / (float)b->dim;
	return 0;
}

/* The bucket of a pair, whose order counts: 64 mixed bits (the finalizer of splitmix64, Steele,
 * Lea & Flood 2014), scaled to the number of buckets. */
static uint32_t pair_row(const struct nn_bag *b, uint32_t left, uint32_t right)
{
	uint64_t h = (uint64_t)left << 32 | right;

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 27) * 0x94d049bb133111ebu;
	h ^= h >> 31;
	return (uint32_t)(b->vocab + (size_t)(h % b->buckets));
}

/* Id 0 stands for all words that the vocabulary has not; ids past it come from
 * a caller's other vocabulary and are as unknown. */
static bool is_known(const struct nn_bag *b, uint32_t word)
{
	return word && word < b->vocab;
}

size_t nn_bag_features(const struct nn_bag *b, const uint32_t *word, size_t n,
		       uint32_t *feature)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_known(b, word[i]))
			continue;
		feature[found++] = word[i];
		if (b->buckets && i + 1 < n && is_known(b, word[i + 1]))
			feature[found++] = pair_row(b, word[i], word[i + 1]);
	}
	return found;
}

/* The mean rather than the sum: long documents score no higher than short
 * ones, and one learning rate suits both. */
void nn_bag_forward(const struct nn_bag *b, const uint32_t *feature, size_t n,
		    float *hidden, float *scores)
{
	const struct vec_kernels *vec = simd_vec();
	float share = n ? 1.0f / (float)n : 0.0f;

	memset(hidden, 0, b->dim * sizeof(*hidden));
	for (size_t i = 0; i < n; i++)
		vec->axpy(share, b->table + feature[i] * b->dim, hidden,
			  b->dim);
	for (size_t c = 0; c < b->outputs; c++)
		scores[c] = b->bias[c] +
			    vec->dot(b->head + c * b->dim, hidden, b->dim);
}

/* With h = the mean of n rows e and z = H h + b:
 *	dH = dz h', db = dz, dh = H' dz, de = dh / n for each row used.
 * d_hidden takes each row of the head before that row moves; a row named twice
 * moves twice, as its two places in the mean demand. */
void nn_bag_update(struct nn_bag *b, const uint32_t *feature, size_t n,
		   const float *hidden, const float *d_scores, float lr,
		   float *d_hidden)
{
	const struct vec_kernels *vec = simd_vec();
	float share = n ? 1.0f / (float)n : 0.0f;

	memset(d_hidden, 0, b->dim * sizeof(*d_hidden));
	for (size_t c = 0; c < b->outputs; c++) {
		float *row = b->head + c * b->dim;

		vec->axpy(d_scores[c], row, d_hidden, b->dim);
		vec->axpy(-lr * d_scores[c], hidden, row, b->dim);
		b->bias[c] -= lr * d_scores[c];
	}
	for (size_t i = 0; i < n; i++)
		vec->axpy(-lr * share, d_hidden, b->table + feature[i] * b->dim,
			  b->dim);
}

/* What one thread needs. */
struct bench {
	uint32_t *feature; /* (2 * longest document) */
	float *hidden, *d_hidden; /* (dim) */
	float *scores, *d_scores; /* (outputs) */
};

/* Benches are made for the longest document, so that no step allocates. */
static size_t longest(const struct part *rows)
{
	size_t most = 0;

	for (size_t i = 0; i < rows->rows; i++) {
		size_t n = (size_t)(rows->row_start[i + 1] -
				    rows->row_start[i]);

		most = n > most ? n : most;
	}
	return most;
}

/* `n` benches for the documents of `rows`; NULL when out of memory. A document
 * of w words has at most w words and w - 1 pairs as features. */
static struct bench *benches_new(const struct nn_bag *b,
				 const struct part *rows, size_t n,
				 struct arena *a)
{
	struct bench *w = ARENA_NEW(a, struct bench, n);
	size_t words = longest(rows);

	for (size_t i = 0; w && i < n; i++) {
		w[i].feature = ARENA_NEW(a, uint32_t, 2 * words);
		w[i].hidden = ARENA_NEW(a, float, 2 * b->dim);
		w[i].scores = ARENA_NEW(a, float, 2 * b->outputs);
		if (!w[i].feature || !w[i].hidden || !w[i].scores)
			return NULL;
		w[i].d_hidden = w[i].hidden + b->dim;
		w[i].d_scores = w[i].scores + b->outputs;
	}
	return w;
}

/* Features and scores of one document; returns the number of features. */
static size_t run_forward(const struct nn_bag *b, const struct part *rows,
			  size_t row, struct bench *w)
{
	size_t begin = (size_t)rows->row_start[row];
	size_t n = (size_t)rows->row_start[row + 1] - begin;

	n = nn_bag_features(b, rows->index + begin, n, w->feature);
	nn_bag_forward(b, w->feature, n, w->hidden, w->scores);
	return n;
}

/* One document: forward, loss, update. Returns its loss. */
static double train_row(struct nn_bag *b, const struct part *rows, size_t row,
			float lr, struct bench *w)
{
	struct nn_loss l = { .rows = 1, .outputs = b->outputs, .scale = 1.0f,
			     .scores = w->scores, .d_scores = w->d_scores };
	size_t n = run_forward(b, rows, row, w);
	double loss;
	float y;

	if (rows->weight)
		l.weight = rows->weight + row;
	if (rows->label) {
		l.label = rows->label + row;
		loss = nn_loss_softmax(&l);
	} else {
		y = (float)(((double)rows->target[row] - b->target_mean) /
			    b->target_sd);
		l.target = &y;
		loss = nn_loss_squared(&l);
	}
	nn_bag_update(b, w->feature, n, w->hidden, w->d_scores, lr,
		      w->d_hidden);
	return loss;
}

/* Steps [from, to) of `total`; returns their mean loss. The rate falls on a
 * straight line that reaches 0 after the last step. */
static double train_rows(struct nn_bag *b, const struct part *rows,
			 const uint32_t *order, size_t from, size_t to,
			 size_t total, double lr, struct bench *w)
{
	double loss = 0.0;

	for (size_t t = from; t < to; t++) {
		double now = lr * (1.0 - (double)t / (double)total);

		loss += train_row(b, rows, order[t % rows->rows], (float)now,
				  w);
	}
	return loss / (double)(to - from);
}

/* Regression learns (target - mean) / sd, so that one learning rate suits any
 * unit. A constant target keeps sd 1. */
static void measure_targets(struct nn_bag *b, const struct part *rows)
{
	double mean = 0.0, spread = 0.0, n = (double)rows->rows;

	b->target_sd = 1.0;
	if (!rows->target)
		return;
	for (size_t i = 0; i < rows->rows; i++)
		mean += (double)rows->target[i] / n;
	for (size_t i = 0; i < rows->rows; i++)
		spread += ((double)rows->target[i] - mean) *
			  ((double)rows->target[i] - mean) / n;
	b->target_mean = mean;
	if (spread > 0.0)
		b->target_sd = sqrt(spread);
}

/* One pass from step `at`, a few hundred documents at a time; *go_on becomes
 * false when tick said stop. */
static int train_epoch(struct nn_bag *b, const struct part *rows,
		       const uint32_t *order, size_t at, size_t total,
		       double lr, struct bench *w, struct run *run,
		       bool *go_on, struct error *err)
{
	size_t end = at + rows->rows;

	while (at < end && *go_on) {
		size_t to = end - at < TICK_ROWS ? end : at + TICK_ROWS;
		double loss = train_rows(b, rows, order, at, to, total, lr, w);

		if (!isfinite(loss))
			return error_set(err, ERR_DIVERGED,
					 "the loss is not finite by step %zu "
					 "of %zu; lower lr (it is %g)", to,
					 total, lr);
		at = to;
		*go_on = run_tick(run, at, total, loss);
	}
	return 0;
}

struct job {
	const struct nn_bag *bag;
	const struct part *rows;
	struct bench *benches;
	float *scores;
};

/* Documents do not depend on each other: any worker may take any chunk. */
static void predict_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	struct par_range r = par_range(job->rows->rows, PREDICT_ROWS, chunk);
	struct bench *w = &job->benches[worker];
	size_t outputs = job->bag->outputs;

	for (size_t i = r.begin; i < r.end; i++) {
		run_forward(job->bag, job->rows, i, w);
		memcpy(job->scores + i * outputs, w->scores,
		       outputs * sizeof(*w->scores));
	}
}

/* The head's values (rows, outputs). ERR_MEMORY. */
static int score(const struct nn_bag *b, const struct part *rows,
		 struct run *run, float *scores, struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	struct job job = { .bag = b, .rows = rows, .scores = scores };

	job.benches = benches_new(b, rows, (size_t)run->threads, run->arena);
	if (!job.benches) {
		arena_rewind(run->arena, mark);
		return arena_error(run->arena, err);
	}
	par_for(run->threads, par_chunks(rows->rows, PREDICT_ROWS),
		predict_chunk, &job);
	arena_rewind(run->arena, mark);
	return 0;
}

/* After some passes the training rows are known by heart, and scores say so of
 * any row; rows that were not trained on tell how sure it may be. */
static int calibrate(struct nn_bag *b, const struct part *valid,
		     struct run *run, struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	float *scores;
	int rc;

	if (!valid->label || !valid->rows)
		return 0;
	scores = ARENA_NEW(run->arena, float, valid->rows * b->outputs);
	if (!scores)
		return arena_error(run->arena, err);
	rc = score(b, valid, run, scores, err);
	if (!rc)
		b->factor = nn_temperature_factor(valid, scores, b->outputs);
	arena_rewind(run->arena, mark);
	return rc;
}

int nn_bag_train(struct nn_bag *b, const struct dataset *data, size_t epochs,
		 double lr, struct run *run, struct error *err)
{
	const struct part *rows = &data->train;
	uint32_t *order = ARENA_NEW(run->arena, uint32_t, rows->rows);
	struct bench *w = benches_new(b, rows, 1, run->arena);
	struct rng r = rng_make(run->seed, "bag/order");
	bool go_on = true;
	int rc = 0;

	if (!order || !w)
		return arena_error(run->arena, err);
	measure_targets(b, rows);
	for (size_t k = 0; !rc && go_on && k < epochs; k++) {
		rng_permutation(rng_sub(r, k), rows->rows, order);
		rc = train_epoch(b, rows, order, k * rows->rows,
				 epochs * rows->rows, lr, w, run, &go_on, err);
	}
	return rc ? rc : calibrate(b, &data->valid, run, err);
}

int nn_bag_predict(const struct nn_bag *b, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err)
{
	int rc = score(b, rows, run, scores, err);

	if (rc)
		return rc;
	if (data->task == TASK_CLASSIFICATION) {
		for (size_t k = 0; k < rows->rows * b->outputs; k++)
			scores[k] = (float)(b->factor * (double)scores[k]);
		simd_vec()->softmax(scores, rows->rows, b->outputs);
		return 0;
	}
	for (size_t i = 0; i < rows->rows; i++)
		scores[i] = (float)((double)scores[i] * b->target_sd +
				    b->target_mean);
	return 0;
}
