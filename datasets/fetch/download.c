/* Resuming is a promise about two moments: the bytes that came yesterday and
 * those that come today must be of one file. HTTP's way to say so is If-Range
 * (RFC 9110, 13.1.5): with the strong ETag or the date of the first part, the
 * server answers 206 with the rest only while the file is still that one, and
 * 200 with all of it otherwise. The tag is kept beside the part, since the
 * program may have been killed in between. */
#include "datasets/fetch/download.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/file.h"

#define SAY_EVERY_US 2000000

/* One request. */
struct request {
	struct download *d;
	CURL *curl;
	int fd;
	uint64_t have;	/* bytes in the part */
	uint64_t limit; /* of the whole file */
	char tag[256];	/* strong ETag or Last-Modified of this answer */
	bool date;	/* the tag is a date: an ETag is better */
	bool started;	/* the first byte of a body came */
	enum err code;	/* what went wrong on our side, or ERR_OK */
	int sys;	/* its errno */
	curl_off_t said; /* when the last line was said, in us */
};

static const struct download_limits standard = {
	.tries = 4, .backoff_ms = 1000, .connect_s = 15, .stall_s = 30,
	.max_bytes = (uint64_t)4 << 30,
};

/* The caller's limits with the defaults where it is silent. */
static struct download_limits limits_of(const struct download *d)
{
	struct download_limits l = d->limits ? *d->limits : standard;

	l.tries = l.tries ? l.tries : standard.tries;
	l.backoff_ms = l.backoff_ms ? l.backoff_ms : standard.backoff_ms;
	l.connect_s = l.connect_s ? l.connect_s : standard.connect_s;
	l.stall_s = l.stall_s ? l.stall_s : standard.stall_s;
	l.max_bytes = l.max_bytes ? l.max_bytes : standard.max_bytes;
	return l;
}

/* PATH.part and PATH.tag: the length was checked in download_file. */
static void part_path(char out[PATH_MAX], const char *path, const char *ending)
{
	snprintf(out, PATH_MAX, "%s.%s", path, ending);
}

__attribute__((format(printf, 2, 3))) static void
say(const struct download *d, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!d->say)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	d->say(d->say_ctx, line);
}

/* ------------------------------------------------------------- the answer */

/* An HTTP header's value without the line's end; NULL when it is another's. */
static const char *header_value(char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncasecmp(line, name, n) || line[n] != ':')
		return NULL;
	line += n + 1;
	line[strcspn(line, "\r\n")] = '\0';
	return line + strspn(line, " \t");
}

/* Each answer of a chain of redirects starts anew with its status line. */
static size_t on_header(char *data, size_t size, size_t n, void *ctx)
{
	struct request *r = ctx;
	char line[1024];
	const char *v;

	if (size * n < sizeof(line)) {
		memcpy(line, data, size * n);
		line[size * n] = '\0';
		if (!strncmp(line, "HTTP/", 5)) {
			r->tag[0] = '\0';
			r->date = false;
		} else if ((v = header_value(line, "etag")) && *v == '"') {
			/* a weak one (W/) cannot stand in If-Range */
			snprintf(r->tag, sizeof(r->tag), "%s", v);
			r->date = false;
		} else if ((v = header_value(line, "last-modified")) &&
			   (!r->tag[0] || r->date)) {
			snprintf(r->tag, sizeof(r->tag), "%s", v);
			r->date = true;
		}
	}
	return size * n;
}

/* Before the first byte: does this answer continue the part, or replace it? The
 * tag of what is now being written goes to the disk first. */
static bool start_body(struct request *r)
{
	char path[PATH_MAX];
	struct error err;
	long status = 0;

	r->started = true;
	curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 206)
		return true;
	if (ftruncate(r->fd, 0) || lseek(r->fd, 0, SEEK_SET)) {
		r->code = ERR_IO;
		r->sys = errno;
		return false;
	}
	r->have = 0;
	part_path(path, r->d->path, "tag");
	unlink(path);
	if (r->tag[0] && file_replace(path, r->tag, strlen(r->tag), &err)) {
		r->code = ERR_IO;
		r->sys = errno;
	}
	return r->code == ERR_OK;
}

/* 0 tells libcurl to stop; the request knows why. */
static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct request *r = ctx;
	size_t left = size * n;

	if (!r->started && !start_body(r))
		return 0;
	if (left > r->limit - r->have) {
		r->code = ERR_DATA;
		return 0;
	}
	while (left) {
		ssize_t k = write(r->fd, data, left);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0) {
			r->code = ERR_IO;
			r->sys = errno;
			return 0;
		}
		data += k;
		left -= (size_t)k;
		r->have += (uint64_t)k;
	}
	return size * n;
}

/* Called several times a second; says a line every two. The clock is
 * libcurl's. */
