/* Scores of training rows move without a walk down the tree: those that it was
 * grown on lie in the partition leaf by leaf, and the others are parted by the
 * same bytes, which is a fourth of the price of walking on raw values. */
#include "harness/base/par.h"
#include "learners/gbdt/grower.h"
#include "learners/gbdt/worth.h"

/* Scores of so many rows stay in the L1 cache while all leaves pass over them,
 * and no two threads write to one line. */
enum { ROWS = 4096 };

struct apply {
	const struct grower *g;
	float *score;
};

/* The first of a leaf's rows, which ascend, that is not below `least`. */
static size_t first_from(const uint32_t *row, size_t begin, size_t end,
			 size_t least)
{
	while (begin < end) {
		size_t middle = begin + (end - begin) / 2;

		if (row[middle] < least)
			begin = middle + 1;
		else
			end = middle;
	}
	return begin;
}

static void apply_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct apply *job = ctx;
	const struct grower *g = job->g;
	const uint32_t *row = g->partition.rows.row;
	struct par_range r = par_range(g->bins->rows, ROWS, chunk);

	(void)worker;
	for (size_t l = 0; l < g->leaves; l++) {
		size_t end = g->leaf[l].end;
		size_t k = first_from(row, g->leaf[l].begin, end, r.begin);
		float value = g->tree->value[l];

		for (; k < end && row[k] < r.end; k++)
			job->score[row[k]] += value;
	}
}

void grower_apply(const struct grower *g, float *score)
{
	struct apply job = { .g = g, .score = score };

	par_for(worth_threads(g->threads, (double)g->bins->rows),
		par_chunks(g->bins->rows, ROWS), apply_rows, &job);
}

/* All rows that are not among the n, which are ascending. */
static size_t list_others(size_t total, const uint32_t *rows, size_t n,
			  uint32_t *out)
{
	size_t k = 0, count = 0;

	for (uint32_t i = 0; i < total; i++) {
		bool drawn = k < n && rows[k] == i;

		out[count] = i;
		count += !drawn;
		k += drawn;
	}
	return count;
}

/* Rows [begin, end) of the partition are in the child: remember them for a
 * node, move the scores for a leaf. */
static void hand_down(struct grower *g, int32_t child, size_t begin, size_t end,
		      float *score)
{
	const uint32_t *row = g->partition.rows.row;

	if (child >= 0) {
		g->others[child] = (struct par_range){ begin, end };
		return;
	}
	for (size_t k = begin; k < end; k++)
		score[row[k]] += g->tree->value[~child];
}

void grower_apply_others(struct grower *g, const uint32_t *rows, size_t n,
			 float *score)
{
	const struct tree *t = g->tree;
	struct partition p = g->partition;
	size_t all = list_others(g->bins->rows, rows, n, p.rows.row);

	p.rows.gh = p.left.gh = p.right.gh = NULL; /* rows alone */
	hand_down(g, t->leaves > 1 ? 0 : ~0, 0, all, score);
	for (size_t k = 0; k + 1 < t->leaves; k++) {
		const struct cut *cut = &g->node_cut[k];
		struct par_range r = g->others[k];
		size_t store = g->bins->column[cut->column].store, middle;
		uint8_t left[256];

		grower_list_left(g, cut, left);
		middle = r.begin + partition_split(
			&p, r.begin, r.end, g->bins->bin + store * g->bins->pitch,
			left, worth_threads(g->threads,
					    2 * (double)(r.end - r.begin)));
		hand_down(g, t->node[k].child[0], r.begin, middle, score);
		hand_down(g, t->node[k].child[1], middle, r.end, score);
	}
}
