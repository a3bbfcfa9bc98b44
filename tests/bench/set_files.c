#include "tests/bench/set_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasets/formats/npy.h"
#include "harness/base/json.h"

static const char *const part_names[2] = { "train", "test" };

/* ---------------------------------------------------------------- reading */

/* An array of float32 in C order with `cols` columns: what a learner is lent as
 * it lies in the file, hence no other layout. */
static int open_array(struct npy *x, struct file_map *m, const char *path, size_t cols,
		      struct error *err)
{
	if (file_map(m, path, err))
		return err->code;
	if (npy_parse(x, m->data, m->size, err))
		return error_wrap(err, "%s", path);
	if (x->kind != 'f' || x->width != 4 || x->big || npy_cols(x) != cols ||
	    (cols > 1 && x->stride[0] != cols) || (size_t)(x->values - m->data) % 4)
		return error_set(err, ERR_DATA, "%s: not (rows, %zu) float32 in C order",
				 path, cols);
	return 0;
}

/* The targets are few: copied, as labels where there are classes. */
static int read_target(struct part *p, const struct dataset *d, const char *path,
		       struct arena *a, struct error *err)
{
	struct file_map m = { 0 };
	int32_t *label = ARENA_RAW(a, int32_t, p->rows);
	float *target = ARENA_RAW(a, float, p->rows);
	struct npy y;

	if (!label || !target)
		return arena_error(a, err);
	if (open_array(&y, &m, path, 1, err) == 0 && y.size[0] != p->rows)
		error_set(err, ERR_DATA, "%s: %zu values for %zu rows", path, y.size[0], p->rows);
	for (size_t i = 0; !err->code && i < p->rows; i++) {
		double v = npy_at(&y, i * y.stride[0]);

		target[i] = (float)v;
		label[i] = d->classes ? (int32_t)v : 0;
		if (d->classes && !(v >= 0 && v < (double)d->classes))
			error_set(err, ERR_DATA, "%s: value %zu is no label", path, i + 1);
	}
	file_unmap(&m);
	p->label = d->classes ? label : NULL;
	p->target = d->classes ? NULL : target;
	return err->code;
}

static void touch(const struct file_map *m)
{
	volatile unsigned char sum = 0;

	for (size_t i = 0; i < m->size; i += 4096)
		sum = (unsigned char)(sum + m->data[i]);
}

/* Words without the zeros behind them, as a tokens view has them. */
static int read_words(struct part *p, size_t width, struct arena *a, struct error *err)
{
	uint64_t *start = ARENA_RAW(a, uint64_t, p->rows + 1);
	uint32_t *word = ARENA_RAW(a, uint32_t, p->rows * width + 1);
	size_t n = 0;

	if (!start || !word)
		return arena_error(a, err);
	for (size_t i = 0; i < p->rows; i++) {
		const float *x = p->x + i * width;
		size_t length = width;

		while (length && x[length - 1] == 0)
			length--;
		start[i] = n;
		for (size_t k = 0; k < length; k++)
			word[n++] = (uint32_t)x[k];
	}
	start[p->rows] = n;
	p->row_start = start;
	p->index = word;
	p->x = NULL;
	return 0;
}

static int read_part(struct set_files *s, int which, const char *folder, struct arena *a,
		     struct error *err)
{
	struct part *p = which ? &s->data.test : &s->data.train;
	char *x_path = arena_printf(a, "%s/x_%s.npy", folder, part_names[which]);
	char *y_path = arena_printf(a, "%s/y_%s.npy", folder, part_names[which]);
	struct npy x;

	if (!x_path || !y_path)
		return arena_error(a, err);
	if (open_array(&x, &s->map[which], x_path, s->data.cols, err))
		return err->code;
	touch(&s->map[which]);
	p->rows = x.size[0];
	p->x = (const float *)(const void *)x.values;
	if (s->data.view == VIEW_TOKENS && read_words(p, s->data.cols, a, err))
		return err->code;
	return read_target(p, &s->data, y_path, a, err);
}

