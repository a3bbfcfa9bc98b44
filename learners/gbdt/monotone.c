/* Reading the constraints of the user's, and handing intervals down. */
#include "learners/gbdt/monotone.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/suggest.h"

/* Entries are parted by colons, as commas part parameters. */
static const char separators[] = ":,";

/* The signs on their way. */
struct reading {
	const struct dataset *data;
	int8_t *sign; /* (data->cols) */
	struct error *err;
};

/* Is every entry one of 1, +1, 0 and -1? Then they go by position. */
static bool by_position(const char *text)
{
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, separators);
		const char *digit = p + (*p == '+' || *p == '-');

		if (digit + 1 != p + n || (*digit != '0' && *digit != '1'))
			return false;
		p += n;
		p += *p != '\0';
	}
	return true;
}

/* A wrong name is most often a slip: say which column was meant. */
static int unknown_column(const struct reading *r, const char *name)
{
	const char *names[512];
	size_t n = 0;
	char hint[96];

	for (size_t j = 0; r->data->columns && j < r->data->cols && n < 512; j++)
		if (r->data->columns[j].name)
			names[n++] = r->data->columns[j].name;
	return error_set(r->err, ERR_CONFIG, "monotone: no column '%s'%s", name,
			 suggest_text(name, names, n, hint, sizeof(hint)));
}

/* The column that "name" or "#number" means; cols when there is none. */
static size_t find_column(const struct reading *r, const char *name)
{
	size_t j = 0;
	char *end;

	if (*name == '#') {
		unsigned long k = strtoul(name + 1, &end, 10);

		return name[1] >= '0' && name[1] <= '9' && !*end &&
				       k < r->data->cols ? k : r->data->cols;
	}
	for (; j < r->data->cols; j++)
		if (r->data->columns && r->data->columns[j].name &&
		    !strcmp(r->data->columns[j].name, name))
			break;
	return j;
}

/* Levels of a category have no order that a constraint could speak of. */
static int set_sign(struct reading *r, size_t j, int8_t sign)
{
	const struct column *c = r->data->columns ? &r->data->columns[j] : NULL;

	if (sign && c && c->is_cat)
		return error_set(r->err, ERR_CONFIG, "monotone: column '%s' is "
				 "categorical, its levels have no order",
				 c->name ? c->name : "");
	if (r->sign[j])
		return error_set(r->err, ERR_CONFIG, "monotone: column %zu is "
				 "named twice", j);
	r->sign[j] = sign;
	return 0;
}

/* One "+name" of n bytes. */
static int read_named(struct reading *r, const char *entry, size_t n)
{
	char name[256];
	size_t j;

	if (n < 2 || n > sizeof(name) || (*entry != '+' && *entry != '-'))
		return error_set(r->err, ERR_CONFIG, "monotone: expected +COLUMN "
				 "or -COLUMN, found '%.*s'",
				 (int)(n < 40 ? n : 40), entry);
	memcpy(name, entry + 1, n - 1);
	name[n - 1] = '\0';
	j = find_column(r, name);
	if (j == r->data->cols)
		return unknown_column(r, name);
	return set_sign(r, j, *entry == '+' ? 1 : -1);
}

/* The k-th of as many signs as there are columns, or fewer. */
static int read_placed(struct reading *r, const char *entry, size_t n, size_t k)
{
	if (k >= r->data->cols)
		return error_set(r->err, ERR_CONFIG, "monotone: more signs than "
				 "the %zu columns", r->data->cols);
	if (entry[n - 1] == '0')
		return 0;
	return set_sign(r, k, *entry == '-' ? -1 : 1);
}

int monotone_read(const int8_t **sign, const char *text,
		  const struct dataset *data, struct arena *a,
		  struct error *err)
{
	struct reading r = { .data = data, .err = err };
	bool placed = by_position(text);

	*sign = NULL;
	if (!*text)
		return 0;
	if (data->task == TASK_CLASSIFICATION && data->classes > 2)
		return error_set(err, ERR_UNSUPPORTED, "monotone: for %zu classes "
				 "a constraint on scores is none on "
				 "probabilities; two at most", data->classes);
	r.sign = ARENA_NEW(a, int8_t, data->cols);
	if (!r.sign)
		return arena_error(a, err);
	for (size_t k = 0; *text; k++) {
		size_t n = strcspn(text, separators);

		if (placed ? read_placed(&r, text, n, k) :
			     read_named(&r, text, n))
			return (int)err->code;
		text += n;
		text += *text != '\0';
	}
	*sign = r.sign;
	return 0;
}

void monotone_pass(int8_t sign, const struct cut_bounds *above, double middle,
		   struct cut_bounds below[2])
{
	struct cut_bounds from = *above;

	if (sign && !from.on)
		from = (struct cut_bounds){ -INFINITY, INFINITY, true };
	below[0] = below[1] = from;
	/* the lower values lie left where it rises */
	if (sign) {
		below[sign < 0].high = middle;
		below[sign > 0].low = middle;
	}
}
