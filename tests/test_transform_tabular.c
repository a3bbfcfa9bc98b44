/* Transforms of tables against plain recomputations, and what each keeps. */
#include "tests/tap.h"

#include "datasets/twins/column_set.h"
#include "datasets/twins/warp.h"
#include "datasets/views/haar.h"
#include "tests/transform_trial.h"

#define ROWS 120

static struct arena arena;
static struct error err;
static struct items table;
static struct split split;

static struct trial apply(const char *name, double severity, unsigned repeat)
{
	struct trial t = { .name = name, .severity = severity, .repeat = repeat,
			   .threads = 2, .view = VIEW_TABLE };

	trial_run(&t, &table, &split, &arena, &arena);
	if (t.rc)
		printf("# %s: %s\n", name, t.err.text);
	return t;
}

/* Sum of squares over the numeric columns of a row. */
static double square(const struct items *it, size_t i)
{
	double sum = 0;

	for (size_t j = 0; j < 3; j++)
		sum += (double)it->cell[j][i] * (double)it->cell[j][i];
	return sum;
}

static void test_rotate(void)
{
	struct trial plain = apply("rotate", 0, 0), turned = apply("rotate", 1, 0);
	double worst = 0, x[3], y[3], back = 0;
	struct column_set set;
	struct haar h;
	bool finite = true;

	for (size_t i = 0; i < ROWS; i++) {
		worst = fmax(worst, fabs(square(&plain.items, i) - square(&turned.items, i)));
		finite &= isfinite(turned.items.cell[0][i]) != 0;
	}
	/* lengths of rows are below 4, floats have 24 bits */
	ok(worst < 1e-5, "rotate: rows keep their lengths");
	ok(finite, "rotate: holes are filled, with the control too");
	ok(plain.items.cell[3] == table.cell[3] && turned.items.cell[4] == table.cell[4],
	   "rotate: categorical columns are the same arrays");
	/* undo it with the same numbers */
	column_set_numeric(&set, &table, &arena, &err);
	column_set_draw(&set, rng_sub(rng_make(0, "rotate"), 0), 1, 0, &arena, &err);
	haar_init(&h, 3, rng_sub(rng_make(0, "rotate"), 1), &arena, &err);
	for (size_t i = 0; i < ROWS; i++) {
		for (size_t k = 0; k < 3; k++)
			y[k] = (double)turned.items.cell[set.at[k]][i];
		haar_restore(&h, 1, y, 1, x);
		for (size_t k = 0; k < 3; k++)
			back = fmax(back, fabs(x[k] - (double)plain.items.cell[set.at[k]][i]));
	}
	ok(back < 1e-5, "rotate: the inverse rotation brings the control back");
}

/* Distances of the dense view are what kernels see. */
static void test_rotate_dense(void)
{
	struct trial plain = apply("rotate", 0, 0), turned = apply("rotate", 1, 0);
	const struct encoder *dense = encoder_find(VIEW_DENSE, MODALITY_TABULAR);
	struct dataset x, y;
	double worst = 0;

	ok(!dense->encode(&plain.items, &split, 1, &arena, &x, &err) &&
		   !dense->encode(&turned.items, &split, 1, &arena, &y, &err) &&
		   x.cols == y.cols && turned.items.columns[0].is_scaled,
	   "rotate: is encoded");
	for (size_t i = 1; i < x.train.rows; i++) {
		double before = 0, after = 0;

		for (size_t j = 0; j < x.cols; j++) {
			double u = (double)x.train.x[i * x.cols + j] - (double)x.train.x[j];
			double v = (double)y.train.x[i * x.cols + j] - (double)y.train.x[j];

			before += u * u;
			after += v * v;
		}
		worst = fmax(worst, fabs(before - after));
	}
	/* squares of distances are below 100, floats have 24 bits */
	ok(worst < 1e-4, "rotate: distances in the dense view stay");
}

