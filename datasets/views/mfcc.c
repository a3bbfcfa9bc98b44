/* The front end of Piczak 2015 ("ESC: dataset for environmental sound
 * classification", ACM Multimedia): coefficients and zero crossings, by their
 * statistics, for learners that want short rows. */
#include "datasets/views/mfcc.h"

#include <math.h>

#include "harness/base/par.h"

#define ENERGY_FLOOR 1e-10
/* Spectrograms are made so many cells at a time: they are longer than their
 * statistics by far. Items of a batch are counted by the data alone. */
#define BATCH_CELLS ((size_t)1 << 22)

/* A batch of items and what its loop shares. */
struct batch {
	const struct items *items;
	const struct logmel *m;
	const uint32_t *rows; /* (n) of this batch */
	const float *grid;    /* (n, bands, frames) */
	const float *cosine;  /* (coefficients, bands) */
	float *series;	      /* (threads, MFCC_SERIES, frames) */
	float *out;	      /* (n, MFCC_FEATURES) */
};

/* The rows of the discrete cosine transform, type II: lengths of spectra and of
 * cepstra are the same. */
static float *make_cosine(size_t bands, struct arena *a)
{
	float *cosine = ARENA_RAW(a, float, MFCC_COEFFICIENTS * bands);

	for (size_t k = 0; cosine && k < MFCC_COEFFICIENTS; k++)
		for (size_t b = 0; b < bands; b++)
			cosine[k * bands + b] = (float)(
				sqrt(2.0 / (double)bands) *
				cos(M_PI * (double)k * ((double)b + 0.5) /
				    (double)bands));
	return cosine;
}

/* The frames that an item fills by itself; a short one has one, as in logmel. */
static size_t own_frames(const struct logmel *m, size_t samples)
{
	size_t n = samples > m->window ? 1 + (samples - m->window) / m->hop : 1;

	return n < m->frames ? n : m->frames;
}

/* Band by band, so that frames are read and written in memory order. */
static void make_coefficients(const struct batch *b, const float *grid,
			      size_t own, float *series)
{
	size_t frames = b->m->frames, bands = b->m->bands;

	for (size_t k = 0; k < MFCC_COEFFICIENTS; k++) {
		float *c = series + k * frames;

		for (size_t t = 0; t < own; t++)
			c[t] = 0;
		for (size_t j = 0; j < bands; j++)
			for (size_t t = 0; t < own; t++)
				c[t] += b->cosine[k * bands + j] *
					grid[j * frames + t];
	}
}

/* The least-squares slope over five frames; beyond the ends the last frame
 * stands still. */
static void make_slope(const float *c, size_t own, float *slope)
{
	size_t last = own - 1;

	for (size_t t = 0; t < own; t++) {
		float near = c[t < last ? t + 1 : last] - c[t ? t - 1 : 0];
		float far = c[t + 2 < own ? t + 2 : last] - c[t > 1 ? t - 2 : 0];

		slope[t] = (near + 2 * far) / 10;
	}
}

/* Changes of sign from sample to sample, and the energy, of one frame. */
static void measure_frame(const float *x, size_t n, float *crossings,
			  float *energy)
{
	double square = 0;
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		square += (double)x[i] * (double)x[i];
		count += i && (x[i] < 0) != (x[i - 1] < 0);
	}
	*crossings = n ? (float)count / (float)n : 0;
	*energy = (float)log(ENERGY_FLOOR + (n ? square / (double)n : 0));
}

/* Mean, deviation, least, largest and skewness; a series that stands still has
 * no skewness. */
static void summarise(const float *v, size_t n, float *out)
{
	double mean = 0, square = 0, cube = 0, sd;
	float least = v[0], most = v[0];

	for (size_t t = 0; t < n; t++) {
		mean += (double)v[t] / (double)n;
		least = v[t] < least ? v[t] : least;
		most = v[t] > most ? v[t] : most;
	}
	for (size_t t = 0; t < n; t++) {
		double d = (double)v[t] - mean;

		square += d * d / (double)n;
		cube += d * d * d / (double)n;
	}
	sd = sqrt(square);
	out[0] = (float)mean;
	out[1] = least < most ? (float)sd : 0;
	out[2] = least;
	out[3] = most;
	/* the third moment of a series that stands still is noise over noise */
	/* below a millionth of the values a deviation is rounding */
	out[4] = sd > 1e-6 * (1 + fabs(mean)) ? (float)(cube / (square * sd)) : 0;
}

/* All series of one item, then their statistics. */
static void fill_item(void *ctx, size_t i, size_t worker)
{
	const struct batch *b = ctx;
	const struct logmel *m = b->m;
	const size_t *start = b->items->wave_start + b->rows[i];
	const float *wave = b->items->wave + start[0];
	size_t samples = start[1] - start[0], own = own_frames(m, samples);
	float *series = b->series + worker * MFCC_SERIES * m->frames;
	float *crossings = series + 2 * MFCC_COEFFICIENTS * m->frames;
	float *out = b->out + i * MFCC_FEATURES;

	make_coefficients(b, b->grid + i * m->bands * m->frames, own, series);
	for (size_t k = 0; k < MFCC_COEFFICIENTS; k++)
		make_slope(series + k * m->frames, own,
			   series + (MFCC_COEFFICIENTS + k) * m->frames);
	for (size_t t = 0; t < own; t++) {
		size_t at = t * m->hop, n = samples - at;

		measure_frame(wave + at, n < m->window ? n : m->window,
			      &crossings[t], &crossings[m->frames + t]);
	}
	for (size_t s = 0; s < MFCC_SERIES; s++)
		summarise(series + s * m->frames, own,
			  out + s * MFCC_STATISTICS);
	out[MFCC_FEATURES - 1] = (float)log(1 + (double)samples);
}

/* Batch after batch into one block of memory; logmel has its own loop over
 * threads, so that the two take turns. */
int mfcc_fill(const struct items *items, const uint32_t *rows, size_t n,
	      int threads, struct arena *scratch, float *out, struct error *err)
{
	struct arena_mark mark = arena_mark(scratch);
	struct batch b = { .items = items };
	struct logmel m;
	size_t cells, most;
	float *grid;
	int rc = logmel_init(&m, items, err);

	if (rc)
		return rc;
	cells = m.bands * m.frames;
	most = cells < BATCH_CELLS ? BATCH_CELLS / cells : 1;
	most = most < n ? most : n;
	b.m = &m;
	b.cosine = make_cosine(m.bands, scratch);
	b.series = ARENA_RAW(scratch, float,
			     (size_t)threads * MFCC_SERIES * m.frames);
	b.grid = grid = arena_alloc_raw(scratch, most, cells * sizeof(float));
	if (!b.cosine || !b.series || !grid)
		rc = arena_error(scratch, err);
	for (size_t i = 0; i < n && !rc; i += most) {
		size_t take = n - i < most ? n - i : most;

		b.rows = rows + i;
		b.out = out + i * MFCC_FEATURES;
		rc = logmel_fill(&m, items, b.rows, take, threads, scratch,
				 grid, err);
		if (!rc)
			par_for(threads, take, fill_item, &b);
	}
	arena_rewind(scratch, mark);
	return rc;
}
