/* What mlp and cnn share: from a chain of layers to a fitted model. */
#ifndef TRIARCH_NN_MODEL_H
#define TRIARCH_NN_MODEL_H

#include "learners/nn/nn_train.h"

struct nn_model {
	struct nn_net net;
	struct nn_scaling scaling;
};

/* A model in run->arena whose net takes rows of `data` and has no layer yet;
 * NULL with *err set (ERR_MEMORY, ERR_DATA, ERR_UNSUPPORTED). */
struct nn_model *nn_model_new(const struct dataset *data, size_t shard_rows,
			      struct run *run, struct error *err);

/* The same for VIEW_TOKENS: a net of packed sequences. Rows are cut to `limit`
 * positions, their start token among them (nn_tokens.h). */
struct nn_model *nn_model_new_tokens(const struct dataset *data, size_t limit,
				     size_t shard_rows, struct run *run,
				     struct error *err);

/* Start the net and train it. */
int nn_model_fit(struct nn_model *m, const struct nn_train *how,
		 const struct dataset *data, struct run *run,
		 struct error *err);

/* struct learner's predict. */
int nn_model_predict(const void *model, const struct dataset *data,
		     const struct part *rows, struct run *run, float *scores,
		     struct error *err);

#endif
