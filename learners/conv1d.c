/* A net on the samples of a sound: a first convolution with a long window, which
 * learns filters, then short ones, each pooled by four, and an average over time:
 * M5 of Dai et al. 2017, "Very deep convolutional neural networks for raw
 * waveforms", table 1, with fewer channels.
 */
#include "learners/learner.h"
#include "learners/nn/nn_file.h"
#include "learners/nn/nn_recipe.h"

#define SHARD_ROWS 16 /* also the batch of the norm's statistics */
#define POOL 4

struct conv1d_config {
	int64_t blocks, channels, window, stride;
	double dropout;
	struct nn_augment augment;
	NN_RECIPE;
};

static const struct param params[] = {
	PARAM_INT(struct conv1d_config, blocks, 4, 1, 8,
		  "convolutions; from the third on each has twice the channels "
		  "of the one before it", PARAM_LIN(3, 5)),
	PARAM_INT(struct conv1d_config, channels, 32, 1, 256,
		  "channels of the first convolution", PARAM_LOG(16, 64)),
	PARAM_INT(struct conv1d_config, window, 80, 1, 4096,
		  "samples in a window of the first convolution",
		  PARAM_LOG(20, 160)),
	PARAM_INT(struct conv1d_config, stride, 4, 1, 1024,
		  "samples from one window to the next"),
	PARAM_REAL(struct conv1d_config, dropout, 0.2, 0, 0.95,
		   "share of the last averages dropped in training",
		   PARAM_LIN(0, 0.5)),
	PARAM_REAL(struct conv1d_config, lr, 3e-3, 1e-8, 1e6, "learning rate",
		   PARAM_LOG(5e-4, 2e-2)),
	PARAM_REAL(struct conv1d_config, weight_decay, 0.1, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-2, 1)),
	NN_AUGMENT_PARAMS(struct conv1d_config),
	NN_RECIPE_PARAMS(struct conv1d_config, NN_COSINE, 32, 20, 0, 0.1, 0, 0),
	PARAM_END,
};

/* Pooling before the norm and the ReLU, as cnn has it. A wave shorter than the
 * first window is given a rim of half of it, which is enough for one window. */
static void add_block(struct nn_net *net, size_t units, size_t window,
		      size_t stride)
{
	nn_net_add(net, (struct nn_layer){ .type = &nn_conv1d, .units = units,
					   .window = window, .pad = window / 2,
					   .stride = stride });
	nn_net_add(net, (struct nn_layer){ .type = &nn_max_pool, .window = POOL });
	nn_net_add(net, (struct nn_layer){ .type = &nn_batch_norm });
	nn_net_add(net, (struct nn_layer){ .type = &nn_relu });
}

static int build(struct nn_model *m, const void *config, size_t outputs,
		 struct error *err)
{
	const struct conv1d_config *c = config;
	struct nn_net *net = &m->net;
	size_t units = (size_t)c->channels;

	(void)err;
	add_block(net, units, (size_t)c->window, (size_t)c->stride);
	for (int64_t k = 1; k < c->blocks; k++) {
		add_block(net, units, 3, 1);
		if (k < c->blocks - 1)
			units *= 2;
	}
	nn_net_add(net, (struct nn_layer){ .type = &nn_global_pool });
	if (c->dropout > 0.0)
		nn_net_add(net, (struct nn_layer){ .type = &nn_dropout,
						   .rate = c->dropout });
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .units = outputs,
					   .gain = 1.0 });
	return 0;
}

static const struct nn_recipe recipe = {
	.params = params, .config_size = sizeof(struct conv1d_config),
	.build = build,
};

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct conv1d_config *c = config;
	struct nn_model *m = nn_model_new(data, SHARD_ROWS, run, err);

	if (!m || nn_model_build(m, &recipe, c, learner_outputs(data), run->arena, err))
		return err->code;
	*model = m;
	return nn_model_fit(m, NN_TRAIN(c, .augment = c->augment), data, run, err);
}

static int load(struct model_reader *r, const struct dataset *data, void **model,
		struct error *err)
{
	return nn_file_load(&recipe, r, data, model, err);
}

const struct learner learner_conv1d = {
	.name = "conv1d",
	.summary = "convolutions on the samples of a sound",
	.version = 1,
	.views = { VIEW_WAVE },
	NN_LEARNER(struct conv1d_config),
	.save = nn_file_save,
	.load = load,
};
