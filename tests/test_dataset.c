/* Words of datasets/dataset.h stand in files of results: they never change. */
#include "datasets/dataset.h"

#include "datasets/encode.h"
#include "datasets/load.h"
#include "tests/tap.h"

static void test_names(void)
{
	static const char *const modalities[] = { "tabular", "image", "audio",
						  "text" };
	static const char *const views[] = { "table", "dense", "grid", "tokens",
					     "sparse" };
	enum view v = VIEW_GRID;

	for (unsigned m = 0; m < 4; m++)
		ok_str(modality_name((enum modality)m), modalities[m],
		       "dataset: modality %u keeps its name", m);
	ok_str(task_name(TASK_CLASSIFICATION), "classification", "dataset: a task");
	ok_str(task_name(TASK_REGRESSION), "regression", "dataset: the other");
	for (unsigned k = 0; k < 5; k++) {
		ok_str(view_name((enum view)(1u << k)), views[k],
		       "dataset: view %u keeps its name", k);
		ok(view_from_name(views[k], &v) && v == (enum view)(1u << k),
		   "dataset: and is found by it");
	}
	ok(!view_from_name("Table", &v) && !view_from_name("", &v) &&
		   v == VIEW_SPARSE,
	   "dataset: an unknown view changes nothing");
}

/* Which views there are of what decides which learners can compete. */
static void test_views(void)
{
	static const unsigned want[] = {
		[MODALITY_TABULAR] = VIEW_TABLE | VIEW_DENSE,
		[MODALITY_IMAGE] = VIEW_TABLE | VIEW_DENSE | VIEW_GRID,
		[MODALITY_AUDIO] = VIEW_TABLE | VIEW_DENSE | VIEW_GRID,
		[MODALITY_TEXT] = VIEW_TABLE | VIEW_DENSE | VIEW_TOKENS |
				  VIEW_SPARSE,
	};

	for (unsigned m = 0; m < 4; m++)
		ok((load_views((enum modality)m) & want[m]) == want[m],
		   "dataset: views of %s", modality_name((enum modality)m));
	ok(!encoder_find(VIEW_TOKENS, MODALITY_IMAGE) &&
		   !encoder_find(VIEW_GRID, MODALITY_TABULAR),
	   "dataset: no view of what it does not fit");
}

int main(void)
{
	test_names();
	test_views();
	return tap_done();
}
