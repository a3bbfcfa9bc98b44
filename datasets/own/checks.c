/* Targets and columns: one pass over each. */
#include "datasets/own/checks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"

#define CLASS_ROWS	5    /* fewer cannot stand in three parts in any number */
#define SMALL_SHARE	0.01 /* of all rows: a class that a metric hardly sees */
#define LARGE_SHARE	0.95 /* a class that is right nearly always */
#define SORTED_ROWS	20
#define NAMED		5 /* classes or columns a line */

/* ---------------------------------------------------------------- target */

/* The smallest classes by name, as many as fit on a line. Five rows: one each for test
 * and validation at shares of a fifth, and three to learn from. The line is cut before
 * it could run over; the count in front of it is complete. */
static void note_small(const struct items *items, const size_t *count, struct notes *out)
{
	char line[256] = "";
	size_t small = 0, at = 0;

	for (size_t c = 0; c < items->classes; c++) {
		if (count[c] >= CLASS_ROWS)
			continue;
		if (small++ < NAMED && at < sizeof(line) - 64)
			at += (size_t)snprintf(line + at, sizeof(line) - at, "%s'%.32s' (%zu)",
					       at ? ", " : "", items->class_names[c], count[c]);
	}
	if (small)
		notes_add(out, NOTE_WARNING, "%zu of %zu classes have fewer than %d rows, too "
			  "few for training, validation and test: %s%s; join them, or leave "
			  "their rows out", small, items->classes, CLASS_ROWS, line,
			  small > NAMED ? ", ..." : "");
}

/* One line at most: where one class has nearly all rows, another is small for sure. 5
 * % is where plain accuracy stops to say much: a constant reaches 95 %. */
static void note_balance(const struct items *items, const size_t *count,
			 struct notes *out)
{
	size_t low = 0, high = 0;
	double n = (double)items->n;

	for (size_t c = 1; c < items->classes; c++) {
		low = count[c] < count[low] ? c : low;
		high = count[c] > count[high] ? c : high;
	}
	if ((double)count[high] > LARGE_SHARE * n)
		notes_add(out, NOTE_WARNING, "class '%.32s' has %.1f %% of the rows: a constant "
			  "is right as often, so look at balanced accuracy",
			  items->class_names[high], 100 * (double)count[high] / n);
	else if ((double)count[low] < SMALL_SHARE * n)
		notes_add(out, NOTE_INFO, "the smallest class, '%.32s', has %.2f %% of the rows",
			  items->class_names[low], 100 * (double)count[low] / n);
}

/* A class that is only in the test part can never be predicted. Told once a class and
 * not once a row. Seen in validation alone does not help: nobody learns from it. */
static void note_unseen(const struct items *items, const struct split *split,
			uint8_t *seen, struct notes *out)
{
	size_t unseen = 0;

	memset(seen, 0, items->classes);
	for (size_t i = 0; i < split->n_train; i++)
		seen[items->label[split->train[i]]] = 1;
	for (size_t i = 0; i < split->n_test; i++)
		if (!seen[items->label[split->test[i]]]) {
			seen[items->label[split->test[i]]] = 1;
			unseen++;
		}
	if (unseen)
		notes_add(out, NOTE_WARNING, "%zu classes are in the test rows and in no "
			  "training row", unseen);
}

/* The target of row i as a number. */
static double target_of(const struct items *items, size_t i)
{
	return items->label ? (double)items->label[i] : (double)items->target[i];
}

/* Up or down from the first row to the last, without being constant. Folders are read
 * class by class, so being sorted says nothing there. The walk stops at the first row
 * that settles it, which in shuffled data is the third or so. */
static void note_order(const struct items *items, struct notes *out)
{
	bool up = true, down = true;

	for (size_t i = 1; i < items->n && (up || down); i++) {
		double step = target_of(items, i) - target_of(items, i - 1);

		up = up && step >= 0;
		down = down && step <= 0;
	}
	if (up && down)
		notes_add(out, NOTE_WARNING, "the target is the same in every row: there is "
			  "nothing to learn");
	else if ((up || down) && items->n >= SORTED_ROWS &&
		 items->modality == MODALITY_TABULAR) /* folders always are */
		notes_add(out, NOTE_INFO, "the rows are sorted by the target: whatever takes the "
			  "first rows, such as [n=N] of 'try', sees one end of it");
}

