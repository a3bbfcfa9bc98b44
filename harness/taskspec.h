/* A task as people write it: "letter[n=2000,rotate]".
 *
 *	NAME[key=value,...]
 *	NAME	a data set of the catalogue, or the path of a user's own
 *	n=N	rows to fit on
 *	a transform, with or without its severity: rotate, label_noise=0.3
 *	an option of the entry's reader, in place of the catalogue's: d=50
 *	of a path: what own_settings.h says of it, such as target=COLUMN
 *
 * The transforms act in the order in which they are written. The label leaves
 * n out and is the name of the task in rows and on boards: tasks that differ in
 * it are different questions. */
#ifndef TRIARCH_TASKSPEC_H
#define TRIARCH_TASKSPEC_H

#include "datasets/own/own.h"
#include "datasets/transform.h"

struct taskspec {
	const char *label;	   /* "letter[rotate=1]": all but n */
	const char *source; /* the same for taskspec_parse anywhere: a path in full */
	const struct own *own; /* what is known of a path, else NULL */
	const struct entry *entry; /* the catalogue's, or one made for it */
	size_t n;		   /* 0: all rows */
	struct transform_chain chain;
	const char *transform; /* the chain as text, "" when empty */
};

/* Everything in the arena. A path's entry is made at each call, which reads the
 * file; what keeps it from being learned (own->problem) is an error here. ERR_USAGE
 * for an unknown data set, ERR_CONFIG for what stands in the brackets,
 * ERR_UNSUPPORTED for a transform that is not for such data, ERR_MEMORY; all with
 * "did you mean". What own_read says. */
int taskspec_parse(struct taskspec *t, struct arena *a, const struct catalog *catalog,
		   const char *text, struct error *err);

/* The same without that error, for those who show what there is. */
int taskspec_look(struct taskspec *t, struct arena *a, const struct catalog *catalog,
		  const char *text, struct error *err);

#endif
