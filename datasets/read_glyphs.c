/* Folders or archives of fonts -> pictures of letters, labelled by script.
 *
 *	scripts		names of scripts.h to take	(all that a font has)
 *	files		patterns of file names ("*-Bold.ttf")	(all fonts)
 *	per_script	rows of a script at most	(400)
 *	size		pixels of a side		(28)
 *
 * An item is a code point in a font; the code point is its group, so that a
 * split never fits on a letter that it tests. Some letters of Latin, Greek and
 * Cyrillic look alike in every font: nobody reaches 100 %. */
#include "datasets/reader.h"

#include <fnmatch.h>
#include <string.h>

#include <utf8proc.h>

#include "datasets/media/bundle.h"
#include "datasets/media/faults.h"
#include "datasets/media/glyph.h"
#include "datasets/media/scripts.h"
#include "harness/base/par.h"
#include "harness/base/rng.h"

#define MAX_FONTS 4096
#define MAX_SIDE 256

static const char *const extensions[] = { ".ttf", ".otf", ".ttc", NULL };

struct rule {
	const char *const *scripts, *const *patterns;
	size_t n_scripts, n_patterns;
	int64_t per_script, side;
};

struct font {
	const struct bundle *bundle;
	size_t index;
	uint8_t *has; /* (letters) can it draw this letter? */
};

struct letter {
	uint32_t code;
	int32_t script; /* of the chosen ones */
	size_t faces;	/* fonts that have it */
	size_t row;	/* of the first of them */
	bool taken;
};

struct job {
	struct rule rule;
	size_t threads, n_fonts, n_letters, rows;
	struct font *fonts;	/* (n_fonts) by name */
	struct letter *letters; /* (n_letters) by script, then code point */
	struct faults faults;
	uint8_t *pixels; /* (rows, side, side) */
};

/* ---------------------------------------------------------------- options */

/* The names of all scripts, each once. */
static int all_scripts(struct rule *r, struct arena *a, struct error *err)
{
	size_t n;
	const struct script_block *b = script_blocks(&n);
	const char **names = ARENA_NEW(a, const char *, n);

	if (!names)
		return arena_error(a, err);
	for (size_t k = 0; k < n; k++)
		if (!k || strcmp(b[k].script, b[k - 1].script))
			names[r->n_scripts++] = b[k].script;
	r->scripts = names;
	return 0;
}

/* A script listed twice would be two classes with the same letters, which
 * nobody can tell apart. */
static int check_scripts(const struct yaml *at, const struct rule *r,
			 struct error *err)
{
	size_t n;
	const struct script_block *b = script_blocks(&n);

	for (size_t k = 0; k < r->n_scripts; k++) {
		bool known = false;

		for (size_t i = 0; i < k; i++)
			if (!strcmp(r->scripts[i], r->scripts[k]))
				return yaml_error(at, err, "script '%s' is listed "
						  "twice", r->scripts[k]);
		for (size_t i = 0; i < n && !known; i++)
			known = !strcmp(b[i].script, r->scripts[k]);
		if (!known)
			return yaml_error(at, err, "unknown script '%s'; known "
					  "are Latin, Greek, Cyrillic and those "
					  "in datasets/media/scripts.c", r->scripts[k]);
	}
	return 0;
}

/* One script is refused only when it was asked for; how many the fonts really
 * have is known at the end of choose(). */
static int read_rule(const struct yaml *o, struct arena *a, struct rule *r,
		     struct error *err)
{
	int rc = yaml_get_strings(a, o, "scripts", &r->scripts, &r->n_scripts,
				  err);

	if (!rc)
		rc = yaml_get_strings(a, o, "files", &r->patterns,
				      &r->n_patterns, err);
	if (!rc)
		rc = yaml_get_int(o, "per_script", 1, 1000000, &r->per_script,
				  err);
	if (!rc)
		rc = yaml_get_int(o, "size", 8, MAX_SIDE, &r->side, err);
	if (!rc && r->n_scripts == 1)
		rc = yaml_error(yaml_get(o, "scripts"), err, "there must be two "
				"scripts or more to tell apart");
	if (!rc && r->n_scripts)
		rc = check_scripts(yaml_get(o, "scripts"), r, err);
	return rc || r->n_scripts ? rc : all_scripts(r, a, err);
}

/* ---------------------------------------------------------------- lists */

/* Patterns meet the name without its folders, as fonts of one family lie in
 * different ones on different systems. */
static bool wanted(const struct rule *r, const char *name)
{
	const char *slash = strrchr(name, '/');

	for (size_t k = 0; k < r->n_patterns; k++)
		if (!fnmatch(r->patterns[k], slash ? slash + 1 : name, 0))
			return true;
	return !r->n_patterns;
}

/* The bundles stay in the arena: fonts point to them until the last pass over
 * the pixels. */
