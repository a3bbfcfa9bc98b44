/* ReadItem() of R's src/main/serialize.c (R 4.2), for data alone. An item is
 * a word of flags (type, is-object, has-attributes, has-tag) and what the type
 * asks for; symbols and environments are numbered as they come, and later
 * mentions are references. */
#include "datasets/rdata_serial.h"

#include <string.h>

/* Types as R numbers them (Rinternals.h), and pseudo types of the format. */
enum sexp {
	NILSXP = 0, SYMSXP = 1, LISTSXP = 2, CLOSXP = 3, ENVSXP = 4, PROMSXP = 5,
	LANGSXP = 6, SPECIALSXP = 7, BUILTINSXP = 8, CHARSXP = 9, LGLSXP = 10,
	INTSXP = 13, REALSXP = 14, CPLXSXP = 15, STRSXP = 16, DOTSXP = 17,
	VECSXP = 19, EXPRSXP = 20, BCODESXP = 21, EXTPTRSXP = 22,
	WEAKREFSXP = 23, RAWSXP = 24, S4SXP = 25,
	ALTREP_SXP = 238, BASEENV_SXP = 241, EMPTYENV_SXP = 242,
	PERSISTSXP = 247, PACKAGESXP = 248, NAMESPACESXP = 249,
	BASENAMESPACE_SXP = 250, MISSINGARG_SXP = 251, UNBOUNDVALUE_SXP = 252,
	GLOBALENV_SXP = 253, NILVALUE_SXP = 254, REFSXP = 255,
};

#define FLAG_ATTRIBUTES (1u << 9)
#define FLAG_TAG (1u << 10)
#define LEVEL_LATIN1 (1u << 2) /* of a CHARSXP; levels start at bit 12 */
#define LEVEL_UTF8 (1u << 3)

const struct rvalue serial_nil = { .type = RDATA_NULL };
static const struct rvalue opaque = { .type = RDATA_OPAQUE };

static int item_of(struct serial *s, uint32_t flags, const struct rvalue **out);

int serial_bad(struct serial *s, const char *what)
{
	return error_set(s->err, ERR_DATA, "%s, %zu bytes before the end", what,
			 (size_t)(s->end - s->at));
}

static size_t left(const struct serial *s)
{
	return (size_t)(s->end - s->at);
}

/* `n` elements of `size` bytes are there, or an error. Asked before memory is
 * taken for them. */
static int need(struct serial *s, size_t n, size_t size)
{
	if (n > left(s) / size)
		return serial_bad(s, "the data are cut short");
	return 0;
}

static uint32_t word(const struct serial *s, const unsigned char *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
	return s->swap ? __builtin_bswap32(w) : w;
}

int serial_int(struct serial *s, int32_t *out)
{
	*out = 0;
	if (need(s, 1, 4))
		return s->err->code;
	*out = (int32_t)word(s, s->at);
	s->at += 4;
	return 0;
}

/* A length: an int, or -1 and two words of a 64-bit one. */
static int length(struct serial *s, size_t *n)
{
	int32_t low, high = 0;

	if (serial_int(s, &low))
		return s->err->code;
	if (low == -1 && (serial_int(s, &high) || serial_int(s, &low)))
		return s->err->code;
	if (high < 0 || (!high && low < 0))
		return serial_bad(s, "a negative length");
	*n = (size_t)high << 32 | (uint32_t)low;
	return 0;
}

struct rvalue *serial_new(struct serial *s, enum rdata_type type, size_t n)
{
	struct rvalue *v = ARENA_NEW(s->arena, struct rvalue, 1);

	if (!v) {
		arena_error(s->arena, s->err);
		return NULL;
	}
	v->type = type;
	v->n = n;
	v->attributes = &serial_nil;
	return v;
}

