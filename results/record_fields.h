/* The fields of a record as data: one table drives the JSON text, the checks
 * when it is read, and the columns of the index. Private to results/. */
#ifndef TRIARCH_RECORD_FIELDS_H
#define TRIARCH_RECORD_FIELDS_H

#include <stdbool.h>

#include "results/record.h"

enum record_kind {
	RECORD_TEXT,   /* const char * */
	RECORD_INT,    /* int64_t, any */
	RECORD_COUNT,  /* int64_t, >= 0 */
	RECORD_REAL,   /* double; NAN is null */
	RECORD_STATUS, /* enum status, by name */
	RECORD_OBJECT, /* json_t *; NULL is null */
};

struct record_field {
	const char *name; /* of the struct's member, the JSON key, the column */
	enum record_kind kind;
	size_t offset;
	bool needed; /* a row without it is refused; else record_init's value */
};

extern const struct record_field record_fields[];
extern const size_t record_fields_n;

/* The member of `r` that the field describes. */
static inline void *record_at(const struct record_field *f, struct record *r)
{
	return (char *)r + f->offset;
}

static inline const void *record_peek(const struct record_field *f,
				      const struct record *r)
{
	return (const char *)r + f->offset;
}

#endif
