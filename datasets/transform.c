/* The registry of transforms, and a chain of them at work.
 *
 * Each step draws from a stream of its own, named by the transform and seeded
 * by the repeat. So a step gives the same numbers whatever stands before it in
 * the chain, and repeat r has its own permutation as it has its own split. */
#include "datasets/transform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/suggest.h"
#include "harness/base/text.h"

/* Made by tests/registry.sh from the file names transform_<name>.c. */
extern const struct transform *const transform_list[];
extern const size_t transform_list_n;

/* In the order of their file names, which people see in lists. */
const struct transform *const *transform_all(size_t *n)
{
	*n = transform_list_n;
	return transform_list;
}

/* Some twenty names, asked for once a task: a plain search. */
const struct transform *transform_find(const char *name)
{
	for (size_t k = 0; k < transform_list_n; k++)
		if (!strcmp(transform_list[k]->name, name))
			return transform_list[k];
	return NULL;
}

/* The nearest of the names there are. 64 names are enough for a hint; more of them
 * would only fail to be suggested. */
static int unknown(const char *name, struct error *err)
{
	const char *names[64];
	char hint[96];
	size_t n = transform_list_n < 64 ? transform_list_n : 64;

	for (size_t k = 0; k < n; k++)
		names[k] = transform_list[k]->name;
	return error_set(err, ERR_CONFIG, "unknown transform '%s'%s", name,
			 suggest_text(name, names, n, hint, sizeof(hint)));
}

/* A severity outside of the range would be another probe under the same name. Written
 * so that NaN fails the range as well: it compares false with everything. */
int transform_step_parse(struct transform_step *s, const char *name, const char *value,
			 struct error *err)
{
	const struct transform *t = transform_find(name);
	char *end;

	if (!t)
		return unknown(name, err);
	*s = (struct transform_step){ .transform = t, .severity = t->usual };
	if (!value)
		return 0;
	errno = 0;
	s->severity = strtod(value, &end);
	if (errno || end == value || *end || !(s->severity >= t->min) ||
	    !(s->severity <= t->max))
		return error_set(err, ERR_CONFIG,
				 "%s=%s: the severity is a number from %g to %g: %s", name,
				 value, t->min, t->max, t->severity);
	return 0;
}

/* 17 digits would be exact but ugly; %g of six is what people write, and what
 * cannot be told apart in it is not told apart on a command line either. */
const char *transform_text(struct arena *a, const struct transform_chain *chain)
{
	struct text t = { .arena = a };

	for (size_t k = 0; k < chain->n; k++)
		text_printf(&t, "%s%s=%g", k ? "," : "", chain->steps[k].transform->name,
			    chain->steps[k].severity);
	return chain->n ? t.data : "";
}

/* Asked where a plan is made, so that nothing is loaded in vain. What a transform
 * cannot know yet, such as whether there is a numeric column, it says itself when it
 * runs. */
int transform_check(const struct transform_chain *chain, enum modality m, enum task t,
		    struct error *err)
{
	for (size_t k = 0; k < chain->n; k++) {
		const struct transform *step = chain->steps[k].transform;

		if (!(step->modalities & 1u << m))
			return error_set(err, ERR_UNSUPPORTED,
					 "transform '%s' is not for %s data", step->name,
					 modality_name(m));
		if (!(step->tasks & 1u << t))
			return error_set(err, ERR_UNSUPPORTED,
					 "transform '%s' is not for %s", step->name,
					 task_name(t));
	}
	return 0;
}

/* What step k is told. The name of the transform is the name of its stream, the repeat
 * its seed. A changed name would change the numbers, so names are never reused. */
static struct transform_job job_of(const struct transform_step *s,
				   const struct transform_means *with,
				   const struct split *split)
{
	return (struct transform_job){
		.severity = s->severity,
		.rng = rng_make(with->repeat, s->transform->name),
		.split = split,
		.ranking = with->ranking,
		.view = with->view,
		.threads = with->threads,
		.a = with->a,
	};
}

/* First of the three stages: which rows there are to fit on. Later steps of a chain
 * see the split that earlier ones left. */
int transform_rows(const struct transform_chain *chain, const struct transform_means *with,
		   const struct items *items, struct split *split, struct error *err)
{
	for (size_t k = 0; k < chain->n; k++) {
		struct transform_job job = job_of(&chain->steps[k], with, split);
		const struct transform *t = chain->steps[k].transform;

		if (t->rows && t->rows(&job, items, split, err))
			return error_wrap(err, "transform %s", t->name);
	}
	return 0;
}

/* Second stage: the contents, still as they were read. A step that fails names itself,
 * as the chain may be long; `items` is then half changed and the load ends. */
int transform_items(const struct transform_chain *chain, const struct transform_means *with,
		    const struct split *split, struct items *items, struct error *err)
{
	for (size_t k = 0; k < chain->n; k++) {
		struct transform_job job = job_of(&chain->steps[k], with, split);
		const struct transform *t = chain->steps[k].transform;

		if (t->items && t->items(&job, items, err))
			return error_wrap(err, "transform %s", t->name);
	}
	return 0;
}

/* Third stage, after the encoding: for twins that are defined on numbers of a view and
 * not on the raw sound. Steps without such a function do nothing here. */
int transform_view(const struct transform_chain *chain, const struct transform_means *with,
		   const struct split *split, struct dataset *data, struct error *err)
{
	for (size_t k = 0; k < chain->n; k++) {
		struct transform_job job = job_of(&chain->steps[k], with, split);
		const struct transform *t = chain->steps[k].transform;

		if (t->view && t->view(&job, data, err))
			return error_wrap(err, "transform %s", t->name);
	}
	return 0;
}
