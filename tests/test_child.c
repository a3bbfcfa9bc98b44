#include "harness/child.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "tests/tap.h"

static char path[64];

/* A program that is a shell script; argv[1] will be "cell". */
static void write_program(const char *body)
{
	FILE *f = fopen(path, "w");

	if (!f)
		abort();
	fprintf(f, "#!/bin/sh\n%s\n", body);
	fclose(f);
	chmod(path, 0700);
}

static void finish(struct child *c)
{
	double start = clock_wall();

	while (c->end == CHILD_RUNS && clock_wall() - start < 30.0) {
		child_poll(c);
		usleep(2000);
	}
}

static struct child run(const char *body, double limit_s, double memory_mb)
{
	const struct child_limits limits = { .wall_s = limit_s,
					     .memory_mb = memory_mb };
	struct error err = { 0 };
	struct child c;

	write_program(body);
	if (child_start(&c, path, "question\n", &limits, &err))
		abort();
	finish(&c);
	return c;
}

static void test_answer(void)
{
	struct child c = run("read q; echo \"$1 $q\"; exit 3", 0, 0);

	ok(c.end == CHILD_EXITED && WIFEXITED(c.status) &&
	   WEXITSTATUS(c.status) == 3, "an exit code comes back");
	ok_str(c.text, "cell question\n",
	       "the question goes in by stdin, the answer comes by stdout");
	child_clear(&c);
}

static void test_long_answer(void)
{
	struct child c = run("head -c 300000 /dev/zero | tr '\\0' x", 0, 0);

	ok(c.end == CHILD_EXITED && c.size == 300000 && c.text[299999] == 'x',
	   "an answer longer than a pipe arrives whole");
	child_clear(&c);
}

static void test_limits(void)
{
	double start = clock_wall();
	struct child c = run("sleep 60", 0.3, 0);

	ok(c.end == CHILD_TIMEOUT, "the wall-clock limit kills");
	ok(clock_wall() - start < 20.0, "and does not wait for the end");
	child_clear(&c);
	/* the shell variable doubles until the limit strikes */
	c = run("x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done", 0, 60);
	ok(c.end == CHILD_OOM && c.peak_mb > 60.0, "the memory limit kills");
	child_clear(&c);
}

static void test_death(void)
{
	struct child c = run("kill -9 $$", 0, 0);

	ok(c.end == CHILD_EXITED && WIFSIGNALED(c.status) &&
	   WTERMSIG(c.status) == SIGKILL, "a signal from outside is seen");
	child_clear(&c);
}

static void test_stop(void)
{
	const struct child_limits none = { 0 };
	struct error err = { 0 };
	struct child c;

	write_program("trap 'echo bye; exit 0' TERM\necho up\n"
		      "while :; do sleep 0.05; done");
	if (child_start(&c, path, "", &none, &err))
		abort();
	while (!c.text) {
		child_poll(&c);
		usleep(2000);
	}
	child_stop(&c, false);
	finish(&c);
	ok(c.end == CHILD_STOPPED && strstr(c.text, "bye"),
	   "a child that is asked to stop may say so");
	child_clear(&c);
	write_program("trap '' TERM; sleep 60");
	if (child_start(&c, path, "", &none, &err))
		abort();
	child_stop(&c, true);
	finish(&c);
	ok(c.end == CHILD_STOPPED, "one that will not is killed");
	child_clear(&c);
}

static void test_loading(void)
{
	const struct child_limits limits = { .wall_s = 0.3, .load_s = 60 };
	struct error err = { 0 };
	struct child c;
	double start;

	write_program("sleep 1; echo; echo here; exec sleep 60");
	start = clock_wall();
	if (child_start(&c, path, "", &limits, &err))
		abort();
	finish(&c);
	ok(c.end == CHILD_TIMEOUT && clock_wall() - start > 1.2,
	   "time before the first byte is for loading, and not counted");
	child_clear(&c);
}

/* The child of the child must go, too: it is in the same process group. */
static void test_group(void)
{
	struct child c = run("sleep 61 & echo $!; sleep 62", 0.3, 0);
	pid_t inner = c.text ? (pid_t)strtol(c.text, NULL, 10) : 0;
	int tries = 200;

	/* killed by now; whoever adopted it has to collect it first */
	while (tries-- && inner > 1 && !kill(inner, 0)) {
		char name[64], state = 'Z';
		FILE *f;

		snprintf(name, sizeof(name), "/proc/%d/stat", (int)inner);
		f = fopen(name, "r");
		if (f && fscanf(f, "%*d %*s %c", &state) != 1)
			state = 'Z';
		if (f)
			fclose(f);
		if (state == 'Z')
			break;
		usleep(10000);
	}
	ok(inner > 1 && tries > 0, "what a child started ends with it");
	child_clear(&c);
}

static void test_no_program(void)
{
	const struct child_limits none = { 0 };
	struct error err = { 0 };
	struct child c;

	if (child_start(&c, "/no/such/program", "q", &none, &err))
		abort();
	finish(&c);
	ok(c.end == CHILD_EXITED && WEXITSTATUS(c.status) == 127,
	   "a program that cannot be started ends with 127");
	child_clear(&c);
}

int main(void)
{
	int fd;

	signal(SIGPIPE, SIG_IGN);
	strcpy(path, "/tmp/triarch-child-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		abort();
	close(fd);
	test_answer();
	test_long_answer();
	test_limits();
	test_death();
	test_stop();
	test_loading();
	test_group();
	test_no_program();
	unlink(path);
	return tap_done();
}
