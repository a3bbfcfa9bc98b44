/* libFuzzer: any bytes as labelled text, in each format of one file. The first
 * byte chooses; the rest is the file. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datasets/reader.h"
#include "datasets/text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const options[] = {
	"{format: csv, text_column: text, label_column: label}",
	"{format: csv, header: false, text_column: [1, 3], label_column: 2,"
	" bad_utf8: replace}",
	"{format: tsv, header: false, text_column: 1, label_column: 1,"
	" encoding: latin1, max_bytes: 5}",
	"{format: lines, classes: [a, b], label_base: 0}",
	"{format: lines, separator: tab, bad_utf8: replace, label_until: ':'}",
	"{format: lines, separator: colon, encoding: latin1, min_class: 2}",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/fuzz_text_XXXXXX";
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
	text = options[data[0] % (sizeof(options) / sizeof(*options))];
	if (yaml_parse(&a, text, strlen(text), "fuzz", &map, &err))
		abort();
	src.options = map;
	if (reader_find("text")->read(&src, &a, &x, &err)) {
		if (!err.text[0])
			abort();
	} else {
		for (size_t i = 0; i < x.n; i++)
			if (!utf8_valid(x.text[i]) || x.group[i] >= x.n ||
			    (size_t)x.label[i] >= x.classes)
				abort();
	}
	arena_clear(&a);
	unlink(path);
	return 0;
}
