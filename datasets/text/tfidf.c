/* Terms without a dictionary of strings.
 *
 * A word is already a number whose order is that of its bytes (words.h), so a
 * word or pair of words is one 64-bit key, and everything here is sorting and
 * counting runs of equal keys: which terms stand in how many rows, which of a
 * row are known, how often. The order of the keys is that of scikit-learn's
 * vocabulary, so columns can be compared one by one (tests/tfidf_reference.h).
 */
#include "datasets/text/tfidf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/text/words.h"
#include "harness/base/hash.h"

#define MIN_DF 2

/* Words, and with hashing a hash of each. */
struct source {
	struct words w;
	const uint64_t *hash; /* (w.n), or NULL: terms are numbered */
};

/* A column from a word's hash and, for a pair, the second's. Multiplying apart
 * makes "a b" another term than "b a"; the shifts (the finalizer of MurmurHash3,
 * Appleby 2011) bring all bits to bear on the low ones. */
static uint64_t hash_key(uint64_t first, uint64_t second)
{
	uint64_t h = first * 0x9e3779b97f4a7c15u + second;

	h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
	return (h ^ h >> 33) & (TFIDF_HASHED - 1);
}

/* A term as one number. Words are numbered by the order of their bytes and a
 * blank sorts below every letter, so the order of keys is the order of texts:
 * upper half the first word, lower half 0 or the second word + 1. */
static uint64_t term_key(uint32_t first, uint32_t below)
{
	return (uint64_t)first << 32 | below;
}

/* What the training rows decide. */
struct tfidf {
	size_t n;	     /* terms */
	const uint64_t *key; /* (n) rising; NULL: a key is its column */
	const double *idf;   /* (n) */
};

/* For qsort. */
static int by_key(const void *x, const void *y)
{
	const uint64_t *p = x, *q = y;

	return *p < *q ? -1 : *p > *q;
}

/* qsort must not be given NULL, also not for nothing. */
static void sort_keys(uint64_t *key, size_t n)
{
	if (n)
		qsort(key, n, sizeof(*key), by_key);
}

/* An upper bound of the terms of rows [begin, end): all words and pairs. */
static size_t count_terms(const struct words *w, size_t begin, size_t end)
{
	return 2 * (size_t)(w->start[end] - w->start[begin]);
}

/* The terms of one row, sorted, each as often as it stands there. */
static size_t row_terms(const struct source *s, size_t row, uint64_t *key)
{
	const uint32_t *id = s->w.id + s->w.start[row];
	size_t words = (size_t)(s->w.start[row + 1] - s->w.start[row]), n = 0;
	const uint64_t *h = s->hash;

	for (size_t k = 0; k < words; k++) {
		key[n++] = h ? hash_key(h[id[k]], 0) : term_key(id[k], 0);
		if (k + 1 < words)
			key[n++] = h ? hash_key(h[id[k]], h[id[k + 1]]) :
				       term_key(id[k], id[k + 1] + 1);
	}
	sort_keys(key, n);
	return n;
}

/* The length of the run of equal keys that starts at `at`. */
static size_t run_length(const uint64_t *key, size_t at, size_t n)
{
	size_t end = at + 1;

	while (end < n && key[end] == key[at])
		end++;
	return end - at;
}

/* Each different term of each training row once, all in one sorted list: the
 * length of a run is then its document frequency. A row's terms are written
 * behind those kept so far and compacted in place. */
static size_t all_terms(const struct source *s, size_t rows, uint64_t *key)
{
	size_t n = 0;

	for (size_t i = 0; i < rows; i++) {
		uint64_t *row = key + n;
		size_t terms = row_terms(s, i, row), run;

		for (size_t k = 0; k < terms; k += run) {
			run = run_length(row, k, terms);
			key[n++] = row[k];
		}
	}
	sort_keys(key, n);
	return n;
}

/* Smoothed as if one more text had every term: no df of 0 divides. */
static double idf_of(size_t rows, size_t df)
{
	return 1 + log((1 + (double)rows) / (1 + (double)df));
}

/* Keep the terms of enough rows, in place, with their weights. A term of a
 * single text cannot help to tell others apart, and those are most of all
 * terms. */
static size_t keep_terms(uint64_t *key, size_t n, size_t rows, double *idf)
{
	size_t kept = 0, run;

	for (size_t k = 0; k < n; k += run) {
		run = run_length(key, k, n);
		if (run < MIN_DF)
			continue;
		key[kept] = key[k];
		idf[kept++] = idf_of(rows, run);
	}
	return kept;
}

/* What the training rows decide; `rows` are the first of w. */
static int fit(struct tfidf *t, const struct source *s, size_t rows,
	       struct arena *a, struct error *err)
{
	size_t bound = count_terms(&s->w, 0, rows), n;
	uint64_t *key = ARENA_RAW(a, uint64_t, bound);
	double *idf = ARENA_RAW(a, double, bound / MIN_DF + 1);

	if (!key || !idf)
		return arena_error(a, err);
	n = all_terms(s, rows, key);
	t->n = keep_terms(key, n, rows, idf);
	t->key = key;
	t->idf = idf;
	return t->n ? 0 : error_set(err, ERR_DATA, "no word stands in %d of "
				    "the %zu training texts", MIN_DF, rows);
}

