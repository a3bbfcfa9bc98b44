/* An error is a code for programs and a sentence for people, in a buffer that
 * the caller owns: reporting that memory ran out must not need memory. The
 * sentence grows in front while it travels up (error_wrap), so it reads from
 * the whole to the part: "loading letter: letter.csv:12: ...".
 */
#include "harness/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, enum err code, const char *fmt, ...)
{
	va_list ap;

	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return (int)code;
}

/* Through a copy, because snprintf's source and target must not overlap. */
int error_wrap(struct error *err, const char *fmt, ...)
{
	char context[256], old[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
	memcpy(old, err->text, sizeof(old));
	/* A message longer than the buffer loses its tail, never its place. */
	if (snprintf(err->text, sizeof(err->text), "%s: %s", context, old) < 0)
		err->text[0] = '\0';
	return (int)err->code;
}

void error_clear(struct error *err)
{
	err->code = ERR_OK;
	err->text[0] = '\0';
}

/* Codes are 0, -1, -2 ... in the order of enum err, and the names follow. */
const char *error_name(enum err code)
{
	static const char *const names[] = {
		"ok",      "usage",    "config",      "missing",
		"data",    "io",       "memory",      "timeout",
		"diverged", "unsupported", "interrupted", "bug",
	};
	int i = -(int)code;

	if (i < 0 || i >= (int)(sizeof(names) / sizeof(names[0])))
		return "unknown";
	return names[i];
}
