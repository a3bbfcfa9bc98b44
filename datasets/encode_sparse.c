/* The `sparse` view of text: TF-IDF of words and pairs (tfidf.h), for linear
 * learners and trees that take many columns of which few are set. */
#include "datasets/encode.h"

#include "datasets/text/tfidf.h"

/* `threads` is not used: which terms are columns is decided by all training
 * texts together. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	int rc = encode_begin(items, split, VIEW_SPARSE, a, out, err);

	(void)threads;
	return rc ? rc : tfidf_encode(items, split, a, out, err);
}

const struct encoder encoder_sparse = {
	.view = VIEW_SPARSE,
	.version = TFIDF_VERSION,
	.modalities = 1u << MODALITY_TEXT,
	.encode = encode,
};
