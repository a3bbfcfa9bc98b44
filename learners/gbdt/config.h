/* The parameters of gradient boosting; the schema is in learners/gbdt.c. */
#ifndef TRIARCH_GBDT_CONFIG_H
#define TRIARCH_GBDT_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

/* Which leaf is cut next. All zero is a config that limits nothing. */
enum gbdt_growth { GBDT_LEAF, GBDT_DEPTH, GBDT_OBLIVIOUS };

/* Whose mean gradients the levels of a category are ordered by. */
enum gbdt_order { GBDT_ORDER_TREE, GBDT_ORDER_LEAF };

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
	int cat_order;		/* enum gbdt_order */

	/* the loss: objective.h */
	int objective; /* index of objective_choices */
	double quantile_level, huber_delta;
	int class_weight;	/* enum weights_class */
	double positive_weight; /* of two classes the second's; 1: as it is */

	/* rows of a round: sampling.h */
	int sampling; /* enum sampling_kind */
	double goss_top, goss_rest; /* shares of the rows */

	/* earlier trees left out of a round: dart.h */
	double drop_rate; /* 0: none ever */
	double drop_skip;
	int64_t drop_most; /* 0: no limit */
	int drop_norm;	   /* enum dart_norm */

	/* leaf values: refine.h */
	int64_t leaf_steps; /* 0: as the tree was grown */

	double min_improvement; /* of the loss, relative, to stay patient */

	/* how a tree grows, and what its leaves may say */
	int growth;		 /* enum gbdt_growth */
	double col_sample_level; /* share of the tree's columns a level has */
	double col_sample_node;	 /* share of the level's columns a leaf has */
	double max_delta_step;	 /* bound on |value| of a leaf; 0: none */
	char monotone[256];	 /* "+age:-price": monotone.h */

	/* what columns are made of */
	bool bundle;	      /* columns share stores */
	int64_t sparse_bins;  /* bins of a column of a sparse view ... */
	int64_t sparse_columns; /* ... and columns drawn for a tree at most */
	int64_t target_stats; /* more levels than this: numbers too; 0: never */
	int64_t target_classes; /* no numbers for more classes */
	double target_prior;  /* weight of the prior, in rows */

	/* how histograms are made */
	int quantize; /* enum gbdt_quantize */
};

#endif
