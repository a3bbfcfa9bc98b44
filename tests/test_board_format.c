/* A board as text: each format, for rows that are good, failed or hostile. */
#include "tests/board_fixture.h"

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

int main(void)
{
	arena_init(&arena, 0);
	test_formats();
	test_empty();
	test_failed_in_formats();
	test_hostile_names();
	test_header();
	test_order_of_arrival();
	test_formats_out_of_memory();
	arena_clear(&arena);
	return tap_done();
}
