/* Promises of datasets/views/mfcc.h, and of the views mfcc and wave. */
#include "datasets/views/mfcc.h"

#include <stdlib.h>

#include "datasets/encode.h"
#include "tests/data_fixtures.h"
#include "tests/tap.h"

static float out[300 * MFCC_FEATURES];

/* Statistic k of series s of item i. */
static double feature(size_t i, size_t s, size_t k)
{
	return (double)out[i * MFCC_FEATURES + s * MFCC_STATISTICS + k];
}

static void fill(const struct items *it, const uint32_t *rows, size_t n,
		 int threads, struct arena *a, float *to)
{
	struct error err;

	if (mfcc_fill(it, rows, n, threads, a, to, &err)) {
		printf("# %s\n", err.text);
		abort();
	}
}

/* --------------------------------------------------------- the slow twin */

#define FRAMES_MAX 64

static size_t twin_series(const struct items *it, size_t item, struct arena *a,
			  double v[MFCC_SERIES][FRAMES_MAX])
{
	size_t length = it->wave_start[item + 1] - it->wave_start[item], own;
	const float *x = it->wave + it->wave_start[item];
	uint32_t row = (uint32_t)item;
	struct error err;
	struct logmel m;
	float *grid;

	logmel_init(&m, it, &err);
	grid = ARENA_NEW(a, float, m.bands * m.frames);
	logmel_fill(&m, it, &row, 1, 1, a, grid, &err);
	own = length < m.window ? 1 : (length - m.window) / m.hop + 1;
	for (size_t t = 0; t < own; t++) {
		double square = 0, crossings = 0;
		size_t count = 0;

		for (size_t k = 0; k < 20; k++) {
			v[k][t] = 0;
			for (size_t b = 0; b < 40; b++)
				v[k][t] += sqrt(2 / 40.0) *
					   cos(M_PI / 40 * (double)k *
					       ((double)b + 0.5)) *
					   (double)grid[b * m.frames + t];
		}
		for (size_t i = t * m.hop; i < length && count < m.window; i++) {
			square += pow((double)x[i], 2);
			crossings += count > 0 && (x[i] < 0) != (x[i - 1] < 0);
			count++;
		}
		v[40][t] = crossings / (double)count;
		v[41][t] = log(1e-10 + square / (double)count);
	}
	return own;
}

static double clamped(const double *c, size_t n, long t)
{
	return c[t < 0 ? 0 : t >= (long)n ? (long)n - 1 : t];
}

static void twin_slopes(double v[MFCC_SERIES][FRAMES_MAX], size_t n)
{
	for (size_t k = 0; k < 20; k++) {
		for (long t = 0; t < (long)n; t++) {
			double sum = 0;

			for (long d = 1; d <= 2; d++)
				sum += (double)d * (clamped(v[k], n, t + d) -
						    clamped(v[k], n, t - d));
			v[20 + k][t] = sum / 10;
		}
	}
}

static void twin_statistics(const double *v, size_t n, double s[5])
{
	double m2 = 0, m3 = 0;

	s[0] = 0;
	s[2] = INFINITY;
	s[3] = -INFINITY;
	for (size_t t = 0; t < n; t++) {
		s[0] += v[t] / (double)n;
		s[2] = fmin(s[2], v[t]);
		s[3] = fmax(s[3], v[t]);
	}
	for (size_t t = 0; t < n; t++) {
		m2 += pow(v[t] - s[0], 2) / (double)n;
		m3 += pow(v[t] - s[0], 3) / (double)n;
	}
	s[1] = sqrt(m2);
	s[4] = m2 > 0 ? m3 / pow(m2, 1.5) : 0;
}

