/* The contract of every encoder in the registry, and the arithmetic of the
 * table, dense and grid views. */
#include "tests/tap.h"

#include <stdlib.h>

#include "datasets/encode.h"
#include "harness/base/blas.h"
#include "tests/data_fixtures.h"

static struct items table_of_3(struct arena *a, size_t n)
{
	return fixture_table(a, n, 3);
}

static struct items (*const fixtures[])(struct arena *a, size_t n) = {
	table_of_3, fixture_image, fixture_audio, fixture_text,
};

static bool same_bytes(const void *a, const void *b, size_t size)
{
	return (!a && !b) || (a && b && !memcmp(a, b, size));
}

/* Are two encoded parts equal, bit for bit? */
static bool same_part(const struct dataset *d, const struct part *a,
		      const struct part *b)
{
	size_t entries = a->row_start ? a->row_start[a->rows] : 0;

	return a->rows == b->rows &&
	       same_bytes(a->x, b->x, a->rows * d->cols * sizeof(float)) &&
	       same_bytes(a->row_start, b->row_start, (a->rows + 1) * 8) &&
	       same_bytes(a->index, b->index, entries * 4) &&
	       same_bytes(a->value, b->value, entries * 4) &&
	       same_bytes(a->label, b->label, a->rows * 4) &&
	       same_bytes(a->target, b->target, a->rows * 4) &&
	       same_bytes(a->item, b->item, a->rows * 4);
}

static bool same_dataset(const struct dataset *a, const struct dataset *b)
{
	return a->cols == b->cols && a->vocab == b->vocab &&
	       a->classes == b->classes && same_part(a, &a->train, &b->train) &&
	       same_part(a, &a->valid, &b->valid) &&
	       same_part(a, &a->test, &b->test);
}

static bool finite_rows(const struct dataset *d, const struct part *p)
{
	size_t entries = p->row_start ? p->row_start[p->rows] : 0;

	for (size_t k = 0; p->x && k < p->rows * d->cols; k++)
		if (!isfinite(p->x[k]))
			return false;
	for (size_t k = 0; p->value && k < entries; k++)
		if (!isfinite(p->value[k]))
			return false;
	return true;
}

/* ids and columns below their bounds, starts ascending */
static bool bounded_rows(const struct dataset *d, const struct part *p)
{
	size_t bound = d->view == VIEW_TOKENS ? d->vocab : d->cols;

	if (!p->row_start)
		return true;
	for (size_t i = 0; i < p->rows; i++) {
		if (p->row_start[i + 1] < p->row_start[i])
			return false;
		for (size_t k = p->row_start[i]; k < p->row_start[i + 1]; k++)
			if (p->index[k] >= bound)
				return false;
	}
	return true;
}

static bool targets_match(const struct items *it, const struct part *p)
{
	for (size_t i = 0; i < p->rows; i++)
		if (it->label[p->item[i]] != p->label[i])
			return false;
	return true;
}

struct subject {
	const struct encoder *enc;
	enum modality modality;
	char name[32];
};

static void test_threads(const struct subject *s, struct arena *a)
{
	struct items it = fixtures[s->modality](a, 120);
	struct split split = fixture_split(a, 120, 75, 20);
	struct dataset one, two, four;
	struct error err;

	if (!ok(!s->enc->encode(&it, &split, 1, a, &one, &err) &&
			!s->enc->encode(&it, &split, 2, a, &two, &err) &&
			!s->enc->encode(&it, &split, 4, a, &four, &err),
		"%s: encodes", s->name)) {
		printf("# %s\n", err.text);
		return;
	}
	ok(same_dataset(&one, &two) && same_dataset(&one, &four),
	   "%s: same bits on 1, 2 and 4 threads", s->name);
	ok(one.view == view_form(s->enc->view) && one.modality == s->modality &&
		   one.classes == it.classes && one.train.rows == 75 &&
		   one.valid.rows == 20 && one.test.rows == 25,
	   "%s: says what it is", s->name);
	ok(targets_match(&it, &one.train) && targets_match(&it, &one.valid) &&
		   targets_match(&it, &one.test),
	   "%s: labels belong to the rows", s->name);
	if (s->enc->view != VIEW_TABLE)
		ok(finite_rows(&one, &one.train) && finite_rows(&one, &one.test),
		   "%s: every number is finite", s->name);
	ok(bounded_rows(&one, &one.train) && bounded_rows(&one, &one.test),
	   "%s: every index is below its bound", s->name);
}

