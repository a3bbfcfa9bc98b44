/* Labelled texts while a reader collects them, and what all such readers do
 * with them at the end: classes, small ones left out, groups, order.
 */
#ifndef TRIARCH_CORPUS_H
#define TRIARCH_CORPUS_H

#include "datasets/dataset.h"
#include "datasets/levels.h"

/* One text with what is known of it; strings must stay. */
struct corpus_row {
	const char *text;
	uint32_t label; /* number in `levels` */
	uint32_t block; /* rows of one block never part; any number */
	uint8_t official; /* enum official */
};

struct corpus {
	struct arena *arena;
	struct corpus_row *row; /* (n) */
	size_t n, room;
	struct levels levels;	/* labels, in the order they are met */
	bool has_blocks;	/* else blocks are not looked at */
};

/* How a corpus becomes items. */
struct corpus_rule {
	/* Classes in this order, and no others; NULL: those that occur, in the
	 * order of their bytes. */
	const char *const *classes; /* (n_classes) */
	size_t n_classes;
	size_t min_class;    /* classes with fewer rows are left out */
	const char *purpose; /* names the random order, "text/order"; NULL: the
			      * order of the file */
};

/* Acquires nothing yet. */
void corpus_init(struct corpus *c, struct arena *a);

/* Add a text; `label` is not copied. The row's number is c->n before the call;
 * `block` starts as 0. ERR_MEMORY; ERR_DATA beyond 2^32 rows or 2^24 labels. */
int corpus_add(struct corpus *c, const char *text, const char *label,
	       size_t label_size, enum official official, struct error *err);

/* Rows in one fixed random order (files are sorted by class, and an official
 * test part would come last); groups so that neither texts of the same words
 * nor rows of one block part; official is NULL where no row has a part. ERR_DATA
 * for a label outside of `classes`, fewer than 2 classes; ERR_MEMORY. */
int corpus_finish(struct corpus *c, const struct corpus_rule *rule,
		  struct items *out, struct error *err);

/* group[i] for n texts: equal for texts of the same words (words.h), numbered
 * by the first of each. Scratch is wound back. ERR_DATA, ERR_MEMORY. */
int corpus_groups(const char *const *text, size_t n, struct arena *a,
		  uint32_t *group /* (n) */, struct error *err);

#endif
