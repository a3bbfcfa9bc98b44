#include "results/board.h"

#include <stdlib.h>

#include "harness/base/file.h"
#include "harness/base/json.h"
#include "results/store_file.h"
#include "tests/record_sample.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static char dir[64];
static struct store *store;
static int questions; /* so many keys were used */

static const char other_machine[] =
	"0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b";

static void new_store(void)
{
	strcpy(dir, "/tmp/triarch-board-XXXXXX");
	if (!mkdtemp(dir) || store_open(&store, dir, &err))
		printf("Bail out! %s\n", err.text);
	questions = 0;
}

static void remove_store(void)
{
	char command[128];

	store_close(store);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (system(command))
		printf("# cannot remove %s\n", dir);
}

static void put(struct record *r)
{
	if (store_publish(store, r, NULL, NULL, NULL, &err))
		printf("# %s\n", err.text);
	record_clear(r);
}

/* A good row of a question that was not asked before. */
static void new_row(struct record *r, const char *learner, const char *family,
		    int repeat, double score)
{
	record_sample(r, questions++);
	r->learner = learner;
	r->family = family;
	r->repeat = repeat;
	r->score = score;
	r->error = 1.0 - score;
	r->fit_s = 1.0 + repeat * repeat;
	r->peak_rss_mb = 100 + repeat;
	json_object_set_new(r->metrics, "accuracy", json_real(score));
}

static void put_three(const char *learner, const char *family, double score)
{
	for (int i = 0; i < 3; i++) {
		struct record r;

		new_row(&r, learner, family, i, score + 0.01 * (i - 1));
		put(&r);
	}
}

static struct board make(void)
{
	struct board b = { 0 };
	size_t broken;

	if (store_sync(store, NULL, NULL, &broken, &err) || broken ||
	    board_make(&b, store, NULL, 0, &arena, &err))
		printf("# %s\n", err.text);
	return b;
}

static const struct board_row *find(const struct board *b, const char *learner)
{
	static const struct board_row none = { .learner = "none" };

	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->rows[i].learner, learner))
			return &b->rows[i];
	printf("# no row of %s\n", learner);
	return &none;
}

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

static void put_task(const char *task, const char *modality, double net,
		     double tree)
{
	struct record r;

	for (int i = 0; i < 6; i++) {
		new_row(&r, i % 2 ? "cnn" : "gbdt", i % 2 ? "net" : "tree",
			i / 2, i % 2 ? net : tree);
		r.task = task;
		r.modality = modality;
		put(&r);
	}
}

static void test_summary(void)
{
	json_t *text, *image;
	struct board b;

	new_store();
	put_task("wordnet", "text", 0.80, 0.70);
	put_task("mnist", "image", 0.99, 0.98);
	put_task("fashion", "image", 0.90, 0.80);
	put_task("shapes", "image", 0.96, 0.97);
	b = make();
	image = json_array_get(b.summary, 0);
	text = json_array_get(b.summary, 1);
	ok(json_array_size(b.summary) == 2, "board: a summary line a modality");
	ok_str(json_get_string(image, "modality", ""), "image",
	       "board: in a fixed order");
	ok_str(json_get_string(image, "leader", ""), "net",
	       "board: the lowest mean rank leads");
	/* (.01/.02 * .1/.2 * .04/.03)^(1/3) */
	ok_near(json_get_real(image, "error_ratio", 0), 0.6933612744, 1e-9,
		"board: by the geometric mean of error ratios");
	ok(strstr(json_get_string(text, "text", ""), "net leads"),
	   "board: in words");
	ok_str(b.rows[0].task, "fashion", "board: tasks by name in a modality");
	board_clear(&b);
	remove_store();
}

/* The summary's only line, after `make`. */
static const json_t *only_line(const struct board *b)
{
	return json_array_get(b->summary, 0);
}

