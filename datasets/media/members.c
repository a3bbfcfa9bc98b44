/* libarchive, held on a short leash.
 *
 * Its formats are tar and zip and its filters gzip and bzip2: all that data
 * sets come in, and little of what a made-up file could set in motion. xz is
 * decompressed here, because the header of an xz stream may ask for a
 * dictionary of 4 GiB and libarchive would take it; liblzma refuses what
 * passes a limit when it is told one. */
#include "datasets/media/members.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* xz -9 wants 65 MiB to decompress; a stream with a larger dictionary was made
 * by hand. */
#define XZ_MEMORY ((uint64_t)100 << 20)
#define XZ_STEP ((size_t)1 << 16)

struct xz {
	lzma_stream stream;
	uint8_t out[XZ_STEP];
};

/* libarchive's way to ask for more bytes; 0 is the end. Input is all there is,
 * so LZMA_FINISH turns a stream that was cut into LZMA_BUF_ERROR. */
static la_ssize_t xz_feed(struct archive *ar, void *ctx, const void **bytes)
{
	struct xz *x = ctx;
	lzma_ret ret;

	x->stream.next_out = x->out;
	x->stream.avail_out = sizeof(x->out);
	ret = lzma_code(&x->stream, LZMA_FINISH);
	*bytes = x->out;
	if (ret == LZMA_OK || ret == LZMA_STREAM_END)
		return (la_ssize_t)(sizeof(x->out) - x->stream.avail_out);
	archive_set_error(ar, EILSEQ, "%s",
			  ret == LZMA_BUF_ERROR ? "the xz stream is cut short" :
			  ret == LZMA_MEMLIMIT_ERROR ?
				  "its xz dictionary is larger than 100 MiB" :
			  ret == LZMA_MEM_ERROR ? "out of memory" :
						  "the xz stream is damaged");
	return ARCHIVE_FATAL;
}

/* CONCATENATED, because several streams in one file are one file to xz(1);
 * parallel compressors write such. */
static int xz_start(struct xz *x, const unsigned char *data, size_t size)
{
	x->stream = (lzma_stream)LZMA_STREAM_INIT;
	x->stream.next_in = data;
	x->stream.avail_in = size;
	return lzma_stream_decoder(&x->stream, XZ_MEMORY, LZMA_CONCATENATED) !=
	       LZMA_OK;
}

/* The six bytes of the .xz file format (section 2.1.1.1), its NUL included. */
static bool is_xz(const unsigned char *data, size_t size)
{
	return size >= 6 && !memcmp(data, "\xfd" "7zXZ\0", 6);
}

/* The member's name, without a leading "./" that `tar c .` puts there. In a
 * locale of UTF-8 (see members_walk) the first is right for zip, where a flag
 * says what the bytes are, and the second gives a tar's bytes as they are. */
static const char *member_name(struct archive_entry *e)
{
	const char *name = archive_entry_pathname_utf8(e);

	if (!name)
		name = archive_entry_pathname(e);
	while (name && name[0] == '.' && name[1] == '/')
		for (name += 2; *name == '/';)
			name++;
	return name;
}

/* Is a part of the name ".." or empty? Names are never used as paths, but
 * what is made of them (a cache, a list for people) might be. */
static bool leads_out(const char *name)
{
	if (*name == '/')
		return true;
	for (const char *part = name; *part;) {
		size_t n = strcspn(part, "/");

		if (!n || (n == 2 && !memcmp(part, "..", 2)))
			return true;
		part += n + (part[n] == '/');
	}
	return false;
}

/* Refuse what is no plain file, by its name. */
static int check_member(struct archive_entry *e, const char *name,
			const char *path, struct error *err)
{
	if (!name || !*name)
		return error_set(err, ERR_DATA, "%s: a file without a name", path);
	if (leads_out(name))
		return error_set(err, ERR_DATA, "%s: the name '%s' leads out of "
				 "the archive's folder", path, name);
	if (archive_entry_hardlink(e) || archive_entry_symlink(e) ||
	    archive_entry_filetype(e) == AE_IFLNK)
		return error_set(err, ERR_DATA, "%s: '%s' is a link; pack the "
				 "file itself (tar -h)", path, name);
	if (archive_entry_filetype(e) != AE_IFREG)
		return error_set(err, ERR_DATA, "%s: '%s' is a device or a pipe",
				 path, name);
	if (archive_entry_is_encrypted(e) > 0)
		return error_set(err, ERR_DATA, "%s: '%s' is encrypted", path,
				 name);
	return 0;
}