/* The training part must not change when everything else does. */
static void test_train_only(const struct subject *s, struct arena *a)
{
	struct items it = fixtures[s->modality](a, 120);
	struct split wide = fixture_split(a, 120, 75, 25), narrow = wide;
	struct dataset d, e;
	struct error err;

	narrow.n_valid = 5;
	narrow.n_test = 7;
	if (!ok(!s->enc->encode(&it, &wide, 1, a, &d, &err) &&
			!s->enc->encode(&it, &narrow, 1, a, &e, &err),
		"%s: encodes two splits", s->name))
		return;
	ok(d.cols == e.cols && d.vocab == e.vocab &&
		   same_part(&d, &d.train, &e.train),
	   "%s: fitted on the training rows alone", s->name);
}

/* Small and empty cases: an error or finite numbers, never a crash. */
static void test_small(const struct subject *s, struct arena *a)
{
	static const size_t sizes[][3] = { { 3, 1, 1 }, { 120, 120, 0 },
					   { 10, 9, 0 } };
	bool good = true;

	for (size_t k = 0; k < 3; k++) {
		struct items it = fixtures[s->modality](a, sizes[k][0]);
		struct split split = fixture_split(a, sizes[k][0], sizes[k][1],
						   sizes[k][2]);
		struct dataset d;
		struct error err;
		int rc;

		error_clear(&err);
		rc = s->enc->encode(&it, &split, 2, a, &d, &err);
		good &= rc ? err.text[0] != '\0' :
			     s->enc->view == VIEW_TABLE ||
				     (finite_rows(&d, &d.train) &&
				      finite_rows(&d, &d.test));
	}
	ok(good, "%s: one training row, empty parts", s->name);
}

/* The order of the test rows is theirs alone: each row is encoded by itself. */
static void test_row_by_row(const struct subject *s, struct arena *a)
{
	struct items it = fixtures[s->modality](a, 60);
	struct split all = fixture_split(a, 60, 40, 10), one = all;
	size_t good = 0;
	struct dataset d, e;
	struct error err;

	if (s->enc->encode(&it, &all, 1, a, &d, &err))
		return;
	one.n_test = 1;
	for (size_t i = 0; i < all.n_test; i++) {
		size_t entries, from;

		one.test = all.test + i;
		if (s->enc->encode(&it, &one, 1, a, &e, &err))
			continue;
		if (d.test.x) {
			good += same_bytes(d.test.x + i * d.cols, e.test.x,
					   d.cols * sizeof(float));
			continue;
		}
		from = d.test.row_start[i];
		entries = d.test.row_start[i + 1] - from;
		good += entries == e.test.row_start[1] &&
			same_bytes(d.test.index + from, e.test.index, entries * 4) &&
			(!d.test.value || same_bytes(d.test.value + from,
						     e.test.value, entries * 4));
	}
	ok(good == all.n_test, "%s: a test row does not depend on the others",
	   s->name);
}

/* Rows may come twice and in any order: repeats of a task draw them so. */
static void test_any_order(const struct subject *s, struct arena *a)
{
	struct items it = fixtures[s->modality](a, 50);
	struct split split = fixture_split(a, 50, 30, 10);
	uint32_t *rows = (uint32_t *)(size_t)split.test;
	struct dataset d;
	struct error err;

	rows[0] = rows[3] = 49;
	rows[1] = 41;
	if (!ok(!s->enc->encode(&it, &split, 2, a, &d, &err),
		"%s: rows in any order", s->name))
		return;
	ok(d.test.item[0] == 49 && d.test.item[1] == 41 &&
		   targets_match(&it, &d.test) &&
		   (!d.test.x || same_bytes(d.test.x, d.test.x + 3 * d.cols,
					    d.cols * sizeof(float))),
	   "%s: equal rows become equal ones", s->name);
}

