/* Readers of text on files of a temporary folder. */
#ifndef TRIARCH_TEXT_FIXTURE_H
#define TRIARCH_TEXT_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "datasets/folder.h"
#include "datasets/reader.h"
#include "harness/base/file.h"
#include "tests/tap.h"

#define FIXTURE_PATHS 4

struct text_fixture {
	char dir[40];
	char path[FIXTURE_PATHS][80];
	size_t n;	    /* paths handed to the reader */
	const char *target; /* column, or NULL */
	struct arena a;
	struct error err;
	struct items x;
};

__attribute__((unused)) static void text_begin(struct text_fixture *f)
{
	*f = (struct text_fixture){ .dir = "/tmp/test_text_XXXXXX" };
	if (!mkdtemp(f->dir))
		abort();
	arena_init(&f->a, 0);
}

__attribute__((unused)) static void text_end(struct text_fixture *f)
{
	arena_clear(&f->a);
	folder_remove(f->dir);
}

/* Path k is this file of `size` bytes; the reader gets paths 0 .. k. */
__attribute__((unused)) static void
text_put(struct text_fixture *f, size_t k, const char *name, const void *data,
	 size_t size)
{
	char path[80];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	memcpy(f->path[k], path, sizeof(path));
	out = fopen(f->path[k], "wb");
	if (!out || fwrite(data, 1, size, out) != size || fclose(out))
		abort();
	f->n = k + 1;
}

__attribute__((unused)) static int
text_read_in(struct text_fixture *f, const char *reader, const char *yaml,
	     struct arena *a)
{
	const char *paths[FIXTURE_PATHS];
	struct source src = { .name = "sample", .paths = paths,
			      .n_paths = f->n, .target = f->target,
			      .threads = 1 };
	struct yaml *options = NULL;

	for (size_t k = 0; k < f->n; k++)
		paths[k] = f->path[k];
	error_clear(&f->err);
	if (*yaml && yaml_parse(a, yaml, strlen(yaml), "opt", &options, &f->err))
		return f->err.code;
	src.options = options;
	return reader_find(reader)->read(&src, a, &f->x, &f->err);
}

__attribute__((unused)) static int text_read(struct text_fixture *f,
					     const char *reader,
					     const char *yaml)
{
	return text_read_in(f, reader, yaml, &f->a);
}

/* One file of text, read by a reader. */
__attribute__((unused)) static int
text_of(struct text_fixture *f, const char *reader, const char *yaml,
	const char *text)
{
	text_put(f, 0, "file", text, strlen(text));
	return text_read(f, reader, yaml);
}

/* The same must fail with a code and these words. */
__attribute__((unused)) static void
text_fails(struct text_fixture *f, const char *reader, const char *yaml,
	   const char *text, enum err code, const char *words,
	   const char *promise)
{
	int rc = text_of(f, reader, yaml, text);

	if (!ok(rc == (int)code && strstr(f->err.text, words), "%s", promise))
		printf("# %d: %s\n", rc, f->err.text);
}

/* The row of this text; aborts the test when there is none. */
__attribute__((unused)) static size_t text_row(const struct text_fixture *f,
					       const char *text)
{
	for (size_t i = 0; i < f->x.n; i++)
		if (!strcmp(f->x.text[i], text))
			return i;
	printf("# no text '%s'\n", text);
	return SIZE_MAX;
}

/* Does the row of this text have this class (and part)? */
__attribute__((unused)) static bool
text_is(const struct text_fixture *f, const char *text, const char *class,
	enum official part)
{
	size_t i = text_row(f, text);

	return i < f->x.n && !strcmp(f->x.class_names[f->x.label[i]], class) &&
	       (f->x.official ? f->x.official[i] : OFFICIAL_NONE) == part;
}

/* Every allocation fails once: ERR_MEMORY, until nothing fails any more. */
__attribute__((unused)) static void
text_failing_memory(struct text_fixture *f, const char *reader,
		    const char *yaml)
{
	bool good = true;
	int rc = ERR_MEMORY;

	for (size_t k = 1; rc && k < 400; k++) {
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = k;
		rc = text_read_in(f, reader, yaml, &a);
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && !rc, "%s: every allocation that fails is an error", reader);
}

/* Bytes of a sample changed and cut: rows or words, never a crash. */
__attribute__((unused)) static void
text_mutations(struct text_fixture *f, const char *reader, const char *yaml,
	       const char *sample)
{
	size_t size = strlen(sample), good = 0;
	uint32_t s = 1;

	for (int t = 0; t < 1000; t++) {
		char text[1024];
		struct arena a;
		int rc;

		memcpy(text, sample, size);
		for (int k = 0; k < 3; k++) {
			s = s * 1664525u + 1013904223u;
			text[(s >> 8) % size] = (char)(s >> 24);
		}
		text_put(f, 0, "file", text, t % 3 ? size : (s >> 8) % size);
		arena_init(&a, 0);
		rc = text_read_in(f, reader, yaml, &a);
		good += rc ? f->err.text[0] != '\0' : f->x.n > 0;
		arena_clear(&a);
	}
	ok(good == 1000, "%s: 1,000 broken files give rows or an error", reader);
}

#endif
