/* Multilayer perceptron: linear layers, each with an activation and dropout,
 * then the outputs.
 *
 * The defaults follow what large comparisons on tables settled on (Gorishniy et
 * al. 2021, "Revisiting deep learning models for tabular data", and Kadra et
 * al. 2021, "Well-tuned simple nets excel"): a few layers of some hundred
 * units, AdamW, a little dropout, the best epoch by the validation rows. Inputs
 * come scaled from the dense encoder.
 */
#include <math.h>

#include "learners/learner.h"
#include "learners/nn/nn_file.h"

/* Rows a shard: enough to fill a matrix product, few enough that an ordinary
 * minibatch makes work for several threads. */
#define SHARD_ROWS 64

struct mlp_config {
	int64_t layers, width, batch, epochs, patience;
	double taper, dropout, lr, weight_decay, smoothing;
	int activation, optimizer, schedule;
	bool batch_norm;
};

static const char *const activation_names[] = { "relu", "tanh", NULL };
static const struct nn_layer_type *const activations[] = { &nn_relu, &nn_tanh };

static const struct param params[] = {
	PARAM_INT(struct mlp_config, layers, 3, 0, 16, "hidden layers",
		  PARAM_LIN(1, 5)),
	PARAM_INT(struct mlp_config, width, 256, 1, 8192,
		  "units of a hidden layer", PARAM_LOG(64, 512)),
	PARAM_REAL(struct mlp_config, taper, 1, 0.01, 1,
		   "width of a hidden layer, of the one before it"),
	PARAM_CHOICE(struct mlp_config, activation, 0, activation_names,
		     "what follows a hidden layer"),
	PARAM_BOOL(struct mlp_config, batch_norm, 0,
		   "normalise each hidden layer's inputs to its activation"),
	PARAM_REAL(struct mlp_config, dropout, 0.1, 0, 0.95,
		   "share of hidden values dropped in training",
		   PARAM_LIN(0, 0.5)),
	PARAM_REAL(struct mlp_config, lr, 2e-3, 1e-8, 1e6, "learning rate",
		   PARAM_LOG(1e-4, 5e-3)),
	PARAM_REAL(struct mlp_config, weight_decay, 0.01, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-4, 0.3)),
	PARAM_REAL(struct mlp_config, smoothing, 0, 0, 0.9,
		   "label smoothing: share spread over all classes"),
	PARAM_CHOICE(struct mlp_config, optimizer, NN_ADAMW, nn_rule_names,
		     "rule of the update; sgd has Nesterov momentum 0.9"),
	PARAM_CHOICE(struct mlp_config, schedule, NN_COSINE, nn_schedule_names,
		     "learning rate over the fit"),
	PARAM_INT(struct mlp_config, batch, 256, 1, 65536,
		  "rows of a minibatch"),
	PARAM_INT(struct mlp_config, epochs, 30, 1, 100000,
		  "passes over the training rows"),
	PARAM_INT(struct mlp_config, patience, 16, 0, 100000,
		  "epochs without a better validation score before a stop; "
		  "0: none, the last weights are kept"),
	PARAM_END,
};

/* Norm before the activation, as Ioffe & Szegedy have it; dropout after. The
 * last layer starts with half the variance: no ReLU follows that halves it. */
static int build(struct nn_model *m, const void *config, size_t outputs,
		 struct error *err)
{
	const struct mlp_config *c = config;
	struct nn_net *net = &m->net;
	double width = (double)c->width;

	(void)err;
	for (int64_t k = 0; k < c->layers; k++, width *= c->taper) {
		nn_net_add(net, (struct nn_layer){
					.type = &nn_linear,
					.units = (size_t)fmax(1, width) });
		if (c->batch_norm)
			nn_net_add(net, (struct nn_layer){
						.type = &nn_batch_norm });
		nn_net_add(net, (struct nn_layer){
					.type = activations[c->activation] });
		if (c->dropout > 0.0)
			nn_net_add(net, (struct nn_layer){
						.type = &nn_dropout,
						.rate = c->dropout });
	}
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear,
					   .units = outputs, .gain = 1.0 });
	return 0;
}

static const struct nn_recipe recipe = {
	.params = params, .config_size = sizeof(struct mlp_config), .build = build,
};

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct mlp_config *c = config;
	struct nn_model *m = nn_model_new(data, SHARD_ROWS, run, err);

	if (!m || nn_model_build(m, &recipe, c, learner_outputs(data), run->arena, err))
		return err->code;
	*model = m;
	return nn_model_fit(m,
			    &(struct nn_train){
				    .batch = (size_t)c->batch,
				    .epochs = (size_t)c->epochs,
				    .patience = (size_t)c->patience,
				    .lr = c->lr,
				    .weight_decay = c->weight_decay,
				    .smoothing = c->smoothing,
				    .rule = (enum nn_rule)c->optimizer,
				    .schedule = (enum nn_schedule)c->schedule },
			    data, run, err);
}

static int load(struct model_reader *r, const struct dataset *data, void **model,
		struct error *err)
{
	return nn_file_load(&recipe, r, data, model, err);
}

const struct learner learner_mlp = {
	.name = "mlp",
	.summary = "multilayer perceptron, AdamW, early stopping",
	.family = FAMILY_NET,
	.origin = ORIGIN_OURS,
	.version = 2,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_DENSE },
	.uses_valid = true,
	.config_size = sizeof(struct mlp_config),
	.params = params,
	.fit = fit,
	.predict = nn_model_predict,
	.save = nn_file_save,
	.load = load,
};
