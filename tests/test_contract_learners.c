/* What every learner promises, checked for each one in the registry: a new
 * file in learners/ is covered with no other edit. With an argument (a thread
 * count) it only prints a digest of each learner's predictions, for
 * test_blas_builds.sh to compare between builds of OpenBLAS. */
#include "harness/base/blas.h"
#include "harness/base/hash.h"
#include "learners/learner.h"

#include <stdlib.h>

#include "tests/synth.h"
#include "tests/tap.h"

#define CONFIG_MAX 4096

static const enum view views[] = { VIEW_TABLE, VIEW_DENSE, VIEW_GRID,
				   VIEW_TOKENS, VIEW_SPARSE };
#define N_VIEWS (sizeof(views) / sizeof(views[0]))

struct outcome {
	int rc;
	struct error err;
	size_t calls;	/* allocations that fit and predict asked for */
	size_t rows, outputs;
	bool stopped;
	float scores[4096];
};

struct trial {
	const struct learner *learner;
	struct synth synth;
	int threads;
	uint64_t seed;
	size_t fail_at;	  /* allocation that fails; 0: none */
	size_t stop_after; /* tick says stop at this call; 0: never */
};

struct ticks {
	size_t calls, stop_after;
};

static bool count_tick(void *ctx, size_t done, size_t total, double loss)
{
	struct ticks *t = ctx;

	(void)done, (void)total, (void)loss;
	return ++t->calls != t->stop_after;
}

/* Long fits are cut by their own parameters where they have such. */
static void quick_config(const struct learner *l, void *config)
{
	static const char *const cuts[] = { "rounds=25", "epochs=6" };
	struct error err;

	param_defaults(l->params, config);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
		param_set_all(l->params, config, cuts[i], &err);
}

static int fit_predict(const struct trial *t, const struct dataset *data,
		       struct run *run, struct outcome *o)
{
	_Alignas(16) unsigned char config[CONFIG_MAX];
	struct dataset lent = *data;
	void *model = NULL;
	int rc;

	quick_config(t->learner, config);
	lent.test = (struct part){ 0 };
	rc = t->learner->fit(config, &lent, run, &model, &o->err);
	if (!rc)
		rc = t->learner->predict(model, data, &data->test, run,
					 o->scores, &o->err);
	if (!rc && t->learner->release)
		t->learner->release(model);
	return rc;
}

static void try(const struct trial *t, struct outcome *o)
{
	struct arena data_arena, arena;
	struct dataset data;
	struct ticks ticks = { .stop_after = t->stop_after };
	struct run run = { .arena = &arena, .threads = t->threads,
			   .seed = t->seed, .tick = count_tick,
			   .tick_ctx = &ticks };

	*o = (struct outcome){ 0 };
	arena_init(&data_arena, 0);
	arena_init(&arena, (size_t)2 << 30);
	arena.fail_at = t->fail_at;
	if (!synth_make(&t->synth, &data_arena, &data))
		abort();
	o->rows = data.test.rows;
	o->outputs = learner_outputs(&data);
	if (o->rows * o->outputs > sizeof(o->scores) / sizeof(float))
		abort();
	o->rc = fit_predict(t, &data, &run, o);
	o->calls = arena.calls;
	o->stopped = run.stopped;
	arena_clear(&arena);
	arena_clear(&data_arena);
}

static struct synth usual(enum view view, enum task task)
{
	return (struct synth){ .view = view, .task = task, .classes = 3,
			       .train = 240, .valid = 60, .test = 80,
			       .holes = true, .seed = 11 };
}

static bool finite_scores(const struct outcome *o, enum task task)
{
	bool good = true;

	for (size_t i = 0; i < o->rows; i++) {
		double sum = 0;

		for (size_t c = 0; c < o->outputs; c++) {
			float p = o->scores[i * o->outputs + c];

			good &= isfinite(p) &&
				(task == TASK_REGRESSION || p >= 0);
			sum += p;
		}
		/* float rounding of up to a few classes */
		good &= task == TASK_REGRESSION || fabs(sum - 1) < 1e-4;
	}
	return good;
}

/* Share of right answers, or 1 - squared error / variance. */
static double skill(const struct trial *t, const struct outcome *o)
{
	double right = 0, sse = 0, mean = 0, var = 0;
	size_t first = t->synth.train + t->synth.valid;

	for (size_t i = 0; i < o->rows; i++)
		mean += 10 + 3.0 * (double)synth_class(&t->synth, first + i) +
			0.5;
	mean /= (double)o->rows;
	for (size_t i = 0; i < o->rows; i++) {
		const float *s = o->scores + i * o->outputs;
		size_t c = synth_class(&t->synth, first + i), best = 0;
		double y = 10 + 3.0 * (double)c +
			   synth_uniform(&t->synth, first + i, 998);

		for (size_t k = 1; k < o->outputs; k++)
			best = s[k] > s[best] ? k : best;
		right += best == c;
		sse += (s[0] - y) * (s[0] - y);
		var += (y - mean) * (y - mean);
	}
	return t->synth.task == TASK_REGRESSION ? 1 - sse / var :
						  right / (double)o->rows;
}

static void test_learns(const struct trial *t, const char *what)
{
	struct outcome o;
	double s;

	try(t, &o);
	if (!ok(!o.rc, "%s: fits and predicts", what)) {
		printf("# %s\n", o.err.text);
		return;
	}
	ok(finite_scores(&o, t->synth.task), "%s: scores are finite%s", what,
	   t->synth.task == TASK_REGRESSION ? "" : " and sum to 1");
	if (t->learner->family == FAMILY_BASELINE)
		return;
	s = skill(t, &o);
	if (!ok(s > (t->synth.task == TASK_REGRESSION ? 0.1 : 0.5),
		"%s: learns an easy task", what))
		printf("# skill %.3f\n", s);
}

