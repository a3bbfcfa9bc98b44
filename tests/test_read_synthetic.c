/* Promises of the synthetic reader and of datasets/made/synthetic.h. */
#include "datasets/reader.h"

#include <stdlib.h>

#include "datasets/made/rhm.h"
#include "datasets/made/synthetic.h"
#include "tests/tap.h"

static int make_with(const char *yaml, enum task task, int threads,
		     struct arena *a, struct items *out, struct error *err)
{
	struct source src = { .name = "made", .task = task, .threads = threads,
			      .target = "y" };
	struct yaml *options = NULL;

	error_clear(err);
	if (*yaml && yaml_parse(a, yaml, strlen(yaml), "opt", &options, err))
		abort();
	src.options = options;
	return reader_find("synthetic")->read(&src, a, out, err);
}

static struct items make(const char *yaml, enum task task, struct arena *a)
{
	struct items x = { 0 };
	struct error err;

	if (make_with(yaml, task, 1, a, &x, &err)) {
		printf("# %s\n", err.text);
		abort();
	}
	return x;
}

static void moments(const float *v, size_t n, double *mean, double *sd)
{
	*mean = *sd = 0;
	for (size_t i = 0; i < n; i++)
		*mean += (double)v[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		*sd += pow((double)v[i] - *mean, 2) / (double)n;
	*sd = sqrt(*sd);
}

static const char *const kinds[] = {
	"{kind: axis_steps, rows: 20000, noise: 0.5}",
	"{kind: low_rank, rows: 20000, noise: 0.5}",
	"{kind: parity, rows: 20000, noise: 0.5}",
	"{kind: smooth_dense, rows: 20000, noise: 0.5}",
};

/* 20,000 rows: the mean is good to 0.007, the deviation of a normal law to
 * 0.005; the product of two normals has a fourth moment of 9, hence 0.03. */
static void has_moments(struct arena *a)
{
	for (size_t k = 0; k < 4; k++) {
		struct items x = make(kinds[k], TASK_REGRESSION, a);
		double mean, sd, worst = 0;

		ok(x.n == 20000 && x.cols == 20 && !x.label && x.target &&
			   !strcmp(x.columns[19].name, "x19") &&
			   !x.columns[3].is_cat,
		   "%s: 20 columns of numbers", synthetic_names[k]);
		moments(x.target, x.n, &mean, &sd);
		ok_near(mean, 0, 0.028, "%s: the target has mean 0",
			synthetic_names[k]);
		ok_near(sd, 1, 0.06, "%s: and deviation 1", synthetic_names[k]);
		for (size_t j = 0; j < 20; j++) {
			moments(x.cell[j], x.n, &mean, &sd);
			worst = fmax(worst, fmax(fabs(mean), fabs(sd - 1)));
		}
		ok_near(worst, 0, 0.028, "%s: cells are N(0, 1)",
			synthetic_names[k]);
		arena_clear(a);
	}
}

/* --------------------------------- the formulas again, by their definition */

static double twin_steps(const struct synthetic *f, const double *x)
{
	double y = 0;

	for (size_t j = 0; j < f->informative; j++)
		for (size_t k = 0; k < 4; k++)
			y += x[j] > rng_normal(rng_make(f->seed, "synthetic/at"),
					       4 * j + k) ?
				rng_normal(rng_make(f->seed, "synthetic/height"),
					   4 * j + k) : 0;
	return y;
}

static double twin_smooth(const struct synthetic *f, const double *x)
{
	double u[64], w[64], uu = 0, uw = 0, ww = 0, ux = 0, wx = 0;

	for (size_t j = 0; j < f->d; j++) {
		u[j] = rng_normal(rng_make(f->seed, "synthetic/u"), j);
		w[j] = rng_normal(rng_make(f->seed, "synthetic/w"), j);
		uu += u[j] * u[j];
		uw += u[j] * w[j];
	}
	for (size_t j = 0; j < f->d; j++) {
		w[j] -= uw / uu * u[j];
		ww += w[j] * w[j];
		ux += u[j] * x[j];
		wx += w[j] * x[j];
	}
	return sin(2 * ux / sqrt(uu)) + cos(2 * wx / sqrt(ww));
}

static double twin(const struct synthetic *f, const double *x)
{
	switch (f->kind) {
	case SYNTHETIC_AXIS_STEPS:
		return twin_steps(f, x);
	case SYNTHETIC_LOW_RANK:
		return x[0] * x[1] * (x[5] > 0) * sqrt(2);
	case SYNTHETIC_PARITY:
		return (x[0] < 0 ? -1 : 1) * (x[1] < 0 ? -1 : 1) *
		       (x[2] < 0 ? -1 : 1);
	default:
		return (twin_smooth(f, x) - exp(-2)) / sqrt(1 - exp(-4));
	}
}

/* Steps are standardised by sums over pairs of steps, so their twin is compared
 * up to the affine map that two of the rows give away. */
static void has_formula(struct arena *a)
{
	for (size_t k = 0; k < 4; k++) {
		struct synthetic f = { .kind = (enum synthetic_kind)k, .d = 20,
				       .informative = 10, .degree = 3,
				       .seed = 9 };
		struct error err;
		double worst = 0;

		if (synthetic_init(&f, a, &err))
			abort();
		for (size_t i = 0; i < 500; i++) {
			double x[20], y;
			float cells[20];

			for (size_t j = 0; j < 20; j++)
				x[j] = (double)(cells[j] = synthetic_cell(&f, i, j));
			y = twin(&f, x);
			if (k == SYNTHETIC_AXIS_STEPS)
				y = (y - f.mean) * f.scale;
			worst = fmax(worst, fabs(y - synthetic_value(&f, cells)));
		}
		/* sums of 80 products in double */
		ok_near(worst, 0, 1e-12, "%s: as its formula says",
			synthetic_names[k]);
	}
}

/* Options reach the function, and noise has the size that was asked for. */
static void has_options(struct arena *a)
{
	struct items x = make("{kind: parity, rows: 4000, d: 5, degree: 5, "
			      "seed: 3}", TASK_REGRESSION, a);
	struct items noisy = make("{kind: parity, rows: 4000, d: 5, degree: 5, "
				  "seed: 3, noise: 2}", TASK_REGRESSION, a);
	double sum = 0, square = 0;
	bool good = true;

	for (size_t i = 0; i < x.n; i++) {
		double e, y = 1;

		for (size_t j = 0; j < 5; j++)
			y = x.cell[j][i] < 0 ? -y : y;
		good &= fabs((double)x.target[i] - y) < 1e-6;
		e = (double)noisy.target[i] * sqrt(5) - y;
		sum += e / 4000;
		square += e * e / 4000;
	}
	ok(good && x.cols == 5, "parity: of `degree` columns, without noise");
	/* four standard errors of 4000 values of deviation 2 */
	ok(fabs(sum) < 0.13 && fabs(square - 4) < 0.36,
	   "noise: of the deviation that was asked for");
	x = make("{kind: axis_steps, rows: 300, d: 4, seed: 5}",
		 TASK_REGRESSION, a);
	ok(x.cols == 4, "axis_steps: no more informative columns than there are");
	noisy = make("{kind: axis_steps, rows: 300, d: 4, seed: 6}",
		     TASK_REGRESSION, a);
	ok(memcmp(x.cell[0], noisy.cell[0], 1200) &&
		   memcmp(x.target, noisy.target, 1200),
	   "another seed, other rows");
}

static void has_classes(struct arena *a)
{
	struct items x = make("{kind: parity, rows: 3000}", TASK_CLASSIFICATION,
			      a);
	struct items y = make("{kind: parity, rows: 3000}", TASK_REGRESSION, a);
	bool good = x.classes == 2 && !x.target && !y.label;
	size_t above = 0;

	for (size_t i = 0; i < 3000; i++) {
		good &= x.label[i] == (y.target[i] > 0);
		above += x.label[i] == 1;
	}
	ok(good, "classification: is the target above 0");
	ok(above > 1390 && above < 1610, "both sides are as likely (%zu)", above);
	ok_str(x.class_names[1], "above", "and have names");
}

/* Are the first rows of two sets the same? */
static bool nested(const struct items *few, const struct items *many)
{
	bool good = few->cols == many->cols;

	for (size_t j = 0; j < few->cols; j++)
		good &= !memcmp(few->cell[j], many->cell[j],
				few->n * sizeof(float));
	if (few->pixels)
		good &= !memcmp(few->pixels, many->pixels,
				few->n * few->channels * few->width);
	if (few->label)
		return good && !memcmp(few->label, many->label, few->n * 4);
	return good && !memcmp(few->target, many->target, few->n * 4);
}

static void nests(struct arena *a)
{
	static const char *const forms[] = {
		"{kind: axis_steps, noise: 1, rows: %zu}",
		"{kind: low_rank, noise: 1, rows: %zu}",
		"{kind: parity, noise: 1, rows: %zu}",
		"{kind: smooth_dense, noise: 1, rows: %zu}",
		"{kind: rhm, noise: 0.1, rows: %zu}",
		"{kind: rhm, noise: 0.1, as: image, rows: %zu}",
	};

	for (size_t k = 0; k < 6; k++) {
		enum task task = k < 4 ? TASK_REGRESSION : TASK_CLASSIFICATION;
		struct items few, many, two, four;
		char yaml[80], more[80];
		struct error err;

		snprintf(yaml, sizeof(yaml), forms[k], (size_t)300);
		snprintf(more, sizeof(more), forms[k], (size_t)1111);
		few = make(yaml, task, a);
		many = make(more, task, a);
		ok(nested(&few, &many), "row i is the same in a larger set: %s",
		   yaml);
		ok(!make_with(more, task, 2, a, &two, &err) &&
			   !make_with(more, task, 4, a, &four, &err) &&
			   nested(&many, &two) && nested(&many, &four),
		   "same bits on 1, 2 and 4 threads");
	}
}

/* Leaves as categories and as one-hot pixels are the same rows. */
static void has_hierarchy(struct arena *a)
{
	struct items t = make("{kind: rhm}", TASK_CLASSIFICATION, a);
	struct items p = make("{kind: rhm, as: image}", TASK_CLASSIFICATION, a);
	struct items n = make("{kind: rhm, noise: 0.4}", TASK_CLASSIFICATION, a);
	struct rhm h = { .v = 8, .m = 8, .s = 2, .levels = 2, .classes = 8 };
	bool good = true, hot = true;
	struct error err;
	size_t lies = 0;

	if (rhm_init(&h, rng_make(0, "rhm"), a, &err))
		abort();
	for (size_t i = 0; i < t.n; i++) {
		uint32_t leaves[4];

		for (size_t j = 0; j < 4; j++) {
			leaves[j] = (uint32_t)t.cell[j][i];
			for (size_t c = 0; c < 8; c++)
				hot &= p.pixels[i * 32 + c * 4 + j] ==
				       (c == leaves[j] ? 255 : 0);
		}
		good &= (int32_t)rhm_parse(&h, leaves) == t.label[i];
		lies += t.label[i] != n.label[i];
	}
	ok(t.n == 4096 && t.cols == 4 && t.columns[0].is_cat &&
		   t.columns[0].levels == 8 && t.classes == 8,
	   "rhm: all inputs where no number of rows is given");
	ok_str(t.columns[2].level_names[7], "s7", "rhm: symbols have names");
	ok(good, "rhm: labels follow the rules");
	ok(hot && p.modality == MODALITY_IMAGE && p.channels == 8 &&
		   p.height == 1 && p.width == 4,
	   "rhm: one-hot along the channels of a picture");
	/* 0.4 * 7 / 8 of 4096, sd 31 */
	ok(lies > 1310 && lies < 1558, "rhm: noise draws labels anew (%zu)", lies);
}

static void refuses(struct arena *a)
{
	static const struct {
		const char *yaml, *says;
	} bad[] = {
		{ "", "'kind'" },
		{ "{kind: steps}", "unknown word 'steps'" },
		{ "{kind: parity, rows: 0}", "1:22: 0 is outside" },
		{ "{kind: parity, rows: 1e9}", "whole number" },
		{ "{kind: parity, d: 2}", "looks at 3 columns" },
		{ "{kind: low_rank, d: 5}", "looks at 6 columns" },
		{ "{kind: smooth_dense, d: 1}", "looks at 2 columns" },
		{ "{kind: axis_steps, d: 4, informative: 5}", "looks at 5" },
		{ "{kind: low_rank, degree: 2}", "no option 'degree'" },
		{ "{kind: parity, informative: 2}", "no option 'informative'" },
		{ "{kind: axis_steps, v: 2}", "no option 'v'" },
		{ "{kind: parity, noise: -1}", "outside" },
		{ "{kind: parity, rows: 10000000, d: 9999}", "fewer rows" },
		{ "{kind: rhm, d: 3}", "no option 'd'" },
		{ "{kind: rhm}", "classification" },
	};

	for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
		struct items x;
		struct error err;

		ok(make_with(bad[k].yaml, TASK_REGRESSION, 1, a, &x, &err) ==
				   ERR_CONFIG && strstr(err.text, bad[k].says),
		   "refused: %s", err.text);
	}
}

