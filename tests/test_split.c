#include "tests/tap.h"

#include <stdlib.h>

#include "datasets/split.h"
#include "tests/data_fixtures.h"

static const struct split_rule random_rule = { .kind = SPLIT_RANDOM,
					       .test = 0.2, .valid = 0.2 };
static const struct split_rule official_rule = { .kind = SPLIT_OFFICIAL,
						 .valid = 0.2 };

/* How often each row stands in the three parts; false when one comes twice. */
static bool parts_disjoint(const struct split *s, size_t n)
{
	uint8_t *seen = calloc(n, 1);
	bool good = true;

	for (size_t i = 0; i < s->n_train; i++)
		good &= !seen[s->train[i]]++;
	for (size_t i = 0; i < s->n_valid; i++)
		good &= !seen[s->valid[i]]++;
	for (size_t i = 0; i < s->n_test; i++)
		good &= !seen[s->test[i]]++;
	free(seen);
	return good;
}

static bool same(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
	return na == nb && !memcmp(a, b, na * sizeof(*a));
}

static bool contains(const uint32_t *rows, size_t n, uint32_t row)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i] == row)
			return true;
	return false;
}

/* The largest distance, in rows, between a class's share of the part and its
 * share of everything. */
static double class_gap(const struct items *it, const uint32_t *rows, size_t n)
{
	double gap = 0;

	for (size_t c = 0; c < it->classes; c++) {
		double in_part = 0, in_all = 0, d;

		for (size_t i = 0; i < n; i++)
			in_part += it->label[rows[i]] == (int32_t)c;
		for (size_t i = 0; i < it->n; i++)
			in_all += it->label[i] == (int32_t)c;
		d = fabs(in_part - in_all * (double)n / (double)it->n);
		gap = d > gap ? d : gap;
	}
	return gap;
}

static struct split make(const struct items *it, const struct split_rule *rule,
			 size_t n, unsigned repeat, bool first, struct arena *a)
{
	struct split s = { 0 };
	struct error err;
	int rc = split_make(it, rule, n, repeat, first, a, &s, &err);

	if (rc)
		printf("# %s\n", err.text);
	return s;
}

static void test_random(struct arena *a)
{
	struct items it = fixture_table(a, 1003, 4);
	struct split s = make(&it, &random_rule, 300, 0, false, a);
	struct split again = make(&it, &random_rule, 300, 0, false, a);
	struct split other = make(&it, &random_rule, 300, 1, false, a);
	struct split more = make(&it, &random_rule, 500, 0, false, a);
	size_t nested = 0;

	ok(s.n_train == 300 && s.n_valid == 60 && s.n_test == 201,
	   "split: n rows fitted on, validation extra, a share for the test");
	ok(parts_disjoint(&s, it.n), "split: no row in two parts");
	ok(class_gap(&it, s.train, s.n_train) <= 2 &&
		   class_gap(&it, s.valid, s.n_valid) <= 2 &&
		   class_gap(&it, s.test, s.n_test) < 1,
	   "split: every part has the classes in proportion");
	ok(same(s.train, 300, again.train, 300) &&
		   same(s.valid, 60, again.valid, 60) &&
		   same(s.test, 201, again.test, 201),
	   "split: the same repeat gives the same rows");
	ok(!same(s.train, 300, other.train, 300) &&
		   !same(s.test, s.n_test, other.test, other.n_test),
	   "split: another repeat gives other rows, also to test on");
	ok(same(s.test, s.n_test, more.test, more.n_test),
	   "split: the test rows do not depend on n");
	for (size_t i = 0; i < s.n_train; i++)
		nested += contains(more.train, more.n_train, s.train[i]);
	ok(nested >= 298, "split: a smaller training set is part of a larger one");
}

