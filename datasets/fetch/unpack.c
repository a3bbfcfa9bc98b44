/* Only formats and filters that libarchive reads by itself are switched on: its
 * "all" would start programs (lrzip, grzip) and try a dozen rare parsers on
 * bytes that come from the network. */
#include "datasets/fetch/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "datasets/folder.h"

#define READ_BLOCK ((size_t)1 << 16)

/* libarchive's own words with the file; it has none for some errors. */
static int broken(struct archive *in, const char *path, struct error *err)
{
	const char *words = archive_error_string(in);

	if (archive_errno(in) == ENOMEM)
		return error_set(err, ERR_MEMORY, "'%s': out of memory", path);
	return error_set(err, ERR_DATA, "'%s' cannot be unpacked: %s", path,
			 words ? words : "broken or cut short");
}

/* Open for members, or (raw) for the bytes below the compression. */
static struct archive *open_archive(const char *path, bool raw,
				    struct error *err)
{
	struct archive *in = archive_read_new();

	if (!in) {
		error_set(err, ERR_MEMORY, "out of memory: archive");
		return NULL;
	}
	archive_read_support_filter_gzip(in);
	archive_read_support_filter_bzip2(in);
	archive_read_support_filter_xz(in);
	archive_read_support_filter_lzma(in);
	archive_read_support_filter_zstd(in);
	archive_read_support_format_empty(in);
	if (raw) {
		archive_read_support_format_raw(in);
	} else {
		archive_read_support_format_tar(in);
		archive_read_support_format_zip(in);
	}
	if (archive_read_open_filename(in, path, READ_BLOCK)) {
		broken(in, path, err);
		archive_read_free(in);
		return NULL;
	}
	return in;
}

/* The next member: 1, at the end 0, or an error. */
static int next(struct archive *in, const char *path,
		struct archive_entry **e, struct error *err)
{
	int rc = archive_read_next_header(in, e);

	if (rc == ARCHIVE_EOF)
		return 0;
	return rc < ARCHIVE_WARN ? broken(in, path, err) : 1;
}

/* The content of the open member as a piece. */
static int take(struct archive *in, const char *path, const char *name,
		struct spool *s, struct error *err)
{
	char buffer[1 << 16];
	la_ssize_t n = 0;
	int rc = spool_begin(s, name, err);

	while (!rc && (n = archive_read_data(in, buffer, sizeof(buffer))) > 0)
		rc = spool_add(s, buffer, (size_t)n, err);
	if (!rc && n < 0)
		rc = broken(in, path, err);
	spool_end(s);
	return rc;
}

/* "raw" is libarchive's format for a stream that is no archive: what is left when
 * the filters are off. A tar below a gzip comes out as a tar. */
int unpack_plain(const char *path, struct spool *s, bool *packed,
		 struct error *err)
{
	struct archive *in = open_archive(path, true, err);
	struct archive_entry *e;
	int rc;

	if (!in)
		return (int)err->code;
	rc = next(in, path, &e, err);
	*packed = archive_filter_count(in) > 1; /* one is no filter at all */
	if (rc > 0)
		rc = take(in, path, "", s, err);
	else if (!rc) /* an empty file has no member, but it is a file */
		rc = spool_begin(s, "", err);
	spool_end(s);
	archive_read_free(in);
	return rc;
}

/* A file as a piece, as it is. */
static int copy_file(const char *path, const char *name, struct spool *s,
		     struct error *err)
{
	char buffer[1 << 16];
	size_t got;
	int rc;
	FILE *f = fopen(path, "rb");

	if (!f)
		return error_set(err, ERR_IO, "cannot open '%s': %s", path,
				 strerror(errno));
	rc = spool_begin(s, name, err);
	while (!rc && (got = fread(buffer, 1, sizeof(buffer), f)) > 0)
		rc = spool_add(s, buffer, got, err);
	if (!rc && ferror(f))
		rc = error_set(err, ERR_IO, "cannot read '%s': %s", path,
			       strerror(errno));
	spool_end(s);
	fclose(f);
	return rc;
}

/* For files that are data as they come: they go through the spool all the
 * same, since that is where the digest is taken. */
int unpack_copy(const char *path, struct spool *s, struct error *err)
{
	return copy_file(path, "", s, err);
}

/* A name as the catalogue writes it: no "./" in front. Absolute names and ".."
 * have no place in a data set: whoever made such an archive means harm, or it
 * is not the one the catalogue means. */
static int clean_name(const char *path, const char *raw, const char **name,
		      struct error *err)
{
	const char *p = raw;

	while (p[0] == '.' && p[1] == '/')
		p += 2;
	*name = p;
	if (*p == '/')
		return error_set(err, ERR_DATA, "'%s': the member '%.200s' is an "
				 "absolute path", path, raw);
	for (; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (!strncmp(p, "..", 2) && (p[2] == '/' || !p[2]))
			return error_set(err, ERR_DATA, "'%s': the member "
					 "'%.200s' leads out of the archive",
					 path, raw);
	}
	return 0;
}

