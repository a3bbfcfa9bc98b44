/* Bringing files here. The only module that touches the network, and only when
 * asked: cache first, then a mirror folder, then apt-get download (unpacked
 * without root) or an official address. */
#ifndef TRIARCH_FETCH_H
#define TRIARCH_FETCH_H

#include "datasets/catalog.h"
#include "datasets/fetch/download.h"

struct fetch {
	const char *cache; /* folder, e.g. ~/.cache/triarch; made if need be */
	const char *mirror; /* folder to look at first, or NULL: .deb files, and
			     * files under their names in the catalogue */
	bool offline;	   /* no apt-get, no download: take what is there */
	const struct download_limits *limits; /* or NULL: the defaults */
	struct download_hosts *hosts; /* what could not be reached, or NULL */
	void (*say)(void *ctx, const char *line); /* progress; NULL is silent */
	void *say_ctx;
};

/* Are all files of the entry in the cache (or where the user has them)?
 * (Digests were checked when they came; fetch_verify checks again.) */
bool fetch_present(const struct fetch *f, const struct entry *e);

/* Make them be there: find or download, unpack, verify, move in place. What was
 * verified before and did not change is not hashed again. Two fetches at once
 * do no harm (a lock a package, a file and an address), nor does a kill.
 * ERR_MISSING with the cure when there is no way to a file (offline, no such
 * package, no answer, a page only people can read); ERR_DATA when a digest
 * differs (both are named, the file that was there stays) or an archive is
 * broken; ERR_IO; ERR_MEMORY. */
int fetch_entry(const struct fetch *f, const struct entry *e, struct error *err);

/* Check every digest of the entry now. */
int fetch_verify(const struct fetch *f, const struct entry *e, struct error *err);

/* The paths of the entry's files, in the arena: in the cache (a tree that was
 * kept of an archive is a tar, of a package a folder), or the user's own.
 * ERR_MEMORY. */
int fetch_paths(const struct fetch *f, const struct entry *e, struct arena *a,
		const char *const **paths, struct error *err);

#endif
