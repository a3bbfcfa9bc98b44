/* The Random Hierarchy Model: made-up language in which meaning is composed
 * level by level (Cagnetta, Petrini, Tomasini, Favero & Wyart 2023, "How deep
 * neural networks learn compositional data").
 *
 * A class stands for any of m words of s symbols, each of which stands for any
 * of m words of s symbols of the level below, down to s^levels leaves. Words are
 * drawn at random without replacement, so that no two meanings share one: the
 * label is a function of the leaves, and symbols with the same meaning
 * (synonyms) can be exchanged. A deep net needs about classes m^levels rows to
 * learn it, a shallow one exponentially many in s^levels.
 */
#ifndef TRIARCH_RHM_H
#define TRIARCH_RHM_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/rng.h"

#define RHM_LEVELS 8	 /* at most */
#define RHM_LEAVES 1024	 /* at most */
#define RHM_WORDS  65536 /* v^s, at most */

struct rhm {
	size_t v;	/* symbols of every level */
	size_t m;	/* words a symbol may stand for */
	size_t s;	/* symbols of a word */
	size_t levels;	/* words are made that many times */
	size_t classes;
	size_t leaves;	/* s^levels */
	size_t choices; /* of a row: 1 + s + ... + s^(levels - 1) words */
	uint64_t inputs; /* distinct rows, classes m^choices; 0: above 2^62 */
	uint32_t *words[RHM_LEVELS]; /* [k]: (parents, m) numbers below v^s, of
				      * which the first digit is the first symbol;
				      * parents are `classes` at k = 0, else v */
	struct rng rows;
};

/* Draw the rules; v, m, s, levels and classes are given in *h. ERR_CONFIG with
 * the reason when v^s words do not suffice for v m or classes m of them, or a
 * limit is passed; ERR_MEMORY. */
int rhm_init(struct rhm *h, struct rng r, struct arena *a, struct error *err);

/* The leaves (h->leaves) and the class of row i. No two rows i < h->inputs are
 * equal; beyond that (or with inputs 0) rows are drawn one by one. A function
 * of i alone, in which every class is equally likely. */
size_t rhm_row(const struct rhm *h, uint64_t i, uint32_t *leaves);

/* The class that the leaves stand for, by undoing the rules; SIZE_MAX when they
 * are no row. `leaves` are overwritten. */
size_t rhm_parse(const struct rhm *h, uint32_t *leaves);

#endif
