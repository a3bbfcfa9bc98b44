/* The header is Python source. NumPy evaluates it; here only what NumPy writes is
 * accepted: a dictionary of three keys in any order, with a text, True or False,
 * and a tuple of whole numbers. */
#include "datasets/formats/npy.h"

#include <string.h>

#define MAGIC "\x93NUMPY"
#define MAGIC_SIZE 6

/* What is left of the header. */
struct header {
	const char *p, *end;
	struct error *err;
};

enum key { KEY_TYPE, KEY_ORDER, KEY_SHAPE, N_KEYS };

/* ---------------------------------------------------------------- words */

/* Blanks alone: the padding in front of the data is of blanks and ends with
 * the only line end (NEP 1). */
static void skip_blanks(struct header *h)
{
	while (h->p < h->end && *h->p == ' ')
		h->p++;
}

/* Step over blanks and this character, if it comes. */
static bool take(struct header *h, char c)
{
	skip_blanks(h);
	if (h->p == h->end || *h->p != c)
		return false;
	h->p++;
	return true;
}

/* A prefix is enough: "Truex" fails at the comma or brace that must follow. */
static bool take_text(struct header *h, const char *text)
{
	size_t n = strlen(text);

	skip_blanks(h);
	if ((size_t)(h->end - h->p) < n || memcmp(h->p, text, n))
		return false;
	h->p += n;
	return true;
}

/* No byte offset: a header is one short line, and `what` names the entry. */
static int bad(struct header *h, const char *what)
{
	return error_set(h->err, ERR_DATA, "the npy header %s", what);
}

/* 'text' or "text", without escapes. */
static int take_quoted(struct header *h, const char **text, size_t *size)
{
	const char *close;

	skip_blanks(h);
	if (h->p == h->end || (*h->p != '\'' && *h->p != '"'))
		return bad(h, "has no text in quotes where one is needed");
	close = memchr(h->p + 1, *h->p, (size_t)(h->end - h->p) - 1);
	if (!close)
		return bad(h, "has a quote that is not closed");
	*text = h->p + 1;
	*size = (size_t)(close - *text);
	h->p = close + 1;
	return 0;
}

/* ---------------------------------------------------------------- values */

/* Byte order, kind and width: "<f4". A single byte has no order, but may be
 * written with one. */
static bool is_known(const char *text, size_t n)
{
	static const char *const types[] = { "f4", "f8", "i1", "i2", "i4", "i8",
					     "u1", "u2", "u4", "u8", "b1" };

	for (size_t k = 0; n == 3 && k < sizeof(types) / sizeof(*types); k++)
		if (!memcmp(text + 1, types[k], 2))
			return text[0] == '<' || text[0] == '>' ||
			       (text[0] == '|' && text[2] == '1');
	return false;
}

/* A list describes a structured array, whose records have fields of several
 * types; telling so is kinder than "unknown type". */
static int take_type(struct header *h, struct npy *x)
{
	const char *text;
	size_t n;

	skip_blanks(h);
	if (h->p < h->end && *h->p == '[')
		return bad(h, "describes records; plain arrays are needed");
	if (take_quoted(h, &text, &n))
		return h->err->code;
	if (is_known(text, n)) {
		x->big = text[0] == '>';
		x->kind = text[1];
		x->width = (size_t)(text[2] - '0');
		return 0;
	}
	return error_set(h->err, ERR_DATA,
			 "npy type '%.*s' is not known: f4 f8, i1 to i8, u1 to u8 or b1 "
			 "is needed",
			 (int)(n < 20 ? n : 20), text);
}

/* One whole number; its product with others is checked later. */
static int take_size(struct header *h, size_t *out)
{
	const char *start;

	skip_blanks(h);
	start = h->p;
	*out = 0;
	for (; h->p < h->end && *h->p >= '0' && *h->p <= '9'; h->p++)
		if (__builtin_mul_overflow(*out, (size_t)10, out) ||
		    __builtin_add_overflow(*out, (size_t)(*h->p - '0'), out))
			return bad(h, "has a size that is too large");
	return h->p > start ? 0 : bad(h, "has no number where a size should be");
}

/* (), (3,), (3, 4): a single number needs its comma, else it is no tuple. */
static int take_shape(struct header *h, struct npy *x)
{
	bool comma = true;

	if (!take(h, '('))
		return bad(h, "has no tuple as its shape");
	while (!take(h, ')')) {
		if (!comma)
			return bad(h, "has sizes without a comma between them");
		if (x->dims == NPY_MAX_DIMS)
			return bad(h, "has more than 8 dimensions");
		if (take_size(h, &x->size[x->dims++]))
			return h->err->code;
		comma = take(h, ',');
	}
	return x->dims == 1 && !comma ? bad(h, "has no tuple as its shape") : 0;
}

/* Python's words, not numbers: NumPy writes repr() of a bool. */
static int take_order(struct header *h, bool *fortran)
{
	*fortran = take_text(h, "True");
	return *fortran || take_text(h, "False")
		       ? 0
		       : bad(h, "has neither True nor False as its order");
}

/* Order is free though NumPy sorts its keys: other writers do not. */
static int take_key(struct header *h, enum key *key)
{
	static const char *const names[] = { "descr", "fortran_order", "shape" };
	const char *text;
	size_t n;

	if (take_quoted(h, &text, &n))
		return h->err->code;
	for (size_t k = 0; k < N_KEYS; k++)
		if (strlen(names[k]) == n && !memcmp(names[k], text, n)) {
			*key = (enum key)k;
			return take(h, ':') ? 0 : bad(h, "has a key without a colon");
		}
	return bad(h, "has an unknown key");
}

