/* Boosted trees saved and loaded: the same bits come out; files that only look like
 * models are refused; dumps and importance tell the same story as the trees. */
#include <jansson.h>

#include "learners/gbdt/boost_file.h"
#include "learners/gbdt/importance.h"
#include "learners/gbdt/tree_dump.h"
#include "tests/failing.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

static const struct sample_shape shapes[] = {
	{ .train = 300, .test = 120, .numeric = 4, .missing = 0.1, .noise = 0.1, .seed = 2 },
	{ .train = 300, .test = 120, .numeric = 3, .categories = 2, .levels = 9,
	  .missing = 0.1, .classes = 2, .seed = 3 },
	{ .train = 400, .test = 120, .numeric = 2, .categories = 2, .levels = 300,
	  .classes = 5, .seed = 4 },
	{ .train = 1, .test = 2, .numeric = 1, .seed = 5 },
};

/* A model as bytes, and bytes as a model. */
static struct text save(const struct boost *b, struct arena *a)
{
	struct model_writer w;
	struct error err;

	model_writer_init(&w, a);
	boost_file_save(b, &w);
	if (model_writer_finish(&w, &err))
		abort();
	return w.text;
}

static int load(struct boost *b, const struct text *t, const struct dataset *data,
		struct arena *a, struct error *err)
{
	struct model_reader r;

	error_clear(err);
	if (model_reader_open(&r, t->data, t->size, "m", a, err) ||
	    boost_file_load(b, data, &r, err))
		return (int)err->code;
	return model_reader_done(&r, err);
}

/* Names for columns of a sample, which has none. */
static void name_columns(struct sample *d, struct column *columns)
{
	for (size_t j = 0; j < d->data.cols; j++) {
		const char **levels = ARENA_NEW(&d->arena, const char *,
						d->data.columns[j].levels);

		columns[j] = d->data.columns[j];
		columns[j].name = arena_printf(&d->arena, "col \"%zu\"", j);
		for (size_t k = 0; k < columns[j].levels; k++)
			levels[k] = arena_printf(&d->arena, "level%zu", k);
		columns[j].level_names = columns[j].is_cat ? levels : NULL;
	}
	d->data.columns = columns;
}

static void test_round_trip(const struct sample_shape *shape, const char *options)
{
	struct sample d;
	struct sample_fit f;
	struct boost back;
	struct error err = { 0 };
	struct text t, again;
	float *scores;

	sample_make(&d, shape);
	sample_fit(&f, &d.data, options, 2);
	if (!ok(!f.rc, "%s: a fit (%s)", options, f.err.text))
		exit(1);
	t = save(f.model, &f.arena);
	ok(load(&back, &t, &d.data, &f.arena, &err) == 0, "%zu rows, %zu classes, %s: loads%s",
	   shape->train, shape->classes, options, err.text);
	scores = ARENA_NEW(&f.arena, float, shape->test * learner_outputs(&d.data));
	f.run.threads = 1;
	boost_predict(&back, &d.data.test, &f.run, scores, &err);
	ok(!memcmp(scores, f.test, shape->test * learner_outputs(&d.data) * sizeof(float)),
	   "and predicts the same bits");
	again = save(&back, &f.arena);
	ok(again.size == t.size && !memcmp(again.data, t.data, t.size),
	   "and is saved as the same bytes");
	arena_clear(&f.arena);
	arena_clear(&d.arena);
}

/* ---------------------------------------------------------------- forgeries */

struct forgery {
	struct sample d;
	struct sample_fit f;
	struct error err;
	struct boost b;	  /* a copy whose first tree may be changed */
	struct tree *round[2];
	struct tree tree;
};

/* One tree with numeric and categorical cuts, and a second round as it was. */
static void forge(struct forgery *g)
{
	sample_make(&g->d, &shapes[1]);
	sample_fit(&g->f, &g->d.data, "rounds=2,leaves=8,row_sample=1,col_sample=1", 1);
	g->b = *g->f.model;
	g->b.rounds = 2;
	tree_copy(&g->tree, &g->f.model->tree[0][0], &g->f.arena);
	g->round[0] = &g->tree;
	g->round[1] = g->f.model->tree[1];
	g->b.tree = g->round;
}