/* Remember what later references may mean. */
static int add_ref(struct serial *s, const struct rvalue *v)
{
	if (s->n_refs == s->refs_room) {
		size_t room = s->refs_room ? 2 * s->refs_room : 64;
		const struct rvalue **refs =
			ARENA_RAW(s->arena, const struct rvalue *, room);

		if (!refs)
			return arena_error(s->arena, s->err);
		if (s->n_refs)
			memcpy(refs, s->refs, s->n_refs * sizeof(*refs));
		s->refs = refs;
		s->refs_room = room;
	}
	s->refs[s->n_refs++] = v;
	return 0;
}

static int reference(struct serial *s, uint32_t flags, const struct rvalue **out)
{
	int32_t index = (int32_t)(flags >> 8);

	if (!index && serial_int(s, &index))
		return s->err->code;
	if (index < 1 || (size_t)index > s->n_refs)
		return serial_bad(s, "a reference to nothing");
	*out = s->refs[index - 1];
	return 0;
}

/* ---------------------------------------------------------------- strings */

/* ISO 8859-1 is the first 256 code points of Unicode. */
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

static bool is_ascii(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] & 0x80)
			return false;
	return true;
}

/* A CHARSXP behind its flags. The string moves down over its own length, which
 * makes room for the final NUL without a copy. *out = NULL is NA. */
static int string(struct serial *s, uint32_t flags, const char **out)
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
		if (need(s, (size_t)n, 1))
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

static int next_string(struct serial *s, const char **out)
{
	int32_t flags;

	if (serial_int(s, &flags))
		return s->err->code;
	return string(s, (uint32_t)flags, out);
}

