/* suites.yaml and suites/ *.yaml, checked word by word: an unknown key, a
 * value out of range or a learner's parameter that does not exist is an
 * error at its line and column. What is not said is inherited: built-in
 * defaults, the main file's `defaults`, the file's own, the suite, the task. */
#include "harness/config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/suggest.h"
#include "harness/base/yaml.h"

#define PROTOCOL_KEYS                                                      \
	"repeats", "seed", "threads", "trials", "tune_s", "limit_s",       \
		"memory_mb", "budget_s"
#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

/* What the layers of reading share. Everything that is read lives in the arena,
 * so that errors may return from any depth with nothing to free. */
struct reading {
	struct arena *arena;
	const struct catalog *catalog;
	struct protocol defaults; /* of the file at hand */
	struct suite *suites;	  /* (n) of (room) */
	size_t n, room;
};

/* ---------------------------------------------------------------- protocol */

/* No limits: a suite that wants some says so. One trial is the configuration as
 * it is written, without any search. */
void protocol_defaults(struct protocol *p)
{
	*p = (struct protocol){ .repeats = 1, .threads = 1, .trials = 1 };
}

/* Keys that are there replace what *p has, so that calling it once a layer is
 * the inheritance. The ranges are wide on purpose: they catch a slip of the
 * unit (ms for s), not a strange wish.
 *
 * Seeds stay below 2^52, so that seed + repeat is exact in every reader of
 * JSON, also in those that keep numbers as doubles. */
static int read_protocol(const struct yaml *map, struct protocol *p,
			 struct error *err)
{
	const double day = 86400.0;

	if (yaml_get_int(map, "repeats", 1, 10000, &p->repeats, err) ||
	    yaml_get_int(map, "seed", 0, 1LL << 52, &p->seed, err) ||
	    yaml_get_int(map, "threads", 1, 1024, &p->threads, err) ||
	    yaml_get_int(map, "trials", 1, 100000, &p->trials, err) ||
	    yaml_get_real(map, "tune_s", 0, 100 * day, &p->tune_s, err) ||
	    yaml_get_real(map, "limit_s", 0, 100 * day, &p->limit_s, err) ||
	    yaml_get_real(map, "memory_mb", 0, 1e9, &p->memory_mb, err) ||
	    yaml_get_real(map, "budget_s", 0, 100 * day, &p->budget_s, err))
		return (int)err->code;
	return 0;
}

/* ---------------------------------------------------------------- learners */

/* Give an error of a deeper layer, which knows nothing of files, the line and
 * column of a node. Its code stays, since the exit code follows from it. */
static int at_node(const struct yaml *node, struct error *err)
{
	struct error inner = *err;

	yaml_error(node, err, "%s", inner.text);
	err->code = inner.code;
	return (int)inner.code;
}

/* Says what is there as well, for indentation is easily lost. */
static int need_kind(const struct yaml *node, enum yaml_kind kind,
		     const char *what, struct error *err)
{
	static const char *const kinds[] = { "a scalar", "a list", "a map" };

	if (node->kind == kind)
		return 0;
	return yaml_error(node, err, "%s must be %s, not %s", what, kinds[kind],
			  kinds[node->kind]);
}

/* A list of learners as written, before it is merged with another. */
struct spec_list {
	struct spec *items; /* (n) */
	size_t n;
};

/* A learner may be there with several configurations, but not twice with the
 * same text: both lines would be one key, and the second would never run. Two
 * spellings of one configuration are not noticed here; they share a row then.
 * A suite goes without a learner whose library this build had not.
 */
static int read_specs(struct reading *rd, const struct yaml *list,
		      struct spec_list *out, struct error *err)
{
	const char *text;