static int on_progress(void *ctx, curl_off_t total, curl_off_t now,
		       curl_off_t up_total, curl_off_t up_now)
{
	struct request *r = ctx;
	curl_off_t us = 0;
	double have = (double)r->have / 1e6;

	(void)up_total;
	(void)up_now;
	curl_easy_getinfo(r->curl, CURLINFO_TOTAL_TIME_T, &us);
	if (us - r->said < SAY_EVERY_US)
		return 0;
	r->said = us;
	if (total > 0 && total >= now) { /* of this answer: the rest of it */
		double all = have + (double)(total - now) / 1e6;

		say(r->d, "%s: %.1f of %.1f MB, %.0f %%", r->d->url, have, all,
		    100 * have / all);
	} else {
		say(r->d, "%s: %.1f MB", r->d->url, have);
	}
	return 0;
}

/* ------------------------------------------------------------- one request */

/* Range and If-Range for a part that is there. Without a tag (a server that
 * gives none) the digest has to decide whether the halves fit. */
static struct curl_slist *ask_for_rest(struct request *r, char range[32])
{
	char path[PATH_MAX], line[300] = "If-Range: ";
	size_t n = strlen(line), got = 0;
	FILE *f;

	snprintf(range, 32, "%llu-", (unsigned long long)r->have);
	curl_easy_setopt(r->curl, CURLOPT_RANGE, range);
	part_path(path, r->d->path, "tag");
	f = fopen(path, "rb");
	if (f) {
		got = fread(line + n, 1, sizeof(line) - n - 1, f);
		fclose(f);
	}
	line[n + got] = '\0';
	if (!got || strpbrk(line, "\r\n"))
		return NULL;
	return curl_slist_append(NULL, line);
}

/* FAILONERROR keeps the pages of errors out of the part; NOSIGNAL, for we are a
 * library here; the two lists of protocols, because libcurl would follow a
 * redirect to others. No CURLOPT_TIMEOUT: a large file may take an hour, what
 * counts is whether it moves. */
static void set_options(struct request *r, const struct download_limits *l,
			char words[CURL_ERROR_SIZE])
{
	CURL *c = r->curl;

	curl_easy_setopt(c, CURLOPT_URL, r->d->url);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "triarch");
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, 10L);
	curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)l->connect_s);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1024L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)l->stall_s);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, r);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, r);
}

/* What came of a request. */
enum outcome { DONE, AGAIN, AGAIN_FROM_START, UNREACHABLE, FAILED };

/* An HTTP status: some pass (RFC 9110, 15: 408, 429, 5xx), others do not. */
static enum outcome judge_status(const struct request *r, long status,
				 struct error *err)
{
	error_set(err, ERR_MISSING, "the server answers %ld%s", status,
		  status == 404 || status == 410 ?
			  ": no such file, the address may have changed" :
			  "");
	if (status == 416 && r->have) /* the part is longer than the file */
		return AGAIN_FROM_START;
	return status == 408 || status == 429 || status >= 500 ? AGAIN : FAILED;
}

/* Our own failures first: libcurl only knows that a callback said no. */
static enum outcome judge(const struct request *r, CURLcode rc,
			  const char *words, struct error *err)
{
	long status = 0;

	if (r->code == ERR_IO) {
		error_set(err, ERR_IO, "cannot write '%s.part': %s%s",
			  r->d->path, strerror(r->sys),
			  r->sys == ENOSPC ? "; free some space and run again" :
					     "");
		return FAILED;
	}
	if (r->code == ERR_DATA) {
		error_set(err, ERR_DATA, "more than %llu bytes: not what the "
			  "catalogue means", (unsigned long long)r->limit);
		return FAILED;
	}
	if (rc == CURLE_HTTP_RETURNED_ERROR) {
		curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &status);
		return judge_status(r, status, err);
	}
	if (rc == CURLE_OK)
		return DONE;
	error_set(err, rc == CURLE_OUT_OF_MEMORY ? ERR_MEMORY : ERR_MISSING,
		  "%s", words[0] ? words : curl_easy_strerror(rc));
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
		return UNREACHABLE;
	case CURLE_OPERATION_TIMEDOUT: /* before any byte, or in the middle */
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return AGAIN;
	default:
		return FAILED;
	}
}

/* One answer, however long the chain of redirects before it. `first` tells the
 * part of an earlier run from one of this. */
