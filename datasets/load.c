/* CACHE/items/DIGEST holds what a reader made of the files, CACHE/views/DIGEST
 * what an encoder made of the items for one split. A digest names everything
 * that decides about the content: files, reader, options, target and drops;
 * then the split's rule, size and repeat, the view and the versions of the
 * code. So nothing in the cache can be stale: what changes gets another name.
 *
 * A load maps the view. When it is missing or broken it is made under the data
 * set's lock, written, and then mapped as well, so that the first cell and all
 * later ones run on the very same bytes, and scratch memory is given back
 * before a learner starts. */
#include "datasets/load.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "datasets/cache.h"

/* Raise when split_make gives other rows for the same rule. */
#define SPLIT_VERSION 1

/* ------------------------------------------------------ names of contents */

/* hex = SHA-256 of (hex, piece): a chain needs no memory of its own. */
static void chain(char hex[HASH_HEX], const char *piece)
{
	char pair[2][HASH_HEX];

	memcpy(pair[0], hex, HASH_HEX);
	hash_bytes(piece, strlen(piece), pair[1]);
	hash_bytes(pair, sizeof(pair), hex);
}

__attribute__((format(printf, 2, 3))) static void
chain_printf(char hex[HASH_HEX], const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	chain(hex, text);
}

/* A tree of options, by content and not by layout. */
static void chain_yaml(char hex[HASH_HEX], const struct yaml *y)
{
	if (!y) {
		chain(hex, "none");
		return;
	}
	chain_printf(hex, "%d %zu", (int)y->kind, y->n);
	if (y->kind == YAML_SCALAR)
		chain(hex, y->text);
	for (size_t k = 0; k < y->n; k++) {
		if (y->kind == YAML_MAP)
			chain_yaml(hex, y->keys[k]);
		chain_yaml(hex, y->items[k]);
	}
}

/* Names what the reader will make of the entry's files. The entry's own name,
 * title and notes are left out: rewording them costs nobody a re-read. */
static void items_digest(const struct entry *e, char hex[HASH_HEX])
{
	hash_bytes("items", 5, hex);
	/* contents, not paths: a file that only moved is the same file */
	for (size_t k = 0; k < e->n_origins; k++)
		chain(hex, e->origins[k].sha256);
	chain_printf(hex, "%s %d", e->reader->name, e->reader->version);
	chain_yaml(hex, e->options);
	chain(hex, e->target ? e->target : "");
	chain_printf(hex, "%d %d %d", (int)e->modality, (int)e->task,
		     e->log_target);
	for (size_t k = 0; k < e->n_drops; k++)
		chain(hex, e->drops[k].column);
	if (e->group || e->time || e->fold)
		chain_printf(hex, "%s/%s/%s", e->group ? e->group : "",
			     e->time ? e->time : "", e->fold ? e->fold : "");
	for (size_t k = 0; k < e->n_categorical; k++)
		chain(hex, e->categorical[k]);
}

/* Everything that decides about the rows and nothing that decides about how
 * many of them are used: results of one digest may be put side by side. */
void load_digest(const struct entry *e, enum view view, char hex[HASH_HEX])
{
	const struct encoder *enc = encoder_find(view, e->modality);
	const struct encoder *dense = encoder_find(VIEW_DENSE, e->modality);
	const struct split_rule *rule = &e->split;

	items_digest(e, hex);
	chain_printf(hex, "split %d %d %.17g %.17g %zu", SPLIT_VERSION,
		     (int)rule->kind, rule->test, rule->valid, rule->max_test);
	/* the table view of images, sound and text is made by the dense one */
	chain_printf(hex, "view %s %d %d", view_name(view),
		     enc ? enc->version : 0,
		     view == VIEW_TABLE && dense ? dense->version : 0);
}

/* --------------------------------------------------------------- one load */

struct loader {
	const struct fetch *fetch;
	const struct load_request *req;
	struct arena *a; /* the caller's: lives as long as the result */
	char items_path[PATH_MAX], view_path[PATH_MAX];
};

/* The two file names. The split's size, repeat and order are left out of
 * load_digest, which names a task's data whatever rows of it are used; they
 * come in here. */
static int loader_init(struct loader *l, const char *view_digest,
		       struct error *err)
{
	const struct load_request *req = l->req;
	char items[HASH_HEX], view[HASH_HEX];
	int n;

	items_digest(req->entry, items);
	memcpy(view, view_digest, HASH_HEX);
	chain_printf(view, "%zu %u %d", req->n, req->repeat, req->first);
	for (size_t k = 0; k < req->chain.n; k++)
		chain_printf(view, "%s %d %.17g", req->chain.steps[k].transform->name,
			     req->chain.steps[k].transform->version,
			     req->chain.steps[k].severity);
	if (req->chain.n && req->ranking)
		chain_printf(view, "ranking %d", req->ranking->version);
	n = snprintf(l->items_path, PATH_MAX, "%s/items/%s", l->fetch->cache,
		     items);
	if (n < PATH_MAX)
		n = snprintf(l->view_path, PATH_MAX, "%s/views/%s",
			     l->fetch->cache, view);
	if (n >= PATH_MAX)
		return error_set(err, ERR_IO, "path too long: '%.60s...'",
				 l->fetch->cache);
	return 0;
}

