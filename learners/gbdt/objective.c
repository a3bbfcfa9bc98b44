/* The table of objectives, and what is the same for all. To add one, write its
 * struct (objective_value.c, objective_class.c) and enter it in the two lists
 * below; a regression's place in the first is its number in the parameter.
 */
#include "learners/gbdt/objective.h"

#include <math.h>
#include <string.h>

#include "learners/gbdt/worth.h"

const char *const objective_choices[] = {
	"auto", "squared", "absolute", "quantile", "huber", "poisson", NULL,
};

static const struct objective *const all[] = {
	&objective_squared,  &objective_absolute, &objective_quantile,
	&objective_huber,    &objective_poisson,  &objective_logistic,
	&objective_softmax,
};

const struct objective *objective_find(const char *name)
{
	for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
		if (!strcmp(all[k]->name, name))
			return all[k];
	return NULL;
}

int objective_pick(const struct gbdt_config *config, const struct dataset *data,
		   const struct objective **o, size_t *outputs,
		   struct error *err)
{
	const char *name = objective_choices[config->objective];

	*outputs = 1;
	if (data->task == TASK_REGRESSION) {
		*o = config->objective ? objective_find(name) :
					 &objective_squared;
		return 0;
	}
	if (config->objective)
		return error_set(err, ERR_CONFIG,
				 "objective=%s is for regression, and this task "
				 "has classes; leave it at auto", name);
	*o = data->classes == 2 ? &objective_logistic : &objective_softmax;
	*outputs = data->classes == 2 ? 1 : data->classes;
	return 0;
}

/* label or target may be NULL, as the task has it. */
struct objective_rows objective_rows(const struct gbdt_config *config,
				     const struct part *part, size_t outputs)
{
	return (struct objective_rows){
		.rows = part->rows,
		.outputs = outputs,
		.label = part->label,
		.target = part->target,
		.weight = part->weight,
		.quantile_level = config->quantile_level,
		.huber_delta = config->huber_delta,
	};
}

void objective_base(const struct objective *o, const struct objective_rows *t,
		    float *scratch, double *base)
{
	float *weight = NULL;

	if (!o->renew) {
		o->base(t, base);
		return;
	}
	if (t->weight)
		weight = scratch + t->rows;
	memcpy(scratch, t->target, t->rows * sizeof(*scratch));
	if (weight)
		memcpy(weight, t->weight, t->rows * sizeof(*weight));
	*base = o->renew(t, scratch, weight, t->rows);
}

/* An infinite target has no mean, and the leaf that holds it no value. */
int objective_check(const struct objective *o, const struct objective_rows *t,
		    const char *what, struct error *err)
{
	for (size_t i = 0; t->target && i < t->rows; i++) {
		if (!isfinite(t->target[i]))
			return error_set(err, ERR_DATA,
					 "the target of %s row %zu is %g; drop "
					 "the row or mend it", what, i + 1,
					 (double)t->target[i]);
		if (o->takes && !o->takes(t->target[i]))
			return error_set(err, ERR_DATA,
					 "objective=%s takes targets of %s; "
					 "that of %s row %zu is %g", o->name,
					 o->wants, what, i + 1,
					 (double)t->target[i]);
	}
	return 0;
}

struct derive_job {
	const struct objective *o;
	const struct objective_rows *t;
	const float *score;
	float *gradient, *hessian;
	double *sums;
};

static void derive_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct derive_job *job = ctx;

	(void)worker;
	job->o->derive(job->t, job->score,
		       par_range(job->t->rows, OBJECTIVE_CHUNK, chunk),
		       job->gradient, job->hessian,
		       job->sums + 2 * job->t->outputs * chunk);
}

void objective_derive(const struct objective *o, const struct objective_rows *t,
		      const float *score, float *gradient, float *hessian,
		      double *sums, int threads)
{
	struct derive_job job = { .o = o, .t = t, .score = score,
				  .gradient = gradient, .hessian = hessian,
				  .sums = sums };

	par_for(worth_threads(threads, 2.0 * (double)t->rows * (double)t->outputs),
		par_chunks(t->rows, OBJECTIVE_CHUNK), derive_chunk, &job);
}

struct loss_job {
	const struct objective *o;
	const struct objective_rows *t;
	const float *score;
	double *partial; /* (chunks, 2) sums of loss and of weight */
};

static void loss_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct loss_job *job = ctx;
	struct par_range r = par_range(job->t->rows, OBJECTIVE_ROWS, chunk);
	double weight = 0;

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++)
		weight += objective_weight(job->t, i);
	job->partial[2 * chunk] = job->o->loss(job->t, job->score, r);
	job->partial[2 * chunk + 1] = weight;
}

/* Sums a chunk each, added in order: early stopping compares these, so a model
 * must not depend on who computed them. */
double objective_loss(const struct objective *o, const struct objective_rows *t,
		      const float *score, double *partial, int threads)
{
	struct loss_job job = { .o = o, .t = t, .score = score,
				.partial = partial };
	size_t chunks = par_chunks(t->rows, OBJECTIVE_ROWS);
	double sum = 0, weight = 0, mean;

	par_for(worth_threads(threads, 4.0 * (double)t->rows * (double)t->outputs),
		chunks, loss_chunk, &job);
	for (size_t k = 0; k < chunks; k++) {
		sum += partial[2 * k];
		weight += partial[2 * k + 1];
	}
	mean = weight > 0 ? sum / weight : NAN;
	return o->tells_root ? sqrt(mean) : mean;
}