static void refuses_classes(struct arena *a)
{
	static const char *const bad[] = {
		"{kind: rhm, rows: 4097}", "{kind: rhm, m: 9}",
		"{kind: rhm, as: text}", "{kind: rhm, levels: 8, s: 16}",
		"{kind: rhm, noise: 1.5}",
		"{kind: rhm, rows: 10000000, levels: 7, as: image}",
	};
	struct source src = { .name = "made", .log_target = true };
	struct items x;
	struct error err;

	for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++)
		ok(make_with(bad[k], TASK_CLASSIFICATION, 1, a, &x, &err) ==
			   ERR_CONFIG, "refused: %s", err.text);
	ok(reader_find("synthetic")->read(&src, a, &x, &err) == ERR_CONFIG,
	   "refused: a logarithm without options");
	ok(reader_find("synthetic")->no_files, "it needs no files");
}

static void memory(const char *yaml, enum task task)
{
	int rc = ERR_MEMORY;
	size_t calls = 0, skip_yaml;
	struct arena a;
	struct items x;
	struct error err;
	struct yaml *options;

	arena_init(&a, 0);
	if (yaml_parse(&a, yaml, strlen(yaml), "opt", &options, &err))
		abort();
	skip_yaml = a.calls;
	arena_clear(&a);
	for (; rc == ERR_MEMORY && calls < 200; calls++) {
		arena_init(&a, 0);
		a.fail_at = skip_yaml + calls + 1;
		rc = make_with(yaml, task, 2, &a, &x, &err);
		arena_clear(&a);
	}
	ok(!rc && calls > 4, "every failing allocation is an error: %s", yaml);
}

