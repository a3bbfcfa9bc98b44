#include "harness/cell.h"

#include "harness/base/json.h"
#include "tests/failing.h"
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

/* Numbers that would size a loop or an array, and folders that must be there. */
static void test_numbers(const struct entry *e, const struct spec *s)
{
	static const struct {
		const char *object, *key;
		int64_t number;
	} bad[] = {
		{ "protocol", "threads", 0 }, { "protocol", "threads", 1025 },
		{ "protocol", "threads", -1 }, { "protocol", "trials", 0 },
		{ "place", "catalog", 3 }, { "place", "cache", 3 },
	};
	struct cell c = sample(e, s), got;
	struct cell_place there;
	struct catalog catalog;
	struct error err = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *o = cell_to_json(&c, &place), *in;

		in = strcmp(bad[i].object, "place") ?
			json_object_get(json_object_get(o, "cell"),
					bad[i].object) :
			json_object_get(o, "place");
		json_object_set_new(in, bad[i].key,
				    json_integer(bad[i].number));
		ok(cell_from_json(&got, &there, &catalog, &arena, o, &err) ==
		   ERR_USAGE && strstr(err.text, bad[i].object),
		   "%s of %lld is refused: %s", bad[i].key,
		   (long long)bad[i].number, err.text);
		json_decref(o);
	}
}

/* One more digit than a SHA-256 has would be cut, and be another key. */
static void test_key(const struct entry *e, const struct spec *s)
{
	struct cell c = sample(e, s), got;
	struct cell_place there;
	struct catalog catalog;
	struct error err = { 0 };
	json_t *o = cell_to_json(&c, &place);
	char key[HASH_HEX + 1];

	memset(key, 'a', sizeof(key));
	key[HASH_HEX] = '\0';
	json_object_set_new(json_object_get(o, "cell"), "key",
			    json_string(key));
	ok(cell_from_json(&got, &there, &catalog, &arena, o, &err) == ERR_USAGE,
	   "a key that is too long is refused: %s", err.text);
	key[HASH_HEX - 1] = '\0';
	json_object_set_new(json_object_get(o, "cell"), "key",
			    json_string(key));
	ok(!cell_from_json(&got, &there, &catalog, &arena, o, &err) &&
	   !strcmp(got.key, key), "a whole one arrives");
	json_decref(o);
}

static void test_memory(const struct entry *e, const struct spec *s)
{
	struct cell c = sample(e, s), got;
	struct cell_place there;
	struct catalog catalog;
	json_t *o = cell_to_json(&c, &place);
	struct error err = { 0 };
	struct arena a;
	size_t odd = 0, total;

	arena_init(&a, 0);
	ok(!cell_from_json(&got, &there, &catalog, &a, o, &err),
	   "with memory enough a cell is read");
	total = a.calls;
	arena_clear(&a);
	for (size_t at = 1; at <= total; at = failing_next(at, total)) {
		arena_init(&a, 0);
		a.fail_at = at;
		odd += cell_from_json(&got, &there, &catalog, &a, o, &err) != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(total > 10 && !odd, "of %zu allocations each that fails is ERR_MEMORY", total);
	json_decref(o);
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

static struct forecast forecast_of(const struct entry *e, const char *text,
				   size_t n, bool *known)
{
	struct forecast f = { 0 };
	struct error err;
	struct cell c;
	struct spec s;

	if (spec_parse(&s, &arena, text, &err))
		abort();
	c = sample(e, &s);
	c.n = n;
	*known = cell_forecast(&c, &f);
	return f;
}

static void test_forecast(const struct entry *e)
{
	struct entry dim = *e;
	bool known;
	double small = forecast_of(e, "krr", 1000, &known).bytes, all;

	ok(known && small >= 4e6 && small < 8e6,
	   "krr forecasts its kernel matrix");
	/* 20,000 rows, a fifth to test, a fifth of the fitted to validate */
	all = forecast_of(e, "krr", 0, &known).bytes;
	ok(all >= 4.0 * 13333 * 13333 && all < 4.0 * 16000 * 16000,
	   "without n by the rows that the split leaves to fit");
	ok(forecast_of(e, "krr", 2000, &known).flops >
		   4 * forecast_of(e, "krr", 1000, &known).flops,
	   "operations grow faster than the square");
	ok(forecast_of(e, "linear", 1000, &known).flops > 0 && known,
	   "a forecast needs no rows, only their number");
	forecast_of(e, "constant", 1000, &known);
	ok(!known, "a learner that makes none has none");
	dim.expect = (struct expected){ SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX };
	forecast_of(&dim, "krr", 0, &known);
	ok(!known, "nor has a data set of unknown size");
	forecast_of(&dim, "krr", 1000, &known);
	ok(known, "but where the cell says how many rows");
	forecast_of(NULL, "krr", 1000, &known);
	ok(!known, "nor have files of a user's");
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
	test_numbers(e, &s);
	test_key(e, &s);
	test_memory(e, &s);
	test_record(e, &s);
	test_forecast(e);
	arena_clear(&arena);
	return tap_done();
}
