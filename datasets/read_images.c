/* Folders or archives of PNG and JPEG pictures, one file an item: labels by
 * filing.h, by default one folder a class.
 *
 *	size		[height, width] of every item			([32, 32])
 *	channels	1 (grey) or 3 (colour)				(3)
 *
 * Pictures of other sizes are cut from the centre to that aspect and averaged
 * down (picture.h). */
#include "datasets/reader.h"

#include "datasets/media/faults.h"
#include "datasets/media/filing.h"
#include "datasets/media/picture.h"
#include "harness/base/par.h"

#define MAX_SIDE 1024

static const char *const extensions[] = { ".png", ".jpg", ".jpeg", NULL };

struct job {
	const struct filing *files;
	struct picture_shape shape;
	size_t threads;
	struct picture_desk *desks; /* (threads) */
	struct faults faults;
	uint8_t *pixels; /* (n, channels, height, width); NULL: only look */
};

/* 2 channels would be grey with opacity, but opacity is laid on white in
 * picture.c and never a channel. */
static int read_shape(const struct yaml *o, struct picture_shape *s,
		      struct error *err)
{
	const struct yaml *size = yaml_get(o, "size");
	int64_t channels = 3, height = 32, width = 32;
	int rc = yaml_get_int(o, "channels", 1, 3, &channels, err);

	if (!rc && channels == 2)
		rc = yaml_error(yaml_get(o, "channels"), err, "1 (grey) or 3 "
				"(colour)");
	if (!rc && size && (size->kind != YAML_LIST || size->n != 2))
		rc = yaml_error(size, err, "the size is a list: [height, width]");
	if (!rc && size)
		rc = yaml_int(size->items[0], 1, MAX_SIDE, &height, err);
	if (!rc && size)
		rc = yaml_int(size->items[1], 1, MAX_SIDE, &width, err);
	*s = (struct picture_shape){ (size_t)channels, (size_t)height,
				     (size_t)width };
	return rc;
}

/* Mapped and unmapped a picture: a set of 60,000 files would run out of the
 * kernel's maps (65,530 by default). */
static int decode(const struct job *j, size_t i, size_t worker,
		  struct error *err)
{
	const struct filing_file *f = &j->files->files[i];
	const char *name = filing_name(j->files, i);
	size_t size = j->shape.channels * j->shape.height * j->shape.width;
	struct picture_info info;
	struct file_map m;
	int rc = bundle_map(f->bundle, f->index, &m, err);

	if (rc)
		return rc;
	rc = j->pixels ? picture_read(name, m.data, m.size, &j->desks[worker],
				      j->pixels + i * size, err) :
			 picture_look(name, m.data, m.size, &info, err);
	bundle_unmap(f->bundle, &m);
	return rc;
}

/* An error of a thread is noted with the file's number; which one is reported
 * must not depend on who was quicker (faults.h). */
static void read_one(void *ctx, size_t i, size_t worker)
{
	struct job *j = ctx;
	struct error err = { 0 };

	if (decode(j, i, worker, &err))
		faults_note(&j->faults, worker, i, &err);
}

/* Before threads start, as arenas are not for threads. */
static int make_desks(struct job *j, struct arena *a, struct error *err)
{
	int rc = faults_init(&j->faults, j->threads, a, err);

	j->desks = ARENA_NEW(a, struct picture_desk, j->threads);
	if (!rc && !j->desks)
		rc = arena_error(a, err);
	for (size_t t = 0; t < j->threads && !rc; t++)
		rc = picture_desk_init(&j->desks[t], &j->shape, a, err);
	return rc;
}

/* All headers first: memory for the pixels is taken when each file has proved
 * to be a picture. */
static int read_pixels(struct job *j, struct arena *a, struct error *err)
{
	size_t size = j->shape.channels * j->shape.height * j->shape.width;
	int rc = make_desks(j, a, err);

	if (rc)
		return rc;
	par_for((int)j->threads, j->files->n, read_one, j);
	rc = faults_first(&j->faults, err);
	if (rc)
		return rc;
	j->pixels = arena_alloc_raw(a, j->files->n, size);
	if (!j->pixels)
		return arena_error(a, err);
	par_for((int)j->threads, j->files->n, read_one, j);
	return faults_first(&j->faults, err);
}

/* Nothing of the items points into the files: bundles may close behind them. */
static int read_images(const struct source *src, struct arena *a,
		       struct items *out, struct error *err)
{
	struct filing files;
	struct job j = { .files = &files,
			 .threads = src->threads > 0 ? (size_t)src->threads : 1 };
	int rc = read_shape(src->options, &j.shape, err);

	if (!rc)
		rc = filing_read(&files, src, extensions, a, err);
	if (!rc)
		rc = read_pixels(&j, a, err);
	if (rc)
		return rc;
	*out = (struct items){
		.modality = MODALITY_IMAGE,
		.channels = j.shape.channels,
		.height = j.shape.height,
		.width = j.shape.width,
		.pixels = j.pixels,
	};
	return filing_items(&files, a, out, err);
}

static const char *const options[] = { FILING_OPTIONS, "size", "channels", NULL };

const struct reader reader_images = {
	.name = "images",
	.summary = "folders or archives of PNG and JPEG pictures",
	.version = 1,
	.options = options,
	.read = read_images,
};
