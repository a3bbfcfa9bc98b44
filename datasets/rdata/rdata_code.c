/* Stepping over compiled code: ReadBC() of R's src/main/serialize.c.
 *
 * Data rarely hold functions, but fitted models, formulas and some S4 objects
 * do, and the data may come behind them. Code is an integer vector of
 * instructions and a vector of constants; expressions among these have a format
 * of their own, in which what occurs twice is written once.
 */
#include "datasets/rdata/rdata_serial.h"

enum bytecode {
	BC_LIST = 2,
	BC_LANG = 6,
	BC_CODE = 21,
	BC_ATTR_LIST = 239,
	BC_ATTR_LANG = 240,
	BC_REP_REF = 243,
	BC_REP_DEF = 244,
};

/* Expressions among the constants: attributes, tag, head; then the tail, which
 * is followed in a loop. Those that occur twice are defined once by number
 * (BC_REP_DEF) and mentioned later (BC_REP_REF); nothing is kept, so the
 * numbers do not matter here. A type that is none of these is a padding word
 * in front of a plain item. */
static int language(struct serial *s, int32_t type)
{
	const struct rvalue *unused;
	int32_t word;
	int r = 0;

	if (s->depth == RDATA_DEPTH_MAX)
		return serial_bad(s, "code nested too deeply");
	s->depth++;
	while (!r) {
		if (type == BC_REP_DEF)
			r = serial_int(s, &word) || serial_int(s, &type);
		if (r || type == BC_REP_REF) {
			r = r || serial_int(s, &word);
			break;
		}
		if (type != BC_LIST && type != BC_LANG && type != BC_ATTR_LIST &&
		    type != BC_ATTR_LANG) {
			r = serial_item(s, &unused);
			break;
		}
		if (type == BC_ATTR_LIST || type == BC_ATTR_LANG)
			r = serial_item(s, &unused);
		r = r || serial_item(s, &unused) || serial_int(s, &type) ||
		    language(s, type) || serial_int(s, &type);
	}
	s->depth--;
	return r ? s->err->code : 0;
}

static int code(struct serial *s);

/* A word tells what follows; for plain items it repeats their type. */
static int constant(struct serial *s)
{
	const struct rvalue *unused;
	int32_t type;

	if (serial_int(s, &type))
		return s->err->code;
	switch (type) {
	case BC_CODE:
		return code(s);
	case BC_LIST:
	case BC_LANG:
	case BC_ATTR_LIST:
	case BC_ATTR_LANG:
	case BC_REP_DEF:
	case BC_REP_REF:
		return language(s, type);
	default:
		return serial_item(s, &unused);
	}
}

/* Instructions, then constants, which may be code themselves. */
static int code(struct serial *s)
{
	const struct rvalue *instructions;
	int32_t n;

	if (s->depth == RDATA_DEPTH_MAX)
		return serial_bad(s, "code nested too deeply");
	if (serial_item(s, &instructions) || serial_int(s, &n))
		return s->err->code;
	s->depth++;
	while (n-- > 0)
		if (constant(s))
			return s->err->code;
	s->depth--;
	return 0;
}

/* How many expressions occur twice comes first: R makes a table for them. */
int serial_bytecode(struct serial *s)
{
	int32_t shared; /* how many expressions occur twice */

	return serial_int(s, &shared) ? s->err->code : code(s);
}
