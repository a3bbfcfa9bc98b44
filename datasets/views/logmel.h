/* Log-mel spectrograms: sound as a small picture.
 *
 * Frame t covers the samples [t hop, t hop + window), weighted by a periodic
 * Hann window w_i = (1 - cos(2 pi i / window)) / 2 and zero-padded to `fft`
 * points. Power |X_k|^2 is summed under triangles that are equally wide on the
 * mel scale mel(f) = 2595 log10(1 + f / 700) (O'Shaughnessy 1987) and have
 * height 1: band b rises from edge b to edge b + 1 and falls to edge b + 2, of
 * bands + 2 edges between 60 Hz and min(7600 Hz, 0.475 rate). A cell is
 * log(1e-6 + sum), natural, not standardised.
 */
#ifndef TRIARCH_LOGMEL_H
#define TRIARCH_LOGMEL_H

#include "datasets/dataset.h"

#define LOGMEL_BANDS 40

/* Raise when the numbers change: part of the version of encoders that use it. */
#define LOGMEL_VERSION 1

/* The shape that all items of a data set share. */
struct logmel {
	double rate;	/* samples a second */
	size_t window;	/* samples: 25 ms */
	size_t hop;	/* samples: 10 ms */
	size_t fft;	/* points: the power of two >= window */
	size_t bands;	/* rows of the picture (its height), low to high */
	size_t frames;	/* columns of the picture (its width) */
};

/* Sizes from the items' rate and their longest wave: every frame that fits, at
 * least 1; shorter waves are padded with zeros. ERR_DATA when there are no
 * waves or the rate is outside 2,000 .. 1,000,000. */
int logmel_init(struct logmel *m, const struct items *items, struct error *err);

/* Fill out (n, bands, frames) with the spectrograms of items rows[0..n).
 * `scratch` is wound back to where it was. ERR_MEMORY. */
int logmel_fill(const struct logmel *m, const struct items *items,
		const uint32_t *rows, size_t n, int threads,
		struct arena *scratch, float *out, struct error *err);

#endif
