/* Promises of datasets/views/gauss_map.h and of the quantile view. */
#include "datasets/views/gauss_map.h"

#include <stdlib.h>

#include "datasets/encode.h"
#include "tests/data_fixtures.h"
#include "tests/tap.h"

static struct gauss_map fit(const float *values, size_t n, struct arena *a)
{
	float *copy = arena_copy(a, values, n * sizeof(*values));
	struct gauss_map m;
	struct error err;

	if (!copy || gauss_map_init(&m, n, a, &err))
		abort();
	gauss_map_fit(&m, copy, n);
	return m;
}

/* To 16 digits; Python's statistics.NormalDist().inv_cdf(p) agrees to 1e-15. */
static void quantiles(void)
{
	static const double known[][2] = {
		{ 0.5, 0 }, { 0.975, 1.959963984540054 },
		{ 0.025, -1.959963984540054 }, { 0.75, 0.6744897501960817 },
		{ 1e-7, -5.199337582192817 }, { 1e-3, -3.090232306167813 },
		{ 0.999, 3.090232306167813 }, { 0.1, -1.2815515655446004 },
	};
	double worst = 0;

	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
		ok_near(gauss_quantile(known[k][0]), known[k][1], 2e-14,
			"the normal quantile at %g", known[k][0]);
	for (double p = 1e-300; p < 0.5; p = p < 0.01 ? p * 3 : p + 0.001)
		worst = fmax(worst, fabs(erfc(-gauss_quantile(p) / sqrt(2)) / 2 /
					 p - 1));
	/* p is steep in z far out: d log p = z dz, z = -37 at 1e-300 */
	ok_near(worst, 0, 1e-12, "it inverts the distribution, far out too");
}

/* ranks 1 to 5 of 5 with a tie: (0 + 1) / 10, (1 + 3) / 10, ... */
static void scores(struct arena *a)
{
	static const float x[] = { 8, 1, 8, 90, 100 };
	struct gauss_map m = fit(x, 5, a);

	ok(m.n == 4, "equal values are one knot");
	ok_near(gauss_map_apply(&m, 1), gauss_quantile(0.1), 1e-15,
		"the least of five stands at 1/10");
	ok_near(gauss_map_apply(&m, 8), gauss_quantile(0.4), 1e-15,
		"ties share the middle of their ranks");
	ok_near(gauss_map_apply(&m, 100), gauss_quantile(0.9), 1e-15,
		"the largest of five stands at 9/10");
	ok_near(gauss_map_apply(&m, 95),
		(gauss_quantile(0.7) + gauss_quantile(0.9)) / 2, 1e-15,
		"between two values the map is linear");
	ok_near(gauss_map_apply(&m, -1e30f), gauss_quantile(0.1), 1e-15,
		"below the least it is constant");
	ok_near(gauss_map_apply(&m, INFINITY), gauss_quantile(0.9), 1e-15,
		"above the largest as well");
}

static void inverts(struct arena *a)
{
	float x[5000];
	struct gauss_map m;
	double worst = 0, off = 0;
	bool rises = true;

	for (size_t i = 0; i < 5000; i++) /* heavy tails */
		x[i] = (float)exp(3 * rng_normal(rng_make(2, "t"), i));
	m = fit(x, 5000, a);
	ok(m.n == GAUSS_MAP_KNOTS, "many values: as many knots as there may be");
	for (size_t k = 0; k < m.n; k++)
		rises &= !k || (m.value[k] > m.value[k - 1] && m.z[k] > m.z[k - 1]);
	ok(rises, "knots rise in both");
	for (size_t i = 0; i < 5000; i++) {
		double z = gauss_map_apply(&m, x[i]);
		double back = (double)gauss_map_invert(&m, z), rank = 0.5;

		worst = fmax(worst, fabs(back / (double)x[i] - 1));
		for (size_t j = 0; i % 50 == 0 && j < 5000; j++)
			rank += x[j] < x[i];
		if (i % 50 == 0)
			off = fmax(off, fabs(erfc(-z / sqrt(2)) / 2 -
					     rank / 5000));
	}
	/* both ways in double, the result rounded to float */
	ok_near(worst, 0, 1e-6, "the inverse gives the values back");
	/* knots are 5 ranks apart, and the map between them is not far off */
	ok_near(off, 0, 5.0 / 5000, "with few knots ranks are off by a knot");
	ok_near(gauss_map_invert(&m, -9), m.value[0], 0,
		"below the map stands the least value");
	ok_near(gauss_map_invert(&m, 9), m.value[m.n - 1], 0,
		"above it the largest");
}

/* A column of two values among many: zeros must stay one knot. */
static void mostly_one_value(struct arena *a)
{
	float x[4000];
	struct gauss_map m;
	bool has_ends = true;

	for (size_t i = 0; i < 4000; i++)
		x[i] = i < 2500 ? 0 : (float)i;
	m = fit(x, 4000, a);
	has_ends = m.value[0] <= 0 && m.value[m.n - 1] >= 3999;
	ok(m.n > 300 && m.n <= GAUSS_MAP_KNOTS && has_ends,
	   "a frequent value takes one knot (%zu), both ends have one", m.n);
	ok_near(gauss_map_apply(&m, 0), gauss_quantile(1250 / 4000.0), 1e-15,
		"and stands in the middle of its ranks");
}

