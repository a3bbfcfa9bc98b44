#include "harness/base/hash.h"

#include "tests/tap.h"

/* FIPS 180-2, appendix B.1: the digest of "abc"; and of the empty string. */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* The draft of Fowler, Noll & Vo lists these 64-bit FNV-1a values. */
static void test_fnv1a(void)
{
	ok(hash_fnv1a("", 0) == 0xcbf29ce484222325u, "fnv1a: of nothing");
	ok(hash_fnv1a("a", 1) == 0xaf63dc4c8601ec8cu, "fnv1a: of a letter");
	ok(hash_fnv1a("foobar", 6) == 0x85944171f73967e8u, "fnv1a: of a word");
	ok(hash_fnv1a("a\0b", 3) != hash_fnv1a("a", 1),
	   "fnv1a: bytes behind a NUL count");
}

/* Around the 64 bytes of a block, where padding goes wrong if it does. */
static void test_cuts(void)
{
	char data[300], whole[HASH_HEX], pieces[HASH_HEX];
	bool same = true;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	for (size_t n = 0; n < sizeof(data); n++) {
		struct hash *h = hash_new();

		hash_bytes(data, n, whole);
		hash_add(h, data, n / 3);
		hash_add(h, data + n / 3, n - n / 3);
		hash_finish(h, pieces);
		same &= !strcmp(whole, pieces) && strlen(whole) == HASH_HEX - 1;
	}
	ok(same, "hash: where the pieces are cut does not matter");
}

static void test_strings_are_apart(void)
{
	char one[HASH_HEX], two[HASH_HEX];
	struct hash *h = hash_new();

	hash_add_string(h, "ab");
	hash_add_string(h, "c");
	hash_finish(h, one);
	h = hash_new();
	hash_add_string(h, "a");
	hash_add_string(h, "bc");
	hash_finish(h, two);
	ok(strcmp(one, two), "hash: strings do not run into each other");
}

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
	test_fnv1a();
	test_cuts();
	test_strings_are_apart();
	return tap_done();
}
