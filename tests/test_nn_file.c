/* Nets saved and loaded: the same bits whatever the options, and words for what a
 * file may hold that does not fit together. */
#include <math.h>

#include "learners/nn/nn_file.h"
#include "tests/contract.h"
#include "tests/failing.h"
#include "tests/tap.h"

struct fit {
	const struct learner *learner;
	struct arena arena;
	struct dataset data;
	struct run run;
	struct error err;
	void *model;
	float *scores; /* (test.rows, outputs) */
	size_t size;   /* their bytes */
	struct text file;
};

static int predict(struct fit *f, const void *model, float *scores)
{
	return f->learner->predict(model, &f->data, &f->data.test, &f->run, scores,
				   &f->err);
}

static struct text save(struct fit *f, const void *model)
{
	struct model_writer w;

	model_writer_init(&w, &f->arena);
	f->learner->save(model, &f->data, &w);
	if (model_writer_finish(&w, &f->err))
		abort();
	return w.text;
}

static int load(struct fit *f, const struct text *t, struct arena *a, void **model)
{
	struct model_reader r;

	error_clear(&f->err);
	if (model_reader_open(&r, t->data, t->size, "m.tri", a, &f->err) ||
	    f->learner->load(&r, &f->data, model, &f->err))
		return (int)f->err.code;
	return model_reader_done(&r, &f->err);
}

static void make(struct fit *f, const char *name, const char *options, struct synth s)
{
	const struct learner *l = learner_find(name);
	struct dataset lent;
	void *config;

	*f = (struct fit){ .learner = l, .run = { .threads = 2, .seed = 3 } };
	arena_init(&f->arena, 0);
	f->run.arena = &f->arena;
	config = arena_alloc(&f->arena, 1, l->config_size);
	s.train = s.train ? s.train : 70;
	s.test = 9;
	if (!synth_make(&s, &f->arena, &f->data))
		abort();
	lent = f->data;
	lent.test = (struct part){ 0 };
	param_defaults(l->params, config);
	f->size = f->data.test.rows * learner_outputs(&f->data) * sizeof(float);
	f->scores = arena_alloc(&f->arena, 1, f->size);
	if (param_set_all(l->params, config, options, &f->err) ||
	    l->fit(config, &lent, &f->run, &f->model, &f->err) ||
	    predict(f, f->model, f->scores)) {
		printf("# %s[%s]: %s\n", name, options, f->err.text);
		exit(1);
	}
	f->file = save(f, f->model);
}

static void test_round_trip(const char *name, const char *options, struct synth s)
{
	struct fit f;
	struct text again = { 0 };
	void *back = NULL;
	float *scores;

	make(&f, name, options, s);
	scores = arena_alloc(&f.arena, 1, f.size);
	ok(!load(&f, &f.file, &f.arena, &back), "%s[%s], %zu classes: is loaded %s", name,
	   options, s.classes, f.err.text);
	f.run.threads = 1;
	ok(back && !predict(&f, back, scores) && !memcmp(scores, f.scores, f.size),
	   "and predicts the same bits, on another number of threads, too");
	if (back)
		again = save(&f, back);
	ok(again.size == f.file.size && !memcmp(again.data, f.file.data, again.size),
	   "and is saved as the same bytes");
	arena_clear(&f.arena);
}

static const struct synth dense = { .view = VIEW_DENSE, .classes = 3, .seed = 1 };
static const struct synth grid = { .view = VIEW_GRID, .classes = 3, .seed = 2 };
static const struct synth wave = { .view = VIEW_WAVE, .classes = 3, .seed = 3 };
static const struct synth tokens = { .view = VIEW_TOKENS, .classes = 3, .seed = 4 };

static struct synth numbers(struct synth s)
{
	s.task = TASK_REGRESSION;
	s.classes = 0;
	return s;
}

