/* A task's encoded rows as NumPy files, for peers that are run from Python: the
 * very matrix that our learners are lent.
 *
 * usage: export_task NAME DIR [REPEAT [ROWS [VIEW]]]
 *
 * DIR (which must exist) gets {train,valid,test}_{x,y}.npy, x float32 (rows,
 * cols) with NaN for holes and codes for levels, y float32 or int32; and
 * task.json: name, task, classes, the levels of each column (0: numeric).
 * Data comes from $TRIARCH_CACHE or ~/.cache/triarch; nothing is fetched. */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/load.h"

/* Format 1.0: magic, length of the header, a Python literal padded to 64. */
static bool write_npy(const char *path, const char *type, const void *data,
		      size_t rows, size_t cols)
{
	char head[128], shape[64];
	FILE *f = fopen(path, "wb");
	size_t n = rows * (cols ? cols : 1);
	bool good;

	if (!f)
		return false;
	snprintf(shape, sizeof(shape), cols ? "(%zu, %zu)" : "(%zu,)", rows, cols);
	memset(head, ' ', sizeof(head));
	memcpy(head, "\x93NUMPY\x01\x00\x76\x00", 10);
	snprintf(head + 10, sizeof(head) - 10, "{'descr': '%s', "
		 "'fortran_order': False, 'shape': %s}", type, shape);
	head[10 + strlen(head + 10)] = ' '; /* not a string there */
	head[sizeof(head) - 1] = '\n';
	good = fwrite(head, 1, sizeof(head), f) == sizeof(head);
	good &= fwrite(data, 4, n, f) == n;
	return !fclose(f) && good;
}

static bool write_part(const char *dir, const char *name, const struct dataset *d,
		       const struct part *p)
{
	char path[PATH_MAX];
	bool number = d->task == TASK_REGRESSION;
	bool good;

	snprintf(path, sizeof(path), "%s/%s_x.npy", dir, name);
	good = write_npy(path, "<f4", p->x, p->rows, d->cols);
	snprintf(path, sizeof(path), "%s/%s_y.npy", dir, name);
	return good && write_npy(path, number ? "<f4" : "<i4",
				 number ? (const void *)p->target : p->label,
				 p->rows, 0);
}

static bool write_json(const char *dir, const struct loaded *l)
{
	const struct dataset *d = &l->data;
	json_t *levels = json_array(), *o;
	char path[PATH_MAX];
	bool good;

	for (size_t j = 0; j < d->cols; j++) {
		bool cat = d->columns && d->columns[j].is_cat;

		json_array_append_new(levels, json_integer(
			cat ? (json_int_t)d->columns[j].levels : 0));
	}
	o = json_pack("{s:s, s:s, s:I, s:o, s:s}", "name", d->name, "task",
		      task_name(d->task), "classes", (json_int_t)d->classes,
		      "levels", levels, "digest", l->digest);
	snprintf(path, sizeof(path), "%s/task.json", dir);
	good = o && !json_dump_file(o, path, JSON_INDENT(1));
	json_decref(o);
	return good;
}

static int load(int argc, char **argv, struct arena *a, struct loaded *l,
		struct error *err)
{
	const char *cache = getenv("TRIARCH_CACHE"), *home = getenv("HOME");
	struct fetch fetch = { .offline = true };
	struct load_request req = {
		.repeat = argc > 3 ? (unsigned)atoi(argv[3]) : 0,
		.n = argc > 4 ? (size_t)atol(argv[4]) : 0,
		.view = VIEW_TABLE, .threads = 1,
	};
	struct catalog c;

	fetch.cache = cache ? cache : arena_printf(a, "%s/.cache/triarch",
						   home ? home : ".");
	if (!fetch.cache)
		return arena_error(a, err);
	if (argc > 5 && !view_from_name(argv[5], &req.view))
		return error_set(err, ERR_USAGE, "no view '%s'", argv[5]);
	if (catalog_read(&c, a, "datasets/catalog.yaml", err) ||
	    catalog_get(&c, argv[1], &req.entry, err))
		return (int)err->code;
	return load_dataset(&fetch, &req, a, l, err);
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	struct loaded l;
	struct arena a;
	bool good;

	if (argc < 3) {
		fputs("usage: export_task NAME DIR [REPEAT [ROWS [VIEW]]]\n", stderr);
		return 2;
	}
	arena_init(&a, 0);
	if (load(argc, argv, &a, &l, &err)) {
		fprintf(stderr, "export_task: %s\n", err.text);
		arena_clear(&a);
		return 3;
	}
	good = l.data.train.x && write_part(argv[2], "train", &l.data, &l.data.train) &&
	       write_part(argv[2], "valid", &l.data, &l.data.valid) &&
	       write_part(argv[2], "test", &l.data, &l.data.test) &&
	       write_json(argv[2], &l);
	if (!good)
		fprintf(stderr, "export_task: cannot write to %s\n", argv[2]);
	load_close(&l);
	arena_clear(&a);
	return good ? 0 : 1;
}
