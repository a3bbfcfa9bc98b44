/* Strict on purpose: a catalogue with a slip (a digest too short, a drop that
 * is spelled wrong, a share above 1) would not crash anything, it would quietly
 * change what a benchmark measures. So every key, word and range is checked
 * here, with file:line:column, before any file is touched; what only the data
 * can tell (column names, counts) is checked by the reader and by load.c. */
#include "datasets/catalog.h"

#include <ctype.h>
#include <string.h>

#include "harness/base/suggest.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* The position of a text value among `names`. Every word of the catalogue that
 * the program acts on goes through here, so that a slip is answered with the
 * nearest word there is. */
static int need_choice(const struct yaml *map, const char *key,
		       const char *const *names, size_t n, size_t *out,
		       struct error *err)
{
	const char *text;
	char hint[80];
	int rc = yaml_need_string(map, key, &text, err);

	if (rc)
		return rc;
	for (*out = 0; *out < n; (*out)++)
		if (!strcmp(text, names[*out]))
			return 0;
	return yaml_error(yaml_get(map, key), err, "unknown %s '%s'%s", key,
			  text, suggest_text(text, names, n, hint, sizeof(hint)));
}

/* A data set that its reader makes up needs no files; all others do. */
static int read_files(const struct yaml *map, struct arena *a,
		      struct entry *e, struct error *err)
{
	if (e->reader->no_files && !yaml_get(map, "files"))
		return 0;
	return origin_read(map, a, &e->origins, &e->n_origins, err);
}

/* The reader must be in the registry and know every option. What an option's
 * value may be is the reader's to check, when it runs. */
static int read_reader(const struct yaml *map, struct entry *e,
		       struct error *err)
{
	const char *names[64];
	size_t n, which = 0, keys = 0;
	const struct reader *const *all = reader_all(&n);
	int rc;

	if (n > COUNT(names))
		n = COUNT(names);
	for (size_t k = 0; k < n; k++)
		names[k] = all[k]->name;
	rc = need_choice(map, "reader", names, n, &which, err);
	if (rc)
		return rc;
	e->reader = all[which];
	e->options = yaml_get(map, "options");
	if (!e->options)
		return 0;
	while (e->reader->options && e->reader->options[keys])
		keys++;
	return yaml_check_keys(e->options, e->reader->options, keys, err);
}

/* drop: a map from column to the reason why it must go. A leak that was found
 * once must not be "cleaned up" later, so a reason is compulsory. */
static int read_drops(const struct yaml *map, struct arena *a, struct entry *e,
		      struct error *err)
{
	const struct yaml *drop = yaml_get(map, "drop");
	struct dropped *drops;

	if (!drop)
		return 0;
	if (drop->kind != YAML_MAP)
		return yaml_error(drop, err, "'drop' must map columns to the "
				  "reasons why they are left out");
	drops = ARENA_NEW(a, struct dropped, drop->n);
	if (!drops)
		return arena_error(a, err);
	for (size_t k = 0; k < drop->n; k++) {
		int rc = yaml_string(drop->items[k], &drops[k].reason, err);

		if (rc)
			return rc;
		drops[k].column = drop->keys[k]->text;
	}
	e->drops = drops;
	e->n_drops = drop->n;
	return 0;
}

/* Shares default to 0.2 of all rows to test, 0.2 of the fitted to validate.
 * The bounds keep a share from being taken for a number of rows (test: 200) or
 * the reverse. */
int catalog_split(const struct yaml *map, struct split_rule *out, struct error *err)
{
	static const char *const keys[] = { "kind", "test", "valid", "max_test" };
	static const char *const kinds[] = { "random", "official", "fold", "time" };
	const struct yaml *split = yaml_get(map, "split");
	int64_t max_test = 0;
	size_t kind = 0;
	int rc;

	if (!split)
		return yaml_error(map, err, "'split' is missing");
	*out = (struct split_rule){ .test = 0.2, .valid = 0.2 };
	rc = yaml_check_keys(split, keys, COUNT(keys), err);
	if (!rc)
		rc = need_choice(split, "kind", kinds, COUNT(kinds), &kind, err);
	if (!rc)
		rc = yaml_get_real(split, "test", 0.001, 0.9, &out->test, err);
	if (!rc)
		rc = yaml_get_real(split, "valid", 0, 1, &out->valid, err);
	if (!rc)
		rc = yaml_get_int(split, "max_test", 1, UINT32_MAX, &max_test,
				  err);
	if (rc)
		return rc;
	out->kind = (enum split_kind)kind;
	out->max_test = (size_t)max_test;
	if (yaml_get(split, "test") && (out->kind == SPLIT_OFFICIAL ||
					out->kind == SPLIT_FOLD))
		return yaml_error(split, err, "split '%s' has no 'test' share",
				  kinds[kind]);
	return 0;
}

