/* Lines on stderr, by level. The head is coloured and not the words, so that a
 * message stays readable on every background, and is there without colours.
 */
#include "harness/base/log.h"

#include <stdarg.h>
#include <stdio.h>

static void line(const struct log *l, const char *color, const char *head,
		 const char *fmt, va_list ap)
{
	if (l->color)
		fputs(color, stderr);
	fputs(head, stderr);
	if (l->color)
		fputs("\033[0m", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void log_warn(const struct log *l, const char *fmt, ...)
{
	va_list ap;

	if (l->level < LOG_WARN)
		return;
	va_start(ap, fmt);
	line(l, "\033[33m", "warning: ", fmt, ap);
	va_end(ap);
}

void log_info(const struct log *l, const char *fmt, ...)
{
	va_list ap;

	if (l->level < LOG_INFO)
		return;
	va_start(ap, fmt);
	line(l, "", "", fmt, ap);
	va_end(ap);
}

void log_debug(const struct log *l, const char *fmt, ...)
{
	va_list ap;

	if (l->level < LOG_DEBUG)
		return;
	va_start(ap, fmt);
	line(l, "\033[2m", "debug: ", fmt, ap);
	va_end(ap);
}
