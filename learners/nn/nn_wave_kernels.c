/* An angle is counted in turns, so that reducing it is taking off the nearest
 * whole number. Of what is left, r in [-1/2, 1/2], sine and cosine of pi r come by
 * their series (|pi r| <= pi/2: the first term left out is below 1e-8), and those
 * of 2 pi r by doubling the angle. Angles beyond 2^22 turns have no digits behind
 * the point any more and count as whole.
 */
#include "learners/nn/nn_wave_kernels.h"

#include <stdbool.h>

#include "harness/base/vec.h"

static const float pi = 3.14159265359f, per_radian = 0.159154943092f;

static inline void wave(vf turns, vf *cosine, vf *sine)
{
	const float magic = 12582912.0f; /* 1.5 * 2^23 rounds to whole numbers */
	vf r = turns - ((turns + magic) - magic), a, b, s, c;

	r = blend((vu)(r * r <= 0.26f), r, splat(0.0f));
	a = pi * r;
	b = a * a;
	s = b * (1.0f / 6227020800.0f) - 1.0f / 39916800.0f;
	s = s * b + 1.0f / 362880.0f;
	s = s * b - 1.0f / 5040.0f;
	s = s * b + 1.0f / 120.0f;
	s = s * b - 1.0f / 6.0f;
	s = s * b * a + a;
	c = b * (1.0f / 479001600.0f) - 1.0f / 3628800.0f;
	c = c * b + 1.0f / 40320.0f;
	c = c * b - 1.0f / 720.0f;
	c = c * b + 1.0f / 24.0f;
	c = c * b - 0.5f;
	c = c * b + 1.0f;
	*sine = 2.0f * s * c;
	*cosine = 1.0f - 2.0f * s * s;
}

static void row(const struct nn_waves *w, float x, float *out)
{
	for (size_t k = 0; k < w->n; k += W) {
		size_t n = w->n - k;
		bool whole = n >= W;
		vf turns = x * (whole ? load(w->frequency + k) :
					load_part(w->frequency + k, n, 0));
		vf c, s;

		if (w->phase)
			turns += per_radian * (whole ? load(w->phase + k) :
						       load_part(w->phase + k, n, 0));
		wave(turns, &c, &s);
		if (whole) {
			store(out + k, c);
			store(out + w->n + k, s);
		} else {
			store_part(out + k, c, n);
			store_part(out + w->n + k, s, n);
		}
	}
}

static void waves(const struct nn_waves *w)
{
	for (size_t i = 0; i < w->rows; i++)
		row(w, w->x[i * w->x_step], w->out + i * w->out_step);
}

const struct nn_wave_kernels SIMD_NAME(nn_wave_kernels) = {
	.waves = waves,
};
