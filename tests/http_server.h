/* A web server for tests, on 127.0.0.1, in a child process: what an official
 * address does on a good day and on bad ones. The first part of a path says how
 * it behaves, the rest names a file below the folder:
 *
 *	/ok/F	whole, with ETag, answers Range under If-Range
 *	/cut/F	the first answer to it breaks off in the middle; then as /ok
 *	/plain/F as /cut, but without an ETag and always whole
 *	/busy/F	503 twice, then as /ok
 *	/slow/F	a header, a few bytes, then nothing for a minute
 *	/to/F	redirects to /ok/F
 *	/file/	redirects to file:///etc/passwd
 *	/loop/	redirects to itself
 *
 * Each request is a line in FOLDER/log: path, range. */
#ifndef TRIARCH_TESTS_HTTP_SERVER_H
#define TRIARCH_TESTS_HTTP_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct http_server {
	pid_t pid;
	int port;
	char folder[128];
};

/* How often a path was asked before, by the log. */
static int http_times(const struct http_server *s, const char *path)
{
	char name[256], line[1024];
	int n = 0;
	FILE *f;

	snprintf(name, sizeof(name), "%s/log", s->folder);
	f = fopen(name, "r");
	while (f && fgets(line, sizeof(line), f))
		n += !strncmp(line, path, strlen(path)) &&
		     line[strlen(path)] == ' ';
	if (f)
		fclose(f);
	return n;
}

/* The value of a header of the request, "" without. */
__attribute__((unused)) static void
http_header(const char *request, const char *name, char out[128])
{
	const char *p = strcasestr(request, name);

	out[0] = '\0';
	if (p)
		snprintf(out, 128, "%.*s", (int)strcspn(p + strlen(name), "\r\n"),
			 p + strlen(name));
}

__attribute__((unused)) static void
http_send(int fd, const char *head, const char *body, size_t size)
{
	if (send(fd, head, strlen(head), MSG_NOSIGNAL) < 0)
		return;
	while (size) {
		ssize_t n = send(fd, body, size, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		body += n;
		size -= (size_t)n;
	}
}

/* A file below the folder; the tag is made of its size and first byte. */
__attribute__((unused)) static void
http_send_file(const struct http_server *s, int fd, const char *request,
	       const char *name, bool cut, bool plain)
{
	char path[512], head[512], range[128], tag[64], if_range[128];
	static char body[1 << 22];
	size_t size, from = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", s->folder, name);
	f = fopen(path, "rb");
	if (!f) {
		http_send(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n"
			  "Connection: close\r\n\r\n", "none", 4);
		return;
	}
	size = fread(body, 1, sizeof(body), f);
	fclose(f);
	snprintf(tag, sizeof(tag), "\"%zu-%d\"", size, size ? body[0] : 0);
	http_header(request, "\nRange: bytes=", range);
	http_header(request, "\nIf-Range: ", if_range);
	if (range[0] && !plain && !strcmp(if_range, tag))
		from = (size_t)atol(range);
	if (from > 0 && from >= size) {
		http_send(fd, "HTTP/1.1 416 No\r\nContent-Length: 0\r\n"
			  "Connection: close\r\n\r\n", "", 0);
		return;
	}
	snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n"
		 "Connection: close\r\n%s%s%s\r\n",
		 from ? "206 Partial" : "200 OK", size - from,
		 plain ? "" : "ETag: ", plain ? "" : tag, plain ? "" : "\r\n");
	http_send(fd, head, body + from, cut ? (size - from) / 2 : size - from);
}

__attribute__((unused)) static void
http_answer(const struct http_server *s, int fd, const char *request)
{
	char path[256] = "", name[256], line[300], range[128];
	const char *file;
	int before;
	FILE *log;

	sscanf(request, "GET %255s", path);
	before = http_times(s, path);
	snprintf(name, sizeof(name), "%s/log", s->folder);
	log = fopen(name, "a");
	http_header(request, "\nRange: bytes=", range);
	if (log) {
		fprintf(log, "%s %s\n", path, range);
		fclose(log);
	}
	file = strchr(path + 1, '/');
	file = file ? file + 1 : "";
	if (!strncmp(path, "/to/", 4) || !strncmp(path, "/file/", 6) ||
	    !strncmp(path, "/loop/", 6)) {
		snprintf(line, sizeof(line), "HTTP/1.1 302 Found\r\n"
			 "Location: %s%s\r\nContent-Length: 0\r\n"
			 "Connection: close\r\n\r\n",
			 path[1] == 't' ? "/ok/" : path[1] == 'l' ? "/loop/" :
			 "file:///etc/passwd", path[1] == 't' ? file : "");
		http_send(fd, line, "", 0);
	} else if (!strncmp(path, "/busy/", 6) && before < 2) {
		http_send(fd, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n"
			  "Connection: close\r\n\r\n", "busy", 4);
	} else if (!strncmp(path, "/slow/", 6)) {
		http_send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
			  "few", 3);
		if (!fork()) { /* the others are served meanwhile */
			sleep(60);
			_exit(0);
		}
	} else {
		bool plain = !strncmp(path, "/plain/", 7);

		http_send_file(s, fd, request, file,
			       (plain || !strncmp(path, "/cut/", 5)) && !before,
			       plain);
	}
}

__attribute__((unused)) static void
http_serve(const struct http_server *s, int listener)
{
	for (;;) {
		char request[4096] = "";
		size_t n = 0;
		int fd = accept(listener, NULL, NULL);

		while (fd >= 0 && n < sizeof(request) - 1 &&
		       !strstr(request, "\r\n\r\n")) {
			ssize_t k = recv(fd, request + n,
					 sizeof(request) - 1 - n, 0);

			if (k <= 0)
				break;
			n += (size_t)k;
			request[n] = '\0';
		}
		if (fd >= 0)
			http_answer(s, fd, request);
		close(fd);
	}
}

/* False when this system lets nobody listen. A proxy of the environment's is
 * switched off for this process. */
__attribute__((unused)) static bool http_start(struct http_server *s,
					       const char *folder)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setenv("no_proxy", "*", 1);
	snprintf(s->folder, sizeof(s->folder), "%s", folder);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) ||
	    listen(fd, 32) || getsockname(fd, (struct sockaddr *)&at, &size))
		return false;
	s->port = ntohs(at.sin_port);
	s->pid = fork();
	if (!s->pid) {
		setpgid(0, 0); /* its own children end with it */
		http_serve(s, fd);
	}
	setpgid(s->pid, s->pid);
	close(fd);
	return s->pid > 0;
}

__attribute__((unused)) static void http_stop(struct http_server *s)
{
	kill(-s->pid, SIGTERM);
	waitpid(s->pid, NULL, 0);
}

#endif
