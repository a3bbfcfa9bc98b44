/* A selection is only words until it meets the suite: what they mean is plan.c's
 * business, and the errors about them come from there. Verbs must not build the
 * filter by themselves, because a key depends on all of it: a board that forgot
 * --trials would ask the store for other cells than the run has stored. */
#include "harness/selection.h"

int selection_check(const struct selection *s, const char *verb,
		    struct error *err)
{
	if (s->suite)
		return 0;
	return error_set(err, ERR_USAGE, "%s needs -s SUITE ('triarch list "
			 "suites' names them)", verb);
}

int selection_plan(const struct selection *s, const struct cli *c,
		   struct plan *out, struct error *err)
{
	const struct plan_source src = { .catalog = c->catalog,
					 .suites = c->suites,
					 .suite = s->suite };
	const struct plan_filter filter = {
		.learners = s->learners.items, .n_learners = s->learners.n,
		.datasets = s->datasets.items, .n_datasets = s->datasets.n,
		.modality = s->modality, .trials = s->trials,
	};

	return plan_read(out, c->arena, &src, &filter, err);
}