static void test_rotate_refuses(void)
{
	static const struct column one[] = { { .name = "x" }, { .name = "c", .is_cat = true,
								.levels = 5 } };
	const float *cell[] = { table.cell[1], table.cell[3] };
	struct items few = table;
	struct trial t = { .name = "rotate", .severity = 1, .threads = 1 };

	few.cols = 2;
	few.columns = one;
	few.cell = cell;
	trial_run(&t, &few, &split, &arena, &arena);
	ok(t.rc == ERR_UNSUPPORTED && strstr(t.err.text, "two numeric columns"),
	   "rotate: one numeric column cannot turn");
	t.name = "smooth_target";
	few.cell = cell + 1;
	few.columns = one + 1;
	few.cols = 1;
	trial_run(&t, &few, &split, &arena, &arena);
	ok(t.rc == ERR_UNSUPPORTED, "smooth_target: needs a numeric column");
	t.name = "warp_columns";
	trial_run(&t, &few, &split, &arena, &arena);
	ok(t.rc == ERR_UNSUPPORTED, "warp_columns: needs a numeric column");
	t.name = "noise_columns";
	trial_run(&t, &few, &split, &arena, &arena);
	ok(!t.rc && t.items.cols == 2, "noise_columns: works beside categories alone");
}

static void test_noise_columns(void)
{
	struct trial t = apply("noise_columns", 1, 0), more = apply("noise_columns", 2, 0);
	bool near_some = true;

	ok(t.items.cols == 10 && more.items.cols == 15 && !t.items.columns[9].is_cat,
	   "noise_columns: severity times the columns are added");
	ok(!memcmp(t.items.cell[7], more.items.cell[7], ROWS * sizeof(float)),
	   "noise_columns: more columns have the fewer among them");
	ok(t.items.cell[1] == table.cell[1] && !strcmp(t.items.columns[5].name, "noise1"),
	   "noise_columns: the old columns stay");
	for (size_t c = 5; c < 10; c++) {
		double mean = 0;

		for (size_t i = 0; i < ROWS; i++)
			mean += (double)t.items.cell[c][i] / ROWS;
		/* columns have means 0, 5e4 and 42, sd 1, 1e3 and 0 (then 1) */
		near_some &= fabs(mean) < 0.5 || fabs(mean - 5e4) < 500 ||
			     fabs(mean - 42) < 0.5;
	}
	ok(near_some, "noise_columns: each has the mean of a real one");
}

static void test_drop_columns(void)
{
	struct trial t = apply("drop_columns", 0.4, 0), all = apply("drop_columns", 1, 0);
	struct trial lone = { .name = "drop_columns", .severity = 0.5, .threads = 1,
			      .nobody = true };

	ok(t.items.cols == 3 && t.items.cell[0] == table.cell[2] &&
		   t.items.cell[2] == table.cell[4] &&
		   !strcmp(t.items.columns[1].name, "few"),
	   "drop_columns: those that matter least go, the others keep their order");
	ok(all.items.cols == 1 && all.items.cell[0] == table.cell[4],
	   "drop_columns: the most important one stays");
	trial_run(&lone, &table, &split, &arena, &arena);
	ok(lone.rc == ERR_UNSUPPORTED, "drop_columns: says so when nobody ranks");
}

/* One numeric column x = row number: covariance 1 by one, weights by hand. */
static void test_smooth_target(void)
{
	static const struct column x[] = { { .name = "x" } };
	float value[ROWS];
	const float *cell[] = { value };
	struct items line = table;
	struct trial t = { .name = "smooth_target", .severity = 0.25, .threads = 2 };
	double z[60], mean = 0, variance = 0, sum = 0, total = 0;
	struct split s = fixture_split(&arena, ROWS, 60, 20);

	for (size_t i = 0; i < ROWS; i++)
		value[i] = (float)i;
	line.cols = 1;
	line.columns = x;
	line.cell = cell;
	trial_run(&t, &line, &s, &arena, &arena);
	for (size_t i = 0; i < 60; i++) {
		z[i] = gauss_quantile(((double)i + 0.5) / 60);
		mean += z[i] / 60;
	}
	for (size_t i = 0; i < 60; i++)
		variance += (z[i] - mean) * (z[i] - mean) / 60;
	for (size_t j = 0; j < 60; j++) {
		double w = exp(-(z[7] - z[j]) * (z[7] - z[j]) / (2 * 0.25 * variance));

		total += w;
		sum += w * (double)line.target[j];
	}
	/* the ridge of 1e-6, and float targets of 1e5 */
	ok_near(t.items.target[7], sum / total, 0.5, "smooth_target: is the kernel's mean");
	ok(t.items.target[60] == line.target[60] && t.items.target[119] == line.target[119],
	   "smooth_target: validation and test targets stay");
}

