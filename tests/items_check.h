/* Do items hold together? What every reader promises and everybody behind it
 * relies on; for contract tests and fuzzers. */
#ifndef TRIARCH_ITEMS_CHECK_H
#define TRIARCH_ITEMS_CHECK_H

#include <math.h>
#include <string.h>

#include "datasets/dataset.h"

/* A cell is a hole, a finite number, or a code below its column's levels. */
static inline const char *items_check_table(const struct items *it)
{
	for (size_t j = 0; j < it->cols; j++) {
		const struct column *c = &it->columns[j];

		if (!c->name)
			return "a column without a name";
		for (size_t i = 0; i < it->n; i++) {
			float v = it->cell[j][i];

			if (isinf(v))
				return "an infinite cell";
			if (c->is_cat && !isnan(v) &&
			    !(v >= 0 && v < (float)c->levels && v == floorf(v)))
				return "a code that is no level";
		}
	}
	return NULL;
}

/* Exactly one of label and target, all of it there. */
static inline const char *items_check_target(const struct items *it)
{
	if (!it->label == !it->target)
		return "not one of label and target";
	for (size_t i = 0; i < it->n; i++) {
		if (it->label && (it->label[i] < 0 || (size_t)it->label[i] >= it->classes))
			return "a label that is no class";
		if (it->target && !isfinite(it->target[i]))
			return "a target that is no number";
	}
	for (size_t c = 0; c < it->classes; c++)
		if (!it->class_names || !it->class_names[c])
			return "a class without a name";
	return NULL;
}

static inline const char *items_check_media(const struct items *it)
{
	double sum = 0;

	for (size_t i = 0; it->text && i < it->n; i++)
		if (!it->text[i])
			return "no text";
	for (size_t i = 0; it->wave_start && i < it->n; i++)
		if (it->wave_start[i + 1] < it->wave_start[i])
			return "a wave that ends before it begins";
	for (size_t k = 0; it->wave && k < it->wave_start[it->n]; k++)
		if (!(it->wave[k] >= -1.0001f && it->wave[k] <= 1.0001f))
			return "a sample outside of [-1, 1]";
	for (size_t k = 0; it->pixels && k < it->n * it->channels * it->height * it->width;
	     k++)
		sum += it->pixels[k];
	return sum < 0 ? "pixels" : NULL;
}

static inline const char *items_check_order(const struct items *it)
{
	for (size_t i = 0; i < it->n; i++) {
		if (it->official && it->official[i] > OFFICIAL_TEST)
			return "an unknown official part";
		if (it->group && it->group[i] >= it->n)
			return "a group number that is not below n";
		if (it->fold && it->fold[i] >= it->n)
			return "a fold number that is not below n";
		if (it->time && !isfinite(it->time[i]))
			return "a time that is no number";
	}
	return NULL;
}

/* NULL when all is well, else what is wrong. */
static inline const char *items_check(const struct items *it)
{
	const char *bad = it->n ? NULL : "no rows";

	if (!bad)
		bad = items_check_table(it);
	if (!bad)
		bad = items_check_target(it);
	if (!bad)
		bad = items_check_media(it);
	return bad ? bad : items_check_order(it);
}

#endif
