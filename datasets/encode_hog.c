/* Pictures as histograms of oriented gradients (hog.h), each column less its
 * training mean and over its training deviation.
 *
 * Deviations have a floor of a fifth of what is usual: corners that are blank in
 * nearly every training picture would otherwise be the loudest columns. */
#include "datasets/encode.h"

#include "datasets/views/hog.h"
#include "datasets/views/scaling.h"
#include "harness/base/par.h"

#define ROW_GRAIN 64
#define FLOOR	  0.2

/* One part being filled. */
struct fill {
	const struct hog *hog;
	const uint8_t *pixels; /* of the items */
	const uint32_t *rows;  /* (n) */
	size_t n;
	float *scratch; /* (threads, hog_scratch) */
	float *x;	/* (n, features) */
};

/* A picture at a time; the thread decides about scratch memory alone. */
static void fill_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct fill *f = ctx;
	const struct hog *h = f->hog;
	struct par_range r = par_range(f->n, ROW_GRAIN, chunk);
	size_t size = h->channels * h->height * h->width;

	for (size_t i = r.begin; i < r.end; i++)
		hog_fill(h, f->pixels + f->rows[i] * size,
			 f->scratch + worker * hog_scratch(h),
			 f->x + i * h->features);
}

/* All three parts, not yet scaled. */
static int fill_parts(const struct hog *h, const struct items *items,
		      struct encode_part parts[3], int threads, struct arena *a,
		      struct scaling *s, struct error *err)
{
	struct fill f = { .hog = h, .pixels = items->pixels };

	f.scratch = ARENA_RAW(a, float, (size_t)threads * hog_scratch(h));
	if (!f.scratch)
		return arena_error(a, err);
	for (size_t p = 0; p < 3; p++) {
		int rc = encode_matrix(a, parts[p].n, h->features, &f.x, err);

		if (rc)
			return rc;
		f.rows = parts[p].rows;
		f.n = parts[p].n;
		par_for(threads, par_chunks(f.n, ROW_GRAIN), fill_rows, &f);
		s->x[p] = f.x;
		s->n[p] = f.n;
		parts[p].part->x = f.x;
	}
	return 0;
}

/* Scaled by column, as every dense view is: learners that measure distances
 * would else see the strongest blocks alone. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	struct encode_part parts[3];
	struct scaling s = { .floor = FLOOR };
	struct hog h;
	int rc = encode_begin(items, split, VIEW_DENSE, a, out, err);

	if (rc)
		return rc;
	hog_init(&h, items->channels, items->height, items->width, HOG_BINS);
	s.cols = out->cols = h.features;
	encode_parts(split, out, parts);
	rc = fill_parts(&h, items, parts, threads, a, &s, err);
	return rc ? rc : scaling_apply(&s, threads, a, err);
}

const struct encoder encoder_hog = {
	.view = VIEW_HOG,
	.version = 100 * HOG_VERSION + 1,
	.modalities = 1u << MODALITY_IMAGE,
	.encode = encode,
};
