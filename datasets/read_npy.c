/* NumPy arrays: [X and y as the last column], [X, y] or [train X, train y, test X,
 * test y], then the parts are official. datasets/formats/npy.h says what is understood,
 * this file what the catalogue may say about them:
 *
 * 	as		table | image	(table)
 * 	columns		names of the columns of X	(c1, c2 ...)
 * 	classes		names of the labels 0, 1, 2 ...	(the labels as numbers)
 * 	layout		of images in 4 dimensions: nhwc | nchw	(by which of the two
 * 			places for the channels holds 1, 3 or 4)
 *
 * A table's X may have more than two dimensions: rows are flattened. Images are
 * bytes (u1), (n, height, width) or with channels. */
#include "datasets/formats/npy.h"

#include <math.h>
#include <string.h>

#include "datasets/table.h"
#include "harness/base/file.h"

#define COLUMNS_MAX 65536
#define FILES_MAX   4

static const char *const keys[] = { "as", "columns", "classes", "layout", NULL };

/* Files as they are mapped; odd ones hold y, unless there is only one. */
struct set {
	const struct source *src;
	struct npy file[FILES_MAX];
	size_t n_files, n_parts;
	size_t rows[2]; /* (n_parts) */
	size_t n;	/* their sum */
	size_t cols;	/* of X, flattened */
	bool image;
};

/* X of a part; the array of its target, and where in a row that is. */
static const struct npy *features(const struct set *s, size_t part)
{
	return &s->file[2 * part];
}

/* A single array holds its target as the last column; with two, y is an array
 * of its own, whose place in a row is 0 for (n) as for (n, 1). */
static const struct npy *target(const struct set *s, size_t part, size_t *place)
{
	*place = s->n_files > 1 ? 0 : npy_place(&s->file[0], s->cols);
	return &s->file[s->n_files > 1 ? 2 * part + 1 : 0];
}

/* ---------------------------------------------------------------- shapes */

/* By the file and not by an option: shapes are the file's own. */
static int bad_shape(const struct set *s, size_t file, struct error *err,
		     const char *what)
{
	return error_set(err, ERR_DATA, "%s: %s", s->src->paths[file], what);
}

/* y has a value for each row of X: (n) or (n, 1). */
static int check_target(struct set *s, size_t part, struct error *err)
{
	const struct npy *x = features(s, part), *y = &s->file[2 * part + 1];

	if (!y->dims || !y->count || npy_cols(y) != 1)
		return bad_shape(s, 2 * part + 1, err,
				 "the target must have the shape (n) or (n, 1)");
	if (y->size[0] != x->size[0])
		return error_set(err, ERR_DATA, "%s: %zu targets for %zu rows",
				 s->src->paths[2 * part + 1], y->size[0], x->size[0]);
	return 0;
}

/* Both parts have the same shape but for the number of rows. */
static int check_same(const struct set *s, struct error *err)
{
	const struct npy *a = features(s, 0), *b = features(s, 1);

	if (a->dims != b->dims ||
	    memcmp(a->size + 1, b->size + 1, (a->dims - 1) * sizeof(*a->size)))
		return bad_shape(s, 2, err, "the test rows have another shape than the "
					    "training rows");
	return 0;
}

/* Rows and columns are bounded before anything is allocated, for a header of
 * 128 bytes can promise any number; the bytes behind it were counted by
 * npy_parse. */
static int check_shapes(struct set *s, struct error *err)
{
	for (size_t k = 0; k < s->n_parts; k++) {
		const struct npy *x = features(s, k);

		if (!x->dims || !x->count)
			return bad_shape(s, 2 * k, err, "the array has no rows");
		s->rows[k] = x->size[0];
		s->n += s->rows[k];
		if (s->n_files > 1 && check_target(s, k, err))
			return err->code;
	}
	if (s->n_parts > 1 && check_same(s, err))
		return err->code;
	s->cols = npy_cols(features(s, 0));
	if (s->cols > COLUMNS_MAX)
		return error_set(err, ERR_DATA, "%s: %zu columns are more than %d",
				 s->src->paths[0], s->cols, COLUMNS_MAX);
	if (s->n > UINT32_MAX)
		return bad_shape(s, 0, err, "too many rows");
	if (s->n_files == 1 && (features(s, 0)->dims != 2 || s->cols < 2))
		return bad_shape(s, 0, err, "an array alone must have the shape (n, 2 or "
					    "more), the target last");
	s->cols -= s->n_files == 1;
	return 0;
}

