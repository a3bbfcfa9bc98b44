/* The `files:` of a catalogue entry: where each file of a data set comes from,
 * and how the reader's file is made out of what lies there. */
#ifndef TRIARCH_ORIGIN_H
#define TRIARCH_ORIGIN_H

#include <stdint.h>

#include "harness/base/yaml.h"

/* The records of a file with the lowest digests (a subset that nobody chose). */
struct lowest {
	size_t record; /* bytes of a record; 0: take the file whole */
	size_t skip;   /* leading bytes of a record that its digest leaves out */
	size_t take;   /* records to keep, in the order of their digests */
};

/* One file or folder of a data set. Of three kinds:
 *   package  a Debian package and a path in it
 *   file     an address (or a page for people) and a name in a mirror
 *   local    a path of the user's own, which stays where it is */
struct origin_file {
	const char *package; /* the Debian package that has it, or NULL */
	const char *path;    /* in the package, no leading slash; local: absolute */
	const char *sha256;  /* of the content; is_tree: as folder_digest's */
	bool is_tree;	     /* a folder, or files kept of an archive */
	bool local;

	const char *file; /* name below a mirror; its last part names the copy */
	const char *url;  /* of the file, compressed file or archive, or NULL */
	const char *page; /* where a person gets it, when there is no url */
	const char *const *members; /* (n_members) of an archive, joined */
	size_t n_members;
	const char *const *keep; /* (n_keep) patterns of members, for a tree */
	size_t n_keep;
	size_t lines; /* the first so many lines; 0: all */
	struct lowest lowest;
};

/* The list `files` of an entry into the arena, in its order. Digests are
 * compulsory. ERR_CONFIG with file:line:column, ERR_MEMORY. */
int origin_read(const struct yaml *entry, struct arena *a,
		const struct origin_file **origins, size_t *n,
		struct error *err);

/* Where it comes from, for people: package, address, page or own path. */
const char *origin_source(const struct origin_file *o);

/* Its name for people: the path in the package, the name in a mirror, or the
 * user's path. */
const char *origin_name(const struct origin_file *o);

#endif
