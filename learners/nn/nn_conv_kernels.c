/* The two products of a convolution, on one image, without copying patches:
 * windows (pixels, window * run) * w, and windows' * d.
 *
 * Both keep a tile of sums in registers, up to 6 rows of two vectors:
 * 12 chains of fused multiply-adds hide the latency (4 cycles, 2 a cycle) of
 * today's cores, and leave room in 16 registers for two vectors of the panel
 * and a broadcast. Each sum runs over its terms in one order, so bits do not
 * depend on where tiles are cut.
 */
#include "learners/nn/nn_conv_kernels.h"

#include <stdbool.h>
#include <string.h>

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif
#define PANEL (2 * LANES)
#define TILE 6

typedef float vec __attribute__((vector_size(LANES * sizeof(float))));

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define INLINE static inline __attribute__((always_inline))

/* memcpy is how C says "unaligned"; it compiles to one instruction. */
INLINE vec load(const float *x)
{
	vec v;

	memcpy(&v, x, sizeof(v));
	return v;
}

/* One panel: n columns of x (rows, cols), zeros behind them. */
INLINE void pack_panel(const float *x, size_t rows, size_t cols, size_t n,
		       float *panel)
{
	for (size_t i = 0; i < rows; i++, x += cols, panel += PANEL) {
		memcpy(panel, x, n * sizeof(*x));
		memset(panel + n, 0, (PANEL - n) * sizeof(*x));
	}
}

static void pack(const float *x, size_t rows, size_t cols, float *panels)
{
	size_t c = 0;

	/* With a size that the compiler knows, a copy is two instructions. */
	for (; c + PANEL <= cols; c += PANEL, panels += rows * PANEL)
		pack_panel(x + c, rows, cols, PANEL, panels);
	if (c < cols)
		pack_panel(x + c, rows, cols, cols - c, panels);
}

/* The first n of a panel's columns <- low, high. */
INLINE void store(float *out, vec low, vec high, size_t n)
{
	float both[PANEL];

	if (n == PANEL) {
		memcpy(out, &low, sizeof(low));
		memcpy(out + LANES, &high, sizeof(high));
		return;
	}
	memcpy(both, &low, sizeof(low));
	memcpy(both + LANES, &high, sizeof(high));
	memcpy(out, both, n * sizeof(*out));
}

/* Where `n` windows from window `first` on, counted row by row, begin. One
 * division, for a dozen of them costs as much as a short window's sums. */
INLINE void corners(const struct nn_windows *s, const float *image, size_t first,
		    size_t n, const float **at)
{
	size_t y = s->height > 1 ? first / s->width : 0, x = first - y * s->width;

	for (size_t p = 0; p < n; p++) {
		at[p] = image + y * s->down + x * s->across;
		if (++x == s->width) {
			x = 0;
			y++;
		}
	}
}

/* `tile` windows from window `first` on times one panel, whose first n columns
 * go to out (tile, cols). */
INLINE void apply_tile(const struct nn_windows *s, const float *image,
		       size_t first, size_t tile, const float *w,
		       const float *bias, size_t n, size_t cols, float *out)
{
	const float *at[TILE];
	vec low[TILE], high[TILE];

	corners(s, image, first, tile, at);
	for (size_t p = 0; p < tile; p++) {
		low[p] = bias ? load(bias) : (vec){ 0 };
		high[p] = bias ? load(bias + LANES) : (vec){ 0 };
	}
	for (size_t k = 0; k < s->window; k++) {
		for (size_t j = 0; j < s->run; j++, w += PANEL) {
			vec w0 = load(w), w1 = load(w + LANES);
			size_t here = k * s->pitch + j;

			for (size_t p = 0; p < tile; p++) {
				low[p] += at[p][here] * w0;
				high[p] += at[p][here] * w1;
			}
		}
	}
	for (size_t p = 0; p < tile; p++)
		store(out + p * cols, low[p], high[p], n);
}