static void against_twin(struct arena *a)
{
	struct items it = fixture_audio(a, 6);
	static double v[MFCC_SERIES][FRAMES_MAX];
	uint32_t rows[] = { 0, 1, 2, 3, 4, 5 };
	double worst = 0, skew = 0;

	fill(&it, rows, 6, 1, a, out);
	for (size_t i = 0; i < 6; i++) {
		size_t own = twin_series(&it, i, a, v);

		twin_slopes(v, own);
		for (size_t s = 0; s < MFCC_SERIES; s++) {
			double want[5];

			twin_statistics(v[s], own, want);
			for (size_t k = 0; k < 4; k++)
				worst = fmax(worst, fabs(feature(i, s, k) -
							 want[k]));
			skew = fmax(skew, fabs(feature(i, s, 4) - want[4]));
		}
	}
	/* coefficients of up to 50, sums of 40 floats */
	ok_near(worst, 0, 5e-5, "as the plain sums have it");
	/* cubes of deviations, which are small beside the values */
	ok_near(skew, 0, 1e-3, "so is the skewness");
	ok_near(out[2 * MFCC_FEATURES - 1],
		log(1 + (double)(it.wave_start[2] - it.wave_start[1])), 1e-6,
		"the last feature is the logarithm of the length");
}

/* Silence behind the end of an item is not its own. */
static void own_frames_only(struct arena *a)
{
	struct items it = fixture_audio(a, 3);
	size_t *start = (size_t *)(size_t)it.wave_start;
	uint32_t row = 0;
	static float alone[MFCC_FEATURES];

	fill(&it, &row, 1, 1, a, alone);
	start[3] = start[2] + 9000; /* now all others have padding */
	fill(&it, &row, 1, 1, a, out);
	ok(!memcmp(alone, out, sizeof(alone)),
	   "an item does not depend on how long the longest is");
	start[1] = start[0] + 50;
	fill(&it, &row, 1, 1, a, out);
	ok(isfinite(feature(0, 41, 0)) && fabs(feature(0, 0, 1)) <= 0,
	   "an item shorter than a window has one frame");
	start[1] = start[0];
	fill(&it, &row, 1, 1, a, out);
	ok_near(feature(0, 41, 0), log(1e-10), 1e-5,
		"an empty item is silence");
	ok_near(out[MFCC_FEATURES - 1], 0, 0, "and has no length");
}

/* A tone crosses zero twice a period and stands still. */
static void tone(struct arena *a)
{
	struct items it = fixture_audio(a, 1);
	float *wave = (float *)(size_t)it.wave;
	size_t n = it.wave_start[1];
	uint32_t row = 0;

	for (size_t i = 0; i < n; i++)
		wave[i] = 0.5f * sinf((float)(2 * M_PI * 400.0 / 8000) *
				      ((float)i + 0.5f));
	fill(&it, &row, 1, 1, a, out);
	/* 10 crossings a window of 200 samples, the first of them maybe not */
	ok_near(feature(0, 40, 0), 0.1, 0.0051, "a tone: its zero crossings");
	ok_near(feature(0, 41, 0), log(0.125), 1e-3, "a tone: its energy");
	ok_near(feature(0, 41, 1), 0, 1e-3, "a tone: stands still");
	for (size_t i = 0; i < n; i++)
		wave[i] *= 0.1f;
	memcpy(out + MFCC_FEATURES, out, MFCC_FEATURES * sizeof(float));
	fill(&it, &row, 1, 1, a, out);
	ok_near(feature(1, 41, 0) - feature(0, 41, 0), log(100), 1e-3,
		"a tenth of the amplitude is a hundredth of the energy");
	ok_near(feature(0, 40, 0), feature(1, 40, 0), 0,
		"and crosses zero as often");
}

