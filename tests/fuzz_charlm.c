/* libFuzzer: any bytes as a text to learn the characters of. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datasets/reader.h"
#include "datasets/text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const options[] = {
	"{context: 1}",
	"{context: 3, stride: 2, bad_utf8: replace}",
	"{context: 8, encoding: latin1, train: 0.3, valid: 0.3}",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/fuzz_charlm_XXXXXX";
	const char *paths[] = { path };
	struct source src = {
		.name = "fuzz", .paths = paths, .n_paths = 1, .threads = 1
	};
	const char *text;
	struct error err = { 0 };
	struct yaml *map;
	struct items x;
	struct arena a;
	int fd;

	if (!size)
		return 0;
	fd = mkstemp(path);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
		abort();
	close(fd);
	arena_init(&a, (size_t)1 << 28);
	text = options[data[0] % 3];
	if (yaml_parse(&a, text, strlen(text), "fuzz", &map, &err))
		abort();
	src.options = map;
	if (reader_find("charlm")->read(&src, &a, &x, &err)) {
		if (!err.text[0])
			abort();
	} else {
		for (size_t i = 0; i < x.n; i++)
			if (!utf8_valid(x.text[i]) ||
			    (size_t)x.label[i] >= x.classes)
				abort();
	}
	arena_clear(&a);
	unlink(path);
	return 0;
}
