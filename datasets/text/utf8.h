/* Files of text as UTF-8, whatever they come in.
 */
#ifndef TRIARCH_UTF8_H
#define TRIARCH_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

struct utf8_source {
	bool latin1;  /* ISO 8859-1: every byte is a character */
	bool replace; /* what is wrong becomes U+FFFD instead of an error */
};

/* Text that may be written to, `size` bytes and a NUL behind them; it holds no
 * other NUL. Lines keep their ends. */
struct utf8_text {
	char *bytes;
	size_t size;
};

/* Bytes that are called `name` in messages. Wrong are bytes that are not UTF-8
 * and, in both encodings, NUL: "name:line: ...". A byte order mark is left out.
 * At most 2 bytes of memory a byte, 3 with `replace`. ERR_DATA, ERR_MEMORY. */
int utf8_decode(const unsigned char *bytes, size_t size, const char *name,
		struct utf8_source from, struct arena *a, struct utf8_text *out,
		struct error *err);

/* The same for a file. Also ERR_IO. */
int utf8_read(const char *path, struct utf8_source from, struct arena *a,
	      struct utf8_text *out, struct error *err);

/* Is a string UTF-8 to its end? */
bool utf8_valid(const char *s);

/* The largest size up to `most` that does not cut a character of s in two. */
size_t utf8_cut(const char *s, size_t size, size_t most);

#endif