static struct synthetic function_of(enum synthetic_kind kind, size_t d, struct arena *a)
{
	struct synthetic f = { .kind = kind, .d = d, .informative = 2, .degree = 3, .seed = 4 };
	struct error err = { 0 };

	if (synthetic_init(&f, a, &err))
		printf("# %s\n", err.text);
	return f;
}

/* The functions at points where they can be told by hand. */
static void by_hand(struct arena *a)
{
	const float up[6] = { 2, 3, 1, 1, 1, 1 }, off[6] = { 2, 3, 1, 1, 1, -1 };
	const float odd[3] = { -1, 1, 1 }, even[3] = { -1, -1, 1 }, zero[6] = { 0 };
	struct synthetic f = function_of(SYNTHETIC_LOW_RANK, 6, a);
	double low, high;
	float far[2] = { -100, -100 };

	ok_near(synthetic_value(&f, up), 6 * M_SQRT2, 1e-12, "low_rank: x0 x1 over its deviation");
	ok_near(synthetic_value(&f, off), 0, 0, "low_rank: is switched off by x5");
	f = function_of(SYNTHETIC_PARITY, 3, a);
	ok_near(synthetic_value(&f, odd), -1, 0, "parity: one sign is odd");
	ok_near(synthetic_value(&f, even), 1, 0, "parity: two are even");
	f = function_of(SYNTHETIC_SMOOTH_DENSE, 6, a);
	ok_near(synthetic_value(&f, zero), (1 - exp(-2)) / sqrt(1 - exp(-4)), 1e-12,
		"smooth_dense: at the origin");
	f = function_of(SYNTHETIC_AXIS_STEPS, 2, a);
	low = synthetic_value(&f, far);
	ok_near(low, -f.mean * f.scale, 1e-12, "axis_steps: no step below all of them");
	far[0] = far[1] = 100;
	high = 0;
	for (size_t k = 0; k < 2 * SYNTHETIC_STEPS; k++)
		high += f.height[k];
	ok_near(synthetic_value(&f, far), (high - f.mean) * f.scale, 1e-12,
		"axis_steps: all steps above them");
}

