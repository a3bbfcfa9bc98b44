/* WordNet's data.noun (also .verb, .adj, .adv): the gloss of a synset, with its
 * examples, is the text; its lexicographer file ("noun.act") the class. Format:
 * wndb(5WN); a line of the licence starts with two blanks, a synset is
 *
 *	offset lex_filenum type words... pointers... | gloss
 *
 * Rows come in a fixed random order, for the file is sorted by class. Option
 * min_class leaves out classes with fewer glosses. Glosses of the same
 * words form one group, so that no text is both fitted on and tested on.
 */
#include "datasets/reader.h"

#include <string.h>

#include "datasets/text/corpus.h"
#include "datasets/text/utf8.h"
#include "harness/base/file.h"
#include "harness/base/rng.h"

/* lexnames(5WN): the lexicographer files by number. */
static const char *const lexnames[] = {
	"adj.all", "adj.pert", "adv.all", "noun.Tops", "noun.act",
	"noun.animal", "noun.artifact", "noun.attribute", "noun.body",
	"noun.cognition", "noun.communication", "noun.event", "noun.feeling",
	"noun.food", "noun.group", "noun.location", "noun.motive",
	"noun.object", "noun.person", "noun.phenomenon", "noun.plant",
	"noun.possession", "noun.process", "noun.quantity", "noun.relation",
	"noun.shape", "noun.state", "noun.substance", "noun.time", "verb.body",
	"verb.change", "verb.cognition", "verb.communication",
	"verb.competition", "verb.consumption", "verb.contact",
	"verb.creation", "verb.emotion", "verb.motion", "verb.perception",
	"verb.possession", "verb.social", "verb.stative", "verb.weather",
	"adj.ppl",
};
#define LEXNAMES (sizeof(lexnames) / sizeof(lexnames[0]))

/* What the file has, before small classes are left out. */
struct glosses {
	size_t n;
	const char **text; /* (n) */
	int32_t *lex;	   /* (n) number in lexnames */
	size_t count[LEXNAMES];
};

/* isdigit() asks the locale. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The two digits behind the eight of the offset; -1 when they are not there. A
 * line shorter than that ends in NUL, which is no digit. */
static int lex_number(const char *line)
{
	for (size_t k = 0; k < 8; k++)
		if (!is_digit(line[k]))
			return -1;
	if (line[8] != ' ' || !is_digit(line[9]) || !is_digit(line[10]) ||
	    line[11] != ' ')
		return -1;
	return (line[9] - '0') * 10 + line[10] - '0';
}

/* The gloss without the blanks around it; NULL when there is none. The first "
 * | " counts: a gloss may have others. */
static char *find_gloss(char *line)
{
	char *gloss = strstr(line, " | "), *end;

	if (!gloss)
		return NULL;
	gloss += strspn(gloss, " |");
	end = gloss + strlen(gloss);
	while (end > gloss && (end[-1] == ' ' || end[-1] == '\r'))
		end--;
	*end = '\0';
	return end > gloss ? gloss : NULL;
}

/* One line (NUL-terminated), "path:number" in its errors. */
static int add_line(struct glosses *g, char *line, const char *path,
		    size_t number, struct error *err)
{
	char *gloss;
	int lex;

	if (!strncmp(line, "  ", 2))
		return 0;
	lex = lex_number(line);
	if (lex < 0)
		return error_set(err, ERR_DATA, "%s:%zu: a synset starts with "
				 "8 digits and 2 digits", path, number);
	if ((size_t)lex >= LEXNAMES)
		return error_set(err, ERR_DATA, "%s:%zu: unknown lexicographer "
				 "file %02d (there are 00 to %02zu)", path,
				 number, lex, LEXNAMES - 1);
	gloss = find_gloss(line);
	if (!gloss)
		return error_set(err, ERR_DATA, "%s:%zu: no gloss behind ' | '",
				 path, number);
	/* here, where the line is known, and not by the encoders later */
	if (!utf8_valid(gloss))
		return error_set(err, ERR_DATA, "%s:%zu: not UTF-8", path,
				 number);
	g->text[g->n] = gloss;
	g->lex[g->n++] = lex;
	g->count[lex]++;
	return 0;
}

/* Cut the text into lines in place, and those into glosses. */
static int parse(struct glosses *g, char *text, size_t size, const char *path,
		 struct error *err)
{
	char *end = text + size;