/* Hand the reader its files and what the catalogue says about them. */
static int run_reader(const struct loader *l, struct arena *a,
		      struct items *items, struct error *err)
{
	const struct entry *e = l->req->entry;
	const char **drop = ARENA_NEW(a, const char *, e->n_drops);
	struct source src = {
		.name = e->name,
		.n_paths = e->n_origins,
		.options = e->options,
		.target = e->target,
		.drop = drop,
		.n_drop = e->n_drops,
		.group = e->group,
		.time = e->time,
		.fold = e->fold,
		.categorical = e->categorical,
		.n_categorical = e->n_categorical,
		.task = e->task,
		.log_target = e->log_target,
		.threads = l->req->threads,
	};
	int rc;

	if (!drop)
		return arena_error(a, err);
	for (size_t k = 0; k < e->n_drops; k++)
		drop[k] = e->drops[k].column;
	rc = fetch_paths(l->fetch, e, a, &src.paths, err);
	return rc ? rc : e->reader->read(&src, a, items, err);
}

/* Holes of a table; other modalities have none. */
static size_t count_missing(const struct items *items)
{
	size_t n = 0;

	for (size_t j = 0; j < items->cols; j++)
		for (size_t i = 0; i < items->n; i++)
			n += isnan(items->cell[j][i]) != 0;
	return n;
}

/* SIZE_MAX: the catalogue is silent. */
static int check_count(const char *what, size_t got, size_t want,
		       struct error *err)
{
	if (want == SIZE_MAX || got == want)
		return 0;
	return error_set(err, ERR_DATA, "the reader gave %zu %s, the catalogue "
			 "says %zu", got, what, want);
}

/* What came out of the reader against the catalogue. A reader that was
 * improved and now reads other rows is caught here, not in a leaderboard. */
static int check_items(const struct entry *e, const struct items *items,
		       struct error *err)
{
	const struct expected *x = &e->expect;
	size_t columns = items->modality == MODALITY_IMAGE ?
		items->channels * items->height * items->width : items->cols;
	int rc;

	if (items->modality != e->modality || items->task != e->task)
		return error_set(err, ERR_DATA, "reader %s gave %s data for %s",
				 e->reader->name, modality_name(items->modality),
				 task_name(items->task));
	rc = check_count("rows", items->n, x->rows, err);
	if (!rc)
		rc = check_count("columns", columns, x->columns, err);
	if (!rc)
		rc = check_count("classes", items->classes, x->classes, err);
	if (!rc)
		rc = check_count("missing cells", count_missing(items),
				 x->missing, err);
	return rc;
}

/* Read the files and leave the items in the cache. This is the one moment
 * when digests are checked again: later loads do not look at the files. */
static int make_items(const struct loader *l, struct error *err)
{
	const struct entry *e = l->req->entry;
	struct items items;
	struct arena a;
	int rc = fetch_verify(l->fetch, e, err);

	if (rc)
		return rc;
	arena_init(&a, 0);
	rc = run_reader(l, &a, &items, err);
	if (!rc)
		rc = check_items(e, &items, err);
	if (!rc)
		rc = cache_save_items(l->items_path, &items, err);
	arena_clear(&a);
	return rc;
}

/* Nothing is checked against the catalogue's counts: what is wrong is what is
 * looked for. */
int load_raw(const struct fetch *f, const struct entry *e, int threads, struct arena *a,
	     struct items *items, struct split *split, struct error *err)
{
	const struct load_request req = { .entry = e, .threads = threads };
	const struct loader l = { .fetch = f, .req = &req, .a = a };
	int rc = run_reader(&l, a, items, err);

	return rc ? rc : split_make(items, &e->split, 0, 0, false, a, split, err);
}

/* Map the items, making them when they are not there or broken. */
static int get_items(const struct loader *l, struct arena *a,
		     struct items *items, struct file_map *m, struct error *err)
{
	int rc = ERR_IO;

	if (file_exists(l->items_path))
		rc = cache_open_items(l->items_path, a, items, m, err);
	if (rc != ERR_IO && rc != ERR_DATA)
		return rc;
	rc = make_items(l, err);
	return rc ? rc : cache_open_items(l->items_path, a, items, m, err);
}

/* Split and encode; both live in `a` until the view is written. Items are
 * mapped, so an encoder that reads a few thousand of 80,000 rows touches only
 * their pages. */
static int encode_view(const struct loader *l, const struct items *items,
		       struct arena *a, struct error *err)
{
	const struct load_request *req = l->req;
	const struct encoder *enc = encoder_find(req->view, items->modality);
	const struct transform_means with = { req->repeat, req->ranking, req->view,
					      req->threads, a };
	struct items changed = *items;
	struct dataset data;
	struct split split;
	int rc;

