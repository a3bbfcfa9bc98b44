/* The order of digests is as good as random and needs no seed: anybody with the
 * official file and sha256sum gets the same records. Lines come from the front,
 * where the official split of covertype has its training rows. */
#include "datasets/fetch/derive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"

/* What goes into the file, piece by piece; closed (and failed) at the end. */
static int close_out(FILE *out, const char *to, struct error *err)
{
	int failed = ferror(out);

	failed |= fclose(out);
	if (!failed)
		return 0;
	return error_set(err, ERR_IO, "cannot write '%s': %s%s", to,
			 strerror(errno), errno == ENOSPC ?
			 "; free some space and run again" : "");
}

/* NULL and an error when it cannot be. */
static FILE *create(const char *to, struct error *err)
{
	FILE *out = fopen(to, "wb");

	if (!out)
		error_set(err, ERR_IO, "cannot create '%s': %s", to,
			  strerror(errno));
	return out;
}

/* Bytes of the first `lines` lines, their ends with them; 0: there are fewer. */
static size_t bytes_of_lines(const struct file_map *m, size_t lines)
{
	const unsigned char *p = m->data, *end = m->data + m->size;

	while (lines && p < end) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			return 0;
		p++;
		lines--;
	}
	return lines ? 0 : (size_t)(p - m->data);
}

/* Mapped: the official file is ten times as large as what is kept of it, and
 * pages behind the last line are never read. */
int derive_lines(const char *from, size_t lines, const char *to,
		 struct error *err)
{
	struct file_map m;
	size_t size;
	FILE *out;
	int rc = file_map(&m, from, err);

	if (rc)
		return rc;
	size = bytes_of_lines(&m, lines);
	out = size ? create(to, err) : NULL;
	if (!size) {
		rc = error_set(err, ERR_DATA, "fewer than %zu lines", lines);
	} else if (!out) {
		rc = (int)err->code;
	} else {
		fwrite(m.data, 1, size, out);
		rc = close_out(out, to, err);
	}
	file_unmap(&m);
	return rc;
}

struct ranked {
	char hex[HASH_HEX];
	size_t at; /* which record */
};

/* qsort is not stable, so the place in the file decides between equal ones. */
static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int order = memcmp(x->hex, y->hex, HASH_HEX);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* All records with their digests, in the order of these. */
static struct ranked *rank(const struct file_map *m, const struct lowest *l,
			   struct arena *a)
{
	size_t n = m->size / l->record;
	struct ranked *all = ARENA_RAW(a, struct ranked, n);

	if (!all)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		all[i].at = i;
		hash_bytes(m->data + i * l->record + l->skip,
			   l->record - l->skip, all[i].hex);
	}
	qsort(all, n, sizeof(*all), compare_ranked);
	return all;
}

/* Sizes first: a file of other records would give bytes, and only the digest
 * would tell, without a word about why. */
static int write_lowest(const struct file_map *m, const struct lowest *l,
			const char *to, struct arena *a, struct error *err)
{
	const struct ranked *all;
	FILE *out;

	if (m->size % l->record || m->size / l->record < l->take)
		return error_set(err, ERR_DATA, "%zu bytes are not %zu records "
				 "of %zu bytes or more", m->size, l->take,
				 l->record);
	all = rank(m, l, a);
	if (!all)
		return arena_error(a, err);
	out = create(to, err);
	if (!out)
		return (int)err->code;
	for (size_t i = 0; i < l->take; i++)
		fwrite(m->data + all[i].at * l->record, 1, l->record, out);
	return close_out(out, to, err);
}

/* 60,000 digests of 3 KiB take a fifth of a second: no need for threads. */
int derive_lowest(const char *from, const struct lowest *l, const char *to,
		  struct arena *a, struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	struct file_map m;
	int rc = file_map(&m, from, err);

	if (rc)
		return rc;
	rc = write_lowest(&m, l, to, a, err);
	file_unmap(&m);
	arena_rewind(a, mark);
	return rc;
}
