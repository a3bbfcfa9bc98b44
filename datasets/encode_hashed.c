/* The `hashed` view of text: TF-IDF of words and pairs, each in the column that
 * its hash gives (tfidf.h), so that there is no vocabulary to keep or to agree
 * on (Weinberger et al. 2009, "Feature hashing for large scale multitask
 * learning"; without their sign, which 2^18 columns do not need). */
#include "datasets/encode.h"

#include "datasets/text/tfidf.h"

/* The base view is sparse: learners see no difference but the columns. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	int rc = encode_begin(items, split, VIEW_SPARSE, a, out, err);

	(void)threads;
	return rc ? rc : tfidf_encode_hashed(items, split, a, out, err);
}

const struct encoder encoder_hashed = {
	.view = VIEW_HASHED,
	.version = TFIDF_VERSION,
	.modalities = 1u << MODALITY_TEXT,
	.encode = encode,
};
