/* What mlp and cnn share: from a chain of layers to a fitted model. */
#ifndef TRIARCH_NN_MODEL_H
#define TRIARCH_NN_MODEL_H

#include "learners/nn/nn_features.h"
#include "learners/nn/nn_train.h"

struct nn_model;

/* How a learner makes its net, when it is fitted and when a file brings it back:
 * build adds the layers to m->net by the options and m's shapes alone. It refuses
 * what it cannot take (ERR_UNSUPPORTED), for a file may hold any options and
 * shapes that their schemas allow. */
struct nn_recipe {
	const struct param *params;
	size_t config_size;
	int (*build)(struct nn_model *m, const void *config, size_t outputs,
		     struct error *err);
};

struct nn_model {
	struct nn_net net;
	struct nn_scaling scaling;
	struct nn_prepare prepare; /* of a table */
	struct nn_features features; /* of a table's first layer */
	bool clamp; /* a regression's values to the range of training targets */
	const struct nn_recipe *recipe; /* for nn_file.h */
	const void *config;		/* (config_size) the model's copy */
};

/* A model in run->arena whose net takes rows of `data` and has no layer yet;
 * NULL with *err set (ERR_MEMORY, ERR_DATA, ERR_UNSUPPORTED). */
struct nn_model *nn_model_new(const struct dataset *data, size_t shard_rows,
			      struct run *run, struct error *err);

/* The same for rows of a table, prepared: `onehot` as nn_prepare_fit has it. */
struct nn_model *nn_model_of_table(const struct dataset *data,
				   enum nn_scaling_kind kind, size_t onehot,
				   size_t shard_rows, struct run *run,
				   struct error *err);

/* Its first layer, embeddings as `f` says (`prepare` and edges are filled in; ple
 * gets `bins`). ERR_MEMORY. */
int nn_model_add_features(struct nn_model *m, const struct nn_features *f,
			  size_t bins, const struct dataset *data, struct run *run,
			  struct error *err);

/* Keep the recipe and a copy of its options, and build the net. ERR_MEMORY, and
 * build's. */
int nn_model_build(struct nn_model *m, const struct nn_recipe *recipe,
		   const void *config, size_t outputs, struct arena *a,
		   struct error *err);

/* The same as nn_model_new for VIEW_TOKENS: a net of packed sequences. Rows are cut to `limit`
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
