/* Log-mel spectrograms, as speech recognition has used them since Davis &
 * Mermelstein 1980 ("Comparison of parametric representations for monosyllabic
 * word recognition", IEEE ASSP 28), without their final cosine transform: a
 * convolution wants neighbouring bands to stay neighbours.
 *
 * Windows of 25 ms every 10 ms, short enough for speech to stand still in
 * them; power spectrum; triangular bands, equally wide on the mel scale (as
 * the ear resolves pitch); logarithm, as loudness is felt. The top band ends
 * below the Nyquist frequency, where the resampler's filter falls off. */
#include "datasets/views/logmel.h"

#include <math.h>
#include <string.h>

#include <kissfft/kiss_fftr.h>

#include "harness/base/par.h"

#define WINDOW_S 0.025
#define HOP_S 0.010
#define LOWEST_HZ 60.0
#define HIGHEST_HZ 7600.0
#define HIGHEST_SHARE 0.475 /* of the rate: just below the Nyquist frequency */
#define FLOOR 1e-6	    /* digital silence is log(1e-6), not -inf */
#define FRAME_GRAIN 256

/* The weights of one band: bins [first, first + n). */
struct band {
	size_t first, n;
	float *weight; /* (n) */
};

/* What the worker of one thread writes on; kissfft writes into its plan. */
struct bench {
	kiss_fftr_cfg plan;
	float *frame;	       /* (fft) */
	kiss_fft_cpx *spectrum; /* (fft / 2 + 1) */
	float *power;	       /* (fft / 2 + 1) */
};

struct maker {
	const struct logmel *m;
	const struct items *items;
	const uint32_t *rows; /* (n) */
	size_t n;
	float *hann;	     /* (window) */
	struct band *bands;  /* (bands) */
	struct bench *bench; /* (threads) */
	float *out;	     /* (n, bands, frames) */
};

/* All items get as many frames as the longest has, shorter ones end in
 * silence: rows of a matrix have one length. An item shorter than a window
 * still has one frame. */
int logmel_init(struct logmel *m, const struct items *items, struct error *err)
{
	size_t longest = 0;

	if (!items->n || !items->wave)
		return error_set(err, ERR_DATA, "there are no waves");
	if (!(items->rate >= 2e3 && items->rate <= 1e6))
		return error_set(err, ERR_DATA, "a rate of %g Hz is outside "
				 "2,000 to 1,000,000", items->rate);
	for (size_t i = 0; i < items->n; i++) {
		size_t n = items->wave_start[i + 1] - items->wave_start[i];

		longest = n > longest ? n : longest;
	}
	*m = (struct logmel){
		.rate = items->rate,
		.window = (size_t)lround(items->rate * WINDOW_S),
		.hop = (size_t)lround(items->rate * HOP_S),
		.bands = LOGMEL_BANDS,
		.frames = 1,
	};
	for (m->fft = 2; m->fft < m->window;)
		m->fft *= 2;
	if (longest > m->window)
		m->frames += (longest - m->window) / m->hop;
	return 0;
}

/* O'Shaughnessy 1987, "Speech Communication", as in HTK: 1,000 Hz are 1,000
 * mel. */
static double mel(double hz)
{
	return 2595 * log10(1 + hz / 700);
}

/* The inverse of mel(). */
static double hz(double mels)
{
	return 700 * (pow(10, mels / 2595) - 1);
}

/* The k-th of bands + 2 edges, equally far apart in mel. */
static double edge(const struct logmel *m, size_t k)
{
	double low = mel(LOWEST_HZ);
	double high = mel(fmin(HIGHEST_HZ, HIGHEST_SHARE * m->rate));

	return hz(low + (high - low) * (double)k / (double)(m->bands + 1));
}

/* The triangle of band b, over the bins strictly inside it. At low rates the
 * lowest bands are narrower than a bin and may hold none: such a band is the
 * floor throughout, a constant column. */
static int make_band(const struct logmel *m, size_t b, struct arena *a,
		     struct band *out, struct error *err)
{
	double left = edge(m, b), top = edge(m, b + 1), right = edge(m, b + 2);
	double step = m->rate / (double)m->fft; /* Hz from bin to bin */

	out->first = (size_t)floor(left / step) + 1;
	while ((double)(out->first + out->n) * step < right)
		out->n++;
	out->weight = ARENA_NEW(a, float, out->n);
	if (!out->weight)
		return arena_error(a, err);
	for (size_t k = 0; k < out->n; k++) {
		double f = (double)(out->first + k) * step;

		out->weight[k] = (float)fmin((f - left) / (top - left),
					     (right - f) / (right - top));
	}
	return 0;
}

/* The Hann window (periodic, as spectral analysis wants it) and the bands:
 * shared by all threads and only read. */
