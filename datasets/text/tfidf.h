/* TF-IDF of words and pairs of neighbouring words.
 *
 * As scikit-learn's TfidfVectorizer(ngram_range=(1, 2), min_df=2,
 * sublinear_tf=True) has it: the terms are the words and pairs that stand in at
 * least 2 training texts, in the order of their text ("a b" for a pair). A term
 * that stands tf > 0 times in a text, and in df of n training texts, gets
 *
 *	(1 + ln tf) (1 + ln((1 + n) / (1 + df))),
 *
 * and each row is divided by its length. Words are those of words.h.
 */
#ifndef TRIARCH_TFIDF_H
#define TRIARCH_TFIDF_H

#include "datasets/dataset.h"

/* Raise when the numbers change: part of the version of encoders that use it. */
#define TFIDF_VERSION 1

/* Sets out->cols (the number of terms) and rows, row_start, index (rising in
 * each row) and value of train, valid and test; all else of `out` is the
 * caller's to fill. A text without any term has an empty row. ERR_DATA when
 * there is no term at all; ERR_MEMORY. */
int tfidf_encode(const struct items *items, const struct split *split,
		 struct arena *a, struct dataset *out, struct error *err);

/* The same by hashing: a term's column is the low 18 bits of a fixed hash of its
 * bytes, and terms of one column count as one. df is counted in the training
 * rows; any column has a weight, also with a df of 0, and out->cols is always
 * TFIDF_HASHED. Only ERR_MEMORY, or ERR_DATA for what is not UTF-8. */
#define TFIDF_HASHED ((size_t)1 << 18)
int tfidf_encode_hashed(const struct items *items, const struct split *split,
			struct arena *a, struct dataset *out,
			struct error *err);

#endif