static void test_whole(struct arena *a)
{
	struct items it = fixture_table(a, 1000, 0);
	struct split s = make(&it, &random_rule, 0, 3, false, a);
	struct split_rule capped = random_rule;

	ok(s.n_test == 200 && s.n_train + s.n_valid == 800 && s.n_valid == 133,
	   "split: n = 0 takes the whole pool less a validation share");
	ok(parts_disjoint(&s, it.n), "split: parts of the whole are disjoint");
	capped.max_test = 50;
	s = make(&it, &capped, 0, 3, false, a);
	ok(s.n_test == 50 && s.n_train + s.n_valid == 950,
	   "split: max_test caps the test part, the rest can be fitted on");
	capped.valid = 0;
	s = make(&it, &capped, 0, 3, false, a);
	ok(s.n_valid == 0 && s.n_train == 950,
	   "split: a rule without validation has none");
}

static void test_first(struct arena *a)
{
	struct items it = fixture_table(a, 500, 3);
	struct split s = make(&it, &random_rule, 100, 0, true, a);
	bool good = s.n_train == 100 && s.n_valid == 20;
	uint32_t row = 0;

	for (size_t i = 0; i < s.n_train; i++, row++) {
		while (contains(s.test, s.n_test, row))
			row++;
		good &= s.train[i] == row;
	}
	ok(good, "split: `first` takes the first rows that are not tested on");
	ok(parts_disjoint(&s, it.n), "split: `first` keeps the parts disjoint");
}

/* Rows 0..599 train, 600..999 test. */
static const uint8_t *official(struct arena *a, bool with_valid)
{
	uint8_t *o = ARENA_NEW(a, uint8_t, 1000);

	for (size_t i = 0; i < 1000; i++)
		o[i] = i < 600 ? OFFICIAL_TRAIN : OFFICIAL_TEST;
	for (size_t i = 500; with_valid && i < 600; i++)
		o[i] = OFFICIAL_VALID;
	return o;
}

static bool all_in(const uint32_t *rows, size_t n, uint32_t from, uint32_t to)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i] < from || rows[i] >= to)
			return false;
	return true;
}

static void test_official(struct arena *a)
{
	struct items it = fixture_table(a, 1000, 3);
	struct split s, t;

	it.official = official(a, false);
	s = make(&it, &official_rule, 200, 0, false, a);
	t = make(&it, &official_rule, 200, 1, false, a);
	ok(s.n_test == 400 && all_in(s.test, 400, 600, 1000) &&
		   same(s.test, 400, t.test, 400),
	   "split: an official test part is used as given, in every repeat");
	ok(s.n_train == 200 && s.n_valid == 40 && all_in(s.train, 200, 0, 600) &&
		   all_in(s.valid, 40, 0, 600) && parts_disjoint(&s, 1000),
	   "split: fitted and validation rows come from the official train part");
	ok(!same(s.train, 200, t.train, 200),
	   "split: repeats draw other rows of an official train part");
	s = make(&it, &official_rule, 0, 0, false, a);
	ok(s.n_train == 540 && all_in(s.train, 540, 0, 540) && s.n_valid == 60 &&
		   all_in(s.valid, 60, 540, 600),
	   "split: an official train part used whole keeps its last tenth back");
	s = make(&it, &official_rule, 50, 0, true, a);
	ok(s.n_train == 50 && all_in(s.train, 50, 0, 50),
	   "split: `first` of an official train part starts at its first row");
	it.official = official(a, true);
	s = make(&it, &official_rule, 0, 0, false, a);
	ok(s.n_train == 500 && s.n_valid == 100 &&
		   all_in(s.valid, 100, 500, 600),
	   "split: an official validation part is used as given");
}

static bool groups_apart(const struct items *it, const struct split *s)
{
	for (size_t i = 0; i < s->n_train; i++) {
		uint32_t g = it->group[s->train[i]];

		for (size_t k = 0; k < s->n_valid; k++)
			if (it->group[s->valid[k]] == g)
				return false;
		for (size_t k = 0; k < s->n_test; k++)
			if (it->group[s->test[k]] == g)
				return false;
	}
	for (size_t i = 0; i < s->n_valid; i++)
		for (size_t k = 0; k < s->n_test; k++)
			if (it->group[s->test[k]] == it->group[s->valid[i]])
				return false;
	return true;
}

