/* Runs cells, each in a child process, and sees that every one of them ends in
 * a row: a cell that does not live to write its own gets one from here. */
#ifndef TRIARCH_RUNNER_H
#define TRIARCH_RUNNER_H

#include "harness/base/log.h"
#include "harness/queue.h"

struct runner {
	const struct log *log;
	const struct machine *machine;
	const char *program;	 /* NULL: this program */
	struct cell_place place; /* its repetition is the job's */
	/* For rows of failed cells, and to share the work with other runs on
	 * it; NULL: none */
	struct store *store;
	int jobs;		 /* cells at once; 1 for honest times */
	int attempts; /* of a cell that the disk or fork stood against */
	/* Each row, as it comes, also failed ones. May be NULL. */
	void (*row)(void *ctx, const struct job *job, const struct record *r);
	/* A cell that could not be run at all: no row was or will be written. */
	void (*broken)(void *ctx, const struct job *job, const struct error *why);
	/* A cell whose row another run wrote meanwhile. May be NULL. */
	void (*elsewhere)(void *ctx, const struct job *job);
	/* Called often while cells run; for a progress bar. May be NULL. */
	void (*waiting)(void *ctx, const struct job *job);
	void *ctx;
};

/* Run all that no other run on the store is at or has done; then wait for those
 * that others are at, and run what they leave undone. An error of the disk or of
 * fork is met with `attempts` tries, then ends the run (ERR_IO). Ctrl-C or
 * SIGTERM: the running cells are told to stop, nothing of them is stored,
 * ERR_INTERRUPTED; a second one kills them. */
int runner_run(const struct runner *r, struct job *jobs, size_t n,
	       struct error *err);

#endif
