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

int main(void)
{
	test_words();
	test_forms();
	return tap_done();
}
