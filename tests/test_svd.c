/* Promises of datasets/views/svd.h and datasets/text/text_dense.h. */
#include "datasets/views/svd.h"

#include <stdlib.h>

#include "datasets/text/text_dense.h"
#include "harness/base/blas.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

#define ROWS 300
#define COLS 60
#define RANK 8

static uint64_t start[ROWS + 1];
static uint32_t indices[ROWS * COLS];
static float values[ROWS * COLS];

/* Random sparse rows; columns get weaker, so the spectrum falls. */
static struct part make_part(void)
{
	struct rng r = rng_make(5, "test/svd");
	uint64_t n = 0;

	for (size_t i = 0; i < ROWS; i++) {
		for (uint32_t j = 0; j < COLS; j++) {
			if (rng_uniform(r, i * COLS + j) > 0.3)
				continue;
			indices[n] = j;
			values[n] = (float)(rng_normal(r, 1u << 20 | n) *
					    pow(0.9, j));
			n++;
		}
		start[i + 1] = n;
	}
	return (struct part){ .rows = ROWS, .row_start = start,
			      .index = indices, .value = values };
}

/* Eigenvalues (rising) and eigenvectors (rows of g) of A'A, densely. */
static void dense_twin(const struct part *p, double *g, double *w)
{
	static double work[1 + 6 * COLS + 2 * COLS * COLS];
	static int iwork[3 + 5 * COLS];
	struct error err = { 0 };

	for (size_t i = 0; i < p->rows; i++)
		for (uint64_t a = p->row_start[i]; a < p->row_start[i + 1]; a++)
			for (uint64_t b = p->row_start[i];
			     b < p->row_start[i + 1]; b++)
				g[p->index[a] * COLS + p->index[b]] +=
					(double)p->value[a] *
					(double)p->value[b];
	if (blas_dsyevd(g, COLS, w, work, sizeof(work) / sizeof(*work), iwork,
			sizeof(iwork) / sizeof(*iwork), &err))
		abort();
}

static void against_dense(struct arena *a)
{
	static double g[COLS * COLS], w[COLS];
	struct part p = make_part();
	double sigma = 0, cosine = 1;
	struct error err = { 0 };
	struct svd s;

	dense_twin(&p, g, w);
	if (!ok(!svd_fit(&s, &p, COLS, RANK, 1, a, &err) && s.rank == RANK,
		"svd: fits"))
		return;
	for (size_t k = 0; k < RANK; k++) {
		double dot = 0;

		for (size_t j = 0; j < COLS; j++)
			dot += g[(COLS - 1 - k) * COLS + j] *
			       (double)s.v[j * RANK + k];
		sigma = fmax(sigma, fabs(s.sigma[k] / sqrt(w[COLS - 1 - k]) - 1));
		cosine = fmin(cosine, fabs(dot));
	}
	/* 1e-5: four iterations and 16 extra directions leave (s_25 / s_8)^18,
	 * about 0.2^18 here; the rest is rounding to float */
	ok_near(sigma, 0, 1e-5, "svd: singular values of the dense problem");
	ok_near(cosine, 1, 1e-4, "svd: and its directions");
}

static void projection(struct arena *a)
{
	static float x[ROWS * RANK];
	struct part p = make_part();
	struct error err = { 0 };
	double square = 0;
	struct svd s;

	svd_fit(&s, &p, COLS, RANK, 1, a, &err);
	svd_project(&s, &p, 2, x);
	for (size_t i = 0; i < ROWS; i++)
		square += (double)x[i * RANK] * (double)x[i * RANK];
	/* 1e-4: float sums over 300 rows */
	ok_near(sqrt(square) / s.sigma[0], 1, 1e-4,
		"svd: the first column of the projection is as long as sigma");
}

static void threads(struct arena *a)
{
	struct part p = make_part();
	struct error err = { 0 };
	struct svd one, many;

	svd_fit(&one, &p, COLS, RANK, 1, a, &err);
	for (int t = 2; t <= 4; t += 2) {
		svd_fit(&many, &p, COLS, RANK, t, a, &err);
		ok(!memcmp(one.v, many.v, COLS * RANK * sizeof(float)) &&
			   !memcmp(one.sigma, many.sigma, RANK * sizeof(double)),
		   "svd: same bits on %d threads", t);
	}
}

static void odd_shapes(struct arena *a)
{
	static const uint64_t two[] = { 0, 2, 4 };
	static const uint32_t where[] = { 0, 2, 0, 2 };
	static const float same[] = { 1, 2, 1, 2 }, zero[] = { 0, 0, 0, 0 };
	struct part p = { .rows = 2, .row_start = two, .index = where,
			  .value = same };
	struct error err = { 0 };
	struct svd s;

	ok(!svd_fit(&s, &p, 3, 10, 1, a, &err) && s.rank == 1,
	   "svd: the rank is at most that of the matrix");
	ok_near(s.sigma[0], sqrt(10), 1e-9, "svd: exact for rank 1");
	ok_near(s.v[2], 2 / sqrt(5), 1e-6, "svd: the largest entry is positive");
	p.value = zero;
	ok(svd_fit(&s, &p, 3, 10, 1, a, &err) == ERR_DATA,
	   "svd: a zero matrix is an error");
}

static void text(struct arena *a)
{
	static const char *const texts[] = { "a cat", "a dog", "the cat",
					     "the dog", "a cat", "bird" };
	static const uint32_t rows[] = { 0, 1, 2, 3, 4, 5 };
	struct items items = { .modality = MODALITY_TEXT, .n = 6,
			       .text = texts };
	struct split split = { .n_train = 4, .n_valid = 1, .n_test = 1,
			       .train = rows, .valid = rows + 4,
			       .test = rows + 5 };
	struct error err = { 0 };
	struct dataset d = { 0 };
	double square = 0;

	if (!ok(!text_dense(&items, &split, 2, a, &d, &err) && d.cols > 0 &&
			d.cols <= 4 && d.valid.rows == 1,
		"text_dense: encodes"))
		return;
	for (size_t k = 0; k < 4 * d.cols; k++)
		square += (double)d.train.x[k] * (double)d.train.x[k];
	ok_near(square / (double)(4 * d.cols), 1, 1e-5,
		"text_dense: a training cell has mean square 1");
	ok(!memcmp(d.train.x, d.valid.x, d.cols * sizeof(float)),
	   "text_dense: the same text has the same row in every part");
	ok(d.test.x[0] == 0.0f, "text_dense: a text of new words is zero");
}

static void failing_memory(void)
{
	struct part p = make_part();
	bool good = true;
	int rc = ERR_MEMORY;

	for (size_t k = 1; rc && k < 100; k++) {
		struct error err = { 0 };
		struct svd s;
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = k;
		rc = svd_fit(&s, &p, COLS, RANK, 1, &a, &err);
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && !rc, "svd: every allocation that fails is an error");
}

int main(void)
{
	struct arena a;

	blas_init();
	arena_init(&a, 0);
	against_dense(&a);
	projection(&a);
	threads(&a);
	odd_shapes(&a);
	text(&a);
	failing_memory();
	arena_clear(&a);
	return tap_done();
}
