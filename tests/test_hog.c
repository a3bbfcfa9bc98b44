/* Promises of datasets/views/hog.h and of the hog view. */
#include "datasets/views/hog.h"

#include <stdlib.h>

#include "datasets/encode.h"
#include "harness/base/rng.h"
#include "tests/data_fixtures.h"
#include "tests/tap.h"

#define SIDE_MAX 64
#define SCRATCH	 20000

static uint8_t picture[3 * SIDE_MAX * SIDE_MAX], other[3 * SIDE_MAX * SIDE_MAX];
static float scratch[SCRATCH], got[SCRATCH], want[SCRATCH];

static void draw(uint64_t seed, size_t n)
{
	for (size_t k = 0; k < n; k++)
		picture[k] = (uint8_t)rng_u32(rng_make(seed, "picture"), k);
}

static struct hog make(size_t channels, size_t height, size_t width, size_t bins)
{
	struct hog h;

	hog_init(&h, channels, height, width, bins);
	if (hog_scratch(&h) > SCRATCH || h.features > SCRATCH)
		abort();
	return h;
}

static void sizes(void)
{
	struct hog h = make(1, 28, 28, 9);

	ok(h.rows == 7 && h.cols == 7 && h.features == 36 * 36,
	   "28 x 28: 7 x 7 cells, 6 x 6 blocks");
	h = make(3, 32, 32, 9);
	ok(h.rows == 7 && h.features == 1296, "32 x 32 colours: as many");
	hog_init(&h, 3, 224, 448, 9);
	ok(h.rows == 7 && h.cols == 14, "224 x 448: 7 x 14 cells");
	h = make(1, 8, 8, 9);
	ok(h.rows == 2 && h.features == 36, "8 x 8: one block");
	h = make(1, 6, 5, 9);
	ok(h.rows == 2 && h.cols == 1 && h.features == 18,
	   "6 x 5: a block of two cells");
	h = make(1, 1, 1, 9);
	ok(h.features == 9, "a single pixel has a cell");
	hog_init(&h, 1, 10, 100000, 9);
	ok(h.cols == 28, "a panorama has no more than 28 cells");
}

/* ------------------------------------------- the definition, a loop a thing */

static double at(const struct hog *h, size_t c, long y, long x)
{
	y = y < 0 ? 0 : y >= (long)h->height ? (long)h->height - 1 : y;
	x = x < 0 ? 0 : x >= (long)h->width ? (long)h->width - 1 : x;
	return picture[(c * h->height + (size_t)y) * h->width + (size_t)x] / 255.0;
}

/* How much of a vote at position p (in cells) cell k of n takes: a triangle,
 * but what would go beyond the border stays in it. */
static double take(double p, size_t k, size_t n)
{
	double x = fmin(fmax(p, 0.5), (double)n - 0.5);

	return fmax(0, 1 - fabs(x - ((double)k + 0.5)));
}

/* The same on a circle of n. */
static double take_round(double p, size_t k, size_t n)
{
	double d = fabs(p - ((double)k + 0.5));

	return fmax(0, 1 - fmin(d, (double)n - d));
}

static double twin_cell(const struct hog *h, size_t row, size_t col, size_t bin)
{
	double sum = 0;

	for (long y = 0; y < (long)h->height; y++) {
		for (long x = 0; x < (long)h->width; x++) {
			double dx = 0, dy = 0, turn;

			for (size_t c = 0; c < h->channels; c++) {
				double gx = at(h, c, y, x + 1) - at(h, c, y, x - 1);
				double gy = at(h, c, y + 1, x) - at(h, c, y - 1, x);

				if (hypot(gx, gy) > hypot(dx, dy) + 1e-7) {
					dx = gx;
					dy = gy;
				}
			}
			turn = fmod(atan2(dy, dx) / M_PI + 1, 1);
			sum += hypot(dx, dy) *
			       take_round(turn * (double)h->bins, bin, h->bins) *
			       take(((double)y + 0.5) * (double)h->rows /
					    (double)h->height, row, h->rows) *
			       take(((double)x + 0.5) * (double)h->cols /
					    (double)h->width, col, h->cols);
		}
	}
	return sum;
}

