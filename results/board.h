/* The leaderboard: rows of a store, averaged over repeats, as a table.
 *
 * Times are comparable within one fingerprint (machine and BLAS) only. A board
 * is about the newest: of a repeat that was measured elsewhere alone the score
 * counts and the times do not, and the header says how many those are.
 */
#ifndef TRIARCH_BOARD_H
#define TRIARCH_BOARD_H

#include "results/store.h"

/* One line: a task and a learner, over its repeats. Numbers that nothing was
 * measured for are NAN. */
struct board_row {
	const char *task, *modality, *task_kind, *learner, *family, *origin;
	const char *transform; /* "rotate=1"; "" of a plain task */
	const char *metric, *view;
	const char *status;  /* of the first repeat that failed, else "ok" */
	const char *message; /* and its words */
	const char *params;  /* JSON text of every parameter */
	double score;		       /* mean over repeats, higher is better */
	double error, error_lo, error_hi; /* mean and its 95 % t-interval */
	double error_sd;	       /* over repeats; NAN of fewer than two */
	double fit_s, fit_cpu_s, predict_s, prepare_s; /* medians */
	double peak_rss_mb;	       /* the largest */
	int64_t seeds, failed; /* repeats that went well, and did not */
	int64_t foreign;       /* repeats of other machines: no times */
	int64_t n_train, n_test, threads;
	size_t level; /* which of several sizes of its task, from 0 */
	bool best_of_family, best;
	json_t *metrics; /* means of every metric; owned */
};

struct board {
	struct board_row *rows; /* (n): by modality, task, score descending */
	size_t n;
	/* machine, blas, versions (objects of the newest row), threads (list),
	 * commit, other_commits, fingerprint, newest, cells, missing,
	 * other_machines */
	json_t *header;
	/* a line a modality, over its plain tasks (twins and probes tell of a
	 * learner, not of who leads): leader and runner_up (null when tied), tied,
	 * compared (two families), error_ratio (geometric mean over tasks of the
	 * first's errors divided by the second's), families, text */
	json_t *summary;
};

/* The latest row of each key among keys[0..n) is used (one key is one
 * repeat; NULL: all keys). A learner with a failed repeat keeps its row, with
 * the status. Rows live in the arena; board_clear drops the JSON. */
int board_make(struct board *b, struct store *s, const char *const *keys,
	       size_t n, struct arena *a, struct error *err);
void board_clear(struct board *b);

enum board_format { BOARD_TABLE, BOARD_MD, BOARD_CSV, BOARD_JSON };

/* The text, in the arena; `color` only matters for BOARD_TABLE. */
int board_format(const struct board *b, enum board_format f, bool color,
		 struct arena *a, const char **text, struct error *err);

/* Twins and probes beside their controls. The control of "letter[rotate=1]" is
 * "letter[rotate=0]" where the board has it, else "letter"; of several sizes the
 * nearest. For people (BOARD_TABLE, BOARD_MD) a line a twin and a column a
 * learner, cells "error of the control -> error of the twin (times)" with the
 * standard deviation over repeats; for programs (BOARD_CSV, BOARD_JSON) a line
 * a twin and learner. Twins without a control are left out. ERR_MEMORY. */
int board_twins(const struct board *b, enum board_format f, bool color, struct arena *a,
		const char **text, struct error *err);

#endif
