/* The parameters of gradient boosting; the schema is in learners/gbdt.c. */
#ifndef TRIARCH_GBDT_CONFIG_H
#define TRIARCH_GBDT_CONFIG_H

#include <stdint.h>

/* Sums of gradients: exact, or of gradients rounded to a few bits (fixed.h). */
enum gbdt_quantize {
	QUANTIZE_AUTO, /* rounded where there are many rows */
	QUANTIZE_OFF,
	QUANTIZE_ON,
};

struct gbdt_config {
	int64_t rounds;	  /* at most; K trees a round for K > 2 classes */
	double shrinkage; /* every leaf value is multiplied by it */
	int64_t patience; /* rounds without a better validation loss; 0: off */

	/* the shape of one tree */
	int64_t leaves;
	int64_t depth; /* 0: no limit */
	int64_t min_child_rows;
	double min_child_hessian;
	double min_gain;
	double l1, l2;

	/* what a tree gets to see */
	int64_t bins; /* a column; one more holds the missing values */
	int64_t bin_rows; /* fewer bins where they would hold less */
	double row_sample, col_sample; /* shares, drawn anew for each round */
	int64_t max_columns; /* drawn for a tree, on average, at most */

	/* categorical columns */
	int64_t max_onehot;	/* up to so many levels: one against the rest */
	int64_t min_group_rows; /* least rows that a subset grows by */
	double cat_smooth;	/* pulls the order of rare levels to the middle */
	double cat_l2;		/* on top of l2 for subset splits */

	/* how histograms are made */
	int quantize; /* enum gbdt_quantize */
};

#endif
