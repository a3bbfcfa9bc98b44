/* A sample is a function of its tree's number, so it is drawn again instead of
 * being kept.
 */
#include "learners/forest/oob.h"

#include <math.h>
#include <stdio.h>

#include "harness/base/par.h"

enum { ROWS = 512 };

int oob_init(struct oob *o, const struct builder_spec *s, const struct dataset *data,
	     struct arena *a, struct error *err)
{
	size_t rows = data->train.rows;

	*o = (struct oob){
		.spec = s, .data = data,
		.sum = ARENA_NEW(a, float, rows * s->rules.truth->outputs),
		.trees = ARENA_NEW(a, uint32_t, rows),
		.times = ARENA_RAW(a, uint32_t, rows),
	};
	return o->sum && o->trees && o->times ? 0 : arena_error(a, err);
}

struct add {
	struct oob *o;
	const struct bins_column *column;
	const struct tree *tree;
};

static void add_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct add *w = ctx;
	struct oob *o = w->o;
	struct par_range r = par_range(o->data->train.rows, ROWS, chunk);
	size_t outputs = o->spec->rules.truth->outputs;

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		const float *x = o->data->train.x + i * o->data->cols;

		if (o->times[i])
			continue;
		tree_add_leaf(w->tree, tree_leaf(w->tree, w->column, x),
			      o->sum + i * outputs);
		o->trees[i]++;
	}
}

void oob_add(struct oob *o, const struct bins_column *column, const struct tree *t,
	     size_t k, int threads)
{
	struct add w = { o, column, t };

	builder_sample(o->spec, k, o->times);
	par_for(threads, par_chunks(o->data->train.rows, ROWS), add_rows, &w);
}

/* The class with the most votes; the first of equals. */
static size_t winner(const struct oob *o, size_t row)
{
	size_t outputs = o->spec->rules.truth->outputs, best = 0;
	const float *v = o->sum + row * outputs;

	if (outputs == 1) /* the share of the second of two classes */
		return 2 * v[0] > (float)o->trees[row];
	for (size_t c = 1; c < outputs; c++)
		best = v[c] > v[best] ? c : best;
	return best;
}

double oob_loss(const struct oob *o)
{
	const struct truth *t = o->spec->rules.truth;
	double loss = 0, weight = 0;

	for (size_t i = 0; i < t->rows; i++) {
		double w = t->weight[i], d;

		if (!o->trees[i])
			continue;
		weight += w;
		if (t->classes) {
			loss += w * (winner(o, i) != (size_t)t->label[i]);
			continue;
		}
		d = (double)o->sum[i] / o->trees[i] -
		    (double)o->data->train.target[i];
		loss += w * d * d;
	}
	loss /= weight; /* NAN without a row */
	return t->classes ? loss : sqrt(loss);
}

void oob_note(const struct oob *o, struct run *run)
{
	bool classify = o->spec->rules.truth->classes;
	double loss = oob_loss(o);

	snprintf(run->note, sizeof(run->note), "out-of-bag %s %.6g",
		 classify ? "accuracy" : "RMSE", classify ? 1 - loss : loss);
}
