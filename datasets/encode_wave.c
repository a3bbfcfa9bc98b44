/* Sound as it is: the samples, for nets that learn filters of their own.
 *
 * A row is as long as the longest training item, at most WAVE_MOST samples;
 * longer ones are cut at their end, shorter ones end in zeros. Each item is
 * brought to a root mean square of 1 by itself: how loud a recording is says
 * more about the microphone than about the sound, and a net's first layer wants
 * inputs of one size. Padding is not counted into the level. */
#include "datasets/encode.h"

#include <math.h>
#include <string.h>

#include "harness/base/par.h"

#define WAVE_MOST ((size_t)1 << 16) /* four seconds at 16 kHz */
/* Fainter than the last bit of 16: silence stays silent instead of becoming
 * loud noise. */
#define QUIET	  1e-5
#define ROW_GRAIN 16

/* One part being filled. */
struct fill {
	const struct items *items;
	const uint32_t *rows; /* (n) */
	size_t n, length;
	float *x; /* (n, length) */
};

/* Root mean square of what of an item is kept. */
static double level(const float *wave, size_t n)
{
	double sum = 0;

	for (size_t k = 0; k < n; k++)
		sum += (double)wave[k] * (double)wave[k];
	return n ? sqrt(sum / (double)n) : 0;
}

/* Rows lie apart in x, so that the same bits come from any number of threads. */
static void fill_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct fill *f = ctx;
	struct par_range r = par_range(f->n, ROW_GRAIN, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		const size_t *start = f->items->wave_start + f->rows[i];
		const float *wave = f->items->wave + start[0];
		size_t n = start[1] - start[0];
		float *x = f->x + i * f->length;
		double scale;

		/* the level is that of what is kept */
		n = n < f->length ? n : f->length;
		scale = 1 / fmax(level(wave, n), QUIET);
		for (size_t k = 0; k < n; k++)
			x[k] = (float)((double)wave[k] * scale);
		memset(x + n, 0, (f->length - n) * sizeof(*x));
	}
}

/* Of the training items alone: a long test item must not change the shape of
 * what is fitted. At least one sample, so that there is a column. */
static size_t row_length(const struct items *items, const struct split *split)
{
	size_t longest = 1;

	for (size_t i = 0; i < split->n_train; i++) {
		const size_t *start = items->wave_start + split->train[i];
		size_t n = start[1] - start[0];

		longest = n > longest ? n : longest;
	}
	return longest < WAVE_MOST ? longest : WAVE_MOST;
}

/* The one view whose shape is fitted, too. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	struct encode_part parts[3];
	int rc = encode_begin(items, split, VIEW_WAVE, a, out, err);

	if (rc)
		return rc;
	out->channels = out->height = 1;
	out->width = out->cols = row_length(items, split);
	encode_parts(split, out, parts);
	for (size_t p = 0; p < 3; p++) {
		struct fill f = { .items = items, .rows = parts[p].rows,
				  .n = parts[p].n, .length = out->cols };

		rc = encode_matrix(a, f.n, f.length, &f.x, err);
		if (rc)
			return rc;
		par_for(threads, par_chunks(f.n, ROW_GRAIN), fill_rows, &f);
		parts[p].part->x = f.x;
	}
	return 0;
}

const struct encoder encoder_wave = {
	.view = VIEW_WAVE,
	.version = 1,
	.modalities = 1u << MODALITY_AUDIO,
	.encode = encode,
};
