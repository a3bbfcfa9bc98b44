/* ReadItem() of R's src/main/serialize.c (R 4.2), for data alone.
 *
 * An item is a word of flags and what its type asks for:
 *
 * 	bits  0-7   type: R's own, or a pseudo type from 238 on
 * 	bit   8     is an object (has a class)
 * 	bit   9     attributes follow: before the content of pairlist cells,
 * 		    behind that of all others
 * 	bit  10     a tag follows (pairlist cells)
 * 	bits 12-    "levels": for strings, their encoding
 *
 * c(a = 1L) is thus, in words of four bytes,
 *
 * 	0x20d 1 1                INTSXP with attributes, length 1, the value 1
 * 	0x402                    a pairlist cell with a tag
 * 	0x001 0x40009 5 "names"  the symbol `names`
 * 	0x010 1 0x40009 1 "a"    STRSXP of length 1, the string "a"
 * 	0x0fe                    the end of the pairlist
 *
 * Symbols and environments are numbered as they come, and later mentions are
 * references to these numbers. That is why even what holds no data must be read
 * through: a skipped symbol would shift all numbers behind it.
 */
#include "datasets/rdata/rdata_serial.h"

#include <string.h>

const struct rvalue serial_nil = { .type = RDATA_NULL };
static const struct rvalue opaque = { .type = RDATA_OPAQUE };

static int item_of(struct serial *s, uint32_t flags, const struct rvalue **out);

/* Distances from the end: the start may be a decompressed buffer's, which says
 * nothing to anybody, but "0 bytes before the end" means a file cut short. */
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
int serial_need(struct serial *s, size_t n, size_t size)
{
	if (n > left(s) / size)
		return serial_bad(s, "the data are cut short");
	return 0;
}

/* Items are not aligned: strings between them have any length. */
static uint32_t word(const struct serial *s, const unsigned char *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
	return s->swap ? __builtin_bswap32(w) : w;
}

/* Lengths, flags, versions: the format is made of such words. */
int serial_int(struct serial *s, int32_t *out)
{
	*out = 0;
	if (serial_need(s, 1, 4))
		return s->err->code;
	*out = (int32_t)word(s, s->at);
	s->at += 4;
	return 0;
}

/* A length: an int, or -1 and two words of a 64-bit one. */
int serial_length(struct serial *s, size_t *n)
{
	int32_t low, high = 0;

	if (serial_int(s, &low))
		return s->err->code;
	if (low < -1)
		return serial_bad(s, "a negative length");
	if (low == -1 && (serial_int(s, &high) || serial_int(s, &low)))
		return s->err->code;
	if (high < 0)
		return serial_bad(s, "a negative length");
	*n = (size_t)high << 32 | (uint32_t)low;
	return 0;
}

/* Every value starts without attributes, so that readers never meet a NULL. */
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

/* The index sits in the upper bits of the flags, or behind them when it is 0. */
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

/* A symbol is written once; later mentions are references to it. */
static int symbol(struct serial *s, const struct rvalue **out)
{
	struct rvalue *v = serial_new(s, RDATA_SYMBOL, 0);

	if (!v || serial_next_string(s, &v->text))
		return s->err->code;
	if (!v->text)
		v->text = "NA";
	*out = v;
	return add_ref(s, v);
}

/* ---------------------------------------------------------------- pairlists */