static void test_groups(struct arena *a)
{
	struct items it = fixture_table(a, 900, 3);
	uint32_t *group = ARENA_NEW(a, uint32_t, 900);
	bool good = true, exact = true;
	struct split s;

	for (size_t i = 0; i < 900; i++)
		group[i] = (uint32_t)(i % 90 * 7 % 900);
	it.group = group;
	for (unsigned r = 0; r < 5; r++) {
		s = make(&it, &random_rule, 300, r, false, a);
		good &= groups_apart(&it, &s) && parts_disjoint(&s, it.n);
		exact &= s.n_train == 300 && s.n_valid > 0 &&
			 s.n_test >= 180 && s.n_test < 180 + 3 * 10;
	}
	ok(good, "split: no group stands on two sides");
	ok(exact, "split: with groups still exactly n rows are fitted on");
	s = make(&it, &random_rule, 0, 0, false, a);
	ok(groups_apart(&it, &s) && s.n_train + s.n_valid + s.n_test == 900,
	   "split: with groups and n = 0 no row is lost");
	for (size_t i = 0; i < 900; i++)
		group[i] = (uint32_t)(i / 13); /* the cuts fall inside groups */
	s = make(&it, &random_rule, 200, 0, true, a);
	ok(s.n_valid && groups_apart(&it, &s), "split: `first` keeps groups apart too");
	it.official = official(a, false);
	s = make(&it, &official_rule, 0, 0, false, a);
	good = s.n_valid > 0;
	for (size_t i = 0; i < s.n_valid; i++)
		for (size_t k = 0; k < s.n_train; k++)
			good &= group[s.valid[i]] != group[s.train[k]];
	ok(good, "split: the last tenth shares no group with the fitted rows");
}

static void test_errors(struct arena *a)
{
	struct items it = fixture_table(a, 100, 2);
	struct error err;
	struct split s;

	ok(split_make(&it, &random_rule, 70, 0, false, a, &s, &err) ==
			   ERR_CONFIG && strstr(err.text, "has 80"),
	   "split: too many rows asked for: says how many there are");
	ok(split_make(&it, &official_rule, 10, 0, false, a, &s, &err) ==
		   ERR_CONFIG,
	   "split: no official split in the data is an error");
	it.n = 1;
	ok(split_make(&it, &random_rule, 0, 0, false, a, &s, &err) == ERR_DATA,
	   "split: one row cannot be split");
	it.n = 0;
	ok(split_make(&it, &random_rule, 0, 0, false, a, &s, &err) == ERR_DATA,
	   "split: no rows at all");
}

/* Rows of `inner` that are not in `outer`. */
static size_t missing(const uint32_t *inner, size_t n, const uint32_t *outer,
		      size_t n_outer)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += !contains(outer, n_outer, inner[i]);
	return count;
}

/* One class has nine rows of ten; a rare one must still be everywhere. */
static void skew(struct items *it)
{
	int32_t *label = (int32_t *)(size_t)it->label;

	for (size_t i = 0; i < it->n; i++)
		label[i] = i % 10 ? 0 : i % 20 ? 1 : 2;
}

