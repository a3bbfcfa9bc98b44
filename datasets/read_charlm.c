/* The next character as a class: how language models of characters are measured
 * (Graves 2013, "Generating sequences with recurrent neural networks").
 *
 *	context		characters of a text, a window of the file	(64)
 *	stride		a window starts every so many characters	(1)
 *	train, valid	shares of the file, the rest is test	   (0.9, 0.05)
 *	encoding, bad_utf8	as for the reader text
 *
 * The label of a window is the character behind it; classes are the different
 * characters of the file by code point. Parts are stretches of the file, and a
 * window and its label lie in one of them. Windows keep the file's order. */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "datasets/reader.h"
#include "datasets/text/utf8.h"

#define CLASSES_MAX 4096 /* more is no alphabet */

struct charlm {
	size_t context, stride;
	double share[2]; /* train, valid */
	struct utf8_source from;
	struct utf8_text text;
	size_t n;	 /* characters */
	size_t *at;	 /* (n + 1) where each starts */
	uint32_t *point; /* (n) */
};

/* One of two words; absent is the first. */
static int get_flag(const struct yaml *map, const char *key, const char *off,
		    const char *on, bool *out, struct error *err)
{
	const char *text = off;

	if (yaml_get_string(map, key, &text, err))
		return err->code;
	*out = !strcmp(text, on);
	if (*out || !strcmp(text, off))
		return 0;
	return yaml_error(yaml_get(map, key), err, "%s is %s or %s", key, off,
			  on);
}

/* Shares default to the customary 90, 5 and 5 %. */
static int get_options(const struct yaml *o, struct charlm *c, struct error *err)
{
	int64_t context = 64, stride = 1;

	c->share[0] = 0.9;
	c->share[1] = 0.05;
	if (yaml_get_int(o, "context", 1, 65536, &context, err) ||
	    yaml_get_int(o, "stride", 1, 1 << 30, &stride, err) ||
	    yaml_get_real(o, "train", 0, 1, &c->share[0], err) ||
	    yaml_get_real(o, "valid", 0, 1, &c->share[1], err) ||
	    get_flag(o, "encoding", "utf8", "latin1", &c->from.latin1, err) ||
	    get_flag(o, "bad_utf8", "error", "replace", &c->from.replace, err))
		return err->code;
	if (c->share[0] + c->share[1] > 1)
		return yaml_error(o, err, "train and valid are more than 1");
	c->context = (size_t)context;
	c->stride = (size_t)stride;
	return 0;
}

/* Where characters start; a character has a byte or more. */
static int find_characters(struct charlm *c, struct arena *a, struct error *err)
{
	const utf8proc_uint8_t *s = (const utf8proc_uint8_t *)c->text.bytes;
	size_t size = c->text.size, i = 0, n = 0;

	for (size_t k = 0; k < size; k++)
		n += (s[k] & 0xc0) != 0x80;
	c->at = ARENA_RAW(a, size_t, n + 1);
	c->point = ARENA_RAW(a, uint32_t, n);
	if (!c->at || !c->point)
		return arena_error(a, err);
	for (c->n = 0; c->n < n; c->n++) {
		utf8proc_int32_t point = 0;

		c->at[c->n] = i;
		i += (size_t)utf8proc_iterate(
			s + i, (utf8proc_ssize_t)(size - i), &point);
		c->point[c->n] = (uint32_t)point;
	}
	c->at[n] = size;
	return 0;
}

/* ---------------------------------------------------------------- classes */

/* For bsearch. */
static int by_point(const void *x, const void *y)
{
	const uint32_t *p = x, *q = y;

	return *p < *q ? -1 : *p > *q;
}

/* Insert a code point into a sorted list of n; true when it is new. */
static bool insert(uint32_t *list, size_t n, uint32_t point)
{
	size_t k = n;

	if (n && bsearch(&point, list, n, sizeof(point), by_point))
		return false;
	for (; k && list[k - 1] > point; k--)
		list[k] = list[k - 1];
	list[k] = point;
	return true;
}

/* A character as people read it in a table: what does not print has a name. */
static const char *name_of(uint32_t point, struct arena *a)
{
	utf8proc_category_t kind = utf8proc_category((utf8proc_int32_t)point);
	utf8proc_uint8_t bytes[5] = { 0 };

	if (point == ' ')
		return "space";
	if (point == '\n')
		return "newline";
	if (point == '\t')
		return "tab";
	if (kind >= UTF8PROC_CATEGORY_ZS || kind == UTF8PROC_CATEGORY_CN ||
	    (kind >= UTF8PROC_CATEGORY_MN && kind <= UTF8PROC_CATEGORY_ME))
		return arena_printf(a, "U+%04X", point);
	utf8proc_encode_char((utf8proc_int32_t)point, bytes);
	return arena_strdup(a, (const char *)bytes);
}

