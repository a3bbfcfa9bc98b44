/* Files in LIBSVM's sparse format; datasets/formats/libsvm.h says what is understood, this
 * file what the catalogue may say about them:
 *
 * 	base		the first index, 1 or 0	(1)
 * 	columns		features, where the files may lack the last (as many as the
 * 			largest index says)
 * 	official	the part of each file, as [train, test]
 *
 * The target is `label` unless the catalogue names a feature (f1, f2 ...). */
#include "datasets/formats/libsvm.h"

#include "datasets/official.h"
#include "harness/base/file.h"

static const char *const keys[] = { "base", "columns", "official", NULL };

/* 0 columns stands for "as many as the largest index says"; a catalogue
 * cannot ask for it by number. */
static int get_options(const struct source *src, struct libsvm_options *o,
		       struct error *err)
{
	int64_t base = 1, columns = 0;

	if (yaml_get_int(src->options, "base", 0, 1, &base, err) ||
	    yaml_get_int(src->options, "columns", 1, LIBSVM_COLUMNS_MAX, &columns, err))
		return err->code;
	*o = (struct libsvm_options){ .base = (size_t)base, .columns = (size_t)columns };
	return 0;
}

/* Nothing of the table points into the files. */
static int read_files(const struct source *src, const struct libsvm_options *o,
		      struct arena *a, struct table *table, size_t *end,
		      struct error *err)
{
	struct libsvm_text *text = ARENA_NEW(a, struct libsvm_text, src->n_paths);
	struct file_map *map = ARENA_NEW(a, struct file_map, src->n_paths);
	size_t mapped = 0;
	int rc = 0;

	if (!text || !map || !end)
		return arena_error(a, err);
	for (; !rc && mapped < src->n_paths; mapped += !rc) {
		struct file_map *m = &map[mapped];

		rc = file_map(m, src->paths[mapped], err);
		text[mapped] = (struct libsvm_text){ .bytes = (const char *)m->data,
						     .size = m->size,
						     .path = src->paths[mapped] };
	}
	if (!rc)
		rc = libsvm_parse(text, src->n_paths, o, a, table, end, err);
	for (size_t k = 0; k < mapped; k++)
		file_unmap(&map[k]);
	return rc;
}

/* The label has no name in the format, so it gets one here, and a feature may
 * be the target instead. official_mark comes last: it needs the rows of all
 * files. */
static int read_libsvm(const struct source *given, struct arena *a, struct items *out,
		       struct error *err)
{
	struct source src = *given;
	struct libsvm_options options;
	enum official *part;
	struct table table;
	size_t *end;

	if (!src.n_paths)
		return error_set(err, ERR_CONFIG, "reader libsvm needs a file");
	if (!src.target)
		src.target = "label";
	end = ARENA_NEW(a, size_t, src.n_paths);
	if (get_options(&src, &options, err) ||
	    official_parts(&src, src.n_paths, a, &part, err) ||
	    read_files(&src, &options, a, &table, end, err))
		return err->code;
	if (table_to_items(&table, &src, a, out, err))
		return error_wrap(err, "%s", src.paths[0]);
	return official_mark(part, end, src.n_paths, a, out, err);
}

const struct reader reader_libsvm = {
	.name = "libsvm",
	.summary = "sparse rows, LABEL INDEX:VALUE ..., as columns",
	.version = 1,
	.options = keys,
	.read = read_libsvm,
};
