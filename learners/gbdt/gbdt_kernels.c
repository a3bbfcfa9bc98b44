/* Scores of all edges of a column, and trees walked by many rows at once. */
#include "learners/gbdt/gbdt_kernels.h"

#include <string.h>

#include "harness/base/vec.h"

/* These two are never passed to a function, so any level may use them. */
typedef int64_t v4l __attribute__((vector_size(32)));
typedef int32_t v8i __attribute__((vector_size(32)));

/* sign(g) max(|g| - l1, 0): the gradient that an L1 penalty leaves. */
static inline vf shrink(vf g, float l1)
{
	vf low = splat(-l1), high = splat(l1);
	vf inside = blend((vu)(g < low), low, blend((vu)(g > high), high, g));

	return g - inside;
}

/* Eq. 7 of Chen & Guestrin 2016 without its constants. */
static inline vf score_sides(vf gl, vf gr, vf hl, vf hr, float l2)
{
	vf dl = hl + l2, dr = hr + l2;

	/* One division for both sides. */
	return (gl * gl * dr + gr * gr * dl) / (dl * dr);
}

/* Four running sums: a prefix sum in two steps of shift and add. */
#define RUN4(x)                                                       \
	do {                                                          \
		(x) += __builtin_shufflevector(x, zero, 4, 0, 1, 2);  \
		(x) += __builtin_shufflevector(x, zero, 4, 5, 0, 1);  \
	} while (0)
#define LAST4(x) __builtin_shufflevector(x, x, 3, 3, 3, 3)

/* Running sums of the cells, taken apart: (n) each, zero-filled to pairs of
 * vectors. Eight at a time, so that the next eight wait for one add only. */
static void prefix(const struct gbdt_scan *s, const int64_t *cells, size_t n,
		   int32_t *g, int32_t *h)
{
	const v4l zero = { 0 };
	v4l carry = { s->to_left, s->to_left, s->to_left, s->to_left };
	size_t b = 0;
	int64_t sum;

	for (; b + 8 <= n; b += 8) {
		v4l x, y, all;
		v8i high, low;

		memcpy(&x, cells + b, sizeof(x));
		memcpy(&y, cells + b + 4, sizeof(y));
		RUN4(x);
		RUN4(y);
		y += LAST4(x);
		all = LAST4(y);
		x += carry;
		y += carry;
		carry += all; /* one add is all that the next eight wait for */
		high = __builtin_shufflevector((v8i)x, (v8i)y, 1, 3, 5, 7, 9,
					       11, 13, 15);
		low = __builtin_shufflevector((v8i)x, (v8i)y, 0, 2, 4, 6, 8,
					      10, 12, 14);
		memcpy(g + b, &high, sizeof(high));
		memcpy(h + b, &low, sizeof(low));
	}
	for (sum = carry[0]; b < n; b++) {
		sum += cells[b];
		g[b] = gh_gradient(sum);
		h[b] = gh_hessian(sum);
	}
	for (; b % (2 * W); b++)
		g[b] = h[b] = 0;
}

/* One vector of edges. */
struct sides {
	vf g, h;     /* of the leaf */
	vf least;    /* hessian of a side */
	float l1, l2;
};

static inline struct sides sides_of(const struct gbdt_scan *s, float l1)
{
	return (struct sides){
		.g = splat((float)gh_gradient(s->total) * GBDT_UNIT),
		.h = splat((float)gh_hessian(s->total) * GBDT_UNIT),
		.least = splat(s->least), .l1 = l1, .l2 = s->l2,
	};
}

static inline vf score_edges(const struct sides *s, const int32_t *g,
			     const int32_t *h)
{
	const vf unit = splat(GBDT_UNIT);
	vf gl, hl, gr, hr, v;
	vi gi, hi;

	memcpy(&gi, g, sizeof(gi));
	memcpy(&hi, h, sizeof(hi));
	gl = __builtin_convertvector(gi, vf) * unit;
	hl = __builtin_convertvector(hi, vf) * unit;
	gr = s->g - gl;
	hr = s->h - hl;
	v = score_sides(s->l1 > 0 ? shrink(gl, s->l1) : gl,
			s->l1 > 0 ? shrink(gr, s->l1) : gr, hl, hr, s->l2);
	return blend((vu)((hl >= s->least) & (hr >= s->least)), v, splat(-1.0f));
}

