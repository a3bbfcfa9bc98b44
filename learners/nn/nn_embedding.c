/* Token ids -> vectors, plus one for each position: input (positions, 1, 1), ids
 * as floats; out (positions, 1, units). theta: the table (vocab, units), then
 * positions (height, units), which are learnt or, with `sines`, stay. `rate` is the
 * share of tokens that training shows as id 0, the unknown word: words that a small
 * set has but once cannot be relied on (Iyyer et al. 2015, "Deep unordered
 * composition", section 2.3, "word dropout"). The last id is spared: it is the start
 * token's (nn_tokens.h). */
#include <math.h>
#include <string.h>

#include "harness/base/simd.h"
#include "learners/nn/nn_layer.h"

static void plan(struct nn_layer *l, size_t rows)
{
	l->out = (struct nn_shape){ l->in.height, 1, l->units };
	l->params = (l->vocab + l->in.height) * l->units;
	/* Of an id that a minibatch lacks nothing is known: no decay. */
	l->range[0] = (struct nn_range){ .n = l->vocab * l->units, .lr = 1 };
	l->range[1] = (struct nn_range){ .n = l->in.height * l->units,
					 .lr = l->sines ? 0 : 1 };
	l->ranges = 2;
	l->save = rows * l->in.height; /* the ids that were shown */
}

/* Vaswani et al. 2017, section 3.5, to the length that learned ones begin with. */
static float sine_at(size_t position, size_t j, size_t units)
{
	double turn = pow(10000.0, -(double)(j - j % 2) / (double)units);
	double angle = (double)position * turn;

	return (float)((j % 2 ? cos(angle) : sin(angle)) /
		       sqrt(2.0 * (double)units));
}

/* A vector has length about 1 and a position half of that. */
static void init(const struct nn_layer *l, struct rng r, float *theta, float *state)
{
	size_t table = l->vocab * l->units;
	float scale = 1.0f / sqrtf((float)l->units);

	(void)state;
	rng_fill_normal(r, 0, l->params, theta);
	for (size_t i = 0; i < l->params; i++)
		theta[i] *= i < table ? scale : 0.5f * scale;
	for (size_t k = 0; l->sines && k < l->in.height; k++)
		for (size_t j = 0; j < l->units; j++)
			theta[table + k * l->units + j] = sine_at(k, j, l->units);
}

static size_t shown(const struct nn_layer *l, const struct nn_pass *p, size_t row,
		    size_t k, float value)
{
	size_t id = (size_t)value;
	size_t index = (p->first_row + row) * l->in.height + k;

	if (!p->train || l->rate <= 0.0 || id + 1 == l->vocab)
		return id;
	return rng_uniform(p->rng, index) < l->rate ? 0 : id;
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->units;
	const float *position = p->theta + l->vocab * c;

	for (size_t i = 0; i < p->rows; i++) {
		size_t at = nn_pass_start(p, l->in, i);
		size_t n = nn_pass_start(p, l->in, i + 1) - at;

		for (size_t k = 0; k < n; k++) {
			size_t id = shown(l, p, i, k, p->in[at + k]);
			float *to = p->out + (at + k) * c;

			p->save[at + k] = (float)id;
			for (size_t j = 0; j < c; j++)
				to[j] = p->theta[id * c + j] +
					position[k * c + j];
		}
	}
}

/* Ids have no gradient. */
static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	const struct vec_kernels *vec = simd_vec();
	size_t c = l->units;
	float *position = p->grad + l->vocab * c;

	memset(p->grad, 0, l->params * sizeof(*p->grad));
	for (size_t i = 0; i < p->rows; i++) {
		size_t at = nn_pass_start(p, l->in, i);
		size_t n = nn_pass_start(p, l->in, i + 1) - at;

		for (size_t k = 0; k < n; k++) {
			const float *d = p->d_out + (at + k) * c;

			vec->axpy(1.0f, d,
				  p->grad + (size_t)p->save[at + k] * c, c);
			if (!l->sines)
				vec->axpy(1.0f, d, position + k * c, c);
		}
	}
	if (p->d_in)
		memset(p->d_in, 0, nn_pass_values(p, l->in) * sizeof(*p->d_in));
}

const struct nn_layer_type nn_embedding = {
	.name = "embedding",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
