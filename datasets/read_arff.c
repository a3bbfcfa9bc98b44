/* One ARFF file; datasets/formats/arff.h says what is understood. */
#include "datasets/formats/arff.h"

/* The message of a later stage gets the path in front; the parser's own have it
 * already, with a line. */
static int read_arff(const struct source *src, struct arena *a, struct items *out,
		     struct error *err)
{
	struct table table;

	if (src->n_paths != 1)
		return error_set(err, ERR_CONFIG, "one ARFF file, not %zu", src->n_paths);
	if (arff_read(src->paths[0], a, &table, err))
		return err->code;
	if (table_to_items(&table, src, a, out, err))
		return error_wrap(err, "%s", src->paths[0]);
	return 0;
}

static const char *const options[] = { NULL };

const struct reader reader_arff = {
	.name = "arff",
	.summary = "Weka's attribute-relation files, dense or sparse",
	.version = 1,
	.options = options,
	.read = read_arff,
};
