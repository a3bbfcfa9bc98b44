/* Smooth activations: against their formulas in double, and their gradients. */
#include "tests/nn_check.h"

#include "learners/nn/nn_smooth_kernels.h"

static double gelu(double x)
{
	return 0.5 * x * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

static double silu(double x)
{
	return x / (1 + exp(-x));
}

static double selu(double x)
{
	return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (exp(x) - 1));
}

static double mish(double x)
{
	return x * tanh(log1p(exp(x)));
}

static double (*const formula[NN_SMOOTHS])(double) = { gelu, silu, selu, mish };
static const struct nn_layer_type *const type[NN_SMOOTHS] = { &nn_gelu, &nn_silu,
							      &nn_selu, &nn_mish };

/* Lengths beside a vector's; far values, where exp overflows or vanishes. */
static void test_values(void)
{
	for (size_t k = 0; k < NN_SMOOTHS; k++) {
		double worst = 0, slope = 0;

		for (size_t n = 1; n < 40; n += 3) {
			float x[40], y[40], d[40], s[40];

			for (size_t i = 0; i < n; i++) {
				x[i] = ((float)i - (float)n / 2) * 60.0f / (float)n;
				d[i] = 2;
			}
			SIMD_PICK(nn_smooth_kernels)->value[k](x, y, n);
			SIMD_PICK(nn_smooth_kernels)->slope[k](x, d, s, n);
			for (size_t i = 0; i < n; i++) {
				double at = (double)x[i], h = 1e-5;
				double want = (formula[k](at + h) -
					       formula[k](at - h)) / h;

				worst = fmax(worst, fabs((double)y[i] -
							 formula[k](at)));
				if (fabs(at) > h) /* selu has a kink */
					slope = fmax(slope,
						     fabs((double)s[i] - want));
			}
		}
		ok(worst < 1e-5, "%s: its formula (off by %.1e)", type[k]->name,
		   worst);
		ok(slope < 1e-4, "%s: its slope (off by %.1e)", type[k]->name,
		   slope);
	}
}

static void test_far(void)
{
	const float x[4] = { -1e4f, 1e4f, NAN, 0 };
	float y[4];

	for (size_t k = 0; k < NN_SMOOTHS; k++) {
		SIMD_PICK(nn_smooth_kernels)->value[k](x, y, 4);
		ok(fabsf(y[0]) < 2 && y[1] >= 1e4f && isnan(y[2]) && y[3] == 0,
		   "%s: far values stay finite, NaN stays", type[k]->name);
	}
}

static void test_gradients(void)
{
	for (size_t k = 0; k < 2 * NN_SMOOTHS; k++) {
		struct nn_layer l = { .type = k < NN_SMOOTHS ? type[k] : &nn_parametric,
				      .base = type[k % NN_SMOOTHS] };
		struct check c;

		check_init(&c, l, (struct nn_shape){ 2, 1, 9 }, 4);
		for (size_t i = 0; i < 4 * 18; i++) /* off selu's kink */
			c.x[i] += c.x[i] < 0 ? -0.05f : 0.05f;
		for (size_t j = 0; j < c.l.params; j++)
			c.theta[j] = 0.3f + 0.2f * (float)j;
		check_gradients(&c, k < NN_SMOOTHS ? l.type->name : "parametric");
		check_free(&c);
	}
}

static void test_parametric_start(void)
{
	struct nn_layer l = { .type = &nn_parametric, .base = &nn_selu };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 1, 1, 3 }, 1);
	check_forward(&c, false);
	ok_near(c.out[1], selu((double)c.x[1]), 1e-6,
		"parametric: begins as its activation");
	ok(c.l.ranges == 1 && c.l.range[0].lr == 0.1f && !(c.l.range[0].decay > 0),
	   "parametric: learns slowly and does not decay");
	check_free(&c);
}

int main(void)
{
	test_values();
	test_far();
	test_gradients();
	test_parametric_start();
	return tap_done();
}
