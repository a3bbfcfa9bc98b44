/* One cell at a time, twice: in general, and as a plain number in place.
 *
 * Most bytes of large CSV files are digits of numbers, so the second way decides
 * the speed. It reads the digits into a 64-bit mantissa where they stand and
 * makes the nearest float of it in nearly all cases with one division.
 */
#include "datasets/csv/csv_cell.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIGITS_MAX   19 /* that fit into 64 bits */
#define EXPONENT_MAX 9999

/* Does any number of blanks separate? */
static bool in_runs(const struct csv_scan *s)
{
	return s->separator == ' ';
}

/* Tabs are blanks unless they separate; CR is one half of a line end. */
static bool is_blank(const struct csv_scan *s, char c)
{
	if (in_runs(s))
		return c == '\r';
	return (c == ' ' || c == '\t' || c == '\r') && c != s->separator;
}

/* What ends a cell besides the line end. */
static bool separates(const struct csv_scan *s, char c)
{
	return c == s->separator || (c == '\t' && in_runs(s));
}

/* Where a run of blanks ends. */
static const char *run_end(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* Step over the separator or line end at `s->at`. */
static enum csv_stop step_over(struct csv_scan *s)
{
	if (in_runs(s)) {
		s->at = run_end(s->at, s->end);
		if (s->at < s->end && *s->at != '\n')
			return CSV_MORE;
	}
	if (s->at == s->end)
		return CSV_ROW_END;
	if (*s->at++ == s->separator)
		return CSV_MORE;
	s->line++;
	return CSV_ROW_END;
}

/* From an opening quote to what ends the cell. Doubled quotes are only noted:
 * halving them needs memory, and most cells have none. */
static enum csv_stop quoted(struct csv_scan *s, struct csv_cell *cell)
{
	const char *p = s->at + 1;

	cell->text = p;
	for (;; p++) {
		if (p == s->end)
			return CSV_OPEN_QUOTE;
		if (*p == '\n')
			s->line++;
		if (*p != '"')
			continue;
		if (p + 1 == s->end || p[1] != '"')
			break;
		cell->doubled = true;
		p++;
	}
	cell->size = (size_t)(p - cell->text);
	for (p++; p < s->end && is_blank(s, *p); p++)
		;
	s->at = p;
	if (p < s->end && *p != '\n' && !separates(s, *p))
		return CSV_AFTER_QUOTE;
	return step_over(s);
}

/* Quotes count only at the start of a cell: 5" in the middle is an inch. */
enum csv_stop csv_cell_next(struct csv_scan *s, struct csv_cell *cell)
{
	const char *p;

	*cell = (struct csv_cell){ .text = s->at };
	if (in_runs(s))
		s->at = run_end(s->at, s->end);
	while (s->at < s->end && is_blank(s, *s->at))
		s->at++;
	if (s->at < s->end && *s->at == '"')
		return quoted(s, cell);
	cell->text = s->at;
	while (s->at < s->end && *s->at != '\n' && !separates(s, *s->at))
		s->at++;
	for (p = s->at; p > cell->text && is_blank(s, p[-1]); p--)
		;
	cell->size = (size_t)(p - cell->text);
	return step_over(s);
}

/* On a copy of the scan: for messages, and for the first row. */
size_t csv_count_cells(struct csv_scan s)
{
	struct csv_cell cell;
	size_t n = 1;

	while (csv_cell_next(&s, &cell) == CSV_MORE)
		n++;
	return n;
}

static const char *line_end(const char *p, const char *end)
{
	const char *at = memchr(p, '\n', (size_t)(end - p));

	return at ? at : end;
}

/* Nothing but separators is a row of missing cells, not a blank line. */
bool csv_skip_blank_lines(struct csv_scan *s)
{
	for (;;) {
		const char *p = s->at;

		if (in_runs(s))
			p = run_end(p, s->end);
		else if (p < s->end && *p == '\r')
			p++;
		if (p < s->end && s->comment && *p == s->comment)
			p = line_end(p, s->end);
		if (p == s->end)
			return false;
		if (*p != '\n')
			return true;
		s->at = p + 1;
		s->line++;
	}
}

/* The second of each pair is left out; single ones cannot occur. */
size_t csv_cell_unquote(const char *text, size_t size, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		to[n++] = text[i];
		if (text[i] == '"')
			i++;
	}
	return n;
}

/* ---------------------------------------------------------------- numbers */

