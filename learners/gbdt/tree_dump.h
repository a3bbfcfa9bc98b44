/* A tree in words, close to XGBoost's dump, so that its readers find their way. */
#ifndef TRIARCH_GBDT_TREE_DUMP_H
#define TRIARCH_GBDT_TREE_DUMP_H

#include "harness/base/text.h"
#include "learners/gbdt/target_stats.h"
#include "learners/gbdt/tree.h"

/* JSON parsers refuse what is nested much deeper. */
enum { TREE_DUMP_DEPTH = 500 };

/* What a tree's numbers stand for. */
struct tree_dump {
	const struct bins_column *column;
	const struct dataset *data;
	const struct target_stats *stats; /* or NULL */
};

/* A nested object. An inner node:
 *	{"nodeid", "depth", "split": COLUMN, "split_condition": NUMBER,
 *	 "yes", "no", "missing": node ids, "gain", "cover", "children": [yes, no]}
 * COLUMN is "mean(NAME)", or "mean(NAME):OUTPUT", for a target statistic.
 * x <= split_condition goes to yes ("decision" says so; XGBoost has x < ...). For a
 * categorical column "categories" has the levels that go to yes instead. A leaf:
 *	{"nodeid", "leaf": VALUE, "cover": ROWS}
 * where VALUE is {OUTPUT: number ...} in a leaf that holds a vector; what is not
 * listed is 0.
 * False when the tree is deeper than TREE_DUMP_DEPTH. */
bool tree_dump_json(const struct tree *t, const struct tree_dump *with,
		    struct text *out);

/* A line a node, in the order of their ids. */
void tree_dump_text(const struct tree *t, const struct tree_dump *with,
		    struct text *out);

/* {"column", "levels": {LEVEL: number or numbers ...}, "missing", "unseen"}: what
 * stands in a row as COLUMN's mean, for a list. */
void tree_dump_stats(const struct tree_dump *with, size_t column, struct text *out);

#endif
