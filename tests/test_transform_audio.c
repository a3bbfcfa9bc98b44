/* Transforms of sound against plain recomputations. */
#include "tests/tap.h"

#include "datasets/twins/place_order.h"
#include "tests/transform_trial.h"

#define ROWS 30

static struct arena arena;
static struct error err;
static struct items sounds;
static struct split split;

static struct trial apply(const char *name, double severity, enum view view)
{
	struct trial t = { .name = name, .severity = severity, .threads = 2, .view = view };

	trial_run(&t, &sounds, &split, &arena, &arena);
	return t;
}

static const float *wave_of(const struct items *it, uint32_t row, size_t *n)
{
	*n = it->wave_start[row + 1] - it->wave_start[row];
	return it->wave + it->wave_start[row];
}

static bool is_shifted(const float *old, const float *new, size_t n, long by)
{
	for (long k = 0; k < (long)n; k++) {
		float want = k - by >= 0 && k - by < (long)n ? old[k - by] : 0;

		if (memcmp(&new[k], &want, sizeof(want)))
			return false;
	}
	return true;
}

/* 0.01 s are 80 samples at 8 kHz. */
static void test_time_shift(void)
{
	struct trial t = apply("time_shift", 0.01, VIEW_GRID), far = apply("time_shift", 10, 0);
	size_t found = 0, n, silent = 0;

	for (size_t i = 0; i < split.n_test; i++) {
		const float *old = wave_of(&sounds, split.test[i], &n);
		const float *new = wave_of(&t.items, split.test[i], &n), *gone;
		bool any = false;

		for (long by = -80; by <= 80; by++)
			any |= is_shifted(old, new, n, by);
		found += any;
		gone = wave_of(&far.items, split.test[i], &n);
		silent += is_shifted(gone, gone, n, (long)n);
	}
	ok(found == split.n_test, "time_shift: test sounds move by at most 80 samples");
	ok(silent > 0, "time_shift: beyond its length nothing is left of a sound");
	ok(!memcmp(t.items.wave, sounds.wave, sounds.wave_start[20] * sizeof(float)),
	   "time_shift: training and validation sounds stay");
}

static void test_add_noise(void)
{
	struct trial t = apply("add_noise", 10, VIEW_GRID), loud = apply("add_noise", -20, 0);
	double worst = 0;
	bool bounded = true;
	size_t n;

	for (size_t i = 0; i < split.n_test; i++) {
		const float *old = wave_of(&sounds, split.test[i], &n);
		const float *new = wave_of(&t.items, split.test[i], &n);
		const float *clipped = wave_of(&loud.items, split.test[i], &n);
		double signal = 0, noise = 0;

		for (size_t k = 0; k < n; k++) {
			double d = (double)new[k] - (double)old[k];

			signal += (double)old[k] * (double)old[k];
			noise += d * d;
			bounded &= fabsf(clipped[k]) <= 1;
		}
		worst = fmax(worst, fabs(10 * log10(signal / noise) - 10));
	}
	/* a mean of 1,500 squares is 4 % off, 0.16 dB; ten sounds: four times that */
	ok(worst < 0.7, "add_noise: the ratio of powers is what was asked (%.2f dB off)", worst);
	ok(bounded, "add_noise: samples stay within -1 .. 1");
	ok(!memcmp(t.items.wave, sounds.wave, sounds.wave_start[20] * sizeof(float)),
	   "add_noise: training and validation sounds stay");
}

static void test_silence(void)
{
	struct items silent = sounds;
	struct trial t = { .name = "add_noise", .severity = 0, .threads = 1 };
	bool still = true;

	silent.wave = ARENA_NEW(&arena, float, sounds.wave_start[ROWS]);
	trial_run(&t, &silent, &split, &arena, &arena);
	for (size_t k = 0; k < sounds.wave_start[ROWS]; k++)
		still &= t.items.wave[k] == 0.0f;
	ok(still, "add_noise: silence stays silent");
}

