/* Errors become words on stderr and an exit code in one place, so that the
 * same mistake ends every verb in the same way. */
#include "harness/cli.h"

#include <stdio.h>

/* Usage, configuration and data are mistakes in what the user wrote (2);
 * missing data has a cure of its own (3); what is left is the machine's.
 * Scripts rely on these numbers: see enum exit_code. */
int cli_fail(const struct cli *c, const struct error *err)
{
	fprintf(stderr, "%striarch: %s%s\n", c->log.color ? "\033[31m" : "",
		err->text, c->log.color ? "\033[0m" : "");
	switch (err->code) {
	case ERR_OK:
		return EXIT_FINE;
	case ERR_USAGE:
	case ERR_CONFIG:
	case ERR_DATA:
		return EXIT_USAGE;
	case ERR_MISSING:
		return EXIT_NO_DATA;
	case ERR_INTERRUPTED:
		return EXIT_INTERRUPTED;
	case ERR_BUG:
		return EXIT_BUG;
	default:
		return EXIT_FAILED_CELLS;
	}
}
