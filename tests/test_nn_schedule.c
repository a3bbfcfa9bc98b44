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

int main(void)
{
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
