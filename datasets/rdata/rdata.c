/* From files to values: which of R's three kinds of file this is, and where in
 * it the wanted object lies.
 *
 * 	.rds  "X\n" ...           one value without a name
 * 	.rda  "RDX3\n" "X\n" ...  a pairlist: tags are names of objects
 * 	.rdx  an .rds of list(variables = list(name = c(offset, length), ...),
 * 	      references = the same for environments, compressed = ...)
 * 	.rdb  at each of these offsets, a blob (rdata_inflate.h)
 */
#include "datasets/rdata/rdata.h"

#include <stdio.h>
#include <string.h>

#include "datasets/rdata/rdata_inflate.h"
#include "datasets/rdata/rdata_serial.h"
#include "harness/base/file.h"
#include "harness/base/suggest.h"

/* Does the content begin with these bytes? */
static bool starts(const struct rdata_bytes *b, const char *magic)
{
	return b->size >= strlen(magic) && !memcmp(b->data, magic, strlen(magic));
}

/* An .rda is an .rds of a pairlist with five bytes of magic in front, so one
 * function serves both; what is compressed how is found from the bytes. */
int rdata_parse(const unsigned char *bytes, size_t size, struct arena *a,
		const struct rvalue **out, struct error *err)
{
	struct rdata_bytes b;
	size_t magic = 0;

	if (rdata_inflate_file(bytes, size, a, &b, err))
		return err->code;
	if (starts(&b, "RDX2\n") || starts(&b, "RDX3\n"))
		magic = 5; /* save() puts this in front of the serialization */
	else if (starts(&b, "RDA2\n") || starts(&b, "RDA3\n"))
		return error_set(err, ERR_UNSUPPORTED,
				 "R data as text (ascii = TRUE): save it "
				 "again without that");
	return rdata_unserialize(b.data + magic, b.size - magic, a, out, err);
}

/* ---------------------------------------------------------------- access */

/* Attributes are a pairlist whose tags are their names. */
const struct rvalue *rdata_attribute(const struct rvalue *v, const char *name)
{
	return rdata_element(v->attributes, name);
}

/* A list keeps the names of its elements in an attribute, beside them. Data
 * frames have few columns: a linear search will do. */
static const struct rvalue *list_element(const struct rvalue *v, const char *name)
{
	const struct rvalue *names = rdata_attribute(v, "names");

	if (!names || names->type != RDATA_STRING || names->n != v->n)
		return NULL;
	for (size_t i = 0; i < v->n; i++)
		if (names->strings[i] && !strcmp(names->strings[i], name))
			return v->items[i];
	return NULL;
}

/* Lists and pairlists alike: R itself uses one for the other here and there. */
const struct rvalue *rdata_element(const struct rvalue *v, const char *name)
{
	if (v->type == RDATA_LIST)
		return list_element(v, name);
	for (; v->type == RDATA_PAIR; v = v->pair.tail)
		if (v->pair.tag && !strcmp(v->pair.tag, name))
			return v->pair.head;
	return NULL;
}

/* S3 classes: an attribute with one or more names, most special first. */
int rdata_inherits(const struct rvalue *v, const char *class)
{
	const struct rvalue *classes = rdata_attribute(v, "class");

	if (!classes || classes->type != RDATA_STRING)
		return 0;
	for (size_t i = 0; i < classes->n; i++)
		if (classes->strings[i] && !strcmp(classes->strings[i], class))
			return 1;
	return 0;
}

/* A pairlist does not know its length. */
static size_t pair_length(const struct rvalue *v)
{
	size_t n = 0;

	for (; v->type == RDATA_PAIR; v = v->pair.tail)
		n++;
	return n;
}

/* Names as one array, for suggestions and for column names. Elements without a
 * name get "", which no lookup finds. */
int rdata_names(const struct rvalue *v, struct arena *a, const char *const **names,
		size_t *n, struct error *err)
{
	const struct rvalue *given = rdata_attribute(v, "names");
	bool is_list = v->type == RDATA_LIST;
	const char **list;

	*n = is_list ? v->n : pair_length(v);
	list = ARENA_RAW(a, const char *, *n);
	if (!list)
		return arena_error(a, err);
	for (size_t i = 0; i < *n; i++) {
		list[i] = NULL;
		if (!is_list)
			list[i] = v->pair.tag;
		else if (given && given->type == RDATA_STRING && i < given->n)
			list[i] = given->strings[i];
		if (!is_list)
			v = v->pair.tail;
		if (!list[i])
			list[i] = "";
	}
	*names = list;
	return 0;
}

const char *rdata_type_name(enum rdata_type type)
{
	static const char *const names[] = {
		[RDATA_NULL] = "NULL",
		[RDATA_LOGICAL] = "logical",
		[RDATA_INTEGER] = "integer",
		[RDATA_REAL] = "real",
		[RDATA_COMPLEX] = "complex",
		[RDATA_STRING] = "character",
		[RDATA_LIST] = "list",
		[RDATA_RAW] = "raw",
		[RDATA_PAIR] = "pairlist",
		[RDATA_SYMBOL] = "symbol",
		[RDATA_OPAQUE] = "R code, an environment or a pointer",
	};

	return names[type];
}

