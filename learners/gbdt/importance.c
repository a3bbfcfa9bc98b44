/* Sums over the nodes, in their order: the transform that drops columns by them must
 * not depend on anything but the trees. */
#include "learners/gbdt/importance.h"

void importance_add(const struct tree *t, enum importance kind, float *out)
{
	for (size_t k = 0; k + 1 < t->leaves; k++)
		out[t->node[k].column] +=
			kind == IMPORTANCE_GAIN ? t->node[k].gain : 1;
}