static void twin_normalise(double *v, size_t n)
{
	for (int pass = 0; pass < 2; pass++) {
		double square = 1e-4;

		for (size_t k = 0; k < n; k++)
			square += v[k] * v[k];
		for (size_t k = 0; k < n; k++)
			v[k] = pass ? v[k] / sqrt(square) :
				      fmin(0.2, v[k] / sqrt(square));
	}
}

static size_t twin(const struct hog *h, float *out)
{
	size_t high = h->rows < 2 ? 1 : 2, wide = h->cols < 2 ? 1 : 2, n = 0;

	for (size_t y = 0; y + high <= h->rows; y++) {
		for (size_t x = 0; x + wide <= h->cols; x++) {
			double v[64];
			size_t m = 0;

			for (size_t k = 0; k < high * wide; k++)
				for (size_t b = 0; b < h->bins; b++)
					v[m++] = twin_cell(h, y + k / wide,
							   x + k % wide, b);
			twin_normalise(v, m);
			for (size_t k = 0; k < m; k++)
				out[n++] = (float)v[k];
		}
	}
	return n;
}

static void against_twin(void)
{
	static const size_t shapes[][4] = {
		{ 1, 28, 28, 9 }, { 3, 13, 17, 9 }, { 1, 6, 5, 9 },
		{ 2, 1, 9, 9 }, { 1, 1, 1, 9 }, { 1, 20, 20, 10 },
	};

	for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
		const size_t *s = shapes[k];
		struct hog h = make(s[0], s[1], s[2], s[3]);
		double worst = 0;
		size_t n;

		draw(k, s[0] * s[1] * s[2]);
		hog_fill(&h, picture, scratch, got);
		n = twin(&h, want);
		for (size_t i = 0; i < n; i++)
			worst = fmax(worst, fabs((double)got[i] - (double)want[i]));
		ok(n == h.features, "%zu x %zu x %zu: all features", s[0], s[1],
		   s[2]);
		/* float sums of some hundred votes, over their length */
		ok_near(worst, 0, 3e-6, "%zu x %zu x %zu: as the plain loops",
			s[0], s[1], s[2]);
	}
}

/* other = the picture under a map of the plane that maps (y, x) of it */
enum map { MIRROR, HALF_TURN, QUARTER_TURN };

static void turn_picture(size_t side, enum map map)
{
	for (size_t y = 0; y < side; y++) {
		for (size_t x = 0; x < side; x++) {
			size_t ty = map == HALF_TURN ? side - 1 - y : y;
			size_t tx = side - 1 - x;

			if (map == QUARTER_TURN) { /* right goes down */
				ty = x;
				tx = side - 1 - y;
			}
			other[ty * side + tx] = picture[y * side + x];
		}
	}
}

/* Direction and block of the turned picture that feature (block y, x, cell r, c,
 * bin b) of the picture becomes. Nine bins are a permutation under mirrors and
 * half turns; a quarter turn is 4 1/2 of them, so ten are taken for it. */
static size_t image_of(const struct hog *h, size_t index, enum map map)
{
	size_t places = h->cols - 1, b = index % h->bins;
	size_t c = index / h->bins % 2, r = index / h->bins / 2 % 2;
	size_t x = index / h->bins / 4 % places, y = index / h->bins / 4 / places;
	size_t old_y = y, old_r = r;

	if (map == MIRROR)
		b = h->bins - 1 - b;
	if (map == HALF_TURN) {
		y = places - 1 - y;
		r = 1 - r;
	}
	if (map == QUARTER_TURN) {
		y = x;
		r = c;
		x = old_y;
		c = old_r;
		b = (b + h->bins / 2) % h->bins;
	}
	x = places - 1 - x;
	c = 1 - c;
	return (((y * places + x) * 2 + r) * 2 + c) * h->bins + b;
}

