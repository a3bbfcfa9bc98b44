#include "harness/base/rng.h"

#include "tests/tap.h"

/* kat_vectors of Random123 1.14 for philox4x32-10. */
static const struct {
	uint32_t counter[4], key[2], want[4];
} vectors[] = {
	{ { 0, 0, 0, 0 },
	  { 0, 0 },
	  { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
	{ { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
	  { 0xffffffff, 0xffffffff },
	  { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
	{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
	  { 0xa4093822, 0x299f31d0 },
	  { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
};

static void test_vectors(void)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint32_t out[4];

		rng_philox(vectors[i].counter, vectors[i].key, out);
		ok(!memcmp(out, vectors[i].want, sizeof(out)),
		   "rng: Random123 vector %zu", i);
	}
}

static void test_addressed(void)
{
	struct rng r = rng_make(7, "test"), other = rng_make(7, "tesu");
	struct rng seed = rng_make(8, "test");
	uint64_t late = rng_u64(r, 1000);

	for (uint64_t i = 0; i < 100; i++)
		rng_u64(r, i);
	ok(rng_u64(r, 1000) == late, "rng: a value depends on its address only");
	ok(rng_u64(other, 1000) != late, "rng: purposes differ");
	ok(rng_u64(seed, 1000) != late, "rng: seeds differ");
	ok(rng_u64(rng_sub(r, 0), 1000) != late &&
		   rng_u64(rng_sub(r, 1), 1000) != rng_u64(rng_sub(r, 0), 1000),
	   "rng: sub-streams differ from their parent and each other");
}

/* Tolerances: five standard errors of each estimate at n = 100,000. */
static void test_moments(void)
{
	struct rng r = rng_make(1, "moments");
	const size_t n = 100000;
	double sum = 0, sum_z = 0, sum_z2 = 0, se = 1 / sqrt((double)n);
	bool inside = true, open = true;

	for (size_t i = 0; i < n; i++) {
		double u = rng_uniform(r, i), z = rng_normal(r, i);

		inside &= u >= 0 && u < 1;
		open &= rng_uniform_open(r, i) > 0;
		sum += u;
		sum_z += z;
		sum_z2 += z * z;
	}
	ok(inside, "rng: uniform is in [0, 1)");
	ok(open, "rng: open uniform is never 0");
	ok_near(sum / (double)n, 0.5, 5 * se * 0.2887, "rng: uniform mean");
	ok_near(sum_z / (double)n, 0, 5 * se, "rng: normal mean");
	ok_near(sum_z2 / (double)n, 1, 5 * se * 1.4142, "rng: normal variance");
}

static void test_below(void)
{
	struct rng r = rng_make(3, "below");
	size_t count[7] = { 0 };
	bool even = true;

	for (uint64_t i = 0; i < 70000; i++)
		count[rng_below(r, i, 7)]++;
	for (size_t k = 0; k < 7; k++) /* 10000 +- 5 sd of 92.6 */
		even &= count[k] > 9537 && count[k] < 10463;
	ok(even, "rng: whole numbers below n are even");
}

static void test_fills(void)
{
	struct rng r = rng_make(5, "fill");
	float u[10], z[10];
	bool same = true;

	rng_fill_uniform(r, 3, 10, u);
	rng_fill_normal(r, 3, 10, z);
	for (size_t i = 0; i < 10; i++) {
		same &= u[i] >= 0 && u[i] < 1 &&
			fabs(u[i] - rng_uniform(r, 3 + i)) < 1e-6;
		same &= z[i] == (float)rng_normal(r, 3 + i);
	}
	ok(same, "rng: fills give the values one by one");
}

static void test_permutation(void)
{
	uint32_t p[1000], q[1000];
	bool seen[1000] = { false }, all = true;
	size_t fixed = 0;

	rng_permutation(rng_make(9, "permutation"), 1000, p);
	rng_permutation(rng_make(9, "permutation"), 1000, q);
	for (size_t i = 0; i < 1000; i++) {
		all &= p[i] < 1000 && !seen[p[i]];
		seen[p[i] % 1000] = true;
		fixed += p[i] == i;
	}
	ok(all, "rng: a permutation has every number once");
	ok(fixed < 10, "rng: a permutation moves nearly everything");
	ok(!memcmp(p, q, sizeof(p)), "rng: the same seed gives the same one");
}

/* Printed once by this code, after the Random123 vectors held: were one of
 * them to change, every published row would silently mean other numbers. */
static void test_known_answers(void)
{
	static const uint64_t bits[] = { 0xbf3332fa03ac71fd, 0x0b9d6e89e6f0b464,
					 0x936648a9c5144c1a,
					 0xcc4eaf27ae6fb35f };
	static const uint64_t sub[] = { 0xaa92ea572ae60ed9, 0xba4df66814f6cc90,
					0x41eb5cef3df769d4,
					0x1d0bc5b0dc78a4bd };
	static const double uniform[] = { 0.74687498668542829,
					  0.045370968501574849,
					  0.57577947754642012,
					  0.79807562559875467 };
	static const double normal[] = { -0.21063245421825622,
					 -0.51826304478445062,
					 -0.81484543653579866,
					 0.58786444706096652 };
	struct rng r = rng_make(42, "known"), s = rng_sub(r, 3);

	for (size_t i = 0; i < 4; i++) {
		ok(rng_u64(r, i) == bits[i], "rng: known bits at %zu", i);
		ok(rng_u64(s, i) == sub[i], "rng: known bits of a sub at %zu",
		   i);
		ok(rng_uniform(r, i) == uniform[i],
		   "rng: known uniform at %zu", i);
		/* log and cos of another libm may differ in the last bits. */
		ok_near(rng_normal(r, i), normal[i], 1e-14,
			"rng: known normal at %zu", i);
	}
}

/* Sub-streams of one purpose and their own sub-streams: all apart. */
static void test_subs(void)
{
	struct rng r = rng_make(42, "subs");
	uint64_t first[64];
	bool apart = true;

	for (uint64_t k = 0; k < 32; k++) {
		first[k] = rng_u64(rng_sub(r, k), 0);
		first[32 + k] = rng_u64(rng_sub(rng_sub(r, 1), k), 0);
	}
	for (size_t i = 0; i < 64; i++)
		for (size_t j = 0; j < i; j++)
			apart &= first[i] != first[j];
	ok(apart, "rng: sub-streams of two depths are all different");
}

/* n = 1 leaves one answer; the largest n must not overflow to 0 or beyond. */
static void test_below_extremes(void)
{
	struct rng r = rng_make(42, "below");
	bool zero = true, within = true, high = false, power = true;

	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t big = rng_below(r, i, UINT64_MAX);

		zero &= rng_below(r, i, 1) == 0;
		within &= big < UINT64_MAX;
		high |= big > UINT64_MAX / 2;
		power &= rng_below(r, i, (uint64_t)1 << 63) < (uint64_t)1 << 63;
	}
	ok(zero, "rng: below 1 is 0");
	ok(within && high, "rng: below the largest number uses its upper half");
	ok(power, "rng: below 2^63 stays below");
}

/* To 24 bits, downwards: rounding to the nearest float could give 1. */
static float cut(double u)
{
	return (float)(floor(u * 0x1p24) * 0x1p-24);
}

/* Every start and length around a Philox block gives the single values. */
static void test_fill_edges(void)
{
	struct rng r = rng_make(42, "fill");
	bool same = true, kept = true;
	float u[12], z[12];

	for (uint64_t first = 0; first < 9; first++) {
		for (size_t n = 0; n < 12; n++) {
			u[n] = z[n] = -99;
			rng_fill_uniform(r, first, n, u);
			rng_fill_normal(r, first, n, z);
			kept &= u[n] == -99 && z[n] == -99;
			for (size_t i = 0; i < n; i++)
				same &= u[i] == cut(rng_uniform(r, first + i)) &&
					z[i] == (float)rng_normal(r, first + i);
		}
	}
	ok(same, "rng: fills of any start and length equal the single values");
	ok(kept, "rng: a fill writes nothing behind its end");
}

int main(void)
{
	test_vectors();
	test_addressed();
	test_moments();
	test_below();
	test_fills();
	test_permutation();
	test_known_answers();
	test_subs();
	test_below_extremes();
	test_fill_edges();
	return tap_done();
}
