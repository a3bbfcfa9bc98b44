/* The three libraries move bytes from an input to an output in steps, count in
 * types of their own and have their own ideas of what an error is; `struct
 * codec` gives them one face, and run() one loop with one limit.
 *
 * The output grows by doubling: a length that a file declares is a wish, and
 * gzip's is even only known modulo 2^32.
 */
#include "datasets/rdata/rdata_inflate.h"

#include <stdint.h>
#include <string.h>

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>

#define LIMIT_BASE  ((size_t)16 << 20)
#define LIMIT_RATIO ((size_t)1100)
#define LZMA_MEMORY ((uint64_t)128 << 20) /* xz -9 needs 65 MiB */
#define STEP_MAX    ((size_t)1 << 30)	  /* zlib and bzip2 count in ints */

enum progress { MORE, DONE, CORRUPT };

/* The three libraries behind one face: `step` moves bytes from in to out. */
struct codec {
	const char *name;
	const unsigned char *in;
	size_t in_left;
	unsigned char *out;
	size_t out_left;
	enum progress (*step)(struct codec *c);
	void (*end)(struct codec *c);
	int has_members; /* gzip */
	union {
		z_stream z;
		bz_stream b;
		lzma_stream x;
	};
};

/* What is beyond the libraries' counters waits for the next step. */
static unsigned step_size(size_t left)
{
	return (unsigned)(left < STEP_MAX ? left : STEP_MAX);
}

/* Move on by what a library consumed and made; a step that did neither while
 * there was room is stuck, which means that the stream is cut short. */
static enum progress advance(struct codec *c, size_t used, size_t made, int done)
{
	int stuck = !used && !made && c->out_left;

	c->in += used;
	c->in_left -= used;
	c->out += made;
	c->out_left -= made;
	return done ? DONE : stuck ? CORRUPT : MORE;
}

/* A gzip file may hold several members end to end (RFC 1952, section 2.2), as
 * parallel compressors and `cat a.gz b.gz` make them: their contents follow each
 * other. Anything else behind a member is padding, which gzip ignores too. */
static int next_member(struct codec *c)
{
	return c->has_members && c->in_left > 2 && c->in[0] == 0x1f &&
	       c->in[1] == 0x8b && inflateReset(&c->z) == Z_OK;
}

/* Z_BUF_ERROR only says that it could not move; advance() judges that. */
static enum progress zlib_step(struct codec *c)
{
	unsigned in = step_size(c->in_left), out = step_size(c->out_left);
	enum progress p;
	int r;

	c->z.next_in = (unsigned char *)(uintptr_t)c->in; /* zlib reads only */
	c->z.avail_in = in;
	c->z.next_out = c->out;
	c->z.avail_out = out;
	r = inflate(&c->z, Z_NO_FLUSH);
	if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
		return CORRUPT;
	p = advance(c, in - c->z.avail_in, out - c->z.avail_out, r == Z_STREAM_END);
	return p == DONE && next_member(c) ? MORE : p;
}

static void zlib_end(struct codec *c)
{
	inflateEnd(&c->z);
}

/* bzip2 reports being stuck as BZ_OK; advance() notices. */
static enum progress bzip2_step(struct codec *c)
{
	unsigned in = step_size(c->in_left), out = step_size(c->out_left);
	int r;

	c->b.next_in = (char *)(uintptr_t)c->in; /* bzip2 reads only */
	c->b.avail_in = in;
	c->b.next_out = (char *)c->out;
	c->b.avail_out = out;
	r = BZ2_bzDecompress(&c->b);
	if (r != BZ_OK && r != BZ_STREAM_END)
		return CORRUPT;
	return advance(c, in - c->b.avail_in, out - c->b.avail_out, r == BZ_STREAM_END);
}

static void bzip2_end(struct codec *c)
{
	BZ2_bzDecompressEnd(&c->b);
}