static void columns_and_noise(struct arena *a)
{
	struct synthetic few = function_of(SYNTHETIC_PARITY, 3, a);
	struct synthetic many = function_of(SYNTHETIC_PARITY, 30, a);
	struct error err = { 0 };
	float x[3];
	bool same = true;

	for (size_t i = 0; i < 50; i++)
		for (size_t j = 0; j < 3; j++)
			same &= !(fabsf(synthetic_cell(&few, i, j) -
					synthetic_cell(&many, i, j)) > 0);
	ok(same, "cells stay where they are when columns are added");
	for (size_t j = 0; j < 3; j++)
		x[j] = synthetic_cell(&few, 7, j);
	ok_near((double)synthetic_target(&few, 7, x), synthetic_value(&few, x), 1e-6,
		"without noise the target is the function");
	few.d = 2;
	ok(synthetic_init(&few, a, &err) == ERR_CONFIG && strstr(err.text, "parity") &&
	   strstr(err.text, "3 columns"), "too few columns are refused by name: %s", err.text);
	few.d = 3;
	few.degree = 0;
	ok(synthetic_init(&few, a, &err) == ERR_CONFIG, "a parity of no columns is none");
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	has_moments(&a);
	by_hand(&a);
	columns_and_noise(&a);
	has_formula(&a);
	has_options(&a);
	has_classes(&a);
	nests(&a);
	has_hierarchy(&a);
	refuses(&a);
	refuses_classes(&a);
	memory("{kind: axis_steps, rows: 9}", TASK_REGRESSION);
	memory("{kind: parity, rows: 9}", TASK_CLASSIFICATION);
	memory("{kind: rhm, rows: 9}", TASK_CLASSIFICATION);
	memory("{kind: rhm, rows: 9, as: image}", TASK_CLASSIFICATION);
	arena_clear(&a);
	return tap_done();
}
