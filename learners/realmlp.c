/* RealMLP (Holzmueller, Grinsztajn & Steinwart 2024, "Better by default: strong
 * pre-tuned MLPs and boosted trees on tabular data"), with their defaults for
 * classification and regression: robust scaling, periodic embeddings, a weight for
 * each input, NTK parametrisation started from data, parametric activations,
 * dropout and decay that fade, a learning rate in four waves, the last best epoch.
 *
 * `simple` is their RealMLP-TD-S: no embeddings, dropout, decay or parametric
 * activations. Numbers 0 of lr stand for the task's own. */
#include "learners/learner.h"
#include "learners/nn/nn_recipe.h"

#define SHARD_ROWS 128

struct realmlp_config {
	NN_RECIPE;
	int64_t layers, width;
	double dropout;
	bool simple;
};

static const struct param params[] = {
	PARAM_INT(struct realmlp_config, layers, 3, 1, 16, "hidden layers",
		  PARAM_LIN(1, 5)),
	PARAM_INT(struct realmlp_config, width, 256, 1, 8192,
		  "units of a hidden layer", PARAM_LOG(64, 512)),
	PARAM_BOOL(struct realmlp_config, simple, 0,
		   "the simple variant, TD-S"),
	PARAM_REAL(struct realmlp_config, dropout, 0.15, 0, 0.95,
		   "share of hidden values dropped at first",
		   PARAM_LIN(0, 0.5)),
	PARAM_REAL(struct realmlp_config, lr, 0, 0, 1e6,
		   "learning rate; 0: 0.04 for classes, 0.2 for numbers (simple: "
		   "0.07)", PARAM_LOG(0.02, 0.3)),
	PARAM_REAL(struct realmlp_config, weight_decay, 0.02, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-3, 0.2)),
	NN_RECIPE_PARAMS(struct realmlp_config, NN_COSLOG4, 256, 256, 100000, 0, 0.1,
			 0),
	PARAM_END,
};

static void add_hidden(struct nn_net *net, const struct realmlp_config *c,
		       const struct nn_layer_type *activation)
{
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .ntk = true,
					   .from_data = !c->simple,
					   .units = (size_t)c->width });
	nn_net_add(net, (struct nn_layer){
				.type = c->simple ? activation : &nn_parametric,
				.base = activation });
	if (c->dropout > 0 && !c->simple)
		nn_net_add(net, (struct nn_layer){ .type = &nn_dropout,
						   .rate = c->dropout });
}

static int add_layers(struct nn_model *m, const struct realmlp_config *c,
		      const struct dataset *data, struct run *run, struct error *err)
{
	struct nn_features f = { .kind = c->simple ? NN_EMBED_NONE : NN_EMBED_PBLD,
				 .dim = 4, .waves = 16, .sigma = 0.1, .cat_dim = 8 };
	bool classify = data->task == TASK_CLASSIFICATION;

	if (nn_model_add_features(m, &f, 0, data, run, err))
		return (int)err->code;
	nn_net_add(&m->net, (struct nn_layer){ .type = &nn_scale });
	for (int64_t k = 0; k < c->layers; k++)
		add_hidden(&m->net, c, classify ? &nn_selu : &nn_mish);
	nn_net_add(&m->net, (struct nn_layer){ .type = &nn_linear, .ntk = true,
					       .units = learner_outputs(data),
					       .from_data = !c->simple,
					       .gain = c->simple ? 1 : 0 });
	return 0;
}

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	struct realmlp_config c = *(const struct realmlp_config *)config;
	struct nn_model *m = nn_model_of_table(data, NN_ROBUST, 9, SHARD_ROWS, run,
					       err);
	bool classify = data->task == TASK_CLASSIFICATION;

	if (!m || add_layers(m, &c, data, run, err))
		return (int)err->code;
	if (!(c.lr > 0))
		c.lr = classify ? 0.04 : c.simple ? 0.07 : 0.2;
	if (c.simple)
		c.weight_decay = 0;
	m->clamp = true;
	*model = m;
	return nn_model_fit(m, NN_TRAIN(&c, .beta2 = 0.95, .fade = true,
				    .last_best = true), data, run,
			    err);
}

const struct learner learner_realmlp = {
	.name = "realmlp",
	.summary = "RealMLP-TD: a perceptron with strong defaults",
	.version = 1,
	.views = { VIEW_TABLE },
	NN_LEARNER(struct realmlp_config),
};
