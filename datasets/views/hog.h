/* Histograms of oriented gradients: a picture as the directions of its edges,
 * by place (Dalal & Triggs 2005, "Histograms of oriented gradients for human
 * detection", CVPR).
 *
 * The gradient of a pixel is (right - left, below - above), the border repeated;
 * of several channels the one with the longest gradient counts. Its direction
 * without sign, in [0, pi), votes with the gradient's length, shared linearly
 * between the two nearest of `bins` directions (centres (k + 1/2) pi / bins)
 * and the four nearest cells. Cells of 2 x 2 make a block, blocks overlap by a
 * cell; the votes of a block are scaled to length 1, cut at 0.2 and scaled again
 * (Lowe's L2-Hys).
 */
#ifndef TRIARCH_HOG_H
#define TRIARCH_HOG_H

#include <stddef.h>
#include <stdint.h>

#define HOG_BINS 9

/* Raise when the numbers change: part of the version of encoders that use it. */
#define HOG_VERSION 1

struct hog {
	size_t channels, height, width; /* of the picture */
	size_t bins;
	size_t rows, cols; /* cells */
	size_t features;   /* blocks x (2 x 2) x bins, less where cells are few */
};

/* Sizes by convention, not by validation: the shorter side has a cell for every
 * 4 pixels, but at most 7 (28 x 28: 7 x 7 cells of 4 pixels, 6 x 6 blocks, 1296
 * features; 224 x 224: cells of 32), the longer side has as many of the same
 * size as fit best, at most 28. A cell may be a fraction of a pixel larger, so
 * that cells cover the picture. One row or column of cells has blocks 1 wide. */
void hog_init(struct hog *h, size_t channels, size_t height, size_t width,
	      size_t bins);

/* Floats of scratch memory that hog_fill needs. */
size_t hog_scratch(const struct hog *h);

/* out (features) of one planar picture: block by block in reading order, in it
 * cell by cell, in it direction by direction. All 0 for a blank picture. */
void hog_fill(const struct hog *h, const uint8_t *pixels, float *scratch,
	      float *out);

#endif
