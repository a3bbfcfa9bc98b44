/* Adding rows to cells, scanning cells, parting rows.
 *
 * A column's bins lie side by side and a node's rows ascend, so gathering bins
 * runs forward through the cache. An item is 16 bytes, one vector add.
 */
#include "learners/forest/forest_kernels.h"

#include <string.h>

typedef int64_t v2l __attribute__((vector_size(16)));
typedef float v8f __attribute__((vector_size(32)));
typedef int32_t v8i __attribute__((vector_size(32)));

/* With so many rows most bins have some, and the mask is made from the cells at
 * the end, instead of bit by bit, each of which waits for the one before. */
enum { DENSE = 192 };

static void gather(const uint8_t *bin, const uint32_t *rows, size_t n, uint8_t *out)
{
	for (size_t k = 0; k < n; k++)
		out[k] = bin[rows[k]];
}

static inline void add_item(struct forest_item *to, const struct forest_item *what)
{
	v2l x, y;

	memcpy(&x, to, sizeof(x));
	memcpy(&y, what, sizeof(y));
	x += y;
	memcpy(to, &x, sizeof(x));
}

static inline void put(struct forest_mask *m, uint32_t bin)
{
	m->bits[bin >> 6] |= (uint64_t)1 << (bin & 63);
}

static struct forest_mask sum(struct forest_item *cell, const uint8_t *bin,
			      const uint32_t *rows,
			      const struct forest_item *item, size_t n)
{
	struct forest_mask m = { { 0 } };

	if (n < DENSE) {
		for (size_t k = 0; k < n; k++) {
			uint32_t b = bin[rows[k]];

			add_item(&cell[b], &item[k]);
			put(&m, b);
		}
		return m;
	}
	for (size_t k = 0; k < n; k++)
		add_item(&cell[bin[rows[k]]], &item[k]);
	for (uint32_t b = 0; b < 256; b++)
		m.bits[b >> 6] |= (uint64_t)(cell[b].mass != 0) << (b & 63);
	return m;
}

static struct forest_mask count(uint32_t *cell, uint64_t *mass, size_t width,
				const uint8_t *bin, const uint32_t *rows,
				const struct forest_item *item, size_t n)
{
	struct forest_mask m = { { 0 } };

	for (size_t k = 0; k < n; k++) {
		uint32_t b = bin[rows[k]];

		cell[b * width + (size_t)item[k].sum] +=
			forest_weight(item[k].mass);
		mass[b] += item[k].mass;
		if (n < DENSE)
			put(&m, b);
	}
	for (uint32_t b = 0; n >= DENSE && b < 256; b++)
		m.bits[b >> 6] |= (uint64_t)(mass[b] != 0) << (b & 63);
	return m;
}

/* The cut that has just been tried, if both sides are large enough. */
static inline void consider(struct forest_best *best, double score, uint32_t bin,
			    bool allowed)
{
	if (allowed && score > best->score)
		*best = (struct forest_best){ score, bin, bin };
}

static inline bool is_allowed(const struct forest_scan *s, uint64_t left)
{
	uint64_t right = s->total.mass - left;

	return forest_rows(left) >= s->least && forest_rows(right) >= s->least;
}

/* With d = left sum - left weight * the node's mean, the squared error falls by
 * d^2 / (weight left * weight right) times the node's weight: one division, and
 * no sum after a product of floats. */
static struct forest_best scan_sums(const struct forest_scan *s,
				    const struct forest_item *cell,
				    const struct forest_mask *m,
				    struct forest_item left)
{
	struct forest_best best = { .score = -1 };
	double weight = forest_weight(s->total.mass);
	bool pending = false;

	for (int w = 0; w < 4; w++) {
		for (uint64_t bits = m->bits[w]; bits; bits &= bits - 1) {
			uint32_t b = 64 * (uint32_t)w +
				     (uint32_t)__builtin_ctzll(bits);
			double l, d;

			if (pending)
				best.next = b;
			add_item(&left, &cell[b]);
			l = forest_weight(left.mass);
			d = (double)(left.sum * s->scale -
				     (int64_t)forest_weight(left.mass) *
					     s->shift);
			pending = is_allowed(s, left.mass) &&
				  d * d > best.score * (l * (weight - l));
			if (pending)
				best = (struct forest_best){
					d * d / (l * (weight - l)), b, b };
		}
	}
	return best;
}

/* Vectors of this width go by address: the baseline has no register for them,
 * and compilers warn of the calling convention. */
