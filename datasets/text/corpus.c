/* Texts of the same words in two parts would be tested on what was fitted, so
 * every reader of texts makes groups of them; a reader may know of more that
 * belongs together (paragraphs of a chapter). Both are joined here: a row is in
 * one set with its copies and with its block, and so on from row to row. */
#include "datasets/text/corpus.h"

#include <stdlib.h>
#include <string.h>

#include "datasets/text/words.h"
#include "harness/base/rng.h"
#include "harness/base/suggest.h"

#define LEFT_OUT UINT32_MAX

/* Labels are hashed as they come: a file of a million rows has few of them. */
void corpus_init(struct corpus *c, struct arena *a)
{
	*c = (struct corpus){ .arena = a };
	levels_init(&c->levels, a);
}

/* Twice as many rows: what is left behind adds up to as much again. */
static int grow(struct corpus *c, struct error *err)
{
	size_t room = c->room ? 2 * c->room : 256;
	struct corpus_row *row = ARENA_RAW(c->arena, struct corpus_row, room);

	if (!row)
		return arena_error(c->arena, err);
	if (c->n)
		memcpy(row, c->row, c->n * sizeof(*row));
	c->row = row;
	c->room = room;
	return 0;
}

/* The label is looked up before the row is stored, so that a failure leaves the
 * corpus as it was. */
int corpus_add(struct corpus *c, const char *text, const char *label,
	       size_t label_size, enum official official, struct error *err)
{
	struct corpus_row row = { .text = text, .official = (uint8_t)official };

	if (c->n >= UINT32_MAX)
		return error_set(err, ERR_DATA, "too many texts");
	if (levels_add(&c->levels, label, label_size, &row.label, err))
		return err->code;
	if (c->n == c->room && grow(c, err))
		return err->code;
	c->row[c->n++] = row;
	return 0;
}

/* ---------------------------------------------------------------- classes */

/* The class of each label by the given list. A label that is not on it is the
 * catalogue's slip, or the file's. */
static int given_classes(const struct corpus *c, const struct corpus_rule *r,
			 const char *const *name, const uint32_t *rank,
			 uint32_t *class, struct error *err)
{
	for (size_t k = 0; k < c->levels.n; k++) {
		const char *label = name[rank[k]];
		char hint[80];
		size_t j = 0;

		while (j < r->n_classes && strcmp(r->classes[j], label))
			j++;
		if (j == r->n_classes)
			return error_set(err, ERR_DATA, "label '%.40s' is not in "
					 "classes%s", label,
					 suggest_text(label, r->classes,
						      r->n_classes, hint,
						      sizeof(hint)));
		class[k] = (uint32_t)j;
	}
	return 0;
}

/* class[k] of label k among `*names`, before small ones are left out. */
static int name_classes(const struct corpus *c, const struct corpus_rule *r,
			const char *const **names, size_t *n, uint32_t **class,
			struct error *err)
{
	const char *const *sorted;
	uint32_t *rank;

	if (levels_sort(&c->levels, &sorted, &rank, err))
		return err->code;
	*names = r->classes ? r->classes : sorted;
	*n = r->classes ? r->n_classes : c->levels.n;
	*class = ARENA_NEW(c->arena, uint32_t, c->levels.n);
	if (!*class)
		return arena_error(c->arena, err);
	if (r->classes)
		return given_classes(c, r, sorted, rank, *class, err);
	for (size_t k = 0; k < c->levels.n; k++)
		(*class)[k] = rank[k];
	return 0;
}

/* Classes of enough rows get the numbers of the result, in the same order; a
 * class of the list without any row is none. */
static int keep_classes(const struct corpus *c, const struct corpus_rule *r,
			const char *const *names, size_t n, uint32_t *class,
			struct items *out, struct error *err)
{
	size_t *count = ARENA_NEW(c->arena, size_t, n);
	uint32_t *now = ARENA_NEW(c->arena, uint32_t, n);
	const char **kept = ARENA_NEW(c->arena, const char *, n);

	if (!count || !now || !kept)
		return arena_error(c->arena, err);
	for (size_t i = 0; i < c->n; i++)
		count[class[c->row[i].label]]++;
	for (size_t j = 0; j < n; j++) {
		now[j] = LEFT_OUT;
		if (!count[j] || count[j] < r->min_class)
			continue;
		kept[out->classes] = names[j];
		now[j] = (uint32_t)out->classes++;
		out->n += count[j];
	}
	for (size_t k = 0; k < c->levels.n; k++)
		class[k] = now[class[k]];
	out->class_names = kept;
	if (out->classes < 2)
		return error_set(err, ERR_DATA, "%zu classes have %zu texts or "
				 "more (option min_class); 2 are needed",
				 out->classes, r->min_class ? r->min_class : 1);
	return 0;
}

/* ----------------------------------------------------------------- groups */

/* The numbered words are several times as large as the texts, so they are given
 * back at once. */
int corpus_groups(const char *const *text, size_t n, struct arena *a,
		  uint32_t *group, struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	struct words w;
	int rc = words_init(&w, text, NULL, n, a, err);

	if (!rc)
		rc = words_groups(&w, a, group, err);
	arena_rewind(a, mark);
	return rc;
}

