/* The binary version of CIFAR. One file is a set to be split; of several the last
 * is the official test part and the others are for training, which is how the
 * official download lists them. datasets/formats/cifar.h has the format, this file what the
 * catalogue may say about it:
 *
 * 	classes		names of the labels	(their numbers)
 * 	labels		label bytes of a record, 1 (CIFAR-10) or 2 (CIFAR-100)	(1)
 * 	label		of two: coarse | fine	(fine)
 * 	official	the part of each file, as [train, train, test]	(see above) */
#include "datasets/formats/cifar.h"

#include <string.h>

#include "datasets/official.h"
#include "harness/base/file.h"

static const char *const keys[] = { "classes", "labels", "label", "official", NULL };

/* Classes of CIFAR-10, and of the coarse and fine labels of CIFAR-100. */
#define CLASSES	       10
#define CLASSES_COARSE 20
#define CLASSES_FINE   100

/* CIFAR-100 has a coarse and a fine label in front of each picture, in this
 * order (the authors' page, "CIFAR-100, binary version"). Without a choice
 * the fine one is meant: it is what papers report. */
static int get_form(const struct source *src, struct cifar_form *form, struct error *err)
{
	const struct yaml *at = yaml_get(src->options, "label");
	const char *which = "fine";
	int64_t labels = 1;

	if (yaml_get_int(src->options, "labels", 1, 2, &labels, err) ||
	    yaml_get_string(src->options, "label", &which, err))
		return err->code;
	if (at && labels == 1)
		return yaml_error(at, err, "there is a choice only with labels: 2");
	if (strcmp(which, "fine") && strcmp(which, "coarse"))
		return yaml_error(at, err, "label is coarse or fine");
	*form = (struct cifar_form){ .label_bytes = (size_t)labels };
	form->label_at = labels == 2 && !strcmp(which, "fine");
	form->classes = labels == 1	  ? CLASSES
			: form->label_at ? CLASSES_FINE
					 : CLASSES_COARSE;
	return 0;
}

/* As many as the catalogue names, else their numbers. */
static int name_classes(const struct source *src, struct cifar_form *form,
			struct arena *a, struct items *out, struct error *err)
{
	const char **names;

	if (yaml_get_strings(a, src->options, "classes", &out->class_names, &out->classes,
			     err))
		return err->code;
	if (out->class_names) {
		form->classes = out->classes;
		return out->classes > 1 ? 0
					: yaml_error(yaml_get(src->options, "classes"), err,
						     "two classes or more are needed");
	}
	out->classes = form->classes;
	names = ARENA_NEW(a, const char *, out->classes);
	for (size_t c = 0; names && c < out->classes; c++) {
		names[c] = arena_printf(a, "%zu", c);
		if (!names[c])
			return arena_error(a, err);
	}
	out->class_names = names;
	return names ? 0 : arena_error(a, err);
}

/* All files in one array; end[k] is the row behind the last of file k. */
static int join(const struct cifar *file, size_t n, size_t *end, struct arena *a,
		struct items *out, struct error *err)
{
	int32_t *label;
	uint8_t *pixels;

	for (size_t k = 0; k < n; k++) {
		out->n += file[k].n;
		end[k] = out->n;
	}
	if (out->n > UINT32_MAX)
		return error_set(err, ERR_DATA, "too many records");
	label = ARENA_RAW(a, int32_t, out->n);
	pixels = arena_alloc_raw(a, out->n, CIFAR_PIXELS);
	if (!label || !pixels)
		return arena_error(a, err);
	for (size_t k = 0; k < n; k++) {
		size_t from = end[k] - file[k].n;

		cifar_copy(&file[k], label + from, pixels + from * CIFAR_PIXELS);
	}
	out->label = label;
	out->pixels = pixels;
	return 0;
}

/* Map, check and copy; nothing of the items points into the files. */
static int read_files(const struct source *src, const struct cifar_form *form,
		      size_t *end, struct arena *a, struct items *out, struct error *err)
{
	struct file_map *map = ARENA_NEW(a, struct file_map, src->n_paths);
	struct cifar *file = ARENA_NEW(a, struct cifar, src->n_paths);
	size_t mapped = 0;
	int rc = 0;

	if (!map || !file)
		return arena_error(a, err);
	for (; !rc && mapped < src->n_paths; mapped += !rc)
		rc = file_map(&map[mapped], src->paths[mapped], err);
	for (size_t k = 0; !rc && k < src->n_paths; k++) {
		rc = cifar_parse(&file[k], map[k].data, map[k].size, form, err);
		if (rc)
			error_wrap(err, "%s", src->paths[k]);
	}
	if (!rc)
		rc = join(file, src->n_paths, end, a, out, err);
	for (size_t k = 0; k < mapped; k++)
		file_unmap(&map[k]);
	return rc;
}

/* What the order of the files says where the option is absent. */
static void default_parts(enum official *part, size_t n)
{
	for (size_t k = 0; n > 1 && part[0] == OFFICIAL_NONE && k < n; k++)
		part[n - 1 - k] = k ? OFFICIAL_TRAIN : OFFICIAL_TEST;
}

/* Parts are checked before files are opened: a slip in the catalogue costs no
 * read of 180 MB. */
static int read_cifar(const struct source *src, struct arena *a, struct items *out,
		      struct error *err)
{
	size_t *end = ARENA_NEW(a, size_t, src->n_paths);
	struct cifar_form form;
	enum official *part;

	*out = (struct items){ .modality = MODALITY_IMAGE,
			       .task = TASK_CLASSIFICATION,
			       .channels = CIFAR_CHANNELS,
			       .height = CIFAR_SIDE,
			       .width = CIFAR_SIDE };
	if (!src->n_paths)
		return error_set(err, ERR_CONFIG, "reader cifar needs a file");
	if (!end)
		return arena_error(a, err);
	if (official_parts(src, src->n_paths, a, &part, err) || get_form(src, &form, err) ||
	    name_classes(src, &form, a, out, err) ||
	    read_files(src, &form, end, a, out, err))
		return err->code;
	default_parts(part, src->n_paths);
	return official_mark(part, end, src->n_paths, a, out, err);
}

const struct reader reader_cifar = {
	.name = "cifar",
	.summary = "CIFAR-10 and CIFAR-100, the binary version",
	.version = 1,
	.options = keys,
	.read = read_cifar,
};
