#include "results/board.h"

#include "harness/base/file.h"
#include "results/store_file.h"
#include "tests/board_fixture.h"

static void test_averages(void)
{
	const struct board_row *row;
	struct board b;

	new_store();
	put_three("gbdt", "tree", 0.9);
	b = make();
	row = find(&b, "gbdt");
	ok(b.n == 1 && row->seeds == 3 && !row->failed,
	   "board: repeats of a learner are one line");
	ok_near(row->score, 0.9, 1e-15, "board: the score is their mean");
	ok_near(row->error, 0.1, 1e-15, "board: so is the error");
	/* sd .01, n 3: 4.302653 * .01 / sqrt(3) */
	ok_near(row->error_hi - row->error, 0.02484138, 1e-8,
		"board: with Student's interval");
	ok_near(row->error - row->error_lo, 0.02484138, 1e-8,
		"board: on both sides");
	ok(row->fit_s == 2.0, "board: times are medians");
	ok(row->peak_rss_mb == 102.0, "board: memory is the largest");
	ok_near(json_get_real(row->metrics, "accuracy", 0), 0.9, 1e-15,
		"board: every metric has its mean");
	board_clear(&b);
	ok(!b.n && !b.header, "board: clear empties it");
	remove_store();
}

static void test_too_few(void)
{
	struct record r;
	struct board b;

	new_store();
	new_row(&r, "knn", "kernel", 0, 0.8);
	put(&r);
	new_row(&r, "knn", "kernel", 1, 0.9);
	put(&r);
	b = make();
	ok(isnan(b.rows[0].error_lo) && isfinite(b.rows[0].error),
	   "board: two repeats have a mean and no interval");
	board_clear(&b);
	remove_store();
}

static void test_failures(void)
{
	const struct board_row *row;
	struct record r;
	struct board b;

	new_store();
	put_three("linear", "linear", 0.7);
	put_three("cnn", "net", 0.95);
	new_row(&r, "cnn", "net", 3, NAN);
	r.status = STATUS_TIMEOUT;
	r.message = "killed after 60 s";
	put(&r);
	new_row(&r, "krr", "kernel", 0, NAN);
	r.status = STATUS_OOM;
	put(&r);
	b = make();
	row = find(&b, "cnn");
	ok(row->failed == 1 && row->seeds == 3, "board: a failure is counted");
	ok_str(row->status, "timeout", "board: the line has its status");
	ok_str(row->message, "killed after 60 s", "board: and its words");
	ok_near(row->score, 0.95, 1e-15, "board: it is not imputed");
	ok(!row->best && !row->best_of_family, "board: but it wins nothing");
	row = find(&b, "krr");
	ok(isnan(row->score) && isnan(row->fit_s) && !row->seeds,
	   "board: nothing but failures has no numbers");
	ok(row == &b.rows[b.n - 1], "board: and comes last");
	ok(find(&b, "linear")->best, "board: the best is the best without failure");
	board_clear(&b);
	remove_store();
}

static void test_marks(void)
{
	struct board b;

	new_store();
	put_three("mlp", "net", 0.93);
	put_three("cnn", "net", 0.95);
	put_three("gbdt", "tree", 0.95);
	put_three("krr", "kernel", 0.91);
	put_three("constant", "baseline", 0.10);
	b = make();
	ok(find(&b, "cnn")->best && find(&b, "gbdt")->best,
	   "board: equal scores share the mark");
	ok(find(&b, "cnn")->best_of_family && !find(&b, "mlp")->best_of_family,
	   "board: the best of a family is marked");
	ok(find(&b, "krr")->best_of_family && !find(&b, "krr")->best,
	   "board: also where it is not the best of all");
	ok(!find(&b, "constant")->best_of_family,
	   "board: a baseline is no family to win");
	ok(b.rows[0].score >= b.rows[1].score &&
		   b.rows[3].score >= b.rows[4].score,
	   "board: lines by score");
	board_clear(&b);
	remove_store();
}

/* A question that was asked again counts once, with its latest answer. */
static void test_latest(void)
{
	struct record r;
	struct board b;

	new_store();
	new_row(&r, "gbdt", "tree", 0, 0.5);
	put(&r);
	questions--;
	new_row(&r, "gbdt", "tree", 0, 0.6);
	r.repetition = 1;
	r.created += 10;
	put(&r);
	b = make();
	ok(b.n == 1 && b.rows[0].seeds == 1 && b.rows[0].score == 0.6,
	   "board: the latest row of a question counts");
	board_clear(&b);
	remove_store();
}

