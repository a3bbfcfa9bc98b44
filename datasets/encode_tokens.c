/* The `tokens` view of text: words in their order, by number.
 *
 * Numbers 1, 2, ... go to the words that stand at least twice in the training
 * rows, the most frequent first; 0 stands for all other words. A word that
 * training has once would get an embedding from one document; as 0 it teaches
 * the learner instead what an unknown word is like, which it will meet in
 * every test part (compare UNK in Mikolov et al. 2010, "Recurrent neural
 * network based language model"). */
#include "datasets/encode.h"

#include "datasets/text/words.h"

#define MIN_COUNT 2

/* Rows [begin, begin + n) of the words become one part. */
static int fill_part(const struct words *w, const struct vocab *v, size_t begin,
		     size_t n, struct arena *a, struct part *out,
		     struct error *err)
{
	uint64_t first = w->start[begin];
	uint64_t *start = ARENA_RAW(a, uint64_t, n + 1);
	uint32_t *index = ARENA_RAW(a, uint32_t, w->start[begin + n] - first);

	if (!start || !index)
		return arena_error(a, err);
	for (size_t i = 0; i <= n; i++)
		start[i] = w->start[begin + i] - first;
	for (uint64_t k = 0; k < start[n]; k++)
		index[k] = v->of[w->id[first + k]];
	out->row_start = start;
	out->index = index;
	return 0;
}

/* The words of all parts are numbered at once and the vocabulary is counted in
 * the training rows alone; words only others have keep the number 0. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	struct encode_part parts[3];
	struct words w;
	struct vocab v;
	size_t begin = 0;
	int rc = encode_begin(items, split, VIEW_TOKENS, a, out, err);

	(void)threads;
	if (!rc)
		rc = words_of_split(&w, items, split, a, err);
	if (!rc)
		rc = words_vocab(&w, split->n_train, MIN_COUNT, a, &v, err);
	if (rc)
		return rc;
	out->vocab = v.n + 1;
	encode_parts(split, out, parts);
	for (size_t p = 0; p < 3 && !rc; p++) {
		rc = fill_part(&w, &v, begin, parts[p].n, a, parts[p].part, err);
		begin += parts[p].n;
	}
	return rc;
}

const struct encoder encoder_tokens = {
	.view = VIEW_TOKENS,
	.version = 1,
	.modalities = 1u << MODALITY_TEXT,
	.encode = encode,
};