	if (need_kind(list, YAML_LIST, "learners", err))
		return (int)err->code;
	out->items = ARENA_NEW(rd->arena, struct spec, list->n);
	if (!out->items)
		return arena_error(rd->arena, err);
	for (size_t k = 0; k < list->n; k++) {
		const struct yaml *node = list->items[k];

		if (yaml_string(node, &text, err))
			return (int)err->code;
		if (spec_parse(&out->items[out->n], rd->arena, text, err)) {
			if (err->code == ERR_MISSING)
				continue;
			return at_node(node, err);
		}
		for (size_t i = 0; i < out->n; i++)
			if (!strcmp(out->items[i].text, text))
				return yaml_error(node, err,
						  "'%s' is there twice", text);
		out->n++;
	}
	return 0;
}

/* By learner, whatever its parameters. */
static bool list_has(const struct spec_list *l, const struct learner *learner)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->items[i].learner == learner)
			return true;
	return false;
}

/* A list of learner names to leave out. They are read as specs, so that a
 * mistyped name is an error and does not silently skip nothing. */
static int read_skips(struct reading *rd, const struct yaml *task,
		      struct spec_list *out, struct error *err)
{
	const struct yaml *skip = yaml_get(task, "skip");

	*out = (struct spec_list){ 0 };
	if (!skip)
		return 0;
	if (need_kind(skip, YAML_LIST, "skip", err))
		return (int)err->code;
	return read_specs(rd, skip, out, err);
}

/* The suite's learners without those that the task names itself or skips, then
 * the task's own, in the order of the file. Replacing goes by learner and not
 * by text: a task that says krr[l2=1e-3] does not want the suite's krr beside
 * it. */
static int merge_specs(struct reading *rd, const struct spec_list *suite,
		       const struct yaml *map, struct suite_task *task,
		       struct error *err)
{
	struct spec_list own = { 0 }, skip;
	const struct yaml *list = yaml_get(map, "learners");
	struct spec *all;
	size_t n = 0;

	if ((list && read_specs(rd, list, &own, err)) ||
	    read_skips(rd, map, &skip, err))
		return (int)err->code;
	all = ARENA_NEW(rd->arena, struct spec, suite->n + own.n);
	if (!all)
		return arena_error(rd->arena, err);
	for (size_t i = 0; i < suite->n; i++)
		if (!list_has(&own, suite->items[i].learner) &&
		    !list_has(&skip, suite->items[i].learner))
			all[n++] = suite->items[i];
	for (size_t i = 0; i < own.n; i++)
		all[n++] = own.items[i];
	task->specs = all;
	task->n_specs = n;
	return 0;
}

/* ---------------------------------------------------------------- tasks */

/* "letter" or "letter[n=1000,rotate]": taskspec.h says what may stand there. */
static int read_task_name(struct reading *rd, const struct yaml *node,
			  struct suite_task *task, struct error *err)
{
	const char *text;

	if (yaml_string(node, &text, err))
		return (int)err->code;
	if (!taskspec_parse(&task->what, rd->arena, rd->catalog, text, err))
		return 0;
	if (err->code == ERR_USAGE) /* a name in a file is no word of a command */
		err->code = ERR_CONFIG;
	return at_node(node, err);
}

/* A task is a name or a map with `task: NAME` and what it does differently. `n:
 * 1000` beside it means the same as [n=1000] behind the name, and wins over it.
 * A plain name goes through merge_specs as well, where yaml_get on a scalar
 * finds nothing to replace. */
static int read_task(struct reading *rd, const struct yaml *node,
		     const struct protocol *protocol,
		     const struct spec_list *specs, struct suite_task *task,
		     struct error *err)
{
	static const char *const keys[] = { "task", "n", "learners", "skip",
					    PROTOCOL_KEYS };
	const struct yaml *name = node;
	int64_t n = 0;

	*task = (struct suite_task){ .protocol = *protocol };
	if (node->kind == YAML_MAP) {
		name = yaml_get(node, "task");
		if (yaml_check_keys(node, keys, COUNT(keys), err))
			return (int)err->code;
		if (!name)
			return yaml_error(node, err, "a task needs 'task: NAME'");
		if (yaml_get_int(node, "n", 1, 1LL << 40, &n, err) ||
		    read_protocol(node, &task->protocol, err))
			return (int)err->code;
	}
	if (read_task_name(rd, name, task, err))
		return (int)err->code;
	if (n)
		task->what.n = (size_t)n;
	return merge_specs(rd, specs, node, task, err);
}

