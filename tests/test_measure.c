#include "harness/measure.h"

#include <math.h>

#include "harness/base/hash.h"
#include "results/store.h"
#include "tests/suite_text.h"

static struct arena arena;
static struct machine machine;
static char train[96], test[96], store[96], csv[96], big[96];

/* Two clouds of numbers, one class each; `n` rows. */
static void write_rows(const char *path, int n)
{
	FILE *f = fopen(path, "w");

	if (!f)
		abort();
	fputs("x,z,y\n", f);
	for (int i = 0; i < n; i++)
		fprintf(f, "%d,%d,%s\n", i * 37 % 50 + (i % 2 ? 60 : 0),
			i * 11 % 17, i % 2 ? "up" : "down");
	fclose(f);
}

struct ask {
	const char *learner;
	struct protocol protocol;
	struct cell_place place;
	int stop;
	double valid_share;
	const char *train;
};

static int measure(const struct ask *ask, struct record *r, struct error *err)
{
	const volatile int *stop = &ask->stop;
	struct load_files files = {
		.train = ask->train ? ask->train : train, .test = test,
		.target = "y", .guess_task = true, .threads = 1,
		.valid_share = ask->valid_share,
	};
	struct spec spec;
	struct cell cell = { .files = &files, .spec = &spec,
			     .protocol = &ask->protocol };
	struct measure m = { .cell = &cell, .place = &ask->place,
			     .machine = &machine, .arena = &arena,
			     .stop = stop };

	error_clear(err);
	if (spec_parse(&spec, &arena, ask->learner, err) ||
	    !learner_view(spec.learner, load_views(MODALITY_TABULAR),
			  &cell.view))
		return -1;
	files.view = cell.view;
	/* a key such as a plan would give, for the store */
	hash_bytes(ask->learner, strlen(ask->learner), cell.key);
	if (measure_cell(&m, r, err))
		return (int)err->code;
	r->key = arena_strdup(&arena, cell.key); /* the cell goes now */
	return 0;
}

static struct ask plain(const char *learner)
{
	struct ask a = { .learner = learner,
			 .place = { .catalog = "x", .cache = "x" } };

	protocol_defaults(&a.protocol);
	return a;
}

static void test_ok(void)
{
	struct ask a = plain("mlp[epochs=5]");
	struct error err = { 0 };
	struct record r;
	char hash[HASH_HEX];

	ok(!measure(&a, &r, &err) && r.status == STATUS_OK,
	   "a cell is measured %s", err.text);
	ok(r.n_train == 200 && r.n_test == 100 && r.n_valid == 0 &&
	   r.cols == 2 && r.classes == 2, "all rows of a user's file are fitted");
	ok(json_object_get(r.metrics, "accuracy") && r.score >= 0.0 &&
	   fabs(r.score + r.error - 1.0) < 1e-12, "score and error are there");
	ok(r.fit_s > 0.0 && r.fit_cpu_s > 0.0 && r.prepare_s > 0.0 &&
	   r.predict_s >= 0.0 && r.peak_rss_mb > 1.0,
	   "times and memory are there");
	ok(r.noise && r.machine && strlen(r.pred_sha256) == 64,
	   "so are circumstances and the predictions' digest");
	strcpy(hash, r.pred_sha256);
	record_clear(&r);
	measure(&a, &r, &err);
	ok_str(r.pred_sha256, hash, "the same question gives the same bits");
	record_clear(&r);
}

static void test_publish(void)
{
	struct ask a = plain("constant");
	struct predictions p;
	struct error err = { 0 };
	struct record r;
	struct store *s = NULL;
	int64_t count = 0, last = -1;
	size_t broken;

	a.place.store = store;
	a.place.predictions = csv;
	ok(!measure(&a, &r, &err) && !store_open(&s, store, &err) &&
	   !store_sync(s, NULL, NULL, &broken, &err) &&
	   !store_count(s, r.key, machine.fingerprint, &count, &last, &err) &&
	   count == 1 && last == 0, "the row is in the store %s", err.text);
	ok(!store_predictions(s, &r, true, &arena, &p, &err) && p.rows == 100 &&
	   p.outputs == 2, "so are the predictions, with the row's digest");
	ok(access(csv, R_OK) == 0, "and in the user's file");
	store_close(s);
	record_clear(&r);
}

/* The user's file says what the row says: its accuracy can be counted. */
static void test_csv(void)
{
	struct ask a = plain("linear");
	struct error err = { 0 };
	struct record r;
	unsigned item, rows = 0, right = 0, in_order = 0;
	double truth, s0, s1;
	char head[64] = "";
	FILE *f;

	a.place.predictions = csv;
	if (measure(&a, &r, &err))
		abort();
	f = fopen(csv, "r");
	if (!f || !fgets(head, sizeof(head), f))
		abort();
	while (fscanf(f, "%u,%lf,%lf,%lf", &item, &truth, &s0, &s1) == 4) {
		in_order += item == 200 + rows++; /* after the training rows */
		right += (s1 > s0) == (truth == 1.0);
	}
	fclose(f);
	ok_str(head, "item,truth,score0,score1\n", "predictions have a header");
	ok(rows == 100 && in_order == 100,
	   "a line a test row, numbered on from the training file");
	ok_near(json_number_value(json_object_get(r.metrics, "accuracy")),
		right / 100.0, 1e-12, "and the row's accuracy follows from them");
	record_clear(&r);
	a.place.predictions = "/proc/nothing/p.csv";
	ok(measure(&a, &r, &err) == ERR_IO && strstr(err.text, "/proc/nothing"),
	   "a file that cannot be written is named, and there is no row");
}

