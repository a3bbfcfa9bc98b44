#include "harness/cell.h"

#include "harness/base/json.h"
#include "tests/suite_text.h"

static struct arena arena;

static const struct protocol protocol = {
	.repeats = 3, .seed = 4, .threads = 2, .trials = 5, .tune_s = 1.5,
	.limit_s = 60.0, .memory_mb = 512.0, .budget_s = 2.5,
};

static struct cell sample(const struct entry *e, const struct spec *s)
{
	return (struct cell){
		.entry = e, .spec = s, .view = VIEW_DENSE, .n = 500,
		.first = true, .repeat = 2, .seed = 6, .protocol = &protocol,
		.key = "0123",
	};
}

static const struct cell_place place = {
	.catalog = "datasets/catalog.yaml", .cache = "cache", .store = "store",
	.repetition = 7,
};

static void test_round_trip(const struct entry *e, const struct spec *s)
{
	struct cell c = sample(e, s), got;
	struct cell_place there;
	struct catalog catalog;
	struct error err = { 0 };
	json_t *o = cell_to_json(&c, &place), *a, *b;

	ok(o && !cell_from_json(&got, &there, &catalog, &arena, o, &err),
	   "a cell travels as JSON %s", err.text);
	ok(!strcmp(got.entry->name, "letter") && got.view == VIEW_DENSE &&
	   got.n == 500 && got.first && got.repeat == 2 && got.seed == 6 &&
	   !strcmp(got.key, "0123"), "the question arrives");
	ok(!memcmp(got.protocol, &protocol, sizeof(protocol)),
	   "so does the protocol");
	ok(!strcmp(there.store, "store") && !there.predictions &&
	   there.repetition == 7, "so does the place");
	a = param_to_json(s->learner->params, s->config);
	b = param_to_json(got.spec->learner->params, got.spec->config);
	ok(json_equal(a, b), "and every parameter");
	json_decref(a);
	json_decref(b);
	json_decref(o);
}

static void test_files(const struct spec *s)
{
	const struct load_files files = {
		.train = "dir/a.csv", .test = "b.csv", .target = "y",
		.task = TASK_REGRESSION, .valid_share = 0.1,
	};
	struct cell c = sample(NULL, s), got;
	struct cell_place there;
	struct error err = { 0 };
	json_t *o;

	c.files = &files;
	o = cell_to_json(&c, &place);
	ok(o && !cell_from_json(&got, &there, NULL, &arena, o, &err) &&
	   !strcmp(got.files->train, "dir/a.csv") &&
	   got.files->task == TASK_REGRESSION &&
	   got.files->valid_share == 0.1 && got.files->view == VIEW_DENSE,
	   "files of the user's travel, too");
	ok_str(cell_task(&got), "a.csv", "and lend the task their name");
	ok_str(cell_metric(&got, TASK_REGRESSION), "r2", "and its metric");
	json_decref(o);
}

static void test_refusals(const struct entry *e, const struct spec *s)
{
	static const char *const keys[] = { "learner", "view", "protocol",
					    "params", "task" };
	struct cell c = sample(e, s), got;
	struct cell_place there;
	struct catalog catalog;
	struct error err = { 0 };
	json_t *empty = json_object();

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *o = cell_to_json(&c, &place);

		json_object_set_new(json_object_get(o, "cell"), keys[i],
				    json_string("nonsense"));
		ok(cell_from_json(&got, &there, &catalog, &arena, o, &err) < 0,
		   "a wrong '%s' is refused: %s", keys[i], err.text);
		json_decref(o);
	}
	ok(cell_from_json(&got, &there, &catalog, &arena, empty, &err) ==
	   ERR_USAGE, "no cell at all: %s", err.text);
	json_decref(empty);
}

static void test_record(const struct entry *e, const struct spec *s)
{
	struct cell c = sample(e, s);
	struct machine m;
	struct error err = { 0 };
	struct record r;
	json_t *o;

	machine_read(&m);
	ok(!cell_record(&c, &m, &r, &err), "a record is begun");
	ok(!strcmp(r.task, "letter") && !strcmp(r.learner, "mlp") &&
	   !strcmp(r.metric, "accuracy") && r.seed == 6 && r.repeat == 2 &&
	   r.threads == 2 && r.limit_s == 60.0 && r.limit_mb == 512.0,
	   "with the question in it");
	ok(r.status == STATUS_CRASHED,
	   "and no claim to have gone well before it has");
	o = record_to_json(&r);
	ok(o && json_object_get(o, "fingerprint"), "it can be written");
	json_decref(o);
	record_clear(&r);
}

int main(void)
{
	struct error err = { 0 };
	struct catalog catalog;
	const struct entry *e;
	struct spec s;

	arena_init(&arena, 0);
	suite_catalog(&catalog, &arena);
	e = catalog_find(&catalog, "letter");
	if (spec_parse(&s, &arena, "mlp[epochs=3]", &err) || !e)
		return 1;
	test_round_trip(e, &s);
	test_files(&s);
	test_refusals(e, &s);
	test_record(e, &s);
	arena_clear(&arena);
	return tap_done();
}
