/* Labelled texts: what a text is, and where its label stands, by `format`.
 *
 *	csv, tsv	RFC 4180 rows. header: true; text_column: one or several
 *			(joined by a blank) and label_column, by name or number
 *	lines		label, separator (space | tab | colon), text
 *	lines_by_file	a text a line; classes: one for each file
 *	folders		a text a file, in a folder or an archive; label_level: -1
 *			is the folder that holds it. train, valid, test: names of
 *			folders that hold a part. With them, files of no part are
 *			passed over, and so are, with classes, files of no class.
 *			strip: headers, quotes, footers of posts (usenet.h)
 *
 * For all of them:
 *	classes		names in their order; with label_base labels are numbers,
 *			of which it is the first. Else: labels as they stand
 *	label_until	labels end before this text (":" makes DESC of DESC:def)
 *	official	train, valid, test or none, one for each file
 *	files		a map for each file, of options that differ between them
 *	encoding	utf8 | latin1;	bad_utf8: error | replace (by U+FFFD)
 *	min_class	classes with fewer texts are left out
 *	max_bytes	longer texts are cut
 *
 * Rows come in one fixed random order, for most files are sorted by class;
 * texts of the same words form groups. */
#include "datasets/text/text_source.h"

#include <stdlib.h>
#include <string.h>

/* At most 40 bytes of a label: it may be half the file. */
static int fail_label(const struct text_source *s, size_t line,
		      const char *label, size_t size, const char *what,
		      struct error *err)
{
	return error_set(err, ERR_DATA, "%s:%zu: %s '%.*s'", s->path, line, what,
			 (int)(size < 40 ? size : 40), label);
}

/* classes[number - label_base]. */
static int numbered(const struct text_source *s, const char *label, size_t size,
		    size_t line, const char **name, struct error *err)
{
	char text[16], *end;
	long long k;

	if (!size || size >= sizeof(text))
		return fail_label(s, line, label, size, "no number as label:",
				  err);
	memcpy(text, label, size);
	text[size] = '\0';
	k = strtoll(text, &end, 10);
	if (*end)
		return fail_label(s, line, label, size, "no number as label:",
				  err);
	if (k < s->label_base || k - s->label_base >= (int64_t)s->n_classes)
		return fail_label(s, line, label, size, "no class has the label",
				  err);
	*name = s->classes[k - s->label_base];
	return 0;
}

/* Cutting comes last, as the label may stand behind the text in the buffer. */
int text_source_add(const struct text_source *s, struct corpus *c, char *text,
	     size_t size, const char *label, size_t label_size, size_t line,
	     struct error *err)
{
	if (s->label_until) {
		const char *stop = memmem(label, label_size, s->label_until,
					  strlen(s->label_until));

		label_size = stop ? (size_t)(stop - label) : label_size;
	}
	if (!label_size)
		return error_set(err, ERR_DATA, "%s:%zu: no label", s->path, line);
	if (s->has_base) {
		if (numbered(s, label, label_size, line, &label, err))
			return err->code;
		label_size = strlen(label);
	}
	if (s->max_bytes)
		size = utf8_cut(text, size, s->max_bytes);
	text[size] = '\0';
	return corpus_add(c, text, label, label_size, s->official, err);
}

/* Formats that differ in nothing but where a row's label comes from share a
 * file. */
static int read_source(const struct text_source *s, struct corpus *c,
		       struct error *err)
{
	switch (s->format) {
	case TEXT_CSV:
		return text_csv_read(s, c, err);
	case TEXT_FOLDERS:
		return text_folders_read(s, c, err);
	default:
		return text_lines_read(s, c, err);
	}
}

/* With lines_by_file classes are a name for each file, which may stand there
 * twice or in any order; elsewhere they are the list of labels. */
static int read_text(const struct source *src, struct arena *a,
		     struct items *out, struct error *err)
{
	struct corpus_rule rule = { .purpose = "text/order" };
	struct text_source *s;
	struct corpus c;
	int64_t least = 1;

	if (yaml_get_int(src->options, "min_class", 1, INT32_MAX, &least, err) ||
	    text_source_options(src, a, &s, err))
		return err->code;
	corpus_init(&c, a);
	for (size_t k = 0; k < src->n_paths; k++)
		if (read_source(&s[k], &c, err))
			return err->code;
	rule.min_class = (size_t)least;
	if (s->format != TEXT_LINES_BY_FILE) {
		rule.classes = s->classes;
		rule.n_classes = s->n_classes;
	}
	if (corpus_finish(&c, &rule, out, err))
		return error_wrap(err, "%s", src->name);
	return 0;
}

const struct reader reader_text = {
	.name = "text",
	.summary = "labelled texts: csv, lines, a file a class, folders",
	.version = 1,
	.options = text_source_keys,
	.read = read_text,
};