/* x of the twin against x of the plain view through the same order. */
static bool is_permuted(enum view view)
{
	struct trial t = apply("permute_bins", 1, view);
	struct dataset plain;
	uint32_t *from;
	bool same;

	if (t.rc || encoder_find(view, MODALITY_AUDIO)
			    ->encode(&sounds, &split, 1, &arena, &plain, &err))
		return false;
	place_order(plain.cols, 1, rng_make(0, "permute_bins"), &arena, &from, &err);
	same = t.data.cols == plain.cols && plain.cols > 0;
	for (size_t i = 0; i < plain.train.rows; i++)
		for (size_t j = 0; j < plain.cols; j++)
			same &= !memcmp(&t.data.train.x[i * plain.cols + j],
					&plain.train.x[i * plain.cols + from[j]], sizeof(float));
	for (size_t i = 0; i < plain.test.rows; i++)
		for (size_t j = 0; j < plain.cols; j++)
			same &= !memcmp(&t.data.test.x[i * plain.cols + j],
					&plain.test.x[i * plain.cols + from[j]], sizeof(float));
	return same;
}

static void test_permute_bins(void)
{
	struct trial t = { .name = "permute_bins", .severity = 1, .threads = 1 };
	const struct transform_step step = { transform_find("permute_bins"), 1 };
	const struct transform_chain chain = { &step, 1 };
	const struct transform_means with = { .view = VIEW_MFCC, .threads = 1, .a = &arena };

	ok(is_permuted(VIEW_GRID), "permute_bins: the grid, one order for all parts");
	ok(is_permuted(VIEW_DENSE), "permute_bins: dense rows by the same order");
	ok(is_permuted(VIEW_TABLE), "permute_bins: the table by the same order");
	ok(transform_view(&chain, &with, &split, &t.data, &err) == ERR_UNSUPPORTED &&
		   strstr(err.text, "mfcc"),
	   "permute_bins: cepstra have no bins, and the message names the view");
}

static void test_sound_edges(void)
{
	struct trial still = apply("time_shift", 0, VIEW_GRID), fine = apply("add_noise", 60, 0);
	size_t all = sounds.wave_start[ROWS] * sizeof(float);
	double worst = 0;

	ok(!memcmp(still.items.wave, sounds.wave, all), "time_shift: by 0 seconds nothing moves");
	for (size_t k = 0; k < sounds.wave_start[ROWS]; k++)
		worst = fmax(worst, fabs((double)fine.items.wave[k] - (double)sounds.wave[k]));
	/* a thousandth of the deviation, of which none is beyond six in 50,000 */
	ok(worst > 0 && worst < 0.006, "add_noise: 60 dB are hardly there (%g)", worst);
	ok(!memcmp(apply("add_noise", 10, VIEW_GRID).items.wave,
		   apply("add_noise", 10, VIEW_DENSE).items.wave, all),
	   "add_noise: the same noise for every view");
	ok(still.items.wave_start == sounds.wave_start, "lengths stay");
}

/* Equal noise whoever else is in the test part. */
static void test_sound_rows(void)
{
	struct split fewer = split;
	struct trial all = apply("add_noise", 10, VIEW_GRID);
	struct trial t = { .name = "add_noise", .severity = 10, .threads = 1 };
	const float *old, *new;
	size_t n;

	fewer.test = split.test + 2;
	fewer.n_test = 1;
	trial_run(&t, &sounds, &fewer, &arena, &arena);
	old = wave_of(&all.items, split.test[2], &n);
	new = wave_of(&t.items, split.test[2], &n);
	ok(!memcmp(old, new, n * sizeof(float)), "add_noise: a row's noise is its own");
}

static void test_bin_share(void)
{
	struct trial none = apply("permute_bins", 0, VIEW_DENSE);
	struct dataset plain;

	ok(!encoder_find(VIEW_DENSE, MODALITY_AUDIO)->encode(&sounds, &split, 1, &arena, &plain,
							    &err) &&
	   !memcmp(none.data.train.x, plain.train.x,
		   plain.train.rows * plain.cols * sizeof(float)),
	   "permute_bins: severity 0 is the plain view");
}

int main(void)
{
	arena_init(&arena, 0);
	sounds = fixture_audio(&arena, ROWS);
	split = fixture_split(&arena, ROWS, 14, 6);
	test_time_shift();
	test_add_noise();
	test_silence();
	test_permute_bins();
	test_sound_edges();
	test_sound_rows();
	test_bin_share();
	arena_clear(&arena);
	return tap_done();
}