static inline float add_lanes(const v8f *p)
{
	const v8f x = *p;

	return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

static inline void add_counts(v8f *to, const uint32_t *cell)
{
	v8i x;

	memcpy(&x, cell, sizeof(x));
	*to += __builtin_convertvector(x, v8f);
}

/* `groups` is a constant where this is called, so that the running counts of
 * all classes stay in registers. */
static inline __attribute__((always_inline)) struct forest_best
scan_groups(const struct forest_scan *s, const uint32_t *cell,
	    const uint64_t *mass, const struct forest_mask *m, int left,
	    const size_t groups)
{
	struct forest_best best = { .score = -1 };
	v8f l[4] = { { 0 } }, t[4];
	uint64_t at = left < 0 ? 0 : mass[left];
	bool pending = false;

	memcpy(t, s->class_total, groups * sizeof(v8f));
	for (size_t g = 0; left >= 0 && g < groups; g++)
		add_counts(&l[g], cell + (size_t)left * s->width + 8 * g);
	for (int w = 0; w < 4; w++) {
		for (uint64_t bits = m->bits[w]; bits; bits &= bits - 1) {
			uint32_t b = 64 * (uint32_t)w +
				     (uint32_t)__builtin_ctzll(bits);
			v8f ll = { 0 }, rr = { 0 };
			double before = best.score;

			if (pending)
				best.next = b;
			at += mass[b];
			for (size_t g = 0; g < groups; g++) {
				add_counts(&l[g], cell + b * s->width + 8 * g);
				ll += l[g] * l[g];
				rr += (t[g] - l[g]) * (t[g] - l[g]);
			}
			consider(&best,
				 (double)(add_lanes(&ll) /
						  (float)forest_weight(at) +
					  add_lanes(&rr) /
						  (float)forest_weight(
							  s->total.mass - at)),
				 b, is_allowed(s, at));
			pending = best.score > before;
		}
	}
	return best;
}

static struct forest_best scan_counts(const struct forest_scan *s,
				      const uint32_t *cell, const uint64_t *mass,
				      const struct forest_mask *m, int left)
{
	switch (s->width / FOREST_LANES) {
	case 1:
		return scan_groups(s, cell, mass, m, left, 1);
	case 2:
		return scan_groups(s, cell, mass, m, left, 2);
	case 3:
		return scan_groups(s, cell, mass, m, left, 3);
	default:
		return scan_groups(s, cell, mass, m, left, 4);
	}
}

static void range(const uint8_t *bin, size_t n, uint8_t *low, uint8_t *high)
{
	uint8_t l = 255, h = 0;

	for (size_t k = 0; k < n; k++) {
		l = bin[k] < l ? bin[k] : l;
		h = bin[k] > h ? bin[k] : h;
	}
	*low = l;
	*high = h;
}

/* A drawn cut parts rows at random, so a branch would be guessed wrong half of
 * the time: what stays on the right adds nothing instead. */
static inline uint64_t below(uint8_t bin, uint8_t cut, uint8_t also)
{
	return -(uint64_t)((bin <= cut) | (bin == also));
}

static struct forest_item sum_below(const uint8_t *bin,
				    const struct forest_item *item, size_t n,
				    uint8_t cut, uint8_t also)
{
	struct forest_item left = { 0 };

	for (size_t k = 0; k < n; k++) {
		uint64_t take = below(bin[k], cut, also);

		left.sum += item[k].sum & (int64_t)take;
		left.mass += item[k].mass & take;
	}
	return left;
}

static uint64_t count_below(const uint8_t *bin, const struct forest_item *item,
			    size_t n, uint8_t cut, uint8_t also, uint32_t *left)
{
	uint64_t mass = 0;

	for (size_t k = 0; k < n; k++) {
		uint64_t m = item[k].mass & below(bin[k], cut, also);

		left[item[k].sum] += forest_weight(m);
		mass += m;
	}
	return mass;
}

/* No branch: a row is written to both sides and one of them moves on. What goes
 * left can be written in place, since it never overtakes the row being read. */
static size_t part(const uint8_t *bin, const uint8_t goes[256], uint32_t *rows,
		   struct forest_item *item, size_t n, uint32_t *spare_rows,
		   struct forest_item *spare_item)
{
	size_t l = 0, r = 0;

	for (size_t k = 0; k < n; k++) {
		uint32_t row = rows[k];
		size_t left = goes[bin[row]];
		v2l x;

		memcpy(&x, &item[k], sizeof(x));
		rows[l] = row;
		memcpy(&item[l], &x, sizeof(x));
		spare_rows[r] = row;
		memcpy(&spare_item[r], &x, sizeof(x));
		l += left;
		r += 1 - left;
	}
	memcpy(rows + l, spare_rows, r * sizeof(*rows));
	memcpy(item + l, spare_item, r * sizeof(*item));
	return l;
}

const struct forest_kernels SIMD_NAME(forest_kernels) = {
	.gather = gather,
	.sum = sum,
	.count = count,
	.scan_sums = scan_sums,
	.scan_counts = scan_counts,
	.range = range,
	.sum_below = sum_below,
	.count_below = count_below,
	.part = part,
};