static bool refused(struct forgery *g, const char *words)
{
	struct text t = save(&g->b, &g->f.arena);
	struct boost back;
	bool good = load(&back, &t, &g->d.data, &g->f.arena, &g->err) == ERR_DATA &&
		    strstr(g->err.text, words);

	if (!good)
		printf("# %s\n", g->err.text);
	tree_copy(&g->tree, &g->f.model->tree[0][0], &g->f.arena);
	return good;
}

static void test_trees(void)
{
	struct forgery g;
	struct tree_node *n;
	struct text t;
	struct boost back;

	forge(&g);
	t = save(&g.b, &g.f.arena);
	ok(load(&back, &t, &g.d.data, &g.f.arena, &g.err) == 0, "a copy is a model");
	n = g.tree.node;
	n[1].child[0] = 1;
	ok(refused(&g, "tree 0 is no tree"), "a node that is its own child");
	n = g.tree.node;
	n[3].child[1] = 0;
	ok(refused(&g, "tree 0 is no tree"), "a cycle");
	n = g.tree.node;
	n[0].child[0] = n[0].child[1];
	ok(refused(&g, "is no tree"), "a child of two nodes");
	n = g.tree.node;
	n[6].child[0] = 7;
	ok(refused(&g, "is no tree"), "a node beyond the last");
	n = g.tree.node;
	n[6].child[0] = ~8;
	ok(refused(&g, "is no tree"), "a leaf beyond the last");
	n = g.tree.node;
	n[6].child[0] = INT32_MIN;
	ok(refused(&g, "is no tree"), "the least of all numbers");
	g.tree.node[2].column = 99;
	ok(refused(&g, "node 2 of tree 0 cuts no column"), "a column that is not there");
	g.tree.node[2].kept = 5;
	ok(refused(&g, "cuts no column"), "a kept column that is not there");
	g.tree.node[0].set = 7;
	ok(refused(&g, "cuts no column"), "a set that is not there");
	g.tree.node[0].set = -2;
	ok(refused(&g, "cuts no column"), "a negative set");
	arena_clear(&g.f.arena);
	arena_clear(&g.d.arena);
}

static void test_columns(void)
{
	struct forgery g;
	struct bins_column columns[5];
	uint8_t levels[9] = { 0 };

	forge(&g);
	memcpy(columns, g.b.bins.column, sizeof(columns));
	g.b.bins.column = columns;
	columns[0].source = 5;
	ok(refused(&g, "column 5"), "bins of a column that the data lacks");
	columns[0].source = 0;
	columns[3].levels = 8;
	ok(refused(&g, "has other levels"), "other levels than the data has");
	columns[3].levels = 9;
	columns[0].is_cat = true;
	columns[0].levels = 9;
	columns[0].level_bin = levels;
	ok(refused(&g, "has other levels"), "levels of a numeric column");
	columns[0] = g.f.model->bins.column[0];
	columns[3].level_bin = levels;
	levels[4] = 200;
	ok(refused(&g, "a level of column 3 has bin 200"), "a level beyond the bins");
	levels[4] = 0;
	g.d.data.classes = 3;
	ok(refused(&g, "objective 'logistic' with 1 outputs for 3 classes"),
	   "outputs for other classes");
	g.d.data.classes = 2;
	g.b.objective = &objective_squared;
	ok(refused(&g, "objective 'squared"), "an objective of another task");
	g.b.objective = g.f.model->objective;
	g.b.stats = (struct target_stats){ .columns = 1, .outputs = 1,
					   .column = (uint32_t[]){ 0 },
					   .start = (uint64_t[]){ 0, 11 },
					   .mean = (float[11]){ 0 } };
	ok(refused(&g, "statistics of column 0"), "statistics of a numeric column");
	g.b.stats.column = (uint32_t[]){ 9 };
	ok(refused(&g, "statistics of column 9"), "or of one that is not there");
	g.b.stats.column = (uint32_t[]){ 3 };
	g.b.stats.start = (uint64_t[]){ 0, 10 };
	ok(refused(&g, "too few statistics"), "statistics of too few levels");
	arena_clear(&g.f.arena);
	arena_clear(&g.d.arena);
}