/* A decimal number taken apart: mantissa * 10^exponent. */
struct decimal {
	uint64_t mantissa;
	int exponent;
	int digits; /* in the mantissa, leading zeros not counted */
	bool negative;
};

/* Digits into the mantissa. Those beyond the 19th only move the exponent: they
 * are worth less than 1e-18 of the number. */
static const char *take_digits(const char *p, const char *end, struct decimal *d,
			       bool fraction)
{
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		if (d->digits == DIGITS_MAX) {
			d->exponent += !fraction;
			continue;
		}
		d->mantissa = 10 * d->mantissa + (uint64_t)(*p - '0');
		d->digits += d->mantissa != 0;
		d->exponent -= fraction;
	}
	return p;
}

/* Capped far beyond what a float holds, so that no sum of it overflows. */
static const char *take_exponent(const char *p, const char *end, struct decimal *d)
{
	const char *start = p++;
	bool negative = false;
	int e = 0;

	if (p < end && (*p == '-' || *p == '+'))
		negative = *p++ == '-';
	if (p == end || *p < '0' || *p > '9')
		return start; /* "12e" is no number: the e is left over */
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		if (e < EXPONENT_MAX)
			e = 10 * e + (*p - '0');
	d->exponent += negative ? -e : e;
	return p;
}

/* [+-] digits [. digits] [e [+-] digits]; NULL when there is no digit. */
static const char *take_decimal(const char *p, const char *end, char point,
				struct decimal *d)
{
	const char *start, *whole;

	*d = (struct decimal){ 0 };
	if (p < end && (*p == '-' || *p == '+'))
		d->negative = *p++ == '-';
	start = p;
	p = whole = take_digits(p, end, d, false);
	if (p < end && *p == point)
		p = take_digits(p + 1, end, d, true);
	if (whole == start && p - whole < 2)
		return NULL;
	if (p < end && (*p == 'e' || *p == 'E'))
		p = take_exponent(p, end, d);
	return p;
}

/* The float nearest to a decimal. In double, the product below errs by at most
 * three units of 2^-53; unless the 29 bits that a float lacks lie that close to
 * one half, rounding it gives the nearest float. Otherwise the C library
 * decides (after Clinger 1990, "How to read floating point numbers
 * accurately"). */
static float decimal_value(const struct decimal *d)
{
	static const double power[] = { 1e0,  1e1,  1e2,  1e3,	1e4,  1e5,  1e6,  1e7,
					1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
					1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	const int top = (int)(sizeof(power) / sizeof(*power)) - 1;
	double x = (double)d->mantissa;
	char text[48];
	uint64_t bits;
	float value;

	if (d->exponent >= -top && d->exponent <= top) {
		x = d->exponent < 0 ? x / power[-d->exponent] : x * power[d->exponent];
		memcpy(&bits, &x, sizeof(bits));
		bits = (bits & 0x1fffffff) - (0x10000000 - 4);
		/* Small numbers could be subnormal floats: not this way. */
		if (bits > 8 && (x > 1e-30 || !d->mantissa))
			return d->negative ? -(float)x : (float)x;
	}
	snprintf(text, sizeof(text), "%" PRIu64 "e%d", d->mantissa, d->exponent);
	value = strtof(text, NULL);
	return d->negative ? -value : value;
}

/* The hot path: digits are read where they stand, once, without looking for the
 * end of the cell first. Whatever is not plainly a number goes the other way. */
bool csv_cell_number(struct csv_scan *s, float *value, enum csv_stop *stop)
{
	struct decimal d;
	const char *p = take_decimal(s->at, s->end, s->decimal, &d);

	if (!p)
		return false;
	if (p + 1 < s->end && *p == '\r' && p[1] == '\n')
		p++;
	if (p < s->end && *p != s->separator && *p != '\n')
		return false;
	*value = decimal_value(&d);
	s->at = p;
	*stop = step_over(s);
	return true;
}

/* Spelled out, as R, Python and C print it. */
static bool is_infinite(const char *text, size_t size)
{
	if (size && (*text == '-' || *text == '+')) {
		text++;
		size--;
	}
	return (size == 3 && !strncasecmp(text, "inf", 3)) ||
	       (size == 8 && !strncasecmp(text, "infinity", 8));
}

/* For cells that were in quotes or had blanks around them. */
bool csv_cell_parse(const char *text, size_t size, char decimal, float *value)
{
	struct decimal d;

	if (size && take_decimal(text, text + size, decimal, &d) == text + size) {
		*value = decimal_value(&d);
		return true;
	}
	*value = INFINITY;
	return is_infinite(text, size);
}
