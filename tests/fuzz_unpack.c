/* libFuzzer on what comes from the network: the bytes as a compressed file and
 * as an archive. The first byte says which way they go. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "datasets/fetch/unpack.h"

#define LIMIT ((uint64_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever was kept has a name without a way out, and within the limit. */
static void check(const struct spool *s)
{
	for (size_t k = 0; k < s->n; k++)
		if (s->pieces[k].name[0] == '/' ||
		    !strncmp(s->pieces[k].name, "../", 3) ||
		    strstr(s->pieces[k].name, "/../"))
			__builtin_trap();
	if (s->size > LIMIT)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const members[] = { "a", "d/a" };
	static const char *const keep[] = { "*", "d/*" };
	char path[64], hex[HASH_HEX];
	struct spool s;
	struct arena a;
	struct error err;
	bool packed;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (!size || fd < 0 || write(fd, data + 1, size - 1) < 0) {
		close(fd);
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	arena_init(&a, (size_t)1 << 28);
	if (spool_open(&s, NULL, LIMIT, &a, &err))
		__builtin_trap();
	if (*data % 3 == 0)
		unpack_plain(path, &s, &packed, &err);
	else if (*data % 3 == 1)
		unpack_members(path, members, 2, &s, &err);
	else if (!unpack_keep(path, keep, 2, &s, &err))
		spool_tree_digest(&s, hex, &err);
	check(&s);
	spool_close(&s);
	arena_clear(&a);
	close(fd);
	return 0;
}
