/* Sound as statistics of its cepstra (mfcc.h), each column less its training
 * mean and over its training deviation. */
#include "datasets/encode.h"

#include "datasets/views/mfcc.h"
#include "datasets/views/scaling.h"

/* Deviations have no floor here: the columns have units of their own. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	struct encode_part parts[3];
	struct scaling s = { .cols = MFCC_FEATURES };
	int rc = encode_begin(items, split, VIEW_DENSE, a, out, err);

	out->cols = MFCC_FEATURES;
	encode_parts(split, out, parts);
	for (size_t p = 0; p < 3 && !rc; p++) {
		s.n[p] = parts[p].n;
		rc = encode_matrix(a, s.n[p], s.cols, &s.x[p], err);
		if (!rc)
			rc = mfcc_fill(items, parts[p].rows, s.n[p], threads, a,
				       s.x[p], err);
		parts[p].part->x = s.x[p];
	}
	return rc ? rc : scaling_apply(&s, threads, a, err);
}

/* Raised with either of the two that it is made of. */
const struct encoder encoder_mfcc = {
	.view = VIEW_MFCC,
	.version = 10000 * LOGMEL_VERSION + 100 * MFCC_VERSION + 1,
	.modalities = 1u << MODALITY_AUDIO,
	.encode = encode,
};
