#include "datasets/own/checks.h"

#include "harness/base/rng.h"
#include "tests/tap.h"

#define N 200

static struct arena arena, lines;
static struct error err;
static struct notes notes;
static float a[N], b[N], c[N], y[N];
static int32_t label[N];
static const float *cells[] = { a, b, c };
static struct column columns[3];
static const char *const classes[] = { "no", "yes", "rare" };
static struct items items;

/* Noise in three columns, classes of a coin. */
static void make(void)
{
	struct rng r = rng_make(3, "test");

	for (size_t i = 0; i < N; i++) {
		a[i] = (float)rng_normal(r, i);
		b[i] = (float)rng_normal(r, N + i);
		c[i] = (float)rng_below(r, 2 * N + i, 4);
		y[i] = (float)rng_normal(r, 3 * N + i);
		label[i] = (int32_t)rng_below(r, 4 * N + i, 2);
	}
	columns[0] = (struct column){ .name = "a" };
	columns[1] = (struct column){ .name = "b" };
	columns[2] = (struct column){ .name = "c", .is_cat = true, .levels = 4 };
	items = (struct items){ .modality = MODALITY_TABULAR, .n = N, .cols = 3,
				.columns = columns, .cell = cells, .classes = 2,
				.class_names = classes, .label = label };
}

static bool run(const struct split *split)
{
	arena_clear(&lines);
	notes = (struct notes){ .arena = &lines };
	error_clear(&err);
	return !checks_run(&items, split, &arena, &notes, &err);
}

static bool says(const char *text)
{
	for (size_t k = 0; k < notes.n; k++)
		if (strstr(notes.list[k].text, text))
			return true;
	for (size_t k = 0; k < notes.n; k++)
		printf("# %s\n", notes.list[k].text);
	return false;
}

static void test_clean(void)
{
	make();
	ok(run(NULL) && notes.n == 0, "nothing is said of clean rows");
	if (notes.n)
		says("\n");
}

static void test_classes(void)
{
	make();
	items.classes = 3;
	label[7] = label[9] = 2;
	ok(run(NULL) && says("1 of 3 classes have fewer than 5 rows") && says("'rare' (2)"),
	   "classes that are too small to split are named");
	make();
	for (size_t i = 0; i < N; i++)
		label[i] = i < 6;
	ok(run(NULL) && says("class 'no' has 97.0 %"), "one class that is nearly all");
	ok(says("sorted by the target"), "rows in the order of the target");
	make();
	memset(label, 0, sizeof(label));
	ok(run(NULL) && says("the same in every row"), "a constant target");
}

static void test_split(void)
{
	uint32_t train[] = { 0, 1, 2, 3 }, test[] = { 4, 5 }, group[N];
	struct split split = { .n_train = 4, .n_test = 2, .train = train, .test = test };

	make();
	for (size_t i = 0; i < 4; i++)
		label[i] = 0;
	label[4] = 1;
	ok(run(&split) && says("1 classes are in the test rows and in no training row"),
	   "a class that is never trained on");
	for (size_t i = 0; i < N; i++)
		group[i] = (uint32_t)i;
	group[4] = 0;
	items.group = group;
	ok(run(&split) && says("1 groups have rows in training and in test"),
	   "a group on both sides");
}

static void test_twins(void)
{
	uint32_t train[] = { 0, 1, 2, 3 }, test[] = { 10, 11 };
	struct split split = { .n_train = 4, .n_test = 2, .train = train, .test = test };

	make();
	a[10] = a[0], b[10] = b[0], c[10] = c[0];
	label[10] = label[0];
	ok(run(&split) && says("1 of 200 rows are copies") && says("row 11 of row 1"),
	   "a row that is there twice");
	ok(says("1 of 2 test rows equal a training row"), "across training and test");
	ok(!notes.n || notes.list[0].level == NOTE_INFO, "which alone is no warning");
	label[10] = 1 - label[0];
	ok(run(NULL) && says("1 of these copies have another target"), "with another target");
	a[0] = a[10] = NAN;
	ok(run(NULL) && says("1 of 200 rows"), "holes are equal to holes");
	a[0] = 0.0f;
	a[10] = -0.0f;
	ok(run(NULL) && says("1 of 200 rows"), "and zeros to zeros");
}

