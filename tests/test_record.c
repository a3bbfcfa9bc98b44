#include "results/record.h"

#include "harness/base/json.h"
#include "tests/record_sample.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;

/* The text of `r` with one field set to the JSON `value`, parsed again. */
static int read_changed(const char *field, const char *value, struct record *out)
{
	struct record r;
	json_t *object;
	int rc;

	record_sample(&r, 1);
	object = record_to_json(&r);
	if (value)
		json_object_set_new(object, field,
				    json_loads(value, JSON_DECODE_ANY, NULL));
	else
		json_object_del(object, field);
	error_clear(&err);
	rc = record_from_json(out, &arena, object, &err);
	json_decref(object);
	record_clear(&r);
	return rc;
}

static bool refused(const char *field, const char *value, const char *words)
{
	struct record r;
	int rc = read_changed(field, value, &r);
	bool good = rc == ERR_DATA && strstr(err.text, words);

	if (!rc)
		record_clear(&r);
	if (!good)
		printf("# rc %d, '%s'\n", rc, err.text);
	return good;
}

static void test_round_trip(void)
{
	struct record r, back;
	json_t *first, *again;
	char *text, *text_again;

	record_sample(&r, 7);
	first = record_to_json(&r);
	ok(first && json_get_int(first, "format", 0) == RECORD_FORMAT,
	   "record: the text says which format it is");
	ok(!record_from_json(&back, &arena, first, &err),
	   "record: what was written can be read");
	again = record_to_json(&back);
	text = json_canonical(&arena, first);
	text_again = json_canonical(&arena, again);
	ok_str(text_again, text, "record: a round trip changes nothing");
	ok(isnan(back.predict_cpu_s), "record: NaN comes back as NaN");
	ok_str(back.task, r.task, "record: strings live in the arena");
	ok(json_equal(back.metrics, r.metrics), "record: objects come back");
	ok(!back.valid, "record: an absent object stays NULL");
	json_decref(first);
	json_decref(again);
	record_clear(&r);
	record_clear(&back);
	ok(!back.metrics && !back.params, "record: clear drops the objects");
}

static void test_wrong_fields(void)
{
	ok(refused("score", "\"high\"", "'score'"),
	   "record: a wrong type is refused and the field named");
	ok(refused("seed", "1.5", "'seed'"), "record: a real is no integer");
	ok(refused("n_train", "-1", "'n_train'"), "record: a count is not negative");
	ok(refused("task", "3", "'task'"), "record: a number is no string");
	ok(refused("metrics", "[1]", "'metrics'"), "record: a list is no object");
	ok(refused("status", "\"okay\"", "unknown 'okay'"),
	   "record: an unknown status is refused");
	ok(refused("status", "\"timeoot\"", "did you mean 'timeout'"),
	   "record: with the nearest known one");
	ok(refused("key", NULL, "'key' is missing"),
	   "record: what identifies a row must be there");
	ok(refused("format", NULL, "'format'"), "record: as must the format");
	ok(refused("format", "2", "newer"), "record: a newer format is refused");
}

static void test_old_and_new_rows(void)
{
	struct record r;

	ok(!read_changed("noise", NULL, &r) && !r.noise,
	   "record: a field that came later may be absent");
	record_clear(&r);
	ok(!read_changed("score", NULL, &r) && isnan(r.score),
	   "record: and then has its initial value");
	record_clear(&r);
	ok(!read_changed("from_the_future", "[1, 2]", &r),
	   "record: an unknown field does no harm");
	record_clear(&r);
	ok(!read_changed("fit_s", "3", &r) && r.fit_s == 3.0,
	   "record: an integer is a real");
	record_clear(&r);
	error_clear(&err);
	ok(record_from_json(&r, &arena, json_true(), &err) == ERR_DATA,
	   "record: a row is an object");
}

static void test_words_that_are_no_text(void)
{
	struct record r;
	json_t *object;

	record_sample(&r, 1);
	r.message = "killed \xff\xfe here";
	object = record_to_json(&r);
	ok(object, "record: a message that is not UTF-8 loses no row");
	ok_str(json_get_string(object, "message", ""), "killed ?? here",
	       "record: its bytes become question marks");
	json_decref(object);
	record_clear(&r);
}

static void test_status_names(void)
{
	enum status s, back;
	bool same = true;

	for (s = STATUS_OK; s <= STATUS_ERROR; s++)
		same &= !status_from_name(status_name(s), &back) && back == s;
	ok(same, "record: every status has a name of its own");
	ok(status_from_name("fine", &back) == -1, "record: others have none");
}

/* Every allocation failing: an error, never a crash or a leak. */
static void test_out_of_memory(void)
{
	struct record sample, r;
	json_t *object;
	size_t n = 0;
	bool good = true;

	record_sample(&sample, 1);
	object = record_to_json(&sample);
	for (int rc = -1; rc; n++) {
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = n + 1;
		rc = record_from_json(&r, &a, object, &err);
		good &= !rc || rc == ERR_MEMORY;
		if (!rc)
			record_clear(&r);
		arena_clear(&a);
	}
	ok(good && n > 10, "record: each allocation may fail");
	json_decref(object);
	record_clear(&sample);
}

int main(void)
{
	arena_init(&arena, 0);
	test_round_trip();
	test_wrong_fields();
	test_old_and_new_rows();
	test_words_that_are_no_text();
	test_status_names();
	test_out_of_memory();
	arena_clear(&arena);
	return tap_done();
}
