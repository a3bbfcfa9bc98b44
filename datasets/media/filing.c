/* In passes over the list of files, each simple: open, drop what is of another
 * kind, find the folders that say nothing, give each file its texts, and last
 * turn texts into numbers. Nothing of a file's content is looked at here. */
#include "datasets/media/filing.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasets/levels.h"
#include "datasets/media/filing_rule.h"

/* A file on its way through the passes. */
struct sheet {
	struct filing_file file;
	const char *way;   /* its name from the first folder that matters */
	const char *label; /* text; NULL: left out */
};

struct sheets {
	const struct source *src;
	const struct filing_rule *rule;
	size_t n;
	struct sheet *list; /* (n) */
	bool by_folder;	    /* official parts are the first folders */
};

/* ---------------------------------------------------------------- files */

/* The folder in which all files of a bundle lie, when each lies in a further
 * one: archives often hold "name-1.0/" and nothing beside it. */
static bool strip_root(struct sheet *list, size_t n)
{
	size_t k = strcspn(list[0].way, "/") + 1;

	for (size_t i = 0; i < n; i++)
		if (strncmp(list[i].way, list[0].way, k) ||
		    list[i].way[k - 1] != '/' || !strchr(list[i].way + k, '/'))
			return false;
	for (size_t i = 0; i < n; i++)
		list[i].way += k;
	return true;
}

/* The sum is bounded as each bundle is. Bundles live as long as the files. */
static int open_bundles(struct sheets *s, struct bundle **bundles,
			struct arena *a, struct error *err)
{
	size_t total = 0;

	*bundles = ARENA_NEW(a, struct bundle, s->src->n_paths);
	if (!*bundles)
		return arena_error(a, err);
	if (!s->src->n_paths)
		return error_set(err, ERR_CONFIG, "%s: a folder or an archive is needed",
				 s->src->name);
	for (size_t k = 0; k < s->src->n_paths; k++) {
		int rc = bundle_open(&(*bundles)[k], s->src->paths[k], a, err);

		if (rc)
			return rc;
		total += (*bundles)[k].n;
	}
	if (total > BUNDLE_MAX_FILES)
		return error_set(err, ERR_DATA, "%s: %zu files; at most %d are "
				 "read", s->src->name, total, BUNDLE_MAX_FILES);
	s->list = ARENA_NEW(a, struct sheet, total);
	return s->list ? 0 : arena_error(a, err);
}

/* Roots are stripped a path at a time, as two archives of one set often have
 * different ones ("set-1.0/", "extra/"); and until none is left, for some are
 * packed twice. */
static int list_files(struct sheets *s, const char *const *extensions,
		      struct arena *a, struct error *err)
{
	struct bundle *bundles;
	int rc = open_bundles(s, &bundles, a, err);

	for (size_t k = 0; k < s->src->n_paths && !rc; k++) {
		const struct bundle *b = &bundles[k];
		size_t first = s->n;

		for (size_t i = 0; i < b->n; i++) {
			if (!bundle_is_kind(b->files[i].name, extensions))
				continue;
			s->list[s->n].file.bundle = b;
			s->list[s->n].file.index = i;
			s->list[s->n++].way = b->files[i].name;
		}
		while (s->n > first && strip_root(s->list + first, s->n - first))
			;
	}
	if (!rc && !s->n)
		rc = error_set(err, ERR_DATA, "%s: no file in '%s' ends with "
			       "'%s' or the like", s->src->name,
			       s->src->paths[0], extensions[0]);
	return rc;
}

/* ---------------------------------------------------------------- parts */

/* Only the first folder counts, and only when something lies in it: a file
 * called "test" is no part. Capitals vary even within one archive. */
static enum official part_of(const char *way)
{
	static const struct {
		const char *name;
		enum official part;
	} parts[] = { { "train", OFFICIAL_TRAIN }, { "valid", OFFICIAL_VALID },
		      { "val", OFFICIAL_VALID }, { "test", OFFICIAL_TEST } };
	size_t n = strcspn(way, "/");

