/* From gradients to weights: AdamW and SGD with Nesterov momentum. */
#ifndef TRIARCH_NN_OPTIMIZER_H
#define TRIARCH_NN_OPTIMIZER_H

#include "learners/nn/nn_net.h"

enum nn_rule { NN_ADAMW, NN_SGD };

/* For a PARAM_CHOICE, in the order of the enum; NULL ends it. */
extern const char *const nn_rule_names[];

/* A run of weights with one weight decay, small enough for one task. */
struct nn_group {
	size_t at, n;
	bool decayed;
};

struct nn_optimizer {
	enum nn_rule rule;
	double decay;		 /* of weights, not of biases and norms */
	double beta1, beta2;	 /* 0.9, 0.999; beta1 is sgd's momentum */
	float *m, *v;		 /* (params) */
	struct nn_group *groups; /* (n_groups) */
	size_t n_groups, steps;
};

/* Moments and groups for a net, in the arena. ERR_MEMORY. */
int nn_optimizer_init(struct nn_optimizer *o, const struct nn_net *net,
		      enum nn_rule rule, double decay, struct arena *a,
		      struct error *err);

/* One step on net->theta from the gradients (shards, params), which are added
 * in shard order. Same bits on any number of threads. */
void nn_optimizer_step(struct nn_optimizer *o, struct nn_net *net,
		       const float *grad, size_t shards, double lr,
		       int threads);

#endif
