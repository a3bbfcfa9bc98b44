/* Archives are made with libarchive, broken ones by hand. */
#include "tests/tap.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <unistd.h>

#include "datasets/fetch/unpack.h"
#include "datasets/folder.h"
#include "harness/base/file.h"

static char root[] = "/tmp/triarch-unpack-XXXXXX";
static struct error err;
static struct arena arena;

static const char *under(const char *name)
{
	static char path[2][256];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", root, name);
	return path[turn];
}

/* Members name, content ...; a content of "->x" makes a link to x. */
static void make(const char *name, bool zip, const char *filter,
		 const char *const *members)
{
	struct archive *a = archive_write_new();

	if (zip)
		archive_write_set_format_zip(a);
	else
		archive_write_set_format_ustar(a);
	if (strcmp(filter, "none"))
		archive_write_add_filter_by_name(a, filter);
	archive_write_open_filename(a, under(name));
	for (; *members; members += 2) {
		struct archive_entry *e = archive_entry_new();
		size_t n = strlen(members[1]);
		bool link = !strncmp(members[1], "->", 2);

		archive_entry_set_pathname(e, members[0]);
		archive_entry_set_size(e, link ? 0 : (la_int64_t)n);
		archive_entry_set_perm(e, 0600);
		archive_entry_set_mtime(e, 12345, 0);
		archive_entry_set_filetype(e, link ? AE_IFLNK : AE_IFREG);
		if (link)
			archive_entry_set_symlink(e, members[1] + 2);
		archive_write_header(a, e);
		if (!link)
			archive_write_data(a, members[1], n);
		archive_entry_free(e);
	}
	archive_write_free(a);
}

static void put(const char *name, const void *data, size_t size)
{
	struct error e;

	file_replace(under(name), data, size, &e);
}

/* Cut a file to so many percent; how large it was. */
static size_t cut(const char *from, const char *to, int percent)
{
	struct file_map m;
	size_t size = 0;

	if (!file_map(&m, under(from), &err)) {
		size = m.size;
		put(to, m.data, m.size * (size_t)percent / 100);
		file_unmap(&m);
	}
	return size;
}

static void open_spool(struct spool *s)
{
	error_clear(&err);
	if (spool_open(s, under("spool"), 1 << 20, &arena, &err))
		printf("# %s\n", err.text);
}

static bool spool_is(const struct spool *s, const char *text)
{
	char path[300], *data;
	size_t n;

	snprintf(path, sizeof(path), "%s/joined", root);
	return !spool_write_joined(s, path, &err) &&
	       !file_read(&arena, path, &data, &n, &err) && !strcmp(data, text);
}

static const char *const three[] = { "w-1.0/a/x.txt", "one",
				     "./w-1.0/a/y.txt", "two",
				     "w-1.0/b/.z.txt", "three",
				     "w-1.0/a/link.txt", "->x.txt", NULL };

static void test_plain(void)
{
	static const char *const filters[] = { "gzip", "bzip2", "xz", "zstd" };
	struct spool s;
	bool packed;

	for (size_t k = 0; k < 4; k++) {
		make("t", false, filters[k], three);
		open_spool(&s);
		/* a tar of three small files: 512 bytes of header, and so on */
		ok(!unpack_plain(under("t"), &s, &packed, &err) && packed &&
			   s.n == 1 && s.size >= 6 * 512 && s.size % 512 == 0,
		   "unpack: %s is taken off", filters[k]);
		spool_close(&s);
	}
	put("plain", "a line\n", 7);
	open_spool(&s);
	ok(!unpack_plain(under("plain"), &s, &packed, &err) && !packed &&
		   spool_is(&s, "a line\n"),
	   "unpack: a plain file is taken as it is");
	ok(!spool_reset(&s, &err) && !unpack_copy(under("plain"), &s, &err) &&
		   spool_is(&s, "a line\n"),
	   "unpack: also by a copy, into an emptied spool");
	spool_close(&s);
	put("empty", "", 0);
	open_spool(&s);
	ok(!unpack_plain(under("empty"), &s, &packed, &err) && s.n == 1 &&
		   spool_is(&s, ""),
	   "unpack: an empty file is one");
	spool_close(&s);
	open_spool(&s);
	ok(unpack_plain(under("none"), &s, &packed, &err) == ERR_DATA &&
		   strstr(err.text, "none"),
	   "unpack: no such file");
	spool_close(&s);
}