static void test_memory(const struct subject *s, struct arena *a)
{
	struct items it = fixtures[s->modality](a, 40);
	struct split split = fixture_split(a, 40, 30, 5);
	int rc = ERR_MEMORY;
	size_t calls = 0;

	for (; rc == ERR_MEMORY && calls < 2000; calls++) {
		struct arena small;
		struct dataset d;
		struct error err;

		arena_init(&small, 0);
		small.fail_at = calls + 1;
		rc = s->enc->encode(&it, &split, 1, &small, &d, &err);
		arena_clear(&small);
	}
	ok(!rc && calls > 3, "%s: every failing allocation is an error", s->name);
}

static void test_contract(struct arena *a)
{
	size_t n;
	const struct encoder *const *all = encoder_all(&n);

	for (size_t k = 0; k < n; k++) {
		for (unsigned m = 0; m < 4; m++) {
			struct subject s = { all[k], (enum modality)m, "" };

			if (!(all[k]->modalities & 1u << m))
				continue;
			snprintf(s.name, sizeof(s.name), "%s of %s",
				 view_name(all[k]->view), modality_name(s.modality));
			ok(encoder_find(all[k]->view, s.modality) == all[k],
			   "%s: is found", s.name);
			test_threads(&s, a);
			test_train_only(&s, a);
			test_row_by_row(&s, a);
			test_any_order(&s, a);
			test_small(&s, a);
			test_memory(&s, a);
			arena_clear(a);
		}
	}
}

/* --------------------------------------------- arithmetic, by slow twins */

static struct dataset encode(enum view view, const struct items *it,
			     const struct split *split, struct arena *a)
{
	const struct encoder *e = encoder_find(view, it->modality);
	struct dataset d = { 0 };
	struct error err;

	if (!e || e->encode(it, split, 1, a, &d, &err))
		ok(false, "%s view encodes", view_name(view));
	return d;
}

static void test_table(struct arena *a)
{
	struct items it = fixture_table(a, 300, 3);
	struct split split = fixture_split(a, 300, 100, 50);
	bool seen[400] = { false }, good = true, holes = true;
	struct dataset d;

	for (size_t i = 0; i < 100; i++)
		if (!isnan(it.cell[4][i]))
			seen[(size_t)it.cell[4][i]] = true;
	d = encode(VIEW_TABLE, &it, &split, a);
	for (size_t i = 0; i < 150; i++) {
		float raw = it.cell[4][150 + i], x = d.test.x[i * 5 + 4];

		good &= isnan(raw) || !seen[(size_t)raw] ? isnan(x) : x == raw;
		holes &= isnan(it.cell[0][150 + i]) == isnan(d.test.x[i * 5]);
	}
	ok(good, "table: levels unseen in training are missing");
	ok(holes, "table: holes stay holes");
	ok(d.cols == 5 && d.columns[4].is_cat && d.columns[4].levels == 400 &&
		   !d.columns[4].level_names &&
		   !strcmp(d.columns[0].name, "holes"),
	   "table: columns keep name, kind and levels");
}

/* Column j of a part: its mean and sd, in double. */
static void moments(const struct dataset *d, const struct part *p, size_t j,
		    double *mean, double *sd)
{
	*mean = *sd = 0;
	for (size_t i = 0; i < p->rows; i++)
		*mean += (double)p->x[i * d->cols + j] / (double)p->rows;
	for (size_t i = 0; i < p->rows; i++)
		*sd += pow((double)p->x[i * d->cols + j] - *mean, 2) /
		       (double)p->rows;
	*sd = sqrt(*sd);
}

