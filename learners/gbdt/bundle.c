/* A row remembers the groups that have an entry in it, a bit each; the bits of
 * all rows of a column, joined, are the groups it may not join. So finding the
 * first group that it may costs a few words for each of its entries, however
 * many groups there are. Bits are for so many groups at a time; what finds no
 * place among them waits for the next lot, as the first that fits is wanted.
 */
#include "learners/gbdt/bundle.h"

#include <string.h>

#include "harness/base/par.h"

enum { LOT = 256, WORDS = LOT / 64, FULL = 255 };

struct lot {
	uint64_t (*used)[WORDS]; /* (rows) groups with an entry there */
	uint32_t fill[LOT];	 /* bytes taken */
	size_t groups;
};

/* The first group without a bit and with room; a new one; or LOT. */
static size_t first_fit(const struct lot *l, const uint64_t taken[WORDS],
			uint32_t need)
{
	size_t g = 0;

	while (g < l->groups && (taken[g / 64] >> g % 64 & 1 ||
				 l->fill[g] + need > FULL))
		g++;
	return g;
}

static bool join(struct lot *l, const uint32_t *row, size_t n, uint32_t need,
		 size_t *group)
{
	uint64_t taken[WORDS] = { 0 };
	size_t g;

	for (size_t i = 0; i < n; i++)
		for (size_t w = 0; w < WORDS; w++)
			taken[w] |= l->used[row[i]][w];
	g = first_fit(l, taken, need);
	if (g == LOT)
		return false;
	if (g == l->groups)
		l->fill[l->groups++] = 0;
	l->fill[g] += need;
	for (size_t i = 0; i < n; i++)
		l->used[row[i]][g / 64] |= (uint64_t)1 << g % 64;
	*group = g;
	return true;
}

/* Columns by how many entries they have, to a power of two, many first; of
 * about equal ones in their own order. */
static void order_columns(const struct bins_entries *e, size_t columns,
			  uint32_t *order)
{
	size_t n = 0;

	for (int power = 32; power >= 0; power--)
		for (size_t k = 0; k < columns; k++)
			if ((e->count[k] ? 32 - __builtin_clz(e->count[k]) : 0) ==
			    power)
				order[n++] = (uint32_t)k;
}

/* One lot of groups; columns that found no place are left in `order`. */
static size_t fill_lot(struct lot *l, const struct bins_entries *e,
		       const uint32_t *need, uint32_t *order, size_t waiting,
		       size_t before, uint32_t *group)
{
	size_t left = 0;

	for (size_t i = 0; i < waiting; i++) {
		uint32_t k = order[i];
		size_t g;

		if (join(l, e->row + e->start[k], e->count[k], need[k], &g))
			group[k] = (uint32_t)(before + g);
		else
			order[left++] = k;
	}
	return left;
}

int bundle_plan(const struct bins_entries *e, size_t columns, size_t rows,
		const uint32_t *need, uint32_t *group, size_t *groups,
		struct arena *a, struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	uint32_t *order = ARENA_RAW(a, uint32_t, columns);
	struct lot *l = ARENA_NEW(a, struct lot, 1);
	size_t waiting = columns;

	*groups = 0;
	if (!order || !l)
		return arena_error(a, err);
	l->used = arena_alloc_raw(a, rows, sizeof(*l->used));
	if (!l->used)
		return arena_error(a, err);
	order_columns(e, columns, order);
	while (waiting) {
		memset(l->used, 0, rows * sizeof(*l->used));
		l->groups = 0;
		waiting = fill_lot(l, e, need, order, waiting, *groups, group);
		*groups += l->groups;
	}
	arena_rewind(a, mark);
	return 0;
}

/* ---------------------------------------------------------------- stores */

