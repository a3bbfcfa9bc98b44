#include "datasets/rdata/rdata_serial.h"

#include "tests/rdata_writer.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;

/* Start a stream; write one value; parse it. */
static struct writer start(void)
{
	struct writer w = { .n = 0 };

	arena_clear(&arena);
	error_clear(&err);
	w_begin(&w, 2);
	return w;
}

static const struct rvalue *parse(const struct writer *w)
{
	const struct rvalue *v = NULL;

	if (rdata_parse(w->bytes, w->n, &arena, &v, &err)) {
		printf("# %s\n", err.text);
		return NULL;
	}
	return v;
}

static bool fails(const struct writer *w, const char *with)
{
	const struct rvalue *v;

	error_clear(&err);
	if (!rdata_parse(w->bytes, w->n, &arena, &v, &err) || !strstr(err.text, with)) {
		printf("# got '%s'\n", err.text);
		return false;
	}
	return true;
}

/* ---------------------------------------------------------------- vectors */

static void test_numbers(void)
{
	struct writer w = start();
	const struct rvalue *v;

	W_INTS(&w, 13, 0, 1, -5, W_NA, INT32_MAX);
	v = parse(&w);
	ok(v && v->type == RDATA_INTEGER && v->n == 4 && v->ints[1] == -5 &&
		   v->ints[2] == RDATA_NA && v->ints[3] == INT32_MAX,
	   "integers, with NA");
	w = start();
	W_INTS(&w, 10, 0, 1, 0, W_NA);
	v = parse(&w);
	ok(v && v->type == RDATA_LOGICAL && v->n == 3 && v->ints[0] == 1, "logicals");
	w = start();
	W_REALS(&w, 0, 0.1, -1e300, (double)INFINITY, (double)NAN);
	v = parse(&w);
	ok(v && v->type == RDATA_REAL && v->n == 4 && v->reals[0] == 0.1 &&
		   v->reals[1] == -1e300 && isinf(v->reals[2]) && isnan(v->reals[3]),
	   "reals, to the last bit");
	w = start();
	w_item(&w, 15, 0);
	w_int(&w, 1);
	w_real(&w, 3);
	w_real(&w, 4);
	v = parse(&w);
	ok(v && v->type == RDATA_COMPLEX && v->n == 1 && v->reals[1] == 4,
	   "complex numbers");
	w = start();
	w_item(&w, 24, 0);
	w_int(&w, 3);
	w_bytes(&w, "abc", 3);
	v = parse(&w);
	ok(v && v->type == RDATA_RAW && v->n == 3 && v->bytes[2] == 'c', "raw bytes");
	w = start();
	w_item(&w, 13, 0);
	w_int(&w, -1); /* a long vector: length in two words */
	w_int(&w, 0);
	w_int(&w, 1);
	w_int(&w, 42);
	v = parse(&w);
	ok(v && v->n == 1 && v->ints[0] == 42, "a length of 64 bits");
}

static void test_strings(void)
{
	struct writer w = start();
	const struct rvalue *v;

	W_STRINGS(&w, 0, "one", "", NULL, "z\xc3\xbc");
	v = parse(&w);
	ok(v && v->type == RDATA_STRING && v->n == 4, "strings");
	ok_str(v->strings[0], "one", "strings: the first");
	ok_str(v->strings[1], "", "strings: an empty one");
	ok(!v->strings[2], "strings: NA is NULL");
	ok_str(v->strings[3], "z\xc3\xbc", "strings: UTF-8 as it is");
	w = start();
	w_item(&w, 16, 0);
	w_int(&w, 1);
	w_char(&w, "z\xfc", 4);
	v = parse(&w);
	ok_str(v ? v->strings[0] : "", "z\xc3\xbc", "strings marked latin1 become UTF-8");
	w = (struct writer){ .n = 0 };
	w_bytes(&w, "X\n", 2);
	w_int(&w, 3);
	w_int(&w, 0);
	w_int(&w, 0);
	w_int(&w, 10);
	w_bytes(&w, "ISO-8859-1", 10);
	w_item(&w, 16, 0);
	w_int(&w, 2);
	w_char(&w, "\xe9", 0);
	w_char(&w, "\xc3\xa9", 8);
	v = parse(&w);
	ok_str(v ? v->strings[0] : "", "\xc3\xa9",
	       "version 3: unmarked strings are in the stream's encoding");
	ok_str(v ? v->strings[1] : "", "\xc3\xa9",
	       "version 3: those marked UTF-8 are not");
}

