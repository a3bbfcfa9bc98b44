/* Promises of datasets/media/filing.h that need no sounds or pictures: files of one
 * byte, by their names alone. */
#include "datasets/media/filing.h"

#include <unistd.h>

#include "datasets/folder.h"
#include "tests/media_fixtures.h"
#include "tests/tap.h"

static const char *const ends[] = { ".x", NULL };
static struct error err;
static struct arena arena;

/* Lay out files below a folder; the last name is NULL. */
static void lay(const char *folder, const char *const *names)
{
	char path[256];

	for (; *names; names++) {
		snprintf(path, sizeof(path), "%s/%s", folder, *names);
		media_put(path, "1", 1);
	}
}

/* Sort out one or two folders (the second may be NULL). */
static int file(const char *one, const char *two, const char *yaml,
		struct filing *f)
{
	char path[2][512];
	const char *paths[] = { path[0], path[1] };
	struct source src = { .name = "test", .paths = paths,
			      .n_paths = two ? 2 : 1 };
	struct yaml *options = NULL;

	snprintf(path[0], sizeof(path[0]), "%s/%s", media_root, one);
	snprintf(path[1], sizeof(path[1]), "%s/%s", media_root, two ? two : "");
	error_clear(&err);
	if (*yaml && yaml_parse(&arena, yaml, strlen(yaml), "opt", &options, &err))
		return (int)err.code;
	src.options = options;
	return filing_read(f, &src, ends, &arena, &err);
}

/* The class names in order, with a space behind each. */
static const char *classes(const struct filing *f)
{
	static char text[256];

	text[0] = '\0';
	for (size_t c = 0; c < f->classes; c++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ",
			 f->class_names[c]);
	return text;
}

static void test_roots(void)
{
	struct filing f;

	lay("deep", (const char *[]){ "v1/data/cat/1.x", "v1/data/cat/sub/2.x",
				      "v1/data/dog/3.x", "v1/notes.txt", NULL });
	ok(!file("deep", NULL, "", &f) && f.n == 3, "filing: other files do not count");
	ok_str(classes(&f), "cat dog ", "filing: two folders around all are not classes");
	ok(!strcmp(filing_name(&f, 1), "v1/data/cat/sub/2.x") && f.files[1].label == 0,
	   "filing: the first folder is the class, however deep a file lies");
	ok(f.bytes == 3 && !f.has_official, "filing: bytes are counted");
	lay("cats", (const char *[]){ "cat/1.x", "cat/2.x", NULL });
	lay("dogs", (const char *[]){ "dog/1.x", NULL });
	ok(!file("cats", "dogs", "", &f) && f.n == 3 && f.files[2].label == 1,
	   "filing: each path may have its own classes");
	ok(f.files[0].bundle != f.files[2].bundle && f.files[2].index == 0,
	   "filing: and files know their path");
	ok(file("cats", NULL, "", &f) == ERR_DATA && strstr(err.text, "1 classes"),
	   "filing: one class is too few");
}

static void test_parts(void)
{
	struct filing f;

	lay("parts", (const char *[]){ "TRAIN/a/1.x", "TRAIN/b/1.x", "Test/a/1.x",
				       "valid/b/1.x", NULL });
	ok(!file("parts", NULL, "", &f) && f.has_official, "filing: parts in capitals");
	ok_str(classes(&f), "a b ", "filing: parts are no classes");
	ok(f.files[0].official == OFFICIAL_TRAIN && f.files[2].official == OFFICIAL_TEST &&
		   f.files[3].official == OFFICIAL_VALID,
	   "filing: each file has its part");
	lay("only", (const char *[]){ "train/1_a.x", "train/1_b.x", "val/2_a.x", NULL });
	ok(!file("only", NULL, "label_field: 1", &f) && !f.has_official,
	   "filing: without a test part there are none");
	lay("flat", (const char *[]){ "train/a_1.x", "train/b_1.x", "test/a_2.x", NULL });
	ok(!file("flat", NULL, "label_field: 0", &f) && f.has_official && f.classes == 2,
	   "filing: parts go with labels from names");
	ok(file("flat", NULL, "", &f) == ERR_DATA && strstr(err.text, "test/a_2.x"),
	   "filing: but a class folder must lie in them");
}