static void test_memory(void)
{
	struct sample d;
	struct sample_fit f;
	struct boost back;
	struct error err;
	struct arena a;
	struct text t;
	size_t calls, tried = 0, said = 0;

	sample_make(&d, &shapes[1]);
	sample_fit(&f, &d.data, "rounds=3", 1);
	t = save(f.model, &f.arena);
	arena_init(&a, 0);
	load(&back, &t, &d.data, &a, &err);
	calls = a.calls;
	for (size_t k = 1; k <= calls; k = failing_next(k, calls), tried++) {
		arena_clear(&a);
		a.calls = 0;
		a.fail_at = k;
		said += load(&back, &t, &d.data, &a, &err) == ERR_MEMORY;
	}
	ok(said == tried && tried > 20, "every failing allocation of a load is reported");
	arena_clear(&a);
	arena_clear(&f.arena);
	arena_clear(&d.arena);
}

/* ---------------------------------------------------------------- dumps */

/* A row down the JSON: what a reader of the dump would compute. */
static double walk(const json_t *n, const struct dataset *d, const float *x)
{
	while (!json_object_get(n, "leaf")) {
		const char *split = json_string_value(json_object_get(n, "split"));
		const json_t *in = json_object_get(n, "categories"), *one;
		json_int_t go = json_integer_value(json_object_get(n, "no"));
		size_t j = 0, k;
		float v;

		while (strcmp(d->columns[j].name, split))
			j++;
		v = x[j];
		if (isnan(v))
			go = json_integer_value(json_object_get(n, "missing"));
		else if (!in && v <= (float)json_number_value(
					    json_object_get(n, "split_condition")))
			go = json_integer_value(json_object_get(n, "yes"));
		json_array_foreach ((json_t *)(size_t)in, k, one)
			if (!isnan(v) && !strcmp(d->columns[j].level_names[(size_t)v],
						 json_string_value(one)))
				go = json_integer_value(json_object_get(n, "yes"));
		n = json_array_get(json_object_get(n, "children"),
				   go != json_integer_value(json_object_get(n, "yes")));
	}
	return json_number_value(json_object_get(n, "leaf"));
}

/* Statistics of a column's levels are a column's, and are told in full. */
static void test_stats(void)
{
	const struct learner *l = learner_find("gbdt");
	struct sample d;
	struct column columns[5];
	struct sample_fit f;
	struct text t = { 0 };
	struct error err = { 0 };
	float gain[5];
	json_t *root, *stats;
	json_error_t e;

	sample_make(&d, &shapes[2]);
	name_columns(&d, columns);
	sample_fit(&f, &d.data, "rounds=3,target_stats=4", 1);
	t.arena = &f.arena;
	l->dump(f.model, &d.data, DUMP_JSON, &t, &err);
	root = json_loadb(t.data, t.size, 0, &e);
	stats = json_object_get(root, "target_statistics");
	ok(json_array_size(stats) == 2, "a dump has the statistics of both columns");
	stats = json_array_get(stats, 0);
	ok_str(json_string_value(json_object_get(stats, "column")), "col \"2\"",
	       "with its name");
	ok(json_object_size(json_object_get(stats, "levels")) == 300 &&
	   json_array_size(json_object_get(stats, "unseen")) == 5,
	   "numbers of every level, and of those never seen");
	ok(strstr(t.data, "\"split\":\"mean(col \\\"2\\\"):") != NULL,
	   "nodes say of what they are the mean");
	l->importance(f.model, IMPORTANCE_SPLITS, gain);
	ok(gain[2] > 0, "their cuts count for the column");
	json_decref(root);
	arena_clear(&f.arena);
	arena_clear(&d.arena);
}

static void test_json(void)
{
	const struct learner *l = learner_find("gbdt");
	struct sample d;
	struct column columns[5];
	struct sample_fit f;
	struct error err = { 0 };
	struct text t = { 0 };
	double worst = 0;
	json_t *root, *trees, *one;
	json_error_t e;
	size_t k;

	sample_make(&d, &shapes[1]);
	name_columns(&d, columns);
	sample_fit(&f, &d.data, "rounds=6,leaves=12", 1);
	t.arena = &f.arena;
	ok(l->dump(f.model, &d.data, DUMP_JSON, &t, &err) == 0, "a model is dumped");
	root = json_loadb(t.data, t.size, 0, &e);
	trees = json_object_get(root, "trees");
	ok(json_array_size(trees) == f.model->rounds, "as JSON with all trees");
	ok_str(json_string_value(json_object_get(root, "objective")), "logistic",
	       "and the objective");
	for (size_t i = 0; i < d.data.test.rows; i++) {
		double raw = json_number_value(json_array_get(
			json_object_get(root, "base_score"), 0));

		json_array_foreach (trees, k, one)
			raw += walk(json_object_get(one, "tree"), &d.data,
				    d.data.test.x + i * d.data.cols);
		worst = fmax(worst, fabs(1 / (1 + exp(-raw)) - (double)f.test[2 * i + 1]));
	}
	ok(worst < 1e-6, "whose numbers are the model's predictions"); /* float sums */
	one = json_object_get(json_array_get(trees, 0), "tree");
	ok_near(json_number_value(json_object_get(one, "cover")), 210, 40,
		"the root's cover is the rows drawn");
	json_decref(root);
	arena_clear(&f.arena);
	arena_clear(&d.arena);
}

