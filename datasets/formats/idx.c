/* The IDX format of the MNIST family (LeCun, Cortes & Burges,
 * yann.lecun.com/exdb/mnist, "FILE FORMATS"): two zero bytes, a type, the
 * number of dimensions, their sizes as 32-bit big-endian numbers, then the
 * values.
 *
 * The header is believed only as far as the file can bear it out: memory is
 * taken after the number of values it promises was compared with what so many
 * bytes can possibly hold. */
#include "datasets/formats/idx.h"

#include <string.h>

#include <zlib.h>

#include "harness/base/file.h"

#define IDX_UNSIGNED_BYTE 0x08
#define MAX_HEADER (4 + 4 * IDX_MAX_DIMS)
/* A stored deflate block of n bytes never expands beyond this factor
 * (zlib's technical details page); a header that wants more is lying. */
#define DEFLATE_MAX_RATIO 1032

/* Where bytes come from: a gzip stream or the memory itself. */
struct stream {
	bool packed;
	bool ended; /* packed only: length and checksum of all were right */
	z_stream z;
	const uint8_t *next; /* plain only */
	size_t left;
};

/* gzip is known by its two magic bytes, which no IDX file starts with. */
static int stream_open(struct stream *s, const uint8_t *data, size_t size,
		       struct error *err)
{
	*s = (struct stream){ .next = data, .left = size };
	s->packed = size >= 2 && data[0] == 0x1f && data[1] == 0x8b;
	if (!s->packed)
		return 0;
	/* 15: the largest window; + 16: a gzip header and trailer */
	s->z.next_in = (Bytef *)(uintptr_t)data;
	if (inflateInit2(&s->z, 15 + 16) != Z_OK)
		return error_set(err, ERR_MEMORY, "out of memory: zlib");
	return 0;
}

/* Also after an error: zlib's window is the one thing not in the arena. */
static void stream_close(struct stream *s)
{
	if (s->packed)
		inflateEnd(&s->z);
}

/* zlib counts in 32 bits. */
static uInt at_most(size_t n)
{
	return n > 1u << 30 ? 1u << 30 : (uInt)n;
}

/* Inflate up to n bytes; returns how many came before the end or a fault. */
static size_t inflate_some(struct stream *s, uint8_t *out, size_t n)
{
	size_t got = 0;

	while (got < n) {
		uInt fed = at_most(s->left), room = at_most(n - got);
		int rc;

		s->z.avail_in = fed;
		s->z.next_out = out + got;
		s->z.avail_out = room;
		rc = inflate(&s->z, Z_NO_FLUSH);
		s->left -= fed - s->z.avail_in;
		got += room - s->z.avail_out;
		s->ended = rc == Z_STREAM_END;
		if (rc != Z_OK)
			break;
	}
	return got;
}

/* The next n bytes, or fewer when the stream ends or is broken. */
static size_t stream_get(struct stream *s, uint8_t *out, size_t n)
{
	if (s->packed)
		return inflate_some(s, out, n);
	if (n > s->left)
		n = s->left;
	if (n)
		memcpy(out, s->next, n);
	s->next += n;
	s->left -= n;
	return n;
}

/* Byte by byte: the header has no alignment and the machine may be either. */
static size_t big_endian(const uint8_t b[4])
{
	return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
}

/* Dimensions and their product, which must not overflow. */
static int read_header(struct stream *s, struct idx *out, struct error *err)
{
	uint8_t h[MAX_HEADER];

	if (stream_get(s, h, 4) != 4 || h[0] || h[1])
		return error_set(err, ERR_DATA, "no idx file: it does not start "
				 "with two zero bytes");
	if (h[2] != IDX_UNSIGNED_BYTE)
		return error_set(err, ERR_DATA, "idx of type 0x%02x: only "
				 "unsigned bytes (0x08) are known", h[2]);
	out->dims = h[3];
	if (!out->dims || out->dims > IDX_MAX_DIMS)
		return error_set(err, ERR_DATA, "idx with %zu dimensions: 1 to "
				 "%d are known", out->dims, IDX_MAX_DIMS);
	if (stream_get(s, h, 4 * out->dims) != 4 * out->dims)
		return error_set(err, ERR_DATA, "the idx header is cut short");
	out->count = 1;
	for (size_t d = 0; d < out->dims; d++) {
		out->size[d] = big_endian(h + 4 * d);
		if (__builtin_mul_overflow(out->count, out->size[d], &out->count))
			return error_set(err, ERR_DATA,
					 "the idx dimensions are too large");
	}
	return 0;
}

/* Exactly the promised values, and nothing behind them: too much is as sure a
 * sign of a wrong header as too little. */
static int read_values(struct stream *s, struct idx *out, size_t size,
		       struct arena *a, struct error *err)
{
	size_t most = s->packed ? size : s->left, got;
	uint8_t *values, more;

	if (s->packed &&
	    __builtin_mul_overflow(size, (size_t)DEFLATE_MAX_RATIO, &most))
		most = SIZE_MAX;
	if (out->count > most)
		return error_set(err, ERR_DATA, "the idx header promises %zu "
				 "values, more than %zu bytes can hold: the "
				 "file is cut short or broken", out->count, size);
	values = ARENA_RAW(a, uint8_t, out->count);
	if (!values)
		return arena_error(a, err);
	got = stream_get(s, values, out->count);
	if (got != out->count)
		return error_set(err, ERR_DATA, "the idx header promises %zu "
				 "values, %zu came: the file is cut short or "
				 "broken", out->count, got);
	if (stream_get(s, &more, 1))
		return error_set(err, ERR_DATA, "bytes behind the %zu values "
				 "that the idx header promises", out->count);
	/* zlib compares the checksum only when it is asked for more */
	if (s->packed && !s->ended)
		return error_set(err, ERR_DATA, "the gzip stream around the idx "
				 "values is cut short or broken");
	out->values = values;
	return 0;
}

/* From memory, for tests and fuzzers; idx_read maps a file for it. */
int idx_parse(struct idx *out, const uint8_t *data, size_t size,
	      struct arena *a, struct error *err)
{
	struct stream s;
	int rc = stream_open(&s, data, size, err);

	if (rc)
		return rc;
	*out = (struct idx){ 0 };
	rc = read_header(&s, out, err);
	if (!rc)
		rc = read_values(&s, out, size, a, err);
	stream_close(&s);
	return rc;
}

int idx_read(struct idx *out, const char *path, struct arena *a,
	     struct error *err)
{
	struct file_map m;
	int rc = file_map(&m, path, err);

	if (rc)
		return rc;
	rc = idx_parse(out, m.data, m.size, a, err);
	file_unmap(&m);
	return rc ? error_wrap(err, "%s", path) : 0;
}