/* Each family best on one task: nobody leads, whatever the errors say. */
static void test_summary_ties(void)
{
	const json_t *line;
	const char *text;
	struct board b;

	new_store();
	put_task("mnist", "image", 0.90, 0.80);
	put_task("shapes", "image", 0.96, 0.97);
	b = make();
	line = only_line(&b);
	text = json_get_string(line, "text", "");
	ok(json_is_null(json_object_get(line, "leader")) &&
		   json_is_true(json_object_get(line, "tied")),
	   "board: on equal mean ranks nobody leads");
	ok(!strstr(text, " leads with") &&
		   strstr(text, "no family leads, net and tree have mean rank "
				"1.50 each"),
	   "board: and the words say so");
	/* sqrt(.1/.2 * .04/.03) */
	ok_near(json_get_real(line, "error_ratio", 0), 0.8164965809, 1e-9,
		"board: the family with the fewer errors is compared first");
	ok_str(json_string_value(json_array_get(
		       json_object_get(line, "compared"), 0)),
	       "net", "board: and named");
	board_clear(&b);
	remove_store();
}

/* A family that is absent from a task comes last there. */
static void test_summary_absent_family(void)
{
	const json_t *line;
	struct record r;
	struct board b;

	new_store();
	put_task("mnist", "image", 0.90, 0.80);
	for (int i = 0; i < 3; i++) {
		new_row(&r, "gbdt", "tree", i, 0.7);
		r.task = "shapes";
		r.modality = "image";
		put(&r);
	}
	b = make();
	line = only_line(&b);
	ok(json_is_true(json_object_get(line, "tied")),
	   "board: leaving a task out does not make a family lead");
	ok_near(json_get_real(line, "error_ratio", 0), 0.5, 1e-9,
		"board: errors are compared where both were");
	board_clear(&b);
	remove_store();
}

static void test_summary_alone(void)
{
	struct record r;
	struct board b;

	new_store();
	put_three("gbdt", "tree", 0.9);
	b = make();
	ok_str(json_get_string(only_line(&b), "text", ""),
	       "tabular, 1 task: tree alone has good lines",
	       "board: one family alone leads nobody");
	board_clear(&b);
	remove_store();
	new_store();
	new_row(&r, "gbdt", "tree", 0, NAN);
	r.status = STATUS_CRASHED;
	put(&r);
	b = make();
	ok_str(json_get_string(only_line(&b), "text", ""),
	       "tabular, 1 task: no family has a good line",
	       "board: nothing but failures has no leader");
	ok(json_is_null(json_object_get(only_line(&b), "error_ratio")),
	   "board: and no ratio");
	board_clear(&b);
	remove_store();
}

/* Errors of zero have no ratio, and must not become one. */
static void test_summary_perfect(void)
{
	const json_t *line;
	struct board b;

	new_store();
	put_task("mnist", "image", 1.0, 0.9);
	b = make();
	line = only_line(&b);
	ok_str(json_get_string(line, "leader", ""), "net",
	       "board: a perfect family leads");
	ok(!strstr(json_get_string(line, "text", ""), "errors of"),
	   "board: but zero times the errors of another is not said");
	board_clear(&b);
	remove_store();
}

static const char *formatted(const struct board *b, enum board_format f)
{
	const char *text = "";

	if (board_format(b, f, false, &arena, &text, &err))
		printf("# %s\n", err.text);
	return text;
}

static void test_json(const struct board *b)
{
	static const char *const keys[] = {
		"task", "modality", "learner", "family", "metric", "score",
		"error", "fit_s", "fit_cpu_s", "predict_s", "prepare_s",
		"peak_rss_mb", "status", "seeds", "n_train",
	};
	json_t *root = json_loads(formatted(b, BOARD_JSON), 0, NULL);
	json_t *row = json_array_get(json_object_get(root, "rows"), 0);
	bool all = true;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		all &= json_object_get(row, keys[i]) != NULL;
	ok(all, "json: every promised key is there");
	ok(json_object_get(root, "header") && json_object_get(root, "summary"),
	   "json: header and summary too");
	ok_str(json_get_string(json_object_get(json_object_get(root, "header"),
					       "machine"), "cpu", ""),
	       "Test CPU", "json: the header names the machine");
	ok_near(json_get_real(row, "score", 0), 0.99, 1e-12,
		"json: numbers are whole");
	json_decref(root);
}

