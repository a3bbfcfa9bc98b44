/* A folder of a test's own and the store in it. */
#ifndef TRIARCH_STORE_FIXTURE_H
#define TRIARCH_STORE_FIXTURE_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "results/store.h"
#include "tests/record_sample.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static char dir[64];

__attribute__((unused)) static void new_dir(void)
{
	strcpy(dir, "/tmp/triarch-store-XXXXXX");
	if (!mkdtemp(dir))
		abort();
}

__attribute__((unused)) static void remove_dir(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (system(command))
		printf("# cannot remove %s\n", dir);
}

__attribute__((unused)) static struct store *must_open(void)
{
	struct store *s = NULL;

	if (store_open(&s, dir, &err))
		printf("Bail out! %s\n", err.text);
	return s;
}

__attribute__((unused)) static void write_bytes(const char *path, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		printf("# cannot write %s\n", path);
	close(fd);
}

#endif
