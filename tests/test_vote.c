/* Votes of neighbours, worked out by hand. */
#include "learners/kernel/vote.h"
#include "tests/tap.h"

static const int32_t label[] = { 0, 1, 1, 2 };
static const float target[] = { 8, 4, 2, 100 };
/* distances 1, 2, 4 */
static const struct neighbour near[] = { { 1, 0 }, { 4, 1 }, { 16, 2 } };

static void test_classes(void)
{
	struct vote v = { .train = { .label = label }, .k = 3 };
	float p[3];

	vote_row(&v, near, 3, p);
	ok_near(p[0], 1.0 / 3, 1e-7, "vote: one of three voters");
	ok_near(p[1], 2.0 / 3, 1e-7, "vote: two of three voters");
	ok((double)p[2] == 0, "vote: a class without voters has no share");
	v.by_distance = true; /* 1, 1/2, 1/4 */
	vote_row(&v, near, 3, p);
	ok_near(p[0], 4.0 / 7, 1e-7, "vote: the nearest counts most");
	ok_near(p[1], 3.0 / 7, 1e-7, "vote: half and a quarter");
	v.k = 1;
	vote_row(&v, near, 3, p);
	ok((double)p[0] == 1, "vote: one neighbour decides alone");
}

static void test_target(void)
{
	struct vote v = { .train = { .target = target }, .k = 3 };
	float y;

	vote_row(&v, near, 1, &y);
	ok_near(y, 14.0 / 3, 1e-6, "vote: the mean target");
	v.by_distance = true;
	vote_row(&v, near, 1, &y);
	ok_near(y, (8 + 2 + 0.5) / 1.75, 1e-6, "vote: weighed by 1 / distance");
}

/* Where 1 / distance is infinite, only such neighbours are heard. */
static void test_exact(void)
{
	const struct neighbour at[] = { { 0, 1 }, { 0, 2 }, { 1, 3 } };
	struct vote v = { .train = { .target = target }, .k = 3,
			  .by_distance = true };
	float y;

	vote_row(&v, at, 1, &y);
	ok((double)y == 3, "vote: neighbours at distance 0 outvote all others");
	v.by_distance = false;
	vote_row(&v, at, 1, &y);
	ok_near(y, 106.0 / 3, 1e-5, "vote: uniform votes do not ask for distance");
}

static void test_weights(void)
{
	const float weight[] = { 0, 2, 1, 1 }, nothing[] = { 0, 0, 0, 0 };
	struct vote v = { .train = { .label = label, .weight = weight }, .k = 3 };
	float p[3], y;

	vote_row(&v, near, 3, p);
	ok((double)p[0] == 0 && (double)p[1] == 1,
	   "vote: a row of weight 0 is not heard");
	v.train = (struct part){ .target = target, .weight = weight };
	vote_row(&v, near, 1, &y);
	ok_near(y, 10.0 / 3, 1e-6, "vote: a row of weight 2 is heard twice");
	v.train = (struct part){ .label = label, .weight = nothing };
	vote_row(&v, near, 3, p);
	ok_near(p[2], 1.0 / 3, 1e-7, "vote: equal shares when nobody may vote");
}

int main(void)
{
	test_classes();
	test_target();
	test_exact();
	test_weights();
	return tap_done();
}