/* ---------------------------------------------------------------- target */

/* Whole numbers that a float cannot hold would fall together as classes. */
static int check_exact(const struct set *s, const struct npy *y, double value, size_t row,
		       struct error *err)
{
	if (s->src->task != TASK_CLASSIFICATION || y->kind == 'f' || fabs(value) <= 1 << 24)
		return 0;
	return error_set(err, ERR_DATA, "%s: row %zu: the label %.0f is too large",
			 s->src->paths[s->n_files - 1], row + 1, value);
}

/* The targets of all parts as numbers. */
static int read_target(const struct set *s, float *out, struct error *err)
{
	for (size_t k = 0; k < s->n_parts; k++) {
		size_t place;
		const struct npy *y = target(s, k, &place);

		for (size_t i = 0; i < s->rows[k]; i++) {
			double value = npy_at(y, place + i * y->stride[0]);

			if (check_exact(s, y, value, i, err))
				return err->code;
			*out++ = (float)value;
		}
	}
	return 0;
}

/* Labels become a categorical column when the catalogue names them. */
static int name_classes(const struct set *s, struct column *c, const float *y,
			struct arena *a, struct error *err)
{
	const char *const *names = NULL;
	size_t n = 0;

	if (yaml_get_strings(a, s->src->options, "classes", &names, &n, err))
		return err->code;
	if (!names)
		return 0;
	for (size_t i = 0; i < s->n; i++)
		if (!(y[i] >= 0 && y[i] < (float)n) || floorf(y[i]) < y[i])
			return yaml_error(yaml_get(s->src->options, "classes"), err,
					  "%zu classes are named, but row %zu has the "
					  "label %g",
					  n, i + 1, (double)y[i]);
	c->is_cat = true;
	c->levels = n;
	c->level_names = names;
	return 0;
}

/* Column and cells of the target. */
static int make_target(const struct set *s, struct column *c, float **cell,
		       struct arena *a, struct error *err)
{
	*cell = ARENA_RAW(a, float, s->n);
	if (!*cell)
		return arena_error(a, err);
	return read_target(s, *cell, err) ? err->code : name_classes(s, c, *cell, a, err);
}

/* ---------------------------------------------------------------- table */

/* Given, or c1, c2 ...; the target's name must not be among them. */
static int name_columns(const struct set *s, const char *of_target,
			struct column *columns, struct arena *a, struct error *err)
{
	const struct yaml *at = yaml_get(s->src->options, "columns");
	const char *const *names = NULL;
	size_t n = 0;

	if (yaml_get_strings(a, s->src->options, "columns", &names, &n, err))
		return err->code;
	if (names && n != s->cols)
		return yaml_error(at, err, "%zu names for %zu columns", n, s->cols);
	for (size_t j = 0; j < s->cols; j++) {
		columns[j].name = names ? names[j] : arena_printf(a, "c%zu", j + 1);
		if (!columns[j].name)
			return arena_error(a, err);
		if (!strcmp(columns[j].name, of_target))
			return error_set(err, ERR_CONFIG,
					 "the target is called '%s' like a column",
					 of_target);
	}
	columns[s->cols].name = of_target;
	return 0;
}

/* Rows outside, columns inside: that is how the arrays mostly lie. */
static int read_cells(const struct set *s, float **cell, struct arena *a,
		      struct error *err)
{
	size_t *place = ARENA_RAW(a, size_t, s->cols), at = 0;

