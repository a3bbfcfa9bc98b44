/* R's ways of packing a file are those of everybody else. */
#include "datasets/csv/csv_bytes.h"

#include <string.h>

#include "datasets/rdata/rdata_inflate.h"

/* The magic bytes of gzip, bzip2 and xz. By the bytes and not by the name: files are
 * renamed, and a .csv from the web is often packed. */
static bool is_packed(const unsigned char *data, size_t size)
{
	return size >= 6 && (!memcmp(data, "\x1f\x8b", 2) || !memcmp(data, "BZh", 3) ||
			     !memcmp(data, "\xfd" "7zXZ", 6));
}

/* The map is kept also of a packed file, so that closing is the same for both. */
int csv_bytes_open(struct csv_bytes *b, const char *path, struct arena *a,
		   struct error *err)
{
	struct rdata_bytes plain;
	int rc = file_map(&b->map, path, err);

	if (rc)
		return rc;
	b->text = (const char *)b->map.data;
	b->size = b->map.size;
	if (!is_packed(b->map.data, b->map.size))
		return 0;
	rc = rdata_inflate_file(b->map.data, b->map.size, a, &plain, err);
	if (rc) {
		file_unmap(&b->map);
		return error_wrap(err, "%s", path);
	}
	b->text = (const char *)plain.data;
	b->size = plain.size;
	return 0;
}

/* What was unpacked goes with the arena. */
void csv_bytes_close(struct csv_bytes *b)
{
	file_unmap(&b->map);
}
