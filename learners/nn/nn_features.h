/* The first layer of a net on a table: numbers and categories become vectors.
 *
 * in	a prepared row: numbers (n_num), plain columns (n_onehot), codes (n_codes)
 * out	[n_num x dim | plain columns as they are | n_codes x cat_dim]
 *
 * Kinds of embeddings of a number x, each with weights of the column's own:
 *
 * PLE (Gorishniy, Rubachev & Babenko 2022, "On embeddings for numerical features",
 *	section 3.2; "version B" of their package): x w + b + sum over bins t of
 *	e_t W_t, with e_t = (x - edge_t) / (edge_t+1 - edge_t), cut to [0, 1], but
 *	not below in the first bin nor above in the last; W begins at 0.
 * PLR (the same, section 3.3, without the ReLU, which is nn_relu behind): V' [cos 2 pi
 *	c x, sin 2 pi c x] + a, c (frequencies) normal of deviation sigma cut at 3
 *	sigma; lite: one V and a for all columns.
 * PBLD (Holzmueller et al. 2024, "Better by default", section 3): V' cos(2 pi c x +
 *	b) + a, then x itself; learns at a tenth of the rate.
 */
#ifndef TRIARCH_NN_FEATURES_H
#define TRIARCH_NN_FEATURES_H

#include "harness/base/arena.h"
#include "harness/base/error.h"
#include "learners/nn/nn_layer.h"
#include "learners/nn/nn_prepare.h"

enum nn_embedding {
	NN_EMBED_NONE, NN_EMBED_PLE, NN_EMBED_PLR, NN_EMBED_PLR_LITE, NN_EMBED_PBLD
};

struct nn_features {
	enum nn_embedding kind;
	const struct nn_prepare *prepare; /* what a row is */
	size_t dim;   /* of a number's embedding, x counted for pbld */
	size_t waves; /* plr, pbld: frequencies */
	double sigma; /* plr, pbld: of the first frequencies */
	const size_t *first; /* ple: (n_num + 1) of each number's edges; fewer
			      * than two: no bins */
	const float *edge;   /* ple: ascending */
	size_t cat_dim;
};

/* PLE's edges: quantiles of each prepared number of the training rows at even
 * shares, for at most `bins` bins, equal ones once. Sets first and edge, in the
 * arena; f->prepare is set. ERR_MEMORY. */
int nn_features_edges(struct nn_features *f, const struct dataset *data, size_t bins,
		      struct arena *a, struct error *err);

static inline size_t nn_features_numbers(const struct nn_features *f)
{
	return f->prepare->n_num * (f->kind == NN_EMBED_NONE ? 1 : f->dim);
}

/* What the file of a kind does; nn_features.c calls these. `theta` and `grad` of
 * the pass begin with the kind's weights. d_in (rows, in) may be NULL. */
struct nn_number_type {
	/* ranges, save and scratch are added to the layer's */
	void (*plan)(struct nn_layer *l, size_t rows);
	void (*init)(const struct nn_features *f, struct rng r, float *theta);
	void (*forward)(const struct nn_layer *l, const struct nn_pass *p);
	void (*backward)(const struct nn_layer *l, const struct nn_pass *p);
};
extern const struct nn_number_type nn_number_ple, nn_number_periodic;

/* For the files of kinds: a further range of the layer's weights. */
static inline void nn_features_range(struct nn_layer *l, size_t n, float lr,
				     float decay)
{
	l->range[l->ranges++] = (struct nn_range){ .n = n, .lr = lr,
						   .decay = decay };
	l->params += n;
}

#endif