static void test_round_trips(void)
{
	struct synth one = dense, flat = grid;

	one.train = 1;
	flat.constant = true;
	test_round_trip("mlp", "epochs=2", dense);
	test_round_trip("mlp", "epochs=2,layers=0", dense);
	test_round_trip("mlp", "epochs=2,batch_norm=yes,activation=tanh,dropout=0", dense);
	test_round_trip("mlp", "epochs=2,layers=5,width=7", numbers(dense));
	test_round_trip("mlp", "epochs=2", one);
	test_round_trip("cnn", "epochs=1,channels=4", grid);
	test_round_trip("cnn", "epochs=1,channels=4,hidden=0,dropout=0.2,blocks=3", grid);
	test_round_trip("cnn", "epochs=1,channels=4", numbers(grid));
	test_round_trip("cnn", "epochs=1,channels=4", flat);
	test_round_trip("image_resnet", "epochs=1,channels=4,dropout=0.1", grid);
	test_round_trip("alexnet_small", "epochs=1,channels=4,hidden=8", numbers(grid));
	test_round_trip("conv1d", "epochs=1,channels=4", wave);
	test_round_trip("embedding_bag", "epochs=2,buckets=99", tokens);
	test_round_trip("embedding_bag", "epochs=2,buckets=0,dim=1", numbers(tokens));
}

/* ---------------------------------------------------------------- bad files */

/* The file with one array replaced: of another number of elements, or left out
 * where `data` is NULL. */
static struct text replace(struct fit *f, const char *name, const void *data, size_t n)
{
	struct model_reader r;
	struct model_writer w;
	char key[256];

	if (model_reader_open(&r, f->file.data, f->file.size, "m.tri", &f->arena, &f->err))
		abort();
	model_writer_init(&w, &f->arena);
	for (size_t k = 0; k < r.n; k++) {
		const struct model_array *a = &r.array[k];

		snprintf(key, sizeof(key), "%.*s", (int)a->name_size, (const char *)a->name);
		if (strcmp(key, name))
			model_writer_array(&w, key, a->type, a->data, a->n);
		else if (data)
			model_writer_array(&w, key, a->type, data, n);
	}
	if (model_writer_finish(&w, &f->err))
		abort();
	return w.text;
}

static void refuses(struct fit *f, const char *name, const void *data, size_t n,
		    const char *words, const char *what)
{
	struct text t = replace(f, name, data, n);
	void *model;

	ok(load(f, &t, &f->arena, &model) == ERR_DATA && strstr(f->err.text, words) &&
	   strstr(f->err.text, "m.tri"), "%s: %s", what, f->err.text);
}

static void text(struct fit *f, const char *name, const char *t, const char *words)
{
	refuses(f, name, t, strlen(t) + 1, words, t);
}

static void test_bad_nets(void)
{
	const uint64_t wide[3] = { 1, 1, 9 }, tall[3] = { 2, 4, 1 },
		       huge[3] = { (uint64_t)1 << 63, 2, 8 };
	const uint64_t none = 0, many = 1 << 20;
	float weights[8 * 4 + 4 + 4 * 3 + 3] = { [5] = NAN };
	struct fit f;

	make(&f, "mlp", "epochs=1,layers=1,width=4", dense);
	refuses(&f, "nn.theta", NULL, 0, "'nn.theta' is missing", "no weights");
	refuses(&f, "nn.theta", weights, 50, "has 50 elements where 51 belong", "too few");
	refuses(&f, "nn.theta", weights, 51, "number 5 of 'nn.theta' is not finite", "NaN");
	refuses(&f, "nn.running", weights, 1, "where 0 belong", "statistics of no layer");
	refuses(&f, "nn.shape", wide, 3, "inputs of 1 x 1 x 9 for rows of 8", "wide rows");
	refuses(&f, "nn.shape", tall, 3, "inputs of 2 x 4 x 1", "an image in a dense row");
	refuses(&f, "nn.shape", huge, 3, "damaged", "a shape beyond the numbers");
	refuses(&f, "nn.shard_rows", &none, 1, "shards of no rows", "no rows");
	refuses(&f, "nn.shard_rows", &many, 1, "not one number up to", "many rows");
	text(&f, "nn.options", "{\"layers\": 99}", "options of another version");
	text(&f, "nn.options", "{\"layer\": 1}", "options of another version");
	text(&f, "nn.options", "{\"layers\": 2, \"width\": 4}", "another version of its learner");
	text(&f, "nn.options", "{\"layers\": 1, \"width\": 5}", "elements where");
	text(&f, "nn.options", "{\"activation\": \"tanh\", \"layers\": 1, \"width\": 4}",
	     "another version of its learner");
	text(&f, "nn.options", "[]", "no JSON object");
	text(&f, "nn.options", "{", "no JSON object");
	arena_clear(&f.arena);
}

