/* Reading by mmap, and the two ways a file comes into being here.
 *
 * Both write a temporary in the same folder, fsync it, and give it its name in
 * one step that POSIX makes atomic: link(2), which fails when the name is taken
 * (the first wins), or rename(2), which replaces. Then the folder is synced,
 * since the name lives there and not in the file. A crash at any point leaves
 * the old state or the new one, and at worst a ".tmp-" file that nobody reads.
 * link and not O_EXCL, because a file created under its final name is visible
 * while it is still half empty. Pillai et al. 2014 ("All file systems are not
 * created equal", OSDI) show what each missing fsync loses.
 */
#include "harness/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TEMP_PREFIX ".tmp-"
#define TEMP_MAX_AGE_S 3600

/* Says what failed, on which path and why; with the cure where there is a plain
 * one. errno is read first, before anything can change it. */
static int io_error(struct error *err, const char *what, const char *path)
{
	int code = errno;
	const char *cure = code == ENOSPC ? "; free some space and run again" :
			   code == EACCES ? "; check its permissions" :
					    "";

	return error_set(err, ERR_IO, "cannot %s '%s': %s%s", what, path,
			 strerror(code), cure);
}

/* mmap refuses length 0, so an empty file points at an empty string. The
 * descriptor may be closed at once: the mapping keeps the file alive. */
int file_map(struct file_map *m, const char *path, struct error *err)
{
	struct stat st;
	void *p = NULL;
	int rc = 0, fd = open(path, O_RDONLY | O_CLOEXEC);

	*m = (struct file_map){ .data = (const unsigned char *)"" };
	if (fd < 0)
		return io_error(err, "open", path);
	if (fstat(fd, &st))
		rc = io_error(err, "stat", path);
	else if (!S_ISREG(st.st_mode))
		rc = error_set(err, ERR_IO, "'%s' is not a file", path);
	else if (st.st_size > 0)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
			 0);
	if (p == MAP_FAILED)
		rc = io_error(err, "map", path);
	else if (p)
		*m = (struct file_map){ .data = p,
					.size = (size_t)st.st_size };
	close(fd);
	return rc;
}

void file_unmap(struct file_map *m)
{
	if (m->size)
		munmap((void *)(size_t)m->data, m->size);
	*m = (struct file_map){ .data = (const unsigned char *)"" };
}

/* Mapped and copied, so that the text has its NUL even where the file ends on
 * a page's edge, and lives as long as the arena. */
int file_read(struct arena *a, const char *path, char **text, size_t *size,
	      struct error *err)
{
	struct file_map m;
	int rc = file_map(&m, path, err);

	if (rc)
		return rc;
	*size = m.size;
	*text = arena_alloc_raw(a, m.size + 1, 1);
	if (!*text) {
		rc = arena_error(a, err);
	} else {
		memcpy(*text, m.data, m.size);
		(*text)[m.size] = '\0';
	}
	file_unmap(&m);
	return rc;
}

/* mkdir of every prefix, from the root; that one exists is no error, whoever
 * made it (two runs start at once). mkdir says EEXIST of a file too: one in the
 * middle fails a step later, with ENOTDIR, the last part is looked at. */
int file_make_dirs(const char *path, struct error *err)
{
	char part[PATH_MAX];
	struct stat st;
	size_t n = strlen(path);

	if (n >= sizeof(part))
		return error_set(err, ERR_IO, "path too long: '%.60s...'", path);
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0777) && errno != EEXIST)
			return io_error(err, "create folder", part);
	}
	if (n && stat(path, &st))
		return io_error(err, "create folder", path);
	if (n && !S_ISDIR(st.st_mode))
		return error_set(err, ERR_IO,
				 "cannot create folder '%s': a file of that "
				 "name is in the way",
				 path);
	return 0;
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* write(2) may take less than it was offered, and a signal may stop it before
 * the first byte. */
static int write_all(int fd, const unsigned char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		size -= (size_t)n;
	}
	return fsync(fd);
}

/* A finished, synced temporary beside `path`; its name into `temp`. */
static int write_temp(const char *path, const void *data, size_t size,
		      char temp[PATH_MAX], struct error *err)
{
	const char *slash = strrchr(path, '/');
	int dir = slash ? (int)(slash - path) + 1 : 0;
	int fd;

	if (snprintf(temp, PATH_MAX, "%.*s" TEMP_PREFIX "XXXXXX", dir, path) >=
	    PATH_MAX)
		return error_set(err, ERR_IO, "path too long: '%.60s...'", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return io_error(err, "create a file beside", path);
	/* mkstemp makes private files; results are meant to be shared. */
	if (write_all(fd, data, size) || fchmod(fd, 0644)) {
		int rc = io_error(err, "write", path);

		close(fd);
		unlink(temp);
		return rc;
	}
	close(fd);
	return 0;
}

/* The folder's entry must reach the disk too, or a crash forgets the link. */
static void sync_folder_of(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) : 1,
		 slash ? path : ".");
	fd = open(dir[0] ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* EEXIST is an answer and no error: somebody had the same result before. The
 * temporary goes in either case, its content lives on under the other name. */
int file_publish_new(const char *path, const void *data, size_t size,
		     bool *existed, struct error *err)
{
	char temp[PATH_MAX];
	int rc = write_temp(path, data, size, temp, err);

	if (rc)
		return rc;
	*existed = false;
	if (link(temp, path)) {
		if (errno == EEXIST)
			*existed = true;
		else
			rc = io_error(err, "publish", path);
	}
	unlink(temp);
	sync_folder_of(path);
	return rc;
}

/* rename(2) takes the old name away in the same step: there is no moment at
 * which the path names nothing. */
int file_replace(const char *path, const void *data, size_t size,
		 struct error *err)
{
	char temp[PATH_MAX];
	int rc = write_temp(path, data, size, temp, err);

	if (rc)
		return rc;
	if (rename(temp, path)) {
		rc = io_error(err, "replace", path);
		unlink(temp);
	}
	sync_folder_of(path);
	return rc;
}

/* By age, because a young temporary may belong to a process that is about to
 * link it. Failing to delete is nobody's loss. */
void file_sweep(const char *dir)
{
	char path[PATH_MAX];
	struct dirent *e;
	struct stat st;
	time_t now = time(NULL);
	DIR *d = opendir(dir);

	if (!d)
		return;
	while ((e = readdir(d))) {
		if (strncmp(e->d_name, TEMP_PREFIX, strlen(TEMP_PREFIX)))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (!stat(path, &st) && now - st.st_mtime > TEMP_MAX_AGE_S)
			unlink(path);
	}
	closedir(d);
}

/* flock(2) belongs to the open file: it ends with the process however that
 * dies, so no lock is ever left behind. The file itself stays, empty. */
int file_lock(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return io_error(err, "open the lock", path);
	while (flock(fd, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		io_error(err, "lock", path);
		close(fd);
		return ERR_IO;
	}
	return fd;
}

/* Closing is unlocking, as nobody shares the descriptor. */
void file_unlock(int handle)
{
	close(handle);
}
