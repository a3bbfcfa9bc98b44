/* The penalised loss and its gradient, for L-BFGS.
 *
 * Scores, then a pass over rows that turns them into d loss / d score in place,
 * then X' of that: two products with X an evaluation. Loss, penalty and gradient
 * are divided by the number of rows, so that one tolerance fits all sizes.
 */
#include "learners/linear/loss.h"

#include <math.h>

#include "harness/base/par.h"
#include "harness/base/simd.h"
#include "learners/linear/lbfgs.h"

#define GRAIN 256 /* rows a chunk */

struct eval {
	const struct loss_fit *f;
	int threads;
	double scale;	/* 1 / rows: loss and gradient are taken a row */
	float *scores;	/* (rows, outputs), then d loss / d scores */
	double *loss;	/* (chunks) */
	double *bias;	/* (chunks, outputs) gradient of b */
};

/* scores -> probabilities -> their difference to the 0/1 codes */
static double softmax_row(float *p, size_t outputs, int32_t label)
{
	double loss;

	simd_vec()->softmax(p, 1, outputs);
	/* A probability that rounds to 0 still has a finite loss. */
	loss = -log(fmax((double)p[label], 1e-38));
	p[label] -= 1.0f;
	return loss;
}

/* Half the square, whose derivative is the residual. */
static double squared_row(float *p, float y)
{
	*p -= y;
	return 0.5 * (double)*p * (double)*p;
}

/* Sums in double, a chunk each: float would stop the line search early. */
static void rows_chunk(void *ctx, size_t chunk, size_t worker)
{
	struct eval *e = ctx;
	const struct loss_fit *f = e->f;
	const struct part *rows = f->design->rows;
	struct par_range r = par_range(rows->rows, GRAIN, chunk);
	double *bias = e->bias + chunk * f->outputs, sum = 0;

	(void)worker;
	for (size_t c = 0; c < f->outputs; c++)
		bias[c] = 0;
	for (size_t i = r.begin; i < r.end; i++) {
		float *p = e->scores + i * f->outputs;
		double w = e->scale * (rows->weight ? (double)rows->weight[i] : 1);

		sum += w * (f->label ? softmax_row(p, f->outputs, f->label[i]) :
				       squared_row(p, f->y[i]));
		for (size_t c = 0; c < f->outputs; c++) {
			p[c] *= (float)w;
			bias[c] += (double)p[c];
		}
	}
	e->loss[chunk] = sum;
}

/* On all but the intercepts: a shift of the target is no complexity. */
static double penalty(const struct eval *e, const float *w, float *gradient)
{
	size_t n = e->f->design->cols * e->f->outputs;
	double l2 = e->f->l2 * e->scale, sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum += (double)w[i] * (double)w[i];
		gradient[i] += (float)(l2 * (double)w[i]);
	}
	return 0.5 * l2 * sum;
}

/* The callback of lbfgs_minimise. */
static double evaluate(void *ctx, const float *w, float *gradient)
{
	struct eval *e = ctx;
	const struct loss_fit *f = e->f;
	size_t k = f->outputs, last = f->design->cols * k;
	size_t chunks = par_chunks(f->design->rows->rows, GRAIN);
	double loss = 0;

	design_times(e->threads, f->design, w, w + last, k, e->scores);
	par_for(e->threads, chunks, rows_chunk, e);
	design_transposed(e->threads, f->design, e->scores, k, gradient);
	for (size_t c = 0; c < chunks; c++)
		loss += e->loss[c];
	for (size_t o = 0; o < k; o++) {
		double sum = 0;

		for (size_t c = 0; c < chunks; c++)
			sum += e->bias[c * k + o];
		gradient[last + o] = (float)sum;
	}
	return loss + penalty(e, w, gradient);
}

int loss_fit(const struct loss_fit *f, float *w, struct run *run,
	     struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	size_t rows = f->design->rows->rows, chunks = par_chunks(rows, GRAIN);
	struct eval e = {
		.f = f,
		.threads = run->threads,
		.scale = 1.0 / (double)rows,
		.scores = ARENA_RAW(run->arena, float, rows * f->outputs),
		.loss = ARENA_RAW(run->arena, double, chunks),
		.bias = ARENA_RAW(run->arena, double, chunks * f->outputs),
	};
	struct lbfgs_problem problem = {
		.n = (f->design->cols + 1) * f->outputs,
		.eval = evaluate,
		.ctx = &e,
		.iterations = f->iterations,
		.tolerance = f->tolerance,
	};
	int rc;

	if (!e.scores || !e.loss || !e.bias)
		rc = arena_error(run->arena, err);
	else
		rc = lbfgs_minimise(&problem, w, run, err);
	arena_rewind(run->arena, mark);
	return rc;
}

/* A sparse X is kept a second time, sorted by column: 8 bytes an entry. How many
 * entries there are is known with the rows only; before, they count as none. */
struct forecast loss_forecast(const struct dataset *data, size_t iterations)
{
	double n = (double)data->train.rows, k = (double)learner_outputs(data);
	const uint64_t *start = data->train.row_start;
	double cells = data->view != VIEW_SPARSE ? n * (double)data->cols :
		       start ? (double)start[data->train.rows] :
			       0;

	return (struct forecast){
		.bytes = 4 * k * (n + LBFGS_VECTORS * (double)data->cols) +
			 (data->view == VIEW_SPARSE ? 8 * cells : 0),
		.flops = 4 * (double)iterations * cells * k,
	};
}
