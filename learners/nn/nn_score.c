/* Forward over many rows, and how good the outcome is.
 *
 * Rows go through in shards, as in training, but any shard may hold any rows:
 * norms use their running statistics here, so a row's scores do not depend on
 * its neighbours.
 */
#include "learners/nn/nn_score.h"

#include <math.h>
#include <string.h>

#include "harness/base/par.h"
#include "harness/base/simd.h"
#include "learners/nn/nn_loss.h"

struct job {
	const struct nn_net *net;
	const struct nn_scaling *scaling;
	const struct part *rows;
	struct nn_worker *workers;
	bool classify;
	float *scores;
};

/* The scores of an ensemble: the mean of its values, or the logarithm of its mean
 * probabilities, of which a softmax makes these again. */
static void meet(const struct nn_net *net, bool classify, const float *from,
		 float *to)
{
	size_t k = nn_members(net), n = net->out.channels;

	memset(to, 0, n * sizeof(*to));
	for (size_t m = 0; m < k; m++) {
		const float *z = from + m * n;
		double top = classify ? (double)simd_vec()->max(z, n) : 0, sum = 0;

		for (size_t c = 0; classify && c < n; c++)
			sum += exp((double)z[c] - top);
		for (size_t c = 0; c < n; c++)
			to[c] += (float)((classify ? exp((double)z[c] - top) / sum :
						     (double)z[c]) / (double)k);
	}
	for (size_t c = 0; classify && c < n; c++)
		to[c] = (float)log(fmax((double)to[c], 1e-30));
}

/* One shard, with the buffers of whichever worker took it. */
static void score_block(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	struct nn_worker *w = &job->workers[worker];
	struct par_range r = par_range(job->rows->rows, job->net->shard_rows,
				       chunk);
	struct nn_shard shard = { .rows = r.end - r.begin };
	size_t outputs = job->net->out.channels;
	const float *out;

	nn_source_fetch(job->scaling,
			&(struct nn_fetch){ .rows = job->rows,
					    .first = r.begin,
					    .n = shard.rows }, w);
	out = nn_net_forward(job->net, w, &shard);
	if (nn_members(job->net) == 1)
		memcpy(job->scores + r.begin * outputs, out,
		       shard.rows * outputs * sizeof(*out));
	for (size_t i = 0; nn_members(job->net) > 1 && i < shard.rows; i++)
		meet(job->net, job->classify, out + i * nn_shape_size(job->net->out),
		     job->scores + (r.begin + i) * outputs);
}

void nn_score(const struct nn_net *net, const struct nn_scaling *scaling,
	      const struct part *rows, struct nn_worker *workers, int threads,
	      float *scores)
{
	struct job job = { .net = net, .scaling = scaling, .rows = rows,
			   .workers = workers, .scores = scores,
			   .classify = scaling->classes > 0 };

	par_for(threads, par_chunks(rows->rows, net->shard_rows), score_block,
		&job);
}

/* Of equal scores the first class, as the harness's accuracy has it. */
static size_t largest(const float *x, size_t n)
{
	size_t best = 0;

	for (size_t c = 1; c < n; c++)
		if (x[c] > x[best])
			best = c;
	return best;
}

/* Means over rows by their weights; a regression has no error, so that epochs
 * compare by their loss. One row at a time, for the loss wants sums a row. */
struct nn_quality nn_score_quality(const struct nn_scaling *scaling,
				   const struct part *rows, size_t outputs,
				   const float *scores)
{
	struct nn_quality q = { 0 };
	double total = 0.0;

	for (size_t i = 0; i < rows->rows; i++) {
		double w = rows->weight ? (double)rows->weight[i] : 1.0;
		struct nn_loss l = { .rows = 1, .outputs = outputs,
				     .scores = scores + i * outputs };
		float y;

		total += w;
		if (rows->label) {
			l.label = rows->label + i;
			q.loss += w * nn_loss_softmax(&l);
			q.error += largest(l.scores, outputs) ==
				   (size_t)*l.label ? 0.0 : w;
			continue;
		}
		y = (float)(((double)rows->target[i] - scaling->target_mean) /
			    scaling->target_sd);
		l.target = &y;
		q.loss += w * nn_loss_squared(&l);
	}
	if (total > 0.0) {
		q.loss /= total;
		q.error /= total;
	}
	return q;
}
