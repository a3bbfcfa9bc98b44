/* Predictions are kept so that metrics, calibration and paired tests can be
 * recomputed without fitting again. The digest in the header covers the arrays
 * as they are in memory: gzip's own checksum is 32 bits, enough against a torn
 * disk and too little for something that a published number rests on. */
#include "results/predictions.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "harness/base/file.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "prediction files are little endian and written as they are");

#define MAGIC "triarchP"
#define GZIP_WINDOW (15 + 16) /* zlib: the largest window, gzip's wrapper */
/* zlib counts the bytes of a call in 32 bits; 2 GiB of scores are a mistake. */
#define BODY_MAX ((size_t)1 << 31)

/* The fixed part of the file, as it lies in memory. */
struct header {
	char magic[8];
	uint32_t version, outputs;
	uint64_t rows;
	char sha256[64];
};
_Static_assert(sizeof(struct header) == 88, "the header has no padding");

/* Of the scores alone: items and truth follow from the question. */
void predictions_hash(const struct predictions *p, char hex[HASH_HEX])
{
	hash_bytes(p->scores, p->rows * p->outputs * sizeof(float), hex);
}

/* rows * (item, truth, outputs scores), checked: a damaged header may claim
 * any sizes, and the caller allocates what comes out. */
static size_t body_size(uint64_t rows, uint32_t outputs, bool *fits)
{
	uint64_t bytes;

	*fits = !__builtin_mul_overflow(rows, (uint64_t)outputs + 2, &bytes) &&
		bytes <= BODY_MAX / sizeof(float);
	return *fits ? (size_t)bytes * sizeof(float) : 0;
}

/* Header and body as they stand in the file before compression. */
static int pack(struct arena *a, const struct predictions *p,
		unsigned char **data, size_t *size, struct error *err)
{
	struct header h = { .version = PREDICTIONS_VERSION,
			    .outputs = (uint32_t)p->outputs,
			    .rows = p->rows };
	size_t column = p->rows * sizeof(float);
	char hex[HASH_HEX];
	unsigned char *body;
	bool fits;

	assert(p->rows && p->outputs && p->outputs <= UINT32_MAX);
	*size = sizeof(h) + body_size(p->rows, h.outputs, &fits);
	if (!fits)
		return error_set(err, ERR_DATA,
				 "%zu x %zu predictions are too many to store",
				 p->rows, p->outputs);
	*data = arena_alloc(a, *size, 1);
	if (!*data)
		return arena_error(a, err);
	body = *data + sizeof(h);
	memcpy(body, p->item, column);
	memcpy(body + column, p->truth, column);
	memcpy(body + 2 * column, p->scores, column * p->outputs);
	hash_bytes(body, *size - sizeof(h), hex);
	memcpy(h.magic, MAGIC, sizeof(h.magic));
	memcpy(h.sha256, hex, sizeof(h.sha256));
	memcpy(*data, &h, sizeof(h));
	return 0;
}

/* One call of deflate: the bound says how much it can come to. */
static int gzip(struct arena *a, unsigned char *data, size_t size,
		unsigned char **out, size_t *out_size, struct error *err)
{
	z_stream z = { .next_in = data, .avail_in = (uInt)size };
	uLong bound;
	int rc;

	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 9,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return error_set(err, ERR_MEMORY, "out of memory: zlib");
	bound = deflateBound(&z, size);
	*out = arena_alloc_raw(a, bound, 1);
	if (!*out) {
		deflateEnd(&z);
		return arena_error(a, err);
	}
	z.next_out = *out;
	z.avail_out = (uInt)bound;
	rc = deflate(&z, Z_FINISH);
	*out_size = z.total_out;
	deflateEnd(&z);
	return rc == Z_STREAM_END ? 0 : error_set(err, ERR_BUG, "zlib: %d", rc);
}

/* In memory first and then in one piece to the disk, so that the publication
 * stays all or nothing. Twice the size of the arrays at the peak. */
int predictions_write(const char *path, const struct predictions *p,
		      struct error *err)
{
	unsigned char *data = NULL, *packed = NULL;
	size_t size = 0, packed_size = 0;
	struct arena a;
	int rc;