static int read_columns(struct dataset *d, const json_t *levels, struct arena *a,
			struct error *err)
{
	struct column *c;

	d->cols = json_array_size(levels);
	c = ARENA_NEW(a, struct column, d->cols);
	if (!c)
		return arena_error(a, err);
	for (size_t j = 0; j < d->cols; j++) {
		c[j].levels = (size_t)json_integer_value(json_array_get(levels, j));
		c[j].is_cat = c[j].levels > 0;
		c[j].name = arena_printf(a, "c%zu", j + 1);
		if (!c[j].name)
			return arena_error(a, err);
	}
	d->columns = d->view == VIEW_TABLE ? c : NULL;
	return 0;
}

/* What else than columns a view has. */
static int read_view(struct dataset *d, const json_t *about, struct error *err)
{
	const char *name = json_get_string(about, "view", "table");
	const json_t *shape = json_object_get(about, "shape");

	if (!view_from_name(name, &d->view) || d->view == VIEW_SPARSE)
		return error_set(err, ERR_DATA, "a set of the view '%s'", name);
	d->vocab = (size_t)json_get_int(about, "vocab", 0);
	if (d->view != VIEW_GRID)
		return 0;
	d->channels = (size_t)json_integer_value(json_array_get(shape, 0));
	d->height = (size_t)json_integer_value(json_array_get(shape, 1));
	d->width = (size_t)json_integer_value(json_array_get(shape, 2));
	if (d->channels * d->height * d->width != d->cols)
		return error_set(err, ERR_DATA, "a shape of another number of columns");
	return 0;
}

static int read_about(struct set_files *s, const char *folder, struct arena *a,
		      struct error *err)
{
	char *path = arena_printf(a, "%s/set.json", folder);
	struct dataset *d = &s->data;
	json_t *about;
	int rc;

	if (!path)
		return arena_error(a, err);
	about = json_read(path, err);
	if (!about)
		return err->code;
	s->seed = json_get_int(about, "seed", 0);
	s->rounds = json_get_int(about, "rounds", 100);
	d->classes = (size_t)json_get_int(about, "classes", 0);
	d->task = d->classes ? TASK_CLASSIFICATION : TASK_REGRESSION;
	d->cols = json_array_size(json_object_get(about, "levels"));
	if (read_view(d, about, err)) {
		json_decref(about);
		return error_wrap(err, "%s", path);
	}
	d->name = arena_strdup(a, json_get_string(about, "name", "?"));
	rc = d->name ? read_columns(d, json_object_get(about, "levels"), a, err) :
		       arena_error(a, err);
	json_decref(about);
	return rc;
}

int set_files_open(struct set_files *s, const char *folder, struct arena *a, struct error *err)
{
	*s = (struct set_files){ 0 };
	if (read_about(s, folder, a, err) || read_part(s, 0, folder, a, err))
		return err->code;
	return read_part(s, 1, folder, a, err);
}

void set_files_close(struct set_files *s)
{
	for (int k = 0; k < 2; k++)
		if (s->map[k].data)
			file_unmap(&s->map[k]);
}

/* ---------------------------------------------------------------- writing */

/* An array's header, format 1.0: filled with spaces to a multiple of 64 bytes,
 * so that values are aligned in a mapped file. */
static void write_header(FILE *f, size_t rows, size_t cols)
{
	char text[128 - 10], shape[64];

	snprintf(shape, sizeof(shape), cols ? "(%zu, %zu)" : "(%zu,)", rows, cols);
	memset(text, ' ', sizeof(text));
	text[snprintf(text, sizeof(text), "{'descr': '<f4', 'fortran_order': False, "
		      "'shape': %s, }", shape)] = ' ';
	text[sizeof(text) - 1] = '\n';
	fwrite("\x93NUMPY\1\0\x76\0", 1, 10, f);
	fwrite(text, 1, sizeof(text), f);
}