/* A count, or SIZE_MAX where the catalogue is silent. */
static int read_count(const struct yaml *map, const char *key, size_t *out,
		      struct error *err)
{
	int64_t v = -1;
	int rc = yaml_get_int(map, key, 0, UINT32_MAX, &v, err);

	*out = v < 0 ? SIZE_MAX : (size_t)v;
	return rc;
}

/* What must come out of the reader. The digests prove that the files are those
 * that were described; these counts prove that they are still read as they
 * were. */
static int read_expected(const struct yaml *map, struct expected *x,
			 struct error *err)
{
	static const char *const keys[] = { "rows", "columns", "classes",
					    "missing" };
	const struct yaml *expect = yaml_get(map, "expect");
	size_t *const counts[] = { &x->rows, &x->columns, &x->classes,
				   &x->missing };
	int rc = 0;

	if (expect)
		rc = yaml_check_keys(expect, keys, COUNT(keys), err);
	for (size_t k = 0; !rc && k < COUNT(keys); k++)
		rc = read_count(expect, keys[k], counts[k], err);
	return rc;
}

/* The keys whose values are words of ours, or words for people. Licence and
 * citation are compulsory: data without them cannot be published with. */
static int read_words(const struct yaml *map, struct entry *e,
		      struct error *err)
{
	static const char *const modalities[] = { "tabular", "image", "audio",
						  "text" };
	static const char *const tasks[] = { "classification", "regression" };
	static const char *const metrics[] = { "accuracy", "r2" };
	size_t modality = 0, task = 0, metric = 0;
	int rc = yaml_need_string(map, "title", &e->title, err);

	if (!rc)
		rc = need_choice(map, "modality", modalities, 4, &modality, err);
	if (!rc)
		rc = need_choice(map, "task", tasks, 2, &task, err);
	if (!rc)
		rc = need_choice(map, "metric", metrics, 2, &metric, err);
	if (!rc)
		rc = yaml_need_string(map, "licence", &e->licence, err);
	if (!rc)
		rc = yaml_need_string(map, "citation", &e->citation, err);
	if (!rc)
		rc = yaml_get_string(map, "notes", &e->notes, err);
	if (rc)
		return rc;
	e->modality = (enum modality)modality;
	e->task = (enum task)task;
	e->metric = metrics[metric];
	/* the two lists run in parallel: one metric a kind of task for now */
	if (task != metric)
		return yaml_error(yaml_get(map, "metric"), err, "metric '%s' is "
				  "not for %s", e->metric, tasks[task]);
	return 0;
}

/* A table has many columns and must say which one; pictures, sound and text
 * have one label a row, which the reader knows by the format. */
static int read_target(const struct yaml *map, struct entry *e,
		       struct error *err)
{
	int rc = yaml_get_string(map, "target", &e->target, err);

	if (!rc)
		rc = yaml_get_bool(map, "log_target", &e->log_target, err);
	if (rc)
		return rc;
	if (e->modality == MODALITY_TABULAR && !e->target)
		return yaml_error(map, err, "a table needs a 'target'");
	if (e->log_target && e->task != TASK_REGRESSION)
		return yaml_error(yaml_get(map, "log_target"), err,
				  "'log_target' is for regression");
	return 0;
}

/* Columns that say how rows hang together, and what numbers mean. They are
 * read by the reader of the table, which knows whether they are there. */
static int read_columns(const struct yaml *map, struct arena *a, struct entry *e,
			struct error *err)
{
	int rc = yaml_get_string(map, "group", &e->group, err);