static void test_other_machine(void)
{
	const struct board_row *row;
	struct record r;
	struct board b;
	const char *text;

	new_store();
	put_three("gbdt", "tree", 0.9); /* repeats 0, 1, 2 here */
	new_row(&r, "gbdt", "tree", 3, 0.9);
	r.fingerprint = other_machine;
	r.created = 1;
	r.fit_s = 1000.0;
	put(&r);
	questions = 0; /* and repeat 0 there as well, longer ago */
	new_row(&r, "gbdt", "tree", 0, 0.1);
	r.fingerprint = other_machine;
	r.created = 1;
	put(&r);
	b = make();
	row = find(&b, "gbdt");
	ok(row->seeds == 4 && row->foreign == 1,
	   "board: a repeat of another machine alone has its score counted");
	ok_near(row->score, 0.9, 1e-15,
		"board: where both have it, the newest machine's counts");
	ok(row->fit_s == 2.0, "board: times of another machine never do");
	ok(json_get_int(b.header, "other_machines", 0) == 1,
	   "board: the header counts them");
	board_format(&b, BOARD_TABLE, false, &arena, &text, &err);
	ok(strstr(text, "1 of 4 cells were measured on another machine"),
	   "board: and says so");
	board_clear(&b);
	remove_store();
}

static void test_variants(void)
{
	struct record r;
	struct board b;

	new_store();
	put_three("krr", "kernel", 0.9);
	for (int i = 0; i < 3; i++) {
		new_row(&r, "krr", "kernel", i, 0.8);
		json_object_set_new(r.params, "shrinkage", json_real(0.5));
		put(&r);
	}
	for (int i = 0; i < 3; i++) {
		new_row(&r, "krr", "kernel", i, 0.7);
		r.n_train = 1000 + i; /* a smaller size, nearly equal */
		put(&r);
	}
	b = make();
	ok(b.n == 3, "board: parameters and sizes are lines of their own");
	ok(find(&b, "krr[shrinkage=0.1]")->score > 0.89 &&
		   find(&b, "krr[shrinkage=0.5]")->seeds == 3,
	   "board: lines of one learner are told apart by what differs");
	ok(find(&b, "krr")->n_train == 1002 && find(&b, "krr")->seeds == 3,
	   "board: a size with a few rows more or less is one size");
	board_clear(&b);
	remove_store();
}

static void test_out_of_memory(void)
{
	bool good = true;
	size_t n = 0;

	new_store();
	put_task("mnist", "image", 0.99, 0.98);
	store_sync(store, NULL, NULL, NULL, &err);
	for (int rc = -1; rc && n < 2000; n++) {
		const char *text;
		struct board b;
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = n + 1;
		rc = board_make(&b, store, NULL, 0, &a, &err);
		if (!rc) {
			rc = board_format(&b, BOARD_TABLE, true, &a, &text, &err);
			board_clear(&b);
		}
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && n > 50 && n < 2000, "board: each of %zu allocations may fail",
	   n);
	remove_store();
}

/* What tells two lines of one learner apart is in their names, and no more. */
static void test_more_variants(void)
{
	struct record r;
	struct board b;

	new_store();
	put_three("mlp", "net", 0.9);
	for (int i = 0; i < 3; i++) {
		new_row(&r, "mlp", "net", i, 0.8);
		r.view = "dense";
		put(&r);
		new_row(&r, "mlp", "net", i, 0.7);
		r.threads = 1;
		put(&r);
		new_row(&r, "gbdt", "tree", i, 0.6);
		json_object_set_new(r.params, "loss", json_string("hinge"));
		put(&r);
	}
	b = make();
	ok(b.n == 4, "board: views and threads are lines of their own");
	ok(find(&b, "mlp[view=table,threads=2]")->score > 0.89 &&
		   find(&b, "mlp[view=dense,threads=2]")->score < 0.81 &&
		   find(&b, "mlp[view=table,threads=1]")->threads == 1,
	   "board: and say which they are");
	ok(find(&b, "gbdt")->seeds == 3,
	   "board: a learner without a twin has its bare name");
	ok(json_array_size(json_object_get(b.header, "threads")) == 2,
	   "board: the header has every number of threads");
	ok(strstr(formatted(&b, BOARD_TABLE), "threads   2, 1 a cell") ||
		   strstr(formatted(&b, BOARD_TABLE), "threads   1, 2 a cell"),
	   "table: and says them");
	board_clear(&b);
	remove_store();
}

