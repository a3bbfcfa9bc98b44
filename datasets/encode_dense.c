/* Finite numbers for learners that measure distances or multiply matrices.
 *
 * tabular: scaled columns, indicators of holes, one-hot categories
 *	    (table_dense.h);
 * image:   pixel / 255;
 * audio:   log-mel cells, each less its training mean and over its training
 *	    standard deviation, clipped (scaling.h);
 * text:    the truncated SVD of TF-IDF (text_dense.h).
 */
#include "datasets/encode.h"

#include "datasets/text/text_dense.h"
#include "datasets/views/logmel.h"
#include "datasets/views/scaling.h"
#include "datasets/views/table_dense.h"
#include "harness/base/par.h"

#define ROW_GRAIN 512

/* What the loop over pictures shares. */
struct fill {
	const struct items *items;
	const uint32_t *rows; /* (n) */
	size_t n, cols;
	float *x; /* (n, cols) */
};

/* To [0, 1] by a constant, not by statistics: pixels share one scale already,
 * and a border pixel that is blank in training would otherwise explode in the
 * test rows. */
static void fill_pixel_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct fill *f = ctx;
	struct par_range r = par_range(f->n, ROW_GRAIN, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		const uint8_t *p = f->items->pixels + f->rows[i] * f->cols;
		float *x = f->x + i * f->cols;

		for (size_t j = 0; j < f->cols; j++)
			x[j] = (float)p[j] / 255.0f;
	}
}

/* Planar order, channel by channel, as the pixels lie in the items. */
static int encode_image(const struct items *items, const struct split *split,
			int threads, struct arena *a, struct dataset *out,
			struct error *err)
{
	struct encode_part parts[3];

	out->cols = items->channels * items->height * items->width;
	encode_parts(split, out, parts);
	for (size_t p = 0; p < 3; p++) {
		struct fill f = { .items = items, .rows = parts[p].rows,
				  .n = parts[p].n, .cols = out->cols };
		int rc = encode_matrix(a, f.n, f.cols, &f.x, err);

		if (rc)
			return rc;
		par_for(threads, par_chunks(f.n, ROW_GRAIN), fill_pixel_rows,
			&f);
		parts[p].part->x = f.x;
	}
	return 0;
}

/* The spectrogram as one long row. Unlike the grid, each cell has a scale of
 * its own: distances and dot products weigh all cells alike then. */
static int encode_audio(const struct items *items, const struct split *split,
			int threads, struct arena *a, struct dataset *out,
			struct error *err)
{
	struct encode_part parts[3];
	struct scaling s = { .cols = 0 };
	struct logmel m;
	int rc = logmel_init(&m, items, err);

	if (rc)
		return rc;
	encode_parts(split, out, parts);
	s.cols = out->cols = m.bands * m.frames;
	for (size_t p = 0; p < 3; p++) {
		s.n[p] = parts[p].n;
		rc = encode_matrix(a, s.n[p], s.cols, &s.x[p], err);
		if (!rc)
			rc = logmel_fill(&m, items, parts[p].rows, s.n[p],
					 threads, a, s.x[p], err);
		if (rc)
			return rc;
		parts[p].part->x = s.x[p];
	}
	return scaling_apply(&s, threads, a, err);
}

/* Text, sound and tables have files of their own; what a picture needs is short
 * enough to stand here. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	int rc = encode_begin(items, split, VIEW_DENSE, a, out, err);

	if (rc)
		return rc;
	switch (items->modality) {
	case MODALITY_IMAGE:
		return encode_image(items, split, threads, a, out, err);
	case MODALITY_AUDIO:
		return encode_audio(items, split, threads, a, out, err);
	case MODALITY_TEXT:
		return text_dense(items, split, threads, a, out, err);
	default:
		return table_dense(items, split, TABLE_SCALED, threads, a, out,
				   err);
	}
}

const struct encoder encoder_dense = {
	.view = VIEW_DENSE,
	.version = 10000 * TEXT_DENSE_VERSION + 100 * LOGMEL_VERSION +
		   TABLE_DENSE_VERSION,
	.modalities = 1u << MODALITY_TABULAR | 1u << MODALITY_IMAGE |
		      1u << MODALITY_AUDIO | 1u << MODALITY_TEXT,
	.encode = encode,
};
