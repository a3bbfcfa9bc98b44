/* Only columns that are cut are turned: of a wide table few are, and of a round
 * no more than its trees have nodes. */
#include "learners/gbdt/turner.h"

#include <string.h>

/* Scattering leaves alone what is 0, so that is what it must begin with. */
static float *room_for(size_t cells, bool sparse, struct arena *a)
{
	return sparse ? ARENA_NEW(a, float, cells) : ARENA_RAW(a, float, cells);
}

int turner_init(struct turner *t, size_t cols, bool sparse, int threads,
		struct arena *a, struct error *err)
{
	bool wide = cols > (sparse ? TURNER_SPARSE : TURNER_COLUMNS);

	*t = (struct turner){
		.cols = cols,
		.column = ARENA_NEW(a, const struct bins_column *, cols),
		.turned = ARENA_NEW(a, struct turned, (size_t)threads),
		.sparse = sparse && !wide,
	};
	if (!t->column || !t->turned)
		return arena_error(a, err);
	for (int k = 0; k < threads && !wide; k++) {
		t->turned[k].x = room_for(cols * SIEVE_ROWS, sparse, a);
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

static void scatter(const struct turner *t, const struct part *part,
		    struct par_range r, bool clear, float *x)
{
	for (size_t i = r.begin; i < r.end; i++)
		for (uint64_t k = part->row_start[i]; k < part->row_start[i + 1]; k++) {
			size_t j = part->index[k];

			if (t->column[j])
				x[j * SIEVE_ROWS + i - r.begin] =
					clear ? 0 : part->value[k];
		}
}

const struct turned *turner_scatter(const struct turner *t,
				    const struct part *part, struct par_range r,
				    size_t worker)
{
	struct turned *to = &t->turned[worker];

	to->n = r.end - r.begin;
	scatter(t, part, r, false, to->x);
	return to;
}

void turner_clear(const struct turner *t, const struct part *part,
		  struct par_range r, size_t worker)
{
	scatter(t, part, r, true, t->turned[worker].x);
}
