/* Fit a learner (gbdt, when none is named) on one set (set_files.h) and print what
 * it took and how good it is, as one line of JSON. peers.py runs it beside other
 * programs.
 *
 *	bench_fit [-t THREADS] [-s SEED] [-n ROWS] [-l LEARNER] FOLDER [k=v,...]
 *
 * -n: the first ROWS training rows alone. Parameters of gbdt are those that all
 * programs are measured with, and then the ones given. Its binning is timed by
 * itself first; boosting is a whole fit less that, so that whatever else a fit does
 * counts as boosting. Exit code 3: there is no such learner. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/metric.h"
#include "learners/gbdt/boost.h"
#include "tests/bench/set_files.h"

/* Every column and row in every tree, no early stop, no smaller bins for small
 * tables: what XGBoost and scikit-learn do when asked for nothing else. */
#define SAME                                                                  \
	"shrinkage=0.1,patience=0,leaves=63,depth=0,min_child_rows=1,"        \
	"min_child_hessian=1,l1=0,l2=1,min_gain=0,bins=255,bin_rows=1,"       \
	"row_sample=1,col_sample=1,max_columns=1000000000"

struct seconds {
	double cpu, wall;
};

struct fit_sets {
	struct arena arena; /* of everything but the fit */
	struct set_files set;
	const struct learner *learner;
	struct run run;
	const char *folder, *options;
	void *config, *model;
	float *scores;
	struct seconds binning, fit, predict;
	size_t rows;  /* at most so many training rows; 0: all */
	size_t grown; /* bytes of the fit beyond the data */
	size_t peak;  /* bytes of the whole process */
	struct metrics metrics;
};

static struct seconds now(void)
{
	return (struct seconds){ .cpu = clock_cpu(), .wall = clock_wall() };
}

static struct seconds since(struct seconds begin)
{
	struct seconds end = now();

	return (struct seconds){ .cpu = end.cpu - begin.cpu, .wall = end.wall - begin.wall };
}

static int configure(struct fit_sets *f, struct error *err)
{
	char *rounds = arena_printf(&f->arena, "rounds=%lld", f->set.rounds);

	f->config = arena_alloc(&f->arena, 1, f->learner->config_size);
	if (!rounds || !f->config)
		return arena_error(&f->arena, err);
	param_defaults(f->learner->params, f->config);
	if (!strcmp(f->learner->name, "gbdt") &&
	    (param_set_all(f->learner->params, f->config, SAME, err) ||
	     param_set_all(f->learner->params, f->config, rounds, err)))
		return err->code;
	return param_set_all(f->learner->params, f->config, f->options, err);
}

/* In an arena that is thrown away, as a fit begins with fresh memory too. */
static int time_binning(struct fit_sets *f, const struct dataset *lent, struct error *err)
{
	const struct gbdt_config *config = f->config;
	struct arena a;
	struct bins bins;
	struct seconds begin;
	int rc;

	if (strcmp(f->learner->name, "gbdt"))
		return 0;
	arena_init(&a, 0);
	begin = now();
	rc = bins_make(&bins, lent, (size_t)config->bins, f->run.threads, &a, err);
	f->binning = since(begin);
	arena_clear(&a);
	return rc;
}

static int time_fit(struct fit_sets *f, const struct dataset *lent, struct error *err)
{
	struct seconds begin;
	size_t before;
	int rc;

	clock_reset_peak_rss();
	before = clock_rss();
	begin = now();
	rc = f->learner->fit(f->config, lent, &f->run, &f->model, err);
	f->fit = since(begin);
	f->peak = clock_peak_rss();
	f->grown = f->peak - before;
	return rc;
}

/* Twice, and the faster counts: the first touches the scores' pages. */
static int time_predict(struct fit_sets *f, struct error *err)
{
	const struct dataset *d = &f->set.data;

	for (int k = 0; k < 2; k++) {
		struct seconds begin = now(), took;

		if (f->learner->predict(f->model, d, &d->test, &f->run, f->scores, err))
			return err->code;
		took = since(begin);
		if (!k || took.cpu < f->predict.cpu)
			f->predict = took;
	}
	return 0;
}

static int measure(struct fit_sets *f, struct error *err)
{
	struct dataset lent;

	if (set_files_open(&f->set, f->folder, &f->arena, err) || configure(f, err))
		return err->code;
	if (f->rows && f->rows < f->set.data.train.rows)
		f->set.data.train.rows = f->rows;
	lent = f->set.data;
	lent.test = (struct part){ 0 };
	f->scores = ARENA_RAW(&f->arena, float,
			      f->set.data.test.rows * learner_outputs(&f->set.data));
	if (!f->scores)
		return arena_error(&f->arena, err);
	if (time_binning(f, &lent, err) || time_fit(f, &lent, err) || time_predict(f, err))
		return err->code;
	return metric_compute(&f->metrics, &f->set.data, &f->set.data.test, f->scores,
			      &f->arena, err);
}