/* The first byte of a column that joins a store. */
static void enter_store(struct bins_store *s, struct bins_column *c, bool alone)
{
	if (alone) {
		s->cells = c->bins + 1;
		return;
	}
	if (!s->members)
		s->cells = 1;
	c->is_bundled = true;
	c->first = s->cells;
	s->cells += bundle_need(c);
}

/* Members of a group, and where its list of them begins. */
struct member_lists {
	uint32_t *size, *store; /* (groups) */
	uint32_t *list;		/* (columns) */
};

static void number_stores(struct bins_draft *d, const uint32_t *group,
			  struct member_lists *m)
{
	uint32_t *list = m->list;

	d->stores = 0;
	for (uint32_t k = 0; k < d->n_kept; k++) {
		struct bins_column *c = &d->kept[k];
		uint32_t g = group[k];
		struct bins_store *s;

		if (m->store[g] == UINT32_MAX) {
			m->store[g] = (uint32_t)d->stores++;
			d->store[m->store[g]] = (struct bins_store){ .column = list };
			list += m->size[g];
		}
		c->store = m->store[g];
		s = &d->store[c->store];
		enter_store(s, c, m->size[g] == 1);
		((uint32_t *)s->column)[s->members++] = k;
	}
}

int bundle_apply(struct bins_draft *d, const uint32_t *group, size_t groups,
		 struct arena *a, struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	struct member_lists m = {
		.list = d->member,
		.size = ARENA_NEW(a, uint32_t, groups),
		.store = ARENA_RAW(a, uint32_t, groups),
	};

	if (!m.size || !m.store)
		return arena_error(a, err);
	memset(m.store, 0xff, groups * sizeof(*m.store));
	for (size_t k = 0; k < d->n_kept; k++)
		m.size[group[k]]++;
	number_stores(d, group, &m);
	arena_rewind(a, mark);
	return 0;
}

/* ---------------------------------------------------------------- tables */

/* A column may share its store when this share of its rows is not at home. */
enum { MOST_AWAY = 3, PROBES = 1024 };

struct table {
	struct bins_draft *d;
	uint32_t *column; /* (candidates) of d->kept */
	uint32_t *away;	  /* (d->n_kept) rows not at home; UINT32_MAX: many */
	struct bins_entries e; /* of the candidates */
};

/* The most frequent byte of every step-th row and how many have it. */
static uint8_t find_home(const uint8_t *bin, size_t rows, size_t step,
			 uint32_t *share)
{
	uint32_t count[256] = { 0 };
	size_t best = 0;

	for (size_t i = 0; i < rows; i += step)
		count[bin[i]]++;
	for (size_t b = 1; b < 256; b++)
		best = count[b] > count[best] ? b : best;
	*share = count[best];
	return (uint8_t)best;
}

/* A glance at some rows tells of most columns that they are no candidates. A
 * home of missing values has no byte to be told from, so it is none. */
static void judge_column(void *ctx, size_t k, size_t worker)
{
	struct table *t = ctx;
	struct bins_column *c = &t->d->kept[k];
	const uint8_t *bin = t->d->bin + k * t->d->pitch;
	size_t rows = t->d->rows, step = 1 + rows / PROBES;
	uint32_t share;

	(void)worker;
	t->away[k] = UINT32_MAX;
	if (c->is_cat)
		return;
	find_home(bin, rows, step, &share);
	if (2 * (size_t)share * step < rows)
		return;
	c->home = find_home(bin, rows, 1, &share);
	if (c->home < c->bins && MOST_AWAY * (rows - share) <= rows)
		t->away[k] = (uint32_t)(rows - share);
}

static void list_entries(void *ctx, size_t i, size_t worker)
{
	struct table *t = ctx;
	const struct bins_draft *d = t->d;
	const struct bins_column *c = &d->kept[t->column[i]];
	const uint8_t *bin = d->bin + t->column[i] * d->pitch;
	uint64_t at = t->e.start[i];

	(void)worker;
	for (size_t row = 0; row < d->rows; row++) {
		if (bin[row] == c->home)
			continue;
		t->e.row[at] = (uint32_t)row;
		t->e.bin[at++] = bin[row];
	}
	t->e.count[i] = (uint32_t)(at - t->e.start[i]);
}

