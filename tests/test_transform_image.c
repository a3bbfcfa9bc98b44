/* Transforms of pictures against plain recomputations, and the orders of places
 * that they share with sound. */
#include "tests/tap.h"

#include "datasets/twins/place_order.h"
#include "tests/transform_trial.h"

#define ROWS 40

static struct arena arena;
static struct error err;
static struct items pictures; /* 1 x 6 x 5 */
static struct split split;

static struct trial apply(const char *name, double severity)
{
	struct trial t = { .name = name, .severity = severity, .threads = 2,
			   .view = VIEW_GRID };

	trial_run(&t, &pictures, &split, &arena, &arena);
	return t;
}

static void test_place_order(void)
{
	uint32_t *from;
	size_t seen[30] = { 0 }, moved = 0;
	bool each = true;

	ok(!place_order(30, 1, rng_make(3, "x"), &arena, &from, &err), "place_order: works");
	for (size_t j = 0; j < 30; j++)
		seen[from[j]]++;
	for (size_t j = 0; j < 30; j++)
		each &= seen[j] == 1;
	ok(each, "place_order: each place comes once");
	place_order(30, 0.2, rng_make(3, "x"), &arena, &from, &err);
	for (size_t j = 0; j < 30; j++)
		moved += from[j] != j;
	ok(moved > 0 && moved <= 6, "place_order: a share takes part");
	place_order(30, 0, rng_make(3, "x"), &arena, &from, &err);
	moved = 0;
	for (size_t j = 0; j < 30; j++)
		moved += from[j] != j;
	ok(!moved, "place_order: no share, no move");
	ok(!place_order(0, 1, rng_make(3, "x"), &arena, &from, &err),
	   "place_order: no places at all");
}

static void test_permute_pixels(void)
{
	struct trial t = apply("permute_pixels", 1);
	uint32_t *from;
	bool back = true;

	place_order(30, 1, rng_make(0, "permute_pixels"), &arena, &from, &err);
	for (uint32_t i = 0; i < ROWS; i++)
		for (size_t j = 0; j < 30; j++)
			back &= pictures.pixels[i * 30 + from[j]] == t.items.pixels[i * 30 + j];
	ok(back, "permute_pixels: the inverse brings every picture back");
}

static void test_channels(void)
{
	struct items rgb = pictures;
	struct trial t = { .name = "permute_pixels", .severity = 1, .threads = 1 };
	uint32_t *from;
	bool same = true;

	rgb.channels = 2; /* of 3 x 5 */
	rgb.height = 3;
	trial_run(&t, &rgb, &split, &arena, &arena);
	place_order(15, 1, rng_make(0, "permute_pixels"), &arena, &from, &err);
	for (size_t i = 0; i < ROWS; i++)
		for (size_t c = 0; c < 2; c++)
			for (size_t j = 0; j < 15; j++)
				same &= t.items.pixels[i * 30 + c * 15 + j] ==
					rgb.pixels[i * 30 + c * 15 + from[j]];
	ok(same, "permute_pixels: all channels go the same way");
}

/* Is the picture the old one, moved by (down, right) with 0 coming in? */
static bool is_moved(const uint8_t *old, const uint8_t *new, int down, int right)
{
	for (int y = 0; y < 6; y++)
		for (int x = 0; x < 5; x++) {
			int y0 = y - down, x0 = x - right;
			bool in = y0 >= 0 && y0 < 6 && x0 >= 0 && x0 < 5;

			if (new[y * 5 + x] != (in ? old[y0 * 5 + x0] : 0))
				return false;
		}
	return true;
}

static void test_translate(void)
{
	struct trial t = apply("translate", 2.5);
	size_t found = 0, still = 0;

	for (size_t i = 0; i < split.n_test; i++) {
		size_t at = split.test[i] * 30;
		bool any = false;

		for (int d = -2; d <= 2; d++)
			for (int r = -2; r <= 2; r++)
				any |= is_moved(pictures.pixels + at, t.items.pixels + at, d, r);
		found += any;
		still += is_moved(pictures.pixels + at, t.items.pixels + at, 0, 0);
	}
	ok(found == split.n_test, "translate: test pictures move by at most 2 pixels");
	ok(still < split.n_test / 2, "translate: most of them move");
	ok(!memcmp(t.items.pixels, pictures.pixels, 28 * 30),
	   "translate: training and validation pictures stay");
}

static void test_turn(void)
{
	struct items disc = pictures;
	uint8_t *pixels = arena_copy(&arena, pictures.pixels, ROWS * 30);
	struct trial t = { .name = "turn", .severity = 30, .threads = 2 };
	bool bright = true;

	ok(!memcmp(apply("turn", 0).items.pixels, pictures.pixels, ROWS * 30),
	   "turn: by 0 degrees nothing changes");
	memset(pixels, 200, ROWS * 30);
	disc.pixels = pixels;
	disc.height = 5;
	disc.width = 6;
	trial_run(&t, &disc, &split, &arena, &arena);
	for (size_t i = 0; i < split.n_test; i++)
		for (size_t k = 0; k < 4; k++) /* the four in the middle rows */
			bright &= t.items.pixels[split.test[i] * 30 + 2 * 6 + 1 + k] == 200;
	ok(bright, "turn: the middle of an even picture stays even");
	ok(!memcmp(t.items.pixels, pixels, 28 * 30),
	   "turn: training and validation pictures stay");
	ok(memcmp(t.items.pixels + 28 * 30, pixels + 28 * 30, 12 * 30),
	   "turn: corners come in dark");
}

