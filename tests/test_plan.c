#include "harness/plan.h"

#include "harness/base/json.h"
#include "tests/failing.h"
#include "tests/suite_text.h"

static struct arena arena;
static struct catalog catalog;

static const char text[] =
	"defaults: {repeats: 3, threads: 2}\n"
	"suites:\n"
	"  s:\n"
	"    tasks: [letter, 'diamonds[n=1000]', fashion-mnist, satellite]\n"
	"    learners: [constant, mlp]\n"
	"  one:\n"
	"    tasks: [letter]\n"
	"    learners: [mlp]\n"
	"  other:\n"
	"    tasks: [{task: letter, threads: 1}]\n"
	"    learners: [mlp]\n";

static int make(const char *suite, const struct plan_filter *f, struct plan *p,
		struct error *err)
{
	const struct plan_source src = { .catalog = "datasets/catalog.yaml",
					 .suites = suite_path, .suite = suite };

	error_clear(err);
	return plan_read(p, &arena, &src, f, err);
}

static struct plan must(const char *suite, const struct plan_filter *f)
{
	struct error err = { 0 };
	struct plan p = { 0 };

	if (make(suite, f, &p, &err))
		printf("# %s\n", err.text);
	return p;
}

/* A twin is another question; a narrower command asks the same one. */
static void test_twins(void)
{
	const char *const twin[] = { "letter[label_noise=0.1]" };
	const char *const rows[] = { "letter[n=100]" };
	struct plan_filter f = { .datasets = twin, .n_datasets = 1 };
	struct plan p = must("one", &f), plain = must("one", NULL);
	char *question = plan_question(&arena, &p.cells[0]);

	ok(p.n == 3 && !strcmp(cell_task(&p.cells[0]), "letter[label_noise=0.1]") &&
		   p.cells[0].chain.n == 1 && strcmp(p.keys[0], plain.keys[0]),
	   "-d NAME[transform] makes the suite's task a twin with keys of its own");
	ok(question && strstr(question, "\"transform\":[[\"label_noise\",1,0.1]]"),
	   "the key covers the transform, its version and its severity");
	f.datasets = rows;
	p = must("one", &f);
	ok(p.n == 3 && p.cells[0].n == 100 && !strcmp(cell_task(&p.cells[0]), "letter"),
	   "[n=ROWS] alone keeps the task's name");
}

static void test_order(void)
{
	struct plan p = must("s", NULL), again = must("s", NULL);
	bool sorted = true, same = true, moved = false;

	for (size_t i = 1; i < p.n; i++) {
		sorted &= p.cells[i].repeat >= p.cells[i - 1].repeat;
		moved |= p.cells[i].entry != p.cells[i % 8].entry;
	}
	for (size_t i = 0; i < p.n; i++)
		same &= !strcmp(p.keys[i], again.keys[i]) &&
			p.keys[i] == p.cells[i].key;
	ok(p.n == 24, "4 tasks, 2 learners, 3 repeats are 24 cells");
	ok(sorted, "repeats are outermost");
	ok(moved, "inside a repeat the order is shuffled");
	ok(same, "the same files give the same cells in the same order");
	ok(p.cells[23].repeat == 2 && p.cells[23].seed == 2,
	   "repeat r has split r and seed r");
}

static void test_keys(void)
{
	struct plan p = must("s", NULL);
	struct plan one = must("one", NULL), other = must("other", NULL);
	size_t equal = 0;
	bool found = false;

	for (size_t i = 0; i < p.n; i++)
		for (size_t k = 0; k < i; k++)
			equal += !strcmp(p.keys[i], p.keys[k]);
	ok(!equal, "no two cells share a key");
	for (size_t i = 0; i < p.n; i++)
		found |= !strcmp(p.keys[i], one.keys[0]);
	ok(found, "the same question in another suite has the same key");
	ok(strcmp(one.keys[0], other.keys[0]) != 0,
	   "another number of threads is another question");
}

/* The key's text is put together from pieces for speed: it must be what the
 * plain way would give. */
static void test_canonical(void)
{
	struct plan p = must("one", NULL);
	char *question = plan_question(&arena, &p.cells[0]), hex[HASH_HEX];
	json_t *o = json_loads(question, JSON_REJECT_DUPLICATES, NULL);
	struct error err;

	ok(o && !strcmp(json_canonical(&arena, o), question),
	   "a question is canonical JSON");
	ok(o && !json_hash(o, hex, &err) && !strcmp(hex, p.keys[0]),
	   "a key is the SHA-256 of the question");
	ok(json_get_int(o, "version", 0) == p.cells[0].spec->learner->version &&
	   json_object_get(json_object_get(o, "params"), "epochs"),
	   "a question names the learner's version and every parameter");
	json_decref(o);
}