static bool allocate_entries(struct table *t, size_t n, struct arena *a)
{
	t->e.start = ARENA_RAW(a, uint64_t, n + 1);
	t->e.count = ARENA_NEW(a, uint32_t, n);
	if (!t->e.start || !t->e.count)
		return false;
	t->e.start[0] = 0;
	for (size_t i = 0; i < n; i++)
		t->e.start[i + 1] = t->e.start[i] + t->away[t->column[i]];
	t->e.row = ARENA_RAW(a, uint32_t, t->e.start[n]);
	t->e.bin = ARENA_RAW(a, uint8_t, t->e.start[n]);
	return t->e.row && t->e.bin;
}

/* Store by store, in order: a store's bytes were never below its own place, so
 * no column is written over before it was read (bundled ones are listed). */
static void move_together(const struct table *t, size_t n)
{
	const struct bins_draft *d = t->d;

	for (size_t s = 0; s < d->stores; s++) {
		size_t k = d->store[s].column[0];

		if (d->store[s].members > 1)
			memset(d->bin + s * d->pitch, 0, d->pitch);
		else
			memmove(d->bin + s * d->pitch, d->bin + k * d->pitch,
				d->pitch);
	}
	for (size_t i = 0; i < n; i++) {
		const struct bins_column *c = &d->kept[t->column[i]];
		uint8_t *out = d->bin + c->store * d->pitch;

		for (uint64_t at = t->e.start[i]; c->is_bundled &&
			at < t->e.start[i] + t->e.count[i]; at++)
			out[t->e.row[at]] = (uint8_t)(
				c->first + t->e.bin[at] - (t->e.bin[at] > c->home));
	}
}

/* A group for each column that is no candidate, then the plan's. */
static int plan(struct table *t, size_t n, uint32_t *group, size_t *groups,
		struct arena *a, struct error *err)
{
	uint32_t *need = ARENA_RAW(a, uint32_t, n);
	uint32_t *shared = ARENA_RAW(a, uint32_t, n);
	size_t own = 0;

	if (!need || !shared || !allocate_entries(t, n, a))
		return arena_error(a, err);
	par_for(t->d->threads, n, list_entries, t);
	for (size_t i = 0; i < n; i++)
		need[i] = bundle_need(&t->d->kept[t->column[i]]);
	if (bundle_plan(&t->e, n, t->d->rows, need, shared, groups, a, err))
		return err->code;
	for (size_t k = 0; k < t->d->n_kept; k++)
		if (t->away[k] == UINT32_MAX)
			group[k] = (uint32_t)(*groups + own++);
	for (size_t i = 0; i < n; i++)
		group[t->column[i]] = shared[i];
	*groups += own;
	return 0;
}

int bundle_table(struct bins_draft *d, struct arena *a, struct error *err)
{
	struct table t = { .d = d };
	struct arena_mark mark = arena_mark(a);
	uint32_t *group = ARENA_RAW(a, uint32_t, d->n_kept);
	size_t n = 0, groups;

	t.away = ARENA_RAW(a, uint32_t, d->n_kept);
	t.column = ARENA_RAW(a, uint32_t, d->n_kept);
	if (!group || !t.away || !t.column)
		return arena_error(a, err);
	par_for(d->threads, d->n_kept, judge_column, &t);
	for (uint32_t k = 0; k < d->n_kept; k++)
		if (t.away[k] != UINT32_MAX)
			t.column[n++] = k;
	if (n > 1) {
		if (plan(&t, n, group, &groups, a, err) ||
		    bundle_apply(d, group, groups, a, err))
			return err->code;
		move_together(&t, n);
	}
	arena_rewind(a, mark);
	return 0;
}