/* x: holes, its indicator, wide, constant, one-hot of 4 seen levels, ... */
static void test_dense(struct arena *a)
{
	struct items it = fixture_table(a, 2000, 3);
	struct split split = fixture_split(a, 2000, 1500, 200);
	struct dataset d = encode(VIEW_DENSE, &it, &split, a);
	double mean, sd;
	bool good = true;

	moments(&d, &d.train, 2, &mean, &sd);
	/* float has 24 bits: 1500 rounded cells keep these to about 1e-7 */
	ok_near(mean, 0, 1e-6, "dense: training columns have mean 0");
	ok_near(sd, 1, 1e-6, "dense: training columns have deviation 1");
	for (size_t i = 0; i < d.train.rows; i++) {
		const float *x = d.train.x + i * d.cols;
		bool hole = isnan(it.cell[0][i]);

		good &= x[1] == (hole ? 1.0f : 0.0f) && (!hole || x[0] == 0);
	}
	ok(good, "dense: a hole is the mean, and marked in a column of its own");
	good = true;
	for (size_t i = 0; i < d.train.rows; i++) {
		const float *x = d.train.x + i * d.cols;

		for (size_t k = 0; k < 4; k++)
			good &= x[4 + k] == (it.cell[3][i] == (float)k ? 1 : 0);
		good &= x[3] == 0;
	}
	ok(good, "dense: one-hot categories, a constant column is 0");
	ok(d.cols <= 8 + 256 + 1 && d.cols > 8 + 100,
	   "dense: very many levels are capped (%zu columns)", d.cols);
}

static void test_dense_extremes(struct arena *a)
{
	struct items it = fixture_table(a, 200, 0);
	struct split split = fixture_split(a, 200, 100, 50);
	float *wide = (float *)(size_t)it.cell[1];
	struct dataset d;
	double most = 0;

	wide[3] = INFINITY;
	wide[4] = -3e38f;
	wide[120] = -INFINITY;
	wide[170] = 3e38f;
	wide[171] = NAN;
	d = encode(VIEW_DENSE, &it, &split, a);
	ok(finite_rows(&d, &d.train) && finite_rows(&d, &d.valid) &&
		   finite_rows(&d, &d.test),
	   "dense: infinite and huge cells become finite");
	for (size_t k = 0; k < d.test.rows * d.cols; k++)
		most = fmax(most, fabs((double)d.test.x[k]));
	ok(most <= 10, "dense: nothing beyond ten deviations");
	for (size_t i = 0; i < 200; i++)
		wide[i] = NAN;
	d = encode(VIEW_DENSE, &it, &split, a);
	ok(finite_rows(&d, &d.train) && finite_rows(&d, &d.test),
	   "dense: a column that is missing everywhere");
}

static void test_pixels(struct arena *a)
{
	struct items it = fixture_image(a, 90);
	struct split split = fixture_split(a, 90, 50, 20);
	struct dataset dense = encode(VIEW_DENSE, &it, &split, a);
	struct dataset grid = encode(VIEW_GRID, &it, &split, a);
	double sum = 0, square = 0, mean, sd, worst = 0;
	bool good = true;

	for (size_t k = 0; k < 50 * 30; k++)
		sum += it.pixels[k];
	mean = sum / 1500;
	for (size_t k = 0; k < 50 * 30; k++)
		square += pow(it.pixels[k] - mean, 2);
	sd = sqrt(square / 1500);
	for (size_t k = 0; k < 20 * 30; k++) {
		double raw = it.pixels[70 * 30 + k];

		good &= dense.test.x[k] == (float)raw / 255.0f;
		worst = fmax(worst, fabs(((raw - mean) / sd) -
					 (double)grid.test.x[k]));
	}
	ok(good, "dense: pixels over 255");
	/* values below 2 rounded to float once: 2^-23 */
	ok(worst < 2.4e-7, "grid: one mean and deviation over all pixels");
	ok(grid.channels == 1 && grid.height == 6 && grid.width == 5 &&
		   grid.cols == 30,
	   "grid: keeps its shape");
	memset((uint8_t *)(size_t)it.pixels, 9, 90 * 30);
	grid = encode(VIEW_GRID, &it, &split, a);
	ok(finite_rows(&grid, &grid.train), "grid: blank pictures are finite");
}