static void test_smooth_classes(void)
{
	struct items classes = fixture_table(&arena, ROWS, 3);
	struct trial t = { .name = "smooth_target", .severity = 10, .threads = 2 };
	struct split big = split;
	size_t count[3] = { 0 }, most;
	int32_t *same = ARENA_NEW(&arena, int32_t, ROWS);

	trial_run(&t, &classes, &split, &arena, &arena);
	for (size_t i = 0; i < split.n_train; i++)
		count[t.items.label[split.train[i]]]++;
	most = count[0] > count[1] ? count[0] : count[1];
	ok((most > count[2] ? most : count[2]) > split.n_train / 2,
	   "smooth_target: a wide kernel leaves the majority");
	classes.label = same;
	trial_run(&t, &classes, &split, &arena, &arena);
	ok(!memcmp(t.items.label, same, ROWS * sizeof(*same)),
	   "smooth_target: one class stays one class");
	big.n_train = 20001;
	trial_run(&t, &classes, &big, &arena, &arena);
	ok(t.rc == ERR_UNSUPPORTED && strstr(t.err.text, "20000"),
	   "smooth_target: too many rows are refused with the limit");
}

static void test_warp_order(void)
{
	struct trial t = apply("warp_columns", 1, 0), half = apply("warp_columns", 0.34, 0);
	bool kept = true, holes = true;
	size_t changed = 0;

	for (size_t j = 0; j < 3; j++)
		for (size_t k = 0; k < split.n_train; k++)
			for (size_t i = 0; i < ROWS; i++) {
				float a = table.cell[j][split.train[k]], b = table.cell[j][i];
				float fa = t.items.cell[j][split.train[k]];
				float fb = t.items.cell[j][i];

				kept &= (a < b) == (fa < fb) && (a > b) == (fa > fb);
				holes &= !isnan(b) == !isnan(fb);
			}
	ok(kept, "warp_columns: every comparison with a training value keeps its answer");
	ok(holes, "warp_columns: holes stay holes");
	for (size_t j = 0; j < 3; j++)
		changed += half.items.cell[j] != table.cell[j];
	ok(changed == 1, "warp_columns: severity is the share of the columns");
}

/* Values so near that a flat shape would merge them; huge and infinite ones. */
static void test_warp_floats(void)
{
	float values[6], at[] = { -INFINITY, -3e38f, -5, 0, 0.5f, 1, 2, 3e38f, INFINITY };
	struct warp w;
	bool kept = true, back = true;

	warp_init(&w, 6, &arena, &err);
	for (int shape = 0; shape < WARP_SHAPES; shape++) {
		for (size_t k = 0; k < 4; k++)
			values[k] = k ? nextafterf(values[k - 1], INFINITY) : 1;
		values[4] = -5;
		values[5] = 1e30f;
		warp_fit(&w, values, 6, (enum warp_shape)shape);
		for (size_t k = 0; k + 1 < w.n; k++)
			kept &= w.to[k] < w.to[k + 1];
		for (size_t k = 0; k < w.n; k++)
			for (size_t i = 0; i < 9; i++) {
				float y = warp_apply(&w, at[i]);

				kept &= (at[i] < w.from[k]) == (y < w.to[k]) &&
					(at[i] > w.from[k]) == (y > w.to[k]);
			}
		for (size_t k = 0; k < w.n; k++)
			back &= warp_invert(&w, warp_apply(&w, w.from[k])) <= w.from[k] &&
				warp_invert(&w, w.to[k]) >= w.from[k];
	}
	ok(kept, "warp: order holds among neighbouring floats, at 1e38 and at infinity");
	ok(back, "warp: the inverse is exact at the knots");
	ok(isnan(warp_apply(&w, NAN)), "warp: NaN stays");
	warp_fit(&w, values, 0, WARP_EXP);
	ok(warp_apply(&w, 3) == 3.0f, "warp: without a sample it is the identity");
	values[0] = 7;
	warp_fit(&w, values, 1, WARP_EXP);
	ok(warp_apply(&w, 8) > warp_apply(&w, 7) && warp_apply(&w, 6) < warp_apply(&w, 7),
	   "warp: one knot keeps the order");
}

static void test_training_size(void)
{
	struct trial some = apply("training_size", 0.3, 0), more = apply("training_size", 0.6, 0);
	size_t found = 0;

	for (size_t k = 0; k < some.split.n_train; k++)
		for (size_t i = 0; i < more.split.n_train; i++)
			found += some.split.train[k] == more.split.train[i];
	ok(some.split.n_train == 24 && more.split.n_train == 48,
	   "training_size: keeps its share, rounded up");
	ok(found == some.split.n_train, "training_size: a smaller one is part of a larger one");
	ok(some.split.n_valid == split.n_valid && some.split.test == split.test,
	   "training_size: validation and test rows stay");
}

