/* What a learner is.
 *
 * One learner a file, learners/<name>.c, which defines
 *	const struct learner learner_<name>;
 * the registry is made from the file names, and the contract tests cover it
 * from then on. A learner never prints, exits, reads a clock or the
 * environment, starts threads of its own, or allocates outside run->arena; the
 * same seed and inputs give the same bits on any number of threads.
 * (Reference learners, other people's code, are exempt from the last two.)
 */
#ifndef TRIARCH_LEARNER_H
#define TRIARCH_LEARNER_H

#include "datasets/dataset.h"
#include "harness/base/arena.h"
#include "harness/base/error.h"
#include "harness/base/text.h"
#include "learners/param.h"

struct model_reader; /* learners/model/ */
struct model_writer;

enum family { FAMILY_NET, FAMILY_KERNEL, FAMILY_TREE, FAMILY_LINEAR, FAMILY_BASELINE };
enum origin { ORIGIN_OURS, ORIGIN_REFERENCE };
enum importance { IMPORTANCE_GAIN, IMPORTANCE_SPLITS }; /* sum of gains, cuts */
enum dump_format { DUMP_JSON, DUMP_TEXT };

/* What the harness lends for one fit and its predictions. */
struct run {
	struct arena *arena; /* all memory; the model lives here too */
	int threads;	     /* for par_for; >= 1 */
	uint64_t seed;
	/* Progress, deadline and Ctrl-C: call run_tick after each step. */
	bool (*tick)(void *ctx, size_t done, size_t total, double loss);
	void *tick_ctx;
	/* Told by the learner */
	size_t steps;	/* rounds, epochs, iterations that the model has */
	bool stopped;	/* tick said stop before the end */
	char note[160]; /* a fallback that ran, a limit that was met; or "" */
};

/* Record that `done` of `total` steps are in the model and ask to go on.
 * `loss` is the best measure at hand, NAN for none. False: stop now and keep
 * what you have. */
bool run_tick(struct run *run, size_t done, size_t total, double loss);

/* Made before the work begins. `bytes` is never more than fit takes, since the
 * harness turns a cell down whose forecast is above its limit. */
struct forecast {
	double bytes; /* peak memory of fit beyond the data */
	double flops;
};

struct learner {
	const char *name;    /* the file's stem */
	const char *summary; /* one line */
	enum family family;
	enum origin origin;
	int version;	/* raise when predictions change: part of the key */
	unsigned tasks; /* bits: 1u << enum task */
	/* Views it can take, the preferred first; 0 ends the list. */
	enum view views[8];
	bool uses_valid; /* fit looks at the validation rows (early stopping) */

	size_t config_size; /* bytes of its config struct */
	const struct param *params; /* the schema; a NULL name ends it */

	/* Fit `data->train` (and look at `data->valid`); *model in the arena.
	 * ERR_DIVERGED when the loss or weights leave the finite numbers,
	 * ERR_UNSUPPORTED for a size or kind it cannot take. Of memory: what is
	 * known to be too little before the work begins is ERR_UNSUPPORTED and
	 * says how much it takes and how much there is; running out on the way
	 * is ERR_MEMORY (arena_error says both). */
	int (*fit)(const void *config, const struct dataset *data,
		   struct run *run, void **model, struct error *err);

	/* scores: (rows->rows, classes) probabilities that sum to 1 a row, or
	 * (rows->rows, 1) values in the target's own units. `data` describes
	 * the columns; `rows` may be any part in the same encoding. */
	int (*predict)(const void *model, const struct dataset *data,
		       const struct part *rows, struct run *run, float *scores,
		       struct error *err);

	/* Optional; NULL when the learner has none. */
	void (*release)(void *model); /* references that own outside memory */
	/* The version of the library that a reference wraps, as the library
	 * that is loaded says: "1.7.4". For the rows of results and `doctor`. */
	void (*library)(char *out, size_t size);
	/* What each column did for the model: (cols), 0 or more. */
	int (*importance)(const void *model, enum importance kind, float *out);
	/* Write what predict needs (learners/model/model_writer.h), and read it
	 * back into r->arena; `data` has the columns and no rows. A file may hold
	 * anything: load checks all that predict relies on. ERR_DATA,
	 * ERR_MEMORY. The two come together. */
	void (*save)(const void *model, const struct dataset *data,
		     struct model_writer *w);
	int (*load)(struct model_reader *r, const struct dataset *data,
		    void **model, struct error *err);
	/* Append the model in words of its own: JSON, or text for people. The
	 * columns of `data` have names. ERR_MEMORY, ERR_UNSUPPORTED. */
	int (*dump)(const void *model, const struct dataset *data,
		    enum dump_format format, struct text *out, struct error *err);
	/* The raw scores a row has (before softmax and the like), and each
	 * column's share in them: contributions (rows, outputs, cols + 1), the
	 * last the mean score, that add up to the raw score. */
	size_t (*raw_outputs)(const void *model);
	int (*explain)(const void *model, const struct part *rows, struct run *run,
		       float *contributions, struct error *err);
	/* From sizes alone: `data` may be without arrays (task, view, cols,
	 * classes and train.rows are set), as it is in `triarch plan`. */
	struct forecast (*forecast)(const void *config,
				    const struct dataset *data);
};

const char *family_name(enum family f); /* "net", "kernel", "tree" ... */

/* All learners in order of name, and one by name (NULL when unknown). */
const struct learner *const *learner_all(size_t *n);
const struct learner *learner_find(const char *name);

/* Is it one that this build is without, as its library was missing? */
bool learner_left_out(const char *name);

/* Can it be given that view? One of its own, or of the form of one. */
bool learner_takes(const struct learner *l, enum view v);

/* The learner's preferred view among those a task has (bits); false if none. */
bool learner_view(const struct learner *l, unsigned views, enum view *out);

/* Columns of scores: classes, or 1 for regression. */
size_t learner_outputs(const struct dataset *data);

#endif
