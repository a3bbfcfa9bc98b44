/* Lines for people, on stderr. Only the harness may use it; learners and data
 * code report through errors and ticks. */
#ifndef TRIARCH_LOG_H
#define TRIARCH_LOG_H

#include <stdbool.h>

enum log_level { LOG_QUIET = -1, LOG_WARN = 0, LOG_INFO = 1, LOG_DEBUG = 2 };

struct log {
	enum log_level level;
	bool color; /* NO_COLOR, --color and isatty are the caller's to ask */
	bool tty;   /* stderr is a terminal: a progress line may be redrawn */
};

void log_warn(const struct log *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void log_info(const struct log *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void log_debug(const struct log *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