/* Threads are a matter of time alone (DESIGN: the same bits). */
static void test_threads(void)
{
	static const char *const learners[] = { "linear", "gbdt[rounds=5]",
						"mlp[epochs=2]", "knn" };
	struct error err = { 0 };

	for (size_t i = 0; i < sizeof(learners) / sizeof(learners[0]); i++) {
		struct ask a = plain(learners[i]);
		struct record one, two;

		if (measure(&a, &one, &err))
			abort();
		a.protocol.threads = 2;
		if (measure(&a, &two, &err))
			abort();
		ok_str(two.pred_sha256, one.pred_sha256,
		       "%s: the same bits on 2 threads", learners[i]);
		ok(two.threads == 2 && one.threads == 1,
		   "and the row says on how many");
		record_clear(&one);
		record_clear(&two);
	}
}

static void test_search(void)
{
	struct ask a = plain("mlp[epochs=5]");
	struct error err = { 0 };
	struct record r;

	a.protocol.trials = 3;
	a.valid_share = 0.1;
	ok(!measure(&a, &r, &err) && r.status == STATUS_OK && r.n_valid == 20 &&
	   r.n_train == 180, "a search keeps validation rows back");
	ok(json_array_size(json_object_get(r.tuning, "log")) == 3,
	   "its trials are in the row");
	record_clear(&r);
	a.valid_share = 0.0;
	ok(!measure(&a, &r, &err) && r.status == STATUS_UNSUPPORTED,
	   "a search without validation rows is refused: %s", r.message);
	record_clear(&r);
}

static void test_failures(void)
{
	struct ask a = plain("mlp[epochs=5]");
	struct error err = { 0 };
	struct record r;

	a.protocol.memory_mb = 0.01;
	ok(!measure(&a, &r, &err) && r.status == STATUS_OOM,
	   "an arena that is too small is the row 'oom': %s", r.message);
	ok(isnan(r.score) && !r.metrics, "which has no score");
	record_clear(&r);
	a = plain("mlp[epochs=5]");
	a.stop = 1;
	ok(measure(&a, &r, &err) == ERR_INTERRUPTED,
	   "a cell that is told to stop has no row");
	a = plain("constant");
	a.train = "no/such/file.csv";
	ok(measure(&a, &r, &err) == ERR_IO, "nor has one without its data: %s",
	   err.text);
	a = plain("constant");
	a.place.store = train; /* a file */
	ok(measure(&a, &r, &err) == ERR_IO, "nor one that cannot publish: %s",
	   err.text);
}

static void test_budget(void)
{
	struct ask a = plain("mlp[epochs=100000]");
	struct error err = { 0 };
	struct record r;

	a.protocol.budget_s = 0.2;
	ok(!measure(&a, &r, &err) && r.status == STATUS_OK && r.stopped == 1 &&
	   r.steps > 0, "a budget ends a fit that keeps what it has");
	record_clear(&r);
}

/* Known beforehand or found out on the way: learner.h says which is which. */
static void test_memory(void)
{
	struct ask a = plain("krr");
	struct error err = { 0 };
	struct record r;

	a.train = big;
	a.protocol.memory_mb = 20.0;
	if (measure(&a, &r, &err))
		abort();
	ok(r.status == STATUS_UNSUPPORTED &&
		   strstr(r.message, "krr takes") &&
		   strstr(r.message, "limit of 20 MiB"),
	   "a forecast above the limit is unsupported: %s", r.message);
	record_clear(&r);
	a = plain("gbdt");
	a.train = big;
	a.protocol.memory_mb = 0.5; /* less than the rows and their bins */
	if (measure(&a, &r, &err))
		abort();
	ok(r.status == STATUS_OOM &&
		   strstr(r.message, "allowed"),
	   "running out on the way is oom: %s", r.message);
	record_clear(&r);
	a.protocol.memory_mb = 0.0;
	ok(!measure(&a, &r, &err) && r.status == STATUS_OK,
	   "no limit turns nothing down");
	record_clear(&r);
}

int main(void)
{
	arena_init(&arena, 0);
	suite_folder();
	snprintf(train, sizeof(train), "%s/train.csv", suite_dir);
	snprintf(test, sizeof(test), "%s/test.csv", suite_dir);
	snprintf(store, sizeof(store), "%s/store", suite_dir);
	snprintf(csv, sizeof(csv), "%s/p.csv", suite_dir);
	write_rows(train, 200);
	write_rows(test, 100);
	snprintf(big, sizeof(big), "%s/big.csv", suite_dir);
	write_rows(big, 3000);
	machine_read(&machine);
	test_ok();
	test_publish();
	test_csv();
	test_threads();
	test_search();
	test_failures();
	test_budget();
	test_memory();
	suite_cleanup();
	arena_clear(&arena);
	return tap_done();
}