/* LZMA_RUN, not LZMA_FINISH: the end is the stream's own to declare. */
static enum progress lzma_step(struct codec *c)
{
	size_t in = c->in_left, out = c->out_left;
	lzma_ret r;

	c->x.next_in = c->in;
	c->x.avail_in = in;
	c->x.next_out = c->out;
	c->x.avail_out = out;
	r = lzma_code(&c->x, LZMA_RUN);
	if (r != LZMA_OK && r != LZMA_STREAM_END && r != LZMA_BUF_ERROR)
		return CORRUPT;
	return advance(c, in - c->x.avail_in, out - c->x.avail_out, r == LZMA_STREAM_END);
}

static void xz_end(struct codec *c)
{
	lzma_end(&c->x);
}

/* `window` is zlib's windowBits: 15 for a zlib header, 31 for a gzip one. */
static int zlib_begin(struct codec *c, int window)
{
	c->name = window > 15 ? "gzip" : "zlib";
	c->has_members = window > 15;
	c->step = zlib_step;
	c->end = zlib_end;
	return inflateInit2(&c->z, window) == Z_OK ? 0 : -1;
}

/* No output of its own, and the faster of its two memory modes. */
static int bzip2_begin(struct codec *c)
{
	c->name = "bzip2";
	c->step = bzip2_step;
	c->end = bzip2_end;
	return BZ2_bzDecompressInit(&c->b, 0, 0) == BZ_OK ? 0 : -1;
}

/* The memory limit keeps a forged dictionary size from taking gigabytes. */
static int xz_begin(struct codec *c)
{
	c->name = "xz";
	c->step = lzma_step;
	c->end = xz_end;
	c->x = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&c->x, LZMA_MEMORY, 0) == LZMA_OK ? 0 : -1;
}

/* R writes these without a container: LZMA2 as preset 6 sets it up. */
static int lzma2_begin(struct codec *c)
{
	lzma_options_lzma options;
	const lzma_filter filters[] = {
		{ .id = LZMA_FILTER_LZMA2, .options = &options },
		{ .id = LZMA_VLI_UNKNOWN },
	};

	c->name = "lzma2";
	c->step = lzma_step;
	c->end = xz_end;
	c->x = (lzma_stream)LZMA_STREAM_INIT;
	if (lzma_lzma_preset(&options, 6))
		return -1;
	return lzma_raw_decoder(&c->x, filters) == LZMA_OK ? 0 : -1;
}

/* A larger buffer with what was made so far in front. The old one stays in the
 * arena; doubling keeps their sum below the new one. */
static int enlarge(struct codec *c, struct rdata_bytes *buf, size_t limit,
		   struct arena *a, struct error *err)
{
	size_t size = buf->size > limit / 2 ? limit : 2 * buf->size;
	unsigned char *data;

	if (buf->size == limit)
		return error_set(err, ERR_DATA,
				 "%s data of more than %zu bytes uncompressed", c->name,
				 limit);
	data = ARENA_RAW(a, unsigned char, size);
	if (!data)
		return arena_error(a, err);
	memcpy(data, buf->data, buf->size);
	c->out = data + buf->size;
	c->out_left = size - buf->size;
	*buf = (struct rdata_bytes){ .data = data, .size = size };
	return 0;
}

/* Run a begun codec to its end: at first into `guess` bytes, never into more
 * than `limit`. One spare byte, so that a full buffer is not yet too full. */
static int run(struct codec *c, size_t guess, size_t limit, struct arena *a,
	       struct rdata_bytes *out, struct error *err)
{
	struct rdata_bytes buf = { .size = guess < limit ? guess : limit };
	enum progress p = MORE;

	buf.data = ARENA_RAW(a, unsigned char, buf.size);
	if (!buf.data)
		return arena_error(a, err);
	c->out = buf.data;
	c->out_left = buf.size;
	while ((p = c->step(c)) == MORE)
		if (!c->out_left && enlarge(c, &buf, limit, a, err))
			return err->code;
	if (p == CORRUPT)
		return error_set(err, ERR_DATA,
				 c->in_left ? "the %s data are corrupted"
					    : "the %s data are cut short",
				 c->name);
	*out = (struct rdata_bytes){ .data = buf.data,
				     .size = (size_t)(c->out - buf.data) };
	return 0;
}