static void test_severity_0(void)
{
	static const char *const names[] = { "noise_columns", "drop_columns", "smooth_target",
					     "warp_columns", "label_noise" };

	for (size_t k = 0; k < 5; k++) {
		struct trial t = apply(names[k], 0, 0);
		bool same = !t.rc && t.items.cols == table.cols;

		for (size_t j = 0; same && j < table.cols; j++)
			same &= t.items.cell[j] == table.cell[j];
		same &= !memcmp(t.items.target, table.target, ROWS * sizeof(float));
		ok(same, "%s: severity 0 leaves columns and targets", names[k]);
	}
	ok(apply("training_size", 1, 0).split.train == split.train,
	   "training_size: all rows are the very rows");
}

static void test_label_noise(void)
{
	struct items classes = fixture_table(&arena, ROWS, 3);
	struct trial t = { .name = "label_noise", .severity = 1, .threads = 1 };
	struct trial some = t;
	bool other = true, kept = true, nested = true, inside = true;

	some.severity = 0.3;
	trial_run(&t, &classes, &split, &arena, &arena);
	trial_run(&some, &classes, &split, &arena, &arena);
	for (size_t k = 0; k < split.n_train; k++) {
		uint32_t i = split.train[k];

		other &= t.items.label[i] != classes.label[i];
		inside &= t.items.label[i] >= 0 && t.items.label[i] < 3;
		nested &= some.items.label[i] == classes.label[i] ||
			  some.items.label[i] == t.items.label[i];
	}
	for (size_t k = 0; k < split.n_test; k++)
		kept &= t.items.label[split.test[k]] == classes.label[split.test[k]];
	ok(other && inside, "label_noise: severity 1 leaves no training label right");
	ok(kept, "label_noise: test labels are the truth");
	ok(nested, "label_noise: a smaller share's wrong labels are among a larger one's");
	classes.classes = 1;
	trial_run(&t, &classes, &split, &arena, &arena);
	ok(t.rc == ERR_UNSUPPORTED && strstr(t.err.text, "label_noise"),
	   "label_noise: a single class has no other");
}

static void test_training_edges(void)
{
	struct trial least = apply("training_size", 0.001, 0);
	struct trial again = apply("training_size", 0.3, 1), first = apply("training_size", 0.3, 0);
	bool ordered = true;

	ok(least.split.n_train == 1, "training_size: one row stays at least");
	for (size_t k = 1; k < first.split.n_train; k++)
		ordered &= first.split.train[k - 1] < first.split.train[k];
	ok(ordered, "training_size: rows keep their order");
	ok(memcmp(first.split.train, again.split.train, 24 * sizeof(uint32_t)),
	   "training_size: each repeat has rows of its own");
}

/* Two equal columns, and one of holes: what is singular must not break. */
static void test_degenerate(void)
{
	static const struct column columns[] = { { .name = "x" }, { .name = "x2" },
						 { .name = "none" } };
	float *hole = ARENA_NEW(&arena, float, ROWS);
	const float *cell[] = { table.cell[1], table.cell[1], hole };
	static const char *const names[] = { "rotate", "smooth_target", "warp_columns",
					     "noise_columns" };
	struct items twice = table;

	for (size_t i = 0; i < ROWS; i++)
		hole[i] = NAN;
	twice.cols = 3;
	twice.columns = columns;
	twice.cell = cell;
	for (size_t k = 0; k < 4; k++) {
		struct trial t = { .name = names[k], .severity = 1, .threads = 2,
				   .view = VIEW_TABLE };
		bool finite = true;

		trial_run(&t, &twice, &split, &arena, &arena);
		for (size_t i = 0; !t.rc && i < ROWS; i++)
			finite &= isfinite(t.items.target[i]) && isfinite(t.items.cell[0][i]) &&
				  isfinite(t.items.cell[1][i]);
		ok(!t.rc && finite, "%s: equal columns and one of holes are borne", names[k]);
	}
}

