/* In three steps: the digest over all (damage), the version (age), the index of
 * arrays (a file that somebody made on purpose). The fuzzer goes for the third
 * and for the learners behind it, as it gives its files right digests. */
#include "learners/model/model_reader.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/hash.h"

static uint32_t get_u32(const unsigned char *p)
{
	uint32_t x;

	memcpy(&x, p, sizeof(x));
	return le32toh(x);
}

static uint64_t get_u64(const unsigned char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return le64toh(x);
}

int model_reader_bad(const struct model_reader *r, struct error *err, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return error_set(err, ERR_DATA, "%s: damaged model: %s", r->path, what);
}

/* ---------------------------------------------------------------- opening */

/* The size is looked at before the digest, as a file that lacks its end is worth
 * other words than one with a wrong bit. */
static int check_whole(const struct model_reader *r, const unsigned char *bytes,
		       size_t size, struct error *err)
{
	char hex[HASH_HEX];

	if (size < MODEL_MAGIC_SIZE || memcmp(bytes, MODEL_MAGIC, MODEL_MAGIC_SIZE))
		return error_set(err, ERR_DATA, "%s: not a model of triarch's ('triarch "
				 "try LEARNER ... --save FILE' makes one)", r->path);
	if (size < MODEL_HEAD + MODEL_DIGEST)
		return model_reader_bad(r, err, "cut short after %zu bytes", size);
	hash_bytes(bytes, size - MODEL_DIGEST, hex);
	if (!memcmp(hex, bytes + size - MODEL_DIGEST, MODEL_DIGEST))
		return 0;
	if (get_u64(bytes + MODEL_MAGIC_SIZE + 4) > size)
		return model_reader_bad(r, err, "%zu bytes of %llu are there, it was cut "
					"short", size, (unsigned long long)get_u64(
						bytes + MODEL_MAGIC_SIZE + 4));
	return model_reader_bad(r, err, "its content does not match its checksum");
}

/* What lies at *at; false when it does not fit between there and `end`. */
static bool parse_array(const unsigned char *bytes, size_t *at, size_t end,
			struct model_array *out)
{
	size_t left = end - *at, size;
	const unsigned char *p = bytes + *at;

	if (left < 10)
		return false;
	*out = (struct model_array){ .type = (enum model_type)p[0], .name_size = p[1],
				     .name = p + 10 };
	size = model_type_size(out->type);
	left -= 10;
	if (!size || !out->name_size || out->name_size > left)
		return false;
	left -= out->name_size;
	if (get_u64(p + 2) > left / size)
		return false;
	out->n = (size_t)get_u64(p + 2);
	out->data = out->name + out->name_size;
	*at = (size_t)(out->data - bytes) + out->n * size;
	return true;
}

/* How many arrays there are, or SIZE_MAX where one does not fit. */
static size_t walk_arrays(const unsigned char *bytes, size_t end, struct model_array *out)
{
	struct model_array one;
	size_t at = MODEL_HEAD, n = 0;

	for (; at < end; n++) {
		if (!parse_array(bytes, &at, end, &one))
			return SIZE_MAX;
		if (out)
			out[n] = one;
	}
	return n;
}

int model_reader_open(struct model_reader *r, const void *bytes, size_t size,
		      const char *path, struct arena *a, struct error *err)
{
	const unsigned char *p = bytes;

	*r = (struct model_reader){ .arena = a, .path = path };
	if (check_whole(r, p, size, err))
		return (int)err->code;
	if (get_u32(p + MODEL_MAGIC_SIZE) > MODEL_VERSION)
		return error_set(err, ERR_DATA, "%s: made by a newer triarch (layout %u, "
				 "this one reads up to %d)", path,
				 get_u32(p + MODEL_MAGIC_SIZE), MODEL_VERSION);
	r->n = walk_arrays(p, size - MODEL_DIGEST, NULL);
	if (r->n == SIZE_MAX)
		return model_reader_bad(r, err, "an array goes beyond its end");
	r->array = ARENA_NEW(a, struct model_array, r->n);
	if (!r->array)
		return arena_error(a, err);
	walk_arrays(p, size - MODEL_DIGEST, r->array);
	return 0;
}

/* ---------------------------------------------------------------- asking */

/* A few dozen names: a search in order is enough. The first of two of one name is
 * the one; the second is then one that nobody asked for. */
