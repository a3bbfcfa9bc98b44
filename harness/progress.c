/* A line for each finished cell, and on a terminal a bar below them that is
 * wiped before a line is written and drawn again after it. In a log there is
 * no bar. */
#include "harness/progress.h"

#include <math.h>
#include <stdio.h>

#include "harness/base/clock.h"

#define BAR 24 /* characters */

void progress_init(struct progress *p, const struct log *log, size_t total)
{
	*p = (struct progress){ .log = log, .total = total,
				.started = clock_wall() };
}

/* Seconds. Cells differ by orders of magnitude, so this is a guess; the order
 * is shuffled, which makes it a fair one. NAN before the first. */
double progress_eta(size_t done, size_t total, double elapsed)
{
	if (!done)
		return NAN;
	return elapsed / (double)done * (double)(total - done);
}

/* Two units at most. Seconds up to 100 and minutes up to 100, because "90 s" is
 * easier to compare than "1 min 30 s". */
const char *progress_duration(double seconds, char *out, size_t size)
{
	long s = lround(seconds);

	if (s < 100)
		snprintf(out, size, "%ld s", s);
	else if (s < 6000)
		snprintf(out, size, "%ld min %ld s", s / 60, s % 60);
	else
		snprintf(out, size, "%ld h %ld min", s / 3600, s / 60 % 60);
	return out;
}

/* Only for people: on a terminal, and not with -q. */
static bool has_bar(const struct progress *p)
{
	return p->log->tty && p->log->level >= LOG_INFO;
}

static void wipe(const struct progress *p)
{
	if (has_bar(p) && p->drawn > 0.0)
		fputs("\r\033[K", stderr);
}

/* Cut at 40 characters of name: a line that wraps cannot be wiped. */
static void draw(struct progress *p, const char *doing)
{
	double eta = progress_eta(p->done, p->total, clock_wall() - p->started);
	size_t full = p->total ? BAR * p->done / p->total : BAR;
	char bar[BAR + 1], left[32] = "?";

	for (size_t i = 0; i < BAR; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR] = '\0';
	if (!isnan(eta))
		progress_duration(eta, left, sizeof(left));
	fprintf(stderr, "\r\033[K[%s] %zu/%zu  %s left  %.40s", bar, p->done,
		p->total, left, doing);
	fflush(stderr);
	p->drawn = clock_wall();
}

void progress_step(struct progress *p, const char *line)
{
	p->done++;
	wipe(p);
	log_info(p->log, "[%*zu/%zu] %s", p->total > 999 ? 4 : 3, p->done,
		 p->total, line);
	if (has_bar(p))
		draw(p, "");
}

void progress_wait(struct progress *p, const char *doing)
{
	/* five times a second is smooth enough and costs nothing */
	if (has_bar(p) && clock_wall() - p->drawn > 0.2)
		draw(p, doing);
}

void progress_end(struct progress *p)
{
	wipe(p);
	p->drawn = 0.0;
}
