/* Batch norm: statistics, gradient, prediction, and rows without spread. */
#include "tests/nn_check.h"

static void moments(const float *x, size_t n, size_t cols, size_t j,
		    double *mean, double *variance)
{
	*mean = *variance = 0;
	for (size_t i = 0; i < n; i++)
		*mean += (double)x[i * cols + j] / (double)n;
	for (size_t i = 0; i < n; i++)
		*variance += ((double)x[i * cols + j] - *mean) *
			     ((double)x[i * cols + j] - *mean) / (double)n;
}

static void test_train(void)
{
	struct nn_layer l = { .type = &nn_batch_norm };
	struct check c;
	double mean, variance, got_mean, got_variance;

	check_init(&c, l, (struct nn_shape){ 3, 2, 4 }, 50);
	for (size_t i = 0; i < 300; i++)
		c.x[i * 4 + 1] = 3.0f * c.x[i * 4 + 1] + 5.0f;
	c.theta[1] = 2.0f;
	c.theta[4 + 1] = -1.0f;
	check_forward(&c, true);
	moments(c.out, 300, 4, 1, &mean, &variance);
	ok_near(mean, -1, 1e-5, "batch_norm: outputs have the shift as mean");
	ok_near(variance, 4, 1e-3, "batch_norm: and the gain as deviation");
	moments(c.x, 300, 4, 1, &mean, &variance);
	got_mean = (double)c.batch_state[1];
	got_variance = (double)c.batch_state[4 + 1];
	ok(fabs(got_mean - mean) < 1e-5 &&
		   fabs(got_variance - variance) < 1e-4,
	   "batch_norm: tells the statistics of the shard");
	check_free(&c);
}

static void test_gradient(void)
{
	struct nn_layer l = { .type = &nn_batch_norm };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 2, 2, 3 }, 6);
	for (size_t j = 0; j < 6; j++)
		c.theta[j] = 0.5f + 0.3f * (float)j;
	check_gradients(&c, "batch_norm of pixels");
	check_free(&c);
	check_init(&c, l, (struct nn_shape){ 1, 1, 70 }, 5);
	check_gradients(&c, "batch_norm of rows");
	check_free(&c);
}

static void test_predict(void)
{
	struct nn_layer l = { .type = &nn_batch_norm };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 1, 1, 2 }, 3);
	c.state[0] = 1.0f; /* mean of channel 0 */
	c.state[2] = 4.0f; /* its variance */
	check_forward(&c, false);
	ok_near(c.out[2], ((double)c.x[2] - 1) / 2, 1e-5,
		"batch_norm: prediction uses the running statistics");
	check_free(&c);
}

static void test_flat(void)
{
	struct nn_layer l = { .type = &nn_batch_norm };
	struct check c;
	bool finite = true;

	check_init(&c, l, (struct nn_shape){ 1, 1, 3 }, 1);
	check_backward(&c);
	/* x is taken 316 fold (1 / sqrt(1e-5)) before its mean leaves again */
	for (size_t j = 0; j < 3; j++)
		finite &= isfinite(c.d_in[j]) && fabsf(c.out[j]) < 1e-3f;
	ok(finite, "batch_norm: a single value is its mean, and stays finite");
	check_free(&c);
}

int main(void)
{
	test_train();
	test_gradient();
	test_predict();
	test_flat();
	return tap_done();
}