static void test_names(void)
{
	enum view v;

	ok(view_from_name("sparse", &v) && v == VIEW_SPARSE &&
		   !view_from_name("spars", &v),
	   "names: views by name");
	ok_str(view_name(VIEW_DENSE), "dense", "names: of views");
	ok_str(modality_name(MODALITY_AUDIO), "audio", "names: of modalities");
	ok_str(task_name(TASK_REGRESSION), "regression", "names: of tasks");
}

/* A category that training has not, and one that has all rows. */
static void test_categories(struct arena *a)
{
	struct items it = fixture_table(a, 60, 2);
	struct split split = fixture_split(a, 60, 40, 10);
	float *few = (float *)(size_t)it.cell[3], *many = (float *)(size_t)it.cell[4];
	struct dataset d;
	bool blank = true;

	for (size_t i = 0; i < 60; i++) {
		few[i] = i < 40 ? 2 : (float)(i % 5);
		many[i] = i < 40 ? NAN : 7;
	}
	d = encode(VIEW_DENSE, &it, &split, a);
	/* holes, its indicator, wide, constant, level 2, indicator of `many` */
	ok(d.cols == 6, "dense: levels that training has not take no column");
	for (size_t i = 0; i < d.test.rows; i++) {
		const float *x = d.test.x + i * d.cols;

		blank &= x[4] == (it.cell[3][50 + i] == 2 ? 1 : 0) && x[5] == 0;
	}
	ok(blank, "dense: their cells are zero throughout");
	ok(d.train.x[5] == 1, "dense: a column of holes alone is its indicator");
	d = encode(VIEW_TABLE, &it, &split, a);
	ok(isnan(d.test.x[4]) && d.train.x[3] == 2 && isnan(d.train.x[4]),
	   "table: a level that training has not is a hole");
}

/* Digital silence has no mean power, and blank pictures no variance. */
static void test_nothing_to_hear(struct arena *a)
{
	static const enum view views[] = { VIEW_TABLE, VIEW_DENSE, VIEW_GRID };
	struct items sound = fixture_audio(a, 20), picture = fixture_image(a, 20);
	struct split split = fixture_split(a, 20, 12, 4);

	memset((float *)(size_t)sound.wave, 0,
	       sound.wave_start[20] * sizeof(float));
	memset((uint8_t *)(size_t)picture.pixels, 77, 20 * 30);
	for (size_t k = 0; k < 3; k++) {
		struct dataset d = encode(views[k], &sound, &split, a);

		ok(finite_rows(&d, &d.train) && finite_rows(&d, &d.test),
		   "%s: silence gives finite numbers", view_name(views[k]));
		d = encode(views[k], &picture, &split, a);
		ok(finite_rows(&d, &d.train) && finite_rows(&d, &d.test),
		   "%s: so do blank pictures", view_name(views[k]));
	}
}

/* Test sounds far louder than any in training stay within bounds. */
static void test_loud(struct arena *a)
{
	struct items it = fixture_audio(a, 20);
	struct split split = fixture_split(a, 20, 12, 4);
	float *wave = (float *)(size_t)it.wave;
	struct dataset d;
	double most = 0;

	for (size_t k = it.wave_start[16]; k < it.wave_start[20]; k++)
		wave[k] *= 1e15f;
	d = encode(VIEW_DENSE, &it, &split, a);
	for (size_t k = 0; k < d.test.rows * d.cols; k++)
		most = fmax(most, fabs((double)d.test.x[k]));
	ok(most > 5 && most <= 10, "dense: loud test sounds are clipped");
	d = encode(VIEW_GRID, &it, &split, a);
	ok(finite_rows(&d, &d.test), "grid: they are finite");
}

int main(void)
{
	struct arena a;

	blas_init();
	arena_init(&a, 0);
	test_names();
	test_contract(&a);
	test_categories(&a);
	test_nothing_to_hear(&a);
	test_loud(&a);
	test_table(&a);
	test_dense(&a);
	test_dense_extremes(&a);
	test_pixels(&a);
	arena_clear(&a);
	return tap_done();
}