static struct model_array *find(const struct model_reader *r, const char *name)
{
	size_t size = strlen(name);

	for (size_t k = 0; k < r->n; k++)
		if (r->array[k].name_size == size && !memcmp(r->array[k].name, name, size))
			return &r->array[k];
	return NULL;
}

bool model_reader_has(const struct model_reader *r, const char *name)
{
	return find(r, name) != NULL;
}

static int get(struct model_reader *r, const char *name, enum model_type type,
	       struct model_array **out, struct error *err)
{
	struct model_array *a = find(r, name);

	if (!a)
		return model_reader_bad(r, err, "'%s' is missing", name);
	if (a->type != type)
		return model_reader_bad(r, err, "'%s' is of type %d, not %d", name,
					(int)a->type, (int)type);
	a->used = true;
	*out = a;
	return 0;
}

int model_reader_size(struct model_reader *r, const char *name, enum model_type type,
		      size_t *n, struct error *err)
{
	struct model_array *a = NULL;

	if (get(r, name, type, &a, err))
		return (int)err->code;
	*n = a->n;
	return 0;
}

/* In place, and nothing at all where memory is as the file is. */
static void turn(void *data, size_t n, size_t size)
{
	unsigned char *p = data, byte;

	for (size_t k = 0; BYTE_ORDER != LITTLE_ENDIAN && k < n; k++, p += size)
		for (size_t b = 0; b < size / 2; b++) {
			byte = p[b];
			p[b] = p[size - 1 - b];
			p[size - 1 - b] = byte;
		}
}

int model_reader_array(struct model_reader *r, const char *name, enum model_type type,
		       size_t n, const void **out, struct error *err)
{
	size_t size = model_type_size(type);
	struct model_array *a = NULL;
	void *copy;

	if (get(r, name, type, &a, err))
		return (int)err->code;
	if (a->n != n)
		return model_reader_bad(r, err, "'%s' has %zu elements where %zu belong",
					name, a->n, n);
	copy = arena_copy(r->arena, a->data, n * size);
	if (!copy)
		return arena_error(r->arena, err);
	turn(copy, n, size);
	*out = copy;
	return 0;
}

int model_reader_count(struct model_reader *r, const char *name, uint64_t most,
		       size_t *out, struct error *err)
{
	struct model_array *a = NULL;

	if (get(r, name, MODEL_U64, &a, err))
		return (int)err->code;
	if (a->n != 1 || get_u64(a->data) > most)
		return model_reader_bad(r, err, "'%s' is not one number up to %llu", name,
					(unsigned long long)most);
	*out = (size_t)get_u64(a->data);
	return 0;
}

int model_reader_texts(struct model_reader *r, const char *name, size_t n,
		       const char *const **out, struct error *err)
{
	const void *bytes = NULL;
	const char *p, *end, **list;
	size_t size = 0;

	if (model_reader_size(r, name, MODEL_TEXT, &size, err))
		return (int)err->code;
	/* each has a NUL: no list is longer than the file */
	list = n <= size ? ARENA_NEW(r->arena, const char *, n) : NULL;
	if (n <= size && !list)
		return arena_error(r->arena, err);
	if (model_reader_array(r, name, MODEL_TEXT, size, &bytes, err))
		return (int)err->code;
	p = bytes;
	end = p + size;
	for (size_t k = 0; list && k < n; k++) {
		const char *nul = p < end ? memchr(p, 0, (size_t)(end - p)) : NULL;

		list[k] = p;
		if (!nul)
			return model_reader_bad(r, err, "'%s' has too few texts", name);
		p = nul + 1;
	}
	if (!list || p != end)
		return model_reader_bad(r, err, "'%s' has not %zu texts", name, n);
	*out = list;
	return 0;
}

int model_reader_text(struct model_reader *r, const char *name, const char **out,
		      struct error *err)
{
	const char *const *list;

	if (model_reader_texts(r, name, 1, &list, err))
		return (int)err->code;
	*out = list[0];
	return 0;
}

int model_reader_done(const struct model_reader *r, struct error *err)
{
	for (size_t k = 0; k < r->n; k++)
		if (!r->array[k].used)
			return error_set(err, ERR_DATA, "%s: made by a newer triarch: it "
					 "holds '%.*s', which this one does not know",
					 r->path, (int)r->array[k].name_size,
					 (const char *)r->array[k].name);
	return 0;
}