	for (size_t k = 0; way[n] && k < sizeof(parts) / sizeof(parts[0]); k++)
		if (strlen(parts[k].name) == n &&
		    !strncasecmp(way, parts[k].name, n))
			return parts[k].part;
	return OFFICIAL_NONE;
}

/* Only when every file lies in such a folder: a class may be called "test". */
static void find_parts(struct sheets *s)
{
	unsigned seen = 0;

	for (size_t i = 0; i < s->n; i++)
		seen |= 1u << part_of(s->list[i].way);
	s->by_folder = !(seen & 1u << OFFICIAL_NONE) &&
		       seen & 1u << OFFICIAL_TRAIN && seen & 1u << OFFICIAL_TEST;
	for (size_t i = 0; i < s->n && s->by_folder; i++) {
		s->list[i].file.official = (uint8_t)part_of(s->list[i].way);
		s->list[i].way = strchr(s->list[i].way, '/') + 1;
	}
}

/* ---------------------------------------------------------------- texts */

/* Of the name, not a copy: labels are cut out of it by take_field. */
static const char *base_name(const char *way)
{
	const char *slash = strrchr(way, '/');

	return slash ? slash + 1 : way;
}

/* An error that names the file. */
static int blame(const struct sheet *f, const char *what, struct error *err)
{
	return error_set(err, ERR_DATA, "%s: '%s' %s", f->file.bundle->path,
			 f->file.bundle->files[f->file.index].name, what);
}

/* Field k of the name, in the arena. */
static int take_field(const struct sheets *s, const struct sheet *f, int64_t k,
		      struct arena *a, const char **out, struct error *err)
{
	const char *at = base_name(f->way), *sep = s->rule->separator, *end;
	const char *stop = strrchr(at, '.');
	char what[80];

	for (int64_t left = k; at && left > 0; left--) {
		at = strstr(at, sep);
		at = at && at < stop ? at + strlen(sep) : NULL;
	}
	if (!at) {
		snprintf(what, sizeof(what), "has no field %d when cut at '%.20s'",
			 (int)k, sep);
		return blame(f, what, err);
	}
	end = strstr(at, sep);
	end = end && end < stop ? end : stop;
	*out = arena_printf(a, "%.*s", (int)(end > at ? end - at : 0), at);
	return *out ? 0 : arena_error(a, err);
}

/* The first or the last folder on the way. */
static int take_folder(const struct sheet *f, bool last, struct arena *a,
		       const char **out, struct error *err)
{
	const char *end = last ? strrchr(f->way, '/') : strchr(f->way, '/');
	const char *from = f->way;

	if (!end)
		return blame(f, "lies in no folder that would name its class or "
			     "group", err);
	for (const char *p = from; last && p < end; p++)
		if (*p == '/')
			from = p + 1;
	*out = arena_printf(a, "%.*s", (int)(end - from), from);
	return *out ? 0 : arena_error(a, err);
}

/* Does the name hold one of the texts of a class? */
static bool holds(const struct yaml *texts, const char *stem)
{
	if (texts->kind == YAML_SCALAR)
		return strcasestr(stem, texts->text) != NULL;
	for (size_t k = 0; k < texts->n; k++)
		if (strcasestr(stem, texts->items[k]->text))
			return true;
	return false;
}

/* NULL when no class fits or two do. */
static const char *match_labels(const struct yaml *labels, const char *way)
{
	const char *base = base_name(way), *found = NULL;
	char stem[256];

	snprintf(stem, sizeof(stem), "%.*s",
		 (int)(strrchr(base, '.') - base), base);
	for (size_t c = 0; c < labels->n; c++) {
		if (!holds(labels->items[c], stem))
			continue;
		if (found)
			return NULL;
		found = labels->keys[c]->text;
	}
	return found;
}

/* A file that `labels` does not know is left out without a word (sets hold
 * loops, readmes, out-takes), while a missing field or folder is an error:
 * there the rule itself does not fit the set. */
static int take_label(const struct sheets *s, struct sheet *f, struct arena *a,
		      struct error *err)
{
	const struct filing_rule *r = s->rule;

	if (r->labels) {
		f->label = match_labels(r->labels, f->way);
		return 0;
	}
	if (r->label_field >= 0)
		return take_field(s, f, r->label_field, a, &f->label, err);
	return take_folder(f, false, a, &f->label, err);
}

