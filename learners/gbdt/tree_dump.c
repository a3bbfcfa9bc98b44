/* Node ids are those of tree_step: inner nodes in the order in which they were cut,
 * then the leaves. */
#include "learners/gbdt/tree_dump.h"

#include <math.h>

#include "harness/base/json.h"

struct dump {
	const struct tree *t;
	const struct tree_dump *with;
	struct text *out;
	const double *cover; /* (leaves - 1) rows below each node */
	bool too_deep;
};

static size_t id_of(const struct tree *t, int32_t child)
{
	return child >= 0 ? (size_t)child : t->leaves - 1 + (size_t)~child;
}

/* Views other than a table have columns without names: f0, f1 ... as in XGBoost. A
 * number behind the columns is the mean of a target over a level. */
static void add_name(const struct dump *d, uint32_t column, bool quoted)
{
	const struct dataset *data = d->with->data;
	const struct target_stats *s = d->with->stats;
	struct text t = { .arena = d->out->arena };
	uint32_t of = s ? target_stats_source(s, data->cols, column) : column;

	text_add(&t, of == column ? "" : "mean(");
	if (data->columns && data->columns[of].name)
		text_add(&t, data->columns[of].name);
	else
		text_printf(&t, "f%u", of);
	text_add(&t, of == column ? "" : ")");
	if (of != column && s->outputs > 1)
		text_printf(&t, ":%zu", (column - data->cols) % s->outputs);
	d->out->failed |= t.failed;
	if (t.failed)
		return;
	if (quoted)
		json_add_string(d->out, t.data);
	else
		text_add(d->out, t.data);
}

/* An infinite threshold is a value like any other to us, but none to JSON. */
static void add_number(const struct dump *d, float x)
{
	if (isfinite(x))
		text_printf(d->out, "%.9g", (double)x);
	else
		text_add(d->out, x > 0 ? "\"inf\"" : x < 0 ? "\"-inf\"" : "null");
}

/* Every level that goes to the left, also those that are too rare for a bin and go
 * with the missing. */
static void add_levels(const struct dump *d, const struct tree_node *n)
{
	const struct bins_column *c = &d->with->column[n->kept];
	const struct column *columns = d->with->data->columns;
	const struct column *names = columns ? &columns[n->column] : NULL;
	size_t listed = 0;

	text_add(d->out, "[");
	for (size_t l = 0; l < c->levels; l++) {
		if (!tree_set_has(&d->t->set[n->set], c->level_bin[l]))
			continue;
		if (listed++)
			text_add(d->out, ",");
		if (names && names->level_names)
			json_add_string(d->out, names->level_names[l]);
		else
			text_printf(d->out, "%zu", l);
	}
	text_add(d->out, "]");
}

static bool missing_left(const struct dump *d, const struct tree_node *n)
{
	return n->set >= 0 ? tree_set_has(&d->t->set[n->set], d->with->column[n->kept].bins) :
			     n->missing_left;
}

/* From the last node to the first, as nodes stand before their children. Without
 * memory the text has failed, and nobody reads what is in it. */
static const double *sum_covers(const struct tree *t, struct text *out)
{
	double *cover = ARENA_NEW(out->arena, double, t->leaves);

	out->failed |= !cover;
	for (size_t k = t->leaves - 1; cover && k-- > 0;)
		for (int side = 0; side < 2; side++) {
			int32_t child = t->node[k].child[side];

			cover[k] += child < 0 ? (double)t->cover[~child] : cover[child];
		}
	return cover;
}

/* A value, or the entries of a vector by their outputs. */
static void add_leaf(const struct dump *d, size_t leaf)
{
	const struct tree *t = d->t;

	if (!t->start) {
		add_number(d, t->value[leaf]);
		return;
	}
	text_add(d->out, "{");
	for (uint32_t k = t->start[leaf]; k < t->start[leaf + 1]; k++)
		text_printf(d->out, "%s\"%u\":%.9g", k > t->start[leaf] ? "," : "",
			    t->share[k].output, (double)t->share[k].value);
	text_add(d->out, "}");
}

/* ---------------------------------------------------------------- JSON */

