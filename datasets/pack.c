/* Three modes of one walk. Measuring and writing must add to value_at and
 * array_at in exactly the same way; that is why pack_array and write_strings
 * have one body for both and look at the mode only where bytes are copied.
 *
 * Reading trusts nothing: the caller has checked a checksum, but an offset is
 * still compared with the size of the file before it becomes a pointer. The
 * first thing that is wrong sets is_broken, after which every call gives NULL
 * or zeros, so that a walk needs no error handling of its own. */
#include "datasets/pack.h"

#include <string.h>

/* A cache line, and what the widest vector load wants. */
#define ALIGNMENT ((size_t)64)

size_t pack_align(size_t offset)
{
	return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Has anything gone wrong so far? */
static bool is_bad(const struct pack *p)
{
	return p->is_broken || p->out_of_memory;
}

void pack_value(struct pack *p, void *value, size_t size)
{
	if (p->mode == PACK_WRITE) {
		memcpy(p->out + p->value_at, value, size);
	} else if (p->mode == PACK_READ) {
		if (is_bad(p) || size > p->value_end - p->value_at) {
			p->is_broken = true;
			memset(value, 0, size);
			return;
		}
		memcpy(value, p->in + p->value_at, size);
	}
	p->value_at += size;
}

/* Where an array stands: offset 0 says there is none. */
struct place {
	uint64_t offset, bytes;
};

/* The array at the place that stands next in the stream. Its length must be
 * what the walk expects: a count that was changed is noticed here. */
static void read_array(struct pack *p, const void **data, size_t count,
		       size_t size)
{
	struct place at = { 0 };
	size_t bytes;

	pack_value(p, &at, sizeof(at));
	*data = NULL;
	if (is_bad(p) || !at.offset)
		return;
	if (__builtin_mul_overflow(count, size, &bytes) || at.bytes != bytes ||
	    at.offset > p->size || bytes > p->size - at.offset)
		p->is_broken = true;
	else
		*data = p->in + at.offset;
}

void pack_array(struct pack *p, const void **data, size_t count, size_t size)
{
	struct place at = { 0 };

	if (p->mode == PACK_READ) {
		read_array(p, data, count, size);
		return;
	}
	if (*data) {
		at = (struct place){ pack_align(p->array_at), count * size };
		p->array_at = at.offset + at.bytes;
		if (p->mode == PACK_WRITE && at.bytes)
			memcpy(p->out + at.offset, *data, at.bytes);
	}
	pack_value(p, &at, sizeof(at));
}

void pack_string(struct pack *p, const char **s)
{
	uint64_t bytes = p->mode != PACK_READ && *s ? strlen(*s) + 1 : 0;

	pack_value(p, &bytes, sizeof(bytes));
	if (p->mode == PACK_READ) {
		*s = NULL;
		if (is_bad(p) || !bytes)
			return;
		if (bytes > p->value_end - p->value_at ||
		    p->in[p->value_at + bytes - 1]) { /* no final NUL */
			p->is_broken = true;
			return;
		}
		*s = (const char *)p->in + p->value_at;
	} else if (p->mode == PACK_WRITE && bytes) {
		memcpy(p->out + p->value_at, *s, bytes);
	}
	p->value_at += bytes;
}

/* All strings end to end as one array. */
static void write_strings(struct pack *p, const char *const *list, size_t n)
{
	struct place at = { pack_align(p->array_at), 0 };
	uint8_t *to = p->mode == PACK_WRITE ? p->out + at.offset : NULL;

	for (size_t i = 0; i < n; i++) {
		size_t size = strlen(list[i]) + 1;

		if (to)
			memcpy(to + at.bytes, list[i], size);
		at.bytes += size;
	}
	p->array_at = at.offset + at.bytes;
	pack_value(p, &at.bytes, sizeof(at.bytes));
	pack_value(p, &at, sizeof(at));
}

/* Cut the text at its NULs into n strings. Only the list of pointers needs
 * memory; 80,000 glosses take one pass over a few megabytes. */
static const char *const *read_strings(struct pack *p, const char *text,
				       size_t size, size_t n)
{
	const char **list = ARENA_NEW(p->a, const char *, n);
	const char *end = text + size;

	if (!list) {
		p->out_of_memory = true;
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		const char *stop = text < end ?
			memchr(text, 0, (size_t)(end - text)) : NULL;

		if (!stop) {
			p->is_broken = true;
			return NULL;
		}
		list[i] = text;
		text = stop + 1;
	}
	return list;
}

void pack_strings(struct pack *p, const char *const **list, size_t n)
{
	/* a list of no strings is not the same as no list */
	uint8_t there = p->mode != PACK_READ && *list != NULL;
	const void *text = NULL;
	uint64_t bytes = 0;

	pack_value(p, &there, sizeof(there));
	if (p->mode != PACK_READ) {
		if (there)
			write_strings(p, *list, n);
		return;
	}
	*list = NULL;
	if (!there || is_bad(p))
		return;
	pack_value(p, &bytes, sizeof(bytes));
	read_array(p, &text, bytes, 1);
	if (!is_bad(p))
		*list = read_strings(p, text, bytes, n);
}