/* The same for columns: each has a weight, whatever stands in it. */
static int fit_hashed(struct tfidf *t, const struct source *s, size_t rows,
		      struct arena *a, struct error *err)
{
	uint64_t *key = ARENA_RAW(a, uint64_t, count_terms(&s->w, 0, rows));
	double *idf = ARENA_RAW(a, double, TFIDF_HASHED);
	size_t n, run;

	if (!key || !idf)
		return arena_error(a, err);
	n = all_terms(s, rows, key);
	for (size_t j = 0; j < TFIDF_HASHED; j++)
		idf[j] = idf_of(rows, 0);
	for (size_t k = 0; k < n; k += run) {
		run = run_length(key, k, n);
		idf[key[k]] = idf_of(rows, run);
	}
	*t = (struct tfidf){ .n = TFIDF_HASHED, .idf = idf };
	return 0;
}

/* The column of a term, or t->n: bisection. */
static size_t find_term(const struct tfidf *t, uint64_t key)
{
	size_t low = 0, high = t->n;

	if (!t->key)
		return (size_t)key;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->key[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->n && t->key[low] == key ? low : t->n;
}

/* One row of length 1; returns how many terms it has. Terms come out rising,
 * as keys are sorted and columns are numbered in their order. A row without
 * known terms stays empty: it has no direction. */
static size_t write_row(const struct tfidf *t, const uint64_t *key, size_t n,
			double *weight, uint32_t *index, float *value)
{
	double square = 0;
	size_t kept = 0, run;

	for (size_t k = 0; k < n; k += run) {
		size_t j = find_term(t, key[k]);

		run = run_length(key, k, n);
		if (j == t->n)
			continue;
		weight[kept] = (1 + log((double)run)) * t->idf[j];
		square += weight[kept] * weight[kept];
		index[kept++] = (uint32_t)j;
	}
	for (size_t k = 0; k < kept; k++)
		value[k] = (float)(weight[k] / sqrt(square));
	return kept;
}

/* Terms of the longest row, for scratch. */
static size_t longest_row(const struct words *w)
{
	size_t most = 1;

	for (size_t i = 0; i < w->rows; i++)
		if (count_terms(w, i, i + 1) > most)
			most = count_terms(w, i, i + 1);
	return most;
}

/* Rows [begin, begin + n) of the words become one part. `bound` is what all
 * terms would need; the unused rest costs address space only until the view is
 * written. */
static int apply(const struct tfidf *t, const struct source *s, size_t begin,
		 size_t n, struct arena *a, struct part *out, struct error *err)
{
	size_t bound = count_terms(&s->w, begin, begin + n);
	size_t most = longest_row(&s->w);
	uint64_t *start = ARENA_NEW(a, uint64_t, n + 1);
	uint32_t *index = ARENA_RAW(a, uint32_t, bound);
	float *value = ARENA_RAW(a, float, bound);
	uint64_t *key = ARENA_RAW(a, uint64_t, most);
	double *weight = ARENA_RAW(a, double, most);

	if (!start || !index || !value || !key || !weight)
		return arena_error(a, err);
	for (size_t i = 0; i < n; i++) {
		size_t terms = row_terms(s, begin + i, key);

		start[i + 1] = start[i] + write_row(t, key, terms, weight,
						    index + start[i],
						    value + start[i]);
	}
	out->rows = n;
	out->row_start = start;
	out->index = index;
	out->value = value;
	return 0;
}

/* One numbering of words for all parts, terms from the first alone. */
static int encode(const struct source *s, const struct tfidf *t,
		  const struct split *split, struct arena *a,
		  struct dataset *out, struct error *err)
{
	size_t n_train = split->n_train, n_valid = split->n_valid;
	int rc = apply(t, s, 0, n_train, a, &out->train, err);

	out->cols = t->n;
	if (!rc)
		rc = apply(t, s, n_train, n_valid, a, &out->valid, err);
	if (!rc)
		rc = apply(t, s, n_train + n_valid, split->n_test, a,
			   &out->test, err);
	return rc;
}

/* Terms by number: see term_key. */
int tfidf_encode(const struct items *items, const struct split *split,
		 struct arena *a, struct dataset *out, struct error *err)
{
	struct source s = { 0 };
	struct tfidf t;
	int rc = words_of_split(&s.w, items, split, a, err);

	if (!rc)
		rc = fit(&t, &s, split->n_train, a, err);
	return rc ? rc : encode(&s, &t, split, a, out, err);
}

/* By the bytes of words, not their numbers: those depend on all the texts. */
int tfidf_encode_hashed(const struct items *items, const struct split *split,
			struct arena *a, struct dataset *out,
			struct error *err)
{
	struct source s = { 0 };
	struct tfidf t;
	uint64_t *hash;
	int rc = words_of_split(&s.w, items, split, a, err);

	if (rc)
		return rc;
	s.hash = hash = ARENA_RAW(a, uint64_t, s.w.n);
	if (!hash)
		return arena_error(a, err);
	for (size_t k = 0; k < s.w.n; k++)
		hash[k] = hash_fnv1a(s.w.name[k], strlen(s.w.name[k]));
	rc = fit_hashed(&t, &s, split->n_train, a, err);
	return rc ? rc : encode(&s, &t, split, a, out, err);
}