/* ---------------------------------------------------------------- lookup */

/* An error that lists what there is, as far as it fits a line. */
static int no_object(const struct rvalue *in, const char *name, struct arena *a,
		     struct error *err)
{
	char hint[128], all[256] = "";
	const char *const *names;
	size_t n, used = 0;

	if (rdata_names(in, a, &names, &n, err))
		return err->code;
	for (size_t i = 0; i < n; i++) {
		size_t size = strlen(names[i]) + 2;

		if (used + size + sizeof(" ...") > sizeof(all)) {
			strcpy(all + used, " ...");
			break;
		}
		used += (size_t)snprintf(all + used, sizeof(all) - used,
					 i ? ", %s" : " %s", names[i]);
	}
	if (!name)
		return error_set(err, ERR_CONFIG,
				 "%zu objects; say which with `object`:%s", n, all);
	return error_set(err, ERR_CONFIG, "no object '%s'%s; there are%s", name,
			 suggest_text(name, names, n, hint, sizeof(hint)), all);
}

/* The named object of an .rda, or the only one. */
static int pick(const struct rvalue *in, const char *name, struct arena *a,
		const struct rvalue **out, struct error *err)
{
	*out = NULL;
	if (name)
		*out = rdata_element(in, name);
	else if (in->type == RDATA_PAIR && in->pair.tail->type != RDATA_PAIR)
		*out = in->pair.head;
	return *out ? 0 : no_object(in, name, a, err);
}

/* R writes offsets as ints while they fit, else as reals. */
static bool place_at(const struct rvalue *place, size_t i, size_t *out)
{
	double x = -1;

	if (place->type == RDATA_INTEGER && place->n == 2)
		x = place->ints[i];
	else if (place->type == RDATA_REAL && place->n == 2)
		x = place->reals[i];
	if (!(x >= 0 && x < 0x1p52))
		return false;
	*out = (size_t)x;
	return true;
}

/* Only the one entry is uncompressed: packages keep dozens of objects in one
 * data base. Entries refer to environments by name (`references` in the index);
 * data frames do not need them, so they stay opaque. */
int rdata_lazy(const struct rvalue *index, const unsigned char *blob, size_t size,
	       const char *name, struct arena *a, const struct rvalue **out,
	       struct error *err)
{
	const struct rvalue *places = rdata_element(index, "variables"), *place;
	struct rdata_bytes b;
	size_t from, n;

	if (!places)
		return error_set(err, ERR_DATA, "not the index of a lazy-load database");
	if (!name && places->type == RDATA_LIST && places->n == 1)
		place = places->items[0];
	else
		place = name ? rdata_element(places, name) : NULL;
	if (!place)
		return no_object(places, name, a, err);
	if (!place_at(place, 0, &from) || !place_at(place, 1, &n) || from > size ||
	    n > size - from)
		return error_set(err, ERR_DATA, "'%s' lies outside of the data file",
				 name ? name : "it");
	if (rdata_inflate_blob(blob + from, n, a, &b, err))
		return err->code;
	return rdata_unserialize(b.data, b.size, a, out, err);
}

/* ---------------------------------------------------------------- files */

/* The tree lives in the arena and keeps nothing of the mapped file. */
static int parse_file(const char *path, struct arena *a, const struct rvalue **out,
		      struct error *err)
{
	struct file_map m;

	if (file_map(&m, path, err))
		return err->code;
	if (rdata_parse(m.data, m.size, a, out, err))
		error_wrap(err, "%s", path);
	file_unmap(&m);
	return err->code;
}

/* The index is itself a compressed .rds, of two lists: where the variables are,
 * and where the environments. */
static int read_lazy(const char *rdx, const char *rdb, const char *name, struct arena *a,
		     const struct rvalue **out, struct error *err)
{
	const struct rvalue *index;
	struct file_map m;

	if (parse_file(rdx, a, &index, err) || file_map(&m, rdb, err))
		return err->code;
	if (rdata_lazy(index, m.data, m.size, name, a, out, err))
		error_wrap(err, "%s", rdb);
	file_unmap(&m);
	return err->code;
}

/* By name, as R itself does: the .rdb has no magic to tell it by. */
static bool ends(const char *path, const char *with)
{
	size_t n = strlen(path), w = strlen(with);

	return n >= w && !strcmp(path + n - w, with);
}

int rdata_read(const char *const *paths, size_t n_paths, const char *name,
	       struct arena *a, const struct rvalue **out, struct error *err)
{
	const struct rvalue *all;

	error_clear(err);
	if (n_paths == 2)
		return ends(paths[0], ".rdb")
			       ? read_lazy(paths[1], paths[0], name, a, out, err)
			       : read_lazy(paths[0], paths[1], name, a, out, err);
	if (n_paths != 1)
		return error_set(err, ERR_CONFIG,
				 "one .rda, or an .rdx and its .rdb, not %zu files",
				 n_paths);
	if (parse_file(paths[0], a, &all, err))
		return err->code;
	/* saveRDS keeps a value without a name. */
	if (all->type != RDATA_PAIR || ends(paths[0], ".rds")) {
		*out = all;
		return 0;
	}
	return pick(all, name, a, out, err) ? error_wrap(err, "%s", paths[0]) : 0;
}
