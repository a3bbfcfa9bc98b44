/* libFuzzer: any bytes behind a magic and in front of a right digest are a model that
 * predicts, explains and dumps, or an error with words. The digest is put right here,
 * or nothing behind it would ever be reached. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "learners/model/model_file.h"
#include "learners/model/model_writer.h"
#include "tests/synth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

#define MOST 65536
enum { ROWS = 3, TREES = 3, KINDS = 6 };

/* Models to start from, which no mutator would find by itself. */
static unsigned char sample[KINDS][MOST];
static size_t sample_size[KINDS];

static struct dataset sample_data(struct arena *a, bool classes)
{
	static const char *const levels[] = { "a", "b", "c", "d", "e", "f" };
	struct column *columns = ARENA_NEW(a, struct column, 3);
	float *x = ARENA_NEW(a, float, 60 * 3), *y = ARENA_NEW(a, float, 60);
	int32_t *label = ARENA_NEW(a, int32_t, 60);

	columns[0].name = "x";
	columns[1].name = "y";
	columns[2] = (struct column){ .name = "k", .is_cat = true, .levels = 6,
				      .level_names = levels };
	for (size_t i = 0; i < 60; i++) {
		x[3 * i] = (float)(i % 7);
		x[3 * i + 1] = i % 5 ? (float)i : NAN;
		x[3 * i + 2] = (float)(i % 6);
		y[i] = (float)(i % 6 * i % 11);
		label[i] = (int32_t)(i * i % 7 % 3);
	}
	return (struct dataset){ .name = "s", .task = classes ? TASK_CLASSIFICATION :
								TASK_REGRESSION,
				 .view = VIEW_TABLE, .cols = 3, .columns = columns,
				 .classes = classes ? 3 : 0,
				 .train = { .rows = 60, .x = x, .label = label,
					    .target = y } };
}

/* The frame of trees has level names, so that it has no obstacle. */
static struct frame tree_frame(struct arena *a, bool classes)
{
	static const char *const names[] = { "r", "s", "t" };
	static const uint8_t *const seen[3] = { [2] = (const uint8_t *)"\1\1\1\1\1\1" };

	return (struct frame){ .data = sample_data(a, classes), .view = VIEW_TABLE,
			       .seen = seen, .target = "y", .layout = "",
			       .class_names = classes ? names : NULL, .obstacle = "" };
}

static struct frame net_frame(struct arena *a, enum view view)
{
	struct synth s = { .view = view, .classes = 3, .train = 30 };
	struct frame f = { .view = view, .target = "", .layout = "", .obstacle = "a net" };

	if (!synth_make(&s, a, &f.data))
		abort();
	f.data.columns = NULL;
	return f;
}

static void make_sample(size_t kind)
{
	static const struct {
		const char *learner, *options;
		enum view view;
	} kinds[KINDS] = {
		{ "gbdt", "rounds=3,leaves=5,min_child_rows=1,min_group_rows=1,max_onehot=1",
		  VIEW_TABLE },
		{ "gbdt", "rounds=2,leaves=5,min_child_rows=1,min_group_rows=1,target_stats=3",
		  VIEW_TABLE },
		{ "forest", "trees=2,depth=3", VIEW_TABLE },
		{ "mlp", "epochs=1,layers=1,width=4,batch_norm=yes", VIEW_DENSE },
		{ "cnn", "epochs=1,blocks=1,channels=2,hidden=2", VIEW_GRID },
		{ "embedding_bag", "epochs=1,dim=2,buckets=9", VIEW_TOKENS },
	};
	const struct learner *l = learner_find(kinds[kind].learner);
	struct model_file m = { .learner = l, .params = "{}", .build = "b" };
	struct arena a;
	struct run run = { .arena = &a, .threads = 1 };
	struct error err;
	struct text t;
	void *config;

	arena_init(&a, 0);
	config = arena_alloc(&a, 1, l->config_size);
	param_defaults(l->params, config);
	m.frame = kind < TREES ? tree_frame(&a, kind > 0) : net_frame(&a, kinds[kind].view);
	if (param_set_all(l->params, config, kinds[kind].options, &err) ||
	    l->fit(config, &m.frame.data, &run, &m.model, &err) ||
	    model_file_format(&m, &a, &t, &err) || t.size > MOST)
		abort();
	memcpy(sample[kind], t.data, t.size);
	sample_size[kind] = t.size;
	arena_clear(&a);
}

/* What the corpus has, and one time in sixteen a fresh sample. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	if (seed % 16 == 0 || size < MODEL_HEAD) {
		size_t which = seed / 16 % KINDS;

		size = sample_size[which] < most ? sample_size[which] : most;
		memcpy(data, sample[which], size);
	}
	return LLVMFuzzerMutate(data, size, most);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	for (size_t k = 0; k < KINDS; k++)
		make_sample(k);
	return 0;
}

/* Rows of holes, of ordinary and of strange values; of no, of known and of unknown
 * words. */
static void use(const struct model_file *m, struct arena *a)
{
	static const float values[ROWS] = { NAN, 1, -INFINITY };
	static const uint64_t start[ROWS + 1] = { 0, 0, 3, 6 };
	static const uint32_t word[6] = { 1, 2, 3, 0, 4, UINT32_MAX };
	const struct dataset *d = &m->frame.data;
	struct run run = { .arena = a, .threads = 1 };
	struct text t = { .arena = a };
	struct part rows = { .rows = ROWS };
	struct error err = { 0 };
	size_t outputs = learner_outputs(d);
	float *x = ARENA_NEW(a, float, ROWS * d->cols);
	float *scores = ARENA_NEW(a, float, ROWS * outputs);

	if (!x || !scores || d->view == VIEW_SPARSE)
		return;
	/* nets take finite values alone */
	for (size_t k = 0; k < ROWS * d->cols; k++)
		x[k] = d->view == VIEW_TABLE ? values[k / d->cols] : 1;
	rows.x = x;
	if (d->view == VIEW_TOKENS)
		rows = (struct part){ .rows = ROWS, .row_start = start, .index = word };
	m->learner->predict(m->model, d, &rows, &run, scores, &err);
	if (m->learner->explain) {
		size_t wide = (d->cols + 1) * m->learner->raw_outputs(m->model);
		float *shap = ARENA_NEW(a, float, ROWS * wide);

		if (shap)
			m->learner->explain(m->model, &rows, &run, shap, &err);
	}
	if (m->learner->dump) {
		m->learner->dump(m->model, d, DUMP_JSON, &t, &err);
		m->learner->dump(m->model, d, DUMP_TEXT, &t, &err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t total = MODEL_HEAD + MODEL_DIGEST;
	char hex[HASH_HEX];
	struct error err = { 0 };
	struct model_file m;
	unsigned char *bytes;
	struct arena a;

	total = size > total ? size : total;
	bytes = calloc(1, total);
	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	memcpy(bytes, MODEL_MAGIC, MODEL_MAGIC_SIZE);
	memcpy(bytes + MODEL_MAGIC_SIZE, "\1\0\0\0", 4);
	hash_bytes(bytes, total - MODEL_DIGEST, hex);
	memcpy(bytes + total - MODEL_DIGEST, hex, MODEL_DIGEST);
	arena_init(&a, (size_t)1 << 28);
	if (model_file_parse(&m, bytes, total, "a", &a, &err) == 0)
		use(&m, &a);
	else if (!err.text[0])
		abort();
	arena_clear(&a);
	free(bytes);
	return 0;
}
