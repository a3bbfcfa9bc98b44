/* What every learner promises, checked for each one in the registry: a new
 * file in learners/ is covered with no other edit. Two programs share it, the nets'
 * and the others', so that they can run at the same time. With an argument (a thread
 * count) one only prints a digest of each learner's predictions, for
 * test_blas_builds.sh to compare between builds of OpenBLAS. */
#ifndef TESTS_CONTRACT_LEARNERS_H
#define TESTS_CONTRACT_LEARNERS_H

#include "harness/base/blas.h"
#include "harness/base/hash.h"
#include "learners/learner.h"
#include "tests/contract.h"
#include "tests/tap.h"

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

	contract_try(t, &o);
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
	contract_try(&again, &one);
	for (int threads = 2; threads <= 4; threads *= 2) {
		again.threads = threads;
		contract_try(&again, &many);
		ok(many.rc == one.rc && !memcmp(one.scores, many.scores,
						sizeof(one.scores)),
		   "%s: same bits on %d threads", what, threads);
	}
}

/* Every allocation fails once, on a small set; of very many, the first 64 and a
 * sample. */
static void test_memory(const struct trial *t, const char *what)
{
	static struct outcome o;
	struct trial failing = *t;
	size_t calls, wrong = 0;

	if (t->learner->origin == ORIGIN_REFERENCE)
		return;
	failing.synth.train = 30;
	failing.synth.valid = failing.synth.test = 10;
	contract_try(&failing, &o);
	calls = o.calls;
	for (size_t i = 1; i <= calls; i += i < 64 ? 1 : 1 + calls / 32) {
		failing.fail_at = i;
		contract_try(&failing, &o);
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
	contract_try(&stopping, &o);
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
		contract_try(&edge, &o);
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

/* `triarch plan` asks before any data is read. */
static void test_forecast(const struct trial *t, const char *what)
{
	_Alignas(16) unsigned char config[CONFIG_MAX];
	struct dataset sizes = { .view = t->synth.view, .cols = SYNTH_COLS,
				 .task = t->synth.task, .classes = 3,
				 .train = { .rows = 1000 } };
	struct forecast f;

	if (!t->learner->forecast)
		return;
	param_defaults(t->learner->params, config);
	f = t->learner->forecast(config, &sizes);
	ok(isfinite(f.bytes) && f.bytes >= 0 && isfinite(f.flops) &&
		   f.flops >= 0,
	   "%s: forecasts from sizes alone", what);
}

static void print_digest(const struct trial *t, const char *what)
{
	static struct outcome o;
	char hex[HASH_HEX];

	contract_try(t, &o);
	hash_bytes(o.scores, sizeof(o.scores), hex);
	printf("%s %d %s\n", what, o.rc, hex);
}

static void each(const struct learner *l, int digest_threads)
{
	for (size_t i = 0; i < 2 * N_VIEWS; i++) {
		enum task task = i % 2 ? TASK_REGRESSION : TASK_CLASSIFICATION;
		enum view view = contract_views[i / 2];
		struct trial t = { .learner = l, .synth = contract_synth(view, task),
				   .threads = 2, .seed = 5 };
		char what[128];

		if (!contract_takes(l, view, task))
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
		test_forecast(&t, what);
	}
}

/* The body of main: the learners that are nets, or those that are none. */
static int contract_learners(bool nets, int argc, char **argv)
{
	int digest_threads = argc > 1 ? atoi(argv[1]) : 0;
	const struct learner *const *all;
	size_t n;

	blas_init();
	all = learner_all(&n);
	for (size_t i = 0; i < n; i++) {
		if ((all[i]->family == FAMILY_NET) != nets)
			continue;
		if (!digest_threads)
			test_schema(all[i]);
		each(all[i], digest_threads);
	}
	return digest_threads ? 0 : tap_done();
}

#endif
