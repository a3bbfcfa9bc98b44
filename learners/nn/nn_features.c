/* The layer of a table's columns: numbers by their kind, plain columns as they are,
 * codes looked up in tables of their slots, N(0, 1) at first. */
#include "learners/nn/nn_features.h"

#include <string.h>

static const struct nn_number_type *number_type(const struct nn_features *f)
{
	switch (f->kind) {
	case NN_EMBED_PLE:
		return &nn_number_ple;
	case NN_EMBED_PLR:
	case NN_EMBED_PLR_LITE:
	case NN_EMBED_PBLD:
		return &nn_number_periodic;
	default:
		return NULL;
	}
}

/* Rows of all tables. */
static size_t table_rows(const struct nn_features *f)
{
	size_t rows = 0;

	for (size_t k = 0; k < f->prepare->n_codes; k++)
		rows += f->prepare->slots[k];
	return rows;
}

static void plan(struct nn_layer *l, size_t rows)
{
	const struct nn_features *f = l->features;

	l->out = (struct nn_shape){ 1, 1, nn_features_numbers(f) +
					  f->prepare->n_onehot +
					  f->prepare->n_codes * f->cat_dim };
	if (number_type(f))
		number_type(f)->plan(l, rows);
	nn_features_range(l, table_rows(f) * f->cat_dim, 1, 1);
}

static size_t tables_at(const struct nn_layer *l)
{
	return l->params - table_rows(l->features) * l->features->cat_dim;
}

static void init(const struct nn_layer *l, struct rng r, float *theta, float *state)
{
	size_t at = tables_at(l);

	(void)state;
	if (number_type(l->features))
		number_type(l->features)->init(l->features, rng_sub(r, 0), theta);
	rng_fill_normal(rng_sub(r, 1), 0, l->params - at, theta + at);
}

/* The row of a code; what is none counts as missing, which has the first. */
static size_t row_of(float code, size_t slots)
{
	return code >= 0 && code < (float)slots ? (size_t)code : 0;
}

/* Codes of one row -> their vectors. */
static void look_up(const struct nn_features *f, const float *table,
		    const float *codes, float *out)
{
	for (size_t k = 0; k < f->prepare->n_codes; k++) {
		memcpy(out + k * f->cat_dim,
		       table + row_of(codes[k], f->prepare->slots[k]) * f->cat_dim,
		       f->cat_dim * sizeof(*out));
		table += f->prepare->slots[k] * f->cat_dim;
	}
}

static void look_back(const struct nn_features *f, float *table,
		      const float *codes, const float *d)
{
	for (size_t k = 0; k < f->prepare->n_codes; k++) {
		float *to = table + row_of(codes[k], f->prepare->slots[k]) *
					    f->cat_dim;

		for (size_t j = 0; j < f->cat_dim; j++)
			to[j] += d[k * f->cat_dim + j];
		table += f->prepare->slots[k] * f->cat_dim;
	}
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	const struct nn_features *f = l->features;
	size_t in = f->prepare->width, out = l->out.channels, numbers = nn_features_numbers(f);

	if (number_type(f))
		number_type(f)->forward(l, p);
	for (size_t i = 0; i < p->rows; i++) {
		const float *x = p->in + i * in;
		float *y = p->out + i * out;

		if (!number_type(f))
			memcpy(y, x, f->prepare->n_num * sizeof(*y));
		memcpy(y + numbers, x + f->prepare->n_num, f->prepare->n_onehot * sizeof(*y));
		look_up(f, p->theta + tables_at(l), x + f->prepare->n_num + f->prepare->n_onehot,
			y + numbers + f->prepare->n_onehot);
	}
}

/* Codes have no slope. */
static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	const struct nn_features *f = l->features;
	size_t in = f->prepare->width, out = l->out.channels, numbers = nn_features_numbers(f);

	memset(p->grad, 0, l->params * sizeof(*p->grad));
	if (p->d_in)
		memset(p->d_in, 0, p->rows * in * sizeof(*p->d_in));
	if (number_type(f))
		number_type(f)->backward(l, p);
	for (size_t i = 0; i < p->rows; i++) {
		const float *d = p->d_out + i * out;

		look_back(f, p->grad + tables_at(l),
			  p->in + i * in + f->prepare->n_num + f->prepare->n_onehot,
			  d + numbers + f->prepare->n_onehot);
		if (!p->d_in)
			continue;
		if (!number_type(f))
			memcpy(p->d_in + i * in, d, f->prepare->n_num * sizeof(*d));
		memcpy(p->d_in + i * in + f->prepare->n_num, d + numbers,
		       f->prepare->n_onehot * sizeof(*d));
	}
}

const struct nn_layer_type nn_features = {
	.name = "features",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