/* Copies of one data set under two names would count twice in every mean and
 * every claim that is made of the suite. One data set at several sizes, or with
 * its twins, is one name. */
static int check_identity(const struct yaml *node, const struct suite_task *tasks,
			  size_t i, struct error *err)
{
	const struct entry *e = tasks[i].what.entry;

	for (size_t k = 0; k < i; k++) {
		const struct entry *other = tasks[k].what.entry;

		if (!strcmp(e->identity, other->identity) && strcmp(e->name, other->name))
			return yaml_error(node, err,
					  "'%s' and '%s' are one data set under two "
					  "names: take one of them",
					  other->name, e->name);
	}
	return 0;
}

/* A suite without tasks is a mistake, not an empty suite. */
static int read_tasks(struct reading *rd, const struct yaml *suite_node,
		      const struct protocol *protocol,
		      const struct spec_list *specs, struct suite *s,
		      struct error *err)
{
	const struct yaml *list = yaml_get(suite_node, "tasks");
	struct suite_task *tasks;

	if (!list)
		return yaml_error(suite_node, err, "suite '%s' has no 'tasks'",
				  s->name);
	if (need_kind(list, YAML_LIST, "tasks", err))
		return (int)err->code;
	tasks = ARENA_NEW(rd->arena, struct suite_task, list->n);
	if (!tasks)
		return arena_error(rd->arena, err);
	for (size_t i = 0; i < list->n; i++)
		if (read_task(rd, list->items[i], protocol, specs, &tasks[i],
			      err) ||
		    check_identity(list->items[i], tasks, i, err))
			return (int)err->code;
	s->tasks = tasks;
	s->n_tasks = list->n;
	return 0;
}

/* ---------------------------------------------------------------- suites */

/* Learners first: a task's own are merged into them. A name that is taken, be
 * it in another file of the folder, is an error and no replacement: `-s NAME`
 * must mean one thing wherever it is read. */
static int read_suite(struct reading *rd, const struct yaml *key,
		      const struct yaml *node, struct suite *s,
		      struct error *err)
{
	static const char *const keys[] = { "summary", "tasks", "learners",
					    PROTOCOL_KEYS };
	const struct yaml *learners = yaml_get(node, "learners");
	struct protocol protocol = rd->defaults;
	struct spec_list specs = { 0 };

	*s = (struct suite){ .name = key->text, .summary = "" };
	for (size_t i = 0; i < rd->n; i++)
		if (!strcmp(rd->suites[i].name, s->name))
			return yaml_error(key, err, "a second suite '%s'",
					  s->name);
	if (need_kind(node, YAML_MAP, "a suite", err) ||
	    yaml_check_keys(node, keys, COUNT(keys), err) ||
	    yaml_get_string(node, "summary", &s->summary, err) ||
	    read_protocol(node, &protocol, err))
		return (int)err->code;
	if (!learners)
		return yaml_error(node, err, "suite '%s' has no 'learners'",
				  s->name);
	if (read_specs(rd, learners, &specs, err))
		return (int)err->code;
	s->protocol = protocol;
	s->specs = specs.items;
	s->n_specs = specs.n;
	return read_tasks(rd, node, &protocol, &specs, s, err);
}

/* All suites of a file at once; tasks and specs point into the arena and
 * stay valid when the array of suites grows. */
static int add_suites(struct reading *rd, const struct yaml *map,
		      struct error *err)
{
	struct suite *grown;

	if (need_kind(map, YAML_MAP, "suites", err))
		return (int)err->code;
	if (rd->n + map->n > rd->room) {
		rd->room = 2 * rd->room + map->n;
		grown = ARENA_NEW(rd->arena, struct suite, rd->room);
		if (!grown)
			return arena_error(rd->arena, err);
		if (rd->n)
			memcpy(grown, rd->suites, rd->n * sizeof(*grown));
		rd->suites = grown;
	}
	for (size_t i = 0; i < map->n; i++) {
		if (read_suite(rd, map->keys[i], map->items[i],
			       &rd->suites[rd->n], err))
			return (int)err->code;
		rd->n++;
	}
	return 0;
}

