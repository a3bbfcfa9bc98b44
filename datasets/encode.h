/* Encoders: raw items and a split -> one view, fitted on training rows only.
 *
 * One a file, datasets/encode_<view>.c, which defines
 *	const struct encoder encoder_<view>;
 */
#ifndef TRIARCH_ENCODE_H
#define TRIARCH_ENCODE_H

#include "datasets/dataset.h"

struct encoder {
	enum view view;
	int version; /* raise when the encoded bytes change: part of the cache key */
	unsigned modalities; /* bits: 1u << enum modality */
	int (*encode)(const struct items *items, const struct split *split,
		      int threads, struct arena *a, struct dataset *out,
		      struct error *err);
};

const struct encoder *const *encoder_all(size_t *n);

/* The encoder of a view for a modality; NULL when there is none. */
const struct encoder *encoder_find(enum view view, enum modality modality);

/* Shared by encoders: labels, targets, groups and item numbers of the rows of
 * one part (x and sparse fields are left alone). ERR_MEMORY. */
int encode_targets(const struct items *items, const uint32_t *rows, size_t n,
		   struct arena *a, struct part *out, struct error *err);

/* What every encoder starts with: *out emptied, its modality, task, view and
 * classes set, and encode_targets for the three parts. ERR_MEMORY. */
int encode_begin(const struct items *items, const struct split *split,
		 enum view view, struct arena *a, struct dataset *out,
		 struct error *err);

/* A float matrix (rows, cols) for one part, not yet filled. ERR_MEMORY. */
int encode_matrix(struct arena *a, size_t rows, size_t cols, float **x,
		  struct error *err);

/* What encoders know of a part: its rows of `items` and where they go. */
struct encode_part {
	const uint32_t *rows; /* (n) */
	size_t n;
	struct part *part;
};
/* The three parts: train, valid, test. */
void encode_parts(const struct split *split, struct dataset *out,
		  struct encode_part parts[3]);

#endif
