/* libFuzzer: any bytes as data.noun give rows or an error. */
#include <stdlib.h>
#include <unistd.h>

#include "datasets/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/fuzz_wordnet_XXXXXX";
	const char *paths[] = { path };
	struct source src = {
		.name = "fuzz", .paths = paths, .n_paths = 1, .threads = 1
	};
	struct error err = { 0 };
	struct items x;
	struct arena a;
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	arena_init(&a, (size_t)1 << 28);
	if (reader_find("wordnet")->read(&src, &a, &x, &err) && !err.text[0])
		abort();
	arena_clear(&a);
	unlink(path);
	return 0;
}
