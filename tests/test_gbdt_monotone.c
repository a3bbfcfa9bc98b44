/* Monotone constraints: what the text says, and what predictions keep. */
#include "learners/gbdt/monotone.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { COLS = 5 };

static struct column columns[COLS] = {
	{ .name = "age" }, { .name = "price" }, { .name = "rooms" },
	{ .name = "town", .is_cat = true, .levels = 3 }, { .name = "age:2" },
};
static struct dataset table = { .columns = columns, .cols = COLS,
				.task = TASK_REGRESSION };
static struct error err;

static void reads(const char *text, int a, int b, int c, int d, int e)
{
	const int8_t want[COLS] = { (int8_t)a, (int8_t)b, (int8_t)c, (int8_t)d,
				    (int8_t)e };
	const int8_t *sign;
	struct arena arena;

	arena_init(&arena, 0);
	ok(!monotone_read(&sign, text, &table, &arena, &err) && sign &&
		   !memcmp(sign, want, COLS), "monotone: reads '%s'", text);
	arena_clear(&arena);
}

static void refuses(const char *text, enum err code, const char *says)
{
	const int8_t *sign;
	struct arena arena;

	arena_init(&arena, 0);
	error_clear(&err);
	if (!ok(monotone_read(&sign, text, &table, &arena, &err) == (int)code &&
			strstr(err.text, says), "monotone: refuses '%s'", text))
		printf("# got '%s'\n", err.text);
	arena_clear(&arena);
}

static void test_text(void)
{
	const int8_t *sign = (const int8_t *)"";
	struct arena arena;

	arena_init(&arena, 0);
	ok(!monotone_read(&sign, "", &table, &arena, &err) && !sign,
	   "monotone: an empty text is no constraint");
	arena.fail_at = arena.calls + 1;
	ok(monotone_read(&sign, "+age", &table, &arena, &err) == ERR_MEMORY,
	   "monotone: no memory is told");
	arena_clear(&arena);
	reads("+age:-price", 1, -1, 0, 0, 0);
	reads("-rooms,+age", 1, 0, -1, 0, 0);
	reads("+#4:-#0", -1, 0, 0, 0, 1);
	reads("1:0:-1", 1, 0, -1, 0, 0);
	reads("-1", -1, 0, 0, 0, 0);
	reads("0:+1:0:0:-1", 0, 1, 0, 0, -1);
	refuses("+aeg", ERR_CONFIG, "did you mean 'age'");
	refuses("age", ERR_CONFIG, "+COLUMN");
	refuses("+", ERR_CONFIG, "+COLUMN");
	refuses("+age::-price", ERR_CONFIG, "+COLUMN");
	refuses("+age:-age", ERR_CONFIG, "twice");
	refuses("+town", ERR_CONFIG, "categorical");
	refuses("+#5", ERR_CONFIG, "no column '#5'");
	refuses("+#1x", ERR_CONFIG, "no column '#1x'");
	refuses("1:0:0:0:0:1", ERR_CONFIG, "more signs");
	table.task = TASK_CLASSIFICATION;
	table.classes = 3;
	refuses("+age", ERR_UNSUPPORTED, "3 classes");
	table.classes = 2;
	reads("+age", 1, 0, 0, 0, 0);
	table.columns = NULL; /* pixels have numbers only */
	reads("+#2", 0, 0, 1, 0, 0);
	refuses("+age", ERR_CONFIG, "no column");
	table.columns = columns;
}

/* Along column j, all else equal, how far do predictions go against `sign`?
 * Rows of the test part come in runs that differ in column j alone. */
enum { RUN = 20 };

static double against(const struct sample *s, const struct sample_fit *f,
		      int sign)
{
	size_t outputs = learner_outputs(&s->data);
	double worst = 0;

	for (size_t i = 1; i < s->data.test.rows; i++) {
		const float *now = f->test + i * outputs + outputs - 1;

		if (i % RUN)
			worst = fmax(worst, sign * (double)(now[-(ptrdiff_t)outputs] -
							    now[0]));
	}
	return worst;
}

static void sweep(struct sample *s, size_t j)
{
	size_t cols = s->data.cols;
	float *x = (float *)s->data.test.x;

	for (size_t i = 0; i < s->data.test.rows; i++) {
		if (i % RUN)
			memcpy(x + i * cols, x + (i - 1) * cols,
			       cols * sizeof(float));
		x[i * cols + j] = (float)(i % RUN) / RUN;
	}
}

/* Column 0 rises, column 1 has a bump, and they interact through the trees. */
static void test_predictions(size_t classes, const char *growth, size_t j, int sign)
{
	struct sample_shape shape = {
		.train = 600, .valid = 100, .test = 800, .numeric = 4,
		.categories = 1, .levels = 8, .classes = classes, .missing = .1,
		.noise = .5, .seed = 3 + classes,
	};
	struct sample s;
	struct sample_fit f;
	char options[160];
	double free, held;

	sample_make(&s, &shape);
	sweep(&s, j);
	snprintf(options, sizeof(options), "rounds=40,growth=%s", growth);
	sample_fit(&f, &s.data, options, 1);
	free = against(&s, &f, sign);
	arena_clear(&f.arena);
	snprintf(options, sizeof(options), "rounds=40,growth=%s,leaf_steps=3,"
		 "monotone=%c#%zu", growth, sign > 0 ? '+' : '-', j);
	sample_fit(&f, &s.data, options, 2);
	held = f.rc ? INFINITY : against(&s, &f, sign);
	/* sums of floats over 40 trees round */
	ok(held < 1e-5 && free > 1e-3, "monotone: %s, %zu classes, column %zu %s "
	   "(against it by %.3f without)", growth, classes, j,
	   sign > 0 ? "rises" : "falls", free);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

static void test_costs_little(void)
{
	struct sample_shape shape = { .train = 800, .test = 800, .numeric = 3,
				      .noise = .5, .seed = 8 };
	double with, without;
	struct sample_fit f;
	struct sample s;

	sample_make(&s, &shape);
	sample_fit(&f, &s.data, "rounds=60", 1);
	without = sample_rmse(&s.data.test, f.test);
	arena_clear(&f.arena);
	sample_fit(&f, &s.data, "rounds=60,monotone=1", 1);
	with = sample_rmse(&s.data.test, f.test);
	arena_clear(&f.arena);
	ok(with < without * 1.03, "monotone: a true constraint costs no accuracy "
	   "(%.3f, without %.3f)", with, without);
	arena_clear(&s.arena);
}

int main(void)
{
	static const char *const growth[] = { "leaf", "depth", "oblivious" };

	test_text();
	for (size_t k = 0; k < sizeof(growth) / sizeof(growth[0]); k++) {
		test_predictions(0, growth[k], 0, 1);
		test_predictions(0, growth[k], 1, -1);
		test_predictions(2, growth[k], 1, 1);
	}
	test_costs_little();
	return tap_done();
}
