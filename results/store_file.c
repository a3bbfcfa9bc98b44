/* Names and places of a row's files. A name holds all that identifies the row,
 * so two runs that make the same row meet in link(2) and nowhere else. */
#include "results/store_file.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/json.h"

/* Twelve digits of the fingerprint tell machines apart; the whole is inside. */
void store_stem(const struct record *r, char stem[STORE_STEM_MAX])
{
	snprintf(stem, STORE_STEM_MAX, "%.64s-%.64s-%.12s-%lld", r->key,
		 r->build, r->fingerprint, (long long)r->repetition);
	for (char *p = stem; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("-._+", *p))
			*p = '_';
}

/* From the end, since a build's name may hold hyphens itself. */
int64_t store_name_repetition(const char *name, const char *key,
			      const char *fingerprint)
{
	size_t keyed = strlen(key), printed = strnlen(fingerprint, 12);
	const char *dash = strrchr(name, '-');
	char ending[8] = "";
	long long repetition;

	if (!dash || strncmp(name, key, keyed) ||
	    (size_t)(dash - name) < keyed + printed + 2 ||
	    strncmp(dash - printed, fingerprint, printed) ||
	    sscanf(dash, "-%lld%7s", &repetition, ending) != 2 ||
	    strcmp(ending, ".json"))
		return -1;
	return repetition;
}

/* snprintf's answer: a cut path would be another file's name. */
static int check_length(int n, const char *dir, struct error *err)
{
	if (n >= 0 && n < PATH_MAX)
		return 0;
	return error_set(err, ERR_IO, "path too long: '%.60s...'", dir);
}

int store_folder(const char *dir, const char *kind, const char *key,
		 char out[PATH_MAX], struct error *err)
{
	/* 256 folders keep each listing short with 100,000 rows. */
	return check_length(snprintf(out, PATH_MAX, "%s/%s/%.2s", dir, kind,
				     key),
			    dir, err);
}

/* DIR/<kind>/<two digits>/<stem><ending>. The digits are taken from the stem
 * and not from the key, so that an odd key cannot climb out of the folder. */
static int place(const char *dir, const char *kind, const struct record *r,
		 const char *ending, char out[PATH_MAX], struct error *err)
{
	char stem[STORE_STEM_MAX];

	store_stem(r, stem);
	return check_length(snprintf(out, PATH_MAX, "%s/%s/%.2s/%s%s", dir,
				     kind, stem, stem, ending),
			    dir, err);
}

int store_cell_path(const char *dir, const struct record *r,
		    char out[PATH_MAX], struct error *err)
{
	return place(dir, "cells", r, ".json", out, err);
}

int store_predictions_path(const char *dir, const struct record *r, bool test,
			   char out[PATH_MAX], struct error *err)
{
	return place(dir, "predictions", r,
		     test ? "-test.bin.gz" : "-valid.bin.gz", out, err);
}

/* Canonical text: the same row has the same bytes wherever it was made, so
 * copies of a store can be compared with cmp. */
int store_write_cell(const char *path, const struct record *r, bool *existed,
		     struct error *err)
{
	json_t *object = record_to_json(r);
	struct arena a;
	char *text = NULL;
	int rc;

	arena_init(&a, 0);
	if (object)
		text = json_canonical(&a, object);
	json_decref(object);
	if (text)
		rc = file_publish_new(path, text, strlen(text), existed, err);
	else
		rc = arena_error(&a, err);
	arena_clear(&a);
	return rc;
}

/* A copy under another name would count twice. */
static int check_name(const char *path, const struct record *r,
		      struct error *err)
{
	char stem[STORE_STEM_MAX];
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t n;

	store_stem(r, stem);
	n = strlen(stem);
	if (!strncmp(name, stem, n) && !strcmp(name + n, ".json"))
		return 0;
	return error_set(err, ERR_DATA, "holds the row of another file, '%s.json'",
			 stem);
}

/* Mapped and parsed in place: a first index reads 100,000 of these. */
int store_read_cell(const char *path, struct arena *a, struct record *r,
		    struct error *err)
{
	struct file_map m;
	json_error_t e;
	json_t *object;
	int rc = file_map(&m, path, err);

	if (rc)
		return rc;
	object = json_loadb((const char *)m.data, m.size,
			    JSON_REJECT_DUPLICATES, &e);
	file_unmap(&m);
	if (!object)
		return error_set(err, ERR_DATA, "column %d: %s", e.column,
				 e.text);
	rc = record_from_json(r, a, object, err);
	json_decref(object);
	if (rc)
		return rc;
	rc = check_name(path, r, err);
	if (rc)
		record_clear(r);
	return rc;
}
