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
static const char *const names_by_bit[VIEW_COUNT] = {
	"table", "dense", "grid",   "tokens", "sparse", "quantile",
	"hog",	 "mfcc",  "hashed", "wave",   "chars",
};

const char *const *view_names(void)
{
	return names_by_bit;
}

const char *view_name(enum view v)
{
	return names_by_bit[__builtin_ctz((unsigned)v)];
}

/* What a learner must know to take the rows, and no more. */
enum view view_form(enum view v)
{
	switch (v) {
	case VIEW_QUANTILE:
	case VIEW_HOG:
	case VIEW_MFCC:
		return VIEW_DENSE;
	case VIEW_HASHED:
		return VIEW_SPARSE;
	case VIEW_CHARS:
		return VIEW_TOKENS;
	default:
		return v;
	}
}

/* The inverse of view_name, for suites and the command line. *v is left alone
 * when the name is unknown. */
bool view_from_name(const char *name, enum view *v)
{
	for (size_t k = 0; k < VIEW_COUNT; k++) {
		if (!strcmp(name, names_by_bit[k])) {
			*v = (enum view)(1u << k);
			return true;
		}
	}
	return false;
}