/* A document as a row: its first words, then zeros. */
static void write_words(FILE *f, const struct part *p)
{
	for (size_t i = 0; i < p->rows; i++)
		for (size_t k = 0; k < SET_WORDS; k++) {
			uint64_t at = p->row_start[i] + k;
			float id = at < p->row_start[i + 1] ? (float)p->index[at] : 0;

			fwrite(&id, sizeof(id), 1, f);
		}
}

static void write_x(FILE *f, const struct part *const *parts, size_t cols)
{
	write_header(f, parts[0]->rows + parts[1]->rows, cols);
	for (int k = 0; k < 2; k++)
		if (parts[k]->index)
			write_words(f, parts[k]);
		else if (parts[k]->rows)
			fwrite(parts[k]->x, sizeof(float) * cols, parts[k]->rows, f);
}

static void write_y(FILE *f, const struct part *const *parts)
{
	write_header(f, parts[0]->rows + parts[1]->rows, 0);
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < parts[k]->rows; i++) {
			float y = parts[k]->label ? (float)parts[k]->label[i] :
						    parts[k]->target[i];

			fwrite(&y, sizeof(y), 1, f);
		}
}

/* One array of two parts, one behind the other; cols 0 is the target. */
static int write_array(const char *folder, const char *name, const struct part *const *parts,
		       size_t cols, struct arena *a, struct error *err)
{
	char *path = arena_printf(a, "%s/%s.npy", folder, name);
	FILE *f;
	bool bad;

	if (!path)
		return arena_error(a, err);
	f = fopen(path, "wb");
	if (!f)
		return error_set(err, ERR_IO, "cannot write '%s': %s", path, strerror(errno));
	if (cols)
		write_x(f, parts, cols);
	else
		write_y(f, parts);
	bad = ferror(f);
	if (fclose(f) || bad)
		return error_set(err, ERR_IO, "writing '%s': %s", path, strerror(errno));
	return 0;
}

static size_t set_cols(const struct dataset *d)
{
	return d->view == VIEW_TOKENS ? SET_WORDS : d->cols;
}

static int write_about(const struct set_files *s, const char *folder, struct arena *a,
		       struct error *err)
{
	const struct dataset *d = &s->data;
	char *path = arena_printf(a, "%s/set.json", folder);
	json_t *levels = json_array(), *about;
	int rc;

	for (size_t j = 0; j < set_cols(d); j++)
		json_array_append_new(levels, json_integer(
			d->columns && d->columns[j].is_cat ?
				(json_int_t)d->columns[j].levels : 0));
	about = json_pack("{s:s, s:[I,I,I], s:I, s:s, s:I, s:I, s:I, s:I, s:s, s:o}",
			  "view", view_name(d->view), "shape", (json_int_t)d->channels,
			  (json_int_t)d->height, (json_int_t)d->width,
			  "vocab", (json_int_t)d->vocab, "name", d->name, "seed",
			  s->seed, "classes", (json_int_t)d->classes, "rounds", s->rounds,
			  "valid", (json_int_t)d->valid.rows, "digest",
			  s->digest ? s->digest : "", "levels", levels);
	rc = !path || !about ? arena_error(a, err) : 0;
	if (!rc && json_dump_file(about, path, 0))
		rc = error_set(err, ERR_IO, "cannot write '%s'", path);
	json_decref(about);
	return rc;
}

int set_files_write(const struct set_files *s, const char *folder, struct arena *a,
		    struct error *err)
{
	const struct part none = { 0 };
	const struct part *train[2] = { &s->data.train, &s->data.valid };
	const struct part *test[2] = { &s->data.test, &none };
	size_t cols = set_cols(&s->data);

	if (s->data.view == VIEW_SPARSE)
		return error_set(err, ERR_UNSUPPORTED, "sparse rows have no such files");
	if (file_make_dirs(folder, err) || write_about(s, folder, a, err) ||
	    write_array(folder, "x_train", train, cols, a, err) ||
	    write_array(folder, "y_train", train, 0, a, err) ||
	    write_array(folder, "x_test", test, cols, a, err))
		return err->code;
	return write_array(folder, "y_test", test, 0, a, err);
}
