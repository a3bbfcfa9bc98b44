/* The data a learner is lent, and what it was made from.
 *
 *   reader -> struct items -> struct split -> encoder -> struct dataset
 *
 * `items` are the raw rows of a data set as a reader found them; `split` says
 * which of them are fitted on, validated on and tested on; an encoder, fitted
 * on the training rows alone, turns both into one `view`: the form in which a
 * learner wants its rows. All arrays are read-only to whoever did not make
 * them, and live in the arena (or the mapped cache file) of the maker.
 */
#ifndef TRIARCH_DATASET_H
#define TRIARCH_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

enum modality { MODALITY_TABULAR, MODALITY_IMAGE, MODALITY_AUDIO, MODALITY_TEXT };
enum task { TASK_CLASSIFICATION, TASK_REGRESSION };

/* How rows are presented. Bits, so that learners can declare a set. */
enum view {
	VIEW_TABLE = 1 << 0,  /* columns, numeric or categorical, with holes */
	VIEW_DENSE = 1 << 1,  /* finite numbers: scaled, one-hot, SVD of text */
	VIEW_GRID = 1 << 2,   /* channels x height x width: pixels, log-mel */
	VIEW_TOKENS = 1 << 3, /* word ids in order */
	VIEW_SPARSE = 1 << 4, /* TF-IDF of word uni- and bigrams */
	/* Further ones, which a learner gets when it is asked for by name. */
	VIEW_QUANTILE = 1 << 5, /* as dense, numbers by rank to a normal law */
	VIEW_HOG = 1 << 6,	/* images: histograms of oriented gradients */
	VIEW_MFCC = 1 << 7,	/* sound: statistics of cepstral coefficients */
	VIEW_HASHED = 1 << 8,	/* as sparse, terms hashed, no vocabulary */
	VIEW_WAVE = 1 << 9,	/* sound: the samples, (1, 1, length) */
	VIEW_CHARS = 1 << 10,	/* as tokens, of characters */
};
#define VIEW_COUNT 11

const char *modality_name(enum modality m); /* "tabular" ... */
const char *task_name(enum task t);	     /* "classification" ... */
const char *view_name(enum view v);	     /* "table" ... */
bool view_from_name(const char *name, enum view *v);
const char *const *view_names(void);	     /* (VIEW_COUNT), by bit */
/* The form in which a view's rows come, which is what a learner declares: the
 * view itself, but dense for quantile, hog and mfcc, sparse for hashed and
 * tokens for chars. `struct dataset` says the form, a row of results the view. */
enum view view_form(enum view v);

/* A column of a table. */
struct column {
	const char *name;
	bool is_cat;
	bool is_scaled; /* numeric, of one unit with its like: not to be rescaled */
	size_t levels;		   /* categorical: how many codes */
	const char *const *level_names; /* (levels), NULL once encoded */
};

/* Which rows an official split put where. */
enum official { OFFICIAL_NONE = 0, OFFICIAL_TRAIN, OFFICIAL_VALID, OFFICIAL_TEST };

/* Raw rows. Exactly one of the four contents is set, by modality. */
struct items {
	enum modality modality;
	enum task task;
	size_t n;

	/* tabular: cell[j][i] is row i of column j. Numeric: the value;
	 * categorical: its code 0 .. levels-1; missing: NaN. Column-major. */
	size_t cols;
	const struct column *columns; /* (cols) */
	const float *const *cell;     /* (cols) of (n) */

	/* image: planar bytes */
	size_t channels, height, width;
	const uint8_t *pixels; /* (n, channels, height, width) */

	/* audio: mono samples in [-1, 1], item i at [start[i], start[i+1]) */
	const float *wave;
	const size_t *wave_start; /* (n + 1) */
	double rate;		  /* samples a second */

	/* text: UTF-8 */
	const char *const *text; /* (n) */

	/* target: one of the two */
	size_t classes;
	const char *const *class_names; /* (classes) */
	const int32_t *label;		/* (n) 0 .. classes-1 */
	const float *target;		/* (n) */

	/* optional, NULL when the data set has none */
	const uint8_t *official; /* (n) enum official */
	const uint32_t *group;	 /* (n) below n; a group never parts */
	const uint32_t *fold;	 /* (n) 0 .. folds-1: official folds, speakers */
	const double *time;	 /* (n) ascending time; its unit is the set's */
};

/* Row numbers of `items`. Repeat r of a task takes split r, subsample r and
 * seed r together. */
struct split {
	size_t n_train, n_valid, n_test;
	const uint32_t *train; /* (n_train) fitted on */
	const uint32_t *valid; /* (n_valid) for early stopping and tuning */
	const uint32_t *test;  /* (n_test) looked at once, by the harness */
};

/* Encoded rows of one part. */
struct part {
	size_t rows;
	const float *x; /* table, dense: (rows, cols); grid, wave: (rows, C, H, W) */
	/* sparse and tokens: row i is [row_start[i], row_start[i+1]) */
	const uint64_t *row_start; /* (rows + 1) */
	const uint32_t *index;	   /* sparse: column; tokens: word id */
	const float *value;	   /* sparse only: its value */
	const int32_t *label;	   /* (rows), classification */
	const float *target;	   /* (rows), regression, natural units */
	const float *weight;	   /* (rows) or NULL: all 1 */
	const uint32_t *group;	   /* (rows) or NULL */
	const uint32_t *item;	   /* (rows) row number in `items` */
};

/* What a learner is lent. In fit the harness leaves `test` empty. */
struct dataset {
	const char *name;
	enum modality modality;
	enum task task;
	enum view view; /* its form: view_form */
	size_t classes; /* classification: >= 1; regression: 0 */
	size_t cols;	/* table, dense, sparse: columns; grid, wave: C * H * W */
	const struct column *columns; /* (cols) of a table, else NULL */
	size_t channels, height, width; /* grid, wave */
	size_t vocab; /* tokens: ids are below it; id 0 is an unknown word */
	struct part train, valid, test;
};

#endif
