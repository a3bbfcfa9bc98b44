/* Minibatch training: permute, cut, forward and backward a shard, add, update.
 *
 * Shards of a minibatch run at once, each into a gradient of its own; the
 * optimizer adds these in shard order. So threads decide who works when, never
 * what is added to what. The price is memory, shards * params floats, and that
 * batch norm sees a shard at a time (nn_norm.c says why that is no loss).
 */
#include "learners/nn/nn_train.h"

#include <math.h>
#include <string.h>

#include "harness/base/par.h"
#include "learners/nn/nn_loss.h"
#include "learners/nn/nn_score.h"

/* A mean loss beyond this is no training any more, though still a number. */
#define LOSS_MAX 1e8
/* Share of a step's statistics in the running ones, once ten steps are in. */
#define STATE_SHARE 0.1

/* Everything a fit holds. */
struct trainer {
	struct nn_net *net;
	const struct nn_train *how;
	const struct dataset *data;
	const struct nn_scaling *scaling;
	struct run *run;
	struct nn_optimizer optimizer;
	struct nn_table table;
	struct nn_worker *workers; /* (threads) */
	uint32_t *order;	   /* (train rows) of this epoch */
	float *grad;		   /* (shards, params) */
	float *batch_state;	   /* (shards, state) */
	double *loss;		   /* (shards) sums */
	float *valid_scores;	   /* (valid rows, outputs) */
	float *best_theta, *best_state;
	size_t epoch_steps, total; /* steps of an epoch and of all */
	size_t step;		   /* done */
	size_t begin, rows;	   /* the minibatch, within order */
	size_t shards;		   /* of it */
	struct nn_quality best;
	size_t best_epoch, best_step;
	double shown; /* the loss to tell tick */
};

/* Piece k of n things cut in `pieces` nearly equal pieces. */
static struct par_range even_piece(size_t n, size_t pieces, size_t k)
{
	return (struct par_range){ .begin = n * k / pieces,
				   .end = n * (k + 1) / pieces };
}

/* A running mean of weights moves all rows of a table, touched or not. */
static bool apart(const struct trainer *t)
{
	return t->net->table && !(t->how->average > 0);
}

/* All memory of the fit is taken here: past this point only arithmetic can go
 * wrong. Without validation rows nothing is allocated to keep a best. */
static int trainer_init(struct trainer *t, struct error *err)
{
	struct arena *a = t->run->arena;
	size_t n = t->data->train.rows, params = t->net->params;
	size_t batch = t->how->batch < n ? t->how->batch : n;
	size_t shards = par_chunks(batch, t->net->shard_rows);
	size_t valid = t->how->patience ? t->data->valid.rows : 0;

	t->epoch_steps = par_chunks(n, batch);
	t->total = t->epoch_steps * t->how->epochs;
	t->workers = nn_workers_new(t->net, (size_t)t->run->threads, true, a);
	t->order = ARENA_NEW(a, uint32_t, n);
	t->grad = ARENA_NEW(a, float, shards * params);
	t->batch_state = ARENA_NEW(a, float, shards * t->net->state);
	t->loss = ARENA_NEW(a, double, shards);
	t->valid_scores = ARENA_NEW(a, float,
				    valid * t->net->out.channels);
	t->best_theta = ARENA_NEW(a, float, valid ? params : 0);
	t->best_state = ARENA_NEW(a, float, valid ? t->net->state : 0);
	if (!t->workers || !t->order || !t->grad || !t->batch_state ||
	    !t->loss || !t->valid_scores || !t->best_theta || !t->best_state)
		return arena_error(a, err);
	t->best = (struct nn_quality){ INFINITY, INFINITY };
	t->shown = NAN;
	t->optimizer = (struct nn_optimizer){
		.rule = t->how->rule, .decay = t->how->weight_decay,
		.beta1 = t->how->beta1, .beta2 = t->how->beta2,
		.eps = t->how->eps, .clip = t->how->clip,
		.average = t->how->average,
		.table = apart(t) ? &t->table : NULL,
	};
	if (apart(t) && nn_table_init(&t->table, t->net, shards, a, err))
		return (int)err->code;
	return nn_optimizer_init(&t->optimizer, t->net, a, err);
}

