/* Promises of datasets/media/bundle.h and datasets/media/members.h. */
#include "datasets/media/bundle.h"

#include <unistd.h>

#include "datasets/folder.h"
#include "tests/media_fixtures.h"
#include "tests/tap.h"

static struct error err;

static const struct {
	const char *name, *text;
} files[] = { { "b", "bee" }, { "a/z.txt", "zed" }, { "a.txt", "" }, { "B", "capital" } };
static const size_t sorted[] = { 3, 2, 1, 0 };

static const char *const packs[] = { "t.tar", "t.tar.gz", "t.tar.bz2", "t.tar.xz",
				     "t.zip" };

static void make(void)
{
	char name[64];

	for (size_t p = 0; p < 5; p++) {
		struct archive *ar = pack_open(packs[p], (enum pack)p);

		pack_member(ar, "a", AE_IFDIR, NULL, 0);
		for (size_t k = 0; k < 4; k++)
			pack_member(ar, files[k].name, AE_IFREG, files[k].text,
				    strlen(files[k].text));
		pack_close(ar);
	}
	for (size_t k = 0; k < 4; k++) {
		snprintf(name, sizeof(name), "f/%s", files[k].name);
		media_put(name, files[k].text, strlen(files[k].text));
	}
}

/* Are all files there, in order, with their content, both ways? */
static bool whole(const struct bundle *b, struct arena *a)
{
	bool good = b->n == 4;

	for (size_t i = 0; i < 4 && good; i++) {
		const char *text = files[sorted[i]].text;
		const unsigned char *bytes;
		struct file_map m;
		size_t size;

		good = !strcmp(b->files[i].name, files[sorted[i]].name) &&
		       b->files[i].size == strlen(text) &&
		       !bundle_bytes(b, i, a, &bytes, &size, &err) &&
		       size == strlen(text) && !memcmp(bytes, text, size) &&
		       !bundle_map(b, i, &m, &err) && m.size == size &&
		       !memcmp(m.data, text, size);
		if (good)
			bundle_unmap(b, &m);
	}
	return good;
}

static void test_whole(void)
{
	struct bundle b;
	struct arena a;

	arena_init(&a, 0);
	for (size_t p = 0; p < 5; p++)
		ok(!bundle_open(&b, media(packs[p]), &a, &err) && whole(&b, &a),
		   "bundle: %s: names in byte order, sizes, contents", packs[p]);
	ok(!bundle_open(&b, media("f"), &a, &err) && b.is_folder && whole(&b, &a),
	   "bundle: a folder is the same as its archive");
	ok(!bundle_open(&b, media("f/"), &a, &err) && whole(&b, &a),
	   "bundle: with or without a slash behind it");
	arena_clear(&a);
}

/* Open an archive of one member beside a good one. */
static int open_with(const char *name, unsigned type, const char *data,
		     enum pack how)
{
	struct archive *ar = pack_open("one", how);
	struct bundle b;
	struct arena a;
	int rc;

	pack_member(ar, "good", AE_IFREG, "x", 1);
	pack_member(ar, name, type, data, strlen(data));
	pack_close(ar);
	arena_init(&a, 0);
	error_clear(&err);
	rc = bundle_open(&b, media("one"), &a, &err);
	arena_clear(&a);
	return rc;
}

static void test_names(void)
{
	static const char *const bad[] = { "../x", "a/../../x", "/etc/passwd",
					   "a/..", "a//x" };

	for (size_t k = 0; k < 5; k++)
		for (size_t p = 0; p < 5; p += 4)
			ok(open_with(bad[k], AE_IFREG, "x", (enum pack)p) ==
					   ERR_DATA && strstr(err.text, bad[k]),
			   "bundle: '%s' in %s is refused by name", bad[k],
			   packs[p]);
	ok(!open_with("..a/...", AE_IFREG, "x", PACK_TAR),
	   "bundle: dots in a name are no way out");
	ok(!open_with("./c", AE_IFREG, "x", PACK_TAR), "bundle: nor is './'");
	ok(open_with("ln", AE_IFLNK, "/etc/passwd", PACK_TAR) == ERR_DATA &&
		   strstr(err.text, "'ln' is a link"),
	   "bundle: links are refused by name");
	ok(open_with("pipe", AE_IFIFO, "", PACK_TAR) == ERR_DATA &&
		   strstr(err.text, "'pipe' is a device"),
	   "bundle: so are devices");
	ok(open_with("good", AE_IFREG, "y", PACK_TAR) == ERR_DATA &&
		   strstr(err.text, "'good'"),
	   "bundle: and two files of one name");
	ok(!open_with("\xc3\xa4", AE_IFREG, "y", PACK_ZIP), "bundle: UTF-8 names");
}