static int make_tables(struct maker *k, struct arena *a, struct error *err)
{
	const struct logmel *m = k->m;
	int rc = 0;

	k->hann = ARENA_NEW(a, float, m->window);
	k->bands = ARENA_NEW(a, struct band, m->bands);
	if (!k->hann || !k->bands)
		return arena_error(a, err);
	for (size_t i = 0; i < m->window; i++)
		k->hann[i] = (float)(0.5 - 0.5 * cos(2 * M_PI * (double)i /
						     (double)m->window));
	for (size_t b = 0; b < m->bands && !rc; b++)
		rc = make_band(m, b, a, &k->bands[b], err);
	return rc;
}

/* A plan in the arena's memory: kissfft is asked for its size first. */
static int bench_init(struct bench *b, size_t fft, struct arena *a,
		      struct error *err)
{
	size_t size = 0;
	void *memory;

	kiss_fftr_alloc((int)fft, 0, NULL, &size);
	memory = arena_alloc(a, size, 1);
	b->frame = ARENA_NEW(a, float, fft);
	b->spectrum = ARENA_NEW(a, kiss_fft_cpx, fft / 2 + 1);
	b->power = ARENA_NEW(a, float, fft / 2 + 1);
	if (!memory || !b->frame || !b->spectrum || !b->power)
		return arena_error(a, err);
	b->plan = kiss_fftr_alloc((int)fft, 0, memory, &size);
	return b->plan ? 0 : error_set(err, ERR_BUG, "no FFT of %zu points", fft);
}

/* |X|^2 of the frame that starts at x; `have` of its samples exist, the rest
 * are zeros, as are those from the window's end to the FFT's. */
static void frame_power(const struct maker *k, struct bench *b, const float *x,
			size_t have)
{
	size_t window = k->m->window, fft = k->m->fft;

	have = have < window ? have : window;
	for (size_t i = 0; i < have; i++)
		b->frame[i] = x[i] * k->hann[i];
	memset(b->frame + have, 0, (fft - have) * sizeof(*b->frame));
	kiss_fftr(b->plan, b->frame, b->spectrum);
	for (size_t i = 0; i <= fft / 2; i++)
		b->power[i] = b->spectrum[i].r * b->spectrum[i].r +
			      b->spectrum[i].i * b->spectrum[i].i;
}

/* The floor is added, not taken as a maximum: it leaves no kink at which all
 * quiet frames would become equal. */
static float band_level(const struct band *band, const float *power)
{
	double sum = FLOOR;

	for (size_t i = 0; i < band->n; i++)
		sum += (double)(band->weight[i] * power[band->first + i]);
	return (float)log(sum);
}

/* Frame t of item i into its column of the picture, whose rows are bands. A
 * frame behind the end of its item is silence, and needs no transform. */
static void fill_frame(const struct maker *k, struct bench *b, size_t i,
		       size_t t)
{
	const size_t *start = k->items->wave_start + k->rows[i];
	const struct logmel *m = k->m;
	float *out = k->out + i * m->bands * m->frames + t;
	size_t at = t * m->hop, n = start[1] - start[0];

	if (at >= n) {
		for (size_t j = 0; j < m->bands; j++)
			out[j * m->frames] = (float)log(FLOOR);
		return;
	}
	frame_power(k, b, k->items->wave + start[0] + at, n - at);
	for (size_t j = 0; j < m->bands; j++)
		out[j * m->frames] = band_level(&k->bands[j], b->power);
}

/* A stretch of frames of one item: a single recording of ten minutes must keep
 * all threads busy, too. Which of them takes a chunk decides only about scratch
 * memory. */
static void fill_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct maker *k = ctx;
	size_t stretches = par_chunks(k->m->frames, FRAME_GRAIN);
	struct par_range r = par_range(k->m->frames, FRAME_GRAIN,
				       chunk % stretches);

	for (size_t t = r.begin; t < r.end; t++)
		fill_frame(k, &k->bench[worker], chunk / stretches, t);
}

/* A bench a thread, made before the loop: arenas are not for threads. */
int logmel_fill(const struct logmel *m, const struct items *items,
		const uint32_t *rows, size_t n, int threads,
		struct arena *scratch, float *out, struct error *err)
{
	struct maker k = { .m = m, .items = items, .rows = rows, .n = n,
			   .out = out };
	struct arena_mark mark = arena_mark(scratch);
	int rc = make_tables(&k, scratch, err);

	k.bench = ARENA_NEW(scratch, struct bench, (size_t)threads);
	if (!rc && !k.bench)
		rc = arena_error(scratch, err);
	for (int t = 0; t < threads && !rc; t++)
		rc = bench_init(&k.bench[t], m->fft, scratch, err);
	if (!rc)
		par_for(threads, n * par_chunks(m->frames, FRAME_GRAIN),
			fill_chunk, &k);
	arena_rewind(scratch, mark);
	return rc;
}