/* Shapes that JSON has no words for. */
static void test_odd_dumps(void)
{
	struct arena a;
	struct tree t;
	struct text out = { .arena = &a };
	const struct dataset data = { .cols = 2 };
	const struct tree_dump with = { .data = &data };

	arena_init(&a, 0);
	tree_allocate(&t, 1000, &a);
	t.value[0] = 2;
	t.cover[0] = 7;
	ok(tree_dump_json(&t, &with, &out), "a single leaf");
	ok_str(out.data, "{\"nodeid\":0,\"leaf\":2,\"cover\":7}", "is a leaf");
	t.leaves = 2;
	t.node[0] = (struct tree_node){ .column = 1, .child = { ~0, ~1 }, .set = -1,
					.threshold = -INFINITY };
	out = (struct text){ .arena = &a };
	tree_dump_json(&t, &with, &out);
	ok(strstr(out.data, "\"split\":\"f1\"") != NULL, "a column without a name is f1");
	ok(strstr(out.data, "\"split_condition\":\"-inf\"") != NULL,
	   "an infinite threshold is a text");
	t.leaves = 1000;
	for (int32_t k = 0; k < 999; k++)
		t.node[k] = (struct tree_node){ .child = { k < 998 ? k + 1 : ~999, ~k },
						.set = -1 };
	ok(!tree_dump_json(&t, &with, &out), "a tree too deep for JSON is refused");
	out = (struct text){ .arena = &a };
	tree_dump_text(&t, &with, &out);
	ok(strstr(out.data, "998:[f0<=0] yes=1998,no=1997") != NULL, "text has no limit");
	arena_clear(&a);
}

static void test_importance(void)
{
	const struct learner *l = learner_find("gbdt");
	struct sample d;
	struct sample_fit f;
	float gain[5], splits[5], total = 0, nodes = 0;

	sample_make(&d, &shapes[1]);
	sample_fit(&f, &d.data, "rounds=6", 1);
	l->importance(f.model, IMPORTANCE_GAIN, gain);
	l->importance(f.model, IMPORTANCE_SPLITS, splits);
	for (size_t r = 0; r < f.model->rounds; r++)
		nodes += (float)f.model->tree[r][0].leaves - 1;
	for (size_t j = 0; j < 5; j++)
		total += splits[j];
	ok(total > 0 && !(total < nodes) && !(total > nodes), "every cut counts once");
	ok(gain[3] > gain[2] && gain[0] > gain[2], "columns of the rule gain most");
	arena_clear(&f.arena);
	arena_clear(&d.arena);
}

int main(void)
{
	static const char *const options[] = {
		"rounds=6,growth=oblivious,depth=4", "rounds=6,growth=depth",
		"rounds=9,drop_rate=0.5", "rounds=6,target_stats=4",
		"rounds=6,leaf_steps=2,sampling=goss,row_sample=1",
	};
	static const char *const objectives[] = {
		"objective=absolute", "objective=quantile", "objective=huber",
	};

	for (size_t k = 0; k < sizeof(shapes) / sizeof(*shapes); k++)
		test_round_trip(&shapes[k], "rounds=12,max_onehot=2");
	for (size_t k = 0; k < sizeof(options) / sizeof(*options); k++)
		test_round_trip(&shapes[1], options[k]);
	test_round_trip(&shapes[2], "rounds=5,target_stats=4");
	for (size_t k = 0; k < sizeof(objectives) / sizeof(*objectives); k++)
		test_round_trip(&shapes[0], objectives[k]);
	test_trees();
	test_columns();
	test_memory();
	test_json();
	test_stats();
	test_odd_dumps();
	test_importance();
	return tap_done();
}
