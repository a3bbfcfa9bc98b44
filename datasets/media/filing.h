/* Where a file lies and what it is called say what it is.
 *
 * Folders or archives of sounds or pictures -> the files that take part, each
 * with its class and, where the options ask for them, group, fold and official
 * part. The options, which readers of such sets share:
 *
 *	label		folder: the first folder that a file lies in (default)
 *	label_field	instead: this field of the file's name, from 0, when the
 *			name without its extension is cut at each `separator`
 *	labels		instead: a map from a class to a list of texts; a file is
 *			of the class one of whose texts its name holds, in
 *			capitals or not. Names that fit no class or two are left out
 *	separator	("_")
 *	group		folder: the last folder that a file lies in
 *	group_field	instead: a field of the name
 *	fold		folder: so are the official folds, in the order of texts
 *	fold_field	instead: a field of the name
 *	official_field	a field; the file is for testing when it is one of
 *	test_values	these, else for training
 *	classes		the labels to take, in order; files of others are left out
 *			(default: all, in the order of their bytes)
 *	min_class	classes of fewer files are left out (1)
 *
 * Folders in which everything lies ("recordings/") do not count. When the first
 * ones are train and test, or those and valid or val, they are the official
 * parts, and the class is the folder in them.
 */
#ifndef TRIARCH_FILING_H
#define TRIARCH_FILING_H

#include "datasets/media/bundle.h"
#include "datasets/reader.h"

#define FILING_OPTIONS                                                         \
	"label", "label_field", "labels", "separator", "group", "group_field", \
		"fold", "fold_field", "official_field", "test_values",         \
		"classes", "min_class"

/* One file that takes part. */
struct filing_file {
	const struct bundle *bundle;
	size_t index; /* of the bundle's files */
	int32_t label;
	const char *group, *fold; /* NULL when not asked for */
	uint8_t official;	  /* enum official */
};

struct filing {
	size_t n; /* at least 1 */
	struct filing_file *files; /* (n) by path of the source, then by name */
	size_t classes; /* at least 2 */
	const char *const *class_names; /* (classes) */
	bool has_official;
	size_t bytes; /* of all files */
};

/* Open all paths of the source and sort out the files with these extensions
 * (bundle_is_kind). ERR_CONFIG with the option's place; ERR_DATA, with the
 * file's name: no class folder, a field that is not there; no file at all, fewer
 * than 2 classes, or a class without a file; what bundle_open says. */
int filing_read(struct filing *f, const struct source *src,
		const char *const *extensions, struct arena *a,
		struct error *err);

/* The name of file i, for messages. */
const char *filing_name(const struct filing *f, size_t i);

/* Set n, task, label, classes, official, group and fold of the items. */
int filing_items(const struct filing *f, struct arena *a, struct items *out,
		 struct error *err);

#endif
