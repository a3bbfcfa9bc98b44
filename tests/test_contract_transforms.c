/* The contract of every transform in the registry, on every modality it is for. */
#include "tests/tap.h"

#include "tests/transform_trial.h"

#define ROWS 90

static struct items table_of_3(struct arena *a, size_t n)
{
	return fixture_table(a, n, 3);
}

static struct items regression(struct arena *a, size_t n)
{
	return fixture_table(a, n, 0);
}

static const struct {
	const char *name;
	enum modality modality;
	struct items (*make)(struct arena *a, size_t n);
	enum view view;
} fixtures[] = {
	{ "table", MODALITY_TABULAR, table_of_3, VIEW_TABLE },
	{ "regression", MODALITY_TABULAR, regression, VIEW_TABLE },
	{ "image", MODALITY_IMAGE, fixture_image, VIEW_GRID },
	{ "audio", MODALITY_AUDIO, fixture_audio, VIEW_GRID },
	{ "text", MODALITY_TEXT, fixture_text, VIEW_TOKENS },
};
#define FIXTURES (sizeof(fixtures) / sizeof(fixtures[0]))

struct subject {
	const struct transform *x;
	size_t fixture;
	struct items items;
	struct split split;
	struct arena *a; /* of the data */
	char name[64];
};

static bool is_one_of(const char *name, const char *const *list)
{
	while (*list && strcmp(*list, name))
		list++;
	return *list != NULL;
}

/* One run in an arena of its own, as a digest; "" when it failed. */
static int run_hash(const struct subject *s, struct trial *t, size_t tests, char hex[HASH_HEX])
{
	struct arena made;

	arena_init(&made, 0);
	t->name = s->x->name;
	t->view = fixtures[s->fixture].view;
	trial_run(t, &s->items, &s->split, s->a, &made);
	hex[0] = '\0';
	if (!t->rc)
		trial_hash(t, s->x->view != NULL, tests, hex);
	arena_clear(&made);
	return t->rc;
}

static void test_bits(const struct subject *s)
{
	static const char *const drawless[] = { "drop_columns", "smooth_target", "truncate",
						NULL };
	struct trial t = { .severity = s->x->usual, .threads = 1 };
	char one[HASH_HEX], again[HASH_HEX], two[HASH_HEX], four[HASH_HEX], other[HASH_HEX];
	bool differs = false;

	if (!ok(!run_hash(s, &t, ROWS, one), "%s: works at its usual severity", s->name)) {
		printf("# %s\n", t.err.text);
		return;
	}
	run_hash(s, &t, ROWS, again);
	t.threads = 2;
	run_hash(s, &t, ROWS, two);
	t.threads = 4;
	run_hash(s, &t, ROWS, four);
	ok(!strcmp(one, again), "%s: same seed, same bits", s->name);
	ok(!strcmp(one, two) && !strcmp(one, four), "%s: same bits on 1, 2 and 4 threads",
	   s->name);
	for (t.repeat = 1; t.repeat <= 5 && !differs; t.repeat++)
		differs = !run_hash(s, &t, ROWS, other) && strcmp(one, other);
	ok(differs == !is_one_of(s->x->name, drawless), "%s: %s", s->name,
	   differs ? "another seed, other bits" : "no seed changes anything");
}

/* Labels of test rows are the truth; those of validation rows are, too, but
 * under label noise. The items that came in are not written. */
static void test_untouched(const struct subject *s)
{
	struct trial t = { .name = s->x->name, .severity = s->x->usual, .threads = 2,
			   .view = fixtures[s->fixture].view };
	struct trial raw = { .items = s->items, .split = s->split };
	struct arena made;
	char before[HASH_HEX], after[HASH_HEX], x[HASH_HEX], y[HASH_HEX];
	struct hash *hx = hash_new(), *hy = hash_new();
	bool noisy = !strcmp(s->x->name, "label_noise");

	arena_init(&made, 0);
	trial_hash(&raw, false, ROWS, before);
	trial_run(&t, &s->items, &s->split, s->a, &made);
	trial_hash(&raw, false, ROWS, after);
	ok(!strcmp(before, after), "%s: the items that came in are as they were", s->name);
	for (size_t i = 0; i < s->split.n_test; i++) {
		trial_hash_target(hx, &s->items, s->split.test[i]);
		trial_hash_target(hy, &t.items, s->split.test[i]);
	}
	for (size_t i = 0; i < s->split.n_valid && !noisy; i++) {
		trial_hash_target(hx, &s->items, s->split.valid[i]);
		trial_hash_target(hy, &t.items, s->split.valid[i]);
	}
	hash_finish(hx, x);
	hash_finish(hy, y);
	ok(!strcmp(x, y) && t.split.n_test == s->split.n_test &&
		   t.split.n_valid == s->split.n_valid,
	   "%s: test labels%s are untouched", s->name, noisy ? "" : " and validation labels");
	arena_clear(&made);
}

static void test_memory(const struct subject *s)
{
	struct trial t = { .severity = s->x->usual, .threads = 2 };
	char hex[HASH_HEX];
	size_t calls, bad = 0;

	run_hash(s, &t, ROWS, hex);
	calls = t.calls;
	for (t.fail_at = 1; t.fail_at <= calls; t.fail_at++)
		bad += run_hash(s, &t, ROWS, hex) != ERR_MEMORY;
	ok(!bad && calls, "%s: every allocation may fail (%zu)", s->name, calls);
}

