#include "harness/base/json.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/base/file.h"
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
	test_read();
	ok(json_is_null(nan) && json_is_real(one), "json: no NaN in JSON");
	json_decref(nan);
	json_decref(one);
	return tap_done();
}