static void add_node(struct dump *d, int32_t at, int depth)
{
	const struct tree_node *n = &d->t->node[at];
	size_t yes, no;

	if (at < 0) {
		text_printf(d->out, "{\"nodeid\":%zu,\"leaf\":", id_of(d->t, at));
		add_leaf(d, (size_t)~at);
		text_printf(d->out, ",\"cover\":%.9g}", (double)d->t->cover[~at]);
		return;
	}
	d->too_deep |= depth > TREE_DUMP_DEPTH;
	if (d->too_deep || d->out->failed)
		return;
	yes = id_of(d->t, n->child[0]);
	no = id_of(d->t, n->child[1]);
	text_printf(d->out, "{\"nodeid\":%d,\"depth\":%d,\"split\":", at, depth);
	add_name(d, n->column, true);
	text_add(d->out, n->set < 0 ? ",\"decision\":\"<=\",\"split_condition\":" :
				      ",\"decision\":\"in\",\"categories\":");
	if (n->set < 0)
		add_number(d, n->threshold);
	else
		add_levels(d, n);
	text_printf(d->out, ",\"yes\":%zu,\"no\":%zu,\"missing\":%zu,\"gain\":", yes, no,
		    missing_left(d, n) ? yes : no);
	add_number(d, n->gain);
	text_printf(d->out, ",\"cover\":%.9g,\"children\":[", d->cover[at]);
	add_node(d, n->child[0], depth + 1);
	text_add(d->out, ",");
	add_node(d, n->child[1], depth + 1);
	text_add(d->out, "]}");
}

bool tree_dump_json(const struct tree *t, const struct tree_dump *with, struct text *out)
{
	struct dump d = { .t = t, .with = with, .out = out, .cover = sum_covers(t, out) };

	add_node(&d, t->leaves > 1 ? 0 : ~0, 0);
	return !d.too_deep;
}

/* ---------------------------------------------------------------- text */

void tree_dump_text(const struct tree *t, const struct tree_dump *with, struct text *out)
{
	struct dump d = { .t = t, .with = with, .out = out, .cover = sum_covers(t, out) };

	for (size_t k = 0; k + 1 < t->leaves && !out->failed; k++) {
		const struct tree_node *n = &t->node[k];
		size_t yes = id_of(t, n->child[0]), no = id_of(t, n->child[1]);

		text_printf(out, "%zu:[", k);
		add_name(&d, n->column, false);
		if (n->set < 0)
			text_printf(out, "<=%.9g", (double)n->threshold);
		else {
			text_add(out, " in ");
			add_levels(&d, n);
		}
		text_printf(out, "] yes=%zu,no=%zu,missing=%zu,gain=%.9g,cover=%.9g\n",
			    yes, no, missing_left(&d, n) ? yes : no, (double)n->gain,
			    d.cover[k]);
	}
	for (size_t l = 0; l < t->leaves; l++) {
		text_printf(out, "%zu:leaf=", t->leaves - 1 + l);
		add_leaf(&d, l);
		text_printf(out, ",cover=%.9g\n", (double)t->cover[l]);
	}
}

/* ---------------------------------------------------------------- statistics */

static void add_means(const struct dump *d, uint64_t place)
{
	const struct target_stats *s = d->with->stats;

	text_add(d->out, "[");
	for (size_t k = 0; k < s->outputs; k++) {
		if (k)
			text_add(d->out, ",");
		add_number(d, s->mean[place * s->outputs + k]);
	}
	text_add(d->out, "]");
}

void tree_dump_stats(const struct tree_dump *with, size_t c, struct text *out)
{
	const struct target_stats *s = with->stats;
	const struct dump d = { .with = with, .out = out };
	const struct column *its = &with->data->columns[s->column[c]];
	uint64_t levels = s->start[c + 1] - s->start[c] - 2;

	text_add(out, "{\"column\":");
	add_name(&d, s->column[c], true);
	text_add(out, ",\"levels\":{");
	for (uint64_t l = 0; l < levels; l++) {
		if (l)
			text_add(out, ",");
		if (its->level_names)
			json_add_string(out, its->level_names[l]);
		else
			text_printf(out, "\"%llu\"", (unsigned long long)l);
		text_add(out, ":");
		add_means(&d, s->start[c] + l);
	}
	text_add(out, "},\"missing\":");
	add_means(&d, s->start[c] + levels);
	text_add(out, ",\"unseen\":");
	add_means(&d, s->start[c] + levels + 1);
	text_add(out, "}");
}
