/* Augmentation: what each change does, that it is a function of its stream, and
 * images too small for it. */
#include "learners/nn/nn_augment.h"

#include <math.h>
#include <string.h>

#include "tests/tap.h"

#define H 5
#define WIDE 6
#define N (H * WIDE)
#define STREAMS 400

static const struct nn_shape shape = { H, WIDE, 1 };
static float x[2 * N], to[2 * N];

static void change(const struct nn_augment *a, uint64_t k)
{
	nn_augment_row(a, shape, NULL, NULL, rng_sub(rng_make(1, "t"), k), x, to);
}

static size_t clamp(int64_t k, size_t n)
{
	return k < 0 ? 0 : k >= (int64_t)n ? n - 1 : (size_t)k;
}

/* The slow twin of a shift by (dy, dx), mirrored or not. */
static bool is_shift(int64_t dy, int64_t dx, bool flip)
{
	for (size_t i = 0; i < N; i++) {
		size_t j = flip ? WIDE - 1 - i % WIDE : i % WIDE;
		size_t row = clamp((int64_t)(i / WIDE) + dy, H);
		size_t col = clamp((int64_t)j + dx, WIDE);

		if (to[i] != x[row * WIDE + col])
			return false;
	}
	return true;
}

static void test_shift(void)
{
	const struct nn_augment a = { .shift = 1, .flip = true };
	size_t seen[2][3][3] = { 0 }, kinds = 0, strange = 0;

	for (uint64_t k = 0; k < STREAMS; k++) {
		size_t hits = 0;

		change(&a, k);
		for (size_t f = 0; f < 2; f++)
			for (int64_t dy = -1; dy <= 1; dy++)
				for (int64_t dx = -1; dx <= 1; dx++)
					if (is_shift(dy, dx, f)) {
						seen[f][dy + 1][dx + 1]++;
						hits++;
					}
		strange += hits != 1;
	}
	for (size_t k = 0; k < 18; k++)
		kinds += (&seen[0][0][0])[k] > 0;
	ok(strange == 0, "augment: a row is shifted or mirrored, its rim repeated");
	ok(kinds == 18, "augment: every shift, mirrored and not, comes up");
}

static void test_crop(void)
{
	const struct nn_augment a = { .crop = 0.5 };
	size_t out = 0, changed = 0;

	for (uint64_t k = 0; k < STREAMS; k++) {
		change(&a, k);
		changed += memcmp(to, x, sizeof(float) * N) != 0;
		/* x is linear in both coordinates: so is each window of it */
		for (size_t i = 0; i < N; i++)
			out += to[i] < 0 || to[i] > x[N - 1] ||
			       (i % WIDE > 1 &&
				fabs((double)(to[i] - 2 * to[i - 1] +
					      to[i - 2])) > 1e-4);
	}
	ok(out == 0, "augment: a crop is a window of the image, interpolated");
	ok(changed > STREAMS / 2, "augment: and a smaller one mostly");
}

/* Masked cells are 0 after scaling, whole columns or rows. */
static void test_mask(void)
{
	const struct nn_augment time = { .mask_time = 0.5 };
	const struct nn_augment bins = { .mask_bins = 0.4 };
	const float gain[] = { 2 }, shift[] = { 3 };
	size_t strange = 0, wide = 0, high = 0;

	for (uint64_t k = 0; k < STREAMS; k++) {
		size_t columns = 0, rows = 0;

		nn_augment_row(&time, shape, gain, shift,
			       rng_sub(rng_make(2, "t"), k), x, to);
		for (size_t j = 0; j < WIDE; j++)
			columns += to[j] == 0.0f;
		for (size_t i = 0; i < N; i++)
			strange += to[i] != (to[i % WIDE] == 0.0f ? 0 :
					     2 * x[i] + 3);
		nn_augment_row(&bins, shape, gain, shift,
			       rng_sub(rng_make(2, "t"), k), x, to);
		for (size_t i = 0; i < H; i++)
			rows += to[i * WIDE] == 0.0f;
		wide = columns > wide ? columns : wide;
		high = rows > high ? rows : high;
	}
	ok(strange == 0, "augment: masks are whole columns, the rest is scaled");
	ok(wide == 3 && high == 2, "augment: and as wide as asked at most");
}

static void test_stream(void)
{
	const struct nn_augment a = { 2, true, 0.3, 0.2, 0.2 };
	const struct nn_augment none = { 0 };
	float first[N];
	size_t differ = 0;

	change(&a, 5);
	memcpy(first, to, sizeof(first));
	for (uint64_t k = 6; k < 20; k++) {
		change(&a, k);
		differ += memcmp(first, to, sizeof(first)) != 0;
	}
	change(&a, 5);
	ok(!memcmp(first, to, sizeof(first)), "augment: a stream, a change");
	ok(differ == 14, "augment: other streams, others");
	ok(!nn_augment_on(&none) && nn_augment_on(&a), "augment: off by default");
	change(&none, 3);
	ok(!memcmp(to, x, sizeof(first)), "augment: off is the row as it is");
}

static void test_small(void)
{
	const struct nn_augment a = { 100, true, 0.9, 0.9, 0.9 };
	const float one[] = { 1, 2 }, gain[] = { 1, 1 }, shift[] = { 0, 0 };
	float out[2];

	nn_augment_row(&a, (struct nn_shape){ 1, 1, 2 }, gain, shift,
		       rng_make(1, "t"), one, out);
	ok(out[0] == 1 && out[1] == 2, "augment: one pixel has nowhere to go");
	nn_augment_row(&(struct nn_augment){ .shift = 100 },
		       (struct nn_shape){ N, 1, 1 }, NULL, NULL,
		       rng_make(1, "t"), x, to);
	ok(to[0] >= 0 && to[N - 1] <= x[N - 1], "augment: a long shift of a wave");
	nn_augment_row(&(struct nn_augment){ .flip = true },
		       (struct nn_shape){ H, WIDE, 2 }, NULL, NULL,
		       rng_make(1, "t"), x, to);
	ok((to[0] == x[0] || to[0] == x[WIDE - 1]) && to[1] == to[0] + N,
	   "augment: channels come last and move together");
}

int main(void)
{
	for (size_t i = 0; i < 2 * N; i++)
		x[i] = (float)i;
	test_shift();
	test_crop();
	test_mask();
	test_stream();
	test_small();
	return tap_done();
}
