/* "gbdt[rounds=300,view=table]": the one spelling of a configuration, in
 * suites, on the command line and in what people read. */
#include "harness/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/load.h"
#include "harness/base/suggest.h"

/* The error of a wrong name, with the nearest right one. */
static int unknown_learner(const char *name, struct error *err)
{
	size_t n;
	const struct learner *const *all = learner_all(&n);
	const char *names[256];
	char hint[96];

	if (learner_left_out(name))
		return error_set(err, ERR_MISSING, "this build is without "
				 "learner '%s', as its library was missing "
				 "(make deps, then make)", name);
	if (n > 256)
		n = 256;
	for (size_t i = 0; i < n; i++)
		names[i] = all[i]->name;
	return error_set(err, ERR_CONFIG, "unknown learner '%s'%s", name,
			 suggest_text(name, names, n, hint, sizeof(hint)));
}

/* Cut "NAME[INSIDE]" in place; *inside is "" without brackets. A second bracket
 * is refused rather than taken as part of a value: no value has one. */
static int cut_brackets(char *text, char **inside, struct error *err)
{
	char *open = strchr(text, '[');
	size_t n = strlen(text);

	*inside = text + n;
	if (!open)
		return 0;
	if (text[n - 1] != ']' || strchr(open + 1, '['))
		return error_set(err, ERR_CONFIG, "'%s' is not NAME[key=value,...]",
				 text);
	text[n - 1] = '\0';
	*open = '\0';
	*inside = open + 1;
	return 0;
}

/* `view` must be one that the learner takes; whether a task has it is seen
 * later, since a spec knows of no task. Names are those of view_name. */
static int set_view(struct spec *s, const char *value, struct error *err)
{
	enum view v;
	char hint[96];

	if (!view_from_name(value, &v))
		return error_set(err, ERR_CONFIG, "unknown view '%s'%s", value,
				 suggest_text(value, view_names(), VIEW_COUNT,
					      hint, sizeof(hint)));
	if (!learner_takes(s->learner, v))
		return error_set(err, ERR_CONFIG, "'%s' has no view '%s'",
				 s->learner->name, value);
	s->view = (unsigned)v;
	return 0;
}

/* One "key=value", cut in place. `view` belongs to every learner, so to none's
 * schema. Of a key that is there twice the last counts. */
static int set_pair(struct spec *s, void *config, char *pair, struct error *err)
{
	char *equals = strchr(pair, '=');

	if (!equals)
		return error_set(err, ERR_CONFIG, "'%s' is not key=value", pair);
	*equals = '\0';
	if (!strcmp(pair, "view"))
		return set_view(s, equals + 1, err);
	if (param_set(s->learner->params, config, pair, equals + 1, err))
		return error_wrap(err, "%s", s->learner->name);
	return 0;
}

/* `given` keeps the text inside the brackets: a parameter that is asked for
 * by name may mean more than its value (early stopping of a user's files). */
int spec_parse(struct spec *s, struct arena *a, const char *text,
	       struct error *err)
{
	char *name = arena_strdup(a, text), *inside, *save = NULL;
	void *config;

	*s = (struct spec){ .text = arena_strdup(a, text) };
	if (!name || !s->text)
		return arena_error(a, err);
	if (cut_brackets(name, &inside, err))
		return (int)err->code;
	s->learner = learner_find(name);
	if (!s->learner)
		return unknown_learner(name, err);
	config = arena_alloc(a, s->learner->config_size, 1);
	s->given = arena_strdup(a, inside);
	if (!config || !s->given)
		return arena_error(a, err);
	param_defaults(s->learner->params, config);
	s->config = config;
	for (char *p = strtok_r(inside, ",", &save); p;
	     p = strtok_r(NULL, ",", &save))
		if (set_pair(s, config, p, err))
			return (int)err->code;
	return 0;
}

/* Compares whole names: "depth" is not given by "depths=3". */
bool spec_gives(const struct spec *s, const char *param)
{
	size_t n = strlen(param);

	for (const char *p = s->given; p && *p; p += strcspn(p, ",")) {
		p += *p == ',';
		if (!strncmp(p, param, n) && p[n] == '=')
			return true;
	}
	return false;
}

/* Of the views that a modality has, those asked for, then the learner's
 * favourite. False also where the learner does not do the kind of task. */
bool spec_view(const struct spec *s, enum modality m, enum task t,
	       enum view *out)
{
	unsigned views = load_views(m);

	if (!(s->learner->tasks & (1u << t)))
		return false;
	if (s->view)
		views &= s->view;
	return learner_view(s->learner, views, out);
}