	if (!enc)
		return error_set(err, ERR_UNSUPPORTED, "%s data has no view "
				 "'%s'", modality_name(items->modality),
				 view_name(req->view));
	rc = split_make(items, &req->entry->split, req->n, req->repeat,
			req->first, a, &split, err);
	if (!rc)
		rc = transform_rows(&req->chain, &with, items, &split, err);
	if (!rc)
		rc = transform_items(&req->chain, &with, &split, &changed, err);
	if (!rc)
		rc = enc->encode(&changed, &split, req->threads, a, &data, err);
	if (!rc)
		rc = transform_view(&req->chain, &with, &split, &data, err);
	return rc ? rc : cache_save_dataset(l->view_path, &data, err);
}

/* Split, encode and leave the view in the cache. */
static int make_view(const struct loader *l, struct error *err)
{
	struct file_map m;
	struct items items;
	struct arena a;
	int rc;

	arena_init(&a, 0);
	rc = get_items(l, &a, &items, &m, err);
	if (!rc) {
		rc = encode_view(l, &items, &a, err);
		file_unmap(&m);
	}
	arena_clear(&a);
	return rc;
}

/* Map the finished view for the caller. */
static int open_view(const struct loader *l, struct loaded *out,
		     struct error *err)
{
	struct file_map m;
	int rc = cache_open_dataset(l->view_path, l->a, &out->data, &m, err);

	if (rc)
		return rc;
	out->map = (void *)(size_t)m.data;
	out->map_size = m.size;
	out->data.name = l->req->entry->name;
	return 0;
}

/* Made when needed, so that a user may remove the cache at any time. */
static int make_folders(const struct loader *l, struct error *err)
{
	static const char *const names[] = { "items", "views" };
	char path[PATH_MAX];

	for (size_t k = 0; k < 2; k++) {
		int rc;

		snprintf(path, sizeof(path), "%s/%s", l->fetch->cache, names[k]);
		rc = file_make_dirs(path, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* A handle, or a negative error. */
static int lock_entry(const struct loader *l, struct error *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/items/.lock-%s", l->fetch->cache,
		 l->req->entry->name);
	return file_lock(path, err);
}

/* Make the view under the data set's lock, so that cells that start together
 * do the work once. */
static int make_and_open(const struct loader *l, struct loaded *out,
			 struct error *err)
{
	int rc = make_folders(l, err), handle;

	if (rc)
		return rc;
	handle = lock_entry(l, err);
	if (handle < 0)
		return handle;
	rc = ERR_IO;
	if (file_exists(l->view_path)) /* another cell was quicker */
		rc = open_view(l, out, err);
	if (rc == ERR_IO || rc == ERR_DATA) {
		rc = make_view(l, err);
		if (!rc)
			rc = open_view(l, out, err);
	}
	file_unlock(handle);
	return rc;
}

/* The common case is the short one: the file is there and is mapped. A broken
 * cache file is not an error for the user, as it can be made again: ERR_DATA
 * is taken like absence. */
int load_dataset(const struct fetch *f, const struct load_request *req,
		 struct arena *a, struct loaded *out, struct error *err)
{
	struct loader l = { .fetch = f, .req = req, .a = a };
	int rc;

	*out = (struct loaded){ 0 };
	load_digest(req->entry, req->view, out->digest);
	rc = loader_init(&l, out->digest, err);
	if (rc)
		return rc;
	/* no lock for what is there: files appear whole and never change */
	rc = ERR_IO;
	if (file_exists(l.view_path))
		rc = open_view(&l, out, err);
	if (rc == ERR_IO || rc == ERR_DATA)
		rc = make_and_open(&l, out, err);
	if (rc)
		return error_wrap(err, "loading %s", req->entry->name);
	/* what was wrong with a file that was made again is no error any more */
	error_clear(err);
	return 0;
}

/* Under the data set's lock from the start: whoever asks for raw rows is no cell,
 * and a few milliseconds do not matter. */
int load_items(const struct fetch *f, const struct entry *e, int threads, struct arena *a,
	       struct items *items, struct file_map *m, struct error *err)
{
	const struct load_request req = { .entry = e, .view = VIEW_TABLE,
					  .threads = threads };
	struct loader l = { .fetch = f, .req = &req, .a = a };
	char digest[HASH_HEX];
	int rc, handle;

	load_digest(e, req.view, digest);
	rc = loader_init(&l, digest, err);
	if (!rc)
		rc = make_folders(&l, err);
	if (rc)
		return rc;
	handle = lock_entry(&l, err);
	if (handle < 0)
		return handle;
	rc = get_items(&l, a, items, m, err);
	file_unlock(handle);
	return rc ? error_wrap(err, "loading %s", e->name) : 0;
}

/* Harmless on a struct loaded of zeros, so that callers can release at one
 * exit. */
void load_close(struct loaded *l)
{
	struct file_map m = { .data = l->map, .size = l->map_size };

	if (l->map)
		file_unmap(&m);
	*l = (struct loaded){ 0 };
}

/* Asked of the registry rather than listed, so that a new encoder is known. */
unsigned load_views(enum modality m)
{
	unsigned views = 0;

	for (unsigned v = VIEW_TABLE; v < 1u << VIEW_COUNT; v <<= 1)
		if (encoder_find((enum view)v, m))
			views |= v;
	return views;
}
