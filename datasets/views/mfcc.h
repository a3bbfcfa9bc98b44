/* Sound as a few numbers: statistics of mel-frequency cepstral coefficients.
 *
 * A series is one number a frame (frames are those of logmel.h):
 *	0 .. 19	 coefficients, c_k = sqrt(2 / bands) sum_b logmel_b
 *		 cos(pi k (b + 1/2) / bands) (Davis & Mermelstein 1980);
 *	20 .. 39 their slopes, sum_d d (c[t + d] - c[t - d]) / 10 for d = 1, 2,
 *		 the ends repeated (Furui 1986);
 *	40	 zero crossings a sample;
 *	41	 log energy, log(1e-10 + mean square).
 * Of each series there are the mean, the standard deviation, the least and the
 * largest value and the skewness; then, once, the logarithm of the length in
 * samples. Only frames that an item has itself are counted, however long the
 * others are.
 */
#ifndef TRIARCH_MFCC_H
#define TRIARCH_MFCC_H

#include "datasets/views/logmel.h"

#define MFCC_COEFFICIENTS 20
#define MFCC_SERIES	  (2 * MFCC_COEFFICIENTS + 2)
#define MFCC_STATISTICS	  5
#define MFCC_FEATURES	  (MFCC_SERIES * MFCC_STATISTICS + 1)

/* Raise when the numbers change: part of the version of encoders that use it. */
#define MFCC_VERSION 1

/* Fill out (n, MFCC_FEATURES), not standardised, with items rows[0..n). Feature
 * s * MFCC_STATISTICS + k is statistic k of series s. `scratch` is wound back.
 * ERR_DATA as of logmel_init; ERR_MEMORY. Same bits on any number of threads. */
int mfcc_fill(const struct items *items, const uint32_t *rows, size_t n,
	      int threads, struct arena *scratch, float *out,
	      struct error *err);

#endif