static void test_bad_images(void)
{
	const uint64_t turned[3] = { 1, SYNTH_SIDE * SYNTH_SIDE, 1 };
	const float two[2] = { 1, 1 };
	struct fit f;
	void *model;

	make(&f, "cnn", "epochs=1,channels=2", grid);
	refuses(&f, "nn.shape", turned, 3, "inputs of 1 x 144 x 1", "another image");
	refuses(&f, "nn.gain", two, 2, "'nn.gain' has 2 elements", "a channel too many");
	refuses(&f, "nn.running", two, 2, "'nn.running' has 2 elements", "too few statistics");
	f.data.cols = f.data.height = 0;
	ok(load(&f, &f.file, &f.arena, &model) == ERR_DATA, "and images without pixels are "
	   "an error: %s", f.err.text);
	arena_clear(&f.arena);
}

static void test_bad_bags(void)
{
	const uint64_t none = 0, few = 9, two = 2;
	const uint32_t row[2] = { 3, 2 }, far[2] = { 2, 99999 };
	const float inf[3] = { 0, INFINITY, 0 }, four[4] = { 0 };
	struct fit f;

	make(&f, "embedding_bag", "epochs=1,dim=2,buckets=10", tokens);
	refuses(&f, "bag.vocab", &few, 1, "9 embeddings of 2 numbers for 60 words", "words");
	refuses(&f, "bag.dim", &none, 1, "60 embeddings of 0 numbers for 60 words", "dim");
	refuses(&f, "bag.bias", inf, 3, "number 1 of 'bag.bias' is not finite", "inf");
	refuses(&f, "bag.rows", &two, 1, "'bag.row' has", "rows");
	f.file = replace(&f, "bag.rows", &two, 1);
	f.file = replace(&f, "bag.row", row, 2);
	refuses(&f, "bag.table", four, 4, "row 2 of 70 embeddings, in no order", "order");
	f.file = replace(&f, "bag.table", four, 4);
	refuses(&f, "bag.row", far, 2, "row 99999 of 70", "a row beyond the table");
	arena_clear(&f.arena);
}

/* Only pairs that were met are written: 64 MiB of table fit in some kilobytes. */
static void test_size(void)
{
	struct fit f;

	make(&f, "embedding_bag", "epochs=1", tokens);
	ok(f.file.size < 1 << 20, "embedding_bag: %zu bytes, not a table of 262,144 rows",
	   f.file.size);
	arena_clear(&f.arena);
}

/* Out of memory at each allocation is said, and costs nothing else. */
static void test_memory(const char *name, const char *options, struct synth s)
{
	size_t bad = 0, at = 0, total;
	struct arena a;
	struct fit f;
	void *model;

	make(&f, name, options, s);
	arena_init(&a, 0);
	if (load(&f, &f.file, &a, &model))
		abort();
	total = a.calls;
	while ((at = failing_next(at, total)) <= total) {
		arena_clear(&a);
		arena_init(&a, 0);
		a.fail_at = at;
		bad += load(&f, &f.file, &a, &model) != ERR_MEMORY;
	}
	ok(total > 5 && !bad, "%s: each of %zu allocations may fail", name, total);
	arena_clear(&a);
	arena_clear(&f.arena);
}

int main(void)
{
	test_round_trips();
	test_bad_nets();
	test_bad_images();
	test_bad_bags();
	test_size();
	test_memory("mlp", "epochs=1", dense);
	test_memory("cnn", "epochs=1", grid);
	test_memory("embedding_bag", "epochs=1,buckets=20", tokens);
	return tap_done();
}
