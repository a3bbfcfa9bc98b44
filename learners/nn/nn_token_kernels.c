/* Plain loops that compilers turn into vectors. */
#include "learners/nn/nn_token_kernels.h"

#include <string.h>

/* One panel: its lines are written over and over, but they are few enough to stay
 * in cache, and x is read once, in order. */
static void pack_panel(const float *restrict x, size_t rows, size_t cols,
		       size_t panel, float *restrict to)
{
	if (rows < panel)
		memset(to, 0, cols * panel * sizeof(*to));
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < cols; j++)
			to[j * panel + i] = x[i * cols + j];
}

static void pack_rows(const float *x, size_t rows, size_t cols, size_t panel,
		      float *panels)
{
	for (size_t i = 0; i < rows; i += panel) {
		size_t n = rows - i < panel ? rows - i : panel;

		pack_panel(x + i * cols, n, cols, panel, panels + i * cols);
	}
}

static void col_top(const float *restrict x, size_t rows, size_t cols,
		    float *restrict top, uint32_t *restrict at)
{
	memcpy(top, x, cols * sizeof(*top));
	memset(at, 0, cols * sizeof(*at));
	for (size_t i = 1; i < rows; i++) {
		const float *row = x + i * cols;

		for (size_t j = 0; j < cols; j++) {
			uint32_t was = at[j];

			at[j] = row[j] > top[j] ? (uint32_t)i : was;
			top[j] = row[j] > top[j] ? row[j] : top[j];
		}
	}
}

const struct nn_token_kernels SIMD_NAME(nn_token_kernels) = {
	.pack_rows = pack_rows,
	.col_top = col_top,
};