/* The content, in the order of the bytes. A sparse member may claim 2^63 bytes
 * of nothing in one block of 512: those are not read. */
static int member_data(struct archive *ar, const char *name, const char *path,
		       const struct members_visitor *v, struct error *err)
{
	la_int64_t at = 0, offset = 0;
	const void *bytes;
	size_t size;

	for (;;) {
		int ret = archive_read_data_block(ar, &bytes, &size, &offset), rc;

		if (ret != ARCHIVE_OK && ret != ARCHIVE_EOF)
			return error_set(err, ERR_DATA, "%s: '%s': %s", path,
					 name, archive_error_string(ar));
		if (offset != at && (size || ret == ARCHIVE_EOF))
			return error_set(err, ERR_DATA, "%s: '%s' is sparse; pack "
					 "it without --sparse", path, name);
		if (ret == ARCHIVE_EOF)
			return 0;
		rc = size ? v->data(v->ctx, bytes, size, err) : 0;
		if (rc)
			return rc;
		at += (la_int64_t)size;
	}
}

/* A tar ends with a block of zeros, which libarchive does not insist on: a file
 * that was cut between two members would be a smaller data set without a word.
 * Behind the last member's data (at `behind` of the unpacked bytes) come less
 * than 512 bytes of padding, and then that block. */
static int check_end(struct archive *ar, la_int64_t behind, const char *path,
		     struct error *err)
{
	bool is_tar = (archive_format(ar) & ARCHIVE_FORMAT_BASE_MASK) ==
		      ARCHIVE_FORMAT_TAR;

	if (is_tar && archive_filter_bytes(ar, 0) - behind < 512)
		return error_set(err, ERR_DATA, "'%s' is cut short: a tar without "
				 "its end", path);
	return 0;
}

/* ARCHIVE_WARN is a name that could not be converted or a time out of range;
 * the content is whole, and names are judged by check_member. */
static int walk_members(struct archive *ar, const char *path,
			const struct members_visitor *v, struct error *err)
{
	la_int64_t behind = 0;
	struct archive_entry *e;
	int ret, rc = 0;

	while (!rc) {
		const char *name;

		ret = archive_read_next_header(ar, &e);
		if (ret == ARCHIVE_EOF)
			return check_end(ar, behind, path, err);
		if (ret != ARCHIVE_OK && ret != ARCHIVE_WARN)
			return error_set(err, ERR_DATA, "'%s' is no archive or "
					 "damaged: %s", path,
					 archive_error_string(ar));
		behind = archive_filter_bytes(ar, 0);
		if (archive_entry_filetype(e) == AE_IFDIR)
			continue;
		name = member_name(e);
		rc = check_member(e, name, path, err);
		if (!rc)
			rc = v->file(v->ctx, name, err);
		if (!rc)
			rc = member_data(ar, name, path, v, err);
		behind = archive_filter_bytes(ar, 0);
	}
	return rc;
}

/* tar without zip behind xz: nobody packs a zip again, and a zip wants to seek. */
static int open_and_walk(struct archive *ar, struct xz *x,
			 const unsigned char *data, size_t size,
			 const char *path, const struct members_visitor *v,
			 struct error *err)
{
	int ret = archive_read_support_format_tar(ar);

	if (is_xz(data, size)) {
		if (xz_start(x, data, size))
			return error_set(err, ERR_MEMORY, "out of memory");
		ret |= archive_read_open(ar, x, NULL, xz_feed, NULL);
	} else {
		ret |= archive_read_support_format_zip(ar);
		ret |= archive_read_support_filter_gzip(ar);
		ret |= archive_read_support_filter_bzip2(ar);
		ret |= archive_read_open_memory(ar, data, size);
	}
	if (ret != ARCHIVE_OK)
		return error_set(err, ERR_DATA, "'%s' is no archive or damaged: "
				 "%s", path, archive_error_string(ar));
	return walk_members(ar, path, v, err);
}

/* libarchive converts names by the locale of the thread: without this, the same
 * zip would give other names to a user in another country. */
int members_walk(const unsigned char *data, size_t size, const char *path,
		const struct members_visitor *v, struct error *err)
{
	struct xz x = { .stream = LZMA_STREAM_INIT };
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = uselocale(utf8);
	struct archive *ar = archive_read_new();
	int rc = ar ? open_and_walk(ar, &x, data, size, path, v, err) :
		      error_set(err, ERR_MEMORY, "out of memory");

	if (ar)
		archive_read_free(ar);
	lzma_end(&x.stream);
	uselocale(before);
	if (utf8)
		freelocale(utf8);
	return rc;
}
