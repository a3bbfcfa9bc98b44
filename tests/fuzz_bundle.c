/* libFuzzer: any bytes as an archive give files in order, with safe names and
 * content that can be read, or an error with words. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "datasets/media/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_through(const struct bundle *b)
{
	unsigned sum = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct bundle_file *f = &b->files[i];

		if (f->name[0] == '/' || strstr(f->name, "/../") ||
		    !strncmp(f->name, "../", 3))
			abort();
		if (i && strcmp(b->files[i - 1].name, f->name) >= 0)
			abort();
		for (size_t k = 0; k < f->size; k++)
			sum += f->bytes[k];
	}
	if (!b->n || sum == 0xffffffff)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("archive", 0);
	struct error err = { 0 };
	struct bundle b;
	struct arena a;
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	arena_init(&a, ((size_t)256 << 20));
	if (!bundle_open(&b, path, &a, &err))
		look_through(&b);
	else if (!err.text[0])
		abort();
	arena_clear(&a);
	close(fd);
	return 0;
}