static void test_column_set(void)
{
	const struct rng r = rng_make(5, "set");
	struct column_set set, all, some;
	float out[ROWS], odd[] = { 1, NAN, INFINITY, -INFINITY, 2 };
	const uint32_t rows[] = { 4, 3, 2, 1, 0 };
	size_t found = 0;

	ok(!column_set_numeric(&set, &table, &arena, &err) && set.n == 3 && set.at[0] == 0 &&
	   set.at[2] == 2, "column_set: numeric columns in their order");
	all = some = set;
	all.at = arena_copy(&arena, set.at, 3 * sizeof(*set.at));
	some.at = arena_copy(&arena, set.at, 3 * sizeof(*set.at));
	column_set_draw(&all, r, 1, 0, &arena, &err);
	column_set_draw(&some, r, 0.67, 0, &arena, &err);
	for (size_t k = 0; k < some.n; k++)
		found += some.at[k] == all.at[k];
	ok(all.n == 3 && some.n == 2 && found == 2, "column_set: shares are nested");
	column_set_draw(&all, r, 0.01, 1, &arena, &err);
	ok(all.n == 1, "column_set: above 0 the least number is kept");
	column_set_draw(&some, r, 0, 1, &arena, &err);
	ok(some.n == 0, "column_set: of a share of 0 none");
	ok(column_finite(odd, rows, 5, out) == 2 && out[0] > 1.5f && out[1] < 1.5f,
	   "column_set: holes and infinities are left out, rows keep their order");
	ok(column_finite(odd, rows, 0, out) == 0, "column_set: no rows, no values");
}

/* Each shape by hand, at knots -1, 0 and 1 standard deviations. */
static void test_warp_shapes(void)
{
	const double s = sqrt(1.5);
	float values[] = { -1, 0, 1 };
	struct warp w;

	warp_init(&w, 3, &arena, &err);
	warp_fit(&w, values, 3, WARP_CUBE);
	ok_near((double)warp_apply(&w, 1), s * s * s, 1e-6, "warp: the cube");
	ok_near((double)warp_apply(&w, 0.5f), s * s * s / 2, 1e-6, "warp: affine between knots");
	warp_fit(&w, values, 3, WARP_ROOT);
	ok_near((double)warp_apply(&w, -1), -cbrt(s), 1e-6, "warp: the cube root");
	warp_fit(&w, values, 3, WARP_EXP);
	ok_near((double)warp_apply(&w, 0), 1, 1e-6, "warp: the exponential");
	warp_fit(&w, values, 3, WARP_LOGISTIC);
	ok_near((double)warp_apply(&w, 1), 1 / (1 + exp(-s)), 1e-6, "warp: the logistic function");
	ok_near((double)warp_apply(&w, 2) - (double)warp_apply(&w, 1),
		((double)warp_apply(&w, 1) - (double)warp_apply(&w, -1)) / 2, 1e-6,
		"warp: beyond the ends with the mean slope");
	values[0] = values[1] = values[2] = 4;
	warp_fit(&w, values, 3, WARP_CUBE);
	ok(w.n == 1 && warp_apply(&w, 4) < warp_apply(&w, 5), "warp: equal values are one knot");
}

/* Ties of the ranking are resolved by the order of the columns. */
static void test_drop_share(void)
{
	struct trial few = apply("drop_columns", 0.05, 0), one = apply("drop_columns", 0.2, 0);
	struct trial both = apply("drop_columns", 0.4, 0);

	ok(few.items.cols == 5, "drop_columns: less than half a column is none");
	ok(one.items.cols == 4 && one.items.cell[0] == table.cell[1],
	   "drop_columns: the least important one goes first");
	ok(both.items.cell[0] == table.cell[2] && both.items.target == table.target,
	   "drop_columns: a larger share drops those of a smaller one, targets stay");
	ok(both.items.columns[0].name == table.columns[2].name &&
	   both.items.columns[2].levels == 400, "drop_columns: names and levels go along");
}

int main(void)
{
	arena_init(&arena, 0);
	table = fixture_table(&arena, ROWS, 0);
	split = fixture_split(&arena, ROWS, 80, 20);
	test_rotate();
	test_rotate_dense();
	test_rotate_refuses();
	test_noise_columns();
	test_drop_columns();
	test_smooth_target();
	test_smooth_classes();
	test_warp_order();
	test_warp_floats();
	test_training_size();
	test_severity_0();
	test_label_noise();
	test_training_edges();
	test_degenerate();
	test_column_set();
	test_warp_shapes();
	test_drop_share();
	arena_clear(&arena);
	return tap_done();
}
