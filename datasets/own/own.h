/* A data set of a person's own: an entry of a catalogue, made from a path.
 *
 *	a table		.csv .tsv .txt .data, packed by gzip, bzip2 or xz or not
 *	a folder	with a folder of images, sounds or .txt files for each class
 *	.arff .svm .npy	where a reader of that name is built in
 *
 * What the entry says is inferred (infer.h) and overruled by PATH.yaml and by the
 * brackets behind the path (own_settings.h). The file is hashed and scanned at
 * each call; the caches of load.h go by its content.
 */
#ifndef TRIARCH_OWN_H
#define TRIARCH_OWN_H

#include "datasets/own/infer.h"

struct own {
	struct entry entry;
	const char *path;	/* absolute */
	const char *settings;	/* path of the YAML file beside it, or NULL */
	bool has_table;		/* `table` is filled */
	struct inferred table;
	struct notes notes;
	struct error problem; /* why nothing can be learned from it as it is, or code 0 */
};

/* Does the text name a file or folder, or look like it: has it a slash or the
 * ending of a table? */
bool own_is_path(const char *name);

/* `settings` is the map from the command line, or NULL. All in the arena. A target
 * with holes or a single value is no error here but own->problem, so that the table
 * can be shown. ERR_USAGE (no such file), ERR_CONFIG, ERR_DATA, ERR_IO,
 * ERR_MEMORY. */
int own_read(const char *path, const struct yaml *settings, struct arena *a,
	     struct own **out, struct error *err);

#endif