	if (!rc)
		rc = yaml_get_string(map, "time", &e->time, err);
	if (!rc)
		rc = yaml_get_string(map, "fold", &e->fold, err);
	if (!rc)
		rc = yaml_get_strings(a, map, "categorical", &e->categorical,
				      &e->n_categorical, err);
	if (rc)
		return rc;
	if (e->split.kind == SPLIT_TIME && !e->time)
		return yaml_error(map, err, "a time split needs 'time: COLUMN'");
	return 0;
}

/* Two entries of one identity are one data set under two names: they count once
 * and no claim may take both. */
static int read_identity(const struct yaml *map, struct entry *e, struct error *err)
{
	int rc;

	e->identity = e->name;
	rc = yaml_get_string(map, "identity", &e->identity, err);
	return rc ? rc : yaml_get_bool(map, "synthetic", &e->synthetic, err);
}

/* One data set. The order of the checks is that of the help in the file. */
static int read_entry(const struct yaml *map, struct arena *a, struct entry *e,
		      struct error *err)
{
	static const char *const keys[] = {
		"title",  "modality", "task",	"files",   "reader",
		"options", "target",  "log_target", "drop", "split",
		"metric", "expect",   "licence", "citation", "notes",
		"group",  "time",     "fold",	"categorical", "identity",
		"synthetic",
	};
	int rc = yaml_check_keys(map, keys, COUNT(keys), err);

	e->at = map;
	if (!rc)
		rc = read_words(map, e, err);
	if (!rc)
		rc = read_reader(map, e, err);
	if (!rc)
		rc = read_files(map, a, e, err);
	if (!rc)
		rc = read_target(map, e, err);
	if (!rc)
		rc = read_drops(map, a, e, err);
	if (!rc)
		rc = catalog_split(map, &e->split, err);
	if (!rc)
		rc = read_columns(map, a, e, err);
	if (!rc)
		rc = read_identity(map, e, err);
	return rc ? rc : read_expected(map, &e->expect, err);
}

/* Names stand on the command line and in file names: a-z, 0-9 and hyphens. */
static bool name_is_good(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) &&
		    *p != '-')
			return false;
	return name[0] != '\0' && name[0] != '-';
}

/* Everything is checked, also entries that nobody asked for: a catalogue is
 * read whole or not at all, and a bad entry is found by whoever wrote it. */
int catalog_read(struct catalog *c, struct arena *a, const char *path,
		 struct error *err)
{
	struct yaml *root;
	struct entry *entries;
	int rc = yaml_read(a, path, &root, err);

	if (rc)
		return rc;
	if (root->kind != YAML_MAP || !root->n)
		return yaml_error(root, err, "the catalogue must be a map from "
				  "names to data sets");
	entries = ARENA_NEW(a, struct entry, root->n);
	if (!entries)
		return arena_error(a, err);
	for (size_t k = 0; k < root->n; k++) {
		entries[k].name = root->keys[k]->text;
		if (!name_is_good(entries[k].name))
			return yaml_error(root->keys[k], err, "'%s' is no name: "
					  "use a-z, 0-9 and hyphens",
					  entries[k].name);
		rc = read_entry(root->items[k], a, &entries[k], err);
		if (rc)
			return rc;
	}
	*c = (struct catalog){ .entries = entries, .n = root->n };
	return 0;
}

/* A few dozen entries, asked for once a run: a search in order is enough. */
const struct entry *catalog_find(const struct catalog *c, const char *name)
{
	for (size_t k = 0; k < c->n; k++)
		if (!strcmp(c->entries[k].name, name))
			return &c->entries[k];
	return NULL;
}

int catalog_get(const struct catalog *c, const char *name,
		const struct entry **out, struct error *err)
{
	const char *nearest = NULL, *names[256];
	char hint[80] = "";
	size_t n = c->n < COUNT(names) ? c->n : COUNT(names);

	*out = catalog_find(c, name);
	if (*out)
		return 0;
	for (size_t k = 0; k < n; k++)
		names[k] = c->entries[k].name;
	nearest = suggest_text(name, names, n, hint, sizeof(hint));
	return error_set(err, ERR_USAGE, "unknown data set '%s'%s; 'triarch list "
			 "datasets' names them", name, nearest);
}
