/* Rows of word ids -> a worker's packed input. */
#include "learners/nn/nn_tokens.h"

/* Buffers are sized by the limit, so it is no larger than training rows need:
 * positions beyond the longest of them would have no trained embedding either. */
void nn_tokens_measure(struct nn_scaling *s, const struct dataset *data,
		       size_t limit)
{
	const struct part *train = &data->train;
	size_t longest = 0;

	for (size_t i = 0; i < train->rows; i++) {
		size_t n = train->row_start[i + 1] - train->row_start[i];

		longest = n > longest ? n : longest;
	}
	s->limit = limit < longest + 1 ? limit : longest + 1;
	s->vocab = data->vocab;
	s->shape = (struct nn_shape){ s->limit, 1, 1 };
}

void nn_tokens_put(const struct nn_scaling *s, const struct part *rows, size_t row,
		   struct nn_worker *w, size_t i)
{
	const uint32_t *id = rows->index + rows->row_start[row];
	size_t n = rows->row_start[row + 1] - rows->row_start[row];
	float *to = w->input + w->start[i];

	if (n > s->limit - 1)
		n = s->limit - 1;
	to[0] = (float)s->vocab;
	for (size_t k = 0; k < n; k++)
		to[k + 1] = id[k] < s->vocab ? (float)id[k] : 0.0f;
	w->start[i + 1] = w->start[i] + (uint32_t)(n + 1);
}
