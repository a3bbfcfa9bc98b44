/* The parts in the order in which they depend on each other: targets, norms of
 * the rows, a width from their distances, the fit, and last the temperature of
 * the probabilities, from rows left out one by one without a second fit.
 */
#include "learners/kernel/kernel_machine.h"

#include <math.h>

/* Choose the temperature on the held rows' own labels. */
static void calibrate(struct kernel_machine *m, const struct kernel_held *held,
		      const int32_t *label)
{
	int32_t truth[KERNEL_RIDGE_HELD];

	for (size_t i = 0; i < held->n; i++)
		truth[i] = label[held->row[i]];
	targets_calibrate(&m->targets, held->value, truth, held->n);
}

/* Widths in median distances mean the same for 16 columns and for 784: what is
 * a near row depends on how far rows lie apart (the "median heuristic"). */
static int choose_kernel(struct kernel_machine *m, enum gram_kind kind,
			 double bandwidth, struct run *run, struct error *err)
{
	float median;

	if (gram_median(&m->ridge.rows, run->seed, run->arena, &median, err))
		return (int)err->code;
	m->ridge.kernel = (struct gram_kernel){
		.kind = kind,
		.width = (float)bandwidth * median,
	};
	return 0;
}

int kernel_machine_fit(struct kernel_machine *m, enum gram_kind kind,
		       double bandwidth, double ridge,
		       const struct dataset *data, struct run *run,
		       struct error *err)
{
	const struct part *rows = &data->train;
	struct kernel_held held;
	float *y;

	if (targets_encode(&m->targets, data, rows, run->arena, &y, err))
		return (int)err->code;
	m->ridge.outputs = m->targets.outputs;
	m->ridge.rows = gram_rows_make(run->threads, rows->x, rows->rows,
				       data->cols, run->arena);
	if (!m->ridge.rows.norm)
		return arena_error(run->arena, err);
	if (choose_kernel(m, kind, bandwidth, run, err) ||
	    kernel_ridge_fit(&m->ridge, y, rows->weight, ridge, run,
			     m->targets.classes ? &held : NULL, err))
		return (int)err->code;
	if (m->targets.classes)
		calibrate(m, &held, rows->label);
	run_tick(run, 1, 1, NAN);
	return 0;
}

int kernel_machine_predict(const struct kernel_machine *m,
			   const struct part *rows, struct run *run,
			   float *scores, struct error *err)
{
	if (kernel_ridge_predict(&m->ridge, rows->x, rows->rows, run, scores, err))
		return (int)err->code;
	targets_decode(&m->targets, scores, rows->rows);
	return 0;
}