static void test_same_bits(const struct trial *t, const char *what)
{
	static struct outcome one, many;
	struct trial again = *t;

	if (t->learner->origin == ORIGIN_REFERENCE)
		return;
	again.threads = 1;
	try(&again, &one);
	for (int threads = 2; threads <= 4; threads *= 2) {
		again.threads = threads;
		try(&again, &many);
		ok(many.rc == one.rc && !memcmp(one.scores, many.scores,
						sizeof(one.scores)),
		   "%s: same bits on %d threads", what, threads);
	}
}

/* Every allocation fails once; of very many, the first 64 and a sample. */
static void test_memory(const struct trial *t, const char *what)
{
	static struct outcome o;
	struct trial failing = *t;
	size_t calls, wrong = 0;

	if (t->learner->origin == ORIGIN_REFERENCE)
		return;
	try(t, &o);
	calls = o.calls;
	for (size_t i = 1; i <= calls; i += i < 64 ? 1 : 1 + calls / 64) {
		failing.fail_at = i;
		try(&failing, &o);
		wrong += o.rc != ERR_MEMORY;
	}
	if (!ok(!wrong, "%s: each of %zu failing allocations is reported", what,
		calls))
		printf("# %zu were not\n", wrong);
}

static void test_stop(const struct trial *t, const char *what)
{
	struct trial stopping = *t;
	static struct outcome o;

	stopping.stop_after = 1;
	try(&stopping, &o);
	ok(!o.rc && finite_scores(&o, t->synth.task),
	   "%s: stopped at the first tick it still predicts", what);
}

struct edge {
	const char *name;
	size_t classes, train, valid;
	bool constant;
};

static const struct edge edges[] = {
	{ "one row", 3, 1, 0, false },
	{ "one row and one to validate on", 3, 1, 1, false },
	{ "two rows", 3, 2, 0, false },
	{ "no validation rows", 3, 120, 0, false },
	{ "constant columns", 3, 60, 20, true },
	{ "one class", 1, 60, 20, false },
	{ "many classes", 40, 100, 20, false },
};

/* A result or a clear error, never a crash. */
static void test_edges(const struct trial *t, const char *what)
{
	static struct outcome o;

	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		struct trial edge = *t;

		edge.synth.classes = edges[i].classes;
		edge.synth.train = edges[i].train;
		edge.synth.valid = edges[i].valid;
		edge.synth.constant = edges[i].constant;
		try(&edge, &o);
		ok(o.rc ? o.err.text[0] != '\0' :
			  finite_scores(&o, t->synth.task),
		   "%s: %s%s%s", what, edges[i].name, o.rc ? ": " : "",
		   o.rc ? o.err.text : "");
	}
}

static void test_schema(const struct learner *l)
{
	bool good = l->config_size <= CONFIG_MAX;

	for (const struct param *p = l->params; p->name; p++) {
		double last = p->type == PARAM_TYPE_CHOICE ? 0 : p->otherwise;

		good &= p->help && p->help[0] && p->offset < l->config_size;
		good &= last >= p->min && last <= p->max;
		good &= !p->tunable || p->type == PARAM_TYPE_BOOL ||
			p->type == PARAM_TYPE_CHOICE ||
			(p->lo < p->hi && p->lo >= p->min && p->hi <= p->max);
		for (const struct param *q = l->params; q < p; q++)
			good &= strcmp(p->name, q->name) != 0;
	}
	ok(good, "%s: a sound schema", l->name);
	ok(l->summary && l->summary[0] && l->version >= 1 && l->views[0] &&
		   l->tasks,
	   "%s: says what it is and takes", l->name);
}

static bool takes(const struct learner *l, enum view view, enum task task)
{
	enum view got;

	return learner_view(l, (unsigned)view, &got) &&
	       (l->tasks & 1u << task);
}

static void print_digest(const struct trial *t, const char *what)
{
	static struct outcome o;
	char hex[HASH_HEX];

	try(t, &o);
	hash_bytes(o.scores, sizeof(o.scores), hex);
	printf("%s %d %s\n", what, o.rc, hex);
}

static void each(const struct learner *l, int digest_threads)
{
	for (size_t i = 0; i < 2 * N_VIEWS; i++) {
		enum task task = i % 2 ? TASK_REGRESSION : TASK_CLASSIFICATION;
		enum view view = views[i / 2];
		struct trial t = { .learner = l, .synth = usual(view, task),
				   .threads = 2, .seed = 5 };
		char what[128];

		if (!takes(l, view, task))
			continue;
		snprintf(what, sizeof(what), "%s %s %s", l->name,
			 view_name(view), task_name(task));
		if (digest_threads) {
			t.threads = digest_threads;
			print_digest(&t, what);
			continue;
		}
		test_learns(&t, what);
		test_same_bits(&t, what);
		test_memory(&t, what);
		test_stop(&t, what);
		test_edges(&t, what);
	}
}

int main(int argc, char **argv)
{
	int digest_threads = argc > 1 ? atoi(argv[1]) : 0;
	const struct learner *const *all;
	size_t n;

	blas_init();
	all = learner_all(&n);
	for (size_t i = 0; i < n; i++) {
		if (!digest_threads)
			test_schema(all[i]);
		each(all[i], digest_threads);
	}
	return digest_threads ? 0 : tap_done();
}
