/* Small made-up data sets in every view, for tests that cover all learners.
 *
 * Class c of an item moves its numbers, lights one corner of its grid, sets the
 * pitch of its wave and favours some words, so every family can learn something. All values are
 * functions of (seed, row).
 */
#ifndef TRIARCH_SYNTH_H
#define TRIARCH_SYNTH_H

#include <math.h>

#include "datasets/dataset.h"
#include "harness/base/rng.h"

#define SYNTH_SIDE 12  /* pixels of a grid's side */
#define SYNTH_WAVE 160 /* samples */
#define SYNTH_VOCAB 60 /* words, id 0 is the unknown one */
#define SYNTH_WORDS 7  /* a document */
#define SYNTH_COLS 8   /* of table and dense; the last two are categories */

struct synth {
	enum view view;
	enum task task;
	size_t classes; /* classification; 0 for regression */
	size_t train, valid, test;
	bool constant; /* every row the same */
	bool holes;    /* table: NaN cells */
	uint64_t seed;
};

static inline double synth_uniform(const struct synth *s, size_t row, size_t k)
{
	return rng_uniform(rng_sub(rng_make(s->seed, "synth"), row), k);
}

static inline size_t synth_class(const struct synth *s, size_t row)
{
	size_t k = s->task == TASK_REGRESSION ? 3 : s->classes;

	return (size_t)(synth_uniform(s, row, 999) * (double)k);
}

static inline void synth_columns(const struct synth *s, size_t row, float *x)
{
	size_t c = synth_class(s, row);

	for (size_t j = 0; j < SYNTH_COLS; j++) {
		double u = s->constant ? 0.5 : synth_uniform(s, row, j);

		if (s->view == VIEW_TABLE && j >= SYNTH_COLS - 2)
			x[j] = (float)((size_t)(u * 4.0) % 4);
		else
			x[j] = (float)(u + (j < 3 && !s->constant ?
						    0.4 * (double)((c + j) % 3) :
						    0.0));
		if (s->holes && s->view == VIEW_TABLE &&
		    synth_uniform(s, row, 100 + j) < 0.1)
			x[j] = __builtin_nanf("");
	}
}

static inline void synth_pixels(const struct synth *s, size_t row, float *x)
{
	size_t c = synth_class(s, row) % 4;

	for (size_t i = 0; i < SYNTH_SIDE * SYNTH_SIDE; i++) {
		size_t y = i / SYNTH_SIDE / (SYNTH_SIDE / 2);
		size_t z = i % SYNTH_SIDE / (SYNTH_SIDE / 2);

		x[i] = (float)(s->constant ? 0.5 :
				 synth_uniform(s, row, i) - 0.5 +
					 (y * 2 + z == c));
	}
}

/* A tone of 1, 2 ... waves in ten samples from a phase of its own, with noise. */
static inline void synth_samples(const struct synth *s, size_t row, float *x)
{
	double pitch = 0.1 * (double)(1 + synth_class(s, row) % 4);
	double phase = synth_uniform(s, row, 998);

	for (size_t i = 0; i < SYNTH_WAVE; i++)
		x[i] = s->constant ? 0.5f :
		       (float)(synth_uniform(s, row, i) - 0.5 +
			       sin(6.283185307179586 *
				   (phase + pitch * (double)i)));
}

/* Word k of a row: half of them from the class's own third of the list. */
static inline uint32_t synth_word(const struct synth *s, size_t row, size_t k)
{
	double u = s->constant ? 0.5 : synth_uniform(s, row, k);
	size_t third = (SYNTH_VOCAB - 1) / 3, c = synth_class(s, row) % 3;

	if (k % 2 && !s->constant)
		return (uint32_t)(1 + c * third + (size_t)(u * (double)third));
	return (uint32_t)(1 + (size_t)(u * (SYNTH_VOCAB - 1)));
}

