/* Who works on which cell, among all runs on one store: a claim is a lock on
 * one byte of DIR/.claims.lock, at an offset made of the cell's key. The kernel
 * takes it back when its owner ends, however that happens, and nothing is left
 * in the folder that would have to be swept. */
#ifndef TRIARCH_CLAIM_H
#define TRIARCH_CLAIM_H

#include <stdbool.h>

#include "harness/base/error.h"

struct claims {
	int fd; /* -1: none are kept, and every cell is free */
};

/* `dir` must exist. ERR_IO when the file cannot be opened; claims_close is
 * still allowed then. */
int claims_open(struct claims *c, const char *dir, struct error *err);

/* False when somebody else holds it. One's own claims do not stand in one's
 * way. Where the file system knows no locks every cell is free: work may be
 * done twice then, as the store allows. */
bool claims_take(const struct claims *c, const char *key);
void claims_drop(const struct claims *c, const char *key);

/* Gives all back. */
void claims_close(struct claims *c);

#endif