/* The shard's summed loss; its slope goes where backward starts from. */
static double shard_loss(struct trainer *t, struct nn_worker *w, size_t rows,
			 const float *scores)
{
	struct nn_loss l = { .rows = rows, .delta = t->how->huber,
			     .outputs = t->net->out.channels,
			     .members = nn_members(t->net),
			     .scores = scores, .label = w->label,
			     .target = w->target, .weight = w->weight,
			     .smoothing = t->how->smoothing,
			     .scale = 1.0f / (float)t->rows,
			     .d_scores = w->delta[0] };

	if (t->data->task == TASK_CLASSIFICATION)
		return nn_loss_softmax(&l);
	return l.delta > 0 ? nn_loss_huber(&l) : nn_loss_squared(&l);
}

static double fade_of(const struct trainer *t)
{
	return t->how->fade ? nn_schedule_at(NN_FLAT_COS, t->step, t->total, 0) : 1;
}

/* Random numbers are addressed by (step, layer, row of the minibatch): the
 * shard that a row is in does not matter to its dropout. */
static void run_shard(void *ctx, size_t chunk, size_t worker)
{
	struct trainer *t = ctx;
	struct nn_worker *w = &t->workers[worker];
	struct par_range r = even_piece(t->rows, t->shards, chunk);
	struct nn_shard s = {
		.rows = r.end - r.begin, .first_row = r.begin, .train = true,
		.rng = rng_sub(rng_make(t->run->seed, "nn/step"), t->step),
		.fade = (float)fade_of(t),
		.batch_state = t->batch_state + chunk * t->net->state,
		.touched = apart(t) ? &t->table.shard[chunk] : NULL };
	struct nn_fetch fetch = {
		.rows = &t->data->train, .order = t->order,
		.first = t->begin + r.begin, .n = s.rows, .targets = true,
		.augment = nn_augment_on(&t->how->augment) ? &t->how->augment : NULL,
		.rng = rng_sub(rng_make(t->run->seed, "nn/augment"), t->step),
		.first_row = r.begin };
	const float *scores;

	nn_source_fetch(t->scaling, &fetch, w);
	scores = nn_net_forward(t->net, w, &s);
	t->loss[chunk] = shard_loss(t, w, s.rows, scores);
	nn_net_backward(t->net, w, &s, t->grad + chunk * t->net->params);
}

/* Running statistics: the mean of the first steps, then an exponential one,
 * so that even a fit of a few steps has sound statistics. Shards count by
 * their rows. */
static void merge_state(struct trainer *t)
{
	double share = fmax(STATE_SHARE, 1.0 / (double)(t->step + 1));

	for (size_t k = 0; k < t->net->state; k++) {
		double now = 0.0;

		for (size_t s = 0; s < t->shards; s++) {
			struct par_range r = even_piece(t->rows, t->shards, s);

			now += (double)t->batch_state[s * t->net->state + k] *
			       (double)(r.end - r.begin) / (double)t->rows;
		}
		t->net->running[k] = (float)((1.0 - share) *
					     (double)t->net->running[k] +
					     share * now);
	}
}

/* Better an error with a cure than hours on the way to NaN. */
static int check_loss(const struct trainer *t, double loss, struct error *err)
{
	if (isfinite(loss) && loss < LOSS_MAX)
		return 0;
	return error_set(err, ERR_DIVERGED,
			 "the loss is %g at step %zu of %zu; lower lr (it is %g)",
			 loss, t->step + 1, t->total, t->how->lr);
}

/* The last step has no next one whose loss would tell. */
static int check_weights(const struct trainer *t, struct error *err)
{
	for (size_t k = 0; k < t->net->params; k++)
		if (!isfinite(t->net->theta[k]))
			return error_set(err, ERR_DIVERGED,
					 "weights are not finite after step %zu of "
					 "%zu; lower lr (it is %g)",
					 t->step, t->total, t->how->lr);
	return 0;
}

/* One minibatch: shards forward and backward, then one update. */
static int train_step(struct trainer *t, double *mean_loss, struct error *err)
{
	struct par_range r = even_piece(t->data->train.rows, t->epoch_steps,
					t->step % t->epoch_steps);
	size_t warmup = (size_t)(t->how->warmup * (double)t->total);
	double lr = t->how->lr * nn_schedule_at(t->how->schedule, t->step,
						t->total, warmup);
	double loss = 0.0;
	int rc;

	t->begin = r.begin;
	t->rows = r.end - r.begin;
	t->shards = par_chunks(t->rows, t->net->shard_rows);
	par_for(t->run->threads, t->shards, run_shard, t);
	for (size_t s = 0; s < t->shards; s++)
		loss += t->loss[s] / (double)t->rows;
	rc = check_loss(t, loss, err);
	if (rc)
		return rc;
	merge_state(t);
	t->optimizer.decay = t->how->weight_decay * fade_of(t);
	nn_optimizer_step(&t->optimizer, t->net, t->grad, t->shards, lr,
			  t->run->threads);
	t->step++;
	*mean_loss = loss;
	return 0;
}