/* Code points become classes in place. */
static int find_classes(struct charlm *c, struct arena *a, struct items *out,
			struct error *err)
{
	uint32_t *list = ARENA_RAW(a, uint32_t, CLASSES_MAX + 1);
	const char **names;

	if (!list)
		return arena_error(a, err);
	for (size_t i = 0; i < c->n; i++) {
		out->classes += insert(list, out->classes, c->point[i]);
		if (out->classes > CLASSES_MAX)
			return error_set(err, ERR_DATA, "more than %d different "
					 "characters", CLASSES_MAX);
	}
	if (out->classes < 2)
		return error_set(err, ERR_DATA, "fewer than 2 different characters");
	names = ARENA_NEW(a, const char *, out->classes);
	for (size_t k = 0; names && k < out->classes; k++) {
		names[k] = name_of(list[k], a);
		if (!names[k])
			return arena_error(a, err);
	}
	for (size_t i = 0; i < c->n; i++)
		c->point[i] = (uint32_t)((uint32_t *)bsearch(
			&c->point[i], list, out->classes, sizeof(*list),
			by_point) - list);
	out->class_names = names;
	return names ? 0 : arena_error(a, err);
}

/* ---------------------------------------------------------------- windows */

/* Windows of a stretch of `n` characters. */
static size_t count_windows(const struct charlm *c, size_t n)
{
	return n > c->context ? (n - c->context - 1) / c->stride + 1 : 0;
}

/* The stretch of part p (0 .. 2) ends here. */
static size_t part_end(const struct charlm *c, size_t p)
{
	double share = c->share[0] + (p ? c->share[1] : 0);
	size_t end = p < 2 ? (size_t)((double)c->n * share + 0.5) : c->n;

	return end < c->n ? end : c->n;
}

/* Bytes that the windows' copies take, and their number. */
static size_t measure(const struct charlm *c, size_t *bytes)
{
	size_t n = 0, from = 0;

	*bytes = 0;
	for (size_t p = 0; p < 3; p++) {
		size_t end = part_end(c, p);
		size_t windows = count_windows(c, end - from);

		for (size_t k = 0; k < windows; k++) {
			size_t i = from + k * c->stride;

			*bytes += c->at[i + c->context] - c->at[i] + 1;
		}
		n += windows;
		from = end;
	}
	return n;
}

/* Windows overlap, and each must end in a NUL: they are copied, at context + 1
 * characters for every stride characters of the file. */
static int cut_windows(const struct charlm *c, struct arena *a,
		       struct items *out, struct error *err)
{
	size_t bytes, from = 0, n = measure(c, &bytes);
	const char **text = ARENA_RAW(a, const char *, n);
	int32_t *label = ARENA_RAW(a, int32_t, n);
	uint8_t *official = ARENA_RAW(a, uint8_t, n);
	char *to = ARENA_RAW(a, char, bytes);

	if (!text || !label || !official || !to)
		return arena_error(a, err);
	for (size_t p = 0; p < 3; p++) {
		size_t end = part_end(c, p);

		for (size_t i = from; i + c->context < end; i += c->stride) {
			size_t size = c->at[i + c->context] - c->at[i];

			text[out->n] = memcpy(to, c->text.bytes + c->at[i], size);
			to[size] = '\0';
			to += size + 1;
			label[out->n] = (int32_t)c->point[i + c->context];
			official[out->n++] = (uint8_t)(OFFICIAL_TRAIN + p);
		}
		from = end;
	}
	out->text = text;
	out->label = label;
	out->official = official;
	return n ? 0 : error_set(err, ERR_DATA, "no part has a window of %zu "
				 "characters and one behind it", c->context);
}

/* Errors of the file have its path already; later ones get it here. */
static int read_charlm(const struct source *src, struct arena *a,
		       struct items *out, struct error *err)
{
	struct charlm c = { 0 };

	if (src->n_paths != 1)
		return error_set(err, ERR_CONFIG, "reader charlm needs 1 file, "
				 "not %zu", src->n_paths);
	*out = (struct items){ .modality = MODALITY_TEXT,
			       .task = TASK_CLASSIFICATION };
	if (get_options(src->options, &c, err) ||
	    utf8_read(src->paths[0], c.from, a, &c.text, err))
		return err->code;
	if (find_characters(&c, a, err) || find_classes(&c, a, out, err) ||
	    cut_windows(&c, a, out, err))
		return error_wrap(err, "%s", src->paths[0]);
	return 0;
}

static const char *const options[] = { "context", "stride",   "train", "valid",
				       "encoding", "bad_utf8", NULL };

const struct reader reader_charlm = {
	.name = "charlm",
	.summary = "a text file: the next character behind each window of it",
	.version = 1,
	.options = options,
	.read = read_charlm,
};
