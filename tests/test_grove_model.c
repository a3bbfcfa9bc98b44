/* Trees and forests saved, loaded, explained and dumped. */
#include "learners/forest/grove_model.h"

#include <jansson.h>

#include "learners/model/model_file.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

static const struct sample_shape shapes[] = {
	{ .train = 200, .test = 40, .numeric = 3, .missing = 0.1, .noise = 0.1, .seed = 2 },
	{ .train = 200, .test = 40, .numeric = 2, .categories = 2, .levels = 9,
	  .missing = 0.1, .classes = 2, .seed = 3 },
	{ .train = 200, .test = 40, .numeric = 2, .categories = 2, .levels = 40,
	  .classes = 5, .seed = 4 },
	{ .train = 1, .test = 2, .numeric = 1, .seed = 5 },
};
static const char *const learners[][2] = {
	{ "tree", "" }, { "tree", "ccp_alpha=0.002" },
	{ "forest", "trees=7" }, { "extra_trees", "trees=5,depth=6" },
};

struct fit {
	struct sample d;
	struct arena arena;
	struct run run;
	struct error err;
	void *model;
	float *scores;
	size_t outputs;
};

static void make_fit(struct fit *f, const struct sample_shape *shape, const char *name,
		     const char *options)
{
	const struct learner *l = learner_find(name);
	void *config;

	*f = (struct fit){ .run = { .threads = 2, .seed = 1 } };
	sample_make(&f->d, shape);
	arena_init(&f->arena, 0);
	f->run.arena = &f->arena;
	f->outputs = learner_outputs(&f->d.data);
	f->scores = ARENA_NEW(&f->arena, float, shape->test * f->outputs);
	config = arena_alloc(&f->arena, 1, l->config_size);
	param_defaults(l->params, config);
	if (param_set_all(l->params, config, options, &f->err) ||
	    l->fit(config, &f->d.data, &f->run, &f->model, &f->err) ||
	    l->predict(f->model, &f->d.data, &f->d.data.test, &f->run, f->scores, &f->err)) {
		printf("# %s: %s\n", name, f->err.text);
		exit(1);
	}
}

static void clear(struct fit *f)
{
	arena_clear(&f->arena);
	arena_clear(&f->d.arena);
}

static struct text save(struct fit *f)
{
	struct model_writer w;

	model_writer_init(&w, &f->arena);
	grove_save(f->model, &f->d.data, &w);
	if (model_writer_finish(&w, &f->err))
		abort();
	return w.text;
}

static int load(struct fit *f, const struct text *t, void **model)
{
	struct model_reader r;

	error_clear(&f->err);
	if (model_reader_open(&r, t->data, t->size, "m", &f->arena, &f->err) ||
	    grove_load(&r, &f->d.data, model, &f->err))
		return (int)f->err.code;
	return model_reader_done(&r, &f->err);
}

static void test_round_trip(const struct sample_shape *shape, const char *name,
			    const char *options)
{
	struct fit f;
	struct text t, again;
	void *back = NULL;
	float *scores;
	size_t size;

	make_fit(&f, shape, name, options);
	size = shape->test * f.outputs * sizeof(float);
	scores = arena_alloc(&f.arena, 1, size);
	t = save(&f);
	ok(load(&f, &t, &back) == 0, "%s, %zu classes: loads %s", name, shape->classes,
	   f.err.text);
	grove_predict(back, &f.d.data.test, &f.run, scores, &f.err);
	ok(!memcmp(scores, f.scores, size), "and predicts the same bits");
	f.model = back;
	again = save(&f);
	ok(again.size == t.size && !memcmp(again.data, t.data, t.size),
	   "and is saved as the same bytes");
	clear(&f);
}