static void test_range(const struct subject *s)
{
	struct trial t = { .severity = s->x->min, .threads = 1 };
	struct trial raw = { .items = s->items, .split = s->split };
	struct arena made;
	char low[HASH_HEX], high[HASH_HEX], before[HASH_HEX];

	arena_init(&made, 0);
	ok(!run_hash(s, &t, ROWS, low), "%s: works at the least severity", s->name);
	t.severity = s->x->max;
	ok(!run_hash(s, &t, ROWS, high), "%s: works at the largest severity", s->name);
	if (s->x->min == 0.0 && strcmp(s->x->name, "rotate")) {
		if (s->x->view) {
			raw.data = t.data;
			assert(!encoder_find(VIEW_GRID, s->items.modality)
					->encode(&s->items, &s->split, 1, s->a, &raw.data,
						 &raw.err));
		}
		trial_hash(&raw, s->x->view != NULL, ROWS, before);
		ok(!strcmp(low, before), "%s: severity 0 changes nothing", s->name);
	}
	arena_clear(&made);
}

/* Every test row but the first becomes another. */
static void poison(struct subject *s)
{
	struct items *it = &s->items;
	size_t size = it->channels * it->height * it->width;

	for (size_t i = 1; i < s->split.n_test; i++) {
		uint32_t row = s->split.test[i];

		for (size_t j = 0; j < it->cols; j++)
			((float *)(size_t)it->cell[j])[row] = it->columns[j].is_cat ? 1 : 1e30f;
		if (it->pixels)
			memset((uint8_t *)(size_t)it->pixels + row * size, 255, size);
		for (size_t k = it->wave ? it->wave_start[row] : 1;
		     it->wave && k < it->wave_start[row + 1]; k++)
			((float *)(size_t)it->wave)[k] = 0.9f;
		if (it->text)
			((const char **)(size_t)it->text)[row] = "quite another text";
		if (it->label)
			((int32_t *)(size_t)it->label)[row] = 0;
		else
			((float *)(size_t)it->target)[row] = -1e20f;
	}
}

static void test_independence(const struct subject *s, struct arena *a)
{
	struct trial t = { .severity = s->x->usual, .threads = 1 };
	struct subject other = *s;
	char x[HASH_HEX], y[HASH_HEX];

	other.items = fixtures[s->fixture].make(a, ROWS);
	poison(&other);
	run_hash(s, &t, 1, x);
	run_hash(&other, &t, 1, y);
	ok(!strcmp(x, y) && *x, "%s: nothing depends on other test rows", s->name);
}

/* A single training row; numbers constant, missing and infinite. */
static void test_odd(const struct subject *s, struct arena *a)
{
	struct trial t = { .severity = s->x->usual, .threads = 2 };
	struct subject one = *s;
	char hex[HASH_HEX];

	one.split = fixture_split(a, ROWS, 1, 1);
	ok(!run_hash(&one, &t, ROWS, hex), "%s: one training row will do", s->name);
	if (s->items.modality != MODALITY_TABULAR)
		return;
	one = *s;
	one.items = fixtures[s->fixture].make(a, ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		((float *)(size_t)one.items.cell[0])[i] = NAN;
		if (i % 5 == 0)
			((float *)(size_t)one.items.cell[1])[i] = i % 2 ? INFINITY : -INFINITY;
	}
	ok(!run_hash(&one, &t, ROWS, hex), "%s: empty, constant and infinite columns will do",
	   s->name);
}

static void test_pair(const struct transform *x, size_t fixture)
{
	struct subject s = { .x = x, .fixture = fixture };
	struct arena a;

	arena_init(&a, 0);
	s.a = &a;
	s.items = fixtures[fixture].make(&a, ROWS);
	s.split = fixture_split(&a, ROWS, 50, 15);
	snprintf(s.name, sizeof(s.name), "%s on %s", x->name, fixtures[fixture].name);
	test_bits(&s);
	test_untouched(&s);
	test_memory(&s);
	test_range(&s);
	test_independence(&s, &a);
	test_odd(&s, &a);
	arena_clear(&a);
}

/* What `list` and `info` print, and what the parser relies on. */
static void test_words(const struct transform *x)
{
	ok(x->name && x->summary && x->severity && strlen(x->summary) < 80 &&
		   strlen(x->severity) < 80 && x->version > 0,
	   "%s: has its words and a version", x->name);
	ok(x->min <= x->usual && x->usual <= x->max, "%s: the usual severity is in the range",
	   x->name);
	ok((x->rows != NULL) + (x->items != NULL) + (x->view != NULL) == 1,
	   "%s: changes one thing", x->name);
	ok(x->modalities && x->tasks && transform_find(x->name) == x,
	   "%s: is for something, and is found", x->name);
}

int main(void)
{
	size_t n;
	const struct transform *const *all = transform_all(&n);

	for (size_t k = 0; k < n; k++) {
		test_words(all[k]);
		for (size_t f = 0; f < FIXTURES; f++)
			if (all[k]->modalities & 1u << fixtures[f].modality)
				test_pair(all[k], f);
	}
	return tap_done();
}