/* Scores of all edges from running sums; lanes beyond n hold sums of zero,
 * which no side may have, so they come out as -1. Two largest side by side, as
 * a comparison waits for the one before. */
static inline float scan_sums(const struct gbdt_scan *scan, const int32_t *g,
			      const int32_t *h, size_t n, float *score, float l1)
{
	const struct sides s = sides_of(scan, l1);
	vf top[2] = { splat(-1.0f), splat(-1.0f) };
	float best = -1.0f;

	for (size_t b = 0; b < n; b += 2 * W) {
#pragma GCC unroll 2
		for (size_t k = 0; k < 2; k++) {
			size_t at = b + k * W;
			vf v = score_edges(&s, g + at, h + at);

			memcpy(score + at, &v, sizeof(v));
			top[k] = blend((vu)(v > top[k]), v, top[k]);
		}
	}
	for (size_t i = 0; i < 2 * W; i++)
		best = top[i / W][i % W] > best ?
			       top[i / W][i % W] : best;
	return best;
}

/* A column of a bundle often has one edge. */
static float scan_one(const struct gbdt_scan *s, int64_t cell, float *score)
{
	int32_t g[W] __attribute__((aligned(64))) = { 0 };
	int32_t h[W] __attribute__((aligned(64))) = { 0 };
	const struct sides sides = sides_of(s, s->l1);
	vf v;

	g[0] = gh_gradient(s->to_left + cell);
	h[0] = gh_hessian(s->to_left + cell);
	v = score_edges(&sides, g, h);
	score[0] = v[0];
	return v[0];
}

/* The branch on l1 is taken once a column, not once a vector. */
static float scan(const struct gbdt_scan *s, const int64_t *cells, size_t n,
		  float *score)
{
	int32_t g[256] __attribute__((aligned(64)));
	int32_t h[256] __attribute__((aligned(64)));

	if (n == 1)
		return scan_one(s, *cells, score);
	prefix(s, cells, n, g, h);
	return s->l1 > 0 ? scan_sums(s, g, h, n, score, s->l1) :
			   scan_sums(s, g, h, n, score, 0.0f);
}

/* Rows walked side by side: a step waits for two loads that depend on each
 * other, and meanwhile the other rows take theirs. */
enum { ABREAST = 8 };

static inline uint32_t step_down(const struct tree_step *from, uint32_t at,
				 const float *x)
{
	const struct tree_step *s = &from[at];
	float v = x[s->column & TREE_COLUMN];
	uint32_t left = (v <= s->threshold) |
			((v != v) & (s->column >> TREE_MISSING_LEFT));

	return s->child[1 - left];
}

/* No branch within a step: rows that have reached a leaf
 * step on the spot until all of them have. */
static void walk(const struct tree_step *step, size_t depth, const float *x,
		 size_t cols, size_t n, uint32_t *at)
{
	size_t i = 0;

	for (; i + ABREAST <= n; i += ABREAST) {
		uint32_t a[ABREAST] = { 0 };

		uint32_t moved = 1;

		for (size_t d = 0; d < depth && moved; d++) {
			moved = 0;
			for (size_t k = 0; k < ABREAST; k++) {
				uint32_t to = step_down(step, a[k],
							x + (i + k) * cols);

				moved |= to ^ a[k];
				a[k] = to;
			}
		}
		memcpy(at + i, a, sizeof(a));
	}
	for (; i < n; i++) {
		at[i] = 0;
		for (size_t d = 0; d < depth; d++)
			at[i] = step_down(step, at[i], x + i * cols);
	}
}

const struct gbdt_kernels SIMD_NAME(gbdt_kernels) = {
	.scan = scan,
	.walk = walk,
};
