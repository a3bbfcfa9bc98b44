/* Which family leads a modality, and by how much. For display: it depends on
 * who else is entered, so no verdict rests on it. */
#include <math.h>
#include <string.h>

#include "harness/base/json.h"
#include "results/board_private.h"
#include "results/stats.h"

static const char *const families[] = { "net", "kernel", "tree", "linear" };
#define FAMILIES (sizeof(families) / sizeof(families[0]))

/* The best of each family on the tasks of one modality. */
struct contest {
	const char *modality;
	double *score, *error; /* (tasks, FAMILIES); NAN: no good line */
	size_t tasks;
	double mean_rank[FAMILIES]; /* NAN: never entered */
	size_t wins[FAMILIES], entered[FAMILIES];
};

/* One task: the marked line of each family. */
static void enter_block(struct contest *c, const struct board *b, size_t i,
			size_t end)
{
	double *score = &c->score[c->tasks * FAMILIES];
	double *error = &c->error[c->tasks * FAMILIES];

	for (size_t f = 0; f < FAMILIES; f++)
		score[f] = error[f] = NAN;
	for (; i < end; i++) {
		const struct board_row *row = &b->rows[i];

		for (size_t f = 0; f < FAMILIES; f++) {
			if (!row->best_of_family ||
			    strcmp(row->family, families[f]))
				continue;
			score[f] = row->score;
			error[f] = row->error;
		}
	}
	c->tasks++;
}

/* Ranks on one task. A family without a good line there comes last, not
 * nowhere: leaving a task out must not pay. */
static void rank_task(struct contest *c, size_t task)
{
	double score[FAMILIES], rank[FAMILIES];

	for (size_t f = 0; f < FAMILIES; f++) {
		score[f] = c->score[task * FAMILIES + f];
		if (isnan(score[f]))
			score[f] = -INFINITY;
	}
	stats_ranks(score, FAMILIES, rank);
	for (size_t f = 0; f < FAMILIES; f++) {
		c->mean_rank[f] += rank[f] / (double)c->tasks;
		c->wins[f] += rank[f] < 2.0 && isfinite(score[f]);
		c->entered[f] += isfinite(score[f]) != 0;
	}
}

/* The families by mean rank: the first and the second, FAMILIES for none. */
static void find_leaders(const struct contest *c, size_t *first, size_t *second)
{
	*first = *second = FAMILIES;
	for (size_t f = 0; f < FAMILIES; f++) {
		if (!c->entered[f])
			continue;
		if (*first == FAMILIES ||
		    c->mean_rank[f] < c->mean_rank[*first]) {
			*second = *first;
			*first = f;
		} else if (*second == FAMILIES ||
			   c->mean_rank[f] < c->mean_rank[*second]) {
			*second = f;
		}
	}
}

/* Geometric mean over the tasks that both entered of error / error. */
static double error_ratio(const struct contest *c, size_t first, size_t second,
			  double *scratch)
{
	size_t n = 0;

	for (size_t t = 0; t < c->tasks; t++) {
		const double *error = &c->error[t * FAMILIES];
		double ratio = error[first] / error[second];

		if (isfinite(ratio) && ratio > 0.0)
			scratch[n++] = ratio;
	}
	return stats_geometric_mean(scratch, n);
}

/* The families that were there, in a fixed order. */
static json_t *family_lines(const struct contest *c)
{
	json_t *list = json_array();
	int bad = 0;

	for (size_t f = 0; f < FAMILIES; f++) {
		if (!c->entered[f])
			continue;
		bad |= json_array_append_new(
			list, json_pack("{s:s, s:f, s:I, s:I}", "family",
					families[f], "mean_rank",
					c->mean_rank[f], "wins",
					(json_int_t)c->wins[f], "tasks",
					(json_int_t)c->entered[f]));
	}
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

/* For the foot of a table; programs take the numbers beside it. */
static const char *in_words(const struct contest *c, size_t first,
			    size_t second, double ratio, struct arena *a)
{
	const char *plural = c->tasks == 1 ? "" : "s";

	if (first == FAMILIES)
		return arena_printf(a, "%s: no family has a good line",
				    c->modality);
	if (second == FAMILIES)
		return arena_printf(a, "%s: %s alone has good lines (%zu task%s)",
				    c->modality, families[first], c->tasks,
				    plural);
	return arena_printf(a,
			    "%s: %s leads, mean rank %.2f against %.2f of %s, "
			    "errors %.3g times %s's (%zu task%s)",
			    c->modality, families[first], c->mean_rank[first],
			    c->mean_rank[second], families[second], ratio,
			    families[second], c->tasks, plural);
}

static json_t *name_or_null(size_t f)
{
	return f < FAMILIES ? json_string(families[f]) : json_null();
}

/* Rank, find who leads, say it. NULL when out of memory. */
static json_t *contest_line(struct contest *c, struct arena *a)
{
	size_t first, second;
	double ratio = NAN;
	double *scratch = ARENA_NEW(a, double, c->tasks);
	const char *text;

	if (!scratch)
		return NULL;
	for (size_t t = 0; t < c->tasks; t++)
		rank_task(c, t);
	find_leaders(c, &first, &second);
	if (second < FAMILIES)
		ratio = error_ratio(c, first, second, scratch);
	/* Level on ranks: the errors decide who is named first. */
	if (second < FAMILIES && ratio > 1.0 &&
	    c->mean_rank[first] == c->mean_rank[second]) {
		size_t f = first;

		first = second;
		second = f;
		ratio = 1.0 / ratio;
	}
	text = in_words(c, first, second, ratio, a);
	if (!text)
		return NULL;
	return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:s}", "modality",
			 c->modality, "tasks", (json_int_t)c->tasks, "leader",
			 name_or_null(first), "runner_up", name_or_null(second),
			 "error_ratio", json_number(ratio), "families",
			 family_lines(c), "text", text);
}

/* The blocks from *i on that share a modality; moves *i behind them. */
static json_t *next_line(const struct board *b, size_t *i, struct arena *a)
{
	struct contest c = { .modality = b->rows[*i].modality };

	c.score = ARENA_NEW(a, double, (b->n - *i) * FAMILIES);
	c.error = ARENA_NEW(a, double, (b->n - *i) * FAMILIES);
	if (!c.score || !c.error)
		return NULL;
	while (*i < b->n && b->rows[*i].modality == c.modality) {
		size_t end = board_block_end(b, *i);

		enter_block(&c, b, *i, end);
		*i = end;
	}
	return contest_line(&c, a);
}

json_t *board_summarise(const struct board *b, struct arena *a)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < b->n;) {
		if (!json_array_append_new(list, next_line(b, &i, a)))
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}