static void turns(void)
{
	static const char *const names[] = { "a mirror", "a half turn",
					     "a quarter turn" };

	for (int map = MIRROR; map <= QUARTER_TURN; map++) {
		struct hog h = make(1, 30, 30, map == QUARTER_TURN ? 10 : 9);
		double worst = 0;

		draw(77, 900);
		turn_picture(30, (enum map)map);
		hog_fill(&h, picture, scratch, got);
		hog_fill(&h, other, scratch, want);
		for (size_t k = 0; k < h.features; k++)
			worst = fmax(worst, fabs((double)got[k] -
				(double)want[image_of(&h, k, (enum map)map)]));
		/* the same votes in another order */
		ok_near(worst, 0, 2e-6, "%s exchanges cells and directions",
			names[map]);
	}
}

static void edges(void)
{
	struct hog h = make(1, 28, 28, 9);
	double square = 0, off = 0;

	for (size_t k = 0; k < 784; k++)
		picture[k] = k % 28 < 14 ? 0 : 200;
	hog_fill(&h, picture, scratch, got);
	for (size_t k = 0; k < 36; k++) {
		const float *v = got + (2 * 36) + k; /* a block at the edge */

		square += (double)*v * (double)*v;
		if (k % 9 != 0 && k % 9 != 8)
			off += (double)*v;
	}
	ok_near(square, 1, 1e-3, "an edge: its block has length 1");
	ok_near(off, 0, 1e-6, "its direction alone has votes, from both sides");
	memset(picture, 130, sizeof(picture));
	hog_fill(&h, picture, scratch, got);
	off = 0;
	for (size_t k = 0; k < h.features; k++)
		off += fabs((double)got[k]);
	ok_near(off, 0, 0, "a blank picture has no direction");
}

/* Brightness and contrast go, as far as edges are strong. */
static void light(void)
{
	struct hog h = make(1, 28, 28, 9);
	double worst = 0;

	draw(5, 784);
	for (size_t k = 0; k < 784; k++) {
		picture[k] /= 4;
		other[k] = (uint8_t)(picture[k] * 3 + 20);
	}
	hog_fill(&h, picture, scratch, got);
	hog_fill(&h, other, scratch, want);
	for (size_t k = 0; k < h.features; k++)
		worst = fmax(worst, fabs((double)got[k] - (double)want[k]));
	/* LEAST / |v|, of blocks of 64 pixels of contrast 1/8 */
	ok_near(worst, 0, 1e-4, "contrast and brightness do not matter");
	memcpy(other, picture, 784);
	memset(other + 784, 99, 1568);
	hog_fill(&h, picture, scratch, got);
	h = make(3, 28, 28, 9);
	hog_fill(&h, other, scratch, want);
	ok(!memcmp(got, want, h.features * sizeof(float)),
	   "of three channels the one that has the edges counts");
}

static void view(void)
{
	struct arena a;
	struct items it;
	struct split split;
	struct dataset d;
	struct error err;
	double sum = 0, square = 0, most = 0;

	arena_init(&a, 0);
	it = fixture_image(&a, 300);
	split = fixture_split(&a, 300, 200, 50);
	if (encoder_find(VIEW_HOG, MODALITY_IMAGE)->encode(&it, &split, 2, &a, &d,
							   &err))
		abort();
	for (size_t i = 0; i < 200; i++) {
		sum += (double)d.train.x[i * d.cols + 4] / 200;
		square += pow((double)d.train.x[i * d.cols + 4], 2) / 200;
	}
	ok(d.cols == 18 && d.view == VIEW_DENSE, "view: dense, a column a feature");
	ok_near(sum, 0, 1e-6, "view: training columns have mean 0");
	ok_near(square, 1, 1e-5, "view: and deviation 1");
	for (size_t k = 0; k < 50 * d.cols; k++)
		most = fmax(most, fabs((double)d.test.x[k]));
	ok(most > 0.5 && most <= 10, "view: test rows have the same scale");
	ok(!encoder_find(VIEW_HOG, MODALITY_AUDIO), "view: of pictures alone");
	arena_clear(&a);
}

int main(void)
{
	sizes();
	against_twin();
	turns();
	edges();
	light();
	view();
	return tap_done();
}
