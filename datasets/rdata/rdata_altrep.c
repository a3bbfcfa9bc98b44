/* ALTREP: vectors that R 3.5 and later saves as a recipe (class, state,
 * attributes) instead of elements.
 *
 * src/main/altclasses.c says how each class serializes its state. 1:1000000 is
 * three reals there; a column that was sorted comes as a wrapper that remembers
 * so; as.character(1:n) comes as the numbers. Data frames have them for row
 * numbers above all, and freshly computed columns for anything.
 */
#include "datasets/rdata/rdata_serial.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_SIZE 32

/* An unfolded vector is not backed by bytes of the file, so a budget bounds
 * it; the values it stands for share one allocation. */
static int spend(struct serial *s, size_t n)
{
	if (n > s->spare)
		return serial_bad(s, "sequences too long for their file");
	s->spare -= n;
	return 0;
}

/* State of both compact sequences, such as 1:n: three reals, length, first value
 * and step. `whole` tells compact_intseq from compact_realseq. */
static int sequence(struct serial *s, const struct rvalue *state, bool whole,
		    struct rvalue **out)
{
	struct rvalue *v;
	int32_t *ints;
	double *reals;
	size_t n;

	if (state->type != RDATA_REAL || state->n != 3 ||
	    !(state->reals[0] >= 0 && state->reals[0] < 0x1p52))
		return serial_bad(s, "a sequence that is none");
	n = (size_t)state->reals[0];
	if (spend(s, n))
		return s->err->code;
	v = serial_new(s, whole ? RDATA_INTEGER : RDATA_REAL, n);
	reals = ARENA_RAW(s->arena, double, n);
	if (!v || !reals)
		return arena_error(s->arena, s->err);
	for (size_t i = 0; i < n; i++)
		reals[i] = state->reals[1] + (double)i * state->reals[2];
	v->reals = reals;
	*out = v;
	if (!whole)
		return 0;
	ints = ARENA_RAW(s->arena, int32_t, n);
	if (!ints)
		return arena_error(s->arena, s->err);
	for (size_t i = 0; i < n; i++)
		ints[i] = fabs(reals[i]) <= INT32_MAX ? (int32_t)reals[i] : RDATA_NA;
	v->ints = ints;
	return 0;
}

/* as.character() of one number; false for NA. R prints 15 significant digits. */
static bool number_text(const struct rvalue *v, size_t i, char *text)
{
	if (v->type == RDATA_REAL) {
		snprintf(text, NUMBER_SIZE, "%.15g", v->reals[i]);
		return !isnan(v->reals[i]);
	}
	snprintf(text, NUMBER_SIZE, "%d", v->ints[i]);
	return v->ints[i] != RDATA_NA;
}

/* as.character(x) that R put off until somebody looks: the state is a pair of
 * the numbers and of a print option, which changes no digits. */
static int deferred(struct serial *s, const struct rvalue *state, struct rvalue **out)
{
	const struct rvalue *from =
		state->type == RDATA_PAIR ? state->pair.head : &serial_nil;
	const char **list;
	struct rvalue *v;
	char *text;

	if (from->type != RDATA_INTEGER && from->type != RDATA_REAL)
		return serial_bad(s, "deferred strings of no numbers");
	if (spend(s, from->n))
		return s->err->code;
	v = serial_new(s, RDATA_STRING, from->n);
	list = ARENA_RAW(s->arena, const char *, from->n);
	text = ARENA_RAW(s->arena, char, from->n *NUMBER_SIZE);
	if (!v || !list || !text)
		return arena_error(s->arena, s->err);
	for (size_t i = 0; i < from->n; i++, text += NUMBER_SIZE)
		list[i] = number_text(from, i, text) ? text : NULL;
	v->strings = list;
	*out = v;
	return 0;
}

/* State: the vector inside, and what R knew of its order; a pair or a list. */
static int wrapped(struct serial *s, const struct rvalue *state, struct rvalue **out)
{
	const struct rvalue *inner = NULL;
	struct rvalue *v = serial_new(s, RDATA_NULL, 0);

	if (!v)
		return s->err->code;
	if (state->type == RDATA_PAIR)
		inner = state->pair.head;
	else if (state->type == RDATA_LIST && state->n)
		inner = state->items[0];
	if (!inner)
		return serial_bad(s, "a wrapper around nothing");
	*v = *inner; /* its own attributes are the wrapper's to replace */
	v->attributes = &serial_nil;
	*out = v;
	return 0;
}

/* The info is list(class, package, type) as a pairlist. Classes that packages
 * define (memory-mapped files and the like) point outside of the file, so there
 * is nothing to read: they become opaque, and an error only when asked for. */
int serial_altrep(struct serial *s, const struct rvalue **out)
{
	const struct rvalue *info, *state, *attributes;
	struct rvalue *v = NULL;
	const char *class = "";
	int r = 0;

	if (serial_item(s, &info) || serial_item(s, &state) ||
	    serial_item(s, &attributes))
		return s->err->code;
	if (info->type == RDATA_PAIR && info->pair.head->type == RDATA_SYMBOL)
		class = info->pair.head->text;
	if (!strcmp(class, "compact_intseq"))
		r = sequence(s, state, true, &v);
	else if (!strcmp(class, "compact_realseq"))
		r = sequence(s, state, false, &v);
	else if (!strcmp(class, "deferred_string"))
		r = deferred(s, state, &v);
	else if (!strncmp(class, "wrap_", 5))
		r = wrapped(s, state, &v);
	else
		v = serial_new(s, RDATA_OPAQUE, 0);
	if (r || !v)
		return s->err->code;
	v->attributes = attributes;
	*out = v;
	return 0;
}
