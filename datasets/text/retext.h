/* Texts made anew from their words: for transforms that take something away and
 * must leave all else as it was.
 *
 * Words are those of words.h, joined by single blanks, so that cutting the new
 * text gives exactly the intended words (retext_init makes sure). All texts are
 * UTF-8 in the arena; ERR_MEMORY.
 */
#ifndef TRIARCH_RETEXT_H
#define TRIARCH_RETEXT_H

#include "datasets/text/words.h"
#include "harness/base/rng.h"

struct retext {
	struct words words; /* of all texts */
	const char **name;  /* (words.n) how a word is written */
};

/* Words of n texts, which may go away afterwards. ERR_DATA: not UTF-8. */
int retext_init(struct retext *r, const char *const *text, size_t n,
		struct arena *a, struct error *err);

/* Text i as it is, but for blanks, case and punctuation. */
int retext_same(const struct retext *r, size_t i, struct arena *a,
		const char **out, struct error *err);

/* Text i with its words in random order, by `rng`; its sentences are mixed. */
int retext_shuffle(const struct retext *r, size_t i, struct rng rng,
		   struct arena *a, const char **out, struct error *err);

/* The first `most` words of text i, or all. */
int retext_head(const struct retext *r, size_t i, size_t most, struct arena *a,
		const char **out, struct error *err);

/* Give every word another name, "w0" to "w<n-1>" by a random bijection: what is
 * said afterwards is the pattern of words alone. Names have as many digits as
 * the largest number, so that they differ in nothing but their number. */
int retext_rename(struct retext *r, struct rng rng, struct arena *a,
		  struct error *err);

#endif
