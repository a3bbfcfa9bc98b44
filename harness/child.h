/* A cell's process, as its parent sees it: a process group of its own that
 * dies with the parent, a question on stdin, an answer on stdout, a wall-clock
 * limit and a limit on resident memory.
 *
 * Resident memory is watched instead of limited by RLIMIT_AS: OpenBLAS loops
 * for ever at start when address space is tight. */
#ifndef TRIARCH_CHILD_H
#define TRIARCH_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "harness/base/error.h"

enum child_end {
	CHILD_RUNS,
	CHILD_EXITED,	/* by itself: `status` is waitpid's */
	CHILD_TIMEOUT,	/* killed at the wall-clock limit */
	CHILD_OOM,	/* killed at the memory limit */
	CHILD_STOPPED,	/* asked or killed by child_stop */
};

struct child {
	pid_t pid;
	int out; /* its stdout, -1 once at its end */
	char *text; /* the answer so far, with a NUL behind it */
	size_t size, room;
	double started, limit_s, memory_mb; /* limits: 0 is none */
	double load_s; /* 0 once the first byte of the answer came */
	double peak_mb; /* the most that was seen */
	enum child_end end, killed_for;
	int status;
};

struct child_limits {
	double wall_s, memory_mb;
	/* With load_s > 0 the child says by a first byte (a line end) that its
	 * data is there; it has load_s until then, and wall_s from then on.
	 * Data that has to be decoded first must not cost a cell its time. */
	double load_s;
};

/* Start `program cell` with `question` on its stdin. ERR_IO: no process to be
 * had; then there is nothing to free. */
int child_start(struct child *c, const char *program, const char *question,
		const struct child_limits *limits, struct error *err);

/* Read what is there, enforce the limits, and see whether it ended (c->end).
 * Never waits. */
void child_poll(struct child *c);

/* Ask it to end (SIGTERM), or end it and all it started (SIGKILL). */
void child_stop(struct child *c, bool now);

/* Free the answer; the child must have ended. */
void child_clear(struct child *c);

#endif