	if (!place)
		return arena_error(a, err);
	for (size_t k = 0; k < s->n_parts; k++) {
		const struct npy *x = features(s, k);

		for (size_t j = 0; j < s->cols; j++)
			place[j] = npy_place(x, j);
		for (size_t i = 0; i < s->rows[k]; i++, at++)
			for (size_t j = 0; j < s->cols; j++)
				cell[j][at] = (float)npy_at(x, place[j] +
								       i * x->stride[0]);
	}
	return 0;
}

/* The target stands behind the features, under a name that none of them may
 * have: table_to_items finds it by name. */
static int make_table(const struct set *s, struct arena *a, struct items *out,
		      struct error *err)
{
	struct source src = *s->src;
	struct table t = { .rows = s->n, .cols = s->cols + 1 };

	if (!src.target)
		src.target = "y";
	t.columns = ARENA_NEW(a, struct column, t.cols);
	t.cell = ARENA_NEW(a, float *, t.cols);
	if (!t.columns || !t.cell)
		return arena_error(a, err);
	for (size_t j = 0; j < s->cols; j++) {
		t.cell[j] = ARENA_RAW(a, float, s->n);
		if (!t.cell[j])
			return arena_error(a, err);
	}
	if (name_columns(s, src.target, t.columns, a, err) ||
	    read_cells(s, t.cell, a, err) ||
	    make_target(s, &t.columns[s->cols], &t.cell[s->cols], a, err))
		return err->code;
	return table_to_items(&t, &src, a, out, err);
}

/* ---------------------------------------------------------------- images */

/* Grey, colour, or colour with opacity; a picture 3 or 4 pixels wide is told
 * by the option layout. */
static bool is_channels(size_t n)
{
	return n == 1 || n == 3 || n == 4;
}

/* Are the channels the last dimension? Guessed when only one place can be. */
static int find_layout(const struct set *s, bool *last, struct error *err)
{
	const struct yaml *at = yaml_get(s->src->options, "layout");
	const struct npy *x = features(s, 0);
	const char *layout = NULL;

	if (yaml_get_string(s->src->options, "layout", &layout, err))
		return err->code;
	if (layout && strcmp(layout, "nhwc") && strcmp(layout, "nchw"))
		return yaml_error(at, err, "layout is nhwc or nchw");
	*last = layout ? layout[1] == 'h' : is_channels(x->size[3]);
	if (!layout && is_channels(x->size[1]) == is_channels(x->size[3]))
		return bad_shape(s, 0, err, "where the channels are cannot be told; set "
					    "the option layout to nhwc or nchw");
	return 0;
}

/* Only bytes are pixels here: floats come in [0, 1] or [0, 255] or
 * standardised, and nothing in the file says which. */
static int find_shape(const struct set *s, struct items *out, bool *last,
		      struct error *err)
{
	const struct npy *x = features(s, 0);

	for (size_t k = 0; k < s->n_parts; k++)
		if (features(s, k)->kind != 'u' || features(s, k)->width != 1)
			return bad_shape(s, 2 * k, err, "images need bytes (u1)");
	*last = false;
	if (s->n_files == 1 || (x->dims != 3 && x->dims != 4))
		return bad_shape(s, 0, err, "images need two arrays, of 3 or 4 "
					    "dimensions and of labels");
	if (x->dims == 4 && find_layout(s, last, err))
		return err->code;
	out->channels = x->dims == 3 ? 1 : x->size[*last ? 3 : 1];
	out->height = x->size[x->dims == 3 || *last ? 1 : 2];
	out->width = x->size[x->dims == 3 || *last ? 2 : 3];
	return 0;
}

/* Channels first, each a plane, whatever the file has. */
static int read_pixels(const struct set *s, bool last, uint8_t *pixels,
		       const struct items *shape, struct arena *a, struct error *err)
{
	size_t *place = ARENA_RAW(a, size_t, s->cols);
	size_t area = shape->height * shape->width;

	if (!place)
		return arena_error(a, err);
	for (size_t k = 0; k < s->n_parts; k++) {
		const struct npy *x = features(s, k);

		for (size_t j = 0; j < s->cols; j++)
			place[j] = npy_place(x, last ? j % area * shape->channels + j / area
						     : j);
		for (size_t i = 0; i < s->rows[k]; i++)
			for (size_t j = 0; j < s->cols; j++)
				*pixels++ = x->values[place[j] + i * x->stride[0]];
	}
	return 0;
}

