#include "harness/base/hash.h"

#include "tests/tap.h"

/* FIPS 180-2, appendix B.1: the digest of "abc"; and of the empty string. */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

int main(void)
{
	char hex[HASH_HEX];
	struct error err = { 0 };
	struct hash *h = hash_new();

	hash_bytes("abc", 3, hex);
	ok_str(hex, ABC, "hash: the standard's vector");
	hash_bytes("", 0, hex);
	ok_str(hex, EMPTY, "hash: of nothing");
	hash_add(h, "a", 1);
	hash_add(h, "bc", 2);
	hash_finish(h, hex);
	ok_str(hex, ABC, "hash: in pieces");
	ok(!hash_file("/dev/null", hex, &err) && !strcmp(hex, EMPTY),
	   "hash: of a file");
	ok(hash_file("/nonexistent", hex, &err) == ERR_IO &&
		   strstr(err.text, "/nonexistent"),
	   "hash: a missing file is named");
	return tap_done();
}