static void test_columns(void)
{
	make();
	for (size_t i = 0; i < N; i++)
		b[i] = i % 3 ? NAN : b[i];
	ok(run(NULL) && says("column 'b' is missing in 66 %"), "a column with many holes");
	make();
	memcpy(b, a, sizeof(a));
	ok(run(NULL) && says("columns 'a' and 'b' are the same"), "two equal columns");
	make();
	for (size_t i = 0; i < N; i++)
		c[i] = (float)(i % 150);
	columns[2].levels = 150;
	ok(run(NULL) && says("column 'c' has 150 levels in 200 rows"), "an id as a category");
}

static void test_leak(void)
{
	make();
	for (size_t i = 0; i < N; i++)
		c[i] = (float)(label[i] * 2);
	ok(run(NULL) && says("column 'c' alone predicts the target"), "a level for each class");
	make();
	for (size_t i = 0; i < N; i++)
		a[i] = label[i] ? 5 + fabsf(a[i]) : -5 - fabsf(a[i]);
	ok(run(NULL) && says("column 'a' alone predicts the target (accuracy 1.000)"),
	   "a number that parts the classes");
	make();
	items.label = NULL;
	items.classes = 0;
	items.target = y;
	for (size_t i = 0; i < N; i++)
		a[i] = y[i] * y[i] * y[i];
	ok(run(NULL) && says("column 'a' alone predicts the target (R2"),
	   "a monotone function of the target");
	make();
	for (size_t i = 0; i < N; i++)
		a[i] += label[i] ? 1.0f : -1.0f;
	ok(run(NULL) && notes.n == 0, "a good feature is no leak");
	make();
	for (size_t i = 0; i < N; i++)
		label[i] = i == 0 || i == 100;
	ok(run(NULL) && !strstr(notes.list[0].text, "alone"),
	   "where the majority is right as often nothing leaks");
}

static void test_others(void)
{
	static const char *const text[] = { "one", "two", "one", "three" };
	static const int32_t classes_of[] = { 0, 1, 1, 0 };
	static const uint8_t pixels[] = { 1, 2, 3, 4, 1, 2, 5, 6 };

	items = (struct items){ .modality = MODALITY_TEXT, .n = 4, .text = text, .classes = 2,
				.class_names = classes, .label = classes_of };
	ok(run(NULL) && says("1 of 4 rows are copies") && says("another target"),
	   "texts that are there twice");
	items = (struct items){ .modality = MODALITY_IMAGE, .n = 4, .channels = 1, .height = 1,
				.width = 2, .pixels = pixels, .classes = 2,
				.class_names = classes, .label = classes_of };
	ok(run(NULL) && says("such as row 3 of row 1"), "pictures that are there twice");
}

static void test_memory(void)
{
	size_t k = 1;

	make();
	for (; k < 40; k++) {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = k;
		if (run(NULL))
			break;
		if (err.code != ERR_MEMORY)
			break;
	}
	ok(k > 5 && k < 40 && !err.code, "every failed allocation of %zu is told", k - 1);
	arena.fail_at = 0;
	make();
	memcpy(b, a, sizeof(a));
	arena_clear(&lines);
	notes = (struct notes){ .arena = &lines };
	lines.calls = 0;
	lines.fail_at = 1;
	ok(checks_run(&items, NULL, &arena, &notes, &err) == ERR_MEMORY,
	   "also one of a line that could not be kept");
	lines.fail_at = 0;
}

static bool is_silent_of(const char *text)
{
	for (size_t k = 0; k < notes.n; k++)
		if (strstr(notes.list[k].text, text))
			return false;
	return true;
}

/* Fewer rows than any check was made for. */
static void test_tiny(void)
{
	uint32_t train[] = { 0 }, test[] = { 1 };
	struct split split = { .n_train = 1, .n_test = 1, .train = train, .test = test };

	make();
	items.n = 1;
	ok(run(NULL), "one row is checked without a fault");
	items.n = 2;
	items.classes = 1;
	label[0] = label[1] = 0;
	a[1] = a[0], b[1] = b[0], c[1] = c[0];
	ok(run(&split) && says("1 of 2 rows are copies") && says("1 of 1 test rows equal"),
	   "two equal rows on both sides of a split");
	ok(says("the same in every row"), "of one class");
	make();
	items.n = 29;
	for (size_t i = 0; i < N; i++)
		c[i] = (float)label[i];
	ok(run(NULL) && is_silent_of("alone"), "in 29 rows nothing is called a leak");
	items.n = 40;
	ok(run(NULL) && says("column 'c' alone predicts"), "in 40 it is");
}

