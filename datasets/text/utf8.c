/* Two passes, one to count and one to write, so that a text takes the memory it
 * needs and no buffer grows. The file itself is mapped and costs none. */
#include "datasets/text/utf8.h"

#include <string.h>

#include <utf8proc.h>

#include "harness/base/file.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* One character of the input: bytes it takes, and what it becomes. */
struct step {
	size_t taken, size;
	char to[4];
	bool bad;
};

/* ISO 8859-1 is the first 256 code points. */
static void step_latin1(unsigned char c, struct step *s)
{
	s->taken = 1;
	s->bad = !c;
	s->size = c < 0x80 ? 1 : 2;
	s->to[0] = (char)(c < 0x80 ? c : 0xc0 | c >> 6);
	s->to[1] = (char)(0x80 | (c & 0x3f));
}

/* A byte that starts no character is wrong by itself, so that the next one gets
 * its chance: a text of another encoding loses its accents, not its letters. */
static void step_utf8(const unsigned char *p, size_t left, struct step *s)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t len = utf8proc_iterate(p, (utf8proc_ssize_t)left, &c);

	s->bad = len <= 0 || !c;
	s->taken = s->size = s->bad ? 1 : (size_t)len;
	memcpy(s->to, p, s->taken);
}

/* The one place that knows both encodings. What is replaced is always U+FFFD, as
 * the Unicode Standard (3.9, conformance) advises. */
static struct step step(const unsigned char *p, size_t left,
			struct utf8_source from)
{
	struct step s = { 0 };

	if (*p && *p < 0x80) { /* nearly all bytes there are */
		s.taken = s.size = 1;
		s.to[0] = (char)*p;
	} else if (from.latin1) {
		step_latin1(*p, &s);
	} else {
		step_utf8(p, left, &s);
	}
	if (s.bad && from.replace) {
		s.size = 3;
		memcpy(s.to, REPLACEMENT, 3);
	}
	return s;
}

/* The size as UTF-8; a wrong byte is an error unless it is replaced. */
static int measure(const unsigned char *bytes, size_t size, const char *name,
		   struct utf8_source from, size_t *out, struct error *err)
{
	size_t line = 1;
	struct step s;

	*out = 0;
	for (size_t i = 0; i < size; i += s.taken) {
		s = step(bytes + i, size - i, from);
		line += bytes[i] == '\n';
		*out += s.size;
		if (!s.bad || from.replace)
			continue;
		if (!bytes[i])
			return error_set(err, ERR_DATA, "%s:%zu: has a NUL byte: "
					 "no text (bad_utf8: replace reads it "
					 "all the same)", name, line);
		return error_set(err, ERR_DATA, "%s:%zu: byte %02x is not UTF-8 "
				 "(encoding: latin1, or bad_utf8: replace)",
				 name, line, bytes[i]);
	}
	return 0;
}

/* A mark of the byte order is no character of the text, though U+FEFF is one. */
int utf8_decode(const unsigned char *bytes, size_t size, const char *name,
		struct utf8_source from, struct arena *a, struct utf8_text *out,
		struct error *err)
{
	struct step s;
	char *to;
	int rc;

	if (!from.latin1 && size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
		bytes += 3;
		size -= 3;
	}
	rc = measure(bytes, size, name, from, &out->size, err);
	if (rc)
		return rc;
	out->bytes = to = ARENA_RAW(a, char, out->size + 1);
	if (!to)
		return arena_error(a, err);
	for (size_t i = 0; i < size; i += s.taken) {
		s = step(bytes + i, size - i, from);
		memcpy(to, s.to, s.size);
		to += s.size;
	}
	*to = '\0';
	return 0;
}

/* The mapping is given back before the text is used: nothing points into it. */
int utf8_read(const char *path, struct utf8_source from, struct arena *a,
	      struct utf8_text *out, struct error *err)
{
	struct file_map m;
	int rc = file_map(&m, path, err);

	if (rc)
		return rc;
	rc = utf8_decode(m.data, m.size, path, from, a, out, err);
	file_unmap(&m);
	return rc;
}

/* utf8proc_iterate refuses overlong forms, surrogates and what is beyond
 * U+10FFFF; with -1 it reads no further than a NUL. */
bool utf8_valid(const char *s)
{
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s;

	while (*p) {
		utf8proc_int32_t c;
		utf8proc_ssize_t len = utf8proc_iterate(p, -1, &c);

		if (len <= 0)
			return false;
		p += len;
	}
	return true;
}

/* Bytes 10xxxxxx continue a character. */
size_t utf8_cut(const char *s, size_t size, size_t most)
{
	if (size <= most)
		return size;
	while (most && ((unsigned char)s[most] & 0xc0) == 0x80)
		most--;
	return most;
}
