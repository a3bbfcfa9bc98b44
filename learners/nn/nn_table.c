/* Which rows of a table were touched, shard by shard and in all. A mark a row says
 * whether it is on a list already; lists are as long as a step is large, and marks
 * are taken back along them, so nothing here is of the table's size but memory. */
#include "learners/nn/nn_table.h"

#include "harness/base/simd.h"

static bool touched_init(struct nn_touched *t, size_t rows, struct arena *a)
{
	t->row = ARENA_NEW(a, uint32_t, rows);
	t->seen = ARENA_NEW(a, uint8_t, rows);
	return t->row && t->seen;
}

int nn_table_init(struct nn_table *t, const struct nn_net *net, size_t shards,
		  struct arena *a, struct error *err)
{
	const struct nn_layer *l;

	*t = (struct nn_table){ 0 };
	if (!net->table)
		return 0;
	l = &net->layers[net->table - 1];
	t->at = l->theta_at;
	t->rows = l->range[0].rows;
	t->cols = l->range[0].cols;
	t->lr = l->range[0].lr;
	t->decay = l->range[0].decay;
	t->shard = ARENA_NEW(a, struct nn_touched, shards);
	if (!t->shard || !touched_init(&t->all, t->rows, a))
		return arena_error(a, err);
	for (size_t s = 0; s < shards; s++)
		if (!touched_init(&t->shard[s], t->rows, a))
			return arena_error(a, err);
	return 0;
}

void nn_table_meet(struct nn_table *t, size_t shards)
{
	for (size_t s = 0; s < shards; s++)
		for (size_t k = 0; k < t->shard[s].n; k++) {
			uint32_t row = t->shard[s].row[k];

			if (!t->all.seen[row])
				t->all.row[t->all.n++] = row;
			t->all.seen[row] = 1;
		}
}

double nn_table_add(const struct nn_table *t, float *grad, size_t stride, size_t shards,
		    size_t begin, size_t end)
{
	double squares = 0;

	for (size_t k = begin; k < end; k++) {
		size_t row = t->all.row[k];
		float *sum = grad + t->at + row * t->cols;

		if (!t->shard[0].seen[row])
			memset(sum, 0, t->cols * sizeof(*sum));
		for (size_t s = 1; s < shards; s++)
			if (t->shard[s].seen[row])
				simd_vec()->axpy(1.0f, sum + s * stride, sum,
						 t->cols);
		for (size_t j = 0; j < t->cols; j++)
			squares += (double)sum[j] * (double)sum[j];
	}
	return squares;
}

static void forget(struct nn_touched *t)
{
	for (size_t k = 0; k < t->n; k++)
		t->seen[t->row[k]] = 0;
	t->n = 0;
}

void nn_table_clear(struct nn_table *t, size_t shards)
{
	for (size_t s = 0; s < shards; s++)
		forget(&t->shard[s]);
	forget(&t->all);
}