static void test_fields(void)
{
	struct filing f;

	lay("names", (const char *[]){ "a--b--c.d.x", "e--f--g.x", "--f--.x", NULL });
	ok(!file("names", NULL, "label_field: 2\nseparator: '--'", &f) && f.n == 3,
	   "filing: longer separators");
	ok_str(classes(&f), " c.d g ", "filing: fields may be empty or hold dots");
	ok(!file("names", NULL, "label_field: 0\nseparator: '--'\ngroup_field: 1", &f) &&
		   !strcmp(f.files[0].group, "f") && !strcmp(f.files[1].group, "b"),
	   "filing: groups by field");
	ok(file("names", NULL, "label_field: 0\nfold_field: 5\nseparator: '--'", &f) ==
			   ERR_DATA && strstr(err.text, "field 5"),
	   "filing: a field too many: %s", err.text);
	ok(file("names", NULL, "label_field: 0\ngroup: folder\nseparator: '--'", &f) ==
			   ERR_DATA && strstr(err.text, "folder"),
	   "filing: no folder for a group");
}

static void test_items(void)
{
	struct items x = { 0 };
	struct filing f;

	lay("kits", (const char *[]){ "k10/Kick1.x", "k10/snare.x", "k9/KICK.x",
				      "k9/Snare-rim.x", "k9/kicksnare.x", "k9/clap.x",
				      NULL });
	ok(!file("kits", NULL, "labels: {snare: [snare], kick: [kick, bd]}\n"
		 "group: folder\nfold: folder", &f) && f.n == 4,
	   "filing: of two classes or none is left out");
	ok_str(classes(&f), "snare kick ", "filing: classes as the map has them");
	ok(!filing_items(&f, &arena, &x, &err) && x.n == 4 && x.classes == 2 &&
		   x.task == TASK_CLASSIFICATION && !x.official,
	   "filing: fills items");
	ok(x.label[0] == 1 && x.label[1] == 0 && x.label[2] == 1 && x.label[3] == 0,
	   "filing: labels");
	ok(x.group[0] == 0 && x.group[1] == 0 && x.group[2] == 1 && x.fold[3] == 1,
	   "filing: groups and folds are numbered in byte order");
	ok(!file("kits", NULL, "classes: [k9, k10]\nmin_class: 3", &f) || f.classes < 2,
	   "filing: a small class is dropped");
	ok(file("kits", NULL, "labels: {a: [[x]], b: y}", &f) == ERR_CONFIG,
	   "filing: texts of a class are texts");
	ok(file("kits", NULL, "labels: {a: x}\nlabel_field: 0", &f) == ERR_CONFIG &&
		   strstr(err.text, "opt:1"),
	   "filing: labels by two rules: %s", err.text);
}

static void test_memory(void)
{
	struct arena whole = arena;
	int rc = ERR_MEMORY;
	size_t calls = 0;

	for (; rc == ERR_MEMORY && calls < 500; calls++) {
		struct items x = { 0 };
		struct filing f;

		arena_init(&arena, 0);
		arena.fail_at = calls + 1;
		rc = file("kits", "deep", "group: folder\nfold: folder", &f);
		if (!rc)
			rc = filing_items(&f, &arena, &x, &err);
		arena_clear(&arena);
	}
	arena = whole;
	ok(!rc && calls > 20, "filing: each of %zu allocations may fail", calls - 1);
}

int main(void)
{
	if (!mkdtemp(media_root))
		return 1;
	arena_init(&arena, 0);
	test_roots();
	test_parts();
	test_fields();
	test_items();
	test_memory();
	folder_remove(media_root);
	arena_clear(&arena);
	return tap_done();
}
