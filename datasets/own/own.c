/* By kind of path to the entry; what all kinds share is filled in here. */
#include "datasets/own/own.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "datasets/folder.h"
#include "datasets/own/own_parts.h"
#include "harness/base/file.h"

#define NAME_MOST 100 /* bytes: it becomes part of file names */
#define UNDERSTOOD                                                              \
	"understood are tables (.csv, .tsv, .txt, .data, also packed as .gz), .arff, " \
	".svm and .npy where their readers are built in, and folders with one "       \
	"sub-folder of images, sounds or .txt files for each class"

static const char *const tables[] = { ".csv", ".tsv", ".txt", ".data", ".dat" };
static const char *const packed[] = { ".gz", ".bz2", ".xz" };

/* ---------------------------------------------------------------- endings */

/* The length of `name` without an ending of the list; its own when it has none. The
 * name must be longer than the ending: ".csv" alone has none. */
static size_t without(const char *name, size_t n, const char *const *endings, size_t count)
{
	for (size_t k = 0; k < count; k++) {
		size_t e = strlen(endings[k]);

		if (n > e && !strncasecmp(name + n - e, endings[k], e))
			return n - e;
	}
	return n;
}

/* Endings count in any case, with that of a packer behind them or not. */
static bool is_table_name(const char *name)
{
	size_t n = without(name, strlen(name), packed, 3);

	return without(name, n, tables, 5) < n;
}

/* Also of files that are not there: a mistyped path should not be answered with the
 * names of the catalogue. */
bool own_is_path(const char *name)
{
	return strchr(name, '/') || is_table_name(name) || file_exists(name);
}

/* The reader of a file that is no table of texts, by its ending. Tables have NULL
 * here: what reads them is found out from their text. */
static const char *reader_of(const char *name)
{
	static const char *const endings[][2] = { { ".arff", "arff" }, { ".svm", "libsvm" },
						  { ".libsvm", "libsvm" }, { ".npy", "npy" } };
	size_t n = without(name, strlen(name), packed, 3);

	for (size_t k = 0; k < 4; k++)
		if (without(name, n, endings[k], 1) < n)
			return endings[k][1];
	return NULL;
}

/* ---------------------------------------------------------------- the entry */

/* The name without its folders: nobody's home gets into a row of results. Cut at 100
 * bytes from the front; two long paths that agree in them share a name but not a
 * digest, so no cache mixes them up. */
static const char *short_name(struct own_work *w)
{
	const char *slash = strrchr(w->own->path, '/');
	const char *base = slash && slash[1] ? slash + 1 : w->own->path;

	return strlen(base) > NAME_MOST ? arena_printf(w->a, "%.*s", NAME_MOST, base)
					: arena_strdup(w->a, base);
}

/* The digest makes the caches right when the file changes, wherever it lies. */
static int set_origin(struct own_work *w, bool is_tree)
{
	struct origin_file *o = ARENA_NEW(w->a, struct origin_file, 1);
	char hex[HASH_HEX];
	int rc;

	if (!o)
		return arena_error(w->a, w->err);
	rc = is_tree ? folder_digest(w->own->path, w->a, hex, w->err)
		     : hash_file(w->own->path, hex, w->err);
	if (rc)
		return rc;
	*o = (struct origin_file){ .path = w->own->path, .local = true,
				   .is_tree = is_tree, .sha256 = arena_strdup(w->a, hex) };
	w->own->entry.origins = o;
	w->own->entry.n_origins = 1;
	return o->sha256 ? 0 : arena_error(w->a, w->err);
}

/* A rule that nobody gave follows from the columns that were. Groups go with any kind
 * of split, hence no rule of their own. */
