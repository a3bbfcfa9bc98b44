/* Who leads a modality, and when nobody does. */
#include "tests/board_fixture.h"

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

int main(void)
{
	arena_init(&arena, 0);
	test_summary();
	test_summary_ties();
	test_summary_absent_family();
	test_summary_alone();
	test_summary_perfect();
	arena_clear(&arena);
	return tap_done();
}