static int list_fonts(struct job *j, const struct source *src, struct arena *a,
		      struct error *err)
{
	struct bundle *b = ARENA_NEW(a, struct bundle, src->n_paths);

	j->fonts = ARENA_NEW(a, struct font, MAX_FONTS);
	if (!b || !j->fonts)
		return arena_error(a, err);
	if (!src->n_paths)
		return error_set(err, ERR_CONFIG, "reader glyphs needs a folder of fonts");
	for (size_t k = 0; k < src->n_paths; k++) {
		int rc = bundle_open(&b[k], src->paths[k], a, err);

		if (rc)
			return rc;
		for (size_t i = 0; i < b[k].n; i++) {
			if (!bundle_is_kind(b[k].files[i].name, extensions) ||
			    !wanted(&j->rule, b[k].files[i].name))
				continue;
			if (j->n_fonts == MAX_FONTS)
				return error_set(err, ERR_DATA, "%s: more than %d "
						 "fonts", src->name, MAX_FONTS);
			j->fonts[j->n_fonts].bundle = &b[k];
			j->fonts[j->n_fonts++].index = i;
		}
	}
	return j->n_fonts ? 0 : error_set(err, ERR_DATA, "%s: no font in '%s' has "
					  "a name that fits", src->name,
					  src->paths[0]);
}

/* Letters alone: marks are drawn without what they belong to, and digits and
 * signs are shared between scripts. */
static bool is_letter(uint32_t code)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)code);

	return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

/* Append a script's letters (or count them, when there is no list yet). */
static void add_letters(struct job *j, size_t script)
{
	size_t n;
	const struct script_block *b = script_blocks(&n);

	for (size_t k = 0; k < n; k++) {
		if (strcmp(b[k].script, j->rule.scripts[script]))
			continue;
		for (uint32_t c = b[k].first; c <= b[k].last; c++) {
			if (!is_letter(c))
				continue;
			if (j->letters)
				j->letters[j->n_letters] = (struct letter){
					.code = c, .script = (int32_t)script };
			j->n_letters++;
		}
	}
}

/* Counted first, then filled: a script may have some hundred letters or many
 * thousand, and fonts need a byte for each of them. */
static int list_letters(struct job *j, struct arena *a, struct error *err)
{
	for (size_t s = 0; s < j->rule.n_scripts; s++)
		add_letters(j, s);
	j->letters = ARENA_NEW(a, struct letter, j->n_letters);
	if (!j->letters)
		return arena_error(a, err);
	j->n_letters = 0;
	for (size_t s = 0; s < j->rule.n_scripts; s++)
		add_letters(j, s);
	for (size_t f = 0; f < j->n_fonts; f++) {
		j->fonts[f].has = ARENA_NEW(a, uint8_t, j->n_letters);
		if (!j->fonts[f].has)
			return arena_error(a, err);
	}
	return 0;
}

/* ---------------------------------------------------------------- fonts */

/* The row of a letter in a font: fonts are in order under each letter. */
static size_t row_of(const struct job *j, size_t font, size_t letter)
{
	size_t row = j->letters[letter].row;

	for (size_t f = 0; f < font; f++)
		row += j->fonts[f].has[letter];
	return row;
}

/* What the font has, or, when there is room for pixels, how it looks. */
static void visit(struct job *j, size_t f, struct glyph_font *font)
{
	size_t side = (size_t)j->rule.side;

	for (size_t k = 0; k < j->n_letters; k++) {
		if (!j->pixels)
			j->fonts[f].has[k] = glyph_has(font, j->letters[k].code);
		else if (j->letters[k].taken && j->fonts[f].has[k])
			glyph_draw(font, j->letters[k].code, side,
				   j->pixels + row_of(j, f, k) * side * side);
	}
}

/* A font is opened once in each of the two passes: an open face costs more
 * memory than the second look costs time. */
static void visit_font(void *ctx, size_t f, size_t worker)
{
	struct job *j = ctx;
	const struct font *at = &j->fonts[f];
	struct glyph_font *font = NULL;
	struct error err = { 0 };
	struct file_map m;
	int rc = bundle_map(at->bundle, at->index, &m, &err);

	if (!rc) {
		rc = glyph_open(&font, at->bundle->files[at->index].name,
				m.data, m.size, &err);
		if (!rc)
			visit(j, f, font);
		glyph_close(font);
		bundle_unmap(at->bundle, &m);
	}
	if (rc)
		faults_note(&j->faults, worker, f, &err);
}

/* Threads take fonts, not letters, because a FreeType face is not for two
 * threads at once. */
static int visit_fonts(struct job *j, struct error *err)
{
	par_for((int)j->threads, j->n_fonts, visit_font, j);
	return faults_first(&j->faults, err);
}

