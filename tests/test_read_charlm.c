/* Promises of the charlm reader. */
#include "tests/text_fixture.h"

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmn"
			       "abcdefghijklmnopqrstuvwxyzabcdefghijklmn"
			       "0123456789ABCDEFGHIJ"; /* 100 */

static void cuts_windows(struct text_fixture *f)
{
	size_t good = 0;

	if (!ok(!text_of(f, "charlm", "{context: 3}", alphabet), "reads"))
		return;
	ok(f->x.modality == MODALITY_TEXT && f->x.n == 87 + 2 + 2 && !f->x.group,
	   "a window at each character of each part that has one behind it");
	for (size_t i = 0; i < f->x.n; i++) {
		const char *at = strstr(alphabet, f->x.text[i]);

		good += strlen(f->x.text[i]) == 3 && at != NULL;
	}
	ok(good == f->x.n, "windows are 3 characters of the file");
	ok_str(f->x.text[0], "abc", "the first window");
	ok_str(f->x.class_names[f->x.label[0]], "d", "its label comes behind it");
	ok_str(f->x.text[87], "ABC", "the second part starts with its own");
	ok_str(f->x.class_names[f->x.label[88]], "E", "and its last label is its own");
}

static void parts(struct text_fixture *f)
{
	size_t n[4] = { 0 };

	text_of(f, "charlm", "{context: 3, stride: 5}", alphabet);
	for (size_t i = 0; i < f->x.n; i++)
		n[f->x.official[i]]++;
	ok(n[OFFICIAL_TRAIN] == 18 && n[OFFICIAL_VALID] == 1 &&
		   n[OFFICIAL_TEST] == 1,
	   "stride: windows start every 5 characters of a part");
	ok_str(f->x.text[1], "fgh", "the second window");
	ok(!text_of(f, "charlm", "{context: 3, train: 0.5, valid: 0}", alphabet),
	   "shares may be 0");
	memset(n, 0, sizeof(n));
	for (size_t i = 0; i < f->x.n; i++)
		n[f->x.official[i]]++;
	ok(n[OFFICIAL_TRAIN] == 47 && !n[OFFICIAL_VALID] && n[OFFICIAL_TEST] == 47,
	   "and half and half is half and half");
}

static void names(struct text_fixture *f)
{
	static const char *const want[] = { "tab", "newline", "U+000D", "space",
					    "a", "U+00A0", "\xc3\xa9",
					    "U+0301" };
	bool good;

	if (!ok(!text_of(f, "charlm", "{context: 2, train: 1, valid: 0}",
			 "a \n\t\r\xc3\xa9\xc2\xa0\xcc\x81" "a"),
		"reads blanks and accents"))
		return;
	good = f->x.classes == 8;
	for (size_t k = 0; good && k < 8; k++)
		good = !strcmp(f->x.class_names[k], want[k]);
	ok(good, "classes by code point, what does not print by name");
	ok_str(f->x.text[5], "\xc3\xa9\xc2\xa0", "windows count characters, not bytes");
	ok_str(f->x.class_names[f->x.label[5]], "U+0301", "labels too");
}

static void bad_files(struct text_fixture *f)
{
	text_fails(f, "charlm", "{}", "short", ERR_DATA, "window of 64",
		   "a file shorter than a window");
	text_fails(f, "charlm", "{}", "", ERR_DATA, "different characters",
		   "an empty file");
	text_fails(f, "charlm", "{context: 2}", "aaaaaaaaaa", ERR_DATA,
		   "fewer than 2", "a file of one letter");
	text_fails(f, "charlm", "{context: 2}", "ab\nc\xff", ERR_DATA,
		   "file:2: byte ff", "bad UTF-8: file:line");
	text_fails(f, "charlm", "{context: 0}", "ab", ERR_CONFIG, "outside 1",
		   "a window has a character");
	text_fails(f, "charlm", "{train: 0.9, valid: 0.2}", "ab", ERR_CONFIG,
		   "more than 1", "shares beyond 1");
	text_fails(f, "charlm", "{encoding: ascii}", "ab", ERR_CONFIG,
		   "utf8 or latin1", "an unknown encoding");
	text_put(f, 0, "one", "abc", 3);
	text_put(f, 1, "two", "abc", 3);
	ok(text_read(f, "charlm", "{}") == ERR_CONFIG &&
		   strstr(f->err.text, "1 file, not 2"),
	   "two files are one too many");
}

/* More characters than any alphabet has. */
static void many_classes(struct text_fixture *f)
{
	static char text[5000 * 4];
	size_t n = 0;

	for (unsigned k = 0; k < 5000; k++) { /* U+4E00 on: 3 bytes each */
		unsigned c = 0x4e00 + k;

		text[n++] = (char)(0xe0 | c >> 12);
		text[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		text[n++] = (char)(0x80 | (c & 0x3f));
	}
	text_put(f, 0, "han", text, n);
	ok(text_read(f, "charlm", "{}") == ERR_DATA &&
		   strstr(f->err.text, "more than 4096"),
	   "more than 4,096 different characters are an error");
}

static void repeats(struct text_fixture *f)
{
	struct items first;

	text_of(f, "charlm", "{context: 5}", alphabet);
	first = f->x;
	text_of(f, "charlm", "{context: 5}", alphabet);
	ok(first.n == f->x.n && !memcmp(first.label, f->x.label, 4 * first.n),
	   "the same file gives the same rows");
}

int main(void)
{
	struct text_fixture f;

	text_begin(&f);
	cuts_windows(&f);
	parts(&f);
	names(&f);
	bad_files(&f);
	many_classes(&f);
	repeats(&f);
	text_of(&f, "charlm", "{context: 5}", alphabet);
	text_failing_memory(&f, "charlm", "{context: 5}");
	text_mutations(&f, "charlm", "{context: 5, bad_utf8: replace}", alphabet);
	text_end(&f);
	return tap_done();
}
