/* The leaderboard: rows of a store, averaged over repeats, as a table. */
#ifndef TRIARCH_BOARD_H
#define TRIARCH_BOARD_H

#include "results/store.h"

/* One line: a task and a learner, over its repeats. */
struct board_row {
	const char *task, *modality, *task_kind, *learner, *family, *origin;
	const char *metric, *view, *status, *message;
	double score;		       /* mean over repeats, higher is better */
	double error, error_lo, error_hi; /* mean and its 95 % t-interval */
	double fit_s, fit_cpu_s, predict_s, prepare_s; /* medians */
	double peak_rss_mb;	       /* the largest */
	int64_t seeds, failed, n_train, n_test, threads;
	bool best_of_family, best;
	json_t *metrics; /* means of every metric; owned */
};

struct board {
	struct board_row *rows; /* (n): by modality, task, score descending */
	size_t n;
	json_t *header; /* machine, CPU, BLAS core, threads, versions, commit */
	json_t *summary; /* a line a modality: best family, mean rank ... */
};

/* The latest row of each key among keys[0..n) is used (one key is one
 * repeat). A learner with a failed repeat keeps its row, with the status. */
int board_make(struct board *b, struct store *s, const char *const *keys,
	       size_t n, struct arena *a, struct error *err);
void board_clear(struct board *b);

enum board_format { BOARD_TABLE, BOARD_MD, BOARD_CSV, BOARD_JSON };

/* The text, in the arena; `color` only matters for BOARD_TABLE. */
int board_format(const struct board *b, enum board_format f, bool color,
		 struct arena *a, const char **text, struct error *err);

#endif
