#include "harness/base/error.h"

#include "tests/tap.h"

static void test_context(void)
{
	struct error err = { 0 };

	ok(error_set(&err, ERR_IO, "cannot open '%s'", "x") == ERR_IO,
	   "error_set returns the code it stores");
	ok(error_wrap(&err, "loading %d", 7) == ERR_IO,
	   "error_wrap returns the code already stored");
	ok_str(err.text, "loading 7: cannot open 'x'",
	       "error_wrap puts its context in front");
	error_clear(&err);
	ok(err.code == ERR_OK && !err.text[0], "error_clear empties it");
}

static void test_long_messages(void)
{
	struct error err = { 0 };
	char big[4000];

	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	error_set(&err, ERR_DATA, "%s", big);
	ok(strlen(err.text) == sizeof(err.text) - 1,
	   "a long message is cut, not overrun");
	error_wrap(&err, "row 12");
	ok(!strncmp(err.text, "row 12: aaa", 11),
	   "context survives in front of a long message");
	error_wrap(&err, "%s", big);
	ok(strlen(err.text) < sizeof(err.text), "a long context is cut too");
}

static void test_names(void)
{
	ok_str(error_name(ERR_OK), "ok", "code 0 is ok");
	ok_str(error_name(ERR_DIVERGED), "diverged", "codes have names");
	ok_str(error_name(ERR_BUG), "bug", "the last code has a name");
	ok_str(error_name((enum err)-99), "unknown",
	       "a code from nowhere is unknown");
}

int main(void)
{
	test_context();
	test_long_messages();
	test_names();
	return tap_done();
}