/* One panel on all windows. The last tile is moved back to be a whole one: its
 * first windows are worked out twice, with the same result. */
static void apply_panel(const struct nn_windows *s, const float *image,
			const float *w, const float *bias, size_t n,
			size_t cols, float *out)
{
	size_t windows = s->height * s->width;

	for (size_t k = 0; windows >= TILE && k < windows; k += TILE) {
		size_t first = MIN(k, windows - TILE);

		apply_tile(s, image, first, TILE, w, bias, n, cols,
			   out + first * cols);
	}
	for (size_t k = 0; windows < TILE && k < windows; k++)
		apply_tile(s, image, k, 1, w, bias, n, cols, out + k * cols);
}

/* Panels outside, windows inside: a panel of 3 x 3 x 32 rows is 18 KiB under
 * AVX2 and stays in the first-level cache while the image streams by. */
static void apply(const struct nn_windows *s, const float *image,
		  const float *w, const float *bias, size_t cols, float *out)
{
	for (size_t c = 0; c < cols; c += PANEL) {
		apply_panel(s, image, w, bias, MIN(cols - c, (size_t)PANEL),
			    cols, out + c);
		w += s->window * s->run * PANEL;
		bias = bias ? bias + PANEL : NULL;
	}
}

/* grad (tile, cols) += `tile` neighbouring floats of each window, from
 * image[0] in the first, times its row of the panel d. */
INLINE void weigh_tile(const struct nn_windows *s, const float *image,
		       size_t tile, const float *d, size_t n, size_t cols,
		       float *grad)
{
	vec low[TILE], high[TILE];

	for (size_t j = 0; j < tile; j++)
		low[j] = high[j] = (vec){ 0 };
	for (size_t y = 0; y < s->height; y++) {
		const float *at = image + y * s->down;

		for (size_t x = 0; x < s->width; x++, d += PANEL) {
			vec d0 = load(d), d1 = load(d + LANES);

			for (size_t j = 0; j < tile; j++) {
				low[j] += at[j] * d0;
				high[j] += at[j] * d1;
			}
			at += s->across;
		}
	}
	for (size_t j = 0; n == PANEL && j < tile; j++)
		store(grad + j * cols, load(grad + j * cols) + low[j],
		      load(grad + j * cols + LANES) + high[j], PANEL);
	for (size_t j = 0; n < PANEL && j < tile; j++) {
		float sum[PANEL];

		store(sum, low[j], high[j], PANEL);
		for (size_t u = 0; u < n; u++)
			grad[j * cols + u] += sum[u];
	}
}

/* The rows of grad that belong to one row of the windows. What sixes leave over
 * is one tile too: rows one by one would wait for their own sums. */
static void weigh_run(const struct nn_windows *s, const float *image,
		      const float *d, size_t n, size_t cols, float *grad)
{
	size_t whole = s->run / TILE * TILE;

	for (size_t j = 0; j < whole; j += TILE)
		weigh_tile(s, image + j, TILE, d, n, cols, grad + j * cols);
	image += whole;
	grad += whole * cols;
	switch (s->run - whole) {
	case 1:
		weigh_tile(s, image, 1, d, n, cols, grad);
		break;
	case 2:
		weigh_tile(s, image, 2, d, n, cols, grad);
		break;
	case 3:
		weigh_tile(s, image, 3, d, n, cols, grad);
		break;
	case 4:
		weigh_tile(s, image, 4, d, n, cols, grad);
		break;
	case 5:
		weigh_tile(s, image, 5, d, n, cols, grad);
		break;
	default:
		break;
	}
}

/* Each tile runs over the whole image once, with the panel of d, which then
 * comes from the first or second-level cache. */
static void weigh(const struct nn_windows *s, const float *image,
		  const float *d, size_t cols, float *grad)
{
	for (size_t c = 0; c < cols; c += PANEL) {
		for (size_t k = 0; k < s->window; k++)
			weigh_run(s, image + k * s->pitch, d,
				  MIN(cols - c, (size_t)PANEL), cols,
				  grad + k * s->run * cols + c);
		d += s->height * s->width * PANEL;
	}
}

