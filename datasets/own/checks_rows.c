/* Rows that are there more than once, by a hash of their contents; rows of one
 * hash are compared byte by byte before anything is said. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/own/checks.h"
#include "harness/base/hash.h"

/* Bits, so that a group with rows on both sides has both. */
enum side { NOWHERE, TRAINING, TESTING };

struct row {
	uint64_t hash;
	uint32_t at;
};

/* Counts over all runs; `first` is for the message alone. */
struct twins {
	const struct items *items;
	struct row *rows; /* (n) by hash, then by number */
	uint8_t *part;	  /* (n) enum side */
	size_t copies;	  /* rows that an earlier one equals */
	size_t conflicts; /* of these, with another target */
	size_t crossing;  /* test rows that equal a training row */
	uint32_t first[2]; /* the first pair, counted from 0 */
};

/* Rows of one hash in their own order: the first stands for the others. The row
 * decides between equal hashes, so that qsort, which is not stable, gives the same
 * first row everywhere. */
static int compare_rows(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

/* A cell as bits; every hole is the same hole, and there is one zero. Parsers differ
 * in the NaN they make and -0 prints as 0: to a person those rows are the same. x + 0
 * makes -0 to 0 and leaves all else. */
static uint32_t cell_bits(float x)
{
	uint32_t bits;

	if (isnan(x))
		return UINT32_MAX;
	x += 0.0f;
	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

/* Chained cell by cell, as the cells of a row do not lie beside each other. The bits
 * of a cell are hashed with what came before, so the same cells in another order of
 * columns are another row. */
static uint64_t hash_table_row(const struct items *items, size_t i)
{
	uint64_t h = 0;

	for (size_t j = 0; j < items->cols; j++) {
		uint64_t pair[2] = { h, cell_bits(items->cell[j][i]) };

		h = hash_fnv1a(pair, sizeof(pair));
	}
	return h;
}

/* The bytes of a row of the other modalities. The pointer is into the items and good
 * as long as they are. */
static const void *row_bytes(const struct items *items, size_t i, size_t *size)
{
	size_t pixels = items->channels * items->height * items->width;

	switch (items->modality) {
	case MODALITY_IMAGE:
		*size = pixels;
		return items->pixels + i * pixels;
	case MODALITY_AUDIO:
		*size = (items->wave_start[i + 1] - items->wave_start[i]) * sizeof(float);
		return items->wave + items->wave_start[i];
	default:
		*size = strlen(items->text[i]);
		return items->text[i];
	}
}

/* Other modalities have a row in one piece. */
static uint64_t hash_row(const struct items *items, size_t i)
{
	const void *bytes;
	size_t size;

	if (items->modality == MODALITY_TABULAR)
		return hash_table_row(items, i);
	bytes = row_bytes(items, i, &size);
	return hash_fnv1a(bytes, size);
}

/* A hash of 64 bits may lie; this does not. */
static bool same_rows(const struct items *items, size_t x, size_t y)
{
	const void *a, *b;
	size_t n, m;

	if (items->modality != MODALITY_TABULAR) {
		a = row_bytes(items, x, &n);
		b = row_bytes(items, y, &m);
		return n == m && !memcmp(a, b, n);
	}
	for (size_t j = 0; j < items->cols; j++)
		if (cell_bits(items->cell[j][x]) != cell_bits(items->cell[j][y]))
			return false;
	return true;
}

/* By bits for numbers: a copy of a row has a copy of its target. Holes were refused or
 * dropped before. */
static bool same_target(const struct items *items, size_t x, size_t y)
{
	if (items->label)
		return items->label[x] == items->label[y];
	return cell_bits(items->target[x]) == cell_bits(items->target[y]);
}

/* The rows [from, to) have one hash; the first of them stands for all. Rows of the run
 * that are not like the first are another content with the same hash; they are passed
 * over, since 64 bits make that next to impossible and nothing false is said. */
static void count_run(struct twins *t, size_t from, size_t to)
{
	size_t head = t->rows[from].at;
	bool in_train = t->part[head] == TRAINING;

	for (size_t k = from + 1; k < to; k++) {
		size_t i = t->rows[k].at;

		if (!same_rows(t->items, head, i))
			continue;
		if (!t->copies++) {
			t->first[0] = (uint32_t)head;
			t->first[1] = (uint32_t)i;
		}
		t->conflicts += !same_target(t->items, head, i);
		in_train |= t->part[i] == TRAINING;
	}
	for (size_t k = from; k < to && in_train; k++)
		t->crossing += t->part[t->rows[k].at] == TESTING &&
			       same_rows(t->items, head, t->rows[k].at);
}

/* Copies alone may be how the world is (whole numbers, few columns): a note. Other
 * targets, or copies on both sides of the split, change what a score means. */
static void note_twins(const struct twins *t, const struct split *split, struct notes *out)
{
	if (t->copies)
		notes_add(out, t->conflicts ? NOTE_WARNING : NOTE_INFO,
			  "%zu of %zu rows are copies of an earlier one, such as row %u of row "
			  "%u%s", t->copies, t->items->n, t->first[1] + 1, t->first[0] + 1,
			  t->items->cols == 1 ? " (of one column)" : "");
	if (t->conflicts)
		notes_add(out, NOTE_WARNING, "%zu of these copies have another target than the "
			  "first: no learner can be right on both", t->conflicts);
	if (t->crossing)
		notes_add(out, NOTE_WARNING, "%zu of %zu test rows equal a training row: what "
			  "remembers is rewarded; 'group: COLUMN' keeps such rows together",
			  t->crossing, split->n_test);
}

/* Groups that an official split tore apart; a drawn one never does. Groups are
 * numbered from 0, so there are at most n. */
static int note_groups(const struct items *items, const uint8_t *part, struct arena *a,
		       struct notes *out, struct error *err)
{
	uint8_t *sides = ARENA_NEW(a, uint8_t, items->n);
	size_t both = 0;

	if (!sides)
		return arena_error(a, err);
	for (size_t i = 0; i < items->n; i++)
		sides[items->group[i]] |= part[i];
	for (size_t g = 0; g < items->n; g++)
		both += sides[g] == (TRAINING | TESTING);
	if (both)
		notes_add(out, NOTE_WARNING, "%zu groups have rows in training and in test",
			  both);
	return 0;
}

/* Validation rows are left out: they are not what a score is of. */
static void mark_parts(const struct split *split, uint8_t *part)
{
	for (size_t i = 0; i < split->n_train; i++)
		part[split->train[i]] = TRAINING;
	for (size_t i = 0; i < split->n_test; i++)
		part[split->test[i]] = TESTING;
}

/* Sorted by hash, rows that are equal stand together. n log n by one sort; pairs would
 * be n squared. */
int checks_rows(const struct items *items, const struct split *split, struct arena *a,
		struct notes *out, struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	struct twins t = { .items = items,
			   .rows = ARENA_RAW(a, struct row, items->n),
			   .part = ARENA_NEW(a, uint8_t, items->n) };
	int rc = 0;

	if (!t.rows || !t.part)
		return arena_error(a, err);
	if (split)
		mark_parts(split, t.part);
	for (size_t i = 0; i < items->n; i++)
		t.rows[i] = (struct row){ hash_row(items, i), (uint32_t)i };
	qsort(t.rows, items->n, sizeof(*t.rows), compare_rows);
	for (size_t from = 0, to; from < items->n; from = to) {
		for (to = from + 1; to < items->n && t.rows[to].hash == t.rows[from].hash; to++)
			;
		if (to > from + 1)
			count_run(&t, from, to);
	}
	note_twins(&t, split, out);
	if (split && items->group)
		rc = note_groups(items, t.part, a, out, err);
	arena_rewind(a, mark);
	return rc;
}
