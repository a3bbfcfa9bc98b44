/* Promises of texts in folders that test_read_text.c does not make: which folder is
 * the label and which the part where several could be, what is cut from a text,
 * and that a folder and an archive of it are the same set. */
#include "tests/media_fixtures.h"
#include "tests/text_fixture.h"

/* A file of the tree, whose folders are made. */
static void lay(const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "tree/%s", name);
	media_put(path, text, strlen(text));
}

/* Read the tree, or what else has this name. */
static int read_of(struct text_fixture *f, const char *name, const char *yaml)
{
	snprintf(f->path[0], sizeof(f->path[0]), "%s", media(name));
	f->n = 1;
	return text_read(f, "text", yaml);
}

static void plant(void)
{
	lay("train/a/1", "one");
	lay("train/b/1", "two");
	lay("train-small/a/1", "three");
	lay("test/a/deep/1", "four");
	lay("test/b/train/1", "five");
	lay("readme", "six");
}

static void test_parts(struct text_fixture *f)
{
	static const char options[] = "{format: folders, label_level: 1, train: train,"
				      " test: test}";

	if (!ok(!read_of(f, "tree", options), "text folders: reads: %s", f->err.text))
		return;
	ok(f->x.n == 4, "text folders: a part's name is a whole folder, and no prefix");
	ok(text_is(f, "four", "a", OFFICIAL_TEST),
	   "text folders: a label counted from outside holds at any depth");
	ok(text_is(f, "five", "b", OFFICIAL_TRAIN),
	   "text folders: of a file in two parts the first listed counts");
	ok(!read_of(f, "tree", "{format: folders, label_level: 1, train: train}") &&
		   f->x.n == 3 && text_is(f, "five", "b", OFFICIAL_TRAIN),
	   "text folders: with one part named the others are passed over");
	ok(!read_of(f, "tree", "{format: folders, label_level: 1, train: train-small,"
			       " valid: train, test: test}") &&
		   text_is(f, "one", "a", OFFICIAL_VALID) &&
		   text_is(f, "three", "a", OFFICIAL_TRAIN),
	   "text folders: a valid part");
}

static void test_labels(struct text_fixture *f)
{
	ok(!read_of(f, "tree", "{format: folders}") && f->x.n == 5 &&
		   text_is(f, "four", "deep", OFFICIAL_NONE) &&
		   text_is(f, "five", "train", OFFICIAL_NONE),
	   "text folders: the folder that holds a file is its label");
	ok(!read_of(f, "tree", "{format: folders, label_level: 0}") && f->x.classes == 3,
	   "text folders: or the first one; what lies in none is passed over");
	ok(read_of(f, "tree", "{format: folders, label_level: 9}") == ERR_DATA &&
		   strstr(f->err.text, "no text"),
	   "text folders: no file is so deep: %s", f->err.text);
	ok(!read_of(f, "tree", "{format: folders, label_level: 1, classes: [b, a]}") &&
		   !strcmp(f->x.class_names[0], "b") && f->x.n == 5,
	   "text folders: classes in the catalogue's order");
	ok(read_of(f, "tree", "{format: folders, label_level: 70}") == ERR_CONFIG,
	   "text folders: a level that no path has: %s", f->err.text);
}

static void test_texts(struct text_fixture *f)
{
	media_put("cut/a/1", "gr\xc3\xbc\xc3\x9f" "e", 7);
	media_put("cut/b/1", "", 0);
	media_put("cut/b/2", "\xef\xbb\xbf" "mark", 7);
	ok(!read_of(f, "cut", "{format: folders, max_bytes: 3}") &&
		   text_is(f, "gr", "a", OFFICIAL_NONE),
	   "text folders: no character is cut in two: %s", f->err.text);
	ok(!read_of(f, "cut", "{format: folders}") && f->x.n == 3 &&
		   text_is(f, "", "b", OFFICIAL_NONE),
	   "text folders: an empty file is an empty text");
	ok(text_is(f, "mark", "b", OFFICIAL_NONE),
	   "text folders: a byte order mark is no part of a text");
	media_put("cut/b/3", "a\0b", 3);
	ok(read_of(f, "cut", "{format: folders}") == ERR_DATA &&
		   strstr(f->err.text, "b/3"),
	   "text folders: a NUL byte names the file: %s", f->err.text);
	media_put("cut/b/3", "Mark!", 5);
	ok(!read_of(f, "cut", "{format: folders}") &&
		   f->x.group[text_row(f, "mark")] == f->x.group[text_row(f, "Mark!")],
	   "text folders: files of the same words are one group");
}

static void test_archive(struct text_fixture *f)
{
	static const char options[] = "{format: folders, label_level: 2}";
	struct items whole;
	struct archive *ar = pack_open("tree.zip", PACK_ZIP);
	bool same = true;

	pack_file(ar, "tree/test/b/train/1");
	pack_file(ar, "tree/train/b/1");
	pack_file(ar, "tree/train/a/1");
	pack_file(ar, "tree/readme");
	pack_close(ar);
	ok(!read_of(f, "tree.zip", options) && f->x.n == 3 &&
		   text_is(f, "one", "a", OFFICIAL_NONE),
	   "text folders: an archive counts its own folders: %s", f->err.text);
	whole = f->x;
	ok(!read_of(f, "tree.zip", options) && f->x.n == whole.n,
	   "text folders: read again");
	for (size_t i = 0; i < whole.n; i++)
		same &= !strcmp(whole.text[i], f->x.text[i]);
	ok(same, "text folders: rows come in the same random order");
	media_cut("tree.zip", "half.zip", 0.5);
	ok(read_of(f, "half.zip", options) == ERR_DATA,
	   "text folders: half an archive is an error: %s", f->err.text);
	ok(read_of(f, "nowhere", options) == ERR_IO, "text folders: no such path");
}

int main(void)
{
	struct text_fixture f;

	if (!mkdtemp(media_root))
		return 1;
	text_begin(&f);
	plant();
	test_parts(&f);
	test_labels(&f);
	test_texts(&f);
	test_archive(&f);
	text_end(&f);
	folder_remove(media_root);
	return tap_done();
}
