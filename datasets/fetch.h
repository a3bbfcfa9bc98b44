/* Bringing files here. The only module that touches the network, and only when
 * asked: apt-get download, unpacked without root into the cache. */
#ifndef TRIARCH_FETCH_H
#define TRIARCH_FETCH_H

#include "datasets/catalog.h"

struct fetch {
	const char *cache; /* folder, e.g. ~/.cache/triarch; made if need be */
	const char *mirror; /* folder of .deb files to look at first, or NULL */
	bool offline;	   /* never start apt-get, take what is there */
	void (*say)(void *ctx, const char *line); /* progress; NULL is silent */
	void *say_ctx;
};

/* Are all files of the entry in the cache? (Digests were checked when they
 * came; fetch_verify checks again.) */
bool fetch_present(const struct fetch *f, const struct entry *e);

/* Make them be there: download, unpack, verify, move in place. Two fetches at
 * once do no harm (a lock a package). ERR_MISSING when offline or apt has no
 * such package; ERR_DATA when a digest differs (both are named, the file that
 * was there stays); ERR_IO. */
int fetch_entry(const struct fetch *f, const struct entry *e, struct error *err);

/* Check every digest of the entry now. */
int fetch_verify(const struct fetch *f, const struct entry *e, struct error *err);

/* The paths in the cache of the entry's files, in the arena. ERR_MEMORY. */
int fetch_paths(const struct fetch *f, const struct entry *e, struct arena *a,
		const char *const **paths, struct error *err);

#endif
