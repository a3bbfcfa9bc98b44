/* Bins by column: the cells, the order of levels, the sets of their cuts. */
#include "learners/forest/colbins.h"
#include "learners/forest/level_order.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { COLS = 5, CAT = 4, LEVELS = 12 };

struct made {
	struct sample sample;
	struct truth truth;
	struct colbins bins;
	struct error err;
	int rc;
};

static void make(struct made *m, size_t classes, int threads, size_t fail_at)
{
	struct sample_shape shape = {
		.train = 700, .test = 50, .numeric = 4, .categories = 1,
		.levels = LEVELS, .classes = classes, .missing = 0.1,
		.noise = 0.1, .seed = 4,
	};

	*m = (struct made){ 0 };
	sample_make(&m->sample, &shape);
	truth_make(&m->truth, &m->sample.data, &m->sample.data.train, false,
		   &m->sample.arena, &m->err);
	m->sample.arena.fail_at = fail_at ? m->sample.arena.calls + fail_at : 0;
	m->rc = colbins_make(&m->bins, &m->sample.data, &m->truth, 255, threads,
			     &m->sample.arena, &m->err);
}

static void test_cells(void)
{
	struct made m;
	bool same = true;

	make(&m, 0, 2, 0);
	for (size_t i = 0; i < m.bins.rows; i++)
		for (size_t j = 0; j < m.bins.cols; j++)
			same &= colbins_at(&m.bins, j, i) ==
				bins_find(&m.bins.column[j],
					  m.sample.data.train.x[i * COLS +
						m.bins.column[j].source]);
	ok(!m.rc && m.bins.cols == COLS && same,
	   "colbins: every cell is the bin of its value");
	arena_clear(&m.sample.arena);
}

/* Means of the target by bin of the categorical column. */
static void test_order(void)
{
	struct made m;
	double sum[256] = { 0 }, rows[256] = { 0 };
	bool ascends = true;

	make(&m, 0, 1, 0);
	for (size_t i = 0; i < m.bins.rows; i++) {
		uint8_t b = colbins_at(&m.bins, CAT, i);

		sum[b] += (double)m.sample.data.train.target[i];
		rows[b]++;
	}
	for (size_t b = 0; b + 1 < m.bins.column[CAT].bins; b++)
		ascends &= sum[b] / rows[b] <= sum[b + 1] / rows[b + 1];
	ok(ascends && m.bins.column[CAT].bins == LEVELS,
	   "colbins: levels ascend by their mean target");
	arena_clear(&m.sample.arena);
}

/* The rule gives odd levels a higher class: they lie on one side. */
static void test_component(void)
{
	struct made m;
	uint8_t odd[2][2] = { { 255, 0 }, { 255, 0 } };

	make(&m, 5, 1, 0);
	for (size_t l = 0; l < LEVELS; l++) {
		uint8_t b = m.bins.column[CAT].level_bin[l];

		odd[l % 2][0] = b < odd[l % 2][0] ? b : odd[l % 2][0];
		odd[l % 2][1] = b > odd[l % 2][1] ? b : odd[l % 2][1];
	}
	ok(odd[0][1] < odd[1][0] || odd[1][1] < odd[0][0],
	   "colbins: with classes the first component parts what differs");
	arena_clear(&m.sample.arena);
}

static void test_sets(void)
{
	struct made m;
	bool good = true;

	make(&m, 0, 1, 0);
	for (uint32_t b = 0; b < LEVELS; b++)
		for (uint32_t miss = 0; miss < 2; miss++)
			for (uint32_t k = 0; k <= LEVELS; k++)
				good &= tree_set_has(&m.bins.set[
					m.bins.first_set[CAT] + 2 * b + miss], k) ==
					(k == LEVELS ? miss : k <= b);
	ok(good && m.bins.n_sets == 2 * LEVELS,
	   "colbins: a set for each cut, with and without the missing");
	arena_clear(&m.sample.arena);
}

/* Two classes and a constant level; ties keep the order that they have. */
static void test_rank(void)
{
	static uint8_t bin[] = { 0, 0, 1, 1, 2, 2, 3, 9 };
	int64_t value[] = { 1, 1, 0, 1, 0, 0, 1, 5 };
	uint32_t weight[] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	static const uint8_t want[] = { 2, 1, 0, 3 };
	struct truth t = { .rows = 8, .outputs = 1, .value = value,
			   .weight = weight };
	struct level_order o;
	struct arena a;
	struct error err;
	uint8_t rank[4];

	arena_init(&a, 0);
	level_order_init(&o, &t, &a, &err);
	level_order_rank(&o, bin, 4, rank);
	ok(!memcmp(rank, want, 4),
	   "level_order: by mean, equal ones as they were, missing ones apart");
	for (size_t k = 1; k <= 2; k++) {
		a.fail_at = a.calls + k;
		ok(level_order_init(&o, &t, &a, &err) == ERR_MEMORY,
		   "level_order: allocation %zu may fail", k);
	}
	arena_clear(&a);
}

static void test_memory(void)
{
	size_t failed = 0, wrong = 0;

	for (;; failed++) {
		struct made m;

		make(&m, 4, 1, failed + 1);
		arena_clear(&m.sample.arena);
		if (!m.rc)
			break;
		wrong += m.rc != ERR_MEMORY;
	}
	ok(failed > 10 && !wrong, "colbins: each of %zu allocations may fail", failed);
}

int main(void)
{
	test_cells();
	test_order();
	test_component();
	test_sets();
	test_rank();
	test_memory();
	return tap_done();
}
