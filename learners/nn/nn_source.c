/* From a data set's rows to a worker's input.
 *
 * Nothing is copied ahead: a shard fetches its own rows, scaled and with
 * channels last, into a buffer that the first layer finds in its cache. Images
 * are kept channels first in data sets, and a byte-valued picture of mean 0.3
 * and sd 0.35 would make the first layer's rate fit nobody else's, hence the
 * scaling (LeCun et al. 1998, "Efficient backprop", section 4.3).
 */
#include "learners/nn/nn_source.h"

#include <math.h>
#include <string.h>

#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_tokens.h"

int nn_source_check(const struct nn_scaling *s, const struct part *rows, size_t cols,
		    struct error *err)
{
	for (size_t i = 0; !s->prepare && i < rows->rows; i++)
		for (size_t j = 0; j < cols; j++)
			if (!isfinite(rows->x[i * cols + j]))
				return error_set(err, ERR_DATA,
						 "row %zu, column %zu is not a "
						 "finite number", i, j);
	return 0;
}

/* Mean and standard deviation (1 when it vanishes) of one channel. */
static void measure_channel(const struct dataset *data, size_t channel,
			    double *mean, double *sd)
{
	size_t pixels = data->height * data->width;
	size_t n = data->train.rows * pixels;
	double sum = 0.0, squares = 0.0;

	for (size_t i = 0; i < data->train.rows; i++) {
		const float *x = data->train.x + i * data->cols +
				 channel * pixels;

		for (size_t k = 0; k < pixels; k++) {
			sum += (double)x[k];
			squares += (double)x[k] * (double)x[k];
		}
	}
	*mean = n ? sum / (double)n : 0.0;
	*sd = n ? sqrt(fmax(0.0, squares / (double)n - *mean * *mean)) : 0.0;
	/* Rounding leaves a little variance in a constant channel. */
	if (*sd <= 1e-6 * (fabs(*mean) + 1e-30))
		*sd = 1.0;
}

/* One mean and one sd a channel, not a pixel: borders that are always black
 * would blow up, and neighbours must stay comparable for a convolution. */
static int measure_inputs(struct nn_scaling *s, const struct dataset *data,
			  struct arena *a, struct error *err)
{
	s->shape = (struct nn_shape){ data->height, data->width,
				      data->channels };
	s->by_channel = true;
	s->shift = ARENA_NEW(a, float, data->channels);
	s->gain = ARENA_NEW(a, float, data->channels);
	if (!s->shift || !s->gain)
		return arena_error(a, err);
	for (size_t c = 0; c < data->channels; c++) {
		double mean, sd;

		measure_channel(data, c, &mean, &sd);
		s->gain[c] = (float)(1.0 / sd);
		s->shift[c] = (float)(-mean / sd);
	}
	return 0;
}

/* Standardised targets have mean 0 and variance 1 on the training rows; a
 * constant target keeps its scale. */
static void measure_targets(struct nn_scaling *s, const struct part *train)
{
	size_t n = train->rows;
	double mean = 0.0, spread = 0.0;

	for (size_t i = 0; i < n; i++)
		mean += (double)train->target[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		spread += ((double)train->target[i] - mean) *
			  ((double)train->target[i] - mean);
	s->target_low = INFINITY;
	s->target_high = -INFINITY;
	s->target_mean = mean;
	s->target_sd = n && spread > 0.0 ? sqrt(spread / (double)n) : 1.0;
	for (size_t i = 0; i < n; i++) {
		double z = ((double)train->target[i] - mean) / s->target_sd;

		s->target_low = fmin(s->target_low, z);
		s->target_high = fmax(s->target_high, z);
	}
}

/* Weights are divided by their mean, so that the learning rate means the same
 * with weights of any size. */
int nn_scaling_init(struct nn_scaling *s, const struct dataset *data,
		    const struct nn_prepare *prepare, struct arena *a,
		    struct error *err)
{
	size_t width = prepare ? prepare->width : data->cols;
	int rc;

	*s = (struct nn_scaling){ .shape = { 1, 1, width }, .prepare = prepare,
				  .target_sd = 1.0, .weight_mean = 1.0,
				  .classes = data->classes };
	rc = nn_source_check(s, &data->train, data->cols, err);
	if (!rc && data->view == VIEW_GRID)
		rc = measure_inputs(s, data, a, err);
	/* A wave is a sequence; its encoder has scaled it row by row. */
	if (data->view == VIEW_WAVE)
		s->shape = (struct nn_shape){ data->width, 1, 1 };
	if (rc)
		return rc;
	if (data->task == TASK_REGRESSION)
		measure_targets(s, &data->train);
	if (data->train.weight) {
		s->weight_mean = 0.0;
		for (size_t i = 0; i < data->train.rows; i++)
			s->weight_mean += (double)data->train.weight[i] /
					  (double)data->train.rows;
	}
	return 0;
}

/* One row, channel by channel -> channels last, scaled. */
static void fetch_grid(const struct nn_scaling *s, const float *x, float *to)
{
	size_t pixels = s->shape.height * s->shape.width;
	size_t c = s->shape.channels;

	for (size_t j = 0; j < c; j++)
		for (size_t k = 0; k < pixels; k++)
			to[k * c + j] = s->gain[j] * x[j * pixels + k] +
					s->shift[j];
}

/* Row `row` of the part -> place i of the shard; all that it has. */
static void fetch_target(const struct nn_scaling *s, const struct part *rows,
			 size_t row, struct nn_worker *w, size_t i)
{
	if (rows->label)
		w->label[i] = rows->label[row];
	if (rows->target)
		w->target[i] = (float)(((double)rows->target[row] -
					s->target_mean) / s->target_sd);
	w->weight[i] = rows->weight ? (float)((double)rows->weight[row] /
					      s->weight_mean) : 1.0f;
}

void nn_source_fetch(const struct nn_scaling *s, const struct nn_fetch *f,
		     struct nn_worker *w)
{
	size_t size = nn_shape_size(s->shape);

	for (size_t i = 0; i < f->n; i++) {
		size_t row = f->order ? f->order[f->first + i] : f->first + i;

		if (s->limit)
			nn_tokens_put(s, f->rows, row, w, i);
		else if (s->prepare)
			nn_prepare_row(s->prepare,
				       f->rows->x + row * s->prepare->cols,
				       w->input + i * size);
		else if (f->augment)
			nn_augment_row(f->augment, s->shape, s->gain, s->shift,
				       rng_sub(f->rng, f->first_row + i),
				       f->rows->x + row * size,
				       w->input + i * size);
		else if (s->by_channel)
			fetch_grid(s, f->rows->x + row * size,
				   w->input + i * size);
		else
			memcpy(w->input + i * size, f->rows->x + row * size,
			       size * sizeof(float));
		if (f->targets)
			fetch_target(s, f->rows, row, w, i);
	}
}
