/* The table as its rows that are not 0, with their numbers in order. */
#include "learners/nn/nn_bag_file.h"

#include <math.h>
#include <string.h>

/* Far above the options' ranges; keeps products of sizes in range. */
#define SIZES_MAX ((uint64_t)1 << 28)

/* By its bits: a -0 is kept, too. */
static bool is_zero(const float *row, size_t dim)
{
	for (size_t k = 0; k < dim; k++) {
		uint32_t bits;

		memcpy(&bits, &row[k], sizeof(bits));
		if (bits)
			return false;
	}
	return true;
}

static size_t rows_of(const struct nn_bag *b)
{
	return b->vocab + b->buckets;
}

static void save_table(const struct nn_bag *b, struct model_writer *w)
{
	uint32_t *row = ARENA_NEW(w->text.arena, uint32_t, rows_of(b));
	size_t n = 0;

	if (!row) {
		w->text.failed = true;
		return;
	}
	for (size_t i = 0; i < rows_of(b); i++)
		if (!is_zero(b->table + i * b->dim, b->dim))
			row[n++] = (uint32_t)i;
	model_writer_count(w, "bag.rows", n);
	model_writer_array(w, "bag.row", MODEL_U32, row, n);
	model_writer_begin(w, "bag.table", MODEL_F32, n * b->dim);
	for (size_t k = 0; k < n; k++)
		model_writer_more(w, b->table + row[k] * b->dim, b->dim, sizeof(float));
}

void nn_bag_file_save(const struct nn_bag *b, struct model_writer *w)
{
	const double scale[3] = { b->target_mean, b->target_sd, b->factor };

	model_writer_count(w, "bag.vocab", b->vocab);
	model_writer_count(w, "bag.buckets", b->buckets);
	model_writer_count(w, "bag.dim", b->dim);
	model_writer_array(w, "bag.scale", MODEL_F64, scale, 3);
	model_writer_array(w, "bag.head", MODEL_F32, b->head, b->outputs * b->dim);
	model_writer_array(w, "bag.bias", MODEL_F32, b->bias, b->outputs);
	save_table(b, w);
}

/* (n) numbers; infinite ones would make scores that are none. */
static int load_floats(struct model_reader *r, const char *name, size_t n, float **out,
		       struct error *err)
{
	const void *values = NULL;

	if (model_reader_array(r, name, MODEL_F32, n, &values, err))
		return (int)err->code;
	*out = (float *)(size_t)values;
	for (size_t i = 0; i < n; i++)
		if (!isfinite((*out)[i]))
			return model_reader_bad(r, err, "number %zu of '%s' is not "
						"finite", i, name);
	return 0;
}

static int load_sizes(struct nn_bag *b, const struct dataset *data,
		      struct model_reader *r, struct error *err)
{
	if (model_reader_count(r, "bag.vocab", SIZES_MAX, &b->vocab, err) ||
	    model_reader_count(r, "bag.buckets", SIZES_MAX, &b->buckets, err) ||
	    model_reader_count(r, "bag.dim", SIZES_MAX, &b->dim, err))
		return (int)err->code;
	b->outputs = learner_outputs(data);
	if (b->vocab != data->vocab || !b->dim)
		return model_reader_bad(r, err, "%zu embeddings of %zu numbers for %zu "
					"words", b->vocab, b->dim, data->vocab);
	return 0;
}

/* The file's rows are checked before the table is made, which is larger. */
static int load_table(struct nn_bag *b, struct model_reader *r, struct error *err)
{
	const void *list = NULL;
	const uint32_t *row;
	float *from = NULL;
	size_t n = 0;

	if (model_reader_count(r, "bag.rows", rows_of(b), &n, err) ||
	    model_reader_array(r, "bag.row", MODEL_U32, n, &list, err) ||
	    load_floats(r, "bag.table", n * b->dim, &from, err))
		return (int)err->code;
	row = list;
	for (size_t k = 0; k < n; k++)
		if (row[k] >= rows_of(b) || (k && row[k] <= row[k - 1]))
			return model_reader_bad(r, err, "row %u of %zu embeddings, in no "
						"order", row[k], rows_of(b));
	b->table = ARENA_NEW(r->arena, float, rows_of(b) * b->dim);
	if (!b->table)
		return arena_error(r->arena, err);
	for (size_t k = 0; k < n; k++)
		memcpy(b->table + row[k] * b->dim, from + k * b->dim,
		       b->dim * sizeof(float));
	return 0;
}

int nn_bag_file_load(struct nn_bag *b, const struct dataset *data,
		     struct model_reader *r, struct error *err)
{
	const void *scale = NULL;

	*b = (struct nn_bag){ 0 };
	if (load_sizes(b, data, r, err) ||
	    model_reader_array(r, "bag.scale", MODEL_F64, 3, &scale, err) ||
	    load_floats(r, "bag.head", b->outputs * b->dim, &b->head, err) ||
	    load_floats(r, "bag.bias", b->outputs, &b->bias, err))
		return (int)err->code;
	b->target_mean = ((const double *)scale)[0];
	b->target_sd = ((const double *)scale)[1];
	b->factor = ((const double *)scale)[2];
	return load_table(b, r, err);
}