/* A parameter that only one of two lines has, and strings as values. */
static void test_variant_strings(void)
{
	struct record r;
	struct board b;

	new_store();
	new_row(&r, "krr", "kernel", 0, 0.9);
	json_object_set_new(r.params, "kernel", json_string("laplace"));
	put(&r);
	new_row(&r, "krr", "kernel", 0, 0.8);
	json_object_set_new(r.params, "kernel", json_string("gaussian"));
	put(&r);
	new_row(&r, "knn", "baseline", 0, 0.7);
	json_object_set_new(r.params, "k", json_integer(5));
	put(&r);
	new_row(&r, "knn", "baseline", 0, 0.6);
	put(&r);
	b = make();
	ok(find(&b, "krr[kernel=laplace]")->best &&
		   find(&b, "krr[kernel=gaussian]")->seeds == 1,
	   "board: a string differs without quotes");
	ok(find(&b, "knn[k=5]")->score == 0.7 && find(&b, "knn")->score == 0.6,
	   "board: a parameter that one lacks tells them apart");
	ok(!find(&b, "knn[k=5]")->best_of_family,
	   "board: a baseline by its own word is one");
	board_clear(&b);
	remove_store();
}

/* Sizes of one task: blocks of their own, the smallest first. */
static void test_sizes(void)
{
	static const int64_t sizes[] = { 100, 105, 1000, 5000, 5400 };
	struct record r;
	struct board b;

	new_store();
	for (int i = 0; i < 5; i++) {
		new_row(&r, "gbdt", "tree", i, 0.5 + 0.05 * i);
		r.n_train = sizes[i];
		put(&r);
	}
	new_row(&r, "gbdt", "tree", 9, NAN);
	r.status = STATUS_TIMEOUT;
	r.n_train = 0; /* died before it could count */
	put(&r);
	b = make();
	ok(b.n == 3, "board: sizes within a tenth are one, others are not");
	ok(b.rows[0].n_train == 105 && b.rows[0].seeds == 2 &&
		   b.rows[1].n_train == 1000 && b.rows[2].n_train == 5400,
	   "board: from the smallest to the largest");
	ok(b.rows[2].failed == 1 && !b.rows[0].failed,
	   "board: a cell that could not count is with the largest");
	ok(b.rows[0].best && b.rows[1].best && !b.rows[2].best,
	   "board: each size has a best of its own");
	board_clear(&b);
	remove_store();
}

/* A row as a file, without publication's fsync: thousands of them are made. */
static void drop_file(const struct record *r)
{
	char path[PATH_MAX];
	json_t *object = record_to_json(r);

	store_folder(dir, "cells", r->key, path, &err);
	file_make_dirs(path, &err);
	store_cell_path(dir, r, path, &err);
	if (json_dump_file(object, path, JSON_COMPACT))
		printf("# cannot write %s\n", path);
	json_decref(object);
}

/* 100 tasks, 8 learners, 3 repeats, each question asked twice. */
static void test_many_rows(void)
{
	enum { TASKS = 100, LEARNERS = 8, REPEATS = 3 };
	char task[16], learner[16];
	const char *keys[TASKS * LEARNERS * REPEATS];
	struct record r;
	struct board b;
	size_t good = 0;

	new_store();
	for (int i = 0; i < TASKS * LEARNERS * REPEATS; i++) {
		snprintf(task, sizeof(task), "task-%d", i % TASKS);
		snprintf(learner, sizeof(learner), "learner-%d",
			 i / TASKS % LEARNERS);
		new_row(&r, learner, "net", i / TASKS / LEARNERS, 0.5);
		keys[i] = arena_strdup(&arena, r.key);
		r.task = task;
		drop_file(&r);
		r.repetition = 1;
		r.created += 100000;
		r.score = i / TASKS % LEARNERS * 0.1;
		drop_file(&r);
		record_clear(&r);
	}
	b = make();
	for (size_t i = 0; i < b.n; i++)
		good += b.rows[i].seeds == REPEATS;
	ok(b.n == TASKS * LEARNERS && good == b.n,
	   "board: thousands of rows, each repeat once");
	good = 0;
	for (size_t i = 0; i < b.n; i++)
		good += b.rows[i].best && fabs(b.rows[i].score - 0.7) < 1e-12;
	ok(good == TASKS, "board: and one best a task");
	board_clear(&b);
	ok(!board_make(&b, store, keys, 300, &arena, &err) &&
		   json_get_int(b.header, "cells", 0) == 300 &&
		   json_get_int(b.header, "missing", -1) == 0,
	   "board: of some keys only");
	board_clear(&b);
	keys[0] = "0000000000000000000000000000000000000000000000000000000000000000";
	ok(!board_make(&b, store, keys, 300, &arena, &err) &&
		   json_get_int(b.header, "missing", -1) == 1,
	   "board: a key without a row is counted");
	board_clear(&b);
	remove_store();
}

int main(void)
{
	arena_init(&arena, 0);
	test_averages();
	test_too_few();
	test_failures();
	test_marks();
	test_latest();
	test_other_machine();
	test_variants();
	test_out_of_memory();
	test_more_variants();
	test_variant_strings();
	test_sizes();
	test_many_rows();
	arena_clear(&arena);
	return tap_done();
}
