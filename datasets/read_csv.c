/* CSV files; datasets/csv/csv.h says what is understood, this file what the catalogue
 * may say about them:
 *
 * 	separator	one character, `tab`, or `space`: any number of blanks
 * 			(the first of , ; tab | in line 1)
 * 	decimal		the decimal point	(.)
 * 	comment		lines that start with this character are skipped
 * 	skip_lines	so many lines at the start, one number or one a file (0)
 * 	header		false: columns are c1, c2 ... (true; false with `columns`)
 * 	columns		names of the columns, in order; a header's are replaced
 * 	missing		texts that stand for a hole (the usual ones)
 * 	categorical	columns whose numbers are names
 * 	numeric		columns in which a text is an error
 * 	strip_dot	true: the target's texts may end with a full stop
 * 	official	the part of each file, as [train, test]: several files are
 * 			one table, rows in their order
 * 	source_column	a column of this name says which file a row is from, by
 * 			the file's name without its ending
 * and what csv_changes.h does to the table. */
#include "datasets/csv/csv.h"

#include <string.h>

#include "datasets/csv/csv_changes.h"
#include "datasets/csv/csv_source.h"
#include "datasets/levels.h"
#include "datasets/official.h"

#define SKIP_MAX 1000000

static const char *const keys[] = { "separator", "header",	"missing",
				    "decimal",	 "categorical", "numeric",
				    "comment",	 "skip_lines",	"columns",
				    "strip_dot", "official",	"source_column",
				    CSV_CHANGES_KEYS, NULL };

/* One number for all files, or a list with one for each. */
static int get_skips(const struct source *src, struct csv_text *file, struct error *err)
{
	const struct yaml *at = yaml_get(src->options, "skip_lines");
	bool list = at && at->kind == YAML_LIST;
	int64_t lines = 0;

	if (list && at->n != src->n_paths)
		return yaml_error(at, err, "%zu numbers for %zu files", at->n,
				  src->n_paths);
	for (size_t k = 0; at && k < src->n_paths; k++) {
		if (yaml_int(list ? at->items[k] : at, 0, SKIP_MAX, &lines, err))
			return err->code;
		file[k].skip_lines = (size_t)lines;
	}
	return 0;
}

/* "data/winequality-red.csv" -> "winequality-red"; a name that starts with a
 * point has no ending. */
static char *stem_of(const char *path, struct arena *a)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *point = strchr(name, '.');
	int size = (int)(point && point > name ? (size_t)(point - name) : strlen(name));

	return arena_printf(a, "%.*s", size, name);
}

/* The stems of the files in byte order, as levels; rank[k] is that of file k. */
static int name_sources(const struct source *src, struct levels *levels,
			const char *const **names, uint32_t **rank, struct arena *a,
			struct error *err)
{
	uint32_t code;

	levels_init(levels, a);
	for (size_t k = 0; k < src->n_paths; k++) {
		const char *stem = stem_of(src->paths[k], a);

		if (!stem)
			return arena_error(a, err);
		if (levels_add(levels, stem, strlen(stem), &code, err))
			return err->code;
		if (code < k)
			return error_set(err, ERR_CONFIG,
					 "source_column: two files are called '%s'",
					 stem);
	}
	return levels_sort(levels, names, rank, err);
}

/* Targets and drops go by name, so a second column of that name could never
 * be meant. */
static int check_new_name(const struct source *src, const struct table *t,
			  const char *name, struct error *err)
{
	for (size_t j = 0; j < t->cols; j++)
		if (!strcmp(t->columns[j].name, name))
			return yaml_error(yaml_get(src->options, "source_column"), err,
					  "the files have a column '%s' already", name);
	return 0;
}

/* One column more, behind all others. */
static int add_source(const struct source *src, const char *name, struct csv *csv,
		      struct arena *a, struct error *err)
{
	struct table *t = &csv->table;
	struct column *columns = ARENA_NEW(a, struct column, t->cols + 1);
	float **cell = ARENA_NEW(a, float *, t->cols + 1);
	float *code = ARENA_RAW(a, float, t->rows);
	struct levels levels;
	uint32_t *rank;

	if (!columns || !cell || !code)
		return arena_error(a, err);
	if (check_new_name(src, t, name, err))
		return err->code;
	memcpy(columns, t->columns, t->cols * sizeof(*columns));
	memcpy(cell, t->cell, t->cols * sizeof(*cell));
	columns[t->cols] = (struct column){ .name = name, .is_cat = true };
	if (name_sources(src, &levels, &columns[t->cols].level_names, &rank, a, err))
		return err->code;
	columns[t->cols].levels = levels.n;
	for (size_t k = 0, i = 0; k < src->n_paths; k++)
		for (; i < csv->end[k]; i++)
			code[i] = (float)rank[k];
	cell[t->cols++] = code;
	t->columns = columns;
	t->cell = cell;
	return 0;
}

/* All files as one table; the parser's messages have a path and a line. */
static int read_files(const struct source *src, struct arena *a,
		      struct csv_changes *changes, struct csv *csv, struct error *err)
{
	struct csv_text *file = ARENA_NEW(a, struct csv_text, src->n_paths);
	struct csv_options options = { 0 };
	const char *source = NULL;

	if (!file)
		return arena_error(a, err);
	for (size_t k = 0; k < src->n_paths; k++)
		file[k].path = src->paths[k];
	if (csv_source_options(src, a, &options, err) || get_skips(src, file, err) ||
	    csv_changes_read(changes, src, &options, a, err) ||
	    yaml_get_string(src->options, "source_column", &source, err) ||
	    csv_read_all(file, src->n_paths, &options, a, csv, err))
		return err->code;
	return source ? add_source(src, source, csv, a, err) : 0;
}

/* The message of a later stage gets the path in front; the parser's own have it
 * already, with a line. */
static int read_csv(const struct source *src, struct arena *a, struct items *out,
		    struct error *err)
{
	struct csv_changes changes = { 0 };
	enum official *part;
	struct csv csv;

	if (!src->n_paths)
		return error_set(err, ERR_CONFIG, "reader csv needs a file");
	if (official_parts(src, src->n_paths, a, &part, err) ||
	    read_files(src, a, &changes, &csv, err))
		return err->code;
	if (csv_changes_apply(&changes, src, &csv.table, a, err) ||
	    table_to_items(&csv.table, src, a, out, err))
		return error_wrap(err, "%s", src->paths[0]);
	return official_mark(part, csv.end, src->n_paths, a, out, err);
}

const struct reader reader_csv = {
	.name = "csv",
	.summary = "comma-separated values, one file or several of one kind",
	.version = 3,
	.options = keys,
	.read = read_csv,
};
