/* The words of texts, numbered.
 *
 * A text is brought to NFKC and case-folded (Unicode 15, through utf8proc); a
 * word is then a longest run of letters, marks and numbers, so that "Man's"
 * has two words, "man" and "s".
 */
#ifndef TRIARCH_WORDS_H
#define TRIARCH_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "datasets/dataset.h"

/* A text as it is before it is cut into words: NFKC, case-folded, a copy of *size
 * bytes and a NUL in the arena. ERR_DATA says that text `number` is not UTF-8;
 * ERR_MEMORY. */
int words_normalise(const char *text, size_t number, struct arena *a, char **out,
		    size_t *size, struct error *err);

/* Text i is id[start[i]] .. id[start[i + 1] - 1], in its order. Numbers follow
 * the order of the words' bytes, whatever order the texts come in. */
struct words {
	size_t rows;
	const uint64_t *start; /* (rows + 1) */
	const uint32_t *id;    /* (start[rows]) 0 .. n - 1 */
	size_t n;	       /* different words */
	const char *const *name; /* (n) */
};

/* Split text[rows[i]] for i below n; `rows` NULL stands for 0 .. n - 1. All
 * memory is the arena's, a small multiple of the texts. ERR_DATA names a text
 * that is not UTF-8; ERR_MEMORY. */
int words_init(struct words *w, const char *const *text, const uint32_t *rows,
	       size_t n, struct arena *a, struct error *err);

/* The words of all texts of a split: training rows first, then validation, then
 * test, each in the split's order. Fails as words_init. */
int words_of_split(struct words *w, const struct items *items,
		   const struct split *split, struct arena *a,
		   struct error *err);

/* Words worth a number of their own: those that stand at least `min_count`
 * times in the first `rows` texts, the most frequent first, words of one count
 * in the order of their bytes. */
struct vocab {
	size_t n;	    /* words kept */
	const uint32_t *of; /* (words.n) 1 .. n, or 0: not kept */
};
int words_vocab(const struct words *w, size_t rows, size_t min_count,
		struct arena *a, struct vocab *out, struct error *err);

/* group[i] = the number of the set of texts that text i equals word by word;
 * sets are numbered by their first text. ERR_MEMORY. */
int words_groups(const struct words *w, struct arena *a,
		 uint32_t *group /* (w->rows) */, struct error *err);

#endif