/* More items than a batch holds, by making one of them very long. */
static void batches(struct arena *a)
{
	static float again[300 * MFCC_FEATURES];
	struct items it = fixture_audio(a, 300);
	size_t *start = (size_t *)(size_t)it.wave_start;
	uint32_t rows[300];
	bool same = true;
	struct error err;
	struct logmel m;

	for (uint32_t i = 0; i < 300; i++)
		rows[i] = 299 - i;
	start[300] = start[299] + 60000;
	start[300] = start[300] < 300 * 2400 ? start[300] : 300 * 2400;
	logmel_init(&m, &it, &err);
	ok(m.bands * m.frames * 300 > (size_t)1 << 22, "the items are batches");
	fill(&it, rows, 300, 1, a, out);
	for (int t = 2; t <= 4; t += 2) {
		fill(&it, rows, 300, t, a, again);
		same &= !memcmp(out, again, sizeof(out));
	}
	ok(same, "same bits on 1, 2 and 4 threads");
	fill(&it, rows + 200, 1, 1, a, again);
	ok(!memcmp(out + 200 * MFCC_FEATURES, again, MFCC_FEATURES * 4),
	   "an item does not depend on its batch");
}

/* One recording of ten seconds: frames in many stretches, the same as when its
 * parts are items of their own. */
static void stretches(struct arena *a)
{
	enum { LONG = 80000, HOP = 80, WINDOW = 200 };
	float *wave = ARENA_NEW(a, float, LONG), *grid, cell[40];
	size_t start[] = { 0, LONG }, part[2];
	struct items it = { .modality = MODALITY_AUDIO, .n = 1, .wave = wave,
			    .wave_start = start, .rate = 8000 };
	uint32_t row = 0;
	struct logmel m, one;
	struct error err;
	bool same = true;

	rng_fill_normal(rng_make(1, "long"), 0, LONG, wave);
	logmel_init(&m, &it, &err);
	grid = ARENA_NEW(a, float, 40 * m.frames);
	logmel_fill(&m, &it, &row, 1, 2, a, grid, &err);
	it.wave_start = part;
	for (size_t t = 0; t < m.frames; t += 51) {
		part[0] = t * HOP;
		part[1] = part[0] + WINDOW;
		logmel_init(&one, &it, &err);
		logmel_fill(&one, &it, &row, 1, 1, a, cell, &err);
		for (size_t b = 0; b < 40; b++)
			same &= cell[b] == grid[b * m.frames + t];
	}
	ok(m.frames == 998 && same,
	   "logmel: a long recording is cut in stretches, frame for frame");
}

static struct dataset encode(const struct items *it, const struct split *split,
			     enum view view, struct arena *a)
{
	struct dataset d;
	struct error err;

	if (encoder_find(view, MODALITY_AUDIO)->encode(it, split, 2, a, &d, &err))
		abort();
	return d;
}

static void mfcc_view(struct arena *a)
{
	struct items it = fixture_audio(a, 60);
	struct split split = fixture_split(a, 60, 40, 10);
	struct dataset d = encode(&it, &split, VIEW_MFCC, a);
	double mean = 0, square = 0;

	for (size_t i = 0; i < 40; i++) {
		mean += (double)d.train.x[i * d.cols + 10] / 40;
		square += pow((double)d.train.x[i * d.cols + 10], 2) / 40;
	}
	ok(d.cols == MFCC_FEATURES && d.view == VIEW_DENSE,
	   "mfcc view: a column a feature");
	ok_near(mean, 0, 1e-6, "mfcc view: training columns have mean 0");
	ok_near(square, 1, 1e-5, "mfcc view: and deviation 1");
}

