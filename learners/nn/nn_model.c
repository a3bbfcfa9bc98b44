/* A net with the scaling of its data: what mlp and cnn hand out as model.
 *
 * new measures the training rows, the learner adds its layers, fit trains, and
 * predict is the vtable's own. All of it lives in the run's arena; predict
 * gives back what it took, so that it may be called any number of times.
 */
#include "learners/nn/nn_model.h"

#include <math.h>

#include "harness/base/simd.h"
#include "learners/nn/nn_score.h"
#include "learners/nn/nn_tokens.h"

static struct nn_model *allocate(const struct dataset *data, struct run *run,
				 struct error *err)
{
	struct nn_model *m = NULL;

	if (!data->train.rows)
		error_set(err, ERR_DATA, "no training rows");
	else if (!(m = ARENA_NEW(run->arena, struct nn_model, 1)))
		arena_error(run->arena, err);
	return m;
}

/* Shards never hold more rows than there are: small sets need small buffers. */
static struct nn_model *begin(struct nn_model *m, const struct nn_prepare *prepare,
			      const struct dataset *data, size_t shard_rows,
			      struct run *run, struct error *err)
{
	if (nn_scaling_init(&m->scaling, data, prepare, run->arena, err))
		return NULL;
	if (shard_rows > data->train.rows)
		shard_rows = data->train.rows;
	nn_net_init(&m->net, m->scaling.shape, shard_rows);
	return m;
}

struct nn_model *nn_model_new(const struct dataset *data, size_t shard_rows,
			      struct run *run, struct error *err)
{
	struct nn_model *m = allocate(data, run, err);

	return m ? begin(m, NULL, data, shard_rows, run, err) : NULL;
}

struct nn_model *nn_model_of_table(const struct dataset *data,
				   enum nn_scaling_kind kind, size_t onehot,
				   size_t shard_rows, struct run *run,
				   struct error *err)
{
	struct nn_model *m = allocate(data, run, err);

	if (!m || nn_prepare_fit(&m->prepare, data, kind, onehot, run->arena, err))
		return NULL;
	return begin(m, &m->prepare, data, shard_rows, run, err);
}

int nn_model_add_features(struct nn_model *m, const struct nn_features *f,
			  size_t bins, const struct dataset *data, struct run *run,
			  struct error *err)
{
	m->features = *f;
	m->features.prepare = &m->prepare;
	if (f->kind == NN_EMBED_PLE &&
	    nn_features_edges(&m->features, data, bins, run->arena, err))
		return (int)err->code;
	nn_net_add(&m->net, (struct nn_layer){ .type = &nn_features,
					       .features = &m->features });
	return 0;
}

/* A copy, as a model may outlive the options that it was fitted with. */
int nn_model_build(struct nn_model *m, const struct nn_recipe *recipe,
		   const void *config, size_t outputs, struct arena *a,
		   struct error *err)
{
	m->recipe = recipe;
	m->config = arena_copy(a, config, recipe->config_size);
	if (!m->config)
		return arena_error(a, err);
	return recipe->build(m, config, outputs, err);
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
	for (size_t i = 0; i < rows; i++) {
		double z = (double)scores[i];

		if (m->clamp)
			z = fmax(m->scaling.target_low,
				 fmin(m->scaling.target_high, z));
		scores[i] = (float)(z * m->scaling.target_sd +
				    m->scaling.target_mean);
	}
}

/* Rows are checked first: one NaN would quietly make a row of NaN scores. */
int nn_model_predict(const void *model, const struct dataset *data,
		     const struct part *rows, struct run *run, float *scores,
		     struct error *err)
{
	const struct nn_model *m = model;
	struct arena_mark mark = arena_mark(run->arena);
	struct nn_worker *workers;
	int rc = nn_source_check(&m->scaling, rows, data->cols, err);

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
