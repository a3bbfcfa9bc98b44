/* Every draw walks over the rows in one random order (a random key a group)
 * and takes a row while the quota of its class lasts; groups that a draw
 * touched are closed to the draws after it.
 *
 * One order for all draws is what makes training sets nested: with n = 1,000
 * and n = 2,000 the same walk stops earlier or later. The order comes from the
 * repeat alone, so the test part, drawn first, is the same for every n, and a
 * learning curve compares like with like. */
#include "datasets/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/rng.h"

/* Where a row is; POOL rows can still be drawn. */
enum place { OUT, POOL, TEST_POOL, TRAIN, VALID, TEST };

struct maker {
	const struct items *items;
	const struct split_rule *rule;
	struct arena *a;
	size_t units;	/* groups; rows where there are none */
	size_t strata;	/* classes; 1 in regression */
	uint32_t *unit; /* (n) of each row */
	uint32_t *stratum; /* (units): class of the group's first row */
	uint32_t *order;   /* (n) rows in random order, groups in one piece */
	uint8_t *place;	   /* (n) enum place */
	uint8_t *closed;   /* (units) a draw touched it */
	size_t *quota;	   /* (strata) scratch */
	double *rest;	   /* (strata) scratch */
};

/* A row's place in the random order. */
struct key {
	uint64_t key; /* random, the same for a whole group */
	uint32_t unit, row;
};

/* Unit and row break ties of keys, so that qsort, which is not stable, leaves
 * nothing open. */
static int compare_keys(const void *pa, const void *pb)
{
	const struct key *a = pa, *b = pb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

/* The random order of this repeat. A key is drawn for each group, not each
 * row: that keeps a group in one piece of the order. */
static int make_order(struct maker *m, unsigned repeat, struct error *err)
{
	struct rng r = rng_make(repeat, "split");
	size_t n = m->items->n;
	struct key *keys = ARENA_RAW(m->a, struct key, n);

	m->order = ARENA_RAW(m->a, uint32_t, n);
	if (!keys || !m->order)
		return arena_error(m->a, err);
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct key){ rng_u64(r, m->unit[i]), m->unit[i],
					(uint32_t)i };
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < n; i++)
		m->order[i] = keys[i].row;
	return 0;
}

/* Group numbers may be any; units count from 0 without a gap where possible. */
static size_t count_units(const struct items *items)
{
	size_t top = 0;

	if (!items->group)
		return items->n;
	for (size_t i = 0; i < items->n; i++)
		if (items->group[i] >= top)
			top = (size_t)items->group[i] + 1;
	return top;
}

/* A group may hold rows of several classes (a game level has both speakers);
 * it counts for the class of its first row. */
static void fill_units(struct maker *m)
{
	const struct items *items = m->items;

	/* Backwards, so that the first row of a group has the last word. */
	for (size_t i = items->n; i-- > 0;) {
		m->unit[i] = items->group ? items->group[i] : (uint32_t)i;
		m->stratum[m->unit[i]] =
			items->label ? (uint32_t)items->label[i] : 0;
	}
}

/* All memory at the start: the draws themselves cannot fail. */
static int maker_init(struct maker *m, unsigned repeat, struct error *err)
{
	size_t n = m->items->n;

	m->units = count_units(m->items);
	m->strata = m->items->label ? m->items->classes : 1;
	m->unit = ARENA_RAW(m->a, uint32_t, n);
	m->stratum = ARENA_NEW(m->a, uint32_t, m->units);
	m->place = ARENA_NEW(m->a, uint8_t, n);
	m->closed = ARENA_NEW(m->a, uint8_t, m->units);
	m->quota = ARENA_NEW(m->a, size_t, m->strata);
	m->rest = ARENA_NEW(m->a, double, m->strata);
	if (!m->unit || !m->stratum || !m->place || !m->closed || !m->quota ||
	    !m->rest)
		return arena_error(m->a, err);
	fill_units(m);
	return make_order(m, repeat, err);
}

/* Is the row at `from`, in a group that no draw has touched? */
static bool can_draw(const struct maker *m, size_t row, enum place from)
{
	return m->place[row] == from && !m->closed[m->unit[row]];
}

/* Rows that a draw from that place could take at most. */
static size_t count_open(const struct maker *m, enum place from)
{
	size_t n = 0;

	for (size_t i = 0; i < m->items->n; i++)
		n += can_draw(m, i, from);
	return n;
}

/* Share `want` out over the strata in proportion to their open rows: whole
 * parts first, then one more to the largest remainders (ties: lower class). */
static void fill_quota(struct maker *m, enum place from, size_t want)
{
	size_t total = count_open(m, from), given = 0;

	memset(m->quota, 0, m->strata * sizeof(*m->quota));
	for (size_t i = 0; i < m->items->n; i++)
		m->quota[m->stratum[m->unit[i]]] += can_draw(m, i, from);
	for (size_t c = 0; c < m->strata; c++) {
		double share = total ? (double)m->quota[c] * (double)want /
					       (double)total : 0;

		m->quota[c] = (size_t)share;
		m->rest[c] = share - floor(share);
		given += m->quota[c];
	}
	for (; total && given < want; given++) {
		size_t best = 0;

		for (size_t c = 1; c < m->strata; c++)
			if (m->rest[c] > m->rest[best])
				best = c;
		m->quota[best]++;
		m->rest[best] = -1;
	}
}

