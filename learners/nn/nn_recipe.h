/* How a learner's net is trained, as rows of its schema: what the files of the
 * learners share. Their config structs hold NN_RECIPE among their own fields. */
#ifndef TRIARCH_NN_RECIPE_H
#define TRIARCH_NN_RECIPE_H

#include "learners/nn/nn_model.h"

#define NN_RECIPE                                                         \
	int64_t batch, epochs, patience;                                  \
	double lr, weight_decay, smoothing, warmup, clip, average;        \
	int optimizer, schedule

/* Rows after lr and weight_decay, which have ranges of their own. */
#define NN_RECIPE_PARAMS(S, schedule_, batch_, epochs_, patience_, warmup_, \
			 smoothing_, clip_)                                 \
	PARAM_REAL(S, smoothing, smoothing_, 0, 0.9,                        \
		   "label smoothing: share spread over all classes"),       \
	PARAM_REAL(S, warmup, warmup_, 0, 0.9,                              \
		   "share of the steps in which the learning rate rises"),  \
	PARAM_REAL(S, clip, clip_, 0, 1e9,                                  \
		   "largest norm of a step's gradient; 0: any"),            \
	PARAM_REAL(S, average, 0, 0, 0.99999,                               \
		   "share of the past in a running mean of the weights, "   \
		   "which is what is kept; 0: the weights themselves"),     \
	PARAM_CHOICE(S, optimizer, NN_ADAMW, nn_rule_names,                 \
		     "rule of the update; sgd has Nesterov momentum 0.9, "  \
		     "muon wants lr 0.02, of which AdamW, for what is no "  \
		     "hidden matrix, takes a tenth"),                       \
	PARAM_CHOICE(S, schedule, schedule_, nn_schedule_names,             \
		     "learning rate over the fit"),                         \
	PARAM_INT(S, batch, batch_, 1, 65536, "rows of a minibatch"),       \
	PARAM_INT(S, epochs, epochs_, 1, 100000,                            \
		  "passes over the training rows"),                         \
	PARAM_INT(S, patience, patience_, 0, 100000,                        \
		  "epochs without a better validation score before a "      \
		  "stop; 0: none, the last weights are kept")

/* struct nn_train of a config; more designators may follow. */
#define NN_TRAIN(c, ...)                                                  \
	(&(struct nn_train){                                              \
		.batch = (size_t)(c)->batch, .epochs = (size_t)(c)->epochs, \
		.patience = (size_t)(c)->patience, .lr = (c)->lr,         \
		.weight_decay = (c)->weight_decay,                        \
		.smoothing = (c)->smoothing, .warmup = (c)->warmup,       \
		.clip = (c)->clip, .average = (c)->average,               \
		.rule = (enum nn_rule)(c)->optimizer,                     \
		.schedule = (enum nn_schedule)(c)->schedule, __VA_ARGS__ })

/* The rest of a net's table. */
#define NN_LEARNER(S)                                                     \
	.family = FAMILY_NET, .origin = ORIGIN_OURS,                      \
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,       \
	.uses_valid = true, .config_size = sizeof(S), .params = params,   \
	.fit = fit, .predict = nn_model_predict

#endif
