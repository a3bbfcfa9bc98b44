/* Only columns that are cut are turned: of a wide table few are, and of a round
 * no more than its trees have nodes. */
#include "learners/gbdt/turner.h"

#include <string.h>

int turner_init(struct turner *t, size_t cols, int threads, struct arena *a,
		struct error *err)
{
	bool wide = cols > TURNER_COLUMNS;

	*t = (struct turner){
		.cols = cols,
		.column = ARENA_NEW(a, const struct bins_column *, cols),
		.turned = ARENA_NEW(a, struct turned, (size_t)threads),
	};
	if (!t->column || !t->turned)
		return arena_error(a, err);
	for (int k = 0; k < threads && !wide; k++) {
		t->turned[k].x = ARENA_RAW(a, float, cols * SIEVE_ROWS);
		if (!t->turned[k].x)
			return arena_error(a, err);
	}
	return 0;
}

void turner_forget(struct turner *t)
{
	memset(t->column, 0, t->cols * sizeof(*t->column));
}

void turner_want(struct turner *t, const struct tree *tree,
		 const struct bins_column *column)
{
	for (size_t k = 0; k + 1 < tree->leaves; k++)
		t->column[tree->node[k].column] = &column[tree->node[k].kept];
}

static void turn_bins(const struct bins_column *column, const float *x,
		      size_t cols, size_t n, float *to)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t bin = bins_find(column, x[i * cols]);

		memcpy(to + i, &bin, sizeof(bin));
	}
}

/* The kernel looks at whole groups of rows: what is behind the last is 0. */
const struct turned *turner_turn(const struct turner *t, const float *x,
				 size_t n, size_t worker)
{
	struct turned *to = &t->turned[worker];

	to->n = n;
	for (size_t j = 0; to->x && j < t->cols; j++) {
		float *out = to->x + j * SIEVE_ROWS;

		if (!t->column[j])
			continue;
		if (t->column[j]->is_cat)
			turn_bins(t->column[j], x + j, t->cols, n, out);
		else
			for (size_t i = 0; i < n; i++)
				out[i] = x[i * t->cols + j];
		memset(out + n, 0, (SIEVE_PAD(n) - n) * sizeof(*out));
	}
	return to;
}