/* One file. Its `defaults` hold for its own suites; the first file's are where
 * the later ones' start. Whether both parts stand in this order in the file
 * plays no role, as it is read whole before. */
static int read_file(struct reading *rd, const char *path, struct error *err)
{
	static const char *const keys[] = { "defaults", "suites" };
	static const char *const protocol_keys[] = { PROTOCOL_KEYS };
	const struct yaml *defaults, *suites;
	struct yaml *root;

	if (yaml_read(rd->arena, path, &root, err) ||
	    need_kind(root, YAML_MAP, "the file", err) ||
	    yaml_check_keys(root, keys, COUNT(keys), err))
		return (int)err->code;
	defaults = yaml_get(root, "defaults");
	if (defaults &&
	    (need_kind(defaults, YAML_MAP, "defaults", err) ||
	     yaml_check_keys(defaults, protocol_keys, COUNT(protocol_keys),
			     err) ||
	     read_protocol(defaults, &rd->defaults, err)))
		return (int)err->code;
	suites = yaml_get(root, "suites");
	if (!suites)
		return yaml_error(root, err, "the file has no 'suites'");
	return add_suites(rd, suites, err);
}

/* Editors leave .#names and names~ behind. */
static int is_yaml(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 5 &&
	       !strcmp(d->d_name + n - 5, ".yaml");
}

/* suites/ *.yaml beside the main file, by name, so that the order of the suites
 * does not depend on the file system; a folder that is not there is fine. After
 * an error the loop goes on for the sake of free alone. */
static int read_folder(struct reading *rd, const char *main_path,
		       struct error *err)
{
	const char *slash = strrchr(main_path, '/');
	int stem = slash ? (int)(slash - main_path) + 1 : 0, rc = 0;
	const struct protocol defaults = rd->defaults;
	struct dirent **names;
	const char *path;
	char *dir = arena_printf(rd->arena, "%.*ssuites", stem, main_path);
	int n;

	if (!dir)
		return arena_error(rd->arena, err);
	n = scandir(dir, &names, is_yaml, alphasort);
	if (n < 0)
		return errno == ENOENT || errno == ENOTDIR ?
			0 : error_set(err, ERR_IO, "cannot read folder '%s': %s",
				      dir, strerror(errno));
	for (int i = 0; i < n; i++) {
		rd->defaults = defaults;
		path = arena_printf(rd->arena, "%s/%s", dir, names[i]->d_name);
		free(names[i]);
		if (!rc)
			rc = path ? read_file(rd, path, err) :
				    arena_error(rd->arena, err);
	}
	free(names);
	return rc;
}

/* The main file first: its defaults hold for the folder's files. */
int config_read(struct config *c, struct arena *a, const char *path,
		const struct catalog *catalog, struct error *err)
{
	struct reading rd = { .arena = a, .catalog = catalog };

	protocol_defaults(&rd.defaults);
	if (read_file(&rd, path, err) || read_folder(&rd, path, err))
		return (int)err->code;
	*c = (struct config){ .suites = rd.suites, .n = rd.n };
	return 0;
}

/* The nearest name is looked for among the first 256 suites; the exact one
 * among all. */
int config_find(const struct config *c, const char *name,
		const struct suite **out, struct error *err)
{
	const char *names[256];
	char hint[96];
	size_t n = c->n < 256 ? c->n : 256;

	for (size_t i = 0; i < c->n; i++) {
		*out = &c->suites[i];
		if (!strcmp((*out)->name, name))
			return 0;
	}
	for (size_t i = 0; i < n; i++)
		names[i] = c->suites[i].name;
	return error_set(err, ERR_USAGE, "unknown suite '%s'%s", name,
			 suggest_text(name, names, n, hint, sizeof(hint)));
}