/* Move `want` rows from one place to another; `whole` keeps groups together
 * and so may take some more. */
static void draw(struct maker *m, enum place from, enum place to, size_t want,
		 bool whole)
{
	uint32_t last = UINT32_MAX; /* the group that was touched last */

	fill_quota(m, from, want);
	for (size_t k = 0; k < m->items->n; k++) {
		uint32_t row = m->order[k], unit = m->unit[row];
		size_t *quota = &m->quota[m->stratum[unit]];

		if (!can_draw(m, row, from))
			continue;
		if (!*quota && !(whole && unit == last))
			continue;
		m->place[row] = (uint8_t)to;
		*quota -= *quota > 0;
		last = unit;
	}
}

/* After a draw: rows of its groups cannot be drawn any more. */
static void close_groups(struct maker *m, enum place drawn)
{
	for (size_t i = 0; i < m->items->n; i++)
		if (m->place[i] == drawn)
			m->closed[m->unit[i]] = 1;
}

/* The first `want` open rows in file order, for `-d NAME[n=N]` and for sets
 * that are used whole. No quota: the file's order is what was asked for,
 * sorted or not. In the first case the validation rows are then drawn from the
 * rest of the pool, in its proportions, so that they are not one more stretch
 * of a sorted file. */
static void take_first(struct maker *m, size_t want)
{
	for (size_t i = 0; i < m->items->n && want; i++) {
		if (can_draw(m, i, POOL)) {
			m->place[i] = TRAIN;
			want--;
		}
	}
}

/* A share of n rows, rounded, but not rounded away. */
static size_t share_of(size_t n, double share)
{
	size_t k = (size_t)llround((double)n * share);

	return share > 0 && !k ? 1 : k;
}

/* A row that no part of an official split claims stays out. */
static void place_official(struct maker *m)
{
	static const uint8_t places[] = { OUT, POOL, VALID, TEST_POOL };

	for (size_t i = 0; i < m->items->n; i++)
		m->place[i] = places[m->items->official[i]];
}

/* Leave one fold out: the repeat's. */
static void place_fold(struct maker *m, unsigned repeat)
{
	const uint32_t *fold = m->items->fold;
	uint32_t folds = 0;

	for (size_t i = 0; i < m->items->n; i++)
		if (fold[i] >= folds)
			folds = fold[i] + 1;
	for (size_t i = 0; i < m->items->n; i++)
		m->place[i] = fold[i] == repeat % folds ? TEST_POOL : POOL;
}

static int compare_times(const void *pa, const void *pb)
{
	const double *a = pa, *b = pb;

	return *a < *b ? -1 : *a > *b;
}

/* The moment from which on at least `share` of n sorted times lie. */
static double moment(const double *sorted, size_t n, double share)
{
	size_t k = (size_t)llround((double)n * share);

	k = k < 1 ? 1 : k > n ? n : k;
	return sorted[n - k];
}

/* Learn from the past: the latest rows test, those before them validate. */
static int place_time(struct maker *m, struct error *err)
{
	size_t n = m->items->n, before = 0;
	double *sorted = arena_copy(m->a, m->items->time, n * sizeof(*sorted));
	double test, valid, share = m->rule->valid / (1 + m->rule->valid);

	if (!sorted)
		return arena_error(m->a, err);
	qsort(sorted, n, sizeof(*sorted), compare_times);
	test = moment(sorted, n, m->rule->test);
	while (before < n && sorted[before] < test)
		before++;
	valid = before && share > 0 ? moment(sorted, before, share) : test;
	for (size_t i = 0; i < n; i++) {
		double t = m->items->time[i];

		m->place[i] = t >= test ? TEST_POOL : t >= valid ? VALID : POOL;
	}
	return 0;
}

/* Rows to their places by what the rule knows, or all to the pool. */
static int place_rows(struct maker *m, unsigned repeat, struct error *err)
{
	switch (m->rule->kind) {
	case SPLIT_OFFICIAL:
		place_official(m);
		return 0;
	case SPLIT_FOLD:
		place_fold(m, repeat);
		return 0;
	case SPLIT_TIME:
		return place_time(m, err);
	default:
		memset(m->place, POOL, m->items->n);
		return 0;
	}
}

/* What the rule needs of the data set. */
static int check_rule(const struct items *items, const struct split_rule *rule,
		      struct error *err)
{
	if (rule->kind == SPLIT_OFFICIAL && !items->official)
		return error_set(err, ERR_CONFIG, "the data set has no official split");
	if (rule->kind == SPLIT_FOLD && !items->fold)
		return error_set(err, ERR_CONFIG, "the data set has no folds");
	if (rule->kind == SPLIT_TIME && !items->time)
		return error_set(err, ERR_CONFIG, "the data set has no time column");
	return 0;
}

