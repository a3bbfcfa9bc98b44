/* A twin of text: every word gets a made-up name. Which words are equal and in
 * what order they come stays; what letters and parts of words say is gone.
 *
 * A name is 64 bits of a hash of the word, run through the seed's generator: it
 * depends on the word alone and not on which others there are, in training or
 * in test. Two of 100,000 words share a name with probability 3e-10. */
#include <string.h>

#include "datasets/twins/text_edit.h"
#include "harness/base/hash.h"

#define LETTERS 14 /* 26^14 > 2^64 */

/* An order of letters is all there is to a name: no two differ in length. */
static int name_words(const struct transform_job *job, struct retext *r, struct error *err)
{
	char *names = arena_alloc(job->a, r->words.n, LETTERS + 1);

	if (!names)
		return arena_error(job->a, err);
	for (size_t k = 0; k < r->words.n; k++) {
		const char *word = r->words.name[k];
		uint64_t hash = hash_fnv1a(word, strlen(word));
		uint64_t bits = rng_u64(rng_sub(job->rng, 1), hash);

		if (!(rng_uniform(rng_sub(job->rng, 0), hash) < job->severity))
			continue;
		for (size_t c = 0; c < LETTERS; c++, bits /= 26)
			names[k * (LETTERS + 1) + c] = (char)('a' + bits % 26);
		r->name[k] = names + k * (LETTERS + 1);
	}
	return 0;
}

/* Every document is written anew, also one whose words all kept their names: blanks
 * are then one each everywhere, and white space cannot tell who was renamed. */
static int rewrite(const struct transform_job *job, struct retext *r, size_t i, uint32_t row,
		   const char **out, struct error *err)
{
	(void)row;
	return retext_same(r, i, job->a, out, err);
}

/* At severity 0 the texts are not even split into words: white space stays. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	if (!(job->severity > 0))
		return 0;
	return text_edit(job, items, name_words, rewrite, err);
}

const struct transform transform_remap_vocabulary = {
	.name = "remap_vocabulary",
	.summary = "every word gets a made-up name: letters and parts of words say nothing",
	.severity = "share of the different words that are renamed",
	.version = 1,
	.modalities = 1u << MODALITY_TEXT,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 1,
	.usual = 1,
	.items = apply,
};