/* Scores are raw scores here; of two classes the second's. */
static void test_sums(const struct sample_shape *shape, const char *name,
		      const char *options)
{
	struct fit f;
	size_t outputs, wide;
	double worst = 0;
	float *got, *p;

	make_fit(&f, shape, name, options);
	outputs = grove_raw_outputs(f.model);
	wide = f.d.data.cols + 1;
	p = got = ARENA_NEW(&f.arena, float, shape->test * outputs * wide);
	ok(grove_explain(f.model, &f.d.data.test, &f.run, got, &f.err) == 0,
	   "%s, %zu classes: is explained", name, shape->classes);
	for (size_t i = 0; i < shape->test; i++)
		for (size_t c = 0; c < outputs; c++) {
			double sum = 0;
			size_t of = outputs == 1 ? f.outputs - 1 : c;

			for (size_t j = 0; j < wide; j++)
				sum += (double)*p++;
			worst = fmax(worst, fabs(sum - (double)f.scores[i * f.outputs + of]));
		}
	ok(worst < 1e-5, "contributions add up to the scores"); /* floats near 3 */
	clear(&f);
}

/* ---------------------------------------------------------------- forgeries */

static bool refused(struct fit *f, const char *words)
{
	struct text t = save(f);
	void *back;

	if (load(f, &t, &back) == ERR_DATA && strstr(f->err.text, words))
		return true;
	printf("# %s\n", f->err.text);
	return false;
}

static void test_forged(void)
{
	struct fit f;
	struct grove *g;
	uint32_t *output;

	make_fit(&f, &shapes[2], "forest", "trees=3,depth=4");
	g = f.model;
	output = &g->tree[1].share[2].output;
	*output += 5;
	ok(refused(&f, "a share in output"), "a share in a class that is not there");
	*output -= 5;
	g->tree[2].node[1].child[0] = 0;
	ok(refused(&f, "tree 2 is no tree"), "a cycle");
	clear(&f);
	make_fit(&f, &shapes[2], "tree", "");
	g = f.model;
	g->outputs = 4;
	ok(refused(&f, ""), "outputs that are not the classes");
	clear(&f);
	make_fit(&f, &shapes[1], "tree", "");
	g = f.model;
	g->trees = 0;
	ok(refused(&f, "0 trees"), "no tree at all");
	clear(&f);
}

static void test_dump(void)
{
	struct fit f;
	struct text t = { 0 };
	json_t *root;
	json_error_t e;

	make_fit(&f, &shapes[2], "forest", "trees=3,depth=4");
	t.arena = &f.arena;
	f.d.data.columns = NULL;
	ok(grove_dump(f.model, &f.d.data, DUMP_JSON, &t, &f.err) == 0, "a forest is dumped");
	root = json_loadb(t.data, t.size, 0, &e);
	ok(json_array_size(json_object_get(root, "trees")) == 3, "as JSON");
	ok(strstr(t.data, "\"leaf\":{\"") != NULL, "leaves with a number for each class");
	json_decref(root);
	t = (struct text){ .arena = &f.arena };
	grove_dump(f.model, &f.d.data, DUMP_TEXT, &t, &f.err);
	ok(strstr(t.data, "tree[2]\n0:[") != NULL, "or as text");
	clear(&f);
}

static void test_memory(void)
{
	struct fit f;
	struct arena a, *own;
	struct model_reader r;
	struct text t;
	size_t calls, said = 0;
	void *back;

	make_fit(&f, &shapes[2], "forest", "trees=2,depth=3");
	t = save(&f);
	arena_init(&a, 0);
	own = &a;
	for (calls = 1;; calls++) {
		arena_clear(own);
		own->calls = 0;
		own->fail_at = calls;
		error_clear(&f.err);
		if (!model_reader_open(&r, t.data, t.size, "m", own, &f.err) &&
		    !grove_load(&r, &f.d.data, &back, &f.err))
			break;
		said += f.err.code == ERR_MEMORY;
	}
	ok(said == calls - 1 && said > 20, "every failing allocation is reported");
	arena_clear(&a);
	clear(&f);
}

int main(void)
{
	for (size_t l = 0; l < 4; l++)
		for (size_t k = 0; k < 4; k++)
			test_round_trip(&shapes[k], learners[l][0], learners[l][1]);
	for (size_t k = 0; k < 4; k++)
		test_sums(&shapes[k], "forest", "trees=5,depth=5");
	test_sums(&shapes[0], "tree", "depth=6");
	test_sums(&shapes[1], "tree", "ccp_alpha=0.002");
	test_sums(&shapes[2], "tree", "ccp_alpha=0.002");
	test_sums(&shapes[2], "extra_trees", "trees=3,depth=5");
	test_forged();
	test_dump();
	test_memory();
	return tap_done();
}