static enum outcome request(struct download *d, int fd, bool first,
			    const struct download_limits *l, struct error *err)
{
	char words[CURL_ERROR_SIZE] = "", range[32];
	off_t have = lseek(fd, 0, SEEK_END);
	struct request r = {
		.d = d, .fd = fd, .curl = curl_easy_init(),
		.have = have < 0 ? 0 : (uint64_t)have, .limit = l->max_bytes,
	};
	struct curl_slist *headers = NULL;
	enum outcome out;
	CURLcode rc;

	if (!r.curl) {
		error_set(err, ERR_MEMORY, "out of memory: libcurl");
		return FAILED;
	}
	set_options(&r, l, words);
	if (r.have)
		headers = ask_for_rest(&r, range);
	if (headers)
		curl_easy_setopt(r.curl, CURLOPT_HTTPHEADER, headers);
	d->resumed = first ? r.have > 0 : d->resumed;
	rc = curl_easy_perform(r.curl);
	if (rc == CURLE_OK && !r.started)
		start_body(&r); /* an empty file is a file, too */
	out = judge(&r, rc, words, err);
	curl_slist_free_all(headers);
	curl_easy_cleanup(r.curl);
	return out;
}

/* ------------------------------------------------------------- all tries */

/* Host and port of an address, for the list of dead ones. */
static void host_of(const char *url, char host[128])
{
	const char *p = strstr(url, "://");

	p = p ? p + 3 : url;
	snprintf(host, 128, "%.*s", (int)strcspn(p, "/?#"), p);
}

/* The list is short and lives as long as one `fetch --all`. */
static bool is_dead(const struct download *d, const char *host)
{
	for (size_t k = 0; d->hosts && k < d->hosts->n; k++)
		if (!strcmp(d->hosts->names[k], host))
			return true;
	return false;
}

/* A full list only means that more hosts are asked in vain. */
static void mark_dead(struct download *d, const char *host)
{
	struct download_hosts *h = d->hosts;

	if (h && h->n < sizeof(h->names) / sizeof(h->names[0]))
		snprintf(h->names[h->n++], sizeof(h->names[0]), "%s", host);
}

/* Through interrupts: Ctrl-C ends the program by itself. */
static void wait_ms(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
			      .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

/* Until it is there, or nothing more can be hoped for. A host that cannot be
 * reached gets a second chance, not four: most often there is no network. */
static int try_all(struct download *d, int fd, struct error *err)
{
	struct download_limits l = limits_of(d);
	unsigned wait = l.backoff_ms;
	char host[128];

	host_of(d->url, host);
	if (is_dead(d, host))
		return error_set(err, ERR_MISSING, "%s could not be reached "
				 "before", host);
	for (unsigned k = 1;; k++) {
		enum outcome o = request(d, fd, k == 1, &l, err);

		if (o == DONE)
			return 0;
		if (o == AGAIN_FROM_START && ftruncate(fd, 0))
			return error_set(err, ERR_IO, "cannot empty '%s.part': %s",
					 d->path, strerror(errno));
		if (o == FAILED || k >= l.tries || (o == UNREACHABLE && k > 1)) {
			if (o == UNREACHABLE)
				mark_dead(d, host);
			return (int)err->code;
		}
		say(d, "%s: %s; trying again", d->url, err->text);
		/* a name server slips for moments; a server that fails, for longer */
		wait_ms(o == UNREACHABLE ? wait / 4 : wait);
		wait *= 2;
	}
}

/* The whole file gets its name only when it is safely on the disk. */
static int publish(const struct download *d, int fd, const char *part,
		   struct error *err)
{
	char tag[PATH_MAX];

	if (fsync(fd) || rename(part, d->path))
		return error_set(err, ERR_IO, "cannot finish '%s': %s", d->path,
				 strerror(errno));
	part_path(tag, d->path, "tag");
	unlink(tag);
	return 0;
}

/* The part is opened for adding to it. An error that no further run can mend
 * takes it away, so that it does not stand in the way. */
int download_file(struct download *d, struct error *err)
{
	char part[PATH_MAX];
	int rc, fd;

	if (strlen(d->path) > PATH_MAX - 8)
		return error_set(err, ERR_IO, "path too long: '%.60s...'",
				 d->path);
	part_path(part, d->path, "part");
	fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_set(err, ERR_IO, "cannot create '%s': %s", part,
				 strerror(errno));
	rc = try_all(d, fd, err);
	if (!rc)
		rc = publish(d, fd, part, err);
	else
		error_wrap(err, "downloading %s", d->url);
	/* nothing that a next run could take up */
	if (rc == ERR_DATA || (rc && lseek(fd, 0, SEEK_END) == 0))
		download_remove(d->path);
	close(fd);
	return rc;
}

/* In this order a kill in between leaves a tag without its part at worst, which
 * nobody reads. */
void download_remove(const char *path)
{
	static const char *const endings[] = { "part", "tag" };
	char other[PATH_MAX];

	unlink(path);
	for (size_t k = 0; k < 2; k++) {
		part_path(other, path, endings[k]);
		unlink(other);
	}
}