static void test_formats(void)
{
	const char *text;
	struct board b;
	size_t lines = 0;

	new_store();
	put_task("mnist", "image", 0.99, 0.98);
	b = make();
	test_json(&b);
	text = formatted(&b, BOARD_CSV);
	for (const char *s = text; *s; s++)
		lines += *s == '\n';
	ok(lines == 3 && !strncmp(text, "task,modality,learner,", 22),
	   "csv: a head and a line a row");
	ok(strstr(formatted(&b, BOARD_MD), "| ★ | **cnn** |"), "md: the best is bold");
	text = formatted(&b, BOARD_TABLE);
	ok(strstr(text, "mnist (image): score is accuracy") &&
		   strstr(text, "★  cnn") && strstr(text, "Test CPU"),
	   "table: header, title and marks");
	board_clear(&b);
	remove_store();
}

static void test_empty(void)
{
	struct board b;

	new_store();
	b = make();
	ok(!b.n && strstr(formatted(&b, BOARD_TABLE), "no rows yet"),
	   "board: an empty store is told");
	ok(strstr(formatted(&b, BOARD_JSON), "\"rows\": ["),
	   "json: and has no rows");
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

/* Fields of line `number` (from 0) of a CSV text, split at plain commas. */
static size_t csv_fields(const char *text, size_t number, char *copy,
			 size_t size, const char **fields, size_t max)
{
	size_t n = 0;

	while (number--)
		text = strchr(text, '\n') + 1;
	snprintf(copy, size, "%.*s", (int)strcspn(text, "\n"), text);
	for (char *s = copy; s && n < max; n++) {
		fields[n] = s;
		s = strchr(s, ',');
		if (s)
			*s++ = '\0';
	}
	return n;
}

/* A line that failed altogether, in every format. */
static void test_failed_in_formats(void)
{
	const char *text, *names[40], *values[40];
	char head[1024], line[1024];
	size_t n, nulls = 0;
	struct record r;
	struct board b;
	json_t *root, *row;

	new_store();
	new_row(&r, "krr", "kernel", 0, NAN);
	r.status = STATUS_OOM;
	r.message = "killed: 600 MB of 512 MB";
	r.fit_s = NAN;
	put(&r);
	b = make();
	text = formatted(&b, BOARD_CSV);
	n = csv_fields(text, 0, head, sizeof(head), names, 40);
	ok(csv_fields(text, 1, line, sizeof(line), values, 40) == n && n == 23,
	   "csv: a value a column");
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], "score") || !strcmp(names[i], "error_lo") ||
		    !strcmp(names[i], "fit_s"))
			nulls += !*values[i];
	ok(nulls == 3, "csv: what was not measured is empty");
	root = json_loads(formatted(&b, BOARD_JSON), 0, NULL);
	row = json_array_get(json_object_get(root, "rows"), 0);
	ok(json_is_null(json_object_get(row, "score")) &&
		   json_is_null(json_object_get(row, "fit_s")),
	   "json: what was not measured is null");
	ok_str(json_get_string(row, "message", ""), "killed: 600 MB of 512 MB",
	       "json: a failure keeps its words");
	json_decref(root);
	ok(strstr(formatted(&b, BOARD_TABLE), "oom (1 of 1 repeats)"),
	   "table: how many repeats failed, and how");
	ok(!strstr(formatted(&b, BOARD_TABLE), "nan") &&
		   !strstr(formatted(&b, BOARD_MD), "nan"),
	   "table: no number is written as nan");
	board_clear(&b);
	remove_store();
}

