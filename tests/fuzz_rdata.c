/* libFuzzer on R data files: the first byte chooses between a file, an entry
 * of a lazy-load database and the serialization itself, so that compression
 * does not hide the parser. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "datasets/rdata/rdata.h"
#include "datasets/rdata/rdata_inflate.h"
#include "datasets/rdata/rdata_serial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rvalue *v;
	struct rdata_bytes b;
	struct arena a;
	struct error err;

	if (!size)
		return 0;
	arena_init(&a, (size_t)1 << 30);
	if (*data % 3 == 0)
		rdata_parse(data + 1, size - 1, &a, &v, &err);
	else if (*data % 3 == 1)
		rdata_inflate_blob(data + 1, size - 1, &a, &b, &err);
	else if ((b.data = arena_copy(&a, data + 1, size - 1)))
		rdata_unserialize(b.data, size - 1, &a, &v, &err);
	arena_clear(&a);
	return 0;
}