/* Random: a share of everything, its groups closed to the draws that follow.
 * Otherwise as given, or so many drawn from it; an official test part that
 * shares a group with training is not ours to mend. */
static void draw_test(struct maker *m)
{
	bool random = m->rule->kind == SPLIT_RANDOM;
	enum place from = random ? POOL : TEST_POOL;
	size_t want = count_open(m, from);

	if (random)
		want = share_of(want, m->rule->test);
	if (m->rule->max_test && want > m->rule->max_test)
		want = m->rule->max_test;
	draw(m, from, TEST, want, random && !m->rule->max_test);
	if (random)
		close_groups(m, TEST);
}

/* Is a validation part given by the data set? */
static bool valid_given(const struct maker *m)
{
	return memchr(m->place, VALID, m->items->n) != NULL;
}

/* n rows to fit and, unless given, validation rows beyond them. */
static int draw_n(struct maker *m, size_t n, bool first, struct error *err)
{
	size_t pool = count_open(m, POOL), extra = 0;

	if (!valid_given(m))
		extra = share_of(n, m->rule->valid);
	if (n + extra > pool)
		return error_set(err, ERR_CONFIG, "n = %zu rows to fit and %zu "
				 "to validate are asked for, but the training "
				 "pool has %zu", n, extra, pool);
	if (first)
		take_first(m, n);
	else
		draw(m, POOL, TRAIN, n, false);
	close_groups(m, TRAIN);
	if (extra)
		draw(m, POOL, VALID, extra, false);
	return 0;
}

/* An official training set used whole: its last tenth validates. Not drawn, as
 * others do the same with such sets (the last 6,000 of MNIST's 60,000). */
static void cut_last_tenth(struct maker *m)
{
	size_t pool = count_open(m, POOL);

	take_first(m, pool - pool / 10);
	close_groups(m, TRAIN);
	for (size_t i = 0; i < m->items->n; i++)
		if (can_draw(m, i, POOL))
			m->place[i] = VALID;
}

/* Everything that the test part left: a validation share comes out of it.
 * `valid` is a share of the fitted rows, hence valid / (1 + valid) of the
 * pool. */
static void draw_all(struct maker *m)
{
	double valid = m->rule->valid;
	size_t pool = count_open(m, POOL);

	if (valid > 0 && !valid_given(m)) {
		if (m->rule->kind == SPLIT_OFFICIAL) {
			cut_last_tenth(m);
			return;
		}
		draw(m, POOL, VALID, share_of(pool, valid / (1 + valid)), true);
		close_groups(m, VALID);
	}
	take_first(m, pool);
}

/* Rows of a place, in random or in file order. Random order spares learners
 * that go through rows in sequence a shuffle of their own. */
static int collect(const struct maker *m, enum place p, bool in_file_order,
		   const uint32_t **rows, size_t *n, struct error *err)
{
	uint32_t *list;
	size_t k = 0;

	for (size_t i = 0; i < m->items->n; i++)
		k += m->place[i] == p;
	list = ARENA_RAW(m->a, uint32_t, k);
	if (!list)
		return arena_error(m->a, err);
	*n = 0;
	for (size_t i = 0; i < m->items->n; i++) {
		uint32_t row = in_file_order ? (uint32_t)i : m->order[i];

		if (m->place[row] == p)
			list[(*n)++] = row;
	}
	*rows = list;
	return 0;
}

/* An empty part would surface later as a metric that is not a number. */
static int check_parts(const struct maker *m, const struct split *s,
		       struct error *err)
{
	if (!s->n_train)
		return error_set(err, ERR_DATA, "no rows are left to fit on");
	if (!s->n_test)
		return error_set(err, ERR_DATA, "no rows are left to test on");
	if (!s->n_valid && m->rule->valid > 0)
		return error_set(err, ERR_DATA,
				 "no rows are left to validate on");
	return 0;
}

/* Test first, then fitted, then validation rows: what is drawn first does not
 * depend on what is asked for later, so the test part is the same for every n.
 */
int split_make(const struct items *items, const struct split_rule *rule,
	       size_t n, unsigned repeat, bool first, struct arena *a,
	       struct split *out, struct error *err)
{
	struct maker m = { .items = items, .rule = rule, .a = a };
	bool whole = !n && rule->kind == SPLIT_OFFICIAL;
	int rc;

	rc = check_rule(items, rule, err);
	if (!rc)
		rc = maker_init(&m, repeat, err);
	if (!rc)
		rc = place_rows(&m, repeat, err);
	if (rc)
		return rc;
	draw_test(&m);
	if (n)
		rc = draw_n(&m, n, first, err);
	else
		draw_all(&m);
	if (!rc)
		rc = collect(&m, TRAIN, first || whole, &out->train,
			     &out->n_train, err);
	if (!rc)
		rc = collect(&m, VALID, whole, &out->valid, &out->n_valid, err);
	if (!rc)
		rc = collect(&m, TEST, true, &out->test, &out->n_test, err);
	return rc ? rc : check_parts(&m, out, err);
}
