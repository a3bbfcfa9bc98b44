/* SHA-256 through OpenSSL, as 64 lower-case hexadecimal digits. */
#ifndef TRIARCH_HASH_H
#define TRIARCH_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"

#define HASH_HEX 65 /* digits and the final NUL */

/* Of a buffer; never fails for a reason of the data's. */
void hash_bytes(const void *data, size_t size, char hex[HASH_HEX]);

/* Of a file's content. ERR_IO when it cannot be read. */
int hash_file(const char *path, char hex[HASH_HEX], struct error *err);

/* Of several pieces in a row: start, add ..., finish. hash_new gives NULL when
 * out of memory; hash_finish frees. */
struct hash;
struct hash *hash_new(void);
void hash_add(struct hash *h, const void *data, size_t size);
void hash_add_string(struct hash *h, const char *s); /* with its NUL */
void hash_finish(struct hash *h, char hex[HASH_HEX]);

/* FNV-1a, 64 bits (Fowler, Noll & Vo; the IETF draft of that name): for tables
 * of our own names, where no adversary picks the keys. */
uint64_t hash_fnv1a(const void *data, size_t size);

#endif