/* Stored bytes are copied too: reading strings in place overwrites them. */
static int copy(const unsigned char *in, size_t size, struct arena *a,
		struct rdata_bytes *out, struct error *err)
{
	*out = (struct rdata_bytes){ .data = arena_copy(a, in, size), .size = size };
	return out->data ? 0 : arena_error(a, err);
}

/* How large the output may get; see the header for the reason. */
static size_t limit_of(size_t size)
{
	if (size > (SIZE_MAX - LIMIT_BASE) / LIMIT_RATIO)
		return SIZE_MAX;
	return LIMIT_BASE + LIMIT_RATIO * size;
}

static int starts(const unsigned char *in, size_t size, const char *magic, size_t n)
{
	return size >= n && !memcmp(in, magic, n);
}

/* The libraries allocate for themselves; that can fail as well. */
static int no_codec(const struct codec *c, struct error *err)
{
	return error_set(err, ERR_MEMORY, "out of memory in the %s library", c->name);
}

/* R's save() and saveRDS() know these three and none; most ratios lie between 2
 * and 6, so the first guess seldom has to grow more than once. */
int rdata_inflate_file(const unsigned char *in, size_t size, struct arena *a,
		       struct rdata_bytes *out, struct error *err)
{
	struct codec c = { .in = in, .in_left = size };
	int r;

	if (starts(in, size, "\x1f\x8b", 2))
		r = zlib_begin(&c, 15 + 16); /* 16: with a gzip header */
	else if (starts(in, size, "BZh", 3))
		r = bzip2_begin(&c);
	else if (starts(in, size, "\xfd\x37zXZ", 6))
		r = xz_begin(&c);
	else
		return copy(in, size, a, out, err);
	if (r)
		return no_codec(&c, err);
	r = run(&c, 4 * size + 4096, limit_of(size), a, out, err);
	c.end(&c);
	return r;
}

/* Begin the codec of a blob behind its length. 1: no codec, bytes as they are;
 * -1: the library has no memory. */
static int blob_begin(struct codec *c)
{
	int letter = *c->in;

	if (memchr("012Z", letter, 4)) {
		c->in++;
		c->in_left--;
	}
	switch (letter) {
	case '0':
		return 1;
	case '2':
		return bzip2_begin(c);
	case 'Z':
		return lzma2_begin(c);
	default: /* a zlib stream starts with 0x78: no letter above */
		return zlib_begin(c, 15);
	}
}

/* Here the length is known beforehand, and a different one means damage, also
 * of bytes that are only stored. One spare byte keeps a full buffer from looking
 * too small. */
int rdata_inflate_blob(const unsigned char *in, size_t size, struct arena *a,
		       struct rdata_bytes *out, struct error *err)
{
	size_t want, limit = limit_of(size);
	struct codec c = { 0 };
	int r;

	if (size < 6)
		return error_set(err, ERR_DATA, "an entry of %zu bytes", size);
	c.in = in + 4;
	c.in_left = size - 4;
	want = (size_t)in[0] << 24 | (size_t)in[1] << 16 | (size_t)in[2] << 8 | in[3];
	if (want > limit)
		return error_set(err, ERR_DATA, "%zu bytes are said to hold %zu", size,
				 want);
	r = blob_begin(&c);
	if (r < 0)
		return no_codec(&c, err);
	if (r) {
		r = copy(c.in, c.in_left, a, out, err);
	} else {
		r = run(&c, want + 1, limit, a, out, err);
		c.end(&c);
	}
	if (!r && out->size != want)
		r = error_set(err, ERR_DATA, "%zu bytes where %zu were promised",
			      out->size, want);
	return r;
}