static void test_members(void)
{
	static const char *const yx[] = { "w-1.0/a/y.txt", "w-1.0/a/x.txt" };
	static const char *const bad[] = { "w-1.0/a/x.txt", "x.txt" };
	static const char *const link[] = { "w-1.0/a/link.txt" };
	static const char *const twice[] = { "a", "1", "a", "2", NULL };
	struct spool s;

	for (int zip = 0; zip < 2; zip++) {
		make("t", zip, zip ? "none" : "gzip", three);
		open_spool(&s);
		ok(!unpack_members(under("t"), yx, 2, &s, &err) &&
			   spool_is(&s, "twoone"),
		   "unpack: members of a %s in the order asked for",
		   zip ? "zip" : "tar.gz");
		spool_close(&s);
	}
	open_spool(&s);
	ok(unpack_members(under("t"), bad, 2, &s, &err) == ERR_DATA &&
		   strstr(err.text, "no member 'x.txt'"),
	   "unpack: a member that is not there is named");
	spool_close(&s);
	make("t", false, "none", three);
	open_spool(&s);
	ok(unpack_members(under("t"), link, 1, &s, &err) == ERR_DATA,
	   "unpack: a link is no member");
	spool_close(&s);
	make("t", false, "none", twice);
	open_spool(&s);
	ok(unpack_members(under("t"), twice, 1, &s, &err) == ERR_DATA &&
		   strstr(err.text, "twice"),
	   "unpack: a member that is there twice");
	spool_close(&s);
}

/* The same files in other archives, and in a folder. */
static void test_keep(void)
{
	static const char *const star[] = { "a/*.txt" };
	static const char *const other[] = { "a/y.txt", "two", "a/x.txt",
					     "one", NULL };
	char first[HASH_HEX] = "", hex[HASH_HEX], tar[HASH_HEX];
	struct spool s;

	for (int k = 0; k < 3; k++) {
		if (k < 2)
			make("t", k, k ? "none" : "xz", k ? other : three);
		else if (!file_make_dirs(under("f/a"), &err)) {
			put("f/a/x.txt", "one", 3);
			put("f/a/y.txt", "two", 3);
			put("f/a/.hidden.txt", "no", 2);
		}
		open_spool(&s);
		ok(!unpack_keep(under(k < 2 ? "t" : "f"), star, 1, &s, &err) &&
			   s.n == 2 && !strcmp(s.pieces[0].name, "a/x.txt") &&
			   !spool_tree_digest(&s, hex, &err) &&
			   (!k || !strcmp(hex, first)),
		   "unpack: kept of a %s, sorted, the same digest",
		   k == 0 ? "wrapped tar.xz" : k == 1 ? "bare zip" : "folder");
		memcpy(first, hex, HASH_HEX);
		ok(!spool_write_tar(&s, under("out"), &err) &&
			   !hash_file(under("out"), hex, &err) &&
			   (!k || !strcmp(hex, tar)),
		   "unpack: and the same bytes as a tar");
		memcpy(tar, hex, HASH_HEX);
		spool_close(&s);
	}
	unlink(under("f/a/.hidden.txt"));
	ok(!folder_digest(under("f"), &arena, hex, &err) && !strcmp(hex, first),
	   "unpack: which is the digest of the folder");
	open_spool(&s);
	ok(!unpack_keep(under("out"), star, 1, &s, &err) && s.n == 2,
	   "unpack: the tar can be read again");
	spool_close(&s);
}

static void test_match(void)
{
	static const char *const p[] = { "rec/*.wav", "README" };
	const char *end;

	end = unpack_match("w/rec/a.wav", p, 2);
	ok(end && !strcmp(end, "rec/a.wav"), "match: the end of a path");
	end = unpack_match("rec/a.wav", p, 2);
	ok(end && !strcmp(end, "rec/a.wav"), "match: all of it");
	ok(unpack_match("x/y/README", p, 2) && unpack_match("README", p, 2),
	   "match: a name alone");
	ok(!unpack_match("wrec/a.wav", p, 2) && !unpack_match("w/xrec/a.wav", p, 2),
	   "match: only from a slash on");
	ok(!unpack_match("rec/b/a.wav", p, 2) && !unpack_match("a.wav", p, 2) &&
		   !unpack_match("", p, 2),
	   "match: a star stays in its folder");
	ok(!unpack_match("rec/._a.wav", p, 2),
	   "match: hidden files only when named so");
}

/* A tar header by hand: libarchive would clean the names up. */
static void make_raw_tar(const char *name)
{
	char block[1536] = "";
	unsigned sum = 0;

	snprintf(block, 100, "%s", name);
	memcpy(block + 100, "0000644", 8);
	memcpy(block + 108, "0000000", 8);
	memcpy(block + 116, "0000000", 8);
	memcpy(block + 124, "00000000000", 12);
	memcpy(block + 136, "00000000000", 12);
	memset(block + 148, ' ', 8);
	block[156] = '0';
	memcpy(block + 257, "ustar\00000", 8);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	put("raw", block, sizeof(block));
}

static void test_traversal(void)
{
	static const char *const names[] = { "../evil", "/etc/evil", "a/../../b",
					     "a/..", "./../x", "..", ".//x" };
	static const char *const want[] = { "good" };
	static const char *const all[] = { "*" };
	struct spool s;

	for (size_t k = 0; k < 7; k++) {
		make_raw_tar(names[k]);
		open_spool(&s);
		ok(unpack_members(under("raw"), want, 1, &s, &err) == ERR_DATA &&
			   (strstr(err.text, "leads out") ||
			    strstr(err.text, "absolute")),
		   "unpack: refused whole: a member '%s'", names[k]);
		spool_close(&s);
	}
	make_raw_tar("a..b/..c");
	open_spool(&s);
	ok(unpack_keep(under("raw"), all, 1, &s, &err) == ERR_DATA &&
		   strstr(err.text, "no member that matches"),
	   "unpack: dots in names are no harm, but hidden");
	spool_close(&s);
}

