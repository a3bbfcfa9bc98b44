/* Files: read whole, publish whole, or not at all. */
#ifndef TRIARCH_FILE_H
#define TRIARCH_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

/* A file mapped read-only; `data` is page-aligned. An empty file has size 0
 * and a non-NULL `data`. */
struct file_map {
	const unsigned char *data;
	size_t size;
};
int file_map(struct file_map *m, const char *path, struct error *err);
void file_unmap(struct file_map *m);

/* The content with a NUL behind it, in the arena. */
int file_read(struct arena *a, const char *path, char **text, size_t *size,
	      struct error *err);

/* Create a folder and those above it. That it exists is fine; a file of that
 * name is ERR_IO. */
int file_make_dirs(const char *path, struct error *err);

/* Publish: write a temporary beside `path`, fsync, then
 *  - file_publish_new: link(2) it in place; the first wins, a later one finds
 *    *existed = true and changes nothing;
 *  - file_replace: rename(2) it over what is there.
 * A reader sees all or nothing, and kill -9 leaves at most a stray temporary
 * (".tmp-..." names; file_sweep removes those older than an hour). */
int file_publish_new(const char *path, const void *data, size_t size,
		     bool *existed, struct error *err);
int file_replace(const char *path, const void *data, size_t size,
		 struct error *err);
void file_sweep(const char *dir);

bool file_exists(const char *path);

/* Hold an exclusive lock on `path` (created if need be) until file_unlock.
 * Waits. Returns a handle >= 0 or a negative enum err. */
int file_lock(const char *path, struct error *err);
void file_unlock(int handle);

#endif
