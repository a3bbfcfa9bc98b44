/* Texts out of R's files (rdata.h), in one of two ways.
 *
 * A data frame with a text a row; `target` of the entry is the column of the
 * class, a factor or strings:
 *	text		the column of the text
 *	train, test	objects that hold the parts; valid, too; or
 *	object		the one object there is
 *	group		a column: rows of one value never part
 *
 * Character vectors with a line an element, one or several a class, cut into
 * paragraphs (runs of lines that are not empty, joined by blanks):
 *	objects		a map, class: object
 *	min_words	shorter paragraphs are left out		(20)
 *	block		so many paragraphs in a row never part	(20)
 * Headings ("Chapter 4", "VOLUME II", "THE END") are no paragraphs. Neighbours
 * share their scene and its names, so a split between them would ask which
 * scene it is and not who wrote it.
 *
 * For both: min_class, as for the reader text. Rows come in one fixed random
 * order. */
#include <string.h>
#include <strings.h>

#include "datasets/rdata/rdata.h"
#include "datasets/reader.h"
#include "datasets/text/corpus.h"
#include "datasets/text/utf8.h"

struct reading {
	const struct source *src;
	struct corpus corpus;
	struct arena *a;
	struct error *err;
	struct levels groups;
	uint32_t blocks; /* numbers given so far */
};

/* Code points of other encodings would stop an encoder later. */
static int check_text(struct reading *r, const char *s, const char *object,
		      size_t row)
{
	if (s && utf8_valid(s))
		return 0;
	return error_set(r->err, ERR_DATA, "%s: element %zu is %s", object,
			 row + 1, s ? "not UTF-8" : "missing");
}

/* ------------------------------------------------------------ data frames */

/* Strings or a factor as strings; NULL where a value is missing. */
static const char *value_of(const struct rvalue *v, size_t row)
{
	const struct rvalue *levels = rdata_attribute(v, "levels");

	if (v->type == RDATA_STRING)
		return v->strings[row];
	if (v->ints[row] < 1 || (size_t)v->ints[row] > levels->n)
		return NULL;
	return levels->strings[v->ints[row] - 1];
}

/* A column that value_of can read. */
static int find_column(struct reading *r, const struct rvalue *frame,
		       const char *object, const char *name,
		       const struct rvalue **out)
{
	const struct rvalue *v = NULL, *levels;

	if (frame->type == RDATA_LIST && rdata_inherits(frame, "data.frame"))
		v = rdata_element(frame, name);
	else
		return error_set(r->err, ERR_DATA, "%s: of type %s, not a data "
				 "frame", object, rdata_type_name(frame->type));
	if (!v)
		return error_set(r->err, ERR_CONFIG, "%s: no column '%s'", object,
				 name);
	levels = rdata_attribute(v, "levels");
	if (v->type != RDATA_STRING &&
	    (v->type != RDATA_INTEGER || !rdata_inherits(v, "factor") ||
	     !levels || levels->type != RDATA_STRING))
		return error_set(r->err, ERR_DATA, "%s: column '%s' is neither "
				 "strings nor a factor", object, name);
	*out = v;
	return 0;
}

/* Rows of one value of the column `group` are a block. */
static int set_block(struct reading *r, const struct rvalue *group, size_t row)
{
	const char *name = group ? value_of(group, row) : "";
	uint32_t *block = &r->corpus.row[r->corpus.n - 1].block;

	name = name ? name : "";
	r->corpus.has_blocks |= group != NULL;
	return levels_add(&r->groups, name, strlen(name), block, r->err);
}

/* Both are the file's fault, and named by the object and its row from 1, as R
 * counts. */
static int add_row(struct reading *r, const char *text, const char *label,
		   const char *object, size_t row, enum official part)
{
	if (check_text(r, text, object, row))
		return r->err->code;
	if (!label || !utf8_valid(label))
		return error_set(r->err, ERR_DATA, "%s: row %zu has no label",
				 object, row + 1);
	return corpus_add(&r->corpus, text, label, strlen(label), part, r->err);
}

