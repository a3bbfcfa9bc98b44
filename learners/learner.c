/* The registry of learners, and what the harness and the learners share. */
#include "learners/learner.h"

#include <string.h>

/* Made by tests/registry.sh from the file names. */
extern const struct learner *const learner_list[];
extern const size_t learner_list_n;
extern const char *const learner_left_out_list[];

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

bool learner_left_out(const char *name)
{
	for (const char *const *n = learner_left_out_list; *n; n++)
		if (!strcmp(*n, name))
			return true;
	return false;
}

#define VIEWS_MAX (sizeof(((struct learner *)0)->views) / sizeof(enum view))

bool learner_takes(const struct learner *l, enum view v)
{
	for (size_t i = 0; i < VIEWS_MAX && l->views[i]; i++)
		if (l->views[i] == v || l->views[i] == view_form(v))
			return true;
	return false;
}

/* The learner's order decides, not the task's: it knows what suits it. Views
 * that only share their form with one of its own come last: they are in `views`
 * alone when somebody asked for them. */
bool learner_view(const struct learner *l, unsigned views, enum view *out)
{
	for (size_t i = 0; i < VIEWS_MAX && l->views[i]; i++) {
		if (views & (unsigned)l->views[i]) {
			*out = l->views[i];
			return true;
		}
	}
	for (unsigned v = 1; v < 1u << VIEW_COUNT; v <<= 1) {
		if (views & v && learner_takes(l, (enum view)v)) {
			*out = (enum view)v;
			return true;
		}
	}
	return false;
}

size_t learner_outputs(const struct dataset *data)
{
	return data->task == TASK_CLASSIFICATION ? data->classes : 1;
}
