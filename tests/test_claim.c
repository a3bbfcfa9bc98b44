#include "harness/claim.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

static const char one[] = "00ab54a98ceb1f0ad200ab54a98ceb1f0ad2";
static const char other[] = "00ab54a98ceb1f1ad200ab54a98ceb1f0ad2";
static char dir[] = "/tmp/claim-XXXXXX";

static void open_or_die(struct claims *c)
{
	struct error err;

	if (claims_open(c, dir, &err))
		abort();
}

static void test_two(void)
{
	struct claims a, b;

	open_or_die(&a);
	open_or_die(&b);
	ok(claims_take(&a, one), "a free cell can be claimed");
	ok(!claims_take(&b, one), "a claimed one cannot");
	ok(claims_take(&a, one), "one's own claim is no obstacle");
	ok(claims_take(&b, other), "the next cell is free");
	ok(!claims_take(&a, other), "and then the other's");
	claims_drop(&b, one);
	ok(!claims_take(&b, one), "what is not one's own cannot be dropped");
	claims_drop(&a, one);
	ok(claims_take(&b, one), "what was dropped is free");
	claims_close(&b);
	ok(claims_take(&a, one) && claims_take(&a, other),
	   "closing gives all back");
	claims_close(&a);
	claims_close(&a);
}

/* A process that claims a cell and then waits to be killed. */
static pid_t claim_in_child(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready))
		abort();
	pid = fork();
	if (!pid) {
		struct claims c;

		open_or_die(&c);
		byte = claims_take(&c, one) ? 'y' : 'n';
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	if (pid < 0 || read(ready[0], &byte, 1) != 1 || byte != 'y')
		abort();
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void test_death(void)
{
	struct claims c;
	pid_t pid = claim_in_child();

	open_or_die(&c);
	ok(!claims_take(&c, one), "another process's claim holds");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ok(claims_take(&c, one), "kill -9 gives it back");
	claims_close(&c);
}

static void test_exec(void)
{
	struct claims a, b;
	pid_t pid;

	open_or_die(&a);
	open_or_die(&b);
	claims_take(&a, one);
	pid = fork();
	if (!pid) {
		execl("/bin/sleep", "sleep", "20", (char *)NULL);
		_exit(1);
	}
	/* the child's copy goes at exec, which we cannot see from here */
	claims_close(&a);
	for (int i = 0; i < 500 && !claims_take(&b, one); i++)
		usleep(10000);
	ok(claims_take(&b, one), "a program started meanwhile holds nothing");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	claims_close(&b);
}

static void test_bad(void)
{
	struct claims c = { .fd = 7 };
	struct error err;

	ok(claims_open(&c, "/proc/nothing", &err) == ERR_IO &&
		   strstr(err.text, "/proc/nothing"),
	   "a folder that is not there is named");
	ok(claims_take(&c, one), "without a file every cell is free");
	claims_drop(&c, one);
	claims_close(&c);
}

int main(void)
{
	char path[64];

	if (!mkdtemp(dir))
		return 1;
	test_two();
	test_death();
	test_exec();
	test_bad();
	snprintf(path, sizeof(path), "%s/.claims.lock", dir);
	unlink(path);
	rmdir(dir);
	return tap_done();
}
