/* What went wrong, in words a user can act on.
 *
 * Every function that can fail for a reason outside the program returns 0 or
 * a negative enum err and takes a `struct error *err` last (never NULL). The
 * deepest layer sets the message, each layer above may add its own context.
 */
#ifndef TRIARCH_ERROR_H
#define TRIARCH_ERROR_H

enum err {
	ERR_OK = 0,
	ERR_USAGE = -1,       /* a wrong flag or argument */
	ERR_CONFIG = -2,      /* a wrong YAML file or parameter */
	ERR_MISSING = -3,     /* data that is not here and could be fetched */
	ERR_DATA = -4,        /* data that is here but not as it should be */
	ERR_IO = -5,          /* the system said no: disk, permission, pipe */
	ERR_MEMORY = -6,      /* the arena's limit or the system's */
	ERR_TIMEOUT = -7,     /* a hard limit on time */
	ERR_DIVERGED = -8,    /* a fit whose loss or weights left the numbers */
	ERR_UNSUPPORTED = -9, /* a learner that cannot take this task or size */
	ERR_INTERRUPTED = -10,
	ERR_BUG = -11, /* a promise of ours that did not hold */
};

struct error {
	enum err code;
	char text[1024]; /* one line, no full stop, cut if longer */
};

/* Store `code` and the formatted message. Returns `code`. */
int error_set(struct error *err, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "context: " in front of the message. Returns the code already stored. */
int error_wrap(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Empty the error. */
void error_clear(struct error *err);

/* A short lower-case name of the code: "ok", "io", "diverged" ... */
const char *error_name(enum err code);

#endif