/* A value of the field that `test_values` has: numbers are texts here. */
static int take_official(const struct sheets *s, struct sheet *f,
			 struct arena *a, struct error *err)
{
	const char *value;
	int rc = take_field(s, f, s->rule->official_field, a, &value, err);

	if (rc)
		return rc;
	f->file.official = OFFICIAL_TRAIN;
	for (size_t k = 0; k < s->rule->n_test_values; k++)
		if (!strcmp(value, s->rule->test_values[k]))
			f->file.official = OFFICIAL_TEST;
	return 0;
}

/* Files without a label are not asked for the rest: a name that is left out
 * need not have the fields of those that stay. */
static int take_texts(const struct sheets *s, struct sheet *f, struct arena *a,
		      struct error *err)
{
	const struct filing_rule *r = s->rule;
	int rc = take_label(s, f, a, err);

	if (rc || !f->label)
		return rc;
	if (r->group_folder)
		rc = take_folder(f, true, a, &f->file.group, err);
	else if (r->group_field >= 0)
		rc = take_field(s, f, r->group_field, a, &f->file.group, err);
	if (!rc && r->fold_folder)
		rc = take_folder(f, true, a, &f->file.fold, err);
	else if (!rc && r->fold_field >= 0)
		rc = take_field(s, f, r->fold_field, a, &f->file.fold, err);
	if (!rc && r->official_field >= 0)
		rc = take_official(s, f, a, err);
	return rc;
}

/* ---------------------------------------------------------------- classes */

/* All labels there are, by their bytes. */
static int find_classes(const struct sheets *s, struct arena *a,
			const char *const **names, size_t *n, struct error *err)
{
	struct levels l;
	uint32_t code, *rank;

	levels_init(&l, a);
	for (size_t i = 0; i < s->n; i++) {
		const char *label = s->list[i].label;
		int rc = label ? levels_add(&l, label, strlen(label), &code, err) :
				 0;

		if (rc)
			return rc;
	}
	*n = l.n;
	return levels_sort(&l, names, &rank, err);
}

/* The number of each label's class and how many files each class has; files of
 * no class lose their label. */
static int count_classes(struct sheets *s, const char *const *names, size_t n,
			 struct arena *a, size_t *count, struct error *err)
{
	struct levels l;
	uint32_t code;

	levels_init(&l, a);
	for (size_t c = 0; c < n; c++) {
		int rc = levels_add(&l, names[c], strlen(names[c]), &code, err);

		if (rc)
			return rc;
		if (code != c)
			return error_set(err, ERR_CONFIG, "class '%s' is listed "
					 "twice", names[c]);
	}
	for (size_t i = 0; i < s->n; i++) {
		struct sheet *f = &s->list[i];

		code = f->label ? levels_find(&l, f->label, strlen(f->label)) :
				  UINT32_MAX;
		f->label = code == UINT32_MAX ? NULL : f->label;
		f->file.label = (int32_t)code;
		if (f->label)
			count[code]++;
	}
	return 0;
}

/* Drop small classes: the others move up. */
static int keep_classes(struct filing *f, struct sheets *s,
			const char *const *names, size_t n, const size_t *count,
			struct arena *a, struct error *err)
{
	const char **kept = ARENA_NEW(a, const char *, n);
	int32_t *number = ARENA_NEW(a, int32_t, n);
	size_t k = 0;

	if (!kept || !number)
		return arena_error(a, err);
	for (size_t c = 0; c < n; c++) {
		if (!count[c] && s->rule->min_class <= 1)
			return error_set(err, ERR_DATA, "%s: no file is of class "
					 "'%s'", s->src->name, names[c]);
		number[c] = -1;
		if (count[c] < (size_t)s->rule->min_class)
			continue;
		kept[k] = names[c];
		number[c] = (int32_t)k++;
	}
	if (k < 2)
		return error_set(err, ERR_DATA, "%s: %zu classes; there must be "
				 "two or more (one folder a class, unless the "
				 "options say otherwise)", s->src->name, k);
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].label)
			s->list[i].file.label = number[s->list[i].file.label];
	f->class_names = kept;
	f->classes = k;
	return 0;
}

