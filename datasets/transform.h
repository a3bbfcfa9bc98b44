/* Twins and probes: the same task with one structure changed.
 *
 * A twin destroys what one inductive bias lives on and keeps all else (a fixed
 * permutation of the pixels, a rotation of the columns, shuffled tokens); a
 * probe gives a dose of trouble (noise columns, label noise, occlusion). Both
 * are transforms: applied after the split, the same for every learner, a pure
 * function of (seed, severity), and never of the labels of test rows.
 *
 * One a file, datasets/transform_<name>.c, which defines
 *	const struct transform transform_<name>;
 */
#ifndef TRIARCH_TRANSFORM_H
#define TRIARCH_TRANSFORM_H

#include "datasets/dataset.h"
#include "harness/base/rng.h"

/* How much each column of a table matters, asked of a learner by whoever loads
 * (datasets do not know learners). `data` is a table view whose test part is
 * empty; gain: (data->cols), larger is more important. */
struct ranking {
	int (*rank)(void *ctx, const struct dataset *data, struct arena *a, double *gain,
		    struct error *err);
	void *ctx;
	int version; /* of the learner that is asked: part of names in the cache */
};

/* What a transform is told. Whatever it makes lives in `a`. */
struct transform_job {
	double severity;
	struct rng rng; /* of this transform under the repeat's seed */
	const struct split *split;
	const struct ranking *ranking; /* NULL: nobody can be asked */
	enum view view;		       /* that is asked for, not its form */
	int threads;
	struct arena *a;
};

struct transform {
	const char *name, *summary; /* summary: one line */
	const char *severity;	    /* what the number means, one line */
	int version;		    /* raise when what it makes changes */
	unsigned modalities;	    /* bits: 1u << enum modality */
	unsigned tasks;		    /* bits: 1u << enum task */
	double min, max, usual;	    /* severities; usual: when none is given */
	/* Exactly one is set, by what is changed: which rows are used, the raw
	 * items, or the encoded view. `items` and `data` come with arrays that
	 * are not to be written: put new ones in their place. ERR_UNSUPPORTED
	 * where the data lack what is to be changed, ERR_MEMORY. */
	int (*rows)(const struct transform_job *job, const struct items *items,
		    struct split *split, struct error *err);
	int (*items)(const struct transform_job *job, struct items *items,
		     struct error *err);
	int (*view)(const struct transform_job *job, struct dataset *data,
		    struct error *err);
};

/* Some of them in the order in which they act. */
struct transform_step {
	const struct transform *transform;
	double severity;
};
struct transform_chain {
	const struct transform_step *steps; /* (n) */
	size_t n;
};

/* All transforms in order of name, and one by name (NULL when unknown). */
const struct transform *const *transform_all(size_t *n);
const struct transform *transform_find(const char *name);

/* A step from the words of a command line: "rotate" or "noise_columns" with a
 * value "1.5" (NULL: the usual severity). ERR_CONFIG with what is possible. */
int transform_step_parse(struct transform_step *s, const char *name, const char *value,
			 struct error *err);

/* "rotate=1,label_noise=0.2"; "" for an empty chain. In the arena, NULL when out
 * of memory. */
const char *transform_text(struct arena *a, const struct transform_chain *chain);

/* Can the chain act on such data? ERR_UNSUPPORTED names the step that cannot. */
int transform_check(const struct transform_chain *chain, enum modality m, enum task t,
		    struct error *err);

/* What a chain acts with, beside the data. */
struct transform_means {
	unsigned repeat; /* the seed of every step */
	const struct ranking *ranking;
	enum view view;
	int threads;
	struct arena *a;
};

/* The steps of one kind each, in their order: rows and raw items before the
 * encoder, the view behind it. `split` is that of the items. */
int transform_rows(const struct transform_chain *chain, const struct transform_means *with,
		   const struct items *items, struct split *split, struct error *err);
int transform_items(const struct transform_chain *chain, const struct transform_means *with,
		    const struct split *split, struct items *items, struct error *err);
int transform_view(const struct transform_chain *chain, const struct transform_means *with,
		   const struct split *split, struct dataset *data, struct error *err);

#endif