/* What a learning curve rests on, over many repeats. */
static void test_many_repeats(void)
{
	bool apart = true, nested = true, even = true, fixed = true;

	for (unsigned r = 0; r < 25; r++) {
		struct split small, large, whole;
		struct items it;
		struct arena a;

		arena_init(&a, 0);
		it = fixture_table(&a, 400, 3);
		skew(&it);
		small = make(&it, &random_rule, 60, r, false, &a);
		large = make(&it, &random_rule, 200, r, false, &a);
		whole = make(&it, &random_rule, 0, r, false, &a);
		apart &= parts_disjoint(&small, 400) && parts_disjoint(&large, 400) &&
			 parts_disjoint(&whole, 400);
		/* largest remainders may move one row a class */
		nested &= missing(small.train, 60, large.train, 200) <= 3;
		even &= class_gap(&it, small.train, 60) <= 2 &&
			class_gap(&it, large.train, 200) <= 2 &&
			class_gap(&it, small.test, small.n_test) < 1;
		fixed &= same(small.test, small.n_test, whole.test, whole.n_test) &&
			 small.n_test == 80;
		arena_clear(&a);
	}
	ok(apart, "split: 25 repeats, no row in two parts");
	ok(nested, "split: 25 repeats, smaller training sets inside of larger ones");
	ok(even, "split: 25 repeats, a rare class in proportion in every part");
	ok(fixed, "split: 25 repeats, one test part for every n");
}

/* Groups of very different sizes, the largest a quarter of all. */
static void test_uneven_groups(struct arena *a)
{
	struct items it = fixture_table(a, 800, 2);
	uint32_t *group = ARENA_NEW(a, uint32_t, 800);
	bool good = true, filled = true;

	for (size_t i = 0; i < 800; i++)
		group[i] = i < 200 ? 0 : (uint32_t)(1 + sqrt((double)(i - 200)));
	it.group = group;
	for (unsigned r = 0; r < 20; r++) {
		struct split s = make(&it, &random_rule, 150, r, false, a);

		good &= groups_apart(&it, &s) && parts_disjoint(&s, 800);
		filled &= s.n_train == 150 && s.n_valid > 0 && s.n_test > 0;
	}
	ok(good, "split: 20 repeats, uneven groups on one side each");
	ok(filled, "split: 20 repeats, no part of them is empty");
}

/* A file sorted by class: the fitted rows are what was asked for, the others are
 * drawn from all that is left. */
static void test_first_sorted(struct arena *a)
{
	struct items it = fixture_table(a, 900, 3);
	int32_t *label = (int32_t *)(size_t)it.label;
	struct split s;
	size_t seen[3] = { 0 };

	for (size_t i = 0; i < 900; i++)
		label[i] = (int32_t)(i / 300);
	s = make(&it, &random_rule, 400, 0, true, a);
	for (size_t i = 0; i < s.n_valid; i++)
		seen[label[s.valid[i]]]++;
	ok(s.n_valid == 80 && seen[1] > 10 && seen[2] > 40,
	   "split: `first` of a sorted file validates on all that is left");
	ok(class_gap(&it, s.test, s.n_test) < 1,
	   "split: and is tested on all classes");
	ok(s.train[0] < s.train[399] && label[s.train[0]] == 0 &&
		   label[s.train[399]] == 1,
	   "split: the fitted rows stay in file order");
}

/* One row of a class cannot be in three parts, nor can it stop a split. */
static void test_rare_class(struct arena *a)
{
	struct items it = fixture_table(a, 100, 2);
	int32_t *label = (int32_t *)(size_t)it.label;
	bool good = true;

	for (size_t i = 0; i < 100; i++)
		label[i] = i == 50;
	for (unsigned r = 0; r < 20; r++) {
		struct split s = make(&it, &random_rule, 40, r, false, a);

		good &= s.n_train == 40 && s.n_valid == 8 && s.n_test == 20 &&
			parts_disjoint(&s, 100);
	}
	ok(good, "split: a class of one row changes no sizes");
}

static void test_memory(struct arena *a)
{
	struct items it = fixture_table(a, 200, 2);
	size_t calls = 0;
	int rc = ERR_MEMORY;

	for (; rc == ERR_MEMORY; calls++) {
		struct arena small;
		struct error err;
		struct split s;

		arena_init(&small, 0);
		small.fail_at = calls + 1;
		rc = split_make(&it, &random_rule, 50, 0, false, &small, &s,
				&err);
		arena_clear(&small);
	}
	ok(!rc && calls > 5, "split: every failing allocation is an error");
}