/* Order first, as it goes for both kinds of target; the rest is about classes. A
 * target of numbers has neither classes nor shares. */
int checks_target(const struct items *items, const struct split *split,
		  struct arena *a, struct notes *out, struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	size_t *count = ARENA_NEW(a, size_t, items->classes + 1);
	uint8_t *seen = ARENA_NEW(a, uint8_t, items->classes + 1);

	if (!count || !seen)
		return arena_error(a, err);
	note_order(items, out);
	if (items->label && items->classes > 1) {
		for (size_t i = 0; i < items->n; i++)
			count[items->label[i]]++;
		note_small(items, count, out);
		note_balance(items, count, out);
		if (split)
			note_unseen(items, split, seen, out);
	}
	arena_rewind(a, mark);
	return 0;
}

/* ---------------------------------------------------------------- columns */

/* Of the cells of one column, as bytes. */
struct digest {
	uint64_t hash;
	size_t column;
};

/* Ties by column, so that the pair that is named does not depend on the sort. */
static int compare_digests(const void *pa, const void *pb)
{
	const struct digest *a = pa, *b = pb;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->column < b->column ? -1 : a->column > b->column;
}

/* Holes are a fact and no fault, hence only a note; a category of nearly as many
 * levels as rows is an id that the inference let pass, or that somebody kept. The
 * share of levels is taken of cells that are there: a column with many holes may be an
 * id in the rest. */
static void note_cells(const struct items *items, size_t j, struct notes *out)
{
	const struct column *c = &items->columns[j];
	size_t missing = 0, there;

	for (size_t i = 0; i < items->n; i++)
		missing += isnan(items->cell[j][i]) != 0;
	there = items->n - missing;
	if (2 * missing > items->n)
		notes_add(out, NOTE_INFO, "column '%s' is missing in %.0f %% of the rows",
			  c->name, 100 * (double)missing / (double)items->n);
	if (c->is_cat && 2 * c->levels > there && there >= SORTED_ROWS)
		notes_add(out, NOTE_WARNING, "column '%s' has %zu levels in %zu rows: an id "
			  "rather than a category; drop=%s leaves it out", c->name, c->levels,
			  there, c->name);
}

/* Hashes find the candidates, bytes decide. Neighbours in the sorted list only: of
 * three equal columns the second and the third are named, each with the one before it,
 * so that following all advice leaves one. NaN compares by its bits here, holes are
 * made by the parser and are all the same. */
static void note_equal(const struct items *items, const struct digest *d, struct notes *out)
{
	for (size_t k = 1; k < items->cols; k++) {
		size_t x = d[k - 1].column, y = d[k].column;

		if (d[k].hash == d[k - 1].hash &&
		    !memcmp(items->cell[x], items->cell[y], items->n * sizeof(float)))
			notes_add(out, NOTE_WARNING, "columns '%s' and '%s' are the same in every "
				  "row: drop=%s leaves one out", items->columns[x].name,
				  items->columns[y].name, items->columns[y].name);
	}
}

/* A hash a column makes it one sort instead of all pairs. */
int checks_columns(const struct items *items, struct arena *a, struct notes *out,
		   struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	struct digest *d = ARENA_NEW(a, struct digest, items->cols);

	if (!d)
		return arena_error(a, err);
	for (size_t j = 0; j < items->cols; j++) {
		note_cells(items, j, out);
		d[j] = (struct digest){ hash_fnv1a(items->cell[j], items->n * sizeof(float)),
					j };
	}
	qsort(d, items->cols, sizeof(*d), compare_digests);
	note_equal(items, d, out);
	arena_rewind(a, mark);
	return 0;
}

/* From the target outward; each check gives its scratch memory back. */
int checks_run(const struct items *items, const struct split *split, struct arena *a,
	       struct notes *out, struct error *err)
{
	int rc = checks_target(items, split, a, out, err);

	if (!rc)
		rc = checks_columns(items, a, out, err);
	if (!rc)
		rc = checks_rows(items, split, a, out, err);
	if (!rc)
		rc = checks_leak(items, a, out, err);
	return !rc && out->failed ? arena_error(out->arena, err) : rc;
}
