/* Ranks and sums of gains at every instruction-set level, by hand. */
#include "learners/gbdt/cut_kernels.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

static const struct cut_kernels *table(enum simd_level level)
{
	return SIMD_AT(cut_kernels, level);
}

static void test_rank(enum simd_level level)
{
	bool same = true;

	for (size_t n = 0; n <= 256; n++) {
		struct rng r = rng_make(n, "rank");
		float key[256 + 16];
		uint8_t rank[256];

		for (size_t k = 0; k < n; k++) /* with many that are equal */
			key[k] = n % 2 ? (float)rng_below(r, k, 9) - 4 :
					 (float)rng_normal(r, k);
		table(level)->rank(key, n, rank);
		for (size_t k = 0; k < n; k++) {
			size_t want = 0;

			for (size_t i = 0; i < n; i++)
				want += key[i] < key[k] ||
					(key[i] == key[k] && i < k);
			same &= rank[k] == want;
		}
	}
	ok(same, "cut_kernels: ranks of a stable sort (%s)",
	   simd_level_name(level));
}

static void test_gains(enum simd_level level)
{
	bool same = true;

	for (size_t n = 0; n <= 256; n += 1 + n / 7) {
		struct rng r = rng_make(n, "gains");
		float sum[257], want[257], score[256];

		for (size_t k = 0; k < n; k++) {
			sum[k] = want[k] = (float)rng_uniform(r, k);
			score[k] = k % 3 ? (float)rng_uniform(r, 999 + k) : -1;
			want[k] += k % 3 ? score[k] - 0.25f : 0;
		}
		if (n) {
			score[n / 2] = -2;
			want[n / 2] = -INFINITY;
		}
		sum[n] = 7;
		table(level)->add_gains(sum, score, 0.25f, n);
		same &= !memcmp(sum, want, n * sizeof(float)) && sum[n] == 7;
	}
	ok(same, "cut_kernels: gains are added, light sides not, forbidden cuts never (%s)",
	   simd_level_name(level));
}

int main(void)
{
	for (int level = 0; level <= (int)simd_level(); level++) {
		test_rank((enum simd_level)level);
		test_gains((enum simd_level)level);
	}
	return tap_done();
}
