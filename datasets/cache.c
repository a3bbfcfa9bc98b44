/* The walk over a structure is written once (pack.h) and serves to measure, to
 * write and to read it; a new field of struct items or struct dataset is one
 * more line here, and CACHE_VERSION goes up.
 *
 * Arrays are not covered by the checksum: hashing 50 MB takes longer than a
 * small learner's fit, and file_replace never leaves a half-written file in
 * place. What is checked on every opening is that the file has the promised
 * length and that nothing which decides where arrays lie was changed. */
#include "datasets/cache.h"

#include <string.h>

#include "datasets/pack.h"
#include "harness/base/hash.h"

#define CACHE_VERSION 2 /* raise when the layout below changes */

enum kind { KIND_ITEMS = 1, KIND_DATASET = 2 };

/* Written as it lies in memory: the file never leaves this machine. */
struct header {
	char magic[8];
	uint32_t version, kind;
	uint64_t value_end, size;
	char checksum[HASH_HEX]; /* of the fields above and the small values */
};

static const char magic[8] = { 'T', 'r', 'i', 'a', 'r', 'c', 'h', '\n' };

/* ------------------------------------------------- what a file contains */

#define VALUE(p, field) pack_value((p), &(field), sizeof(field))
#define ARRAY(p, field, count) \
	pack_array((p), (const void **)&(field), (count), sizeof(*(field)))

/* Reading: a fresh array of columns; otherwise the one that is there. */
static struct column *columns_of(struct pack *p, const struct column *columns,
				 size_t n)
{
	struct column *list;

	if (p->mode != PACK_READ)
		return (struct column *)(size_t)columns;
	list = ARENA_NEW(p->a, struct column, n);
	p->out_of_memory |= !list;
	return list;
}

static void walk_columns(struct pack *p, const struct column **columns, size_t n)
{
	uint8_t there = p->mode != PACK_READ && *columns != NULL;
	struct column *list;

	VALUE(p, there);
	list = there ? columns_of(p, *columns, n) : NULL;
	for (size_t j = 0; list && j < n; j++) {
		pack_string(p, &list[j].name);
		VALUE(p, list[j].is_cat);
		VALUE(p, list[j].levels);
		pack_strings(p, &list[j].level_names, list[j].levels);
	}
	*columns = list;
}

/* A column each, so that an encoder can walk down one of them. */
static void walk_cells(struct pack *p, struct items *it)
{
	const float **cell = (const float **)(size_t)it->cell;

	if (!it->cols)
		return;
	if (p->mode == PACK_READ) {
		cell = ARENA_NEW(p->a, const float *, it->cols);
		p->out_of_memory |= !cell;
	}
	for (size_t j = 0; cell && j < it->cols; j++)
		ARRAY(p, cell[j], it->n);
	it->cell = cell;
}

/* Counts before the arrays that have them: reading needs them in this order. */
static void walk_items(struct pack *p, struct items *it)
{
	size_t wave = 0;

	VALUE(p, it->modality);
	VALUE(p, it->task);
	VALUE(p, it->n);
	VALUE(p, it->cols);
	VALUE(p, it->channels);
	VALUE(p, it->height);
	VALUE(p, it->width);
	VALUE(p, it->rate);
	VALUE(p, it->classes);
	walk_columns(p, &it->columns, it->cols);
	walk_cells(p, it);
	ARRAY(p, it->pixels, it->n * it->channels * it->height * it->width);
	/* the length of all waves is the last start: it must be read first */
	ARRAY(p, it->wave_start, it->n + 1);
	if (it->wave_start)
		wave = it->wave_start[it->n];
	ARRAY(p, it->wave, wave);
	pack_strings(p, &it->text, it->n);
	pack_strings(p, &it->class_names, it->classes);
	ARRAY(p, it->label, it->n);
	ARRAY(p, it->target, it->n);
	ARRAY(p, it->official, it->n);
	ARRAY(p, it->group, it->n);
	ARRAY(p, it->fold, it->n);
	ARRAY(p, it->time, it->n);
}

/* One part. Which arrays there are depends on the view; the others are NULL
 * and cost 16 bytes. */
static void walk_part(struct pack *p, const struct dataset *d, struct part *t)
{
	size_t entries = 0;

	VALUE(p, t->rows);
	ARRAY(p, t->x, t->rows * d->cols);
	ARRAY(p, t->row_start, t->rows + 1);
	if (t->row_start)
		entries = t->row_start[t->rows];
	ARRAY(p, t->index, entries);
	ARRAY(p, t->value, entries);
	ARRAY(p, t->label, t->rows);
	ARRAY(p, t->target, t->rows);
	ARRAY(p, t->weight, t->rows);
	ARRAY(p, t->group, t->rows);
	ARRAY(p, t->item, t->rows);
}