static int set_split(struct own_work *w)
{
	const struct own_settings *s = &w->s;
	struct entry *e = &w->own->entry;

	e->group = s->group;
	e->time = s->time;
	e->fold = s->fold;
	e->split = s->split;
	if (!s->has_split)
		e->split.kind = s->fold ? SPLIT_FOLD : s->time ? SPLIT_TIME : SPLIT_RANDOM;
	if (e->split.kind == SPLIT_OFFICIAL)
		return error_set(w->err, ERR_CONFIG, "%s: there is no official split of it",
				 e->name);
	if (e->split.kind == SPLIT_FOLD && !s->fold)
		return error_set(w->err, ERR_CONFIG, "%s: a split by folds needs 'fold: "
				 "COLUMN'", e->name);
	if (e->split.kind == SPLIT_TIME && !s->time)
		return error_set(w->err, ERR_CONFIG, "%s: a split by time needs 'time: "
				 "COLUMN'", e->name);
	return 0;
}

/* One metric a kind of task, as in the catalogue. The metric can only be said, not
 * chosen: it is there so that a file of settings that was made for the other task is
 * refused. */
static int set_task(struct own_work *w)
{
	static const char *const metrics[] = { "accuracy", "r2" };
	struct entry *e = &w->own->entry;

	e->metric = metrics[e->task];
	if (w->s.metric && strcmp(w->s.metric, e->metric) != 0)
		return error_set(w->err, ERR_CONFIG, "%s: metric '%s' is not for %s", e->name,
				 w->s.metric, task_name(e->task));
	if (w->s.log_target && e->task != TASK_REGRESSION)
		return error_set(w->err, ERR_CONFIG, "%s: log_target is for regression",
				 e->name);
	e->log_target = w->s.log_target;
	return 0;
}

/* What the file of settings says to the reader itself, checked by its own list. */
int own_options(struct own_work *w, const struct reader *r)
{
	size_t n = 0;

	while (r->options && r->options[n])
		n++;
	return w->s.options ? yaml_check_keys(w->s.options, r->options, n, w->err) : 0;
}

/* Formats of other readers: nothing is inferred, they know their columns.
 * Classification unless told: nothing of the file is read here, so there is nothing to
 * guess by. */
static int own_other(struct own_work *w, const char *reader)
{
	struct entry *e = &w->own->entry;

	e->reader = reader_find(reader);
	if (!e->reader)
		return error_set(w->err, ERR_CONFIG, "%s: this program has no reader '%s'; "
				 UNDERSTOOD, w->own->path, reader);
	if (own_options(w, e->reader))
		return (int)w->err->code;
	if (!w->s.target && !strcmp(reader, "arff"))
		return error_set(w->err, ERR_CONFIG, "%s: which column is the target? "
				 "[target=COLUMN], or 'target: COLUMN' in %s.yaml",
				 w->own->path, w->own->entry.name);
	e->options = w->s.options;
	e->target = w->s.target;
	e->drops = w->s.drops;
	e->n_drops = w->s.n_drops;
	e->task = w->s.task && !strcmp(w->s.task, "regression") ? TASK_REGRESSION
								: TASK_CLASSIFICATION;
	if (!w->s.task)
		notes_add(&w->own->notes, NOTE_INFO, "taken for a classification "
			  "(task=regression if it is not)");
	return 0;
}

/* Does a header go on behind the letters of a magic? "ORCA,y" is no ORC file. A
 * binary file whose next byte happens to look so is still refused, by the parser and
 * for its NUL bytes. */
static bool is_header(const struct file_map *m, size_t magic)
{
	unsigned char next = m->size > magic ? m->data[magic] : 0;

	return next && next < 128 && (isalnum(next) || strchr(",;|\t _", next));
}

/* What people try that is no text at all, by its first bytes. Answered before the
 * parser would say something about NUL bytes on line 1. */