/* ---------------------------------------------------------------- choice */

/* Take letters [first, first + n), which are one script's, in a random order
 * that is always the same, until another would be too much: code points in
 * sequence look alike (variants of one letter), and the first ones would be a
 * poor sample of their script. Returns the rows taken. */
static size_t take_script(struct job *j, size_t first, size_t n, uint32_t *order)
{
	struct rng r = rng_make(0, "glyphs/choice");
	size_t rows = 0;

	rng_permutation(rng_sub(r, j->letters[first].code), n, order);
	for (size_t k = 0; k < n; k++) {
		struct letter *l = &j->letters[first + order[k]];

		if (!l->faces || rows + l->faces > (size_t)j->rule.per_script)
			continue;
		l->taken = true;
		rows += l->faces;
	}
	return rows;
}

/* Choose the letters, and with them the scripts that have any. */
static int choose(struct job *j, struct arena *a, bool all, struct items *out,
		  struct error *err)
{
	const char **names = ARENA_NEW(a, const char *, j->rule.n_scripts);
	uint32_t *order = ARENA_NEW(a, uint32_t, j->n_letters);

	if (!names || !order)
		return arena_error(a, err);
	for (size_t f = 0; f < j->n_fonts; f++)
		for (size_t k = 0; k < j->n_letters; k++)
			j->letters[k].faces += j->fonts[f].has[k];
	for (size_t first = 0, n; first < j->n_letters; first += n) {
		int32_t script = j->letters[first].script;
		const char *name = j->rule.scripts[script];

		for (n = 1; first + n < j->n_letters &&
			    j->letters[first + n].script == script;)
			n++;
		if (!take_script(j, first, n, order)) {
			if (all)
				continue;
			return error_set(err, ERR_DATA, "no font has letters of "
					 "%s that fit into per_script", name);
		}
		for (size_t k = 0; k < n; k++)
			j->letters[first + k].script = (int32_t)out->classes;
		names[out->classes++] = name;
	}
	out->class_names = names;
	return out->classes > 1 ? 0 : error_set(err, ERR_DATA, "the fonts have "
						"fewer than two scripts");
}

/* Rows of a letter stand together, one a font; groups are numbered by letter,
 * so that all its fonts fall on one side of a split. */
static int fill_items(struct job *j, struct arena *a, struct items *out,
		      struct error *err)
{
	size_t side = (size_t)j->rule.side;
	int32_t *label;
	uint32_t *group, number = 0;

	for (size_t k = 0; k < j->n_letters; k++) {
		j->letters[k].row = j->rows;
		j->rows += j->letters[k].taken ? j->letters[k].faces : 0;
	}
	j->pixels = arena_alloc(a, j->rows, side * side);
	label = ARENA_NEW(a, int32_t, j->rows);
	group = ARENA_NEW(a, uint32_t, j->rows);
	if (!j->pixels || !label || !group)
		return arena_error(a, err);
	for (size_t k = 0; k < j->n_letters; k++) {
		const struct letter *l = &j->letters[k];

		for (size_t i = 0; l->taken && i < l->faces; i++) {
			label[l->row + i] = l->script;
			group[l->row + i] = number;
		}
		number += l->taken;
	}
	out->n = j->rows;
	out->height = out->width = side;
	out->pixels = j->pixels;
	out->label = label;
	out->group = group;
	return 0;
}

/* visit_fonts runs twice: without pixels it notes what each font has, with
 * them it draws. Pixels start blank, so a font that changed in between leaves
 * blank pictures and no garbage. */
static int read_glyphs(const struct source *src, struct arena *a,
		       struct items *out, struct error *err)
{
	struct job j = { .rule = { .per_script = 400, .side = 28 },
			 .threads = src->threads > 0 ? (size_t)src->threads : 1 };
	bool all = !yaml_get(src->options, "scripts");
	int rc = read_rule(src->options, a, &j.rule, err);

	*out = (struct items){ .modality = MODALITY_IMAGE, .channels = 1,
			       .task = TASK_CLASSIFICATION };
	if (!rc)
		rc = list_fonts(&j, src, a, err);
	if (!rc)
		rc = list_letters(&j, a, err);
	if (!rc)
		rc = faults_init(&j.faults, j.threads, a, err);
	if (!rc)
		rc = visit_fonts(&j, err);
	if (!rc)
		rc = choose(&j, a, all, out, err);
	if (!rc)
		rc = fill_items(&j, a, out, err);
	return rc ? rc : visit_fonts(&j, err);
}

static const char *const options[] = { "scripts", "files", "per_script", "size",
				       NULL };

const struct reader reader_glyphs = {
	.name = "glyphs",
	.summary = "letters of fonts, labelled by script",
	.version = 1,
	.options = options,
	.read = read_glyphs,
};
