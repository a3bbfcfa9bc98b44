/* Small made-up items for tests of splits, encoders and caches. */
#ifndef TRIARCH_DATA_FIXTURES_H
#define TRIARCH_DATA_FIXTURES_H

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "datasets/dataset.h"
#include "harness/base/rng.h"

/* A table of a numeric column with holes, a wide-ranging one, a constant one,
 * and two categorical columns (5 and 400 levels). `classes` 0: regression. */
__attribute__((unused)) static struct items
fixture_table(struct arena *a, size_t n, size_t classes)
{
	static const struct column columns[] = {
		{ .name = "holes" },
		{ .name = "wide" },
		{ .name = "constant" },
		{ .name = "few", .is_cat = true, .levels = 5 },
		{ .name = "many", .is_cat = true, .levels = 400 },
	};
	struct rng r = rng_make(7, "fixture");
	float **cell = ARENA_NEW(a, float *, 5);
	int32_t *label = ARENA_NEW(a, int32_t, n);
	float *target = ARENA_NEW(a, float, n);

	assert(cell && label && target);
	for (size_t j = 0; j < 5; j++) {
		cell[j] = ARENA_NEW(a, float, n);
		assert(cell[j]);
	}
	for (size_t i = 0; i < n; i++) {
		cell[0][i] = i % 7 == 3 ? NAN : (float)rng_normal(r, i);
		cell[1][i] = (float)rng_normal(r, n + i) * 1e3f + 5e4f;
		cell[2][i] = 42;
		cell[3][i] = (float)rng_below(r, 2 * n + i, 4);
		cell[4][i] = i % 11 ? (float)rng_below(r, 3 * n + i, 400) : NAN;
		label[i] = classes ? (int32_t)rng_below(r, 4 * n + i, classes) : 0;
		target[i] = cell[1][i] * 2;
	}
	return (struct items){
		.modality = MODALITY_TABULAR,
		.task = classes ? TASK_CLASSIFICATION : TASK_REGRESSION,
		.n = n, .cols = 5, .columns = columns,
		.cell = (const float *const *)cell,
		.classes = classes,
		.label = classes ? label : NULL,
		.target = classes ? NULL : target,
	};
}

/* Pictures of random bytes, 1 x 6 x 5. */
__attribute__((unused)) static struct items
fixture_image(struct arena *a, size_t n)
{
	struct rng r = rng_make(8, "fixture");
	uint8_t *pixels = ARENA_NEW(a, uint8_t, n * 30);
	int32_t *label = ARENA_NEW(a, int32_t, n);

	assert(pixels && label);
	for (size_t k = 0; k < n * 30; k++)
		pixels[k] = (uint8_t)rng_u32(r, k);
	for (size_t i = 0; i < n; i++)
		label[i] = (int32_t)(i % 3);
	return (struct items){
		.modality = MODALITY_IMAGE, .task = TASK_CLASSIFICATION,
		.n = n, .channels = 1, .height = 6, .width = 5,
		.pixels = pixels, .classes = 3, .label = label,
	};
}

/* Noisy tones of 1,500 to 2,400 samples at 8 kHz. */
__attribute__((unused)) static struct items
fixture_audio(struct arena *a, size_t n)
{
	struct rng r = rng_make(9, "fixture");
	size_t *start = ARENA_NEW(a, size_t, n + 1);
	int32_t *label = ARENA_NEW(a, int32_t, n);
	float *wave = ARENA_NEW(a, float, n * 2400);

	assert(start && label && wave);
	for (size_t i = 0; i < n; i++) {
		label[i] = (int32_t)(i % 2);
		start[i + 1] = start[i] + 1500 + rng_below(r, i, 900);
		for (size_t k = start[i]; k < start[i + 1]; k++)
			wave[k] = 0.3f * sinf((float)k * (label[i] ? .2f : .9f)) +
				  0.05f * (float)rng_normal(r, k);
	}
	return (struct items){
		.modality = MODALITY_AUDIO, .task = TASK_CLASSIFICATION,
		.n = n, .wave = wave, .wave_start = start, .rate = 8000,
		.classes = 2, .label = label,
	};
}

/* Sentences of 3 to 12 words out of 40, two classes that prefer other words. */
__attribute__((unused)) static struct items
fixture_text(struct arena *a, size_t n)
{
	struct rng r = rng_make(10, "fixture");
	const char **text = ARENA_NEW(a, const char *, n);
	int32_t *label = ARENA_NEW(a, int32_t, n);

	assert(text && label);
	for (size_t i = 0; i < n; i++) {
		size_t words = 3 + rng_below(r, 20 * i, 10);
		char line[256] = "", *end = line;

		label[i] = (int32_t)(i % 2);
		for (size_t k = 0; k < words; k++) {
			uint64_t w = rng_below(r, 20 * i + k + 1, 20);

			w += label[i] && k % 2 ? 20 : 0;
			end += sprintf(end, "w%c%c ", 'a' + (int)(w / 10),
				       'a' + (int)(w % 10));
		}
		text[i] = arena_strdup(a, line);
		assert(text[i]);
	}
	return (struct items){
		.modality = MODALITY_TEXT, .task = TASK_CLASSIFICATION,
		.n = n, .text = text, .classes = 2, .label = label,
	};
}

/* Rows 0 .. train-1, the next `valid`, the rest. */
__attribute__((unused)) static struct split
fixture_split(struct arena *a, size_t n, size_t train, size_t valid)
{
	uint32_t *rows = ARENA_NEW(a, uint32_t, n);

	assert(rows && train + valid <= n);
	for (size_t i = 0; i < n; i++)
		rows[i] = (uint32_t)i;
	return (struct split){ .n_train = train, .n_valid = valid,
			       .n_test = n - train - valid, .train = rows,
			       .valid = rows + train,
			       .test = rows + train + valid };
}

#endif