static void test_lists(void)
{
	struct writer w = start();
	const struct rvalue *v, *e;
	const char *const *names;
	size_t n;

	w_item(&w, 19, W_ATTR);
	w_int(&w, 2);
	W_INTS(&w, 13, 0, 5);
	w_item(&w, 19, 0);
	w_int(&w, 1);
	W_STRINGS(&w, 0, "deep");
	w_tag(&w, "names");
	W_STRINGS(&w, 0, "a", NULL);
	w_nil(&w);
	v = parse(&w);
	ok(v && v->type == RDATA_LIST && v->n == 2, "a list in a list");
	e = rdata_element(v, "a");
	ok(e && e->type == RDATA_INTEGER && e->ints[0] == 5, "an element by name");
	ok(!rdata_element(v, "b"), "no element of another name");
	ok_str(v->items[1]->items[0]->strings[0], "deep", "an element of an element");
	ok(!rdata_names(v, &arena, &names, &n, &err) && n == 2 && !*names[1],
	   "a missing name is empty");
	ok(rdata_attribute(v, "names") && !rdata_attribute(v, "dim"),
	   "attributes by name");
	ok(!rdata_inherits(v, "data.frame"), "no class, no inheritance");
}

/* ---------------------------------------------------------------- the rest */

static void test_references(void)
{
	struct writer w = start();
	const struct rvalue *v;

	w_tag(&w, "x"); /* symbol 1 */
	w_nil(&w);
	w_item(&w, 2, W_TAG);
	w_ref(&w, 1);
	W_INTS(&w, 13, 0, 8);
	w_item(&w, 2, W_TAG);
	w_item(&w, 255, 0); /* an index too large for the flags */
	w_int(&w, 1);
	W_INTS(&w, 13, 0, 9);
	w_nil(&w);
	v = parse(&w);
	ok(v && v->type == RDATA_PAIR && v->pair.head->type == RDATA_NULL, "a pairlist");
	ok_str(v->pair.tail->pair.tag, "x", "a symbol mentioned again");
	ok(v->pair.tail->pair.tail->pair.head->ints[0] == 9,
	   "a reference with its index behind it");
	w = start();
	w_ref(&w, 1);
	ok(fails(&w, "a reference to nothing"), "a reference to nothing is an error");
}

/* What holds no data, each followed by the integer that shows that the reader
 * is still in step. */
static void write_environment(struct writer *w)
{
	w_item(w, 4, 0);
	w_int(w, 0);
	w_item(w, 253, 0); /* enclosure: global */
	w_nil(w);
	w_item(w, 19, 0); /* hash table */
	w_int(w, 1);
	w_tag(w, "f");
	w_ref(w, 1); /* itself */
	w_nil(w);
	w_nil(w);
}

static void write_closure(struct writer *w)
{
	w_item(w, 3, W_ATTR | W_TAG);
	w_tag(w, "srcref");
	w_nil(w);
	w_nil(w);
	w_item(w, 242, 0); /* environment */
	w_tag(w, "x");	   /* formals */
	w_item(w, 251, 0);
	w_nil(w);
	w_item(w, 6, 0); /* body: x + 1 */
	w_symbol(w, "+");
	w_item(w, 2, 0);
	w_symbol(w, "x");
	w_nil(w);
}

static void write_bytecode(struct writer *w)
{
	w_item(w, 21, W_ATTR);
	w_int(w, 1); /* shared expressions */
	W_INTS(w, 13, 0, 1, 2, 3);
	w_int(w, 5);   /* constants */
	w_int(w, 244); /* definition 0: a call */
	w_int(w, 0);
	w_int(w, 240); /* with attributes */
	w_nil(w);      /* attributes */
	w_nil(w);      /* tag */
	w_int(w, 0);   /* head: padding and an item */
	w_symbol(w, "g");
	w_int(w, 2); /* tail */
	w_nil(w);
	w_int(w, 243); /* head: reference 0 */
	w_int(w, 0);
	w_int(w, 0); /* tail: nil */
	w_nil(w);
	w_int(w, 14); /* a plain constant */
	W_REALS(w, 0, 1);
	w_int(w, 21); /* code inside of code */
	W_INTS(w, 13, 0, 1);
	w_int(w, 0);
	w_int(w, 243);
	w_int(w, 0);
	w_int(w, 239); /* a pairlist with attributes */
	w_nil(w);
	w_nil(w);
	w_int(w, 0);
	w_nil(w);
	w_int(w, 0);
	w_nil(w);
	w_nil(w); /* attributes of the code */
}