/* Allocated before the shape is known to be a picture's: the size is that of
 * the file's own values either way, which are at least as many bytes. */
static int make_images(const struct set *s, struct arena *a, struct items *out,
		       struct error *err)
{
	struct column c = { .name = s->src->target ? s->src->target : "y" };
	uint8_t *pixels = ARENA_RAW(a, uint8_t, s->n * s->cols);
	float *y;
	bool last = false;

	*out = (struct items){ .modality = MODALITY_IMAGE,
			       .task = s->src->task,
			       .n = s->n };
	if (!pixels)
		return arena_error(a, err);
	if (find_shape(s, out, &last, err) ||
	    read_pixels(s, last, pixels, out, a, err) || make_target(s, &c, &y, a, err))
		return err->code;
	out->pixels = pixels;
	return table_target(&c, y, s->src->log_target, a, out, err);
}

/* ---------------------------------------------------------------- files */

/* By the number of rows alone: the training file is first, as the catalogue
 * lists them. */
static int mark_parts(const struct set *s, struct arena *a, struct items *out,
		      struct error *err)
{
	uint8_t *official;

	if (s->n_parts == 1)
		return 0;
	official = ARENA_RAW(a, uint8_t, s->n);
	if (!official)
		return arena_error(a, err);
	memset(official, OFFICIAL_TRAIN, s->rows[0]);
	memset(official + s->rows[0], OFFICIAL_TEST, s->rows[1]);
	out->official = official;
	return 0;
}

/* Once all is mapped; nothing of the items points into the files. */
static int make_items(struct set *s, struct arena *a, struct items *out,
		      struct error *err)
{
	if (check_shapes(s, err) || (s->image ? make_images(s, a, out, err)
					      : make_table(s, a, out, err)))
		return err->code;
	return mark_parts(s, a, out, err);
}

/* Three files would leave open which part has no target. */
static int get_options(struct set *s, struct error *err)
{
	const char *as = "table";

	if (yaml_get_string(s->src->options, "as", &as, err))
		return err->code;
	s->image = !strcmp(as, "image");
	if (!s->image && strcmp(as, "table"))
		return yaml_error(yaml_get(s->src->options, "as"), err,
				  "as is table or image");
	if (s->n_files != 1 && s->n_files != 2 && s->n_files != 4)
		return error_set(err, ERR_CONFIG,
				 "reader npy needs 1 file (the target as the last column), "
				 "2 (X, y) or 4 (train and test), not %zu",
				 s->n_files);
	return 0;
}

/* Maps are released in one place, as many as were made; error_wrap adds the
 * path because npy.c sees only bytes. */
static int read_npy(const struct source *src, struct arena *a, struct items *out,
		    struct error *err)
{
	struct set s = { .src = src, .n_files = src->n_paths };
	struct file_map map[FILES_MAX];
	size_t mapped = 0;
	int rc = get_options(&s, err);

	s.n_parts = s.n_files == 4 ? 2 : 1;
	for (; !rc && mapped < s.n_files; mapped += !rc)
		rc = file_map(&map[mapped], src->paths[mapped], err);
	for (size_t k = 0; !rc && k < s.n_files; k++) {
		rc = npy_parse(&s.file[k], map[k].data, map[k].size, err);
		if (rc)
			error_wrap(err, "%s", src->paths[k]);
	}
	if (!rc)
		rc = make_items(&s, a, out, err);
	for (size_t k = 0; k < mapped; k++)
		file_unmap(&map[k]);
	return rc;
}

const struct reader reader_npy = {
	.name = "npy",
	.summary = "NumPy arrays, X and y, as a table or as images",
	.version = 1,
	.options = keys,
	.read = read_npy,
};
