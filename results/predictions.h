/* The file of predictions beside a row: gzip around a fixed header and three
 * arrays, little endian.
 *
 *   char magic[8] "triarchP"; uint32 version, outputs; uint64 rows;
 *   char sha256[64] of what follows;
 *   uint32 item[rows]; float32 truth[rows]; float32 scores[rows * outputs]
 *
 * Private to results/: others go through store.h.
 */
#ifndef TRIARCH_PREDICTIONS_H
#define TRIARCH_PREDICTIONS_H

#include "harness/base/hash.h"
#include "results/record.h"

#define PREDICTIONS_VERSION 1

/* Write the whole file or nothing; what is there under `path` is replaced.
 * There must be a row at least. */
int predictions_write(const char *path, const struct predictions *p,
		      struct error *err);

/* Read into the arena. ERR_MISSING when there is no such file, ERR_DATA when
 * it is cut, changed, or of a newer version. */
int predictions_read(const char *path, struct arena *a, struct predictions *p,
		     struct error *err);

/* SHA-256 of the scores alone: `pred_sha256` of a row. */
void predictions_hash(const struct predictions *p, char hex[HASH_HEX]);

#endif
