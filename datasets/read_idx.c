/* Images and labels in IDX files: [images, labels] or [train images, train
 * labels, test images, test labels], then the parts are official. */
#include "datasets/reader.h"

#include <string.h>

#include "datasets/formats/idx.h"

/* One part: images (n, height, width) and as many labels. */
struct pair {
	struct idx images, labels;
};

/* Read both files of a pair; they must fit each other: digests say that each
 * is the right file, but not that they were listed in the right order. */
static int read_pair(struct pair *p, const char *const *paths, struct arena *a,
		     struct error *err)
{
	int rc = idx_read(&p->images, paths[0], a, err);

	if (!rc)
		rc = idx_read(&p->labels, paths[1], a, err);
	if (rc)
		return rc;
	if (p->images.dims != 3 || !p->images.count)
		return error_set(err, ERR_DATA, "%s: images need 3 dimensions "
				 "that are not 0", paths[0]);
	if (p->labels.dims != 1)
		return error_set(err, ERR_DATA, "%s: labels need 1 dimension, "
				 "not %zu", paths[1], p->labels.dims);
	if (p->labels.count != p->images.size[0])
		return error_set(err, ERR_DATA, "%s: %zu labels for %zu images",
				 paths[1], p->labels.count, p->images.size[0]);
	return 0;
}

/* Append the pair's rows to the items from row `at` on. IDX pixels are one
 * channel in row-major order already, which is the planar order of the items.
 */
static void place(const struct pair *p, size_t at, enum official part,
		  uint8_t *pixels, int32_t *label, uint8_t *official)
{
	size_t n = p->labels.count, size = p->images.count / n;

	memcpy(pixels + at * size, p->images.values, p->images.count);
	for (size_t i = 0; i < n; i++) {
		label[at + i] = p->labels.values[i];
		official[at + i] = (uint8_t)part;
	}
}

/* One array of all rows, test rows behind the training rows, which is what the
 * row numbers of predictions refer to. */
static int join(const struct pair *pairs, size_t n_pairs, struct arena *a,
		struct items *out, struct error *err)
{
	static const enum official parts[] = { OFFICIAL_TRAIN, OFFICIAL_TEST };
	const struct idx *first = &pairs[0].images;
	uint8_t *pixels, *official;
	int32_t *label;
	size_t at = 0;

	out->n = pairs[0].labels.count;
	if (n_pairs > 1)
		out->n += pairs[1].labels.count;
	out->channels = 1;
	out->height = first->size[1];
	out->width = first->size[2];
	pixels = ARENA_RAW(a, uint8_t, out->n * out->height * out->width);
	label = ARENA_RAW(a, int32_t, out->n);
	official = ARENA_RAW(a, uint8_t, out->n);
	if (!pixels || !label || !official)
		return arena_error(a, err);
	for (size_t k = 0; k < n_pairs; k++) {
		place(&pairs[k], at, parts[k], pixels, label, official);
		at += pairs[k].labels.count;
	}
	out->pixels = pixels;
	out->label = label;
	out->official = n_pairs > 1 ? official : NULL;
	return 0;
}

/* Names from the options, else the digits themselves. The number of classes
 * follows from the largest label, so a missing name is noticed. */
static int name_classes(const struct source *src, struct arena *a,
			struct items *out, struct error *err)
{
	const char *const *given = NULL;
	const char **names;
	size_t n_given = 0;
	int32_t top = 0;
	int rc = yaml_get_strings(a, src->options, "classes", &given, &n_given,
				  err);

	if (rc)
		return rc;
	for (size_t i = 0; i < out->n; i++)
		if (out->label[i] > top)
			top = out->label[i];
	out->classes = (size_t)top + 1;
	if (given && n_given != out->classes)
		return yaml_error(yaml_get(src->options, "classes"), err,
				  "%zu class names, but the labels go up to %d",
				  n_given, top);
	if (given) {
		out->class_names = given;
		return 0;
	}
	names = ARENA_NEW(a, const char *, out->classes);
	for (size_t c = 0; names && c < out->classes; c++) {
		names[c] = arena_printf(a, "%zu", c);
		if (!names[c])
			return arena_error(a, err);
	}
	out->class_names = names;
	return names ? 0 : arena_error(a, err);
}

/* Two files are one set to be split at random, four are an official split. */
static int read_idx(const struct source *src, struct arena *a,
		    struct items *out, struct error *err)
{
	struct pair pairs[2] = { 0 };
	size_t n_pairs = src->n_paths / 2;
	int rc;

	if (src->n_paths != 2 && src->n_paths != 4)
		return error_set(err, ERR_CONFIG, "reader idx needs 2 files "
				 "(images, labels) or 4 (train and test), not %zu",
				 src->n_paths);
	for (size_t k = 0; k < n_pairs; k++) {
		rc = read_pair(&pairs[k], src->paths + 2 * k, a, err);
		if (rc)
			return rc;
	}
	if (n_pairs == 2 && memcmp(pairs[0].images.size + 1,
				   pairs[1].images.size + 1, 2 * sizeof(size_t)))
		return error_set(err, ERR_DATA, "training images are %zu x %zu, "
				 "test images %zu x %zu", pairs[0].images.size[1],
				 pairs[0].images.size[2], pairs[1].images.size[1],
				 pairs[1].images.size[2]);
	*out = (struct items){
		.modality = MODALITY_IMAGE,
		.task = TASK_CLASSIFICATION,
	};
	rc = join(pairs, n_pairs, a, out, err);
	return rc ? rc : name_classes(src, a, out, err);
}

static const char *const options[] = { "classes", NULL };

const struct reader reader_idx = {
	.name = "idx",
	.summary = "images and labels of the MNIST family, gzip or plain",
	.version = 1,
	.options = options,
	.read = read_idx,
};