/* Level and padding of the samples. */
static void wave_view(struct arena *a)
{
	struct items it = fixture_audio(a, 60);
	struct split split = fixture_split(a, 60, 40, 10);
	float *wave = (float *)(size_t)it.wave;
	size_t longest = 0;
	double worst = 0, off = 0;
	bool padded = true;
	struct dataset d;

	for (size_t i = 0; i < 40; i++) {
		size_t n = it.wave_start[i + 1] - it.wave_start[i];

		longest = n > longest ? n : longest;
	}
	memset(wave + it.wave_start[3], 0, 400 * sizeof(float));
	for (size_t k = it.wave_start[4]; k < it.wave_start[5]; k++)
		wave[k] = 0;
	d = encode(&it, &split, VIEW_WAVE, a);
	ok(d.view == VIEW_WAVE && d.channels == 1 && d.height == 1 &&
		   d.width == longest && d.cols == longest,
	   "wave: one channel, as long as the longest training item");
	for (size_t i = 0; i < 40; i++) {
		size_t n = it.wave_start[i + 1] - it.wave_start[i];
		const float *x = d.train.x + i * d.cols;
		double square = 0, raw = 0;

		for (size_t k = 0; k < d.cols; k++) {
			square += (double)x[k] * (double)x[k];
			padded &= k < n || x[k] == 0;
		}
		for (size_t k = 0; k < n; k++)
			raw += pow((double)wave[it.wave_start[i] + k], 2);
		if (i != 4)
			worst = fmax(worst, fabs(square / (double)n - 1));
		for (size_t k = 0; i != 4 && k < n; k++)
			off = fmax(off, fabs((double)wave[it.wave_start[i] + k] /
					     sqrt(raw / (double)n) -
					     (double)x[k]));
	}
	ok_near(worst, 0, 1e-6, "wave: each item has a mean square of 1");
	ok_near(off, 0, 1e-6, "wave: and is else untouched");
	ok(padded, "wave: shorter items end in zeros");
	padded = true;
	for (size_t k = 0; k < d.cols; k++)
		padded &= d.train.x[4 * d.cols + k] == 0;
	ok(padded, "wave: silence stays silent");
}

static void wave_cut(struct arena *a)
{
	enum { LONG = 70000 };
	float *wave = ARENA_NEW(a, float, 3 * LONG);
	size_t start[] = { 0, LONG, 2 * LONG, 3 * LONG };
	int32_t label[] = { 0, 1, 0 };
	struct items it = { .modality = MODALITY_AUDIO, .n = 3, .wave = wave,
			    .wave_start = start, .rate = 16000, .classes = 2,
			    .label = label };
	struct split split = fixture_split(a, 3, 1, 1);
	struct dataset d;

	for (size_t k = 0; k < 3 * LONG; k++)
		wave[k] = k % LONG < 65536 ? 0.25f : 1e30f;
	d = encode(&it, &split, VIEW_WAVE, a);
	ok(d.cols == 65536 && d.train.x[0] == 1 && d.test.x[65535] == 1,
	   "wave: cut at 65,536 samples, levels are of what is kept");
	start[1] = 900;
	d = encode(&it, &split, VIEW_WAVE, a);
	ok(d.cols == 900 && d.test.rows == 1, "wave: test items are cut likewise");
	start[1] = 0;
	d = encode(&it, &split, VIEW_WAVE, a);
	ok(d.cols == 1 && d.train.x[0] == 0, "wave: an empty item is silence");
}

static void errors(struct arena *a)
{
	struct items it = fixture_audio(a, 4);
	uint32_t rows[] = { 0, 1 };
	struct arena small;
	struct error err;
	size_t calls = 0;
	int rc = ERR_MEMORY;

	for (; rc == ERR_MEMORY && calls < 200; calls++) {
		arena_init(&small, 0);
		small.fail_at = calls + 1;
		rc = mfcc_fill(&it, rows, 2, 2, &small, out, &err);
		arena_clear(&small);
	}
	ok(!rc && calls > 5, "every failing allocation is an error");
	it.rate = 3;
	ok(mfcc_fill(&it, rows, 2, 1, a, out, &err) == ERR_DATA &&
		   strstr(err.text, "rate"),
	   "a rate that is none: %s", err.text);
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	against_twin(&a);
	own_frames_only(&a);
	tone(&a);
	batches(&a);
	stretches(&a);
	mfcc_view(&a);
	wave_view(&a);
	wave_cut(&a);
	errors(&a);
	arena_clear(&a);
	return tap_done();
}