	arena_init(&a, 0);
	rc = pack(&a, p, &data, &size, err);
	if (!rc)
		rc = gzip(&a, data, size, &packed, &packed_size, err);
	if (!rc)
		rc = file_replace(path, packed, packed_size, err);
	arena_clear(&a);
	return rc ? error_wrap(err, "storing predictions") : 0;
}

/* The file is named, because the row that led here is not at fault. */
static int broken(const char *path, const char *why, struct error *err)
{
	return error_set(err, ERR_DATA, "%s: %s", path, why);
}

/* Exactly `size` more bytes out of the stream; `last`: and nothing after. */
static bool inflate_exactly(z_stream *z, void *out, size_t size, bool last)
{
	int rc;

	z->next_out = out;
	z->avail_out = (uInt)size;
	rc = inflate(z, Z_NO_FLUSH);
	if (!last)
		return rc == Z_OK && !z->avail_out;
	/* The trailer (checksum, length) is read only when there is room left
	 * to ask for, so a spare byte is offered and must stay unused. */
	if (rc == Z_OK && !z->avail_out) {
		unsigned char spare;

		z->next_out = &spare;
		z->avail_out = 1;
		rc = inflate(z, Z_FINISH);
		return rc == Z_STREAM_END && z->avail_out == 1;
	}
	return rc == Z_STREAM_END && !z->avail_out;
}

/* Magic first: without it the other fields mean nothing. */
static int check_header(const struct header *h, const char *path,
			struct error *err)
{
	bool fits;

	if (memcmp(h->magic, MAGIC, sizeof(h->magic)))
		return broken(path, "not a file of predictions", err);
	if (h->version > PREDICTIONS_VERSION)
		return broken(path, "made by a newer version: use a newer triarch",
			      err);
	body_size(h->rows, h->outputs, &fits);
	return fits && h->rows ? 0 : broken(path, "damaged header", err);
}

/* The header decides how much is read; then the stream must end, and the
 * arrays must be those that were written. They stay in one block. */
static int unpack(z_stream *z, const char *path, struct arena *a,
		  struct predictions *p, struct error *err)
{
	struct header h;
	char hex[HASH_HEX];
	unsigned char *body;
	size_t size, column;
	bool fits;
	int rc;

	if (!inflate_exactly(z, &h, sizeof(h), false))
		return broken(path, "cut short or damaged", err);
	rc = check_header(&h, path, err);
	if (rc)
		return rc;
	size = body_size(h.rows, h.outputs, &fits);
	body = arena_alloc_raw(a, size, 1);
	if (!body)
		return arena_error(a, err);
	if (!inflate_exactly(z, body, size, true))
		return broken(path, "cut short or damaged", err);
	hash_bytes(body, size, hex);
	if (memcmp(hex, h.sha256, sizeof(h.sha256)))
		return broken(path, "the digest in its header is another", err);
	column = h.rows * sizeof(float);
	*p = (struct predictions){
		.rows = h.rows,
		.outputs = h.outputs,
		.item = (const uint32_t *)(const void *)body,
		.truth = (const float *)(const void *)(body + column),
		.scores = (const float *)(const void *)(body + 2 * column),
	};
	return 0;
}

/* ERR_MISSING is its own answer: rows without predictions are legal, and only
 * whoever needs them knows whether that is a mistake. */
int predictions_read(const char *path, struct arena *a, struct predictions *p,
		     struct error *err)
{
	struct file_map m;
	z_stream z = { 0 };
	int rc;

	if (!file_exists(path))
		return error_set(err, ERR_MISSING, "no predictions at '%s'",
				 path);
	rc = file_map(&m, path, err);
	if (rc)
		return rc;
	z.next_in = (Bytef *)(size_t)m.data;
	z.avail_in = (uInt)m.size;
	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		rc = error_set(err, ERR_MEMORY, "out of memory: zlib");
	else
		rc = unpack(&z, path, a, p, err);
	inflateEnd(&z);
	file_unmap(&m);
	return rc;
}