/* Names that would break a table if they were taken as they are. */
static void test_hostile_names(void)
{
	const char *text;
	struct record r;
	struct board b;
	json_t *root;

	new_store();
	new_row(&r, "a|b", "tree", 0, 0.5);
	r.task = "x,\"y\"";
	r.message = "two\nlines";
	put(&r);
	b = make();
	ok(strstr(formatted(&b, BOARD_MD), "**a\\|b**"),
	   "md: a bar in a name stays in its cell");
	text = formatted(&b, BOARD_CSV);
	ok(strstr(text, "\n\"x,\"\"y\"\"\",tabular,a|b,"),
	   "csv: commas and quotes are quoted");
	root = json_loads(formatted(&b, BOARD_JSON), 0, NULL);
	ok(root, "json: stays JSON");
	json_decref(root);
	board_clear(&b);
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

/* The header is the newest row's; what is older is counted. */
static void test_header(void)
{
	struct record r;
	struct board b;
	const char *text;

	new_store();
	put_three("gbdt", "tree", 0.9);
	new_row(&r, "linear", "linear", 0, 0.5);
	r.created += 1000;
	r.build = "fedcba987654";
	json_object_set_new(r.blas, "below", json_true());
	json_object_set_new(r.blas, "best", json_string("Zen"));
	json_object_set_new(r.blas, "forced_by", json_string("SOME_VARIABLE"));
	put(&r);
	b = make();
	ok_str(json_get_string(b.header, "commit", ""), "fedcba987654",
	       "board: the commit is the newest row's");
	ok(json_get_int(b.header, "other_commits", 0) == 3,
	   "board: rows of other commits are counted");
	text = formatted(&b, BOARD_TABLE);
	ok(strstr(text, "3 cells are of other commits"), "table: and told");
	ok(strstr(text, "(Zen, forced by SOME_VARIABLE): triarch doctor"),
	   "table: slow BLAS kernels are warned of, with who forced them");
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

/* The same rows give the same bytes, in whatever order they came. */
static void test_order_of_arrival(void)
{
	const char *first, *second;
	struct board b;

	new_store();
	put_task("mnist", "image", 0.99, 0.98);
	put_three("gbdt", "tree", 0.9);
	b = make();
	first = formatted(&b, BOARD_JSON);
	board_clear(&b);
	b = make();
	second = formatted(&b, BOARD_JSON);
	ok_str(second, first, "board: twice the same bytes");
	board_clear(&b);
	remove_store();
}

/* Every format, with every allocation failing once. */
static void test_formats_out_of_memory(void)
{
	static const enum board_format formats[] = { BOARD_MD, BOARD_CSV,
						     BOARD_JSON };
	struct board b;

	new_store();
	put_three("gbdt", "tree", 0.9);
	b = make();
	for (size_t f = 0; f < 3; f++) {
		bool good = true;
		size_t n = 0;

		for (int rc = -1; rc && n < 2000; n++) {
			const char *text;
			struct arena a;

			arena_init(&a, 0);
			a.fail_at = n + 1;
			rc = board_format(&b, formats[f], false, &a, &text,
					  &err);
			good &= !rc || rc == ERR_MEMORY;
			arena_clear(&a);
		}
		ok(good && n > 2 && n < 2000,
		   "board: format %zu, each of %zu allocations may fail", f, n);
	}
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
	test_many_rows();
	test_averages();
	test_too_few();
	test_failures();
	test_marks();
	test_latest();
	test_other_machine();
	test_variants();
	test_summary();
	test_summary_ties();
	test_summary_absent_family();
	test_summary_alone();
	test_summary_perfect();
	test_formats();
	test_failed_in_formats();
	test_hostile_names();
	test_more_variants();
	test_variant_strings();
	test_header();
	test_sizes();
	test_order_of_arrival();
	test_formats_out_of_memory();
	test_empty();
	test_out_of_memory();
	arena_clear(&arena);
	return tap_done();
}
