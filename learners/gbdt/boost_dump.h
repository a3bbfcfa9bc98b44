/* Boosted trees in words. */
#ifndef TRIARCH_GBDT_BOOST_DUMP_H
#define TRIARCH_GBDT_BOOST_DUMP_H

#include "learners/gbdt/boost.h"

/* JSON: {"objective", "outputs", "rounds", "base_score": (outputs),
 * "target_statistics"?: [tree_dump_stats ...], "trees":
 * [{"round", "output", "tree": tree_dump.h} ...]}; raw scores are base_score plus
 * the leaves. Text: the same for people. ERR_UNSUPPORTED for trees too deep for
 * JSON, ERR_MEMORY. */
int boost_dump(const struct boost *b, const struct dataset *data, enum dump_format format,
	       struct text *out, struct error *err);

#endif
