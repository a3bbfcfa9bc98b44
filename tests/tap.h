/* Tests in TAP: each `ok` is one promise, named in words. A test program ends
 * with `return tap_done();`. */
#ifndef TRIARCH_TAP_H
#define TRIARCH_TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_run, tap_failed;

__attribute__((format(printf, 3, 4), unused)) static bool
tap_ok(bool good, const char *where, const char *fmt, ...)
{
	va_list ap;

	printf("%s %d - ", good ? "ok" : "not ok", ++tap_run);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	if (!good) {
		tap_failed++;
		printf("# failed at %s\n", where);
	}
	fflush(stdout);
	return good;
}

#define TAP_STR2(x) #x
#define TAP_STR(x) TAP_STR2(x)
/* ok(condition, "name %d", ...) */
#define ok(good, ...) tap_ok((good), __FILE__ ":" TAP_STR(__LINE__), __VA_ARGS__)

/* Two numbers within an absolute tolerance (say beside the call why it is so). */
#define ok_near(got, want, tol, ...)                                      \
	do {                                                              \
		double got_ = (double)(got), want_ = (double)(want);      \
		if (!ok(fabs(got_ - want_) <= (tol), __VA_ARGS__))        \
			printf("# got %.9g, want %.9g\n", got_, want_);   \
	} while (0)

#define ok_str(got, want, ...)                                            \
	do {                                                              \
		const char *got_ = (got), *want_ = (want);                \
		if (!ok(!strcmp(got_, want_), __VA_ARGS__))               \
			printf("# got '%s', want '%s'\n", got_, want_);   \
	} while (0)

/* Something this machine lacks: `missing` names it. */
__attribute__((unused)) static void skip(const char *name, const char *missing)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_run, name, missing);
}

__attribute__((unused)) static int tap_done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed != 0;
}

#endif