static json_t *seconds_json(struct seconds s)
{
	return json_pack("{s:f, s:f}", "cpu", s.cpu, "wall", s.wall);
}

static void report(const struct fit_sets *f)
{
	const struct dataset *d = &f->set.data;
	struct seconds boost = { .cpu = f->fit.cpu - f->binning.cpu,
				 .wall = f->fit.wall - f->binning.wall };
	char digest[HASH_HEX];
	json_t *out;

	hash_bytes(f->scores, d->test.rows * learner_outputs(d) * sizeof(*f->scores), digest);
	out = json_pack("{s:s, s:s, s:I, s:i, s:I, s:I, s:I, s:I, s:I}", "program",
			f->learner->name,
			"set", d->name, "seed", f->set.seed, "threads", f->run.threads,
			"rows", (json_int_t)d->train.rows, "cols", (json_int_t)d->cols,
			"test_rows", (json_int_t)d->test.rows,
			"classes", (json_int_t)d->classes,
			"rounds", (json_int_t)f->run.steps);
	json_object_set_new(out, "binning", seconds_json(f->binning));
	json_object_set_new(out, "boosting", seconds_json(boost));
	json_object_set_new(out, "fit", seconds_json(f->fit));
	json_object_set_new(out, "predict", seconds_json(f->predict));
	json_object_set_new(out, "memory_mib", json_real((double)f->grown / (1 << 20)));
	json_object_set_new(out, "peak_mib", json_real((double)f->peak / (1 << 20)));
	json_object_set_new(out, "metrics", metric_to_json(&f->metrics));
	json_object_set_new(out, "digest", json_string(digest));
	json_dumpf(out, stdout, JSON_REAL_PRECISION(6));
	puts("");
	json_decref(out);
}

/* As in a cell (runner.c), libgomp's threads soon sleep when they wait; and no
 * OpenBLAS thread may spin at the start, which would count as binning. Both
 * read the environment when they are loaded, hence a second start. */
static void quiet_threads(char **argv)
{
	bool waits = getenv("GOMP_SPINCOUNT") || getenv("OMP_WAIT_POLICY");

	if (waits && getenv("OPENBLAS_NUM_THREADS"))
		return;
	setenv("OPENBLAS_NUM_THREADS", "1", 0);
	if (!waits)
		setenv("GOMP_SPINCOUNT", "2000", 0);
	execv("/proc/self/exe", argv);
}

static int usage(void)
{
	fputs("usage: bench_fit [-t THREADS] [-s SEED] [-n ROWS] [-l LEARNER] FOLDER "
	      "[k=v,...]\n", stderr);
	return 2;
}

static bool parse(struct fit_sets *f, int argc, char **argv)
{
	const char *learner = "gbdt";
	int c;

	f->run = (struct run){ .threads = 1 };
	while ((c = getopt(argc, argv, "t:s:n:l:")) != -1) {
		if (c == 't')
			f->run.threads = atoi(optarg);
		else if (c == 's')
			f->run.seed = strtoull(optarg, NULL, 10);
		else if (c == 'n')
			f->rows = strtoull(optarg, NULL, 10);
		else if (c == 'l')
			learner = optarg;
		else
			return false;
	}
	f->learner = learner_find(learner);
	if (!f->learner)
		fprintf(stderr, "bench_fit: there is no learner '%s'\n", learner);
	f->folder = argv[optind];
	f->options = f->folder && argv[optind + 1] ? argv[optind + 1] : "";
	return f->folder && f->run.threads > 0;
}

int main(int argc, char **argv)
{
	struct fit_sets f = { 0 };
	struct error err = { 0 };
	struct arena fit;

	quiet_threads(argv);
	if (!parse(&f, argc, argv))
		return usage();
	if (!f.learner)
		return 3;
	arena_init(&f.arena, 0);
	arena_init(&fit, 0);
	f.run.arena = &fit;
	if (measure(&f, &err) == 0)
		report(&f);
	else
		fprintf(stderr, "bench_fit: %s\n", err.text);
	if (f.learner->release && f.model)
		f.learner->release(f.model);
	set_files_close(&f.set);
	arena_clear(&fit);
	arena_clear(&f.arena);
	return err.code ? 1 : 0;
}