static void test_occlude(void)
{
	struct trial t = apply("occlude", 0.25), all = apply("occlude", 1);
	bool right = true, black = true;

	for (size_t i = 0; i < split.n_test; i++) {
		size_t blank = 0, other = 0, at = split.test[i] * 30;

		for (size_t k = at; k < at + 30; k++) {
			blank += t.items.pixels[k] == 0 && pictures.pixels[k] != 0;
			other += t.items.pixels[k] != 0 &&
				 t.items.pixels[k] != pictures.pixels[k];
			black &= all.items.pixels[k] == 0;
		}
		/* 3 x 3 of 6 x 5; a random pixel is 0 already now and then */
		right &= blank <= 9 && blank >= 6 && !other;
	}
	ok(right, "occlude: a quarter is blanked, the rest stays");
	ok(black, "occlude: all of it can be");
	ok(!memcmp(all.items.pixels, pictures.pixels, 28 * 30),
	   "occlude: training and validation pictures stay");
}

/* The least and the largest severity of each. */
static void test_image_edges(void)
{
	static const char *const names[] = { "permute_pixels", "translate", "turn", "occlude" };
	struct trial far = apply("translate", 64), half = apply("turn", 180);
	size_t gone = 0;
	uint8_t most = 0, turned = 0;

	for (size_t k = 0; k < 4; k++) {
		struct trial t = apply(names[k], 0);

		ok(!t.rc && !memcmp(t.items.pixels, pictures.pixels, ROWS * 30),
		   "%s: severity 0 changes no pixel", names[k]);
	}
	for (size_t i = 0; i < split.n_test; i++) {
		const uint8_t *p = far.items.pixels + split.test[i] * 30;
		size_t lit = 0;

		for (size_t k = 0; k < 30; k++)
			lit += p[k] != 0;
		gone += !lit;
	}
	ok(gone > split.n_test / 2, "translate: most pictures leave a frame of 6 x 5 by 64 pixels");
	for (size_t k = 0; k < ROWS * 30; k++) {
		most = pictures.pixels[k] > most ? pictures.pixels[k] : most;
		turned = half.items.pixels[k] > turned ? half.items.pixels[k] : turned;
	}
	ok(!half.rc && turned <= most, "turn: no pixel is brighter than the brightest was");
}

/* What stands beside a picture must not matter to it. */
static void test_addressed(void)
{
	static const char *const names[] = { "translate", "turn", "occlude" };
	static const double severity[] = { 2, 30, 0.3 };
	struct split fewer = split;

	fewer.test = split.test + 3;
	fewer.n_test = split.n_test - 3;
	for (size_t k = 0; k < 3; k++) {
		struct trial all = apply(names[k], severity[k]);
		struct trial t = { .name = names[k], .severity = severity[k], .threads = 1,
				   .view = VIEW_GRID };
		bool same = true;

		trial_run(&t, &pictures, &fewer, &arena, &arena);
		for (size_t i = 0; i < fewer.n_test; i++)
			same &= !memcmp(t.items.pixels + fewer.test[i] * 30,
					all.items.pixels + fewer.test[i] * 30, 30);
		ok(same, "%s: a picture's change does not depend on the others", names[k]);
	}
}

static void test_pixel_size(void)
{
	struct items dots = pictures;
	struct trial t = { .name = "occlude", .severity = 1, .threads = 1 };
	bool black = true;

	dots.height = dots.width = 1;
	trial_run(&t, &dots, &split, &arena, &arena);
	for (size_t i = 0; i < split.n_test; i++)
		black &= !t.items.pixels[split.test[i]];
	ok(!t.rc && black, "occlude: a picture of one pixel is blanked");
	t.name = "permute_pixels";
	trial_run(&t, &dots, &split, &arena, &arena);
	ok(!t.rc && !memcmp(t.items.pixels, dots.pixels, ROWS),
	   "permute_pixels: one pixel stays where it is");
	t.name = "turn";
	t.severity = 90;
	trial_run(&t, &dots, &split, &arena, &arena);
	ok(!t.rc && !memcmp(t.items.pixels, dots.pixels, ROWS), "turn: its centre stays, too");
}

int main(void)
{
	arena_init(&arena, 0);
	pictures = fixture_image(&arena, ROWS);
	split = fixture_split(&arena, ROWS, 20, 8);
	test_place_order();
	test_permute_pixels();
	test_channels();
	test_translate();
	test_turn();
	test_occlude();
	test_image_edges();
	test_addressed();
	test_pixel_size();
	arena_clear(&arena);
	return tap_done();
}
