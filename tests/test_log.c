#include "harness/base/log.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

static char path[] = "/tmp/triarch-log-XXXXXX";
static char said[1024];

/* One line of each level with `l`; what came out on stderr is in `said`. */
static void say_all(const struct log *l)
{
	int keep = dup(STDERR_FILENO);
	size_t n;
	FILE *f;

	if (!freopen(path, "w", stderr))
		return;
	log_warn(l, "w%d", 1);
	log_info(l, "i%s", "2");
	log_debug(l, "d%c", '3');
	fflush(stderr);
	dup2(keep, STDERR_FILENO);
	close(keep);
	f = fopen(path, "r");
	n = f ? fread(said, 1, sizeof(said) - 1, f) : 0;
	said[n] = '\0';
	if (f)
		fclose(f);
}

static void test_levels(void)
{
	say_all(&(struct log){ .level = LOG_QUIET });
	ok_str(said, "", "log: quiet says nothing");
	say_all(&(struct log){ .level = LOG_WARN });
	ok_str(said, "warning: w1\n", "log: warnings are called so");
	say_all(&(struct log){ .level = LOG_INFO });
	ok_str(said, "warning: w1\ni2\n", "log: news are bare lines");
	say_all(&(struct log){ .level = LOG_DEBUG });
	ok_str(said, "warning: w1\ni2\ndebug: d3\n", "log: debug says all");
}

static void test_colour(void)
{
	say_all(&(struct log){ .level = LOG_WARN, .tty = true });
	ok(!strchr(said, '\033'), "log: a terminal alone makes no colours");
	say_all(&(struct log){ .level = LOG_DEBUG, .color = true });
	ok(strstr(said, "\033[33mwarning: \033[0mw1\n"),
	   "log: the head is coloured and not the words");
}

int main(void)
{
	int fd = mkstemp(path);

	close(fd);
	test_levels();
	test_colour();
	unlink(path);
	return tap_done();
}