static void write_names(struct writer *w)
{
	w_item(w, 19, 0);
	w_int(w, 3);
	for (unsigned type = 247; type <= 249; type++) {
		w_item(w, type, 0);
		w_int(w, 0);
		w_int(w, 1);
		w_char(w, "env::1", 64);
	}
}

static void write_pointers(struct writer *w)
{
	w_item(w, 19, 0);
	w_int(w, 8);
	w_item(w, 22, W_ATTR); /* external pointer */
	w_nil(w);
	w_nil(w);
	w_nil(w);
	w_item(w, 23, 0);		  /* weak reference */
	w_item(w, 25, W_ATTR | W_OBJECT); /* S4 */
	w_attr_string(w, "class", "thing");
	w_nil(w);
	w_item(w, 8, 0); /* a built-in function */
	w_int(w, 3);
	w_bytes(w, "sum", 3);
	w_item(w, 20, 0); /* an expression vector */
	w_int(w, 1);
	w_symbol(w, "x");
	w_item(w, 241, 0);
	w_item(w, 250, 0);
	w_item(w, 252, 0);
}

static void test_skipped(void)
{
	static const struct {
		const char *name;
		void (*write)(struct writer *w);
	} cases[] = {
		{ "an environment that contains itself", write_environment },
		{ "a function", write_closure },
		{ "compiled code", write_bytecode },
		{ "persistent, package and namespace names", write_names },
		{ "pointers, S4 objects, built-ins, base environments", write_pointers },
	};

	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		struct writer w = start();
		const struct rvalue *v;

		w_item(&w, 19, 0);
		w_int(&w, 2);
		cases[k].write(&w);
		W_INTS(&w, 13, 0, 77);
		v = parse(&w);
		ok(v && v->items[1]->type == RDATA_INTEGER && v->items[1]->ints[0] == 77,
		   "stepped over: %s", cases[k].name);
	}
}

/* ---------------------------------------------------------------- ALTREP */

static void altrep(struct writer *w, const char *class)
{
	w_item(w, 238, 0);
	w_item(w, 2, 0);
	w_symbol(w, class);
	w_item(w, 2, 0);
	w_symbol(w, "base");
	w_item(w, 2, 0);
	W_INTS(w, 13, 0, 13);
	w_nil(w);
}

static void test_sequences(void)
{
	struct writer w = start();
	const struct rvalue *v;

	altrep(&w, "compact_intseq");
	W_REALS(&w, 0, 4, 10, -1);
	w_nil(&w);
	v = parse(&w);
	ok(v && v->type == RDATA_INTEGER && v->n == 4 && v->ints[0] == 10 &&
		   v->ints[3] == 7,
	   "altrep: 10:7");
	w = start();
	altrep(&w, "compact_realseq");
	W_REALS(&w, 0, 3, 0.5, 1);
	w_attr_string(&w, "class", "special");
	w_nil(&w);
	v = parse(&w);
	ok(v && v->type == RDATA_REAL && v->n == 3 && v->reals[2] == 2.5,
	   "altrep: a sequence of reals");
	ok(v && rdata_inherits(v, "special"), "altrep: its attributes");
	w = start();
	altrep(&w, "compact_intseq");
	W_REALS(&w, 0, 1e15, 1, 1);
	w_nil(&w);
	ok(fails(&w, "too long"), "altrep: a length without bytes is refused");
	w = start();
	altrep(&w, "compact_intseq");
	W_REALS(&w, 0, (double)NAN, 1, 1);
	w_nil(&w);
	ok(fails(&w, "a sequence that is none"), "altrep: a length that is none");
}

static void test_deferred(void)
{
	struct writer w = start();
	const struct rvalue *v;

	altrep(&w, "deferred_string");
	w_item(&w, 2, 0);
	W_INTS(&w, 13, 0, 12, W_NA);
	W_INTS(&w, 13, 0, 0);
	w_nil(&w);
	v = parse(&w);
	ok(v && v->type == RDATA_STRING && v->n == 2 && !v->strings[1],
	   "altrep: strings of integers, with NA");
	ok_str(v->strings[0], "12", "altrep: as.character(12L)");
	w = start();
	altrep(&w, "deferred_string");
	w_item(&w, 2, 0);
	W_REALS(&w, 0, 0.1, 1e6);
	W_INTS(&w, 13, 0, 0);
	w_nil(&w);
	v = parse(&w);
	ok_str(v ? v->strings[0] : "", "0.1", "altrep: as.character(0.1)");
	w = start();
	altrep(&w, "deferred_string");
	w_nil(&w);
	w_nil(&w);
	ok(fails(&w, "deferred strings of no numbers"), "altrep: a wrong state");
}