/* What to do with each regular file of an archive. */
typedef int visit_fn(void *ctx, struct archive *in, const char *name,
		     struct error *err);

/* All members are looked at, also those that nobody wants: an archive with a
 * bad name is refused whole. Links and folders are no data. */
static int visit(const char *path, visit_fn *fn, void *ctx, struct error *err)
{
	struct archive *in = open_archive(path, false, err);
	struct archive_entry *e;
	int rc;

	if (!in)
		return (int)err->code;
	while ((rc = next(in, path, &e, err)) > 0) {
		const char *raw = archive_entry_pathname(e), *name = NULL;

		if (!raw) /* not in the locale's charset; as bytes then */
			raw = archive_entry_pathname_utf8(e);
		if (!raw)
			rc = error_set(err, ERR_DATA, "'%s': a member without a "
				       "name", path);
		else
			rc = clean_name(path, raw, &name, err);
		if (!rc && archive_entry_filetype(e) == AE_IFREG &&
		    !archive_entry_hardlink(e))
			rc = fn(ctx, in, name, err);
		if (rc)
			break;
	}
	archive_read_free(in);
	return rc;
}

/* ------------------------------------------------------------- members */

struct wanted {
	const char *path;
	const char *const *members; /* (n) */
	size_t n;
	struct spool *spool;
};

/* A few names against each member: a plain search is enough. */
static int take_member(void *ctx, struct archive *in, const char *name,
		       struct error *err)
{
	const struct wanted *w = ctx;

	for (size_t k = 0; k < w->n; k++)
		if (!strcmp(name, w->members[k]))
			return take(in, w->path, name, w->spool, err);
	return 0;
}

/* Archives have their own order: bring the pieces, which are few, into that of
 * the catalogue. */
static int order_pieces(const struct wanted *w, struct error *err)
{
	struct spool *s = w->spool;

	for (size_t k = 0; k < w->n; k++) {
		size_t i = k;
		struct piece p;

		while (i < s->n && strcmp(s->pieces[i].name, w->members[k]))
			i++;
		if (i == s->n)
			return error_set(err, ERR_DATA, "'%s' has no member '%s'",
					 w->path, w->members[k]);
		p = s->pieces[k];
		s->pieces[k] = s->pieces[i];
		s->pieces[i] = p;
	}
	if (s->n > w->n)
		return error_set(err, ERR_DATA, "'%s' has the member '%s' twice",
				 w->path, s->pieces[w->n].name);
	return 0;
}

/* One pass, whatever the order: the archives are streams, some of 170 MB. */
int unpack_members(const char *path, const char *const *members, size_t n,
		   struct spool *s, struct error *err)
{
	struct wanted w = { path, members, n, s };
	int rc = visit(path, take_member, &w, err);

	return rc ? rc : order_pieces(&w, err);
}

/* ---------------------------------------------------------------- trees */

/* The end of the path with as many components as the pattern has; all of a path
 * that has fewer (which then cannot match: FNM_PATHNAME counts slashes). */
static const char *suffix(const char *path, const char *pattern)
{
	const char *p = path + strlen(path);

	/* to the slash in front of one component a slash of the pattern */
	for (const char *q = pattern; *q; q++)
		if (*q == '/' && p > path)
			for (p--; p > path && *p != '/';)
				p--;
	while (p > path && p[-1] != '/') /* and over one more */
		p--;
	return p;
}

/* From the end, because what stands in front (a version, a repository's name) is
 * the archive's affair and changes with where it was taken from. */
const char *unpack_match(const char *path, const char *const *patterns, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		const char *end = suffix(path, patterns[k]);

		if (!fnmatch(patterns[k], end, FNM_PATHNAME | FNM_PERIOD))
			return end;
	}
	return NULL;
}

/* Under the name that matched: that is what the digest is of. */
static int keep_member(void *ctx, struct archive *in, const char *name,
		       struct error *err)
{
	const struct wanted *w = ctx;
	const char *end = unpack_match(name, w->members, w->n);

	return end ? take(in, w->path, end, w->spool, err) : 0;
}

/* A folder that somebody unpacked is as good as the archive. */
static int keep_folder(const struct wanted *w, struct error *err)
{
	const char *const *paths;
	size_t n, skip = strlen(w->path) + 1;
	int rc = folder_files(w->path, w->spool->arena, &paths, &n, err);

	for (size_t k = 0; !rc && k < n; k++) {
		const char *end = unpack_match(paths[k] + skip, w->members, w->n);

		if (end)
			rc = copy_file(paths[k], end, w->spool, err);
	}
	return rc;
}

/* No match at all is told as such and not as a digest that differs. */
int unpack_keep(const char *path, const char *const *patterns, size_t n,
		struct spool *s, struct error *err)
{
	struct wanted w = { path, patterns, n, s };
	struct stat st;
	int rc;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		rc = keep_folder(&w, err);
	else
		rc = visit(path, keep_member, &w, err);
	if (!rc && !s->n)
		return error_set(err, ERR_DATA, "'%s' has no member that matches "
				 "'%s'", path, patterns[0]);
	return rc ? rc : spool_sort(s, err);
}
