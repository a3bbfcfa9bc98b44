#include "learners/gbdt/stats_file.h"

void stats_file_save(const struct target_stats *t, struct model_writer *w)
{
	if (!t->columns)
		return;
	model_writer_count(w, "stats.outputs", t->outputs);
	model_writer_array(w, "stats.column", MODEL_U32, t->column, t->columns);
	model_writer_array(w, "stats.mean", MODEL_F32, t->mean,
			   t->start[t->columns] * t->outputs);
}

/* Where each column's means begin follows from the levels of the data. */
static int find_starts(struct target_stats *t, const struct dataset *data,
		       struct model_reader *r, struct error *err)
{
	uint64_t *start = ARENA_NEW(r->arena, uint64_t, t->columns + 1);

	if (!start)
		return arena_error(r->arena, err);
	for (size_t c = 0; c < t->columns; c++) {
		const struct column *its = data->columns && t->column[c] < data->cols ?
						   &data->columns[t->column[c]] : NULL;

		if (!its || !its->is_cat)
			return model_reader_bad(r, err, "statistics of column %u",
						t->column[c]);
		start[c + 1] = start[c] + its->levels + 2;
	}
	t->start = start;
	return 0;
}

int stats_file_load(struct target_stats *t, const struct dataset *data,
		    struct model_reader *r, struct error *err)
{
	const void *column = NULL, *mean = NULL;
	size_t most = 0;

	*t = (struct target_stats){ 0 };
	if (!model_reader_has(r, "stats.column"))
		return 0;
	if (model_reader_size(r, "stats.column", MODEL_U32, &t->columns, err) ||
	    model_reader_array(r, "stats.column", MODEL_U32, t->columns, &column, err) ||
	    model_reader_count(r, "stats.outputs", INT32_MAX, &t->outputs, err) ||
	    model_reader_size(r, "stats.mean", MODEL_F32, &most, err))
		return (int)err->code;
	t->column = column;
	if (!t->outputs || !t->columns || find_starts(t, data, r, err))
		return err->code ? (int)err->code :
				   model_reader_bad(r, err, "statistics of nothing");
	if (t->start[t->columns] > most / t->outputs ||
	    model_reader_array(r, "stats.mean", MODEL_F32,
			       t->start[t->columns] * t->outputs, &mean, err))
		return err->code ? (int)err->code :
				   model_reader_bad(r, err, "too few statistics");
	t->mean = mean;
	return 0;
}