static void degenerate(struct arena *a)
{
	static const float same[] = { 0.1f, 0.1f, 0.1f }, one[] = { 7 };
	struct gauss_map m = fit(same, 3, a);

	ok(m.n == 1 && gauss_map_apply(&m, 0.1f) == 0 &&
		   gauss_map_apply(&m, 1e9f) == 0 &&
		   gauss_map_invert(&m, 0.3) == 0.1f,
	   "a constant column is 0 throughout");
	m = fit(one, 1, a);
	ok(m.n == 1 && gauss_map_apply(&m, -1) == 0, "so is a single value");
	m = fit(one, 0, a);
	ok(m.n == 0 && gauss_map_apply(&m, 3) == 0 &&
		   gauss_map_invert(&m, 1) == 0,
	   "so is a column without any");
}

static struct dataset encode(const struct items *it, const struct split *split,
			     enum view view, struct arena *a)
{
	struct dataset d;
	struct error err;

	if (encoder_find(view, MODALITY_TABULAR)->encode(it, split, 2, a, &d,
							 &err))
		abort();
	return d;
}

/* quantile and dense differ in the numbers alone */
static void beside_dense(struct arena *a)
{
	struct items it = fixture_table(a, 3000, 2);
	struct split split = fixture_split(a, 3000, 2000, 500);
	struct dataset q = encode(&it, &split, VIEW_QUANTILE, a);
	struct dataset d = encode(&it, &split, VIEW_DENSE, a);
	double mean = 0, square = 0;
	bool same = q.cols == d.cols, order = true, holes = true;

	for (size_t i = 0; same && i < 500; i++)
		for (size_t j = 3; j < q.cols; j++)
			same &= q.test.x[i * q.cols + j] ==
				d.test.x[i * d.cols + j];
	ok(same && q.view == VIEW_DENSE,
	   "quantile: indicators and categories as in dense");
	for (size_t i = 0; i < 2000; i++) {
		const float *x = q.train.x + i * q.cols;
		const float *y = d.train.x + i * d.cols;

		holes &= x[1] == y[1] && (y[1] < 1 || x[0] == 0);
		mean += (double)x[2] / 2000;
		square += (double)x[2] * (double)x[2] / 2000;
		order &= i == 0 || (x[2] > x[2 - q.cols]) ==
					   (y[2] > y[2 - d.cols]);
	}
	ok(holes, "quantile: a hole is 0, and marked");
	ok(order, "quantile: numbers keep their order");
	/* normal scores are symmetric and miss a little of the tails; 1000 of
	 * 2000 values are knots */
	ok_near(mean, 0, 1e-3, "quantile: the training mean is 0");
	ok_near(square, 1, 5e-3, "quantile: the training variance is 1");
}

/* Columns that training knows nothing of. */
static void nothing_known(struct arena *a)
{
	static const enum view views[] = { VIEW_QUANTILE, VIEW_DENSE };

	for (size_t v = 0; v < 2; v++) {
		struct items it = fixture_table(a, 40, 2);
		struct split split = fixture_split(a, 40, 30, 5);
		float *wide = (float *)(size_t)it.cell[1];
		float *constant = (float *)(size_t)it.cell[2];
		struct dataset d;
		bool good = true, fixed = true;

		for (size_t i = 0; i < 40; i++) {
			wide[i] = i < 30 ? NAN : 5;
			constant[i] = i < 38 ? 0.1f : 0.2f;
		}
		d = encode(&it, &split, views[v], a);
		for (size_t i = 0; i < 5; i++) {
			const float *x = d.test.x + i * d.cols;

			/* holes, indicator, wide, indicator, constant */
			good &= x[2] == 0 && x[3] == 0;
			fixed &= x[4] == 0;
		}
		ok(good && d.train.x[2] == 0 && d.train.x[3] == 1,
		   "%s: a column missing in training is 0 elsewhere, too",
		   view_name(views[v]));
		ok(fixed && d.train.x[4] == 0,
		   "%s: 0.1 in all training rows is a constant",
		   view_name(views[v]));
		split = fixture_split(a, 40, 1, 1);
		d = encode(&it, &split, views[v], a);
		good = true;
		for (size_t k = 0; k < d.test.rows * d.cols; k++)
			good &= isfinite(d.test.x[k]) != 0;
		ok(good, "%s: one training row", view_name(views[v]));
	}
}

/* Table keeps what dense cannot: raw values, holes where training has none. */
static void table_is_honest(struct arena *a)
{
	struct items it = fixture_table(a, 12, 2);
	struct split split = fixture_split(a, 12, 1, 1);
	float *wide = (float *)(size_t)it.cell[1];
	struct dataset d;

	for (size_t i = 0; i < 12; i++)
		wide[i] = i ? (float)i : NAN;
	d = encode(&it, &split, VIEW_TABLE, a);
	ok(isnan(d.train.x[1]) && d.test.x[1] == 2 && d.cols == 5,
	   "table: a column missing in training keeps its test values");
	ok(d.train.rows == 1 && d.train.x[2] == 42, "table: one training row");
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	quantiles();
	scores(&a);
	inverts(&a);
	mostly_one_value(&a);
	degenerate(&a);
	beside_dense(&a);
	nothing_known(&a);
	table_is_honest(&a);
	arena_clear(&a);
	return tap_done();
}
