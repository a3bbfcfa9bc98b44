/* Strings, vectors and lists of R's serialization.
 *
 * Each asks whether the bytes for what it was promised are there before it takes
 * memory for it, so a forged length costs nothing; that works because the whole
 * item is uncompressed in memory by now.
 */
#include "datasets/rdata/rdata_serial.h"

#include <string.h>

#define LEVEL_LATIN1 (1u << 2) /* of a CHARSXP; levels start at bit 12 */
#define LEVEL_UTF8   (1u << 3)

/* ISO 8859-1 is the first 256 code points of Unicode: each byte above 0x7f
 * becomes two. */
static const char *from_latin1(struct serial *s, const char *text, size_t n)
{
	char *utf8 = ARENA_RAW(s->arena, char, 2 * n + 1), *p = utf8;

	if (!utf8) {
		arena_error(s->arena, s->err);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x80) {
			*p++ = (char)(0xc0 | c >> 6);
			c = (unsigned char)(0x80 | (c & 0x3f));
		}
		*p++ = (char)c;
	}
	*p = '\0';
	return utf8;
}

/* Most strings are, and are the same in every encoding. */
static bool is_ascii(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] & 0x80)
			return false;
	return true;
}

/* A CHARSXP behind its flags. The string moves down over its own length, which
 * makes room for the final NUL without a copy. *out = NULL is NA. */
int serial_string(struct serial *s, uint32_t flags, const char **out)
{
	uint32_t levels = flags >> 12;
	const struct rvalue *unused;
	char *text;
	int32_t n;

	if ((flags & 0xff) != CHARSXP)
		return serial_bad(s, "something else where a string should be");
	if (serial_int(s, &n))
		return s->err->code;
	*out = NULL;
	if (n < -1)
		return serial_bad(s, "a negative length");
	if (n >= 0) {
		if (serial_need(s, (size_t)n, 1))
			return s->err->code;
		text = (char *)s->at - 4;
		memmove(text, s->at, (size_t)n);
		text[n] = '\0';
		s->at += n;
		*out = text;
		if ((levels & LEVEL_LATIN1 || (s->latin1 && !(levels & LEVEL_UTF8))) &&
		    !is_ascii(text, (size_t)n))
			*out = from_latin1(s, text, (size_t)n);
		if (!*out)
			return s->err->code;
	}
	return flags & FLAG_ATTRIBUTES ? serial_item(s, &unused) : 0;
}

/* Elements of character vectors and names of symbols. */
int serial_next_string(struct serial *s, const char **out)
{
	int32_t flags;

	if (serial_int(s, &flags))
		return s->err->code;
	return serial_string(s, (uint32_t)flags, out);
}

/* ---------------------------------------------------------------- vectors */

/* Words of 4 or 8 bytes, at any alignment -> the machine's order. */
static void copy_words(const struct serial *s, void *to, size_t n, size_t size)
{
	uint32_t *w4 = to;
	uint64_t *w8 = to;

	memcpy(to, s->at, n * size);
	if (!s->swap || size == 1)
		return;
	for (size_t i = 0; size == 4 && i < n; i++)
		w4[i] = __builtin_bswap32(w4[i]);
	for (size_t i = 0; size == 8 && i < n; i++)
		w8[i] = __builtin_bswap64(w8[i]);
}

/* A vector of plain numbers: `width` words of `size` bytes an element. */
int serial_numbers(struct serial *s, enum rdata_type type, size_t width, size_t size,
		   struct rvalue **out)
{
	struct rvalue *v;
	void *data;
	size_t n;

	if (serial_length(s, &n) || serial_need(s, n, width * size))
		return s->err->code;
	v = serial_new(s, type, n);
	data = arena_alloc_raw(s->arena, n * width, size);
	if (!v || !data)
		return arena_error(s->arena, s->err);
	copy_words(s, data, n * width, size);
	s->at += n * width * size;
	if (type == RDATA_RAW)
		v->bytes = data;
	else if (size == 4)
		v->ints = data;
	else
		v->reals = data;
	*out = v;
	return 0;
}

/* Flags and a length are the least that a string takes: 8 bytes, and a pointer
 * of 8 for it. The text itself costs nothing. */
int serial_strings(struct serial *s, struct rvalue **out)
{
	const char **list;
	struct rvalue *v;
	size_t n;

	/* Flags and a length are the least that a string takes. */
	if (serial_length(s, &n) || serial_need(s, n, 8))
		return s->err->code;
	v = serial_new(s, RDATA_STRING, n);
	list = ARENA_RAW(s->arena, const char *, n);
	if (!v || !list)
		return arena_error(s->arena, s->err);
	for (size_t i = 0; i < n; i++)
		if (serial_next_string(s, &list[i]))
			return s->err->code;
	v->strings = list;
	*out = v;
	return 0;
}

/* An item is at least its flags: 4 bytes for a pointer of 8. */
int serial_list(struct serial *s, enum rdata_type type, struct rvalue **out)
{
	const struct rvalue **items;
	struct rvalue *v;
	size_t n;

	if (serial_length(s, &n) || serial_need(s, n, 4))
		return s->err->code;
	v = serial_new(s, type, n);
	items = ARENA_RAW(s->arena, const struct rvalue *, n);
	if (!v || !items)
		return arena_error(s->arena, s->err);
	for (size_t i = 0; i < n; i++)
		if (serial_item(s, &items[i]))
			return s->err->code;
	v->items = items;
	*out = v;
	return 0;
}
