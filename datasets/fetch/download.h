/* One file from an http(s) address, through libcurl. */
#ifndef TRIARCH_DOWNLOAD_H
#define TRIARCH_DOWNLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"

/* Hosts that could not be reached: asked once, then left alone, so that seventy
 * files without a network take no hour. Start with zeros. */
struct download_hosts {
	char names[32][128];
	size_t n;
};

/* A zero takes the default. */
struct download_limits {
	unsigned tries;	     /* in all, on errors that may pass: 4 */
	unsigned backoff_ms; /* before the second; doubled each time: 1000 */
	unsigned connect_s;  /* 15 */
	unsigned stall_s;    /* below 1 KiB/s for so long is a failure: 30 */
	uint64_t max_bytes;  /* 4 GiB */
};

struct download {
	const char *url;
	const char *path; /* what is finished; PATH.part and .tag until then */
	const struct download_limits *limits; /* or NULL */
	struct download_hosts *hosts;	      /* or NULL */
	void (*say)(void *ctx, const char *line); /* progress, or NULL */
	void *say_ctx;
	bool resumed; /* out: part of it came in an earlier run */
};

/* Bring it: what an earlier run left in PATH.part is continued (Range with
 * If-Range on the ETag or date that came with it; a server whose file changed,
 * or that knows no ranges, sends all of it again). The finished file is synced
 * and renamed. Redirects only to http and https; a proxy from the environment,
 * as libcurl reads it. The content is not checked here. The caller holds a lock
 * on `path`.
 * ERR_MISSING when the address cannot be reached or has no such file, with the
 * cure; ERR_DATA above max_bytes; ERR_IO for the disk; ERR_MEMORY. After an
 * error that may pass the part that came stays for the next run. */
int download_file(struct download *d, struct error *err);

/* Remove the finished file and what belongs to it. */
void download_remove(const char *path);

#endif
