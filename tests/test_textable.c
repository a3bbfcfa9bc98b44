#include "harness/base/textable.h"

#include "tests/tap.h"

static const struct textable_column columns[] = {
	{ "name", "Name", false },
	{ "size", "Size", true },
	{ "note", "Note", false },
};

static void fill(struct textable *t, struct arena *a)
{
	textable_init(t, a, columns, 3);
	textable_add_row(t);
	textable_set(t, 0, "größe");
	textable_set(t, 1, "%d", 7);
	textable_color(t, 0, TEXTABLE_BOLD);
	textable_add_row(t);
	textable_set(t, 0, "a");
	textable_set(t, 2, "x|y, \"z\"");
}

static const char *formatted(struct arena *a, enum textable_format f, bool color)
{
	struct text out = { .arena = a };
	struct textable t;
	struct error err;

	fill(&t, a);
	return textable_format(&t, f, color, &out, &err) ? "" : out.data;
}

static void test_formats(struct arena *a)
{
	ok_str(formatted(a, TEXTABLE_TABLE, false),
	       "Name   Size  Note\n"
	       "größe     7\n"
	       "a            x|y, \"z\"\n",
	       "table: aligned by what is seen, no blanks at the end");
	ok(strstr(formatted(a, TEXTABLE_TABLE, true), "\033[1mgröße\033[0m"),
	   "table: colours where asked");
	ok_str(formatted(a, TEXTABLE_MD, true),
	       "| Name | Size | Note |\n"
	       "|:---|---:|:---|\n"
	       "| **größe** | 7 |  |\n"
	       "| a |  | x\\|y, \"z\" |\n",
	       "md: bars are escaped, bold stays");
	ok_str(formatted(a, TEXTABLE_CSV, true),
	       "name,size,note\n"
	       "größe,7,\n"
	       "a,,\"x|y, \"\"z\"\"\"\n",
	       "csv: quoted as RFC 4180 says");
}

static void test_json(struct arena *a)
{
	const char *s = formatted(a, TEXTABLE_JSON, true);
	json_t *rows = json_loads(s, 0, NULL);
	json_t *first = json_array_get(rows, 0), *second = json_array_get(rows, 1);

	ok(json_array_size(rows) == 2, "json: a list of objects");
	ok(json_integer_value(json_object_get(first, "size")) == 7,
	   "json: numbers are numbers");
	ok(json_is_null(json_object_get(second, "size")),
	   "json: an empty number is null");
	ok_str(json_string_value(json_object_get(second, "note")),
	       "x|y, \"z\"", "json: text is escaped");
	json_decref(rows);
}

static void test_names(void)
{
	enum textable_format f = TEXTABLE_TABLE;
	struct error err;

	ok(!textable_format_from_name("csv", &f, &err) && f == TEXTABLE_CSV,
	   "format: known by name");
	ok(textable_format_from_name("jsn", &f, &err) == ERR_USAGE &&
		   strstr(err.text, "did you mean 'json'"),
	   "format: another is refused, with the nearest");
}

static void test_long_cells(struct arena *a)
{
	struct text out = { .arena = a };
	struct textable t;
	struct error err;
	char word[500];

	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	textable_init(&t, a, columns, 3);
	for (int i = 0; i < 100; i++) {
		textable_add_row(&t);
		textable_set(&t, 0, "<%s>", word);
	}
	ok(!textable_format(&t, TEXTABLE_CSV, false, &out, &err) &&
		   out.size == strlen("name,size,note\n") + 100 * 504,
	   "table: long cells and many rows");
}

static void test_out_of_memory(void)
{
	bool good = true;
	size_t n = 0;

	for (int rc = -1; rc; n++) {
		struct textable t;
		struct arena a;
		struct text out = { .arena = &a };
		struct error err;

		arena_init(&a, 0);
		a.fail_at = n + 1;
		fill(&t, &a);
		rc = textable_format(&t, TEXTABLE_TABLE, true, &out, &err);
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && n > 4, "table: each allocation may fail");
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	test_formats(&a);
	test_json(&a);
	test_names();
	test_long_cells(&a);
	test_out_of_memory();
	arena_clear(&a);
	return tap_done();
}