static int check_magic(struct own_work *w)
{
	static const struct {
		const char *magic, *what;
	} known[] = {
		{ "PAR1", "a Parquet file" },
		{ "PK\x03\x04", "a ZIP archive or spreadsheet" },
		{ "SQLite format 3", "an SQLite data base" },
		{ "\x89HDF", "an HDF5 file" },
		{ "ARROW1", "an Arrow file" },
		{ "ORC", "an ORC file" },
		{ "%PDF", "a PDF document" },
		{ "\xd0\xcf\x11\xe0", "an old spreadsheet" },
	};
	struct file_map m;

	if (file_map(&m, w->own->path, w->err))
		return (int)w->err->code;
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
		size_t n = strlen(known[k].magic);

		if (m.size >= n && !memcmp(m.data, known[k].magic, n) && !is_header(&m, n)) {
			file_unmap(&m);
			return error_set(w->err, ERR_DATA, "%s: %s; save it as CSV (" UNDERSTOOD
					 ")", w->own->path, known[k].what);
		}
	}
	file_unmap(&m);
	return 0;
}

/* Folders by what is in them, files by their ending, and tables by their text. */
static int by_kind(struct own_work *w, bool is_folder)
{
	const char *reader = reader_of(w->own->path);

	if (is_folder)
		return own_folder(w);
	if (reader)
		return own_other(w, reader);
	return check_magic(w) ? (int)w->err->code : own_table(w);
}

/* ---------------------------------------------------------------- settings */

/* PATH.yaml, then the brackets over it. The file first, so that a word in brackets
 * stands above it for one run. */
static int read_settings(struct own_work *w, const struct yaml *given)
{
	char *beside = arena_printf(w->a, "%s.yaml", w->own->path);
	struct yaml *root;

	own_settings_init(&w->s);
	if (!beside)
		return arena_error(w->a, w->err);
	if (file_exists(beside)) {
		w->own->settings = beside;
		if (yaml_read(w->a, beside, &root, w->err) ||
		    own_settings_read(&w->s, root, w->a, w->err))
			return (int)w->err->code;
	}
	return given ? own_settings_read(&w->s, given, w->a, w->err) : 0;
}

/* Absolute, as the entry travels to processes that may stand elsewhere. realpath also
 * follows links: the cache knows a file by its contents and a child process by this
 * path. */
static int find_path(struct own_work *w, const char *path, bool *is_folder)
{
	char absolute[PATH_MAX];
	struct stat st;

	if (!realpath(path, absolute) || stat(absolute, &st))
		return error_set(w->err, ERR_USAGE, "cannot read '%s': %s", path,
				 strerror(errno));
	*is_folder = S_ISDIR(st.st_mode);
	if (!*is_folder && !S_ISREG(st.st_mode))
		return error_set(w->err, ERR_USAGE, "'%s' is neither a file nor a folder",
				 path);
	w->own->path = arena_strdup(w->a, absolute);
	return w->own->path ? 0 : arena_error(w->a, w->err);
}

/* Settings before anything is looked at: they say how to look. */
static int fill(struct own_work *w, const char *path, const struct yaml *given)
{
	struct entry *e = &w->own->entry;
	bool is_folder;

	e->expect = (struct expected){ SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX };
	e->licence = e->citation = "";
	if (find_path(w, path, &is_folder))
		return (int)w->err->code;
	e->name = e->identity = e->title = short_name(w);
	if (!e->name)
		return arena_error(w->a, w->err);
	if (read_settings(w, given) || by_kind(w, is_folder) || set_task(w) || set_split(w) ||
	    set_origin(w, is_folder))
		return (int)w->err->code;
	return w->own->notes.failed ? arena_error(w->a, w->err) : 0;
}

/* The result is large and is kept as long as the task, hence in the arena. */
int own_read(const char *path, const struct yaml *settings, struct arena *a,
	     struct own **out, struct error *err)
{
	struct own_work w = { .own = ARENA_NEW(a, struct own, 1), .a = a, .err = err };

	if (!w.own)
		return arena_error(a, err);
	w.own->notes.arena = a;
	*out = w.own;
	return fill(&w, path, settings);
}
