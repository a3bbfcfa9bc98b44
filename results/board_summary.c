/* Which family leads a modality, and by how much. For display: it depends on
 * who else is entered, so no verdict rests on it. */
#include <math.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "results/board_private.h"
#include "results/stats.h"

static const char *const families[] = { "net", "kernel", "tree", "linear" };
#define FAMILIES (sizeof(families) / sizeof(families[0]))
/* Ranks are halves, so mean ranks over fewer than 10,000 tasks differ by more;
 * what is nearer is rounding of the division by the number of tasks. */
#define RANK_STEP 1e-5

/* The best of each family on the tasks of one modality. */
struct contest {
	const char *modality;
	double *score, *error; /* (tasks, FAMILIES); NAN: no good line */
	size_t tasks;
	double mean_rank[FAMILIES]; /* of those that entered a task */
	size_t wins[FAMILIES], entered[FAMILIES]; /* tasks */
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
			c->entered[f] += isnan(score[f]) != 0;
			score[f] = row->score;
			error[f] = row->error;
		}
	}
	c->tasks++;
}

/* Ranks on one task, among the families that are in the modality at all. One
 * without a good line here comes last, not nowhere: leaving a task out must not
 * pay. */
static void rank_task(struct contest *c, size_t task)
{
	double score[FAMILIES], rank[FAMILIES];
	size_t family[FAMILIES], n = 0;

	for (size_t f = 0; f < FAMILIES; f++) {
		double x = c->score[task * FAMILIES + f];

		if (!c->entered[f])
			continue;
		score[n] = isnan(x) ? -INFINITY : x;
		family[n++] = f;
	}
	stats_ranks(score, n, rank);
	for (size_t k = 0; k < n; k++) {
		c->mean_rank[family[k]] += rank[k] / (double)c->tasks;
		c->wins[family[k]] += rank[k] < 2.0 && isfinite(score[k]);
	}
}

/* Who stands where: the two that are named, FAMILIES for nobody. */
struct podium {
	size_t first, second;
	size_t level;	    /* how many share the best mean rank */
	double error_ratio; /* first's errors over second's; NAN: unknown */
};

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

/* Better by mean rank; level on it, by errors where both can be compared (the
 * rank of two families on one task each may be level for no deep reason). */
static bool is_before(const struct contest *c, size_t x, size_t y,
		      double *scratch)
{
	if (fabs(c->mean_rank[x] - c->mean_rank[y]) > RANK_STEP)
		return c->mean_rank[x] < c->mean_rank[y];
	return error_ratio(c, x, y, scratch) < 1.0;
}

/* One pass keeps the best two; scratch: (tasks). */
static struct podium find_podium(const struct contest *c, double *scratch)
{
	struct podium p = { FAMILIES, FAMILIES, 0, NAN };

	for (size_t f = 0; f < FAMILIES; f++) {
		if (!c->entered[f])
			continue;
		if (p.first == FAMILIES || is_before(c, f, p.first, scratch)) {
			p.second = p.first;
			p.first = f;
		} else if (p.second == FAMILIES ||
			   is_before(c, f, p.second, scratch)) {
			p.second = f;
		}
	}
	for (size_t f = 0; f < FAMILIES; f++)
		p.level += c->entered[f] &&
			   fabs(c->mean_rank[f] - c->mean_rank[p.first]) <=
				   RANK_STEP;
	if (p.second < FAMILIES)
		p.error_ratio = error_ratio(c, p.first, p.second, scratch);
	return p;
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

/* "kernel and tree": those who share the best mean rank, the one with the
 * fewer errors first. */
static void add_level(const struct contest *c, const struct podium *p,
		      struct text *out)
{
	size_t named = 1;

	text_add(out, families[p->first]);
	for (size_t f = 0; f < FAMILIES; f++) {
		if (f == p->first || !c->entered[f] ||
		    fabs(c->mean_rank[f] - c->mean_rank[p->first]) > RANK_STEP)
			continue;
		text_printf(out, "%s%s", ++named == p->level ? " and " : ", ",
			    families[f]);
	}
}

/* For the foot of a table; programs take the numbers beside it. Nobody "leads"
 * on equal mean ranks: with two tasks and two families that is the rule and not
 * the exception. */
static const char *in_words(const struct contest *c, const struct podium *p,
			    struct arena *a)
{
	struct text out = { .arena = a };
	const char *second = p->second < FAMILIES ? families[p->second] : "";

	text_printf(&out, "%s, %zu task%s: ", c->modality, c->tasks,
		    c->tasks == 1 ? "" : "s");
	if (p->first == FAMILIES) {
		text_add(&out, "no family has a good line");
	} else if (p->second == FAMILIES) {
		text_printf(&out, "%s alone has good lines", families[p->first]);
	} else if (p->level > 1) {
		text_add(&out, "no family leads, ");
		add_level(c, p, &out);
		text_printf(&out, " have mean rank %.2f each",
			    c->mean_rank[p->first]);
	} else {
		text_printf(&out, "%s leads with mean rank %.2f against %.2f of %s",
			    families[p->first], c->mean_rank[p->first],
			    c->mean_rank[p->second], second);
	}
	if (isfinite(p->error_ratio))
		text_printf(&out, "; errors of %s are %.3g times those of %s",
			    families[p->first], p->error_ratio, second);
	return out.failed ? NULL : out.data;
}

/* FAMILIES stands for nobody. */
static json_t *name_or_null(size_t f)
{
	return f < FAMILIES ? json_string(families[f]) : json_null();
}

/* The two whose errors the ratio compares; empty without two. */
static json_t *compared(const struct podium *p)
{
	if (p->second == FAMILIES)
		return json_array();
	return json_pack("[s, s]", families[p->first], families[p->second]);
}

/* Rank, find who leads, say it. NULL when out of memory. */
static json_t *contest_line(struct contest *c, struct arena *a)
{
	double *scratch = ARENA_NEW(a, double, c->tasks);
	struct podium p;
	const char *text;
	size_t leader, runner_up;

	if (!scratch)
		return NULL;
	for (size_t t = 0; t < c->tasks; t++)
		rank_task(c, t);
	p = find_podium(c, scratch);
	text = in_words(c, &p, a);
	if (!text)
		return NULL;
	leader = p.level > 1 ? FAMILIES : p.first;
	runner_up = p.level > 1 ? FAMILIES : p.second;
	return json_pack("{s:s, s:I, s:o, s:o, s:b, s:o, s:o, s:o, s:s}",
			 "modality", c->modality, "tasks", (json_int_t)c->tasks,
			 "leader", name_or_null(leader), "runner_up",
			 name_or_null(runner_up), "tied", p.level > 1,
			 "compared", compared(&p), "error_ratio",
			 json_number(p.error_ratio), "families",
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

		if (!*b->rows[*i].transform)
			enter_block(&c, b, *i, end);
		*i = end;
	}
	return contest_line(&c, a);
}

/* Rows are sorted by modality first, so each is one run of blocks; one without a
 * plain task has no line. */
json_t *board_summarise(const struct board *b, struct arena *a)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < b->n;) {
		if (*b->rows[i].transform) {
			i = board_block_end(b, i);
			continue;
		}
		if (!json_array_append_new(list, next_line(b, &i, a)))
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}