/* Cut at any place: never a wrong answer. */
static void test_truncated(void)
{
	static const char *const want[] = { "w-1.0/a/y.txt" };
	static const char *const filters[] = { "gzip", "bzip2", "xz", "zstd" };
	struct spool s;
	bool good = true, packed;

	for (size_t k = 0; k < 4; k++) {
		make("t", false, filters[k], three);
		for (int percent = 1; percent < 100; percent += 7) {
			cut("t", "short", percent);
			open_spool(&s);
			good &= unpack_plain(under("short"), &s, &packed, &err) ==
					ERR_DATA || !packed;
			spool_close(&s);
		}
	}
	ok(good, "unpack: compressed files cut at 60 places are errors");
	make("t", true, "none", three);
	good = true;
	for (int percent = 0; percent < 40; percent += 3) {
		cut("t", "short", percent);
		open_spool(&s);
		good &= unpack_members(under("short"), want, 1, &s, &err) < 0;
		spool_close(&s);
	}
	ok(good, "unpack: so are archives");
	put("noise", "PK\003\004\377\377\377\377\377\377\377\377\377", 13);
	open_spool(&s);
	ok(unpack_members(under("noise"), want, 1, &s, &err) == ERR_DATA,
	   "unpack: noise behind a magic number");
	spool_close(&s);
}

/* More comes out than anybody wants. */
static void test_bomb(void)
{
	static char zeros[2 << 20];
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	struct spool s;
	bool packed;

	archive_write_set_format_raw(a);
	archive_write_add_filter_gzip(a);
	archive_write_open_filename(a, under("bomb"));
	archive_entry_set_filetype(e, AE_IFREG);
	archive_write_header(a, e);
	archive_write_data(a, zeros, sizeof(zeros));
	archive_entry_free(e);
	archive_write_free(a);
	open_spool(&s);
	ok(unpack_plain(under("bomb"), &s, &packed, &err) == ERR_DATA &&
		   strstr(err.text, "1048576 bytes") && s.size <= 1 << 20,
	   "unpack: 2 MiB out of 2 KiB stop at the limit");
	spool_close(&s);
}

static void test_spool(void)
{
	static const char *const all[] = { "*.txt" };
	static const char *const same[] = { "p/x.txt", "1", "q/x.txt", "2", NULL };
	char hex[HASH_HEX];
	struct spool s;

	make("t", false, "none", same);
	open_spool(&s);
	ok(unpack_keep(under("t"), all, 1, &s, &err) == ERR_DATA &&
		   strstr(err.text, "two members 'x.txt'"),
	   "spool: two pieces of one name are refused");
	spool_close(&s);
	ok(spool_open(&s, "/proc/no", 9, &arena, &err) == ERR_IO,
	   "spool: a folder that is not");
	ok(!spool_open(&s, NULL, 9, &arena, &err) &&
		   !spool_begin(&s, "a", &err) && !spool_add(&s, "xyz", 3, &err),
	   "spool: without a file");
	spool_end(&s);
	hash_bytes("xyz", 3, hex);
	ok(s.n == 1 && !strcmp(s.pieces[0].hex, hex), "spool: digests only");
	spool_close(&s);
	if (access("/dev/full", W_OK)) {
		skip("spool: a full disk", "/dev/full");
		return;
	}
	ok(!spool_open(&s, "/dev/full", 9, &arena, &err) &&
		   !spool_begin(&s, "a", &err) &&
		   spool_add(&s, "xyz", 3, &err) == ERR_IO &&
		   strstr(err.text, "free some space"),
	   "spool: a full disk is an error with the cure");
	spool_close(&s);
}

static void test_memory(void)
{
	static const char *const star[] = { "a/*.txt" };
	int rc = ERR_MEMORY;
	size_t calls = 0;

	make("t", false, "none", three);
	for (; rc == ERR_MEMORY; calls++) {
		struct arena a;
		struct spool s;

		arena_init(&a, 0);
		a.fail_at = calls + 1;
		rc = spool_open(&s, under("spool"), 1 << 20, &a, &err);
		if (!rc)
			rc = unpack_keep(under("t"), star, 1, &s, &err);
		spool_close(&s);
		arena_clear(&a);
	}
	ok(!rc && calls > 2, "unpack: each of %zu allocations may fail", calls - 1);
}

int main(void)
{
	if (!mkdtemp(root))
		return 1;
	arena_init(&arena, 0);
	test_plain();
	test_members();
	test_keep();
	test_match();
	test_traversal();
	test_truncated();
	test_bomb();
	test_spool();
	test_memory();
	arena_clear(&arena);
	folder_remove(root);
	return tap_done();
}