static void test_wrapped(void)
{
	struct writer w = start();
	const struct rvalue *v;

	altrep(&w, "wrap_integer");
	w_item(&w, 19, 0);
	w_int(&w, 2);
	W_INTS(&w, 13, 0, 4, 5);
	W_INTS(&w, 13, 0, 0, 0);
	w_attr_string(&w, "class", "factor");
	w_nil(&w);
	v = parse(&w);
	ok(v && v->type == RDATA_INTEGER && v->ints[1] == 5 &&
		   rdata_inherits(v, "factor"),
	   "altrep: a wrapped vector, state as a list");
	w = start();
	altrep(&w, "wrap_string");
	w_item(&w, 2, 0);
	W_STRINGS(&w, 0, "in");
	W_INTS(&w, 13, 0, 0, 0);
	w_nil(&w);
	v = parse(&w);
	ok_str(v ? v->strings[0] : "", "in", "altrep: state as a pair");
	w = start();
	altrep(&w, "mmap_real");
	W_STRINGS(&w, 0, "/somewhere");
	w_nil(&w);
	v = parse(&w);
	ok(v && v->type == RDATA_OPAQUE, "altrep: an unknown class holds no data");
	w = start();
	altrep(&w, "wrap_real");
	w_nil(&w);
	w_nil(&w);
	ok(fails(&w, "a wrapper around nothing"), "altrep: an empty wrapper");
}

/* ---------------------------------------------------------------- errors */

static void test_headers(void)
{
	struct writer w = { .n = 0 };
	const int32_t native[] = { 2, 0, 0, 13, 1, 6 };
	const struct rvalue *v;

	ok(fails(&w, "not R data"), "no bytes at all");
	w_bytes(&w, "PK\3\4", 4);
	ok(fails(&w, "not R data"), "something else altogether");
	w = (struct writer){ .n = 0 };
	w_bytes(&w, "RDA2\nA\n2\n", 9);
	ok(fails(&w, "as text"), "an .rda as text says so");
	w = (struct writer){ .n = 0 };
	w_bytes(&w, "A\n2\n", 4);
	ok(fails(&w, "as text"), "an .rds as text says so");
	w = (struct writer){ .n = 0 };
	w_begin(&w, 4);
	ok(fails(&w, "version 4"), "a version of the future");
	w = (struct writer){ .n = 0 };
	w_bytes(&w, "B\n", 2);
	w_bytes(&w, native, sizeof(native));
	v = parse(&w);
	ok(v && v->type == RDATA_INTEGER && v->ints[0] == 6, "native binary");
}

static void test_lies(void)
{
	struct writer w = start();

	w_item(&w, 14, 0);
	w_int(&w, INT32_MAX);
	ok(fails(&w, "cut short") && arena.peak < 1 << 20,
	   "a length without bytes takes no memory");
	w = start();
	w_item(&w, 19, 0);
	w_int(&w, -1);
	w_int(&w, 65536);
	w_int(&w, -1);
	ok(fails(&w, "cut short"), "a list of 2^48 elements");
	w = start();
	w_item(&w, 16, 0);
	w_int(&w, -2);
	ok(fails(&w, "negative length"), "a negative length");
	w = start();
	w_item(&w, 16, 0);
	w_int(&w, 1);
	W_INTS(&w, 13, 0, 1);
	ok(fails(&w, "where a string should be"), "a number among strings");
	w = start();
	w_item(&w, 99, 0);
	ok(fails(&w, "unknown item type 99"), "an unknown type");
	w = start();
	for (int i = 0; i < RDATA_DEPTH_MAX / 2; i++) {
		w_item(&w, 19, 0);
		w_int(&w, 1);
	}
	w_nil(&w);
	ok(parse(&w) != NULL, "500 lists in each other");
	w = start();
	for (int i = 0; i <= RDATA_DEPTH_MAX; i++)
		w_item(&w, 6, W_ATTR); /* the attributes of attributes of ... */
	ok(fails(&w, "nested too deeply"), "nesting has a limit");
}

int main(void)
{
	arena_init(&arena, (size_t)256 << 20);
	test_numbers();
	test_strings();
	test_lists();
	test_references();
	test_skipped();
	test_sequences();
	test_deferred();
	test_wrapped();
	test_headers();
	test_lies();
	arena_clear(&arena);
	return tap_done();
}
