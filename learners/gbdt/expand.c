/* Buffers are small enough for the L2 cache where rows are not very wide. */
#include "learners/gbdt/expand.h"

#include <string.h>

enum { MOST_ROWS = 256, LEAST_ROWS = 8, FLOATS = 1 << 18 };

int expand_init(struct expand *e, size_t cols, bool sparse,
		const struct target_stats *stats, int threads, struct arena *a,
		struct error *err)
{
	size_t width = cols + target_stats_extras(stats);
	size_t some = width ? FLOATS / width : MOST_ROWS;

	*e = (struct expand){ .cols = cols, .width = width, .grain = MOST_ROWS,
			      .stats = stats };
	if (!sparse && width == cols)
		return 0;
	e->grain = some > MOST_ROWS ? MOST_ROWS :
		   some < LEAST_ROWS ? LEAST_ROWS : some;
	e->buffer = ARENA_NEW(a, float, (size_t)threads * e->grain * width);
	return e->buffer ? 0 : arena_error(a, err);
}

static float *buffer_of(const struct expand *e, size_t worker)
{
	return e->buffer + worker * e->grain * e->width;
}

/* All that a sparse row lists: its value, or 0 again. */
static void scatter(const struct part *part, size_t row, bool clear, float *out)
{
	for (uint64_t k = part->row_start[row]; k < part->row_start[row + 1]; k++)
		out[part->index[k]] = clear ? 0 : part->value[k];
}

static void write_stats(const struct expand *e, const struct part *part,
			const float *ordered, size_t row, const float *x,
			float *out)
{
	if (!ordered) {
		target_stats_row(e->stats, x, out);
		return;
	}
	for (size_t k = 0; k < target_stats_extras(e->stats); k++)
		out[k] = ordered[k * part->rows + row];
}

const float *expand_open(const struct expand *e, const struct part *part,
			 const float *ordered, struct par_range r, size_t worker)
{
	float *out;

	if (!e->buffer)
		return part->x + r.begin * e->cols;
	out = buffer_of(e, worker);
	for (size_t i = r.begin; i < r.end; i++, out += e->width) {
		const float *x = part->x ? part->x + i * e->cols : NULL;

		if (!x) {
			scatter(part, i, false, out);
			continue;
		}
		memcpy(out, x, e->cols * sizeof(*out));
		write_stats(e, part, ordered, i, x, out + e->cols);
	}
	return buffer_of(e, worker);
}

void expand_close(const struct expand *e, const struct part *part,
		  struct par_range r, size_t worker)
{
	if (!e->buffer || part->x)
		return;
	for (size_t i = r.begin; i < r.end; i++)
		scatter(part, i, true,
			buffer_of(e, worker) + (i - r.begin) * e->width);
}
