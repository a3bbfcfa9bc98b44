/* What the files of the board share: board_collect.c (from stored rows to
 * samples), board.c (from samples to lines), board_label.c, board_summary.c and
 * board_format.c. */
#ifndef TRIARCH_BOARD_PRIVATE_H
#define TRIARCH_BOARD_PRIVATE_H

#include "results/board.h"

struct board_metric {
	const char *name;
	double value;
};

/* One repeat: what a board needs of a row. Strings are interned, so equal
 * ones are the same pointer. */
struct board_sample {
	const char *task, *modality, *task_kind, *metric, *view, *transform;
	const char *learner, *family, *origin, *params, *message;
	const char *build, *fingerprint;
	size_t question; /* number of the key */
	size_t level;	 /* which of several sizes of one task, from 0 */
	int64_t created, repeat, n_train, n_test, threads;
	enum status status;
	double score, error, fit_s, fit_cpu_s, predict_s, prepare_s;
	double peak_rss_mb;
	const struct board_metric *metrics; /* (n_metrics) */
	size_t n_metrics;
};

struct board_samples {
	struct board_sample *at; /* (n) one a question */
	size_t n;
	size_t foreign;		 /* of them measured on another machine */
	const char *fingerprint; /* the newest: whose times are shown */
	const char *build;
	int64_t created; /* of the newest row */
	json_t *machine, *blas, *versions; /* of the newest row; owned */
};

/* The latest row of every key, of the newest fingerprint where it has one. */
int board_collect(struct board_samples *out, struct store *s,
		  const char *const *keys, size_t n, struct arena *a,
		  struct error *err);
void board_samples_clear(struct board_samples *s);

/* Tell lines of one learner in one block apart: "krr[kernel=laplace]". */
int board_label(struct board *b, struct arena *a, struct error *err);

/* The lines a modality: a JSON array, NULL when out of memory. */
json_t *board_summarise(const struct board *b, struct arena *a);

/* The end of the run of rows from `i` that belong to one task and size. */
size_t board_block_end(const struct board *b, size_t i);

#endif
