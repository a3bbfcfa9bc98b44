/* A small residual net: a first convolution, stages of residual blocks at half the
 * size and twice the channels each, a global average, the outputs: the CIFAR nets
 * of He et al. 2016, "Deep residual learning for image recognition", section 4.2,
 * with projections where shapes change (their option B).
 */
#include "learners/learner.h"
#include "learners/nn/nn_file.h"
#include "learners/nn/nn_recipe.h"

#define SHARD_ROWS 16	 /* also the batch of the norm's statistics */
#define PIXELS_MAX 1024	 /* of the first stage, where the stem's stride is left */
#define BLOCK_ENTRIES 11 /* of the chain: see add_block */
#define OTHER_ENTRIES 8

struct image_resnet_config {
	int64_t stages, blocks, channels, stem;
	double dropout;
	struct nn_augment augment;
	NN_RECIPE;
};

static const struct param params[] = {
	PARAM_INT(struct image_resnet_config, stages, 3, 1, 4,
		  "stages, each of half the size of the one before it"),
	PARAM_INT(struct image_resnet_config, blocks, 1, 1, 9,
		  "residual blocks of a stage", PARAM_LIN(1, 3)),
	PARAM_INT(struct image_resnet_config, channels, 32, 1, 256,
		  "channels of the first stage; each next one has twice as many",
		  PARAM_LOG(16, 64)),
	PARAM_INT(struct image_resnet_config, stem, 0, 0, 16,
		  "stride of the first convolution; 0: the least that leaves "
		  "at most 1024 pixels"),
	PARAM_REAL(struct image_resnet_config, dropout, 0, 0, 0.95,
		   "share of the last averages dropped in training",
		   PARAM_LIN(0, 0.5)),
	PARAM_REAL(struct image_resnet_config, lr, 5e-3, 1e-8, 1e6,
		   "learning rate", PARAM_LOG(5e-4, 2e-2)),
	PARAM_REAL(struct image_resnet_config, weight_decay, 0.1, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-2, 1)),
	NN_AUGMENT_PARAMS(struct image_resnet_config),
	NN_RECIPE_PARAMS(struct image_resnet_config, NN_COSINE, 64, 8, 0, 0.2, 0,
			 0),
	PARAM_END,
};

static void add_conv(struct nn_net *net, size_t units, size_t window, size_t stride)
{
	nn_net_add(net, (struct nn_layer){ .type = &nn_conv2d, .units = units,
					   .window = window, .pad = window / 2,
					   .stride = stride });
	nn_net_add(net, (struct nn_layer){ .type = &nn_batch_norm });
}

static void add_relu(struct nn_net *net)
{
	nn_net_add(net, (struct nn_layer){ .type = &nn_relu });
}

static void add_block(struct nn_net *net, size_t units, size_t stride)
{
	bool same = stride == 1 && net->out.channels == units;

	nn_net_fork(net);
	add_conv(net, units, 3, stride);
	add_relu(net);
	add_conv(net, units, 3, 1);
	nn_net_next(net);
	if (!same)
		add_conv(net, units, 1, stride);
	nn_net_join(net);
	add_relu(net);
}

static size_t stem_of(const struct image_resnet_config *c, struct nn_shape image)
{
	size_t k = 1;

	if (c->stem)
		return (size_t)c->stem;
	while (image.height / k * (image.width / k) > PIXELS_MAX)
		k++;
	return k;
}

static int build(struct nn_model *m, const void *config, size_t outputs,
		 struct error *err)
{
	const struct image_resnet_config *c = config;
	struct nn_net *net = &m->net;
	size_t units = (size_t)c->channels;

	if (c->stages * c->blocks * BLOCK_ENTRIES + OTHER_ENTRIES > NN_LAYERS_MAX)
		return error_set(err, ERR_UNSUPPORTED, "stages * blocks is at most %d",
				 (NN_LAYERS_MAX - OTHER_ENTRIES) / BLOCK_ENTRIES);
	add_conv(net, units, 3, stem_of(c, net->in));
	add_relu(net);
	for (int64_t s = 0; s < c->stages; s++, units *= 2)
		for (int64_t k = 0; k < c->blocks; k++)
			add_block(net, units, s && !k ? 2 : 1);
	nn_net_add(net, (struct nn_layer){ .type = &nn_global_pool });
	if (c->dropout > 0.0)
		nn_net_add(net, (struct nn_layer){ .type = &nn_dropout,
						   .rate = c->dropout });
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .units = outputs,
					   .gain = 1.0 });
	return 0;
}

static const struct nn_recipe recipe = {
	.params = params, .config_size = sizeof(struct image_resnet_config),
	.build = build,
};

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct image_resnet_config *c = config;
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

const struct learner learner_image_resnet = {
	.name = "image_resnet",
	.summary = "small residual net of 3 x 3 convolutions",
	.version = 2,
	.views = { VIEW_GRID },
	NN_LEARNER(struct image_resnet_config),
	.save = nn_file_save,
	.load = load,
};
