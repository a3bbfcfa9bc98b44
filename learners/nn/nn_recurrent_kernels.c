/* Gates are worked out together, a vector of units at a time, so that each value is
 * read and written once. */
#include "learners/nn/nn_recurrent_kernels.h"

#include "harness/base/vec.h"

/* Lanes beyond the end read 0 and are not written. */
static inline vf get(const float *x, size_t j, size_t n)
{
	return j + W <= n ? load(x + j) : load_part(x + j, n - j, 0.0f);
}

static inline void put(float *x, size_t j, size_t n, vf v)
{
	if (j + W <= n)
		store(x + j, v);
	else
		store_part(x + j, v, n - j);
}

/* Gate k, as its sums come. */
static inline vf sum_of(const struct nn_cell_step *s, size_t k, size_t j)
{
	vf x = get(s->gate + k * s->n, j, s->n);

	return s->u ? x + get(s->u + k * s->n, j, s->n) : x;
}

/* Right to about 1e-7, not relatively so near 0: gates are added to others. */
static inline vf tanh_vec(vf x)
{
	return 2.0f * sigmoid_vec(2.0f * x) - 1.0f;
}

/* Gates i, f, g, o: c = f c' + i g, h = o tanh(c). */
static void lstm(const struct nn_cell_step *s)
{
	size_t n = s->n;

	for (size_t j = 0; j < n; j += W) {
		vf i = sigmoid_vec(sum_of(s, 0, j)), f = sigmoid_vec(sum_of(s, 1, j));
		vf g = tanh_vec(sum_of(s, 2, j)), o = sigmoid_vec(sum_of(s, 3, j));
		vf c = f * get(s->kept_before, j, n) + i * g;

		put(s->gate, j, n, i);
		put(s->gate + n, j, n, f);
		put(s->gate + 2 * n, j, n, g);
		put(s->gate + 3 * n, j, n, o);
		put(s->kept, j, n, c);
		put(s->h, j, n, o * tanh_vec(c));
	}
}

static inline void put_both(const struct nn_cell_step *s, size_t k, size_t j, vf d)
{
	put(s->gate + k * s->n, j, s->n, d);
	put(s->d_u + k * s->n, j, s->n, d);
}

static void lstm_back(const struct nn_cell_step *s)
{
	size_t n = s->n;

	for (size_t j = 0; j < n; j += W) {
		vf i = get(s->gate, j, n), f = get(s->gate + n, j, n);
		vf g = get(s->gate + 2 * n, j, n), o = get(s->gate + 3 * n, j, n);
		vf t = tanh_vec(get(s->kept, j, n)), d_h = get(s->d_h, j, n);
		vf d_c = get(s->carry, j, n) + d_h * o * (1.0f - t * t);

		put_both(s, 0, j, d_c * g * i * (1.0f - i));
		put_both(s, 1, j, d_c * get(s->kept_before, j, n) * f * (1.0f - f));
		put_both(s, 2, j, d_c * i * (1.0f - g * g));
		put_both(s, 3, j, d_h * t * o * (1.0f - o));
		put(s->carry, j, n, d_c * f);
	}
}

/* Gates r, z, n: n = tanh(x + r (u + bias)), h = n + z (h' - n). */
static void gru(const struct nn_cell_step *s)
{
	size_t n = s->n;

	for (size_t j = 0; j < n; j += W) {
		vf r = sigmoid_vec(sum_of(s, 0, j)), z = sigmoid_vec(sum_of(s, 1, j));
		vf u = get(s->bias, j, n), m;

		if (s->u)
			u += get(s->u + 2 * n, j, n);
		m = tanh_vec(get(s->gate + 2 * n, j, n) + r * u);
		put(s->gate, j, n, r);
		put(s->gate + n, j, n, z);
		put(s->gate + 2 * n, j, n, m);
		put(s->kept, j, n, u);
		put(s->h, j, n, m + z * (get(s->h_before, j, n) - m));
	}
}

static void gru_back(const struct nn_cell_step *s)
{
	size_t n = s->n;

	for (size_t j = 0; j < n; j += W) {
		vf r = get(s->gate, j, n), z = get(s->gate + n, j, n);
		vf m = get(s->gate + 2 * n, j, n), u = get(s->kept, j, n);
		vf d_h = get(s->d_h, j, n), d_m = d_h * (1.0f - z) * (1.0f - m * m);

		put_both(s, 0, j, d_m * u * r * (1.0f - r));
		put_both(s, 1, j, d_h * (get(s->h_before, j, n) - m) * z * (1.0f - z));
		put(s->gate + 2 * n, j, n, d_m);
		put(s->d_u + 2 * n, j, n, d_m * r);
		put(s->kept, j, n, d_m * r);
		put(s->carry, j, n, d_h * z);
	}
}

const struct nn_recurrent_kernels SIMD_NAME(nn_recurrent_kernels) = {
	.lstm = lstm,
	.lstm_back = lstm_back,
	.gru = gru,
	.gru_back = gru_back,
};