/* Each key once, nothing else. */
static int take_dictionary(struct header *h, struct npy *x, bool *fortran)
{
	bool seen[N_KEYS] = { false }, comma = true;
	enum key key = KEY_TYPE;

	if (!take(h, '{'))
		return bad(h, "is no dictionary");
	while (!take(h, '}')) {
		if (!comma)
			return bad(h, "has entries without a comma between them");
		if (take_key(h, &key))
			return h->err->code;
		if (seen[key])
			return bad(h, "has a key twice");
		seen[key] = true;
		if (key == KEY_TYPE	? take_type(h, x)
		    : key == KEY_SHAPE ? take_shape(h, x)
				       : take_order(h, fortran))
			return h->err->code;
		comma = take(h, ',');
	}
	if (!seen[KEY_TYPE] || !seen[KEY_ORDER] || !seen[KEY_SHAPE])
		return bad(h, "lacks one of descr, fortran_order and shape");
	if (h->p == h->end || h->end[-1] != '\n')
		return bad(h, "does not end with its line");
	skip_blanks(h);
	return h->p == h->end - 1 ? 0 : bad(h, "has text behind its dictionary");
}

/* ---------------------------------------------------------------- file */

/* The header's own length, whatever the order of the values. */
static size_t little_endian(const uint8_t *b, size_t n)
{
	size_t v = 0;

	while (n--)
		v = v << 8 | b[n];
	return v;
}

/* Magic, version, and where the dictionary is. */
static int find_header(const uint8_t *data, size_t size, struct header *h)
{
	size_t at = MAGIC_SIZE + 2, width, length;

	if (size < at || memcmp(data, MAGIC, MAGIC_SIZE))
		return error_set(h->err, ERR_DATA, "no npy file: the magic bytes are "
						   "missing");
	if (data[6] < 1 || data[6] > 3 || data[7])
		return error_set(h->err, ERR_DATA,
				 "npy format %d.%d: 1.0, 2.0 and 3.0 are known", data[6],
				 data[7]);
	width = data[6] == 1 ? 2 : 4;
	if (size - at < width)
		return bad(h, "is cut short");
	length = little_endian(data + at, width);
	at += width;
	if (size - at < length)
		return bad(h, "is cut short");
	h->p = (const char *)data + at;
	h->end = h->p + length;
	return 0;
}

/* From the last dimension on in C order, from the first in Fortran's. */
static int set_strides(struct npy *x, bool fortran, struct error *err)
{
	x->count = 1;
	for (size_t k = 0; k < x->dims; k++) {
		size_t d = fortran ? k : x->dims - 1 - k;

		x->stride[d] = x->count;
		if (__builtin_mul_overflow(x->count, x->size[d], &x->count))
			return error_set(err, ERR_DATA,
					 "the npy dimensions are too large");
	}
	return 0;
}

/* Exactly as many bytes as the shape says: a longer file was joined or
 * written twice, and its first part would be read without a word. */
int npy_parse(struct npy *out, const uint8_t *data, size_t size, struct error *err)
{
	struct header h = { .err = err };
	bool fortran = false;
	size_t bytes, left;

	*out = (struct npy){ 0 };
	if (find_header(data, size, &h) || take_dictionary(&h, out, &fortran) ||
	    set_strides(out, fortran, err))
		return err->code;
	left = (size_t)((const char *)data + size - h.end);
	if (__builtin_mul_overflow(out->count, out->width, &bytes) || bytes != left)
		return error_set(err, ERR_DATA,
				 "the npy header promises %zu values of %zu bytes, %zu "
				 "bytes follow: the file is cut short or broken",
				 out->count, out->width, left);
	out->values = data + (size - left);
	return 0;
}

/* ---------------------------------------------------------------- values */

/* Cannot overflow: npy_parse has held the product of all sizes against the
 * bytes there are. */
size_t npy_cols(const struct npy *x)
{
	size_t cols = 1;

	for (size_t d = 1; d < x->dims; d++)
		cols *= x->size[d];
	return cols;
}

/* The last dimension runs fastest, whatever the order in the file. */
size_t npy_place(const struct npy *x, size_t j)
{
	size_t place = 0;

	for (size_t d = x->dims; d-- > 1;) {
		place += j % x->size[d] * x->stride[d];
		j /= x->size[d];
	}
	return place;
}

/* By bytes, as the machine may have either order and the values no alignment. */
double npy_at(const struct npy *x, size_t place)
{
	const uint8_t *b = x->values + place * x->width;
	uint64_t bits = 0;
	unsigned unused = 64 - 8 * (unsigned)x->width;
	uint32_t low;
	double f8;
	float f4;

	for (size_t k = 0; k < x->width; k++)
		bits = bits << 8 | b[x->big ? k : x->width - 1 - k];
	if (x->kind == 'i')
		return (double)((int64_t)(bits << unused) >> unused);
	if (x->kind != 'f')
		return x->kind == 'b' ? (double)(bits != 0) : (double)bits;
	if (x->width == 8) {
		memcpy(&f8, &bits, sizeof(f8));
		return f8;
	}
	low = (uint32_t)bits;
	memcpy(&f4, &low, sizeof(f4));
	return (double)f4;
}
