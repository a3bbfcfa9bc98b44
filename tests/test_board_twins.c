/* Twins beside their controls: which line is compared with which. */
#include "tests/board_fixture.h"

/* Three repeats around an error. */
static void put_line(const char *label, const char *transform, const char *learner,
		     double error)
{
	for (int i = 0; i < 3; i++) {
		struct record r;

		new_row(&r, learner, "tree", i, 1 - error - 0.01 * (i - 1));
		r.task = label;
		r.transform = transform;
		put(&r);
	}
}

static const char *twins(const struct board *b, enum board_format f)
{
	const char *text = "";

	if (board_twins(b, f, false, &arena, &text, &err))
		printf("# %s\n", err.text);
	return text;
}

static void test_controls(void)
{
	struct board b;
	const char *text;

	new_store();
	put_line("letter", "", "gbdt", 0.05);
	put_line("letter[rotate=0]", "rotate=0", "gbdt", 0.10);
	put_line("letter[rotate=1]", "rotate=1", "gbdt", 0.20);
	put_line("letter[warp_columns=1]", "warp_columns=1", "gbdt", 0.05);
	put_line("letter[d=5]", "", "gbdt", 0.30);
	put_line("letter[d=5,warp_columns=1]", "warp_columns=1", "gbdt", 0.60);
	put_line("lonely[rotate=1]", "rotate=1", "gbdt", 0.60);
	b = make();
	text = twins(&b, BOARD_MD);
	ok(strstr(text, "| letter[rotate=0] | rotate=1 | "
			"0.100±0.010 → 0.200±0.010 (×2.00) |"),
	   "twins: severity 0 is the control where there is one");
	ok(strstr(text, "| letter | rotate=0 | 0.050±0.010 → 0.100±0.010 (×2.00) |"),
	   "twins: whose own control is the plain task");
	ok(strstr(text, "| letter | warp_columns=1 | 0.050±0.010 → 0.050±0.010 (×1.00) |"),
	   "twins: else it is the plain task");
	ok(strstr(text, "| letter[d=5] | warp_columns=1 | "
			"0.300±0.010 → 0.600±0.010 (×2.00) |"),
	   "twins: of the same options of the reader");
	ok(!strstr(text, "lonely"), "twins: without a control there is no line");
	ok(strstr(twins(&b, BOARD_TABLE), "letter[d=5]"), "twins: as a table for a terminal");
	board_clear(&b);
	remove_store();
}

static void test_learners(void)
{
	struct board b;
	const char *text;

	new_store();
	put_line("letter", "", "mlp", 0.05);
	put_line("letter", "", "gbdt", 0.05);
	put_line("letter[rotate=1]", "rotate=1", "mlp", 0.04);
	put_line("letter[rotate=1]", "rotate=1", "gbdt", 0.10);
	put_line("letter[rotate=1]", "rotate=1", "krr", 0.10);
	b = make();
	text = twins(&b, BOARD_MD);
	ok(strstr(text, "| gbdt | krr | mlp |"), "twins: a column a learner, by name");
	ok(strstr(text, "| 0.050±0.010 → 0.100±0.010 (×2.00) |  | "
			"0.050±0.010 → 0.040±0.010 (×0.80) |"),
	   "twins: who has no control has an empty cell");
	text = twins(&b, BOARD_CSV);
	ok(!strncmp(text, "control,transform,modality,learner,family,view,error,", 53),
	   "twins: CSV has plain columns");
	ok(strstr(text, "letter,rotate=1,") && !strstr(text, "krr"),
	   "twins: a line a pair for programs");
	ok(strstr(twins(&b, BOARD_JSON), "\"twin_error\""), "twins: and JSON");
	board_clear(&b);
	remove_store();
}

/* Ranks are about tasks, not about what was done to them. */
static void test_summary(void)
{
	struct board b;

	new_store();
	put_line("letter", "", "gbdt", 0.05);
	put_line("letter[rotate=1]", "rotate=1", "gbdt", 0.20);
	b = make();
	ok(json_get_int(json_array_get(b.summary, 0), "tasks", 0) == 1,
	   "board: the summary counts plain tasks alone");
	board_clear(&b);
	remove_store();
	new_store();
	put_line("letter[rotate=1]", "rotate=1", "gbdt", 0.20);
	b = make();
	ok(b.n == 1 && !json_array_size(b.summary), "board: twins alone have no summary");
	ok(twins(&b, BOARD_TABLE) != NULL, "twins: a board without pairs is no error");
	board_clear(&b);
	remove_store();
}

/* One run has no deviation, a failed one no error. */
static void test_single(void)
{
	struct board b;
	struct record r;
	const char *text;

	new_store();
	new_row(&r, "gbdt", "tree", 0, 0.75);
	r.task = "letter";
	put(&r);
	new_row(&r, "gbdt", "tree", 0, 0.5);
	r.task = "letter[rotate=1]";
	r.transform = "rotate=1";
	put(&r);
	b = make();
	text = twins(&b, BOARD_MD);
	ok(strstr(text, "| 0.25 → 0.5 (×2.00) |"), "twins: a single run has no deviation");
	text = twins(&b, BOARD_CSV);
	ok(strstr(text, ",0.25,,0.5,,2,1,"), "twins: which is empty for programs");
	board_clear(&b);
	remove_store();
}

/* Labels that only look like a control. */
static void test_likenesses(void)
{
	struct board b;
	const char *text;

	new_store();
	put_line("letters", "", "gbdt", 0.05);
	put_line("lette", "", "gbdt", 0.05);
	put_line("letter[d=5]", "", "gbdt", 0.05);
	put_line("letter[rotate=1]", "rotate=1", "gbdt", 0.20);
	b = make();
	ok(!strstr(twins(&b, BOARD_CSV), "rotate=1"),
	   "twins: other names and other options are no control");
	board_clear(&b);
	remove_store();
	new_store();
	put_line("letter", "", "gbdt", 0.05);
	put_line("letter[label_noise=0]", "label_noise=0", "gbdt", 0.10);
	put_line("letter[label_noise=0,rotate=1]", "label_noise=0,rotate=1", "gbdt", 0.20);
	b = make();
	text = twins(&b, BOARD_MD);
	ok(strstr(text, "| letter | label_noise=0,rotate=1 | "
			"0.050±0.010 → 0.200±0.010 (×4.00) |"),
	   "twins: a chain is compared with the plain task");
	board_clear(&b);
	remove_store();
}

int main(void)
{
	arena_init(&arena, 0);
	test_controls();
	test_learners();
	test_summary();
	test_single();
	test_likenesses();
	arena_clear(&arena);
	return tap_done();
}
