/* What the file says is checked in the order in which it is used: options by their
 * schema, shapes by the data's, and only then sizes by the net that these make. So
 * no weight is read, and no memory taken for it, before its number is known to be
 * the net's. */
#include "learners/nn/nn_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"

/* Far above any learner's, and low enough that sizes of buffers stay in range. */
#define SHARD_ROWS_MAX 65536

/* ---------------------------------------------------------------- saving */

static void save_options(const struct nn_model *m, struct model_writer *w)
{
	json_t *options = param_to_json(m->recipe->params, m->config);
	char *text = options ? json_dumps(options, JSON_COMPACT) : NULL;

	if (text)
		model_writer_text(w, "nn.options", text);
	else
		w->text.failed = true;
	free(text);
	json_decref(options);
}

static void save_scaling(const struct nn_scaling *s, struct model_writer *w)
{
	const uint64_t shape[3] = { s->shape.height, s->shape.width,
				    s->shape.channels };
	const double target[2] = { s->target_mean, s->target_sd };

	model_writer_array(w, "nn.shape", MODEL_U64, shape, 3);
	model_writer_array(w, "nn.target", MODEL_F64, target, 2);
	if (!s->by_channel)
		return;
	model_writer_array(w, "nn.shift", MODEL_F32, s->shift, s->shape.channels);
	model_writer_array(w, "nn.gain", MODEL_F32, s->gain, s->shape.channels);
}

static void save_layers(const struct nn_net *net, struct model_writer *w)
{
	const char *names[NN_LAYERS_MAX];

	for (size_t i = 0; i < net->n; i++)
		names[i] = net->layers[i].type->name;
	model_writer_count(w, "nn.layers", net->n);
	model_writer_texts(w, "nn.layer", names, net->n);
}

void nn_file_save(const void *model, const struct dataset *data,
		  struct model_writer *w)
{
	const struct nn_model *m = model;

	(void)data;
	save_options(m, w);
	save_scaling(&m->scaling, w);
	model_writer_count(w, "nn.shard_rows", m->net.shard_rows);
	save_layers(&m->net, w);
	model_writer_array(w, "nn.theta", MODEL_F32, m->net.theta, m->net.params);
	model_writer_array(w, "nn.running", MODEL_F32, m->net.running, m->net.state);
}

/* ---------------------------------------------------------------- loading */

static int load_options(struct nn_model *m, struct model_reader *r, struct error *err)
{
	void *config = arena_alloc(r->arena, 1, m->recipe->config_size);
	const char *text;
	json_t *options;
	int rc;

	if (!config)
		return arena_error(r->arena, err);
	if (model_reader_text(r, "nn.options", &text, err))
		return (int)err->code;
	param_defaults(m->recipe->params, config);
	m->config = config;
	options = json_loads(text, 0, NULL);
	if (!json_is_object(options)) {
		json_decref(options);
		return model_reader_bad(r, err, "its options are no JSON object");
	}
	rc = param_from_json(m->recipe->params, config, options, err);
	json_decref(options);
	if (!rc)
		return 0;
	error_wrap(err, "%s: options of another version", r->path);
	err->code = ERR_DATA;
	return (int)err->code;
}

/* Rows hold data->cols values: a shape of more would be read beyond their end. */
static bool fits(struct nn_shape s, const struct dataset *d)
{
	size_t pixels, all;

	if (__builtin_mul_overflow(s.height, s.width, &pixels) ||
	    __builtin_mul_overflow(pixels, s.channels, &all) || all != d->cols)
		return false;
	if (d->view == VIEW_WAVE)
		return all && s.width == 1 && s.channels == 1;
	if (d->view != VIEW_GRID)
		return s.height == 1 && s.width == 1;
	return all && s.height == d->height && s.width == d->width &&
	       s.channels == d->channels;
}

static int load_channels(struct nn_scaling *s, struct model_reader *r,
			 struct error *err)
{
	const void *shift = NULL, *gain = NULL;

	s->by_channel = model_reader_has(r, "nn.shift");
	if (!s->by_channel)
		return 0;
	if (model_reader_array(r, "nn.shift", MODEL_F32, s->shape.channels, &shift, err) ||
	    model_reader_array(r, "nn.gain", MODEL_F32, s->shape.channels, &gain, err))
		return (int)err->code;
	s->shift = (float *)(size_t)shift;
	s->gain = (float *)(size_t)gain;
	return 0;
}

static int load_scaling(struct nn_scaling *s, const struct dataset *data,
			struct model_reader *r, struct error *err)
{
	const void *shape = NULL, *target = NULL;
	const uint64_t *size;

	if (model_reader_array(r, "nn.shape", MODEL_U64, 3, &shape, err) ||
	    model_reader_array(r, "nn.target", MODEL_F64, 2, &target, err))
		return (int)err->code;
	size = shape;
	*s = (struct nn_scaling){
		.shape = { size[0], size[1], size[2] }, .weight_mean = 1.0,
		.target_mean = ((const double *)target)[0],
		.target_sd = ((const double *)target)[1], .classes = data->classes };
	if (!fits(s->shape, data))
		return model_reader_bad(r, err, "inputs of %zu x %zu x %zu for rows of "
					"%zu values", s->shape.height, s->shape.width,
					s->shape.channels, data->cols);
	return load_channels(s, r, err);
}

/* The same layers as were saved? */
static int check_layers(const struct nn_net *net, struct model_reader *r,
			struct error *err)
{
	const char *const *name;
	bool same;
	size_t n;

	if (model_reader_count(r, "nn.layers", NN_LAYERS_MAX, &n, err) ||
	    model_reader_texts(r, "nn.layer", n, &name, err))
		return (int)err->code;
	same = n == net->n;
	for (size_t i = 0; same && i < n; i++)
		same = !strcmp(name[i], net->layers[i].type->name);
	if (same)
		return 0;
	return error_set(err, ERR_DATA, "%s: made by another version of its learner, "
			 "whose net had other layers; fit it again", r->path);
}

/* Of the number that the net has, and numbers. */
static int load_floats(struct model_reader *r, const char *name, size_t n, float **out,
		       struct error *err)
{
	const void *values = NULL;

	if (model_reader_array(r, name, MODEL_F32, n, &values, err))
		return (int)err->code;
	*out = (float *)(size_t)values;
	for (size_t i = 0; i < n; i++)
		if (!isfinite((*out)[i]))
			return model_reader_bad(r, err, "number %zu of '%s' is not "
						"finite", i, name);
	return 0;
}

int nn_file_load(const struct nn_recipe *recipe, struct model_reader *r,
		 const struct dataset *data, void **model, struct error *err)
{
	struct nn_model *m = ARENA_NEW(r->arena, struct nn_model, 1);
	size_t rows = 0;

	if (!m)
		return arena_error(r->arena, err);
	m->recipe = recipe;
	if (load_options(m, r, err) || load_scaling(&m->scaling, data, r, err) ||
	    model_reader_count(r, "nn.shard_rows", SHARD_ROWS_MAX, &rows, err))
		return (int)err->code;
	if (!rows)
		return model_reader_bad(r, err, "shards of no rows");
	nn_net_init(&m->net, m->scaling.shape, rows);
	if (recipe->build(m, m->config, learner_outputs(data), err))
		return (int)error_wrap(err, "%s", r->path);
	if (check_layers(&m->net, r, err) ||
	    load_floats(r, "nn.theta", m->net.params, &m->net.theta, err) ||
	    load_floats(r, "nn.running", m->net.state, &m->net.running, err))
		return (int)err->code;
	*model = m;
	return 0;
}
