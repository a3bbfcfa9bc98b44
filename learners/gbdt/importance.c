/* Sums over the nodes, in their order: the transform that drops columns by them must
 * not depend on anything but the trees. */
#include "learners/gbdt/importance.h"

void importance_add(const struct tree *t, const struct target_stats *stats, size_t cols,
		    enum importance kind, float *out)
{
	for (size_t k = 0; k + 1 < t->leaves; k++)
		out[target_stats_source(stats, cols, t->node[k].column)] +=
			kind == IMPORTANCE_GAIN ? t->node[k].gain : 1;
}
