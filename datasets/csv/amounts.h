/* Numbers as people write them: $1,234.50, 12 %, 1.234,56 EUR. */
#ifndef TRIARCH_AMOUNTS_H
#define TRIARCH_AMOUNTS_H

#include "datasets/table.h"

/* What stands beside the digits, as bits. */
enum amount_mark { AMOUNT_CURRENCY = 1, AMOUNT_PERCENT = 2, AMOUNT_THOUSANDS = 4 };

/* A text of `size` bytes; false when it is no number. `decimal` is '.' or ',',
 * the other one groups thousands. 12% is 12. *marks: what it had. */
bool amount_parse(const char *text, size_t size, char decimal, float *value,
		  unsigned *marks);

/* Put numbers in place of the texts of the n named columns; columns of numbers
 * stay. ERR_CONFIG when there is no such column, ERR_DATA names a text that is no
 * number, ERR_MEMORY. */
int amounts_convert(struct table *t, const char *const *names, size_t n, char decimal,
		    struct arena *a, struct error *err);

#endif
