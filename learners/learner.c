/* The registry of learners, and what the harness and the learners share. */
#include "learners/learner.h"

#include <string.h>

/* Made by tests/registry.sh from the file names. */
extern const struct learner *const learner_list[];
extern const size_t learner_list_n;

bool run_tick(struct run *run, size_t done, size_t total, double loss)
{
	run->steps = done;
	if (!run->tick || run->tick(run->tick_ctx, done, total, loss))
		return true;
	/* told to stop after the last step: nothing was cut short */
	run->stopped = done < total;
	return false;
}

const char *family_name(enum family f)
{
	static const char *const names[] = { "net", "kernel", "tree", "linear",
					     "baseline" };

	return names[f];
}

const struct learner *const *learner_all(size_t *n)
{
	*n = learner_list_n;
	return learner_list;
}

const struct learner *learner_find(const char *name)
{
	for (size_t i = 0; i < learner_list_n; i++)
		if (!strcmp(learner_list[i]->name, name))
			return learner_list[i];
	return NULL;
}

/* The learner's order decides, not the task's: it knows what suits it. */
bool learner_view(const struct learner *l, unsigned views, enum view *out)
{
	size_t n = sizeof(l->views) / sizeof(l->views[0]);

	for (size_t i = 0; i < n && l->views[i]; i++) {
		if (views & (unsigned)l->views[i]) {
			*out = l->views[i];
			return true;
		}
	}
	return false;
}

size_t learner_outputs(const struct dataset *data)
{
	return data->task == TASK_CLASSIFICATION ? data->classes : 1;
}
