/* A net with the scaling of its data: what mlp and cnn hand out as model.
 *
 * new measures the training rows, the learner adds its layers, fit trains, and
 * predict is the vtable's own. All of it lives in the run's arena; predict
 * gives back what it took, so that it may be called any number of times.
 */
#include "learners/nn/nn_model.h"

#include "harness/base/simd.h"
#include "learners/nn/nn_score.h"
#include "learners/nn/nn_tokens.h"

/* Shards never hold more rows than there are: small sets need small buffers. */
struct nn_model *nn_model_new(const struct dataset *data, size_t shard_rows,
			      struct run *run, struct error *err)
{
	struct nn_model *m;

	if (!data->train.rows) {
		error_set(err, ERR_DATA, "no training rows");
		return NULL;
	}
	m = ARENA_NEW(run->arena, struct nn_model, 1);
	if (!m) {
		arena_error(run->arena, err);
		return NULL;
	}
	if (nn_scaling_init(&m->scaling, data, run->arena, err))
		return NULL;
	if (shard_rows > data->train.rows)
		shard_rows = data->train.rows;
	nn_net_init(&m->net, m->scaling.shape, shard_rows);
	return m;
}

struct nn_model *nn_model_new_tokens(const struct dataset *data, size_t limit,
				     size_t shard_rows, struct run *run,
				     struct error *err)
{
	struct nn_model *m = nn_model_new(data, shard_rows, run, err);

	if (!m)
		return NULL;
	nn_tokens_measure(&m->scaling, data, limit);
	nn_net_init(&m->net, m->scaling.shape, m->net.shard_rows);
	m->net.packed = true;
	return m;
}

int nn_model_fit(struct nn_model *m, const struct nn_train *how,
		 const struct dataset *data, struct run *run,
		 struct error *err)
{
	int rc = nn_net_start(&m->net, run->seed, run->arena, err);

	return rc ? rc : nn_train(&m->net, how, data, &m->scaling, run, err);
}

/* Last layer's values -> probabilities, or values in the target's units. */
static void finish(const struct nn_model *m, const struct dataset *data,
		   size_t rows, float *scores)
{
	if (data->task == TASK_CLASSIFICATION) {
		simd_vec()->softmax(scores, rows, m->net.out.channels);
		return;
	}
	for (size_t i = 0; i < rows; i++)
		scores[i] = (float)((double)scores[i] * m->scaling.target_sd +
				    m->scaling.target_mean);
}

/* Rows are checked first: one NaN would quietly make a row of NaN scores. */
int nn_model_predict(const void *model, const struct dataset *data,
		     const struct part *rows, struct run *run, float *scores,
		     struct error *err)
{
	const struct nn_model *m = model;
	struct arena_mark mark = arena_mark(run->arena);
	struct nn_worker *workers;
	int rc = nn_source_check(rows, data->cols, err);

	if (rc)
		return rc;
	workers = nn_workers_new(&m->net, (size_t)run->threads, false,
				 run->arena);
	if (!workers) {
		arena_rewind(run->arena, mark);
		return arena_error(run->arena, err);
	}
	nn_score(&m->net, &m->scaling, rows, workers, run->threads, scores);
	finish(m, data, rows->rows, scores);
	arena_rewind(run->arena, mark);
	return 0;
}
