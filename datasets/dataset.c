/* The words under which modalities, tasks and views stand in YAML, on the
 * command line and in rows of results: never change one. */
#include "datasets/dataset.h"

#include <string.h>

const char *modality_name(enum modality m)
{
	static const char *const names[] = { "tabular", "image", "audio", "text" };

	return names[m];
}

/* Two tasks for now; the metric of each is in the catalogue. */
const char *task_name(enum task t)
{
	return t == TASK_CLASSIFICATION ? "classification" : "regression";
}

/* In the order of the bits of enum view. */
static const char *const view_names[] = { "table", "dense", "grid", "tokens",
					  "sparse" };
#define N_VIEWS (sizeof(view_names) / sizeof(view_names[0]))

const char *view_name(enum view v)
{
	return view_names[__builtin_ctz((unsigned)v)];
}

/* The inverse of view_name, for suites and the command line. *v is left alone
 * when the name is unknown. */
bool view_from_name(const char *name, enum view *v)
{
	for (size_t k = 0; k < N_VIEWS; k++) {
		if (!strcmp(name, view_names[k])) {
			*v = (enum view)(1u << k);
			return true;
		}
	}
	return false;
}