static void test_holes(void)
{
	make();
	for (size_t i = 0; i < N; i++)
		a[i] = NAN;
	ok(run(NULL) && says("column 'a' is missing in 100 %"), "a column of holes alone");
	make();
	for (size_t i = 0; i < N; i++)
		a[i] = i % 2 ? NAN : a[i];
	ok(run(NULL) && notes.n == 0, "half of the cells is not more than half");
	make();
	for (size_t i = 0; i < N; i++)
		a[i] = label[i] ? NAN : a[i];
	ok(run(NULL) && says("column 'a' alone predicts the target"),
	   "where the holes are may give the target away");
	make();
	for (size_t i = 0; i < N; i++)
		c[i] = label[i] ? NAN : c[i];
	ok(run(NULL) && says("column 'c' alone predicts the target"), "of categories, too");
}

static void test_ties(void)
{
	make();
	memcpy(b, a, sizeof(a));
	memcpy(c, a, sizeof(a));
	columns[2] = (struct column){ .name = "c" };
	ok(run(NULL) && says("columns 'a' and 'b' are the same") &&
	   says("columns 'b' and 'c' are the same"), "of three equal columns two pairs are named");
	make();
	for (size_t i = 1; i < 4; i++)
		a[i] = a[0], b[i] = b[0], c[i] = c[0], label[i] = label[0];
	label[2] = 1 - label[0];
	ok(run(NULL) && says("3 of 200 rows are copies of an earlier one, such as row 2 of row 1"),
	   "of four equal rows three are copies of the first");
	ok(says("1 of these copies have another target"), "one of them with another target");
	make();
	for (size_t i = 0; i < N; i++)
		label[i] = i >= N / 2;
	ok(run(NULL) && says("sorted by the target"), "rows in rising order");
	for (size_t i = 0; i < N; i++)
		label[i] = i < N / 2;
	ok(run(NULL) && says("sorted by the target"), "and in falling order");
	label[N - 1] = 1;
	ok(run(NULL) && notes.n == 0, "one row out of place and nothing is said");
}

static void test_numbers(void)
{
	make();
	items.label = NULL;
	items.classes = 0;
	items.target = y;
	ok(run(NULL) && notes.n == 0, "clean rows of a regression");
	a[1] = a[0], b[1] = b[0], c[1] = c[0];
	y[1] = y[0];
	ok(run(NULL) && says("1 of 200 rows") && notes.n == 1, "a copy with its target");
	y[1] = y[0] + 1;
	ok(run(NULL) && says("another target"), "and with another one");
	for (size_t i = 0; i < N; i++)
		y[i] = 7;
	ok(run(NULL) && says("the same in every row"), "a constant target of numbers");
}

/* A wave belongs to a row from start to start. */
static void test_sounds(void)
{
	static const float wave[] = { 1, 2, 3, 1, 2, 1, 2 };
	static const size_t start[] = { 0, 2, 3, 5, 7 };
	static const int32_t classes_of[] = { 0, 1, 0, 0 };

	items = (struct items){ .modality = MODALITY_AUDIO, .n = 4, .wave = wave,
				.wave_start = start, .classes = 2, .class_names = classes,
				.label = classes_of };
	ok(run(NULL) && says("2 of 4 rows are copies of an earlier one, such as row 3 of row 1"),
	   "sounds that are there twice, of other lengths than their neighbours");
}

int main(void)
{
	test_clean();
	test_classes();
	test_split();
	test_twins();
	test_columns();
	test_leak();
	test_others();
	test_memory();
	test_tiny();
	test_holes();
	test_ties();
	test_numbers();
	test_sounds();
	arena_clear(&arena);
	arena_clear(&lines);
	return tap_done();
}
