/* Schedules: ends, middles, warm-up, and never 0 before the end. */
#include "learners/nn/nn_schedule.h"

#include "tests/tap.h"

static void test_range(enum nn_schedule s)
{
	bool good = true, falls = true;
	double last = 1.0;

	for (size_t t = 0; t < 100; t++) {
		double f = nn_schedule_at(s, t, 100, 0);

		good &= f > 0 && f <= 1;
		falls &= f <= last;
		last = f;
	}
	ok(good && falls, "%s: in (0, 1] and never rises",
	   nn_schedule_names[s]);
}

/* Values by hand of the formulas. */
static void test_shapes(void)
{
	ok_near(nn_schedule_at(NN_COSLOG4, 0, 150, 0), 0, 1e-5,
		"schedule: coslog4 begins at nothing");
	ok_near(nn_schedule_at(NN_COSLOG4, 10, 150, 0), 0, 1e-5,
		"schedule: and is there again at 1/15, log2(2) = 1");
	ok_near(nn_schedule_at(NN_COSLOG4, 30, 150, 0),
		0.5 * (1 - cos(2 * M_PI * log2(4.0))), 1e-5,
		"schedule: at 3/15 as well");
	ok_near(nn_schedule_at(NN_COSLOG4, 45, 150, 0),
		0.5 * (1 - cos(2 * M_PI * log2(5.5))), 1e-6,
		"schedule: between them up to 1");
	ok_near(nn_schedule_at(NN_ONE_CYCLE, 0, 100, 0), 0.04, 1e-6,
		"schedule: one cycle begins at 1/25");
	ok_near(nn_schedule_at(NN_ONE_CYCLE, 30, 100, 0), 1, 1e-6,
		"schedule: has its top at 30 %%");
	ok(nn_schedule_at(NN_ONE_CYCLE, 99, 100, 0) < 0.01,
	   "schedule: and ends near nothing");
	ok(nn_schedule_at(NN_FLAT_COS, 49, 100, 0) == 1, "schedule: flat at first");
	ok_near(nn_schedule_at(NN_FLAT_COS, 75, 100, 0), 0.5, 1e-6,
		"schedule: then half of a cosine");
}

int main(void)
{
	test_shapes();
	for (int s = NN_CONSTANT; s <= NN_LINEAR; s++)
		test_range((enum nn_schedule)s);
	ok(nn_schedule_at(NN_CONSTANT, 99, 100, 0) == 1.0, "constant: 1");
	ok_near(nn_schedule_at(NN_COSINE, 50, 100, 0), 0.5, 1e-12,
		"cosine: half at half time");
	ok_near(nn_schedule_at(NN_COSINE, 25, 100, 0), 0.5 + sqrt(0.125),
		1e-12, "cosine: (1 + cos(pi / 4)) / 2 at a quarter");
	ok_near(nn_schedule_at(NN_LINEAR, 75, 100, 0), 0.25, 1e-12,
		"linear: what is left");
	ok_near(nn_schedule_at(NN_COSINE, 0, 100, 9), 0.1, 1e-12,
		"warm-up: starts small");
	ok_near(nn_schedule_at(NN_COSINE, 9, 100, 9), 1.0, 1e-12,
		"warm-up: ends at 1");
	return tap_done();
}
