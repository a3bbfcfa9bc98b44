/* Rows turned for sieves: the values of a column side by side. */
#ifndef TRIARCH_GBDT_TURNER_H
#define TRIARCH_GBDT_TURNER_H

#include "datasets/dataset.h"
#include "harness/base/error.h"
#include "harness/base/par.h"
#include "learners/gbdt/tree.h"

/* Value of row i of a column at x[column * SIEVE_ROWS + i], n rows in all; of a
 * categorical column the bits of its bin. */
struct turned {
	float *x; /* aligned to 64 */
	size_t n; /* <= SIEVE_ROWS */
};

struct turner {
	size_t cols; /* of raw rows */
	/* (cols) what describes a column that some tree cuts; else NULL */
	const struct bins_column **column;
	struct turned *turned; /* (threads) */
	bool sparse; /* takes sparse rows: turner_scatter instead of turner_turn */
};

/* For rows of `cols` values, of which none are wanted yet; `sparse` if they come
 * as lists and all trees have sieves. Rows above TURNER_COLUMNS are not turned,
 * as they would not stay in the cache; of sparse ones only what is listed is
 * written, up to TURNER_SPARSE. ERR_MEMORY. */
enum { TURNER_COLUMNS = 8192, TURNER_SPARSE = 65536 };
int turner_init(struct turner *t, size_t cols, bool sparse, int threads,
		struct arena *a, struct error *err);

/* Turn none, or also those that a tree cuts; `column` are those of the bins. */
void turner_forget(struct turner *t);
void turner_want(struct turner *t, const struct tree *tree,
		 const struct bins_column *column);

/* Turn n <= SIEVE_ROWS rows: lent until this worker's next call. Without room
 * `x` is NULL. */
const struct turned *turner_turn(const struct turner *t, const float *x,
				 size_t n, size_t worker);

/* The same for rows [r.begin, r.end) of a sparse part; to be cleared before the
 * worker's next. */
const struct turned *turner_scatter(const struct turner *t,
				    const struct part *part, struct par_range r,
				    size_t worker);
void turner_clear(const struct turner *t, const struct part *part,
		  struct par_range r, size_t worker);

#endif