/* Documents for tokens and sparse rows; every tenth document is empty. */
static inline bool synth_documents(const struct synth *s, struct arena *a,
				   size_t first, struct part *p)
{
	uint64_t *start = ARENA_NEW(a, uint64_t, p->rows + 1);
	uint32_t *index = ARENA_NEW(a, uint32_t, p->rows * SYNTH_WORDS);
	float *value = ARENA_NEW(a, float, p->rows * SYNTH_WORDS);
	size_t n = 0;

	if (!start || !index || !value)
		return false;
	for (size_t i = 0; i < p->rows; i++) {
		bool used[SYNTH_VOCAB] = { false };

		start[i] = n;
		for (size_t k = 0; k < SYNTH_WORDS && i % 10 != 9; k++) {
			uint32_t w = synth_word(s, first + i, k);

			if (s->view == VIEW_TOKENS || !used[w])
				index[n++] = w;
			used[w] = true;
		}
		/* a sparse row's columns ascend, as an encoder makes them */
		for (size_t k = start[i]; s->view == VIEW_SPARSE && k < n; k++)
			for (size_t m = k; m > start[i] &&
					   index[m] < index[m - 1]; m--) {
				uint32_t t = index[m];

				index[m] = index[m - 1];
				index[m - 1] = t;
			}
		for (size_t k = start[i]; k < n; k++)
			value[k] = 1.0f / __builtin_sqrtf((float)(n - start[i]));
	}
	start[p->rows] = n;
	p->row_start = start;
	p->index = index;
	p->value = s->view == VIEW_SPARSE ? value : NULL;
	return true;
}

static inline bool synth_targets(const struct synth *s, struct arena *a,
				 size_t first, struct part *p)
{
	int32_t *label = ARENA_NEW(a, int32_t, p->rows);
	float *target = ARENA_NEW(a, float, p->rows);
	uint32_t *item = ARENA_NEW(a, uint32_t, p->rows);

	if (!label || !target || !item)
		return false;
	for (size_t i = 0; i < p->rows; i++) {
		size_t c = synth_class(s, first + i);

		label[i] = (int32_t)c;
		target[i] = (float)(10.0 + 3.0 * (double)c +
				    synth_uniform(s, first + i, 998));
		item[i] = (uint32_t)(first + i);
	}
	if (s->task == TASK_CLASSIFICATION)
		p->label = label;
	else
		p->target = target;
	p->item = item;
	return true;
}

static inline bool synth_part(const struct synth *s, struct arena *a,
			      size_t first, size_t rows, size_t cols,
			      struct part *p)
{
	float *x;

	*p = (struct part){ .rows = rows };
	if (!synth_targets(s, a, first, p))
		return false;
	if (s->view == VIEW_TOKENS || s->view == VIEW_SPARSE)
		return synth_documents(s, a, first, p);
	x = ARENA_NEW(a, float, rows * cols);
	if (!x)
		return false;
	for (size_t i = 0; i < rows; i++) {
		if (s->view == VIEW_GRID)
			synth_pixels(s, first + i, x + i * cols);
		else if (s->view == VIEW_WAVE)
			synth_samples(s, first + i, x + i * cols);
		else
			synth_columns(s, first + i, x + i * cols);
	}
	p->x = x;
	return true;
}

static inline const struct column *synth_schema(struct arena *a)
{
	struct column *columns = ARENA_NEW(a, struct column, SYNTH_COLS);

	for (size_t j = 0; columns && j < SYNTH_COLS; j++)
		columns[j] = (struct column){
			.name = "column",
			.is_cat = j >= SYNTH_COLS - 2,
			.levels = j >= SYNTH_COLS - 2 ? 4 : 0,
		};
	return columns;
}

/* False when out of memory. */
static inline bool synth_make(const struct synth *s, struct arena *a,
			      struct dataset *d)
{
	*d = (struct dataset){
		.name = "synth", .task = s->task, .view = s->view,
		.classes = s->task == TASK_CLASSIFICATION ? s->classes : 0,
		.cols = SYNTH_COLS,
	};
	if (s->view == VIEW_GRID) {
		d->modality = MODALITY_IMAGE;
		d->channels = 1;
		d->height = d->width = SYNTH_SIDE;
		d->cols = SYNTH_SIDE * SYNTH_SIDE;
	} else if (s->view == VIEW_WAVE) {
		d->modality = MODALITY_AUDIO;
		d->channels = d->height = 1;
		d->cols = d->width = SYNTH_WAVE;
	} else if (s->view == VIEW_TOKENS) {
		d->modality = MODALITY_TEXT;
		d->vocab = SYNTH_VOCAB;
		d->cols = 0;
	} else if (s->view == VIEW_SPARSE) {
		d->modality = MODALITY_TEXT;
		d->cols = SYNTH_VOCAB;
	} else if (s->view == VIEW_TABLE) {
		d->columns = synth_schema(a);
	}
	return synth_part(s, a, 0, s->train, d->cols, &d->train) &&
	       synth_part(s, a, s->train, s->valid, d->cols, &d->valid) &&
	       synth_part(s, a, s->train + s->valid, s->test, d->cols,
			  &d->test);
}

#endif
