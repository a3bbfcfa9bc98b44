/* Which rows are fitted on, validated on and tested on: the same for every
 * learner, decided by (rule, repeat, n) alone. */
#ifndef TRIARCH_SPLIT_H
#define TRIARCH_SPLIT_H

#include "datasets/dataset.h"

enum split_kind {
	SPLIT_RANDOM,	/* seeded, stratified by class; groups kept whole */
	SPLIT_OFFICIAL, /* test as given; validation as given or drawn from train */
	SPLIT_FOLD,	/* repeat r is tested on fold r of items->fold, modulo their number */
	SPLIT_TIME,	/* the latest rows test, the latest of the others validate */
};

struct split_rule {
	enum split_kind kind;
	double test;  /* share of rows (SPLIT_RANDOM, SPLIT_TIME) */
	double valid; /* rows for validation, as a share of the fitted rows */
	size_t max_test; /* at most so many test rows, drawn; 0: all */
};

/* Repeat r, fitted on `n` rows (0: as many as there are; validation rows are
 * extra, so with n = 0 they come out of the training pool: drawn, or its last
 * tenth where an official training set is used whole). Draws are stratified by
 * class (largest remainder); no two parts share a group, except an official
 * test part with the others. The test rows do not depend on n, and the fitted
 * rows of a smaller n are nearly all among those of a larger one.
 *
 * Fitted and validation rows come in random order, those of `first` (the first
 * n training rows in file order instead of drawn ones) and of an official
 * training set used whole in file order; test rows ascend.
 *
 * Folds: one is the test part, all others are the training pool, from which
 * validation rows are drawn. Time: rows of one moment never part, so the shares
 * of test and validation rows are reached or passed; every repeat has the same
 * test rows, and draws its fitted rows from those before the validation rows.
 *
 * Asking for more rows than there are is ERR_CONFIG and says how many there
 * are; a part without rows is ERR_DATA. */
int split_make(const struct items *items, const struct split_rule *rule,
	       size_t n, unsigned repeat, bool first, struct arena *a,
	       struct split *out, struct error *err);

#endif
