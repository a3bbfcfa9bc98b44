#include "harness/progress.h"

#include <math.h>
#include <unistd.h>

#include "tests/tap.h"

static void test_words(void)
{
	char text[32];

	ok_str(progress_duration(42.4, text, sizeof(text)), "42 s", "seconds");
	ok_str(progress_duration(200, text, sizeof(text)), "3 min 20 s",
	       "minutes");
	ok_str(progress_duration(7500, text, sizeof(text)), "2 h 5 min", "hours");
	ok(isnan(progress_eta(0, 10, 5.0)), "nothing is promised before the first");
	ok(progress_eta(2, 10, 6.0) == 24.0, "afterwards the mean is");
}

/* What goes to stderr between begin and end. */
static size_t capture(bool tty, char *text, size_t size)
{
	const struct log log = { .level = LOG_INFO, .tty = tty };
	int saved = dup(STDERR_FILENO), fd[2];
	struct progress p;
	ssize_t n;

	if (saved < 0 || pipe(fd))
		return 0;
	dup2(fd[1], STDERR_FILENO);
	progress_init(&p, &log, 2);
	progress_wait(&p, "letter gbdt");
	progress_step(&p, "letter gbdt: fine");
	progress_end(&p);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fd[1]);
	n = read(fd[0], text, size - 1);
	close(fd[0]);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static void test_forms(void)
{
	char text[1024];

	capture(false, text, sizeof(text));
	ok(strstr(text, "1/2] letter gbdt: fine\n") && !strchr(text, '\r') &&
	   !strchr(text, '\033'), "a log gets plain lines");
	capture(true, text, sizeof(text));
	ok(strstr(text, "\r") && strstr(text, "0/2") && strstr(text, "letter gbdt"),
	   "a terminal gets a bar that says what runs");
	ok(!strcmp(text + strlen(text) - 4, "\r\033[K"), "which is taken away");
}

static void test_edges(void)
{
	char text[32];

	ok_str(progress_duration(0, text, sizeof(text)), "0 s", "no time at all");
	ok_str(progress_duration(99.4, text, sizeof(text)), "99 s",
	       "seconds up to a hundred");
	ok_str(progress_duration(99.6, text, sizeof(text)), "1 min 40 s",
	       "rounded before the unit is chosen");
	ok_str(progress_duration(5999, text, sizeof(text)), "99 min 59 s",
	       "minutes up to a hundred");
	ok_str(progress_duration(6000, text, sizeof(text)), "1 h 40 min",
	       "then hours");
	ok_str(progress_duration(360000, text, sizeof(text)), "100 h 0 min",
	       "hours for days, too");
	ok(progress_eta(10, 10, 5.0) == 0.0, "at the end nothing is left");
}

static void test_counting(void)
{
	const struct log quiet = { .level = LOG_QUIET, .tty = true };
	struct progress p;

	progress_init(&p, &quiet, 0);
	progress_wait(&p, "nothing");
	ok(p.drawn == 0.0, "-q has no bar, on a terminal either");
	progress_step(&p, "a step more than was promised");
	ok(p.done == 1, "steps are counted, also where none was expected");
	progress_end(&p);
	ok(p.done == 1 && p.drawn == 0.0, "the end takes nothing back");
}

int main(void)
{
	test_words();
	test_edges();
	test_counting();
	test_forms();
	return tap_done();
}
