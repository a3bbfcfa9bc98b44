/* The temperature of scores: found again, the least loss, edges. */
#include "learners/nn/nn_temperature.h"

#include "harness/base/rng.h"

#include "tests/tap.h"

#define ROWS 20000
#define CLASSES 4

static float scores[ROWS * CLASSES];
static int32_t label[ROWS];
static float weight[ROWS];

/* Labels drawn from softmax(scores): its temperature is 1. */
static void fill(void)
{
	struct rng r = rng_make(5, "temperature");

	rng_fill_normal(r, 0, ROWS * CLASSES, scores);
	for (size_t i = 0; i < ROWS; i++) {
		const float *z = scores + i * CLASSES;
		double sum = 0, at;
		float u;

		for (size_t c = 0; c < CLASSES; c++)
			sum += exp((double)z[c]);
		rng_fill_uniform(rng_sub(r, 1), i, 1, &u);
		at = (double)u * sum;
		for (label[i] = 0; label[i] < CLASSES - 1; label[i]++) {
			at -= exp((double)z[label[i]]);
			if (at < 0)
				break;
		}
	}
}

static double loss(const struct part *rows, double factor)
{
	double total = 0;

	for (size_t i = 0; i < rows->rows; i++) {
		const float *z = scores + i * CLASSES;
		double sum = 0;

		for (size_t c = 0; c < CLASSES; c++)
			sum += exp(factor * (double)z[c]);
		total += (rows->weight ? (double)rows->weight[i] : 1.0) *
			 (log(sum) - factor * (double)z[rows->label[i]]);
	}
	return total;
}

static void test_found(void)
{
	const struct part rows = { .rows = ROWS, .label = label };
	double f = nn_temperature_factor(&rows, scores, CLASSES);

	/* the factor's standard error on 20,000 rows is about 0.01 */
	ok_near(f, 1.0, 0.05, "labels drawn from the scores: factor 1");
	ok(loss(&rows, f) <= loss(&rows, 0.99 * f) &&
		   loss(&rows, f) <= loss(&rows, 1.01 * f),
	   "no factor near it has less loss");
	for (size_t k = 0; k < ROWS * CLASSES; k++)
		scores[k] *= 8;
	ok_near(8 * nn_temperature_factor(&rows, scores, CLASSES), f, 1e-4,
		"scores 8 times as sure: an eighth of the factor");
	for (size_t k = 0; k < ROWS * CLASSES; k++)
		scores[k] /= 8;
}

/* Rows of weight 0 do not count, those of weight 2 count twice. */
static void test_weights(void)
{
	const struct part weighted = { .rows = ROWS, .label = label,
				       .weight = weight };
	const struct part half = { .rows = ROWS / 2, .label = label };

	for (size_t i = 0; i < ROWS; i++)
		weight[i] = i < ROWS / 2 ? 2 : 0;
	ok_near(nn_temperature_factor(&weighted, scores, CLASSES),
		nn_temperature_factor(&half, scores, CLASSES), 1e-6,
		"rows count by their weights");
}

static void test_edges(void)
{
	const struct part none = { .rows = 0 };
	struct part one = { .rows = 1, .label = label };
	float z[CLASSES] = { 0, 0, 0, 0 };
	double f;

	ok(nn_temperature_factor(&none, NULL, CLASSES) == 1,
	   "without rows: 1");
	f = nn_temperature_factor(&one, z, CLASSES);
	ok(f >= 1.0 / 64 && f <= 64, "scores that say nothing: a finite one");
	z[label[0]] = 1;
	f = nn_temperature_factor(&one, z, CLASSES);
	ok(f > 63 && f <= 64, "always right: the largest factor");
	z[label[0]] = -1;
	f = nn_temperature_factor(&one, z, CLASSES);
	ok(f < 1.0 / 63 && f > 0, "always wrong: the least, and not negative");
	for (size_t c = 0; c < CLASSES; c++)
		z[c] = 3e4f * (float)c;
	ok(isfinite(nn_temperature_factor(&one, z, CLASSES)),
	   "huge scores do not overflow");
}

int main(void)
{
	fill();
	test_found();
	test_weights();
	test_edges();
	return tap_done();
}
