/* By sorting: in the order of the numbers and without a table of hashes, so that
 * the same column in another order of rows gives the same values. */
#include "datasets/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NUMBER_SIZE 24

/* For qsort; there are no NaN among them. */
static int by_value(const void *pa, const void *pb)
{
	float a = *(const float *)pa, b = *(const float *)pb;

	return (a > b) - (a < b);
}

/* Keep the first of each run of equal values; returns how many there are. */
static size_t unique(float *sorted, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (!k || sorted[i] > sorted[k - 1])
			sorted[k++] = sorted[i];
	return k;
}

int values_of(struct values *v, const float *x, size_t n, struct arena *a,
	      struct error *err)
{
	float *value = ARENA_RAW(a, float, n);
	size_t k = 0;

	if (!value)
		return arena_error(a, err);
	for (size_t i = 0; i < n; i++)
		if (!isnan(x[i]))
			/* which of 0 and -0 a sort puts first is its own affair */
			value[k++] = x[i] + 0.0f;
	qsort(value, k, sizeof(*value), by_value);
	*v = (struct values){ .n = unique(value, k), .value = value };
	return 0;
}

/* By halving: the first that is not below x. */
size_t values_find(const struct values *v, float x)
{
	size_t low = 0, high = v->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (v->value[mid] < x)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Nine digits are enough for any float (Steele & White 1990). */
static void value_name(float x, char *text)
{
	for (int digits = 1; digits <= 9; digits++) {
		snprintf(text, NUMBER_SIZE, "%.*g", digits, (double)x);
		if (strtof(text, NULL) >= x && strtof(text, NULL) <= x)
			return;
	}
}

/* One block for all: an allocation each would round up to 64 bytes. */
int values_names(const struct values *v, struct arena *a, const char *const **names,
		 struct error *err)
{
	const char **list = ARENA_RAW(a, const char *, v->n);
	char *text = arena_alloc_raw(a, v->n, NUMBER_SIZE);

	if (!list || !text)
		return arena_error(a, err);
	for (size_t k = 0; k < v->n; k++, text += NUMBER_SIZE) {
		value_name(v->value[k], text);
		list[k] = text;
	}
	*names = list;
	return 0;
}