/* Every object of a data set has the same columns; that R would let their types
 * differ (a factor here, strings there) is no harm, as both become strings. */
static int read_frame(struct reading *r, const char *object, enum official part)
{
	const struct yaml *o = r->src->options;
	const struct rvalue *frame, *text, *label, *group = NULL;
	const char *text_name = NULL, *group_name = NULL;

	if (yaml_get_string(o, "text", &text_name, r->err) ||
	    yaml_get_string(o, "group", &group_name, r->err) ||
	    rdata_read(r->src->paths, r->src->n_paths, object, r->a, &frame,
		       r->err))
		return r->err->code;
	if (!text_name || !r->src->target)
		return error_set(r->err, ERR_CONFIG, "reader rtext needs the "
				 "option text and a target, or objects");
	object = object ? object : r->src->name;
	if (find_column(r, frame, object, text_name, &text) ||
	    find_column(r, frame, object, r->src->target, &label) ||
	    (group_name && find_column(r, frame, object, group_name, &group)))
		return r->err->code;
	if (text->n != label->n || (group && group->n != text->n))
		return error_set(r->err, ERR_DATA, "%s: columns of %zu and %zu "
				 "rows", object, text->n, label->n);
	for (size_t i = 0; i < text->n; i++)
		if (add_row(r, value_of(text, i), value_of(label, i), object, i,
			    part) ||
		    set_block(r, group, i))
			return r->err->code;
	return 0;
}

/* One object for each part, or one for all. */
static int read_frames(struct reading *r)
{
	static const char *const keys[] = { "object", "train", "valid", "test" };
	bool any = false;

	for (size_t p = OFFICIAL_NONE; p <= OFFICIAL_TEST; p++) {
		const char *object = NULL;

		if (yaml_get_string(r->src->options, keys[p], &object, r->err))
			return r->err->code;
		if (object && read_frame(r, object, (enum official)p))
			return r->err->code;
		any |= object != NULL;
	}
	return any ? 0 : read_frame(r, NULL, OFFICIAL_NONE);
}

/* ------------------------------------------------------------- paragraphs */

/* How one object is cut. */
struct paragraphs {
	const char *class, *object;
	size_t min_words, block;
	size_t kept; /* in the block that is open */
};

/* isspace() asks the locale. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A line of blanks ends a paragraph, too: one cannot see the difference. */
static bool is_empty(const char *line)
{
	while (is_blank(*line))
		line++;
	return !*line;
}

/* Roughly, as for a limit; words.h counts otherwise ("Man's" is two). */
static size_t count_words(const char *s)
{
	size_t n = 0;

	for (bool inside = false; *s; s++) {
		n += !inside && !is_blank(*s);
		inside = !is_blank(*s);
	}
	return n;
}

/* At most "Volume the Second", "THE END OF VOLUME I" and the like. */
static bool is_heading(const char *s, size_t words)
{
	static const char *const first[] = { "chapter ", "volume ", "the end",
					     "finis" };

	for (size_t k = 0; k < sizeof(first) / sizeof(*first); k++)
		if (words <= 5 && !strncasecmp(s, first[k], strlen(first[k])))
			return true;
	return false;
}

/* Lines [from, to) with one blank wherever there are some, and without the _ that
 * marks emphasis: both are habits of who typed a novel (four of Austen's six
 * have the one, two others two blanks behind a full stop), and would tell a
 * learner of characters which one it is. */
static char *join_lines(const char *const *line, size_t from, size_t to,
			struct arena *a)
{
	size_t size = 1;
	char *text, *at;

	for (size_t i = from; i < to; i++)
		size += strlen(line[i]) + 1;
	text = at = ARENA_RAW(a, char, size);
	for (size_t i = from; text && i < to; i++) {
		for (const char *s = line[i]; *s; s++)
			if (!is_blank(*s) && *s != '_')
				*at++ = *s;
			else if (*s != '_' && at > text && at[-1] != ' ')
				*at++ = ' ';
		if (at > text && at[-1] != ' ')
			*at++ = ' ';
	}
	if (text)
		at[at > text ? -1 : 0] = '\0';
	return text;
}

