/* Locks of the open file (F_OFD_SETLK) and not of the process: those would be
 * lost as soon as anybody here closes the file, and two runners in one process
 * would not see each other. A cell's process has the file closed by exec, so
 * that a runner that is killed frees its cells while they are still dying. */
#include "harness/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int claims_open(struct claims *c, const char *dir, struct error *err)
{
	char path[PATH_MAX];

	c->fd = -1;
	if (snprintf(path, sizeof(path), "%s/.claims.lock", dir) >= PATH_MAX)
		return error_set(err, ERR_IO, "path too long: '%.60s...'", dir);
	c->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (c->fd < 0)
		return error_set(err, ERR_IO, "cannot open '%s': %s", path,
				 strerror(errno));
	return 0;
}

/* 60 of the key's 256 bits. Two keys that agree in them (one chance in 10^9
 * among 50,000 cells) only wait for each other. */
static off_t offset_of(const char *key)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%.15s", key);
	return (off_t)strtoll(digits, NULL, 16);
}

/* One byte at the key's offset: a lock does not need the byte to be there.
 * Without a file nothing is locked and all is ours. */
static int set_lock(const struct claims *c, const char *key, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET,
			      .l_start = offset_of(key), .l_len = 1 };

	return c->fd < 0 ? 0 : fcntl(c->fd, F_OFD_SETLK, &lock);
}

/* Where locks do not work at all (some network file systems) everything is
 * taken: to run a cell twice is better than not to run it. */
bool claims_take(const struct claims *c, const char *key)
{
	return !set_lock(c, key, F_WRLCK) ||
	       (errno != EAGAIN && errno != EACCES);
}

void claims_drop(const struct claims *c, const char *key)
{
	set_lock(c, key, F_UNLCK);
}

void claims_close(struct claims *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}