	for (size_t number = 1; text < end; number++) {
		char *stop = memchr(text, '\n', (size_t)(end - text));
		int rc;

		if (!stop)
			return error_set(err, ERR_DATA, "%s:%zu: cut short: no "
					 "end of line", path, number);
		*stop = '\0';
		if (strlen(text) != (size_t)(stop - text))
			return error_set(err, ERR_DATA, "%s:%zu: has a NUL byte",
					 path, number);
		rc = add_line(g, text, path, number, err);
		if (rc)
			return rc;
		text = stop + 1;
	}
	return g->n ? 0 : error_set(err, ERR_DATA, "%s: no synset", path);
}

/* The text stays in the arena and glosses point into it: 80,000 strings are
 * not copied. There are at most as many glosses as lines. */
static int read_file(struct glosses *g, const char *path, struct arena *a,
		     struct error *err)
{
	char *text;
	size_t size, lines = 0;
	int rc = file_read(a, path, &text, &size, err);

	if (rc)
		return rc;
	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	g->text = ARENA_NEW(a, const char *, lines);
	g->lex = ARENA_NEW(a, int32_t, lines);
	if (!g->text || !g->lex)
		return arena_error(a, err);
	return parse(g, text, size, path, err);
}

/* Classes with at least `least` glosses, in the order of lexnames; `code` is
 * the class of each lexicographer file, or -1. */
static int keep_classes(const struct glosses *g, size_t least, struct arena *a,
			struct items *out, int32_t code[LEXNAMES],
			struct error *err)
{
	const char **names = ARENA_NEW(a, const char *, LEXNAMES);

	if (!names)
		return arena_error(a, err);
	for (size_t k = 0; k < LEXNAMES; k++) {
		code[k] = -1;
		if (g->count[k] && g->count[k] >= least) {
			code[k] = (int32_t)out->classes;
			names[out->classes++] = lexnames[k];
			out->n += g->count[k];
		}
	}
	out->class_names = names;
	if (out->classes < 2)
		return error_set(err, ERR_DATA, "%zu classes have %zu glosses "
				 "or more (option min_class); 2 are needed",
				 out->classes, least);
	return 0;
}

/* The rows of the classes that are kept, in one fixed random order: the file
 * has a class after the other, and its first thousand rows are all acts. */
static int take_rows(const struct glosses *g, const int32_t *code,
		     struct arena *a, struct items *out, struct error *err)
{
	const char **text = ARENA_NEW(a, const char *, out->n);
	int32_t *label = ARENA_NEW(a, int32_t, out->n);
	uint32_t *place = ARENA_NEW(a, uint32_t, out->n);
	size_t n = 0;

	if (!text || !label || !place)
		return arena_error(a, err);
	rng_permutation(rng_make(0, "wordnet/order"), out->n, place);
	for (size_t i = 0; i < g->n; i++) {
		if (code[g->lex[i]] < 0)
			continue;
		text[place[n]] = g->text[i];
		label[place[n++]] = code[g->lex[i]];
	}
	out->text = text;
	out->label = label;
	return 0;
}

/* 355 texts of data.noun stand on 960 documents: they are groups. */
static int group_rows(struct arena *a, struct items *out, struct error *err)
{
	uint32_t *group = ARENA_NEW(a, uint32_t, out->n);

	if (!group)
		return arena_error(a, err);
	out->group = group;
	return corpus_groups(out->text, out->n, a, group, err);
}

/* File, classes, rows, groups: each needs the one before it. */
static int read_wordnet(const struct source *src, struct arena *a,
			struct items *out, struct error *err)
{
	struct glosses g = { 0 };
	int32_t code[LEXNAMES];
	int64_t least = 1;
	int rc = yaml_get_int(src->options, "min_class", 1, INT32_MAX, &least,
			      err);

	if (rc)
		return rc;
	if (src->n_paths != 1)
		return error_set(err, ERR_CONFIG,
				 "reader wordnet needs 1 file, not %zu",
				 src->n_paths);
	*out = (struct items){
		.modality = MODALITY_TEXT,
		.task = TASK_CLASSIFICATION,
	};
	rc = read_file(&g, src->paths[0], a, err);
	if (!rc)
		rc = keep_classes(&g, (size_t)least, a, out, code, err);
	if (!rc)
		rc = take_rows(&g, code, a, out, err);
	return rc ? rc : group_rows(a, out, err);
}

static const char *const options[] = { "min_class", NULL };

const struct reader reader_wordnet = {
	.name = "wordnet",
	.summary = "glosses of WordNet's data.noun by lexicographer file",
	.version = 2,
	.options = options,
	.read = read_wordnet,
};
