/* The twin of sound: one fixed permutation of the time-frequency bins of the
 * log-mel spectrogram, the same for all sounds. Works on the encoded view,
 * after its scaling, which is a bin's own (dense, table) or one for all (grid):
 * both kinds do not care for the order. Other views of sound have no bins. */
#include "datasets/transform.h"
#include "datasets/twins/place_order.h"
#include "harness/base/par.h"

#define ROW_GRAIN 64
#define BINS (VIEW_GRID | VIEW_DENSE | VIEW_TABLE)

struct permuting {
	const uint32_t *order; /* (cols) */
	const float *from;     /* (rows, cols) */
	float *to;
	size_t rows, cols;
};

/* Rows are written by one thread each and only read from the old array, so chunks need
 * no order. */
static void permute_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct permuting *p = ctx;
	struct par_range r = par_range(p->rows, ROW_GRAIN, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++)
		for (size_t j = 0; j < p->cols; j++)
			p->to[i * p->cols + j] = p->from[i * p->cols + p->order[j]];
}

/* All three parts go through one order: another order in the test part would be a
 * shift, and no twin. severity 0 makes the same numbers in new arrays. */
static int apply(const struct transform_job *job, struct dataset *data, struct error *err)
{
	struct part *parts[] = { &data->train, &data->valid, &data->test };
	struct permuting p = { .cols = data->cols };
	uint32_t *order;

	if (!(job->view & BINS))
		return error_set(err, ERR_UNSUPPORTED,
				 "the view '%s' has no time-frequency bins: take grid, dense or "
				 "table", view_name(job->view));
	if (place_order(data->cols, job->severity, job->rng, job->a, &order, err))
		return (int)err->code;
	p.order = order;
	for (size_t k = 0; k < 3; k++) {
		p.from = parts[k]->x;
		p.rows = parts[k]->rows;
		p.to = ARENA_RAW(job->a, float, p.rows * p.cols);
		if (!p.to)
			return arena_error(job->a, err);
		par_for(job->threads, par_chunks(p.rows, ROW_GRAIN), permute_rows, &p);
		parts[k]->x = p.to;
	}
	return 0;
}

const struct transform transform_permute_bins = {
	.name = "permute_bins",
	.summary = "one fixed permutation of the time-frequency bins of all sounds",
	.severity = "share of the bins that take part",
	.version = 1,
	.modalities = 1u << MODALITY_AUDIO,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 1,
	.usual = 1,
	.view = apply,
};
