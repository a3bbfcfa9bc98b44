/* Suites as text in a temporary folder, for the tests that read them. */
#ifndef TRIARCH_SUITE_TEXT_H
#define TRIARCH_SUITE_TEXT_H

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/config.h"
#include "tests/tap.h"

static char suite_dir[64], suite_path[96];

__attribute__((unused)) static void suite_folder(void)
{
	strcpy(suite_dir, "/tmp/triarch-test-XXXXXX");
	if (!mkdtemp(suite_dir))
		abort();
	snprintf(suite_path, sizeof(suite_path), "%s/suites.yaml", suite_dir);
}

__attribute__((unused)) static void suite_write(const char *path,
						const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
}

__attribute__((unused)) static void suite_cleanup(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", suite_dir);
	if (system(command))
		printf("# %s stays\n", suite_dir);
}

/* The project's own catalogue, in `a`. */
__attribute__((unused)) static void suite_catalog(struct catalog *c,
						  struct arena *a)
{
	struct error err = { 0 };

	if (catalog_read(c, a, "datasets/catalog.yaml", &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
}

#endif