/* The order is that of the lists, so that a row's number depends on names
 * alone, never on the order in which the file system gives them. */
static int collect(struct filing *f, const struct sheets *s, struct arena *a,
		   struct error *err)
{
	f->files = ARENA_NEW(a, struct filing_file, s->n);
	if (!f->files)
		return arena_error(a, err);
	for (size_t i = 0; i < s->n; i++) {
		const struct filing_file *file = &s->list[i].file;

		if (!s->list[i].label || file->label < 0)
			continue;
		f->files[f->n++] = *file;
		f->bytes += file->bundle->files[file->index].size;
	}
	f->has_official = s->by_folder || s->rule->official_field >= 0;
	return 0;
}

/* Parts before texts, as they shorten the way on which the class is the first
 * folder. */
static int sort_out(struct filing *f, struct sheets *s, struct arena *a,
		    struct error *err)
{
	const char *const *names = s->rule->classes;
	size_t n = s->rule->n_classes, *count;
	int rc = 0;

	find_parts(s);
	for (size_t i = 0; i < s->n && !rc; i++)
		rc = take_texts(s, &s->list[i], a, err);
	if (!rc && !n)
		rc = find_classes(s, a, &names, &n, err);
	if (rc)
		return rc;
	count = ARENA_NEW(a, size_t, n);
	if (!count)
		return arena_error(a, err);
	rc = count_classes(s, names, n, a, count, err);
	if (!rc)
		rc = keep_classes(f, s, names, n, count, a, err);
	return rc ? rc : collect(f, s, a, err);
}

/* `rule` and `src` need not outlive the call: what is kept points into the
 * arena, the bundles and the options. */
int filing_read(struct filing *f, const struct source *src,
		const char *const *extensions, struct arena *a,
		struct error *err)
{
	struct filing_rule r;
	struct sheets s = { .src = src, .rule = &r };
	int rc = filing_rule_read(src->options, a, &r, err);

	*f = (struct filing){ 0 };
	if (!rc)
		rc = list_files(&s, extensions, a, err);
	return rc ? rc : sort_out(f, &s, a, err);
}

const char *filing_name(const struct filing *f, size_t i)
{
	return f->files[i].bundle->files[f->files[i].index].name;
}

/* ---------------------------------------------------------------- items */

/* The place of each file's group (or fold) among the sorted texts. */
static int number_texts(const struct filing *f, bool fold, struct arena *a,
			const uint32_t **out, struct error *err)
{
	uint32_t *number = ARENA_NEW(a, uint32_t, f->n), *rank;
	const char *const *names;
	struct levels l;

	levels_init(&l, a);
	for (size_t i = 0; number && i < f->n; i++) {
		const char *text = fold ? f->files[i].fold : f->files[i].group;
		int rc = levels_add(&l, text, strlen(text), &number[i], err);

		if (rc)
			return rc;
	}
	if (!number)
		return arena_error(a, err);
	*out = number;
	if (levels_sort(&l, &names, &rank, err))
		return (int)err->code;
	for (size_t i = 0; i < f->n; i++)
		number[i] = rank[number[i]];
	return 0;
}

/* All files have a group or none has, as the options ask it of all; so the
 * first file says it. The same holds for folds. */
int filing_items(const struct filing *f, struct arena *a, struct items *out,
		 struct error *err)
{
	int32_t *label = ARENA_NEW(a, int32_t, f->n);
	uint8_t *official = ARENA_NEW(a, uint8_t, f->n);
	int rc = 0;

	if (!label || !official)
		return arena_error(a, err);
	for (size_t i = 0; i < f->n; i++) {
		label[i] = f->files[i].label;
		official[i] = f->files[i].official;
	}
	out->n = f->n;
	out->task = TASK_CLASSIFICATION;
	out->label = label;
	out->classes = f->classes;
	out->class_names = f->class_names;
	out->official = f->has_official ? official : NULL;
	if (f->files[0].group)
		rc = number_texts(f, false, a, &out->group, err);
	if (!rc && f->files[0].fold)
		rc = number_texts(f, true, a, &out->fold, err);
	return rc;
}