static int symbol(struct serial *s, const struct rvalue **out)
{
	struct rvalue *v = serial_new(s, RDATA_SYMBOL, 0);

	if (!v || next_string(s, &v->text))
		return s->err->code;
	if (!v->text)
		v->text = "NA";
	*out = v;
	return add_ref(s, v);
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
static int numbers(struct serial *s, enum rdata_type type, size_t width,
		   size_t size, struct rvalue **out)
{
	struct rvalue *v;
	void *data;
	size_t n;

	if (length(s, &n) || need(s, n, width * size))
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

static int strings(struct serial *s, struct rvalue **out)
{
	const char **list;
	struct rvalue *v;
	size_t n;

	/* Flags and a length are the least that a string takes. */
	if (length(s, &n) || need(s, n, 8))
		return s->err->code;
	v = serial_new(s, RDATA_STRING, n);
	list = ARENA_RAW(s->arena, const char *, n);
	if (!v || !list)
		return arena_error(s->arena, s->err);
	for (size_t i = 0; i < n; i++)
		if (next_string(s, &list[i]))
			return s->err->code;
	v->strings = list;
	*out = v;
	return 0;
}

static int list(struct serial *s, enum rdata_type type, struct rvalue **out)
{
	const struct rvalue **items;
	struct rvalue *v;
	size_t n;

	if (length(s, &n) || need(s, n, 4))
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

/* ---------------------------------------------------------------- pairlists */

static bool is_pair(uint32_t flags)
{
	switch (flags & 0xff) {
	case LISTSXP: case LANGSXP: case CLOSXP: case PROMSXP: case DOTSXP:
		return true;
	default:
		return false;
	}
}

/* One cell but for its tail: attributes, tag, head. */
static int pair_cell(struct serial *s, uint32_t flags, struct rvalue **out)
{
	enum rdata_type type = (flags & 0xff) == LISTSXP ? RDATA_PAIR : RDATA_OPAQUE;
	struct rvalue *v = serial_new(s, type, 0);
	const struct rvalue *tag = &serial_nil;

	*out = v;
	if (!v)
		return s->err->code;
	if (flags & FLAG_ATTRIBUTES && serial_item(s, &v->attributes))
		return s->err->code;
	if (flags & FLAG_TAG && serial_item(s, &tag))
		return s->err->code;
	if (tag->type == RDATA_SYMBOL)
		v->pair.tag = tag->text;
	v->pair.tail = &serial_nil;
	return serial_item(s, &v->pair.head);
}

/* The tail is followed in a loop: pairlists can be long, only heads are deep. */
static int pairs(struct serial *s, uint32_t flags, const struct rvalue **out)
{
	struct rvalue *last = NULL, *v;

	for (;;) {
		int32_t next;

		if (pair_cell(s, flags, &v))
			return s->err->code;
		if (last)
			last->pair.tail = v;
		else
			*out = v;
		last = v;
		if (serial_int(s, &next))
			return s->err->code;
		flags = (uint32_t)next;
		if (!is_pair(flags))
			return item_of(s, flags, &last->pair.tail);
	}
}

/* ---------------------------------------------------------------- no data */

/* `n` items that nobody asks for. */
static int skip_items(struct serial *s, int n)
{
	const struct rvalue *unused;

	while (n-- > 0)
		if (serial_item(s, &unused))
			return s->err->code;
	return 0;
}

/* Referred to by later items, so it gets its number before its content. */
static int skip_referred(struct serial *s, int n_items)
{
	return add_ref(s, &opaque) ? s->err->code : skip_items(s, n_items);
}

static int environment(struct serial *s)
{
	int32_t locked;

	/* enclosure, frame, hash table, attributes */
	return serial_int(s, &locked) ? s->err->code : skip_referred(s, 4);
}

/* A package, namespace or persistent name: 0, a count, and strings. */
static int named(struct serial *s)
{
	const char *unused;
	int32_t zero, n;

	if (serial_int(s, &zero) || serial_int(s, &n))
		return s->err->code;
	while (n-- > 0)
		if (next_string(s, &unused))
			return s->err->code;
	return add_ref(s, &opaque);
}

static int builtin(struct serial *s)
{
	int32_t n;

	if (serial_int(s, &n))
		return s->err->code;
	if (n < 0 || need(s, (size_t)n, 1))
		return serial_bad(s, "a wrong length");
	s->at += n;
	return 0;
}

/* ---------------------------------------------------------------- items */

/* Types that may carry attributes behind their content. NULL in *out when the
 * value holds no data. */
static int content(struct serial *s, uint32_t flags, struct rvalue **out)
{
	switch (flags & 0xff) {
	case LGLSXP:
		return numbers(s, RDATA_LOGICAL, 1, 4, out);
	case INTSXP:
		return numbers(s, RDATA_INTEGER, 1, 4, out);
	case REALSXP:
		return numbers(s, RDATA_REAL, 1, 8, out);
	case CPLXSXP:
		return numbers(s, RDATA_COMPLEX, 2, 8, out);
	case RAWSXP:
		return numbers(s, RDATA_RAW, 1, 1, out);
	case STRSXP:
		return strings(s, out);
	case VECSXP:
		return list(s, RDATA_LIST, out);
	case EXPRSXP:
		return list(s, RDATA_OPAQUE, out);
	case EXTPTRSXP:
		return skip_referred(s, 2); /* protected value, tag */
	case WEAKREFSXP:
		return skip_referred(s, 0);
	case SPECIALSXP: case BUILTINSXP:
		return builtin(s);
	case BCODESXP:
		return serial_bytecode(s);
	case S4SXP:
		return 0; /* attributes are all there is */
	default:
		return error_set(s->err, ERR_DATA, "unknown item type %u",
				 flags & 0xff);
	}
}

static int with_attributes(struct serial *s, uint32_t flags,
			   const struct rvalue **out)
{
	struct rvalue *v = NULL;

	if (content(s, flags, &v))
		return s->err->code;
	if (!v)
		v = serial_new(s, RDATA_OPAQUE, 0);
	if (!v)
		return s->err->code;
	*out = v;
	return flags & FLAG_ATTRIBUTES ? serial_item(s, &v->attributes) : 0;
}

static int one_string(struct serial *s, uint32_t flags, const struct rvalue **out)
{
	struct rvalue *v = serial_new(s, RDATA_STRING, 1);
	const char **text = ARENA_NEW(s->arena, const char *, 1);

	if (!v || !text)
		return arena_error(s->arena, s->err);
	v->strings = text;
	*out = v;
	return string(s, flags, text);
}

static int dispatch(struct serial *s, uint32_t flags, const struct rvalue **out)
{
	*out = &opaque;
	if (is_pair(flags))
		return pairs(s, flags, out);
	switch (flags & 0xff) {
	case NILVALUE_SXP: case NILSXP:
		*out = &serial_nil;
		return 0;
	case REFSXP:
		return reference(s, flags, out);
	case SYMSXP:
		return symbol(s, out);
	case CHARSXP:
		return one_string(s, flags, out);
	case ALTREP_SXP:
		return serial_altrep(s, out);
	case ENVSXP:
		return environment(s);
	case PERSISTSXP: case PACKAGESXP: case NAMESPACESXP:
		return named(s);
	case BASEENV_SXP: case EMPTYENV_SXP: case BASENAMESPACE_SXP:
	case MISSINGARG_SXP: case UNBOUNDVALUE_SXP: case GLOBALENV_SXP:
		return 0;
	default:
		return with_attributes(s, flags, out);
	}
}

static int item_of(struct serial *s, uint32_t flags, const struct rvalue **out)
{
	int r;

	if (s->depth == RDATA_DEPTH_MAX)
		return serial_bad(s, "values nested too deeply");
	s->depth++;
	r = dispatch(s, flags, out);
	s->depth--;
	return r;
}

int serial_item(struct serial *s, const struct rvalue **out)
{
	int32_t flags;

	*out = &opaque;
	if (serial_int(s, &flags))
		return s->err->code;
	return item_of(s, (uint32_t)flags, out);
}

/* ---------------------------------------------------------------- header */

static int format(struct serial *s)
{
	const uint16_t one = 1;
	bool little = *(const unsigned char *)&one;

	if (left(s) < 2 || s->at[1] != '\n')
		return error_set(s->err, ERR_DATA, "not R data");
	switch (*s->at) {
	case 'X':
		s->swap = little;
		break;
	case 'B': /* written on a machine like this one, we must trust */
		s->swap = false;
		break;
	case 'A':
		return error_set(s->err, ERR_UNSUPPORTED,
				 "R data as text (ascii = TRUE): save it "
				 "again without that");
	default:
		return error_set(s->err, ERR_DATA, "not R data");
	}
	s->at += 2;
	return 0;
}

/* Version 3 names the encoding of strings that are not marked. */
static int encoding(struct serial *s)
{
	static const char *const latin1[] = { "ISO-8859-1", "ISO8859-1",
					      "latin1", "CP1252" };
	int32_t n;

	if (serial_int(s, &n))
		return s->err->code;
	if (n < 0 || need(s, (size_t)n, 1))
		return serial_bad(s, "a wrong length");
	for (size_t i = 0; i < sizeof(latin1) / sizeof(*latin1); i++)
		if ((size_t)n == strlen(latin1[i]) &&
		    !memcmp(s->at, latin1[i], (size_t)n))
			s->latin1 = true;
	s->at += n;
	return 0;
}

static int header(struct serial *s)
{
	int32_t version, writer, reader;

	if (format(s) || serial_int(s, &version) || serial_int(s, &writer) ||
	    serial_int(s, &reader))
		return s->err->code;
	if (version == 2)
		return 0;
	if (version == 3)
		return encoding(s);
	return error_set(s->err, ERR_UNSUPPORTED,
			 "R data of version %d, 2 and 3 are known", version);
}

int rdata_unserialize(unsigned char *bytes, size_t size, struct arena *a,
		      const struct rvalue **out, struct error *err)
{
	struct serial s = {
		.at = bytes,
		.end = bytes + size,
		.arena = a,
		.err = err,
		.spare = ((size_t)1 << 22) + size,
	};

	if (header(&s))
		return err->code;
	return serial_item(&s, out);
}