/* The first row of the set that row i is in: union-find with path halving
 * (Tarjan & van Leeuwen 1984). Roots are lowest, so numbers follow rows. */
static uint32_t find_root(uint32_t *parent, uint32_t i)
{
	while (parent[i] != i) {
		parent[i] = parent[parent[i]];
		i = parent[i];
	}
	return i;
}

/* The lower root stays: no ranks are needed with path halving, and which row
 * names a set does not depend on the order of the joins. */
static void join(uint32_t *parent, uint32_t i, uint32_t j)
{
	uint32_t p = find_root(parent, i), q = find_root(parent, j);

	parent[p > q ? p : q] = p > q ? q : p;
}

/* Rows by block, for qsort. */
struct blocked {
	uint32_t block, row;
};

/* Ties by row: qsort is not stable, and its order must not show. */
static int by_block(const void *x, const void *y)
{
	const struct blocked *p = x, *q = y;

	if (p->block != q->block)
		return p->block < q->block ? -1 : 1;
	return p->row < q->row ? -1 : p->row > q->row;
}

/* Join copies (group, which is overwritten) and blocks; then number the sets
 * by their first rows. */
static int join_blocks(const uint32_t *block, size_t n, struct arena *a,
		       uint32_t *group, struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	uint32_t *parent = ARENA_RAW(a, uint32_t, n);
	uint32_t *first = ARENA_RAW(a, uint32_t, n); /* of each group */
	struct blocked *list = ARENA_RAW(a, struct blocked, n);
	uint32_t sets = 0;

	if (!parent || !first || !list)
		return arena_error(a, err);
	for (size_t i = n; i-- > 0;) {
		first[group[i]] = parent[i] = (uint32_t)i;
		list[i] = (struct blocked){ block[i], (uint32_t)i };
	}
	qsort(list, n, sizeof(*list), by_block);
	for (size_t i = 0; i < n; i++) {
		join(parent, (uint32_t)i, first[group[i]]);
		if (i && list[i].block == list[i - 1].block)
			join(parent, list[i].row, list[i - 1].row);
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t root = find_root(parent, (uint32_t)i);

		group[i] = root == i ? sets++ : group[root];
	}
	arena_rewind(a, mark);
	return 0;
}

/* ------------------------------------------------------------------- rows */

/* The places of the rows in the result. */
static int order_rows(const struct corpus_rule *r, size_t n, struct arena *a,
		      uint32_t **place, struct error *err)
{
	*place = ARENA_RAW(a, uint32_t, n);
	if (!*place)
		return arena_error(a, err);
	if (r->purpose)
		rng_permutation(rng_make(0, r->purpose), n, *place);
	for (size_t i = 0; i < n && !r->purpose; i++)
		(*place)[i] = (uint32_t)i;
	return 0;
}

/* The rows of the classes that are kept. `block` (n) is scratch. */
static int take_rows(const struct corpus *c, const struct corpus_rule *r,
		     const uint32_t *class, uint32_t *block, struct items *out,
		     struct error *err)
{
	const char **text = ARENA_NEW(c->arena, const char *, out->n);
	int32_t *label = ARENA_NEW(c->arena, int32_t, out->n);
	uint8_t *official = ARENA_NEW(c->arena, uint8_t, out->n);
	uint32_t *place;
	size_t n = 0;
	bool any = false;

	if (!text || !label || !official)
		return arena_error(c->arena, err);
	if (order_rows(r, out->n, c->arena, &place, err))
		return err->code;
	for (size_t i = 0; i < c->n; i++) {
		const struct corpus_row *row = &c->row[i];
		uint32_t k;

		if (class[row->label] == LEFT_OUT)
			continue;
		k = place[n++];
		text[k] = row->text;
		label[k] = (int32_t)class[row->label];
		official[k] = row->official;
		block[k] = row->block;
		any |= row->official != OFFICIAL_NONE;
	}
	out->text = text;
	out->label = label;
	out->official = any ? official : NULL;
	return 0;
}

/* Classes before rows: what is left out must take no place in the order, nor
 * may it join two groups. */
int corpus_finish(struct corpus *c, const struct corpus_rule *rule,
		  struct items *out, struct error *err)
{
	const char *const *names = NULL;
	uint32_t *class = NULL, *group, *block;
	size_t n = 0;

	*out = (struct items){ .modality = MODALITY_TEXT,
			       .task = TASK_CLASSIFICATION };
	if (!c->n)
		return error_set(err, ERR_DATA, "no text at all");
	if (name_classes(c, rule, &names, &n, &class, err) ||
	    keep_classes(c, rule, names, n, class, out, err))
		return err->code;
	group = ARENA_NEW(c->arena, uint32_t, out->n);
	block = ARENA_NEW(c->arena, uint32_t, out->n);
	if (!group || !block)
		return arena_error(c->arena, err);
	if (take_rows(c, rule, class, block, out, err) ||
	    corpus_groups(out->text, out->n, c->arena, group, err))
		return err->code;
	out->group = group;
	return c->has_blocks ? join_blocks(block, out->n, c->arena, group, err) : 0;
}
