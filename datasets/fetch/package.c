/* `apt-get download` needs no root: it checks the signature chain of the
 * archive's lists, writes the .deb to the working folder and installs nothing.
 * `dpkg-deb -x` then unpacks the files without running the package's scripts.
 *
 * Programs are started with posix_spawn, which does not copy the page tables
 * of a process that may hold gigabytes, and never through a shell, so that no
 * name is ever interpreted. */
#include "datasets/fetch/package.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The last words of a child program, for messages. */
struct output {
	char text[4096];
	size_t n;
};

/* Keep the end of what comes: programs complain last. */
static void output_add(struct output *o, const char *data, size_t n)
{
	size_t room = sizeof(o->text) - 1, over;

	if (n > room) {
		data += n - room;
		n = room;
	}
	over = o->n + n > room ? o->n + n - room : 0;
	memmove(o->text, o->text + over, o->n - over);
	o->n -= over;
	memcpy(o->text + o->n, data, n);
	o->n += n;
	o->text[o->n] = '\0';
}

/* The first line that starts with `start`, else the last line, cut off. */
static const char *output_line(struct output *o, const char *start)
{
	char *line = o->text, *last = o->text, *end;

	for (; *line; line = end + 1) {
		end = strchrnul(line, '\n');
		if (end > line)
			last = line;
		if (!strncmp(line, start, strlen(start)) || !*end)
			break;
	}
	line = !strncmp(line, start, strlen(start)) ? line : last;
	*strchrnul(line, '\n') = '\0';
	return line;
}

/* Read until every copy of the writing end is closed, which is when the program
 * and its children have ended. */
static void drain(int fd, struct output *o)
{
	char buffer[1024];
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		output_add(o, buffer, (size_t)n);
	}
}

/* Start argv in `folder` with both its outputs on `fd`. An errno value. */
static int spawn(char *const *argv, const char *folder, int fd, pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	int rc = posix_spawn_file_actions_init(&fa);

	if (rc)
		return rc;
	rc = posix_spawn_file_actions_addchdir_np(&fa, folder);
	if (!rc)
		rc = posix_spawn_file_actions_addopen(&fa, 0, "/dev/null",
						      O_RDONLY, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&fa, fd, 1);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&fa, fd, 2);
	if (!rc)
		rc = posix_spawnp(pid, argv[0], &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	return rc;
}

/* Run a program to its end. Its exit status (0 is success), or -1 with `err`
 * set when it could not be started. */
static int run(char *const *argv, const char *folder, struct output *o,
	       struct error *err)
{
	int fds[2], status = 0, rc;
	pid_t pid;

	/* close-on-exec: the child keeps only what `spawn` makes 1 and 2 */
	o->n = 0;
	o->text[0] = '\0';
	if (pipe2(fds, O_CLOEXEC)) {
		error_set(err, ERR_IO, "cannot make a pipe: %s", strerror(errno));
		return -1;
	}
	rc = spawn(argv, folder, fds[1], &pid);
	close(fds[1]);
	if (rc) {
		close(fds[0]);
		error_set(err, rc == ENOENT ? ERR_MISSING : ERR_IO,
			  "cannot start '%s': %s", argv[0], strerror(rc));
		return -1;
	}
	drain(fds[0], o);
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* The .deb of the package's candidate version into `temp`. Which version that
 * is does not matter: the catalogue's digests decide about the content. */
static int download(const char *package, const char *temp, struct error *err)
{
	/* apt would drop root for the user _apt, who may not write in `temp` */
	char *argv[] = { "apt-get",
			 "-q",
			 "-o",
			 geteuid() ? "Acquire::Retries=2" :
				     "APT::Sandbox::User=root",
			 "download",
			 (char *)(size_t)package,
			 NULL };
	struct output o;
	int status = run(argv, temp, &o, err);

	if (status < 0)
		return error_wrap(err, "bringing package %s (on a system without "
				  "apt, unpack it into the cache by hand)",
				  package);
	if (status)
		return error_set(err, ERR_MISSING, "apt-get cannot bring package "
				 "'%s': %s; if apt has no lists yet, run "
				 "'apt-get update' as root",
				 package, output_line(&o, "E: "));
	return 0;
}

/* The package's file in a folder; false when there is none. The path is made
 * absolute, for the program that unpacks it runs in another folder. */
static bool find_deb(const char *folder, const char *package,
		     char path[PATH_MAX])
{
	char pattern[PATH_MAX];
	glob_t g;
	bool found;

	snprintf(pattern, sizeof(pattern), "%s/%s_*.deb", folder, package);
	found = glob(pattern, 0, NULL, &g) == 0 && g.gl_pathc > 0;
	if (found) /* sorted: the last is the newest, near enough */
		found = realpath(g.gl_pathv[g.gl_pathc - 1], path) != NULL;
	globfree(&g);
	return found;
}

/* A mirror goes first: it is what the user put there, and faster. dpkg-deb
 * checks the archive's structure and fails on one that was cut short; whether
 * the content is the right one is the caller's to check. */
int package_unpack(const char *package, const char *mirror, bool offline,
		   const char *temp, struct error *err)
{
	char deb[PATH_MAX] = "";
	char *argv[] = { "dpkg-deb", "-x", deb, "tree", NULL };
	struct output o;
	int status;

	if (!mirror || !find_deb(mirror, package, deb)) {
		int rc;

		if (offline)
			return error_set(err, ERR_MISSING, "package '%s' is not "
					 "in the mirror '%s', and offline is "
					 "set", package, mirror ? mirror : "");
		rc = download(package, temp, err);
		if (rc)
			return rc;
		if (!find_deb(temp, package, deb))
			return error_set(err, ERR_IO, "apt-get brought no file "
					 "of package '%s'", package);
	}
	status = run(argv, temp, &o, err);
	if (status < 0)
		return error_wrap(err, "unpacking package %s", package);
	if (status)
		return error_set(err, ERR_IO, "cannot unpack package '%s': %s",
				 package, output_line(&o, "dpkg-deb: error"));
	return 0;
}