/* The name is left out: two entries with the same content share a file. */
static void walk_dataset(struct pack *p, struct dataset *d)
{
	VALUE(p, d->modality);
	VALUE(p, d->task);
	VALUE(p, d->view);
	VALUE(p, d->classes);
	VALUE(p, d->cols);
	VALUE(p, d->channels);
	VALUE(p, d->height);
	VALUE(p, d->width);
	VALUE(p, d->vocab);
	walk_columns(p, &d->columns, d->cols);
	walk_part(p, d, &d->train);
	walk_part(p, d, &d->valid);
	walk_part(p, d, &d->test);
}

static void walk(struct pack *p, enum kind kind, void *what)
{
	if (kind == KIND_ITEMS)
		walk_items(p, what);
	else
		walk_dataset(p, what);
}

/* ------------------------------------------------------ the file around it */

/* Of the header's own fields and the small values behind it. */
static void checksum(const uint8_t *file, size_t value_end, char hex[HASH_HEX])
{
	char parts[2][HASH_HEX];

	hash_bytes(file, offsetof(struct header, checksum), parts[0]);
	hash_bytes(file + sizeof(struct header),
		   value_end - sizeof(struct header), parts[1]);
	hash_bytes(parts, sizeof(parts), hex);
}

/* The finished bytes of the file, in the arena; NULL when out of memory. */
static uint8_t *make_file(enum kind kind, void *what, struct arena *a,
			  size_t *size)
{
	struct pack p = { .mode = PACK_MEASURE,
			  .value_at = sizeof(struct header) };
	struct header h = { .version = CACHE_VERSION, .kind = kind };

	walk(&p, kind, what);
	memcpy(h.magic, magic, sizeof(magic));
	h.value_end = p.value_at;
	h.size = pack_align(p.value_at) + p.array_at;
	p = (struct pack){ .mode = PACK_WRITE, .size = h.size,
			   .value_at = sizeof(h),
			   .array_at = pack_align(p.value_at) };
	/* zeroed, so that the gaps between arrays are the same in every file */
	p.out = arena_alloc(a, h.size, 1);
	if (!p.out)
		return NULL;
	walk(&p, kind, what);
	/* the checksum covers the header's own fields: they go first */
	memcpy(p.out, &h, sizeof(h));
	checksum(p.out, h.value_end, h.checksum);
	memcpy(p.out, &h, sizeof(h));
	*size = h.size;
	return p.out;
}

/* The bytes are put together in memory and published in one step; the scratch
 * copy is given back before the caller maps the file. */
static int save(const char *path, enum kind kind, void *what, struct error *err)
{
	struct arena scratch;
	uint8_t *file;
	size_t size = 0;
	int rc;

	arena_init(&scratch, 0);
	file = make_file(kind, what, &scratch, &size);
	rc = file ? file_replace(path, file, size, err) :
		    arena_error(&scratch, err);
	arena_clear(&scratch);
	return rc;
}

/* Is the file whole and ours? */
static bool header_is_good(const struct file_map *m, enum kind kind,
			   struct header *h)
{
	char hex[HASH_HEX];

	if (m->size < sizeof(*h))
		return false;
	memcpy(h, m->data, sizeof(*h));
	if (memcmp(h->magic, magic, sizeof(magic)) ||
	    h->version != CACHE_VERSION || h->kind != kind ||
	    h->size != m->size || h->value_end < sizeof(*h) ||
	    h->value_end > m->size)
		return false;
	checksum(m->data, h->value_end, hex);
	return !memcmp(hex, h->checksum, sizeof(hex));
}

/* Map, check, walk. On failure nothing stays mapped. */
static int open_file(const char *path, enum kind kind, struct arena *a,
		     void *what, struct file_map *m, struct error *err)
{
	struct header h;
	struct pack p;
	int rc = file_map(m, path, err);

	if (rc)
		return rc;
	p = (struct pack){ .mode = PACK_READ, .a = a, .in = m->data,
			   .size = m->size, .value_at = sizeof(h) };
	p.is_broken = !header_is_good(m, kind, &h);
	if (!p.is_broken) {
		p.value_end = h.value_end;
		walk(&p, kind, what);
	}
	if (!p.is_broken && !p.out_of_memory)
		return 0;
	file_unmap(m);
	if (p.out_of_memory)
		return arena_error(a, err);
	/* no cure is named: whoever reads a cache makes such a file again */
	return error_set(err, ERR_DATA, "the cache file '%s' is not whole or "
			 "comes from another version", path);
}

int cache_save_items(const char *path, const struct items *items,
		     struct error *err)
{
	struct items copy = *items; /* a walk takes a structure it may fill */

	return save(path, KIND_ITEMS, &copy, err);
}

int cache_save_dataset(const char *path, const struct dataset *data,
		       struct error *err)
{
	struct dataset copy = *data;

	return save(path, KIND_DATASET, &copy, err);
}

int cache_open_items(const char *path, struct arena *a, struct items *items,
		     struct file_map *m, struct error *err)
{
	*items = (struct items){ 0 };
	return open_file(path, KIND_ITEMS, a, items, m, err);
}

int cache_open_dataset(const char *path, struct arena *a, struct dataset *data,
		       struct file_map *m, struct error *err)
{
	*data = (struct dataset){ 0 };
	return open_file(path, KIND_DATASET, a, data, m, err);
}
