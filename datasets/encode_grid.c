/* Pictures: pixels, or the log-mel spectrogram of a sound.
 *
 * The whole grid is scaled by ONE mean and standard deviation over all cells
 * of the training rows: neighbouring cells keep their relation, which is what
 * a convolution looks at; scaling each cell by its own would destroy it. */
#include "datasets/encode.h"

#include <math.h>

#include "datasets/views/logmel.h"
#include "harness/base/par.h"

#define ROW_GRAIN 64

/* One part being filled, or measured in blocks of rows. */
struct block_job {
	const struct items *items; /* of the pixels */
	const uint32_t *rows;	   /* (n) */
	size_t n, cols;
	float *x;	 /* (n, cols) */
	double *sum;	 /* (blocks) */
	double *square;	 /* (blocks) of deviations from `mean` */
	double mean, scale;
};

/* Bytes to floats; scaling waits until the training rows are measured. */
static void copy_pixels(void *ctx, size_t chunk, size_t worker)
{
	const struct block_job *b = ctx;
	struct par_range r = par_range(b->n, ROW_GRAIN, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		const uint8_t *p = b->items->pixels + b->rows[i] * b->cols;
		float *x = b->x + i * b->cols;

		for (size_t j = 0; j < b->cols; j++)
			x[j] = (float)p[j];
	}
}

/* First of two passes over the training cells: with one, the square of the
 * mean would cancel most digits of the variance. */
static void sum_block(void *ctx, size_t chunk, size_t worker)
{
	const struct block_job *b = ctx;
	struct par_range r = par_range(b->n, ROW_GRAIN, chunk);
	double sum = 0;

	(void)worker;
	for (size_t k = r.begin * b->cols; k < r.end * b->cols; k++)
		sum += (double)b->x[k];
	b->sum[chunk] = sum;
}

/* Second pass: squared deviations from the mean that the first one found. */
static void square_block(void *ctx, size_t chunk, size_t worker)
{
	const struct block_job *b = ctx;
	struct par_range r = par_range(b->n, ROW_GRAIN, chunk);
	double sum = 0;

	(void)worker;
	for (size_t k = r.begin * b->cols; k < r.end * b->cols; k++) {
		double d = (double)b->x[k] - b->mean;

		sum += d * d;
	}
	b->square[chunk] = sum;
}

/* In double until the last step: a float mean of 255s would cost digits. */
static void scale_block(void *ctx, size_t chunk, size_t worker)
{
	const struct block_job *b = ctx;
	struct par_range r = par_range(b->n, ROW_GRAIN, chunk);

	(void)worker;
	for (size_t k = r.begin * b->cols; k < r.end * b->cols; k++)
		b->x[k] = (float)(((double)b->x[k] - b->mean) * b->scale);
}

/* In the order of the blocks, whichever thread summed them. */
static double add_up(const double *v, size_t n)
{
	double sum = 0;

	for (size_t k = 0; k < n; k++)
		sum += v[k];
	return sum;
}

/* Mean and 1 / sd over all cells of the training rows, summed a block each and
 * then in the order of the blocks: the same bits on any number of threads. */
static int measure(struct block_job *b, int threads, struct arena *a,
		   struct error *err)
{
	size_t blocks = par_chunks(b->n, ROW_GRAIN);
	double cells = (double)b->n * (double)b->cols;

	b->sum = ARENA_NEW(a, double, blocks);
	b->square = ARENA_NEW(a, double, blocks);
	if (!b->sum || !b->square)
		return arena_error(a, err);
	par_for(threads, blocks, sum_block, b);
	b->mean = cells > 0 ? add_up(b->sum, blocks) / cells : 0;
	par_for(threads, blocks, square_block, b);
	b->scale = add_up(b->square, blocks);
	/* a blank training set: everything is 0 */
	b->scale = b->scale > 0 ? sqrt(cells / b->scale) : 0;
	return 0;
}

/* Scale the filled parts by what the training rows say. */
static int scale_parts(struct encode_part parts[3], float *const x[3],
		       size_t cols, int threads, struct arena *a,
		       struct error *err)
{
	struct block_job b = { .n = parts[0].n, .cols = cols, .x = x[0] };
	int rc = measure(&b, threads, a, err);

	for (size_t p = 0; !rc && p < 3; p++) {
		b.n = parts[p].n;
		b.x = x[p];
		par_for(threads, par_chunks(b.n, ROW_GRAIN), scale_block, &b);
		parts[p].part->x = x[p];
	}
	return rc;
}

/* Blocks of rows, so that threads write apart. */
static void fill_image(const struct items *items, const struct encode_part *p,
		       size_t cols, int threads, float *x)
{
	struct block_job b = { .items = items, .rows = p->rows, .n = p->n,
			       .cols = cols, .x = x };

	par_for(threads, par_chunks(b.n, ROW_GRAIN), copy_pixels, &b);
}

/* The shape of a row; for sound also how to make it. A spectrogram is a
 * picture of one channel, bands high and frames wide, with low frequencies
 * first. */
static int set_shape(const struct items *items, struct logmel *m,
		     struct dataset *out, struct error *err)
{
	out->channels = items->channels;
	out->height = items->height;
	out->width = items->width;
	if (items->modality == MODALITY_AUDIO) {
		int rc = logmel_init(m, items, err);

		if (rc)
			return rc;
		out->channels = 1;
		out->height = m->bands;
		out->width = m->frames;
	}
	out->cols = out->channels * out->height * out->width;
	return 0;
}

/* One part, not yet scaled: the mean is known only when training is filled. */
static int fill_part(const struct items *items, const struct logmel *m,
		     const struct encode_part *p, size_t cols, int threads,
		     struct arena *a, float **x, struct error *err)
{
	int rc = encode_matrix(a, p->n, cols, x, err);

	if (rc)
		return rc;
	if (items->modality == MODALITY_AUDIO)
		return logmel_fill(m, items, p->rows, p->n, threads, a, *x, err);
	fill_image(items, p, cols, threads, *x);
	return 0;
}

/* The parts are filled before any is scaled, as the scale is that of all
 * training cells. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	struct encode_part parts[3];
	struct logmel m = { 0 };
	float *x[3] = { NULL };
	int rc = encode_begin(items, split, VIEW_GRID, a, out, err);

	if (!rc)
		rc = set_shape(items, &m, out, err);
	encode_parts(split, out, parts);
	for (size_t p = 0; !rc && p < 3; p++)
		rc = fill_part(items, &m, &parts[p], out->cols, threads, a,
			       &x[p], err);
	return rc ? rc : scale_parts(parts, x, out->cols, threads, a, err);
}

const struct encoder encoder_grid = {
	.view = VIEW_GRID,
	.version = 100 * LOGMEL_VERSION + 1,
	.modalities = 1u << MODALITY_IMAGE | 1u << MODALITY_AUDIO,
	.encode = encode,
};
