/* All from one exp a value.
 *
 *	gelu	x s(1.595769 (x + 0.044715 x^3)), Hendrycks & Gimpel 2016, section 2:
 *		their form by tanh, as tanh(u) = 2 s(2 u) - 1; s is the logistic
 *	silu	x s(x), the same, section 4
 *	selu	1.0507 x, or 1.7581 (e^x - 1) below 0: Klambauer et al. 2017
 *	mish	x tanh(log(1 + e^x)), Misra 2019; with w = e^x (e^x + 2) the tanh is
 *		w / (w + 2)
 */
#include "learners/nn/nn_smooth_kernels.h"

#include "harness/base/vec.h"

static const float gelu_a = 1.5957691216f, gelu_b = 0.044715f * 1.5957691216f;
static const float selu_l = 1.0507009874f, selu_la = 1.7580993408f;

static inline vf gelu(vf x)
{
	return x * sigmoid_vec(x * (gelu_a + gelu_b * x * x));
}

static inline vf gelu_slope(vf x)
{
	vf s = sigmoid_vec(x * (gelu_a + gelu_b * x * x));

	return s + x * s * (1.0f - s) * (gelu_a + 3.0f * gelu_b * x * x);
}

static inline vf silu(vf x)
{
	return x * sigmoid_vec(x);
}

static inline vf silu_slope(vf x)
{
	vf s = sigmoid_vec(x);

	return s * (1.0f + x * (1.0f - s));
}

static inline vf selu(vf x)
{
	return blend((vu)(x > 0.0f), selu_l * x, selu_la * (exp_vec(x) - 1.0f));
}

static inline vf selu_slope(vf x)
{
	return blend((vu)(x > 0.0f), splat(selu_l), selu_la * exp_vec(x));
}

/* Beyond 20 the tanh is 1 and e^2x not far from overflow. */
static inline vf mish_tanh(vf x, vf *e)
{
	vf w;

	*e = exp_vec(blend((vu)(x > 20.0f), splat(20.0f), x));
	w = *e * (*e + 2.0f);
	return w / (w + 2.0f);
}

static inline vf mish(vf x)
{
	vf e;

	return x * mish_tanh(x, &e);
}

/* tanh(u)' = (1 - tanh^2) u' with u = log(1 + e^x), u' = e^x / (1 + e^x). */
static inline vf mish_slope(vf x)
{
	vf e, t = mish_tanh(x, &e);

	return t + x * (1.0f - t * t) * e / (1.0f + e);
}

#define KERNELS(f)                                                              \
	static void f##_value(const float *x, float *y, size_t n)               \
	{                                                                       \
		size_t i = 0;                                                   \
									        \
		for (; i + W <= n; i += W)                                      \
			store(y + i, f(load(x + i)));                           \
		if (i < n)                                                      \
			store_part(y + i, f(load_part(x + i, n - i, 0)), n - i);\
	}                                                                       \
	static void f##_back(const float *x, const float *d, float *y, size_t n)\
	{                                                                       \
		size_t i = 0;                                                   \
									        \
		for (; i + W <= n; i += W)                                      \
			store(y + i, load(d + i) * f##_slope(load(x + i)));     \
		if (i < n)                                                      \
			store_part(y + i, load_part(d + i, n - i, 0) *          \
				   f##_slope(load_part(x + i, n - i, 0)), n - i);\
	}
KERNELS(gelu)
KERNELS(silu)
KERNELS(selu)
KERNELS(mish)

const struct nn_smooth_kernels SIMD_NAME(nn_smooth_kernels) = {
	.value = { gelu_value, silu_value, selu_value, mish_value },
	.slope = { gelu_back, silu_back, selu_back, mish_back },
};