static int open_path(const char *name, size_t limit, size_t *peak)
{
	struct bundle b;
	struct arena a;
	int rc;

	arena_init(&a, limit);
	error_clear(&err);
	rc = bundle_open(&b, media(name), &a, &err);
	*peak = a.peak;
	arena_clear(&a);
	return rc;
}

/* A tar of four files in 512-byte blocks, cut behind each block: whole only from
 * the block of zeros on. */
static void test_tar_blocks(void)
{
	struct error local;
	struct arena a;
	size_t size, peak, whole = 0, first = 0;
	char *data;

	arena_init(&a, 0);
	if (file_read(&a, media("t.tar"), &data, &size, &local))
		abort();
	for (size_t n = 512; n <= size; n += 512) {
		media_put("cut", data, n);
		if (open_path("cut", 0, &peak))
			continue;
		whole++;
		first = first ? first : n;
	}
	/* a folder, and three files of a block of data and one without */
	ok(first == 512 * (1 + 3 * 2 + 1 + 1) && whole == (size - first) / 512 + 1,
	   "bundle: a tar cut between two files is an error (%zu)", first);
	arena_clear(&a);
}

/* Every cut of every archive: an error with words, or little. */
static void test_cut(void)
{
	static const double last[] = { 0.45, 0.9, 0.9, 0.9, 0.45 };
	size_t peak, bad = 0;

	for (size_t p = 0; p < 5; p++) {
		for (double share = 0; share < last[p]; share += 0.031) {
			media_cut(packs[p], "cut", share);
			bad += !open_path("cut", 0, &peak) && peak > 1 << 20;
			bad += err.code && !err.text[0];
		}
		media_cut(packs[p], "cut", p == 0 || p == 4 ? 0.3 : 0.8);
		ok(open_path("cut", 0, &peak) == ERR_DATA,
		   "bundle: %s cut short is an error", packs[p]);
	}
	ok(!bad, "bundle: no cut gives more than there is");
	media_put("empty", "", 0);
	ok(open_path("empty", 0, &peak) == ERR_DATA, "bundle: no bytes, no archive");
	media_put("text", "just a text\nof two lines\n", 25);
	ok(open_path("text", 0, &peak) == ERR_DATA && strstr(err.text, "no archive"),
	   "bundle: a text is no archive");
	ok(open_path("nothing", 0, &peak) == ERR_IO, "bundle: a missing file");
	pack_close(pack_open("none.tar", PACK_TAR));
	ok(open_path("none.tar", 0, &peak) == ERR_DATA,
	   "bundle: an archive without files is an error");
}

/* 100 MB of zeros in 100 kB are let through, in less they are a bomb. */
static void test_bomb(void)
{
	size_t size = (size_t)100 << 20, peak;
	char *zeros = calloc(size, 1);
	struct archive *ar = pack_open("bomb.tar.xz", PACK_XZ);

	pack_member(ar, "zeros", AE_IFREG, zeros, size);
	pack_close(ar);
	free(zeros);
	ok(open_path("bomb.tar.xz", 0, &peak) == ERR_DATA &&
		   strstr(err.text, "unpacks to more"),
	   "bundle: a bomb is refused");
	ok(peak < 1 << 20, "bundle: before any memory is taken for it");
}

static void test_memory(void)
{
	static const char *const paths[] = { "t.zip", "f" };

	for (size_t p = 0; p < 2; p++) {
		int rc = ERR_MEMORY;
		size_t calls = 0;

		for (; rc == ERR_MEMORY && calls < 100; calls++) {
			struct bundle b;
			struct arena a;

			arena_init(&a, 0);
			a.fail_at = calls + 1;
			rc = bundle_open(&b, media(paths[p]), &a, &err);
			arena_clear(&a);
		}
		ok(!rc && calls > 4, "bundle: %s: each of %zu allocations may fail",
		   paths[p], calls - 1);
	}
}

static void test_kinds(void)
{
	static const char *const ends[] = { ".wav", ".ogg", NULL };

	ok(bundle_is_kind("a/b.wav", ends) && bundle_is_kind("B.OGG", ends),
	   "bundle: an extension in capitals or not");
	ok(!bundle_is_kind("a/b.wave", ends) && !bundle_is_kind("wav", ends) &&
		   !bundle_is_kind("a/.wav", ends),
	   "bundle: but all of it, behind a name");
	ok(!bundle_is_kind("a/._b.wav", ends) &&
		   !bundle_is_kind("__MACOSX/b.wav", ends),
	   "bundle: not what a packer left");
}

int main(void)
{
	if (!mkdtemp(media_root))
		return 1;
	make();
	test_whole();
	test_names();
	test_cut();
	test_tar_blocks();
	test_bomb();
	test_memory();
	test_kinds();
	folder_remove(media_root);
	return tap_done();
}
