/* SHA-256 for what must never collide: keys of questions, digests of files and
 * predictions. OpenSSL uses the CPU's SHA instructions where there are any.
 * FNV-1a for tables in memory.
 */
#include "harness/base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

/* `struct hash` is OpenSSL's context under our own name. */
struct hash *hash_new(void)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	if (c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(c);
		c = NULL;
	}
	return (struct hash *)c;
}

void hash_add(struct hash *h, const void *data, size_t size)
{
	EVP_DigestUpdate((EVP_MD_CTX *)h, data, size);
}

/* With its NUL, so that "ab" "c" and "a" "bc" are different. */
void hash_add_string(struct hash *h, const char *s)
{
	hash_add(h, s, strlen(s) + 1);
}

static void to_hex(const unsigned char *digest, size_t n, char hex[HASH_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[2 * n] = '\0';
}

void hash_finish(struct hash *h, char hex[HASH_HEX])
{
	unsigned char digest[32] = { 0 };

	EVP_DigestFinal_ex((EVP_MD_CTX *)h, digest, NULL);
	EVP_MD_CTX_free((EVP_MD_CTX *)h);
	to_hex(digest, sizeof(digest), hex);
}

/* EVP_Digest fails only without memory or without SHA-256, and then the digest
 * of zeros cannot be mistaken for one of the data's. */
void hash_bytes(const void *data, size_t size, char hex[HASH_HEX])
{
	unsigned char digest[32] = { 0 };

	EVP_Digest(data, size, digest, NULL, EVP_sha256(), NULL);
	to_hex(digest, sizeof(digest), hex);
}

/* In pieces through stdio and not mapped: files of data may be truncated by
 * somebody else meanwhile, and that would be a SIGBUS. */
int hash_file(const char *path, char hex[HASH_HEX], struct error *err)
{
	unsigned char buffer[1 << 16];
	struct hash *h = NULL;
	int rc = 0;
	size_t n;
	FILE *f = fopen(path, "rb");

	if (!f)
		return error_set(err, ERR_IO, "cannot open '%s': %s", path,
				 strerror(errno));
	h = hash_new();
	if (!h) {
		fclose(f);
		return error_set(err, ERR_MEMORY, "out of memory: sha256");
	}
	while ((n = fread(buffer, 1, sizeof(buffer), f)) > 0)
		hash_add(h, buffer, n);
	if (ferror(f))
		rc = error_set(err, ERR_IO, "cannot read '%s': %s", path,
			       strerror(errno));
	hash_finish(h, hex);
	fclose(f);
	return rc;
}

uint64_t hash_fnv1a(const void *data, size_t size)
{
	const unsigned char *p = data;
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < size; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return h;
}
