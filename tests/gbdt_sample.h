/* Small tables with a known rule behind them, and a fit on one: shared by the
 * tests of boosting. */
#ifndef TRIARCH_GBDT_SAMPLE_H
#define TRIARCH_GBDT_SAMPLE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learners/gbdt/boost.h"

struct sample_shape {
	size_t train, valid, test;
	size_t numeric;	   /* columns with values in [0, 1) */
	size_t categories; /* columns with `levels` codes, after the numeric */
	size_t levels;
	size_t classes; /* 0: regression */
	double missing; /* share of cells that are NaN */
	double noise;
	uint64_t seed;
};

struct sample {
	struct arena arena;
	struct dataset data;
};

/* A smooth and a jagged part in the first columns, and the parity of the first
 * category: no single cut explains it. */
static inline double sample_rule(const struct sample_shape *s, const float *x)
{
	double y = 0;

	if (s->numeric > 0 && !isnan(x[0]))
		y += 2 * (double)x[0];
	if (s->numeric > 1 && !isnan(x[1]))
		y += x[1] > 0.3f && x[1] < 0.6f ? 1.5 : 0;
	if (s->categories && !isnan(x[s->numeric]))
		y += (size_t)x[s->numeric] % 2 ? 1 : -1;
	return y;
}

static inline void sample_row(const struct sample_shape *s, size_t row, float *x)
{
	struct rng r = rng_sub(rng_make(s->seed, "sample"), row);

	for (size_t j = 0; j < s->numeric + s->categories; j++) {
		double u = rng_uniform(r, j);

		x[j] = j < s->numeric ? (float)u :
					(float)(size_t)(u * (double)s->levels);
		if (rng_uniform(r, 1000 + j) < s->missing)
			x[j] = NAN;
	}
}

static inline struct part sample_part(struct sample *d,
				      const struct sample_shape *s, size_t first,
				      size_t rows)
{
	size_t cols = s->numeric + s->categories;
	float *x = ARENA_NEW(&d->arena, float, rows * cols);
	float *target = ARENA_NEW(&d->arena, float, rows);
	int32_t *label = ARENA_NEW(&d->arena, int32_t, rows);
	struct rng r = rng_make(s->seed, "sample noise");

	for (size_t i = 0; i < rows; i++) {
		double y;

		sample_row(s, first + i, x + i * cols);
		y = sample_rule(s, x + i * cols) +
		    s->noise * rng_normal(r, first + i);
		target[i] = (float)y;
		/* classes are slices of the range that the rule has */
		y = floor((y + 1) / 5 * (double)s->classes);
		y = fmin(fmax(y, 0), (double)s->classes - 1);
		label[i] = s->classes ? (int32_t)y : 0;
	}
	return (struct part){ .rows = rows, .x = x, .target = target,
			      .label = label };
}

static inline void sample_make(struct sample *d, const struct sample_shape *s)
{
	size_t cols = s->numeric + s->categories;
	struct column *columns;

	arena_init(&d->arena, 0);
	columns = ARENA_NEW(&d->arena, struct column, cols);
	for (size_t j = s->numeric; j < cols; j++)
		columns[j] = (struct column){ .is_cat = true,
					      .levels = s->levels };
	d->data = (struct dataset){
		.name = "sample", .view = VIEW_TABLE, .cols = cols,
		.columns = columns, .classes = s->classes,
		.task = s->classes ? TASK_CLASSIFICATION : TASK_REGRESSION,
		.train = sample_part(d, s, 0, s->train),
		.valid = sample_part(d, s, s->train, s->valid),
		.test = sample_part(d, s, s->train + s->valid, s->test),
	};
}

/* One fit and what it predicts. */
struct sample_fit {
	struct arena arena;
	struct error err;
	struct run run;
	const struct boost *model;
	float *train, *test; /* scores */
	int rc;
};

/* All later fits of a test start from these: nothing held back by penalties,
 * so that small tables can be cut. */
#define SAMPLE_OPTIONS "rounds=20,min_child_rows=1,min_group_rows=1,"

static inline void sample_fit(struct sample_fit *f, const struct dataset *data,
			      const char *options, int threads)
{
	const struct learner *l = learner_find("gbdt");
	size_t outputs = learner_outputs(data);
	struct gbdt_config config;
	struct dataset lent = *data;
	void *model = NULL;

	*f = (struct sample_fit){ 0 };
	arena_init(&f->arena, 0);
	f->run = (struct run){ .arena = &f->arena, .threads = threads, .seed = 1 };
	f->train = ARENA_NEW(&f->arena, float, data->train.rows * outputs);
	f->test = ARENA_NEW(&f->arena, float, data->test.rows * outputs);
	lent.test = (struct part){ 0 };
	param_defaults(l->params, &config);
	f->rc = param_set_all(l->params, &config, SAMPLE_OPTIONS, &f->err);
	if (!f->rc)
		f->rc = param_set_all(l->params, &config, options, &f->err);
	if (!f->rc)
		f->rc = l->fit(&config, &lent, &f->run, &model, &f->err);
	f->model = model;
	if (!f->rc)
		f->rc = l->predict(model, data, &data->train, &f->run, f->train,
				   &f->err);
	if (!f->rc)
		f->rc = l->predict(model, data, &data->test, &f->run, f->test,
				   &f->err);
}

/* Root mean squared error of regression scores. */
static inline double sample_rmse(const struct part *p, const float *scores)
{
	double sum = 0;

	for (size_t i = 0; i < p->rows; i++)
		sum += pow((double)scores[i] - (double)p->target[i], 2);
	return sqrt(sum / (double)p->rows);
}

static inline double sample_accuracy(const struct part *p, const float *scores,
				     size_t classes)
{
	size_t right = 0;

	for (size_t i = 0; i < p->rows; i++) {
		size_t best = 0;

		for (size_t c = 1; c < classes; c++)
			if (scores[i * classes + c] > scores[i * classes + best])
				best = c;
		right += best == (size_t)p->label[i];
	}
	return (double)right / (double)p->rows;
}

#endif
