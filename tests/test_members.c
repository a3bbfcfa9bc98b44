/* Promises of datasets/media/members.h: what is walked, in which order and under
 * which names, what is refused, and that a visitor may stop. */
#include "datasets/media/members.h"

#include <locale.h>
#include <unistd.h>

#include "datasets/folder.h"
#include "tests/media_fixtures.h"
#include "tests/tap.h"

static struct error err;
static struct arena arena;

/* What a walk came by: "name:content " of each file. */
struct diary {
	char text[512];
	size_t files, stop_at; /* 0: never */
};

static int see_file(void *ctx, const char *name, struct error *e)
{
	struct diary *d = ctx;

	snprintf(d->text + strlen(d->text), sizeof(d->text) - strlen(d->text), "%s%s:",
		 d->files ? " " : "", name);
	return ++d->files == d->stop_at ? error_set(e, ERR_INTERRUPTED, "enough") : 0;
}

static int see_data(void *ctx, const void *bytes, size_t size, struct error *e)
{
	struct diary *d = ctx;

	(void)e;
	snprintf(d->text + strlen(d->text), sizeof(d->text) - strlen(d->text), "%.*s",
		 (int)(size < 40 ? size : 40), (const char *)bytes);
	return 0;
}

/* Walk the first `share` of a file of the test's folder. */
static int walk(const char *name, double share, struct diary *d)
{
	const struct members_visitor v = { see_file, see_data, d };
	size_t size;
	char *data;

	d->text[0] = '\0';
	d->files = 0;
	error_clear(&err);
	if (file_read(&arena, media(name), &data, &size, &err))
		abort();
	return members_walk((unsigned char *)data, (size_t)((double)size * share), name,
			    &v, &err);
}

/* An archive of three members, of which one is a folder. */
static void put_plain(const char *name, enum pack how)
{
	struct archive *ar = pack_open(name, how);

	pack_member(ar, "./b/two.txt", AE_IFREG, "22", 2);
	pack_member(ar, "b/", AE_IFDIR, NULL, 0);
	pack_member(ar, "a/one.txt", AE_IFREG, "1", 1);
	pack_member(ar, "a/empty", AE_IFREG, "", 0);
	pack_close(ar);
}

static void test_kinds(void)
{
	static const char *const names[] = { "m.tar", "m.tar.gz", "m.tar.bz2", "m.tar.xz",
					     "m.zip" };
	struct diary d = { .stop_at = 0 };

	for (int how = PACK_TAR; how <= PACK_ZIP; how++) {
		put_plain(names[how], (enum pack)how);
		ok(!walk(names[how], 1, &d), "members: walks %s: %s", names[how], err.text);
		ok_str(d.text, "b/two.txt:22 a/one.txt:1 a/empty:",
		       "members: in the archive's order, without ./ and folders");
		d.stop_at = 2;
		ok(walk(names[how], 1, &d) == ERR_INTERRUPTED && d.files == 2,
		   "members: a visitor's error ends the walk and is its");
		d.stop_at = 0;
	}
}

static void test_cut(void)
{
	static const char *const names[] = { "m.tar", "m.tar.gz", "m.tar.bz2",
					     "m.tar.xz" };
	struct diary d = { .stop_at = 0 };

	for (size_t k = 0; k < 4; k++) {
		bool all = true;

		for (int part = 1; part < 8; part++)
			all &= walk(names[k], part / 32.0, &d) == ERR_DATA && err.text[0];
		ok(all, "members: %s cut short is an error each time", names[k]);
	}
	ok(walk("m.zip", 0.2, &d) == ERR_DATA, "members: so is a zip: %s", err.text);
}

/* One member that nobody should unpack. */
static void refuse(const char *member, unsigned type, const char *says)
{
	struct archive *ar = pack_open("bad.tar", PACK_TAR);
	struct diary d = { .stop_at = 0 };

	pack_member(ar, member, type, "x", 1);
	pack_close(ar);
	if (!ok(walk("bad.tar", 1, &d) == ERR_DATA && strstr(err.text, says) && !d.files,
		"members: '%s' is refused", member))
		printf("# %s\n", err.text);
}

static void test_names(void)
{
	struct diary d = { .stop_at = 0 };
	struct archive *ar;

	refuse("../up", AE_IFREG, "leads out");
	refuse("a/../../up", AE_IFREG, "leads out");
	refuse("a/..", AE_IFREG, "leads out");
	refuse("/etc/passwd", AE_IFREG, "leads out");
	refuse("a//b", AE_IFREG, "leads out");
	refuse("link", AE_IFLNK, "is a link");
	refuse("pipe", AE_IFIFO, "device or a pipe");
	setlocale(LC_CTYPE, "C.UTF-8"); /* libarchive writes what the locale knows */
	ar = pack_open("odd.tar", PACK_TAR);
	pack_member(ar, "..a/b..", AE_IFREG, "x", 1);
	pack_member(ar, "...", AE_IFREG, "y", 1);
	pack_member(ar, "gr\xc3\xbc\xc3\x9f" "e", AE_IFREG, "z", 1);
	pack_close(ar);
	setlocale(LC_CTYPE, "C");
	ok(!walk("odd.tar", 1, &d), "members: points within a name are no way out: %s",
	   err.text);
	ok_str(d.text, "..a/b..:x ...:y gr\xc3\xbc\xc3\x9f" "e:z",
	       "members: names are UTF-8 in any locale");
}

int main(void)
{
	if (!mkdtemp(media_root))
		return 1;
	arena_init(&arena, 0);
	test_kinds();
	test_cut();
	test_names();
	folder_remove(media_root);
	arena_clear(&arena);
	return tap_done();
}