static void test_trials(void)
{
	const struct plan_filter filter = { .trials = 7 };
	struct plan plain = must("one", NULL), searched = must("one", &filter);

	ok(searched.n == plain.n &&
		   searched.cells[0].protocol->trials == 7 &&
		   plain.cells[0].protocol->trials != 7,
	   "--trials sets every task's, and not the suite's own");
	ok(strcmp(searched.keys[0], plain.keys[0]) != 0,
	   "a search is another question than a fit");
}

static void test_filter(void)
{
	const char *learner[] = { "mlp[epochs=3]" }, *data[] = { "letter[n=50]" };
	struct plan_filter f = { .learners = learner, .n_learners = 1,
				 .datasets = data, .n_datasets = 1 };
	struct plan p = must("s", &f);

	ok(p.n == 3 && p.cells[0].n == 50 &&
	   !strcmp(p.cells[0].spec->text, "mlp[epochs=3]"),
	   "-l and -d narrow a suite and say otherwise");
	f = (struct plan_filter){ .modality = "image" };
	p = must("s", &f);
	ok(p.n == 6 && !strcmp(p.cells[0].entry->name, "fashion-mnist"),
	   "-m narrows it to a modality");
	learner[0] = "mlp";
	f = (struct plan_filter){ .learners = learner, .n_learners = 1 };
	ok(must("s", &f).n == 12, "-l NAME keeps the suite's own entries");
}

static void test_refusals(void)
{
	const char *learner[] = { "mpl" }, *data[] = { "wordnet" };
	struct plan_filter f = { .learners = learner, .n_learners = 1 };
	struct error err;
	struct plan p;

	ok(make("s", &f, &p, &err) == ERR_CONFIG &&
	   strstr(err.text, "did you mean 'mlp'"), "an unknown learner in -l");
	f = (struct plan_filter){ .datasets = data, .n_datasets = 1 };
	ok(make("s", &f, &p, &err) == ERR_USAGE, "-d outside the suite: %s",
	   err.text);
	f = (struct plan_filter){ .modality = "images" };
	ok(make("s", &f, &p, &err) == ERR_USAGE &&
	   strstr(err.text, "did you mean 'image'"), "an unknown modality");
	ok(make("ones", NULL, &p, &err) == ERR_USAGE, "an unknown suite");
}

static void test_left_out(void)
{
	const char *data[] = { "fashion-mnist" };
	struct plan_filter f = { .datasets = data, .n_datasets = 1 };
	const char *learner[] = { "cnn" };
	struct plan p;

	if (!learner_find("cnn")) {
		skip("a learner without a view is left out", "cnn");
		return;
	}
	f.learners = learner, f.n_learners = 1;
	p = must("s", &f);
	ok(p.n == 3, "a net for grids meets images");
	p = must("one", &(struct plan_filter){ .learners = learner,
					       .n_learners = 1 });
	ok(p.n == 0 && p.left_out == 1,
	   "a learner that has no view of a modality is left out");
}

/* 100,000 cells: the keys must still differ. (Its time is a benchmark's.) */
static void test_many(void)
{
	struct plan p;

	suite_write(suite_path, "suites:\n  big:\n    repeats: 10000\n"
				"    tasks: [letter, satellite, diamonds, "
				"fashion-mnist, mpls-stops]\n    learners: [constant, mlp]\n");
	p = must("big", NULL);
	ok(p.n == 100000 && p.cells[99999].repeat == 9999,
	   "100,000 cells expand");
	suite_write(suite_path, text);
}

static void test_memory(void)
{
	const struct plan_source src = { .catalog = "datasets/catalog.yaml",
					 .suites = suite_path, .suite = "s" };
	struct error err = { 0 };
	struct plan p;
	struct arena a;
	size_t odd = 0, total;

	arena_init(&a, 0);
	ok(!plan_read(&p, &a, &src, NULL, &err), "with memory enough a plan is made");
	total = a.calls;
	arena_clear(&a);
	for (size_t at = 1; at <= total; at = failing_next(at, total)) {
		arena_init(&a, 0);
		a.fail_at = at;
		odd += plan_read(&p, &a, &src, NULL, &err) != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(!odd && total > 10, "of %zu allocations each that fails is ERR_MEMORY", total);
}

int main(void)
{
	arena_init(&arena, 0);
	suite_folder();
	suite_catalog(&catalog, &arena);
	suite_write(suite_path, text);
	test_twins();
	test_order();
	test_keys();
	test_canonical();
	test_filter();
	test_trials();
	test_refusals();
	test_left_out();
	test_many();
	test_memory();
	suite_cleanup();
	arena_clear(&arena);
	return tap_done();
}