/* Functions, promises and calls are cells with other names. */
static bool is_pair(uint32_t flags)
{
	switch (flags & 0xff) {
	case LISTSXP:
	case LANGSXP:
	case CLOSXP:
	case PROMSXP:
	case DOTSXP:
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

/* Contents of environments hold no tables: stepped over, but read item by item,
 * as symbols in them get numbers too. */
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
		if (serial_next_string(s, &unused))
			return s->err->code;
	return add_ref(s, &opaque);
}

/* The name of a built-in function, without flags. */
static int builtin(struct serial *s)
{
	int32_t n;

	if (serial_int(s, &n))
		return s->err->code;
	if (n < 0 || serial_need(s, (size_t)n, 1))
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
		return serial_numbers(s, RDATA_LOGICAL, 1, 4, out);
	case INTSXP:
		return serial_numbers(s, RDATA_INTEGER, 1, 4, out);
	case REALSXP:
		return serial_numbers(s, RDATA_REAL, 1, 8, out);
	case CPLXSXP:
		return serial_numbers(s, RDATA_COMPLEX, 2, 8, out);
	case RAWSXP:
		return serial_numbers(s, RDATA_RAW, 1, 1, out);
	case STRSXP:
		return serial_strings(s, out);
	case VECSXP:
		return serial_list(s, RDATA_LIST, out);
	case EXPRSXP:
		return serial_list(s, RDATA_OPAQUE, out);
	case EXTPTRSXP:
		return skip_referred(s, 2); /* protected value, tag */
	case WEAKREFSXP:
		return skip_referred(s, 0);
	case SPECIALSXP:
	case BUILTINSXP:
		return builtin(s);
	case BCODESXP:
		return serial_bytecode(s);
	case S4SXP:
		return 0; /* attributes are all there is */
	default:
		return error_set(s->err, ERR_DATA, "unknown item type %u", flags & 0xff);
	}
}

/* Attributes stand behind the content here, unlike in pairlists. */
static int with_attributes(struct serial *s, uint32_t flags, const struct rvalue **out)
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

/* A single string outside of a vector; R uses them in metadata only. */
static int one_string(struct serial *s, uint32_t flags, const struct rvalue **out)
{
	struct rvalue *v = serial_new(s, RDATA_STRING, 1);
	const char **text = ARENA_NEW(s->arena, const char *, 1);

	if (!v || !text)
		return arena_error(s->arena, s->err);
	v->strings = text;
	*out = v;
	return serial_string(s, flags, text);
}

/* By type. What holds no data becomes one shared opaque value, which is an
 * error only for who asks for it. */
static int dispatch(struct serial *s, uint32_t flags, const struct rvalue **out)
{
	*out = &opaque;
	if (is_pair(flags))
		return pairs(s, flags, out);
	switch (flags & 0xff) {
	case NILVALUE_SXP:
	case NILSXP:
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
	case PERSISTSXP:
	case PACKAGESXP:
	case NAMESPACESXP:
		return named(s);
	case BASEENV_SXP:
	case EMPTYENV_SXP:
	case BASENAMESPACE_SXP:
	case MISSINGARG_SXP:
	case UNBOUNDVALUE_SXP:
	case GLOBALENV_SXP:
		return 0;
	default:
		return with_attributes(s, flags, out);
	}
}

/* All recursion passes here, so this is where depth is counted. */
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

/* *out is set even on errors, so that no caller meets a wild pointer. */
int serial_item(struct serial *s, const struct rvalue **out)
{
	int32_t flags;

	*out = &opaque;
	if (serial_int(s, &flags))
		return s->err->code;
	return item_of(s, (uint32_t)flags, out);
}

/* ---------------------------------------------------------------- header */

/* 'X' is big-endian XDR, which nearly every file is; 'B' the writer's own order;
 * 'A' text. */
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
	static const char *const latin1[] = { "ISO-8859-1", "ISO8859-1", "latin1",
					      "CP1252" };
	int32_t n;

	if (serial_int(s, &n))
		return s->err->code;
	if (n < 0 || serial_need(s, (size_t)n, 1))
		return serial_bad(s, "a wrong length");
	for (size_t i = 0; i < sizeof(latin1) / sizeof(*latin1); i++)
		if ((size_t)n == strlen(latin1[i]) &&
		    !memcmp(s->at, latin1[i], (size_t)n))
			s->latin1 = true;
	s->at += n;
	return 0;
}

/* Format, version of the serialization, of the R that wrote and of the oldest
 * that can read; only the second matters. */
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

/* The budget for ALTREP sequences grows with the file, as a table whose other
 * columns fill the file may well have one for its row numbers. */
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
