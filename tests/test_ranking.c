/* The ranking that transforms are lent: gbdt's gain, the same on any threads. */
#include "tests/tap.h"

#include "datasets/encode.h"
#include "harness/ranking.h"
#include "tests/data_fixtures.h"

/* The target follows the second column of the fixture, and nothing else. */
int main(void)
{
	struct ranking_gbdt one = { 3, 1 }, two = { 3, 2 };
	struct ranking x = ranking_by_gbdt(&one), y = ranking_by_gbdt(&two);
	double a[5] = { 0 }, b[5] = { 0 };
	struct arena arena;
	struct dataset data;
	struct error err;
	struct items items;
	struct split split;
	bool first = true;

	arena_init(&arena, 0);
	items = fixture_table(&arena, 300, 0);
	split = fixture_split(&arena, 300, 240, 60);
	ok(!encoder_find(VIEW_TABLE, MODALITY_TABULAR)
			    ->encode(&items, &split, 1, &arena, &data, &err) &&
		   !x.rank(x.ctx, &data, &arena, a, &err) &&
		   !y.rank(y.ctx, &data, &arena, b, &err),
	   "ranking: ranks");
	for (size_t j = 0; j < 5; j++)
		first &= j == 1 || a[j] < a[1];
	ok(first && a[1] > 0, "ranking: what decides the target comes first");
	ok(a[2] == 0.0, "ranking: a constant column gains nothing");
	ok(!memcmp(a, b, sizeof(a)), "ranking: same bits on 1 and 2 threads");
	ok(x.version > 0, "ranking: has the version of its learner");
	arena.fail_at = arena.calls + 1;
	ok(x.rank(x.ctx, &data, &arena, a, &err) == ERR_MEMORY, "ranking: may run out of memory");
	arena_clear(&arena);
	return tap_done();
}
