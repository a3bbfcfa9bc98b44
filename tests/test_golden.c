/* Predictions that changed must come with a raised `version`: the keys of
 * cells hold it, and results of two versions are never mixed.
 *
 * tests/golden.txt has a line a learner, view and task: its version and three
 * weighted sums of its scores on made-up data. `test_golden --write` makes the
 * file anew; do that after raising the version. */
#include "harness/base/blas.h"
#include "learners/learner.h"

#include "tests/contract.h"
#include "tests/tap.h"

#define SUMS 3
#define GOLDEN "tests/golden.txt"

struct golden {
	char what[128];
	int version;
	double sum[SUMS];
};

/* Random signs, so that a change of any score shows. */
static void digest(const struct trial *t, struct golden *g)
{
	static struct outcome o;
	struct rng r = rng_make(1, "golden");
	size_t n;

	contract_try(t, &o);
	n = o.rows * o.outputs;
	for (size_t k = 0; k < SUMS; k++) {
		g->sum[k] = 0;
		for (size_t i = 0; i < n && !o.rc; i++)
			g->sum[k] += (rng_uniform(rng_sub(r, k), i) - 0.5) *
				     o.scores[i] / sqrt((double)n);
	}
}

static bool find(const char *what, struct golden *g)
{
	FILE *f = fopen(GOLDEN, "r");
	char line[256], learner[40], view[20], task[40];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%39s %19s %39s v%d %lf %lf %lf", learner,
			   view, task, &g->version, &g->sum[0], &g->sum[1],
			   &g->sum[2]) != 7)
			continue;
		snprintf(g->what, sizeof(g->what), "%s %s %s", learner, view,
			 task);
		found = !strcmp(g->what, what);
	}
	if (f)
		fclose(f);
	return found;
}

/* Instruction sets and BLAS kernels move the last bits, and training moves
 * them further; what a change of the algorithm does is far above this. */
static double tolerance(const struct learner *l)
{
	return l->family == FAMILY_NET ? 0.02 : 2e-3;
}

static void compare(const struct learner *l, const struct golden *now)
{
	struct golden then;
	double worst = 0;

	if (!ok(find(now->what, &then),
		"%s: has a line in " GOLDEN " (test_golden --write)", now->what))
		return;
	if (then.version != now->version) {
		ok(false, "%s: " GOLDEN " is of version %d, the learner of %d; "
			  "run test_golden --write", now->what, then.version,
		   now->version);
		return;
	}
	for (size_t k = 0; k < SUMS; k++)
		worst = fmax(worst, fabs(then.sum[k] - now->sum[k]));
	if (!ok(worst <= tolerance(l),
		"%s: predictions of version %d are unchanged", now->what,
		now->version))
		printf("# moved by %g: raise the learner's version\n", worst);
}

static void each(const struct learner *l, FILE *write)
{
	for (size_t i = 0; i < 2 * N_VIEWS; i++) {
		enum task task = i % 2 ? TASK_REGRESSION : TASK_CLASSIFICATION;
		enum view view = contract_views[i / 2];
		struct trial t = { .learner = l, .threads = 2, .seed = 5,
				   .synth = contract_synth(view, task) };
		struct golden now = { .version = l->version };

		if (!contract_takes(l, view, task) ||
		    l->origin == ORIGIN_REFERENCE)
			continue;
		snprintf(now.what, sizeof(now.what), "%s %s %s", l->name,
			 view_name(view), task_name(task));
		digest(&t, &now);
		if (write)
			fprintf(write, "%s v%d %.6f %.6f %.6f\n", now.what,
				now.version, now.sum[0], now.sum[1],
				now.sum[2]);
		else
			compare(l, &now);
	}
}

int main(int argc, char **argv)
{
	FILE *write = argc > 1 && !strcmp(argv[1], "--write") ?
			      fopen(GOLDEN, "w") :
			      NULL;
	const struct learner *const *all;
	size_t n;

	blas_init();
	all = learner_all(&n);
	for (size_t i = 0; i < n; i++)
		each(all[i], write);
	return write ? fclose(write) : tap_done();
}
