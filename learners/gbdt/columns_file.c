/* Statistics are saved as they are: places of levels and their means. */
#include "learners/gbdt/columns_file.h"

#include <string.h>

void columns_file_save(const struct boost *b, struct model_writer *w)
{
	const struct target_stats *t = &b->stats;
	size_t places = t->columns ? t->start[t->columns] : 0;

	model_writer_count(w, "stats.columns", t->columns);
	model_writer_count(w, "stats.outputs", t->outputs);
	model_writer_array(w, "stats.column", MODEL_U32, t->column, t->columns);
	model_writer_array(w, "stats.start", MODEL_U64, t->start,
			   t->columns ? t->columns + 1 : 0);
	model_writer_array(w, "stats.mean", MODEL_F32, t->mean,
			   places * t->outputs);
}

/* Places of levels must be those that target_stats_row will look for. */
static int check(const struct target_stats *t, const struct dataset *data,
		 const struct model_reader *r, struct error *err)
{
	for (size_t k = 0; k < t->columns; k++) {
		const struct column *c = data->columns && t->column[k] < data->cols ?
						 &data->columns[t->column[k]] : NULL;

		if (!c || !c->is_cat || t->start[0] ||
		    t->start[k + 1] != t->start[k] + c->levels + 2)
			return model_reader_bad(r, err, "statistics of column %u "
						"have other levels", t->column[k]);
	}
	return 0;
}

int columns_file_load(struct boost *b, const struct dataset *data,
		      struct model_reader *r, struct error *err)
{
	struct target_stats *t = &b->stats;
	const void *column = NULL, *start = NULL, *mean = NULL;

	*t = (struct target_stats){ 0 };
	if (model_reader_count(r, "stats.columns", data->cols, &t->columns, err) ||
	    model_reader_count(r, "stats.outputs", INT32_MAX, &t->outputs, err) ||
	    model_reader_array(r, "stats.column", MODEL_U32, t->columns, &column,
			       err) ||
	    model_reader_array(r, "stats.start", MODEL_U64,
			       t->columns ? t->columns + 1 : 0, &start, err))
		return (int)err->code;
	t->column = column;
	t->start = start;
	if (check(t, data, r, err) ||
	    model_reader_array(r, "stats.mean", MODEL_F32,
			       t->columns ? t->start[t->columns] * t->outputs : 0,
			       &mean, err))
		return (int)err->code;
	t->mean = mean;
	return 0;
}

int columns_describe(const struct boost *b, const struct dataset *data,
		     struct dataset *wide, struct arena *a, struct error *err)
{
	const struct target_stats *t = &b->stats;
	size_t extras = target_stats_extras(t);
	struct column *columns;

	*wide = *data;
	if (!extras)
		return 0;
	columns = ARENA_NEW(a, struct column, data->cols + extras);
	if (!columns)
		return arena_error(a, err);
	memcpy(columns, data->columns, data->cols * sizeof(*columns));
	for (size_t k = 0; k < extras; k++) {
		const char *of = data->columns[t->column[k / t->outputs]].name;
		char *name = arena_printf(a, "%s:mean%zu", of ? of : "",
					  k % t->outputs);

		if (!name)
			return arena_error(a, err);
		columns[data->cols + k].name = name;
	}
	wide->columns = columns;
	wide->cols = data->cols + extras;
	return 0;
}
