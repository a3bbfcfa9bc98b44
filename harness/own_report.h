/* What is known of a person's own data, for people and programs. */
#ifndef TRIARCH_OWN_REPORT_H
#define TRIARCH_OWN_REPORT_H

#include "harness/base/textable.h"
#include "harness/cli.h"
#include "harness/taskspec.h"

/* Look for what is suspicious in the rows of an entry (datasets/own/checks.h): lines
 * go to `out`. Reads the files. */
int own_report_checks(struct cli *c, const struct entry *e, struct notes *out,
		      struct error *err);

/* `info PATH` on stdout: the columns, the notes and the checks. What keeps the data
 * from being learned from is the error, after all that was printed. */
int own_report_show(struct cli *c, const struct taskspec *t, enum textable_format f,
		    struct error *err);

/* The same in short on stderr, before something runs: one line a note. Says nothing
 * of a task that is no path. */
int own_report_tell(struct cli *c, const struct taskspec *t, struct error *err);

#endif
