#include "harness/base/json.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

static void test_canonical(void)
{
	json_error_t e;
	struct arena a;
	json_t *v = json_loads("{\"b\": [1, 2.50, true, null], \"a\": "
			       "{\"y\": 0.1, \"x\": \"\\u00e9\"}}",
			       0, &e);
	json_t *w = json_loads("{\"a\":{\"x\":\"\\u00e9\",\"y\":1e-1},"
			       "\"b\":[1,2.5,true,null]}",
			       0, &e);
	char one[HASH_HEX], two[HASH_HEX];
	struct error err = { 0 };

	arena_init(&a, 0);
	ok_str(json_canonical(&a, v),
	       "{\"a\":{\"x\":\"\u00e9\",\"y\":0.1},\"b\":[1,2.5,true,null]}",
	       "json: canonical text sorts keys and shortens reals");
	json_hash(v, one, &err);
	json_hash(w, two, &err);
	ok_str(one, two, "json: equal values have equal digests");
	a.fail_at = a.calls + 2;
	ok(!json_canonical(&a, v), "json: out of memory gives NULL");
	json_decref(v);
	json_decref(w);
	arena_clear(&a);
}

/* The slow twin: every precision from the shortest on. */
static void shortest(double x, char out[64])
{
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(out, 64, "%.*g", digits, x);
		if (strtod(out, NULL) == x)
			return;
	}
}

/* Canonical text of one real against the twin's. */
static bool is_shortest(struct arena *a, double x)
{
	json_t *v = json_real(x);
	char want[64];
	const char *got = json_canonical(a, v);

	shortest(x, want);
	json_decref(v);
	if (got && !strcmp(got, want))
		return true;
	printf("# %.17g: got %s, want %s\n", x, got ? got : "NULL", want);
	return false;
}

/* Text is what keys are digests of: it may never change for a value. */
static void test_shortest_reals(void)
{
	static const double special[] = {
		0.0, -0.0, 1.0, -1.0, 0.1, 1e2, 1e22, 1e23, 123456789012345.0,
		1234567890123456.0, 0.3, 0.1 + 0.2, 1.0 / 3.0, 5e-324,
		2.2250738585072009e-308, DBL_MIN, DBL_MAX, 1.5e-310, 9e15,
		9007199254740993.0, 4.35, 2.5e-5, 99999.5, 1e15, 1e16,
	};
	struct rng r = rng_make(1, "shortest");
	struct arena a;
	bool right = true;

	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		right &= is_shortest(&a, special[i]);
	ok(right, "json: special reals have the fewest digits");
	right = true;
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t bits = rng_u64(r, i);
		double any, few = (double)(bits >> 44) * 1e-6;

		memcpy(&any, &bits, sizeof(any));
		if (isfinite(any))
			right &= is_shortest(&a, any);
		right &= is_shortest(&a, few);
		right &= is_shortest(&a, rng_uniform(r, i));
	}
	ok(right, "json: so do reals of any bits, and those with few digits");
	arena_clear(&a);
}

/* As jansson writes it, which had written the keys there are. */
static void test_strings(void)
{
	static const char *const words[] = {
		"", "plain", "a\"b", "back\\slash", "tab\tline\n", "\x01\x1f",
		"\x7f", "größe ★", "/slash", "~", "'", "<&>",
	};
	struct arena a;
	bool right = true;

	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		json_t *v = json_string(words[i]);
		char *want = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);

		right &= !strcmp(json_canonical(&a, v), want);
		free(want);
		json_decref(v);
	}
	ok(right, "json: strings have jansson's escapes and no others");
	arena_clear(&a);
}

static void test_integers_and_nesting(void)
{
	static const char text[] =
		"{\"\":[],\"a\":{},\"b\":[[[-9223372036854775808]],"
		"9223372036854775807,0,-1,true,false,null],\"c\\n\":{\"d\":1.5}}";
	struct text out;
	struct arena a;
	json_t *v = json_loads(text, 0, NULL);

	arena_init(&a, 0);
	ok_str(json_canonical(&a, v), text,
	       "json: canonical text is its own canonical text");
	out = (struct text){ .arena = &a };
	text_add(&out, "x = ");
	json_add(&out, v);
	ok(!out.failed && !strcmp(out.data + 4, text),
	   "json: it can be added behind other text");
	json_decref(v);
	arena_clear(&a);
}

static void put(const char *path, const char *text)
{
	struct error err = { 0 };

	file_replace(path, text, strlen(text), &err);
}

static void test_read(void)
{
	char path[] = "/tmp/triarch-json-XXXXXX";
	struct error err = { 0 };
	int fd = mkstemp(path);
	json_t *v;

	close(fd);
	put(path, "{\"n\": 3,\n \"x\": oops}");
	v = json_read(path, &err);
	ok(!v && err.code == ERR_DATA && strstr(err.text, ":2:"),
	   "json: a broken file is named with its line");
	put(path, "{\"n\":3,\"n\":4}");
	ok(!json_read(path, &err), "json: doubled keys are refused");
	put(path, "{\"n\":3,\"s\":\"t\",\"x\":0.5}");
	v = json_read(path, &err);
	ok(v && json_get_int(v, "n", 0) == 3 &&
		   json_get_real(v, "x", 0) == 0.5 &&
		   !strcmp(json_get_string(v, "s", ""), "t"),
	   "json: values by name");
	ok(json_get_int(v, "none", 7) == 7 && json_get_int(v, "s", 7) == 7,
	   "json: absent or of another type: the default");
	json_decref(v);
	unlink(path);
	ok(!json_read(path, &err) && err.code == ERR_IO,
	   "json: a missing file is an input error");
}

int main(void)
{
	json_t *nan = json_number(NAN), *one = json_number(1);

	test_canonical();
	test_shortest_reals();
	test_strings();
	test_integers_and_nesting();
	test_read();
	ok(json_is_null(nan) && json_is_real(one), "json: no NaN in JSON");
	json_decref(nan);
	json_decref(one);
	return tap_done();
}