/* Of equals the later epoch: it has seen more, at a lower rate. */
static bool better(const struct trainer *t, const struct nn_quality *q)
{
	bool alone = t->how->last_best && t->scaling->classes;

	return q->error < t->best.error ||
	       (q->error == t->best.error && (alone || q->loss <= t->best.loss));
}

/* Weights and their running mean change places: it is the mean that is judged and
 * kept, and the weights that go on. */
static void exchange(struct trainer *t)
{
	float *mean = t->optimizer.ema;

	if (!(t->how->average > 0))
		return;
	t->optimizer.ema = t->net->theta;
	t->net->theta = mean;
}

/* Look at the validation rows after epoch `epoch`; false: patience is out. */
static bool validate(struct trainer *t, size_t epoch)
{
	struct nn_quality q;

	exchange(t);
	nn_score(t->net, t->scaling, &t->data->valid, t->workers,
		 t->run->threads, t->valid_scores);
	q = nn_score_quality(t->scaling, &t->data->valid,
			     t->net->out.channels, t->valid_scores);
	t->shown = q.loss;
	if (better(t, &q)) {
		t->best = q;
		t->best_epoch = epoch;
		t->best_step = t->step;
		memcpy(t->best_theta, t->net->theta,
		       t->net->params * sizeof(float));
		memcpy(t->best_state, t->net->running,
		       t->net->state * sizeof(float));
	}
	exchange(t);
	return epoch - t->best_epoch < t->how->patience;
}

/* Without a validation (patience 0, no rows, stopped in the first epoch) the
 * last weights stay. */
static void keep_best(struct trainer *t)
{
	if (!t->best_step) {
		exchange(t);
		return;
	}
	memcpy(t->net->theta, t->best_theta, t->net->params * sizeof(float));
	memcpy(t->net->running, t->best_state, t->net->state * sizeof(float));
	t->run->steps = t->best_step;
}

/* The steps of one epoch. *go_on becomes false when tick said stop. */
static int train_epoch(struct trainer *t, size_t epoch, bool *go_on,
		       struct error *err)
{
	struct rng r = rng_sub(rng_make(t->run->seed, "nn/order"), epoch);
	double loss;

	rng_permutation(r, t->data->train.rows, t->order);
	for (size_t k = 0; k < t->epoch_steps && *go_on; k++) {
		int rc = train_step(t, &loss, err);

		if (rc)
			return rc;
		*go_on = run_tick(t->run, t->step, t->total,
				  isnan(t->shown) ? loss : t->shown);
	}
	return 0;
}

/* First weights from as many training rows as a shard has, drawn by the seed. */
static void start_on_data(struct trainer *t)
{
	struct nn_worker *w = &t->workers[0];
	size_t n = t->data->train.rows, rows = t->net->shard_rows;

	rows = rows < n ? rows : n;
	rng_permutation(rng_make(t->run->seed, "nn/start"), n, t->order);
	nn_source_fetch(t->scaling,
			&(struct nn_fetch){ .rows = &t->data->train,
					    .order = t->order, .n = rows }, w);
	nn_net_start_on(t->net, w, rows, t->run->seed);
	if (t->how->average > 0)
		memcpy(t->optimizer.ema, t->net->theta,
		       t->net->params * sizeof(float));
}

int nn_train(struct nn_net *net, const struct nn_train *how,
	     const struct dataset *data, const struct nn_scaling *scaling,
	     struct run *run, struct error *err)
{
	struct trainer t = { .net = net, .how = how, .data = data,
			     .scaling = scaling, .run = run };
	bool go_on = true;
	int rc = trainer_init(&t, err);

	if (!rc)
		start_on_data(&t);
	for (size_t epoch = 0; !rc && go_on && epoch < how->epochs; epoch++) {
		rc = train_epoch(&t, epoch, &go_on, err);
		/* A deadline leaves no time to look at validation rows. */
		if (!rc && go_on && data->valid.rows && how->patience)
			go_on = validate(&t, epoch);
	}
	if (rc)
		return rc;
	keep_best(&t);
	return check_weights(&t, err);
}
