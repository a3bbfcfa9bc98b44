/* A process is started with two pipes and looked at by polling: its answer
 * is drained as it comes, since a full pipe would stop it, and its resident
 * memory is read from /proc at each look. It leads a process group, so that
 * whatever a learner starts can be ended with it. */
#include "harness/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"

/* ---------------------------------------------------------------- start */

/* In the new process, after fork: only async-signal-safe calls. */
static void become_cell(const char *program, int in, int out, pid_t parent)
{
	char *const argv[] = { (char *)(size_t)"triarch",
			       (char *)(size_t)"cell", NULL };

	setpgid(0, 0);
	/* kill -9 of the parent takes the cell along; the parent may have
	 * died before we could ask for that. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	execv(program, argv);
	_exit(127);
}

/* Writes may be short or interrupted; a child that is gone gives EPIPE, as
 * the runner ignores SIGPIPE. */
static bool write_all(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n) {
		ssize_t put = write(fd, text, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		text += put;
		n -= (size_t)put;
	}
	return true;
}

/* Both ends, whatever came of them. */
static void close_pair(int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

/* Close-on-exec: a child must not hold its neighbours' pipes, or their ends
 * would never be seen. */
static int open_pipes(int in[2], int out[2], struct error *err)
{
	if (pipe2(in, O_CLOEXEC))
		return error_set(err, ERR_IO, "cannot make a pipe: %s",
				 strerror(errno));
	if (!pipe2(out, O_CLOEXEC))
		return 0;
	error_set(err, ERR_IO, "cannot make a pipe: %s", strerror(errno));
	close_pair(in);
	return (int)err->code;
}

/* The question is written at once: it is far smaller than a pipe holds (64 KiB
 * on Linux), so that the parent cannot block on a child that does not read. The
 * answer's end does not block, as child_poll must never wait. */
int child_start(struct child *c, const char *program, const char *question,
		const struct child_limits *limits, struct error *err)
{
	int in[2], out[2];
	pid_t parent = getpid();

	*c = (struct child){ .out = -1, .limit_s = limits->wall_s,
			     .memory_mb = limits->memory_mb,
			     .load_s = limits->load_s };
	if (open_pipes(in, out, err))
		return (int)err->code;
	c->started = clock_wall();
	c->pid = fork();
	if (c->pid < 0) {
		error_set(err, ERR_IO, "cannot start a process: %s",
			  strerror(errno));
		close_pair(in);
		close_pair(out);
		return (int)err->code;
	}
	if (!c->pid)
		become_cell(program, in[0], out[1], parent);
	setpgid(c->pid, c->pid); /* whoever is first */
	close(in[0]);
	close(out[1]);
	/* A child that is gone already shows itself when it is polled. */
	write_all(in[1], question);
	close(in[1]);
	c->out = out[0];
	fcntl(c->out, F_SETFL, O_NONBLOCK);
	return 0;
}

/* ---------------------------------------------------------------- watch */

/* False when there is no memory for the answer: then it is cut, and no longer
 * an answer. The first byte says that the data is loaded: from there on the
 * limit is the fit's, and its clock starts anew. */
static bool keep(struct child *c, const char *text, size_t n)
{
	if (c->room - c->size < n + 1) {
		size_t room = 2 * c->room + n + 4096;
		char *grown = realloc(c->text, room);

		if (!grown)
			return false;
		c->text = grown;
		c->room = room;
	}
	if (c->load_s > 0.0) {
		c->load_s = 0.0;
		c->started = clock_wall();
	}
	memcpy(c->text + c->size, text, n);
	c->size += n;
	c->text[c->size] = '\0';
	return true;
}

/* All that is there. End of file closes our end; the process may live on. */
static void drain(struct child *c)
{
	char buffer[16384];

	while (c->out >= 0) {
		ssize_t n = read(c->out, buffer, sizeof(buffer));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0 || !keep(c, buffer, (size_t)n)) {
			close(c->out);
			c->out = -1;
		}
	}
}

/* Resident MiB of the process; 0 when it is gone. */
static double resident_mb(pid_t pid)
{
	unsigned long long pages = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return 0.0;
	if (fscanf(f, "%*u %llu", &pages) != 1)
		pages = 0;
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1048576.0;
}

/* The first reason counts. The group is killed, with all that the cell
 * started. */
static void kill_for(struct child *c, enum child_end why)
{
	if (c->killed_for == CHILD_RUNS)
		c->killed_for = why;
	kill(-c->pid, SIGKILL);
}

/* Called at each look, so a limit strikes up to one period of polling late. */
static void enforce(struct child *c)
{
	double now_mb = resident_mb(c->pid);
	double limit_s = c->load_s > 0.0 ? c->load_s : c->limit_s;

	if (now_mb > c->peak_mb)
		c->peak_mb = now_mb;
	if (c->memory_mb > 0.0 && now_mb > c->memory_mb)
		kill_for(c, CHILD_OOM);
	else if (limit_s > 0.0 && clock_wall() - c->started > limit_s)
		kill_for(c, CHILD_TIMEOUT);
}

void child_poll(struct child *c)
{
	pid_t got;

	if (c->end != CHILD_RUNS)
		return;
	drain(c);
	got = waitpid(c->pid, &c->status, WNOHANG);
	if (got == 0) {
		enforce(c);
		return;
	}
	drain(c);
	if (c->out >= 0)
		close(c->out);
	c->out = -1;
	/* An answer that was complete before the limit struck counts. */
	c->end = c->killed_for != CHILD_RUNS ? c->killed_for : CHILD_EXITED;
	if (WIFEXITED(c->status) && c->killed_for != CHILD_STOPPED)
		c->end = CHILD_EXITED;
}

void child_stop(struct child *c, bool now)
{
	if (c->end != CHILD_RUNS)
		return;
	if (c->killed_for == CHILD_RUNS)
		c->killed_for = CHILD_STOPPED;
	kill(now ? -c->pid : c->pid, now ? SIGKILL : SIGTERM);
}

void child_clear(struct child *c)
{
	if (c->out >= 0)
		close(c->out);
	free(c->text);
	*c = (struct child){ .out = -1 };
}
