/* R's serialization, written by hand: the bytes that the tests of the reader
 * and its fuzzers start from. */
#ifndef TRIARCH_RDATA_WRITER_H
#define TRIARCH_RDATA_WRITER_H

#include <stdint.h>
#include <string.h>

#define W_MAX	 8192
#define W_OBJECT 0x100u
#define W_ATTR	 0x200u
#define W_TAG	 0x400u
#define W_NA	 INT32_MIN

struct writer {
	unsigned char bytes[W_MAX];
	size_t n;
};

static inline void w_bytes(struct writer *w, const void *p, size_t n)
{
	if (n && w->n + n <= W_MAX) {
		memcpy(w->bytes + w->n, p, n);
		w->n += n;
	}
}

static inline void w_int(struct writer *w, int32_t x)
{
	uint32_t be = __builtin_bswap32((uint32_t)x);

	w_bytes(w, &be, 4);
}

static inline void w_real(struct writer *w, double x)
{
	uint64_t be;

	memcpy(&be, &x, 8);
	be = __builtin_bswap64(be);
	w_bytes(w, &be, 8);
}

/* An item's flags: type, bits, and levels (encoding of a string). */
static inline void w_item(struct writer *w, unsigned type, unsigned bits)
{
	w_int(w, (int32_t)(type | bits));
}

/* The start of a stream: "X\n", format, R 4.2.2, least R. */
static inline void w_begin(struct writer *w, int version)
{
	w_bytes(w, "X\n", 2);
	w_int(w, version);
	w_int(w, 0x040202);
	w_int(w, version == 3 ? 0x030500 : 0x020300);
	if (version == 3) {
		w_int(w, 5);
		w_bytes(w, "UTF-8", 5);
	}
}

static inline void w_char(struct writer *w, const char *text, unsigned levels)
{
	w_item(w, 9, levels << 12);
	w_int(w, text ? (int32_t)strlen(text) : -1);
	w_bytes(w, text, text ? strlen(text) : 0);
}

static inline void w_symbol(struct writer *w, const char *name)
{
	w_item(w, 1, 0);
	w_char(w, name, 64);
}

static inline void w_nil(struct writer *w)
{
	w_item(w, 254, 0);
}

static inline void w_ref(struct writer *w, int index)
{
	w_int(w, index << 8 | 255);
}

/* Vectors, with their attributes to follow when `bits` says so. */
static inline void w_ints(struct writer *w, unsigned type, unsigned bits, int n,
			  const int32_t *x)
{
	w_item(w, type, bits);
	w_int(w, n);
	for (int i = 0; i < n; i++)
		w_int(w, x[i]);
}

static inline void w_reals(struct writer *w, unsigned bits, int n, const double *x)
{
	w_item(w, 14, bits);
	w_int(w, n);
	for (int i = 0; i < n; i++)
		w_real(w, x[i]);
}

static inline void w_strings(struct writer *w, unsigned bits, int n, const char *const *x)
{
	w_item(w, 16, bits);
	w_int(w, n);
	for (int i = 0; i < n; i++)
		w_char(w, x[i], 64);
}

/* The cell of a pairlist up to its value. */
static inline void w_tag(struct writer *w, const char *name)
{
	w_item(w, 2, W_TAG);
	w_symbol(w, name);
}

static inline void w_attr_string(struct writer *w, const char *name, const char *value)
{
	w_tag(w, name);
	w_strings(w, 0, 1, &value);
}

#define W_INTS(w, type, bits, ...)                                                       \
	w_ints((w), (type), (bits), (int)(sizeof((int32_t[]){ __VA_ARGS__ }) / 4),       \
	       (const int32_t[]){ __VA_ARGS__ })
#define W_REALS(w, bits, ...)                                                            \
	w_reals((w), (bits), (int)(sizeof((double[]){ __VA_ARGS__ }) / 8),               \
		(const double[]){ __VA_ARGS__ })
#define W_STRINGS(w, bits, ...)                                                          \
	w_strings((w), (bits),                                                           \
		  (int)(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)),       \
		  (const char *const[]){ __VA_ARGS__ })

/* data.frame(num = c(1.5, NA, -2), int = c(7L, NA, 9L), fac = factor b a NA of
 * levels a, b, unused; txt = c("z", NA, "y"), lgl = c(TRUE, FALSE, NA),
 * day = a Date, y = c("no", "yes", "no")) */
static inline void w_frame(struct writer *w)
{
	w_item(w, 19, W_OBJECT | W_ATTR);
	w_int(w, 7);
	W_REALS(w, 0, 1.5, (double)__builtin_nanf(""), -2);
	W_INTS(w, 13, 0, 7, W_NA, 9);
	W_INTS(w, 13, W_OBJECT | W_ATTR, 2, 1, W_NA);
	w_tag(w, "levels");
	W_STRINGS(w, 0, "a", "b", "unused");
	w_attr_string(w, "class", "factor");
	w_nil(w);
	W_STRINGS(w, 0, "z", NULL, "y");
	W_INTS(w, 10, 0, 1, 0, W_NA);
	W_REALS(w, W_OBJECT | W_ATTR, 18262, 18263, 18264);
	w_attr_string(w, "class", "Date");
	w_nil(w);
	W_STRINGS(w, 0, "no", "yes", "no");
	w_tag(w, "names");
	W_STRINGS(w, 0, "num", "int", "fac", "txt", "lgl", "day", "y");
	w_attr_string(w, "class", "data.frame");
	w_tag(w, "row.names");
	W_INTS(w, 13, 0, W_NA, -3);
	w_nil(w);
}

/* save(d, other): a pairlist of two objects. */
static inline void w_rda(struct writer *w)
{
	w_bytes(w, "RDX3\n", 5);
	w_begin(w, 3);
	w_tag(w, "d");
	w_frame(w);
	w_tag(w, "other");
	W_INTS(w, 13, 0, 1, 2, 3);
	w_nil(w);
}

#endif