/* Five speakers: each repeat tests on another one, and comes round again. */
static void test_folds(struct arena *a)
{
	const struct split_rule rule = { .kind = SPLIT_FOLD, .valid = 0.25 };
	struct items it = fixture_table(a, 500, 4);
	uint32_t *fold = ARENA_NEW(a, uint32_t, it.n);
	bool apart = true;

	for (size_t i = 0; i < it.n; i++)
		fold[i] = (uint32_t)(i % 5);
	it.fold = fold;
	for (unsigned r = 0; r < 6; r++) {
		struct split s = make(&it, &rule, 0, r, false, a);

		apart &= s.n_test == 100 && s.n_train + s.n_valid == 400 &&
			 s.n_valid == 80;
		for (size_t i = 0; i < s.n_test; i++)
			apart &= fold[s.test[i]] == r % 5;
	}
	ok(apart, "split: repeat r is tested on fold r, the others are fitted on");
	ok(make(&it, &rule, 100, 0, false, a).n_valid == 25,
	   "split: folds: n rows out of the other folds, and their validation rows");
}

/* Ten years of a hundred rows, stored in no order. */
static void test_time(struct arena *a)
{
	const struct split_rule rule = { .kind = SPLIT_TIME, .test = 0.15, .valid = 0.25 };
	struct items it = fixture_table(a, 1000, 0);
	double *time = ARENA_NEW(a, double, it.n);
	struct split s, other;
	bool past = true;

	for (size_t i = 0; i < it.n; i++)
		time[i] = 1990 + (double)(i * 7 % 10);
	it.time = time;
	s = make(&it, &rule, 0, 0, false, a);
	for (size_t i = 0; i < s.n_train; i++)
		past &= time[s.train[i]] < 1996;
	for (size_t i = 0; i < s.n_valid; i++)
		past &= time[s.valid[i]] >= 1996 && time[s.valid[i]] < 1998;
	for (size_t i = 0; i < s.n_test; i++)
		past &= time[s.test[i]] >= 1998;
	ok(past && s.n_test == 200 && s.n_valid == 200 && s.n_train == 600,
	   "split: time: whole years, the latest to test, those before to validate");
	s = make(&it, &rule, 300, 0, false, a);
	other = make(&it, &rule, 300, 1, false, a);
	ok(s.n_train == 300 && s.n_valid == 200 && same(s.test, s.n_test, other.test, 200) &&
		   !same(s.train, 300, other.train, 300),
	   "split: time: repeats share the test years and draw other rows of the past");
}

/* A rule that needs what the data set lacks is told so. */
static void test_rule_needs(struct arena *a)
{
	static const enum split_kind kinds[] = { SPLIT_OFFICIAL, SPLIT_FOLD, SPLIT_TIME };
	static const char *const words[] = { "official", "folds", "time" };
	struct items it = fixture_table(a, 100, 4);

	for (size_t k = 0; k < 3; k++) {
		struct split_rule rule = { .kind = kinds[k], .test = 0.2, .valid = 0.2 };
		struct error err;
		struct split s;

		ok(split_make(&it, &rule, 0, 0, false, a, &s, &err) == ERR_CONFIG &&
			   strstr(err.text, words[k]),
		   "split: %s", err.text);
	}
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	test_random(&a);
	test_whole(&a);
	test_first(&a);
	test_official(&a);
	test_groups(&a);
	test_many_repeats();
	test_uneven_groups(&a);
	test_first_sorted(&a);
	test_rare_class(&a);
	test_folds(&a);
	test_time(&a);
	test_rule_needs(&a);
	test_errors(&a);
	test_memory(&a);
	arena_clear(&a);
	return tap_done();
}