/* Channels c, c + 1 ... of a depthwise window: whole vectors, then one by one;
 * bits are the same, for no channel's sum knows of another. */
#define DEPTH_CHANNELS(channels, BODY)                       \
	size_t c = 0;                                        \
	for (; c + LANES <= (channels); c += LANES)          \
		BODY(vec, load, keep)                        \
	for (; c < (channels); c++)                          \
		BODY(float, *, keep_one)

INLINE void keep(float *x, vec v)
{
	memcpy(x, &v, sizeof(v));
}

INLINE void keep_one(float *x, float v)
{
	*x = v;
}

/* out (channels) = one window's sums. */
INLINE void depth_window(const struct nn_windows *s, const float *at,
			 const float *w, const float *bias, size_t channels,
			 float *out)
{
#define BODY(type, get, put)                                                   \
	{                                                                      \
		type sum = get(bias + c);                                      \
		for (size_t k = 0; k < s->window; k++)                         \
			for (size_t x = 0; x < s->run; x += channels)          \
				sum += get(at + k * s->pitch + x + c) *        \
				       get(w + k * s->run + x + c);            \
		put(out + c, sum);                                             \
	}
	DEPTH_CHANNELS(channels, BODY)
#undef BODY
}

static void depth(const struct nn_windows *s, const float *image,
		  const float *w, const float *bias, size_t channels, float *out)
{
	for (size_t y = 0; y < s->height; y++)
		for (size_t x = 0; x < s->width; x++, out += channels)
			depth_window(s, image + y * s->down + x * s->across, w,
				     bias, channels, out);
}

/* One window's share of its pixels' slopes. */
INLINE void depth_give(const struct nn_windows *s, const float *w,
		       const float *d, size_t channels, float *to)
{
#define BODY(type, get, put)                                                   \
	{                                                                      \
		type slope = get(d + c);                                       \
		for (size_t k = 0; k < s->window; k++)                         \
			for (size_t x = 0; x < s->run; x += channels) {        \
				float *at = to + k * s->pitch + x + c;         \
				put(at, get(at) + slope *                      \
						  get(w + k * s->run + x + c)); \
			}                                                      \
	}
	DEPTH_CHANNELS(channels, BODY)
#undef BODY
}

static void depth_back(const struct nn_windows *s, const float *w,
		       const float *d, size_t channels, float *d_image)
{
	for (size_t y = 0; y < s->height; y++)
		for (size_t x = 0; x < s->width; x++, d += channels)
			depth_give(s, w, d, channels,
				   d_image + y * s->down + x * s->across);
}

/* grad (channels) += one tap's products over all windows. */
INLINE void depth_tap(const struct nn_windows *s, const float *image,
		      const float *d, size_t channels, float *grad)
{
#define BODY(type, get, put)                                                   \
	{                                                                      \
		type sum = get(grad + c);                                      \
		for (size_t y = 0; y < s->height; y++)                         \
			for (size_t x = 0; x < s->width; x++)                  \
				sum += get(image + y * s->down +               \
					   x * s->across + c) *                \
				       get(d + (y * s->width + x) * channels + c); \
		put(grad + c, sum);                                            \
	}
	DEPTH_CHANNELS(channels, BODY)
#undef BODY
}

static void depth_weigh(const struct nn_windows *s, const float *image,
			const float *d, size_t channels, float *grad)
{
	for (size_t k = 0; k < s->window; k++)
		for (size_t x = 0; x < s->run; x += channels)
			depth_tap(s, image + k * s->pitch + x, d, channels,
				  grad + k * s->run + x);
}

const struct nn_conv_kernels SIMD_NAME(nn_conv_kernels) = {
	.panel = PANEL,
	.pack = pack,
	.apply = apply,
	.weigh = weigh,
	.depth = depth,
	.depth_back = depth_back,
	.depth_weigh = depth_weigh,
};
