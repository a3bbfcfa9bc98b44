/* From gradients to weights: AdamW (Loshchilov & Hutter 2019), SGD with Nesterov
 * momentum, Muon (nn_muon.h); clipping, and a running mean of the weights. */
#ifndef TRIARCH_NN_OPTIMIZER_H
#define TRIARCH_NN_OPTIMIZER_H

#include "learners/nn/nn_muon.h"
#include "learners/nn/nn_table.h"

/* Muon takes the matrices of hidden layers, the first one's among them; AdamW, at
 * NN_MUON_REST of the rate, the last matrix (the outputs') and all that is none. */
enum nn_rule { NN_ADAMW, NN_SGD, NN_MUON };

/* For a PARAM_CHOICE, in the order of the enum; NULL ends it. */
extern const char *const nn_rule_names[];

/* A run of weights that are updated alike, small enough for one task. */
struct nn_group {
	size_t at, n;
	float lr, decay; /* factors */
	bool matrix;	 /* part of one that Muon takes */
};

struct nn_optimizer {
	enum nn_rule rule;
	double decay;		 /* of weights, not of biases and norms */
	double beta1, beta2;	 /* beta1 is sgd's momentum */
	float *m, *v;		 /* (params) */
	double eps;
	double clip;	/* the gradient's norm is cut down to this; 0: never */
	double average; /* share of the past in `ema` a step; 0: none is kept */
	float *ema;	/* (params) running mean of the weights */
	double *squares; /* (n_groups) */
	struct nn_group *groups; /* (n_groups) */
	size_t n_groups, steps;
	struct nn_matrix *matrices; /* (n_matrices) of muon */
	size_t n_matrices;
	struct nn_table *table; /* whose rows are updated where they were touched;
				 * NULL: the net's is updated as all weights are */
	size_t table_groups;	/* of this step */
};

/* Moments and groups for a net, in the arena. `o` holds the rule and what belongs
 * to it, and the table; zero for beta1, beta2 and eps stands for 0.9, 0.999 and 1e-8. The mean
 * of weights begins with those that the net has now. ERR_MEMORY. */
int nn_optimizer_init(struct nn_optimizer *o, const struct nn_net *net,
		      struct arena *a, struct error *err);

/* One step on net->theta from the gradients (shards, params), which are added
 * in shard order and may be spoilt. Same bits on any number of threads. */
void nn_optimizer_step(struct nn_optimizer *o, struct nn_net *net, float *grad,
		       size_t shards, double lr, int threads);

#endif