/* Short ones are titles, dates and cries ("Oh! Jane!"), which nobody could tell
 * apart. Blocks count what is kept, so that all but the last are of one size. */
static int add_paragraph(struct reading *r, struct paragraphs *p,
			 const char *const *line, size_t from, size_t to)
{
	struct arena_mark mark = arena_mark(r->a);
	const char *text = join_lines(line, from, to, r->a);
	size_t words;

	if (!text)
		return arena_error(r->a, r->err);
	words = count_words(text);
	if (words < p->min_words || is_heading(text, words)) {
		arena_rewind(r->a, mark);
		return 0;
	}
	if (corpus_add(&r->corpus, text, p->class, strlen(p->class),
		       OFFICIAL_NONE, r->err))
		return r->err->code;
	r->blocks += p->kept % p->block == 0;
	r->corpus.row[r->corpus.n - 1].block = r->blocks;
	p->kept++;
	return 0;
}

/* The end of the object ends a paragraph as an empty line does. */
static int read_paragraphs(struct reading *r, struct paragraphs *p)
{
	const struct rvalue *v;
	size_t from = 0;

	if (rdata_read(r->src->paths, r->src->n_paths, p->object, r->a, &v,
		       r->err))
		return r->err->code;
	if (v->type != RDATA_STRING)
		return error_set(r->err, ERR_DATA, "%s: of type %s, not lines of "
				 "text", p->object, rdata_type_name(v->type));
	for (size_t i = 0; i <= v->n; i++) {
		if (i < v->n && check_text(r, v->strings[i], p->object, i))
			return r->err->code;
		if (i < v->n && !is_empty(v->strings[i]))
			continue;
		if (i > from && add_paragraph(r, p, v->strings, from, i))
			return r->err->code;
		from = i + 1;
	}
	return 0;
}

/* Every object counts its paragraphs anew: a block never spans two. */
static int read_objects(struct reading *r, const struct yaml *objects)
{
	int64_t words = 20, block = 20;

	if (objects->kind != YAML_MAP)
		return yaml_error(objects, r->err, "objects is a map, "
				  "class: object");
	if (yaml_get_int(r->src->options, "min_words", 1, 1000, &words, r->err) ||
	    yaml_get_int(r->src->options, "block", 1, 1000000, &block, r->err))
		return r->err->code;
	r->corpus.has_blocks = true;
	for (size_t k = 0; k < objects->n; k++) {
		struct paragraphs p = { .class = objects->keys[k]->text,
					.min_words = (size_t)words,
					.block = (size_t)block };

		if (yaml_string(objects->items[k], &p.object, r->err) ||
		    read_paragraphs(r, &p))
			return r->err->code;
	}
	return 0;
}

/* `objects` decides which of the two ways it is. */
static int read_rtext(const struct source *src, struct arena *a,
		      struct items *out, struct error *err)
{
	struct corpus_rule rule = { .purpose = "rtext/order" };
	struct reading r = { .src = src, .a = a, .err = err };
	const struct yaml *objects = yaml_get(src->options, "objects");
	int64_t least = 1;

	corpus_init(&r.corpus, a);
	levels_init(&r.groups, a);
	if (yaml_get_int(src->options, "min_class", 1, INT32_MAX, &least, err) ||
	    (objects ? read_objects(&r, objects) : read_frames(&r)))
		return err->code;
	rule.min_class = (size_t)least;
	if (corpus_finish(&r.corpus, &rule, out, err))
		return error_wrap(err, "%s", src->name);
	return 0;
}

static const char *const options[] = { "text",	  "object",    "train", "valid",
				       "test",	  "group",     "objects",
				       "min_words", "block", "min_class", NULL };

const struct reader reader_rtext = {
	.name = "rtext",
	.summary = "texts in R's data frames, or paragraphs of its vectors",
	.version = 1,
	.options = options,
	.read = read_rtext,
};
