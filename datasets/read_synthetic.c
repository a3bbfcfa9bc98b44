/* Data sets that are made, not read: what is to be learned is known exactly, so
 * that a suite can show which learner finds which kind of structure.
 *
 *	kind: axis_steps | low_rank | parity | smooth_dense	(synthetic.h)
 *	      rows, d, noise, seed; informative (axis_steps), degree (parity);
 *	      a table of d numbers; regression, or two classes: is the target
 *	      above 0?
 *	kind: rhm						(rhm.h)
 *	      rows, seed, v, m, s, levels, classes; noise: the share of labels
 *	      that are drawn anew; as: table (a category a leaf) or image (v
 *	      channels of 1 x s^levels pixels, one of them 255 a leaf).
 *
 * Row i is the same for any number of rows.
 */
#include "datasets/reader.h"

#include <string.h>

#include "datasets/made/rhm.h"
#include "datasets/made/synthetic.h"
#include "harness/base/par.h"

#define ROWS_MOST  10000000
#define COLS_MOST  10000
#define CELLS_MOST ((size_t)1 << 30)
#define ROW_GRAIN  256
#define KINDS	   (SYNTHETIC_KINDS + 1) /* rhm is the last */

/* What the options say. */
struct recipe {
	size_t kind; /* enum synthetic_kind, or SYNTHETIC_KINDS: rhm */
	size_t rows;
	uint64_t seed;
	double noise;
	struct synthetic f;
	struct rhm h;
	bool as_image;
};

/* Everything that a loop over rows writes to. */
struct making {
	const struct recipe *r;
	size_t cols;
	float **cell; /* (cols) of (rows) */
	float *x;     /* (threads, cols) one row each */
	float *target;
	uint32_t *leaves; /* (threads, leaves) */
	uint8_t *pixels;
	int32_t *label;
};

/* ---------------------------------------------------------------- options */

/* A whole number; absent leaves *out alone. */
static int get_size(const struct source *src, const char *key, size_t least,
		    size_t most, size_t *out, struct error *err)
{
	int64_t v = (int64_t)*out;
	int rc = yaml_get_int(src->options, key, (int64_t)least, (int64_t)most,
			      &v, err);

	*out = (size_t)v;
	return rc;
}

/* One of a list of words; absent leaves *out alone. */
static int get_choice(const struct source *src, const char *key,
		      const char *const *words, size_t n, size_t *out,
		      struct error *err)
{
	const char *word = words[*out];
	int rc = yaml_get_string(src->options, key, &word, err);

	if (rc)
		return rc;
	for (size_t k = 0; k < n; k++) {
		if (!strcmp(words[k], word)) {
			*out = k;
			return 0;
		}
	}
	return yaml_error(yaml_get(src->options, key), err,
			  "option '%s': unknown word '%s'", key, word);
}

/* An option of another kind would have no effect, which nobody wants who wrote
 * it down. */
static int refuse(const struct source *src, const char *kind,
		  const char *const *keys, size_t n, struct error *err)
{
	for (size_t k = 0; k < n; k++)
		if (yaml_get(src->options, keys[k]))
			return yaml_error(yaml_get(src->options, keys[k]), err,
					  "kind %s has no option '%s'", kind,
					  keys[k]);
	return 0;
}

/* Options of the functions of Gaussian rows. */
static int get_function(const struct source *src, struct recipe *r,
			struct error *err)
{
	static const char *const foreign[] = {
		"v", "m", "s", "levels", "classes", "as", "informative", "degree",
	};
	static const char *const steps[] = { "degree" };
	static const char *const parity[] = { "informative" };
	const char *kind = synthetic_names[r->kind];
	struct synthetic *f = &r->f;
	int rc;

	*f = (struct synthetic){ .kind = (enum synthetic_kind)r->kind, .d = 20,
				 .informative = 10, .degree = 3,
				 .noise = r->noise, .seed = r->seed };
	if (f->kind == SYNTHETIC_AXIS_STEPS)
		rc = refuse(src, kind, steps, 1, err);
	else if (f->kind == SYNTHETIC_PARITY)
		rc = refuse(src, kind, parity, 1, err);
	else
		rc = refuse(src, kind, foreign + 6, 2, err);
	if (!rc)
		rc = refuse(src, kind, foreign, 6, err);
	if (!rc)
		rc = get_size(src, "d", 1, COLS_MOST, &f->d, err);
	if (!rc && f->informative > f->d)
		f->informative = f->d;
	if (!rc)
		rc = get_size(src, "informative", 1, COLS_MOST, &f->informative,
			      err);
	return rc ? rc : get_size(src, "degree", 1, COLS_MOST, &f->degree, err);
}

/* Options of the Random Hierarchy Model; by default there are 4096 inputs, of
 * which a deep net needs 512. */
static int get_hierarchy(const struct source *src, struct recipe *r,
			 struct error *err)
{
	static const char *const foreign[] = { "d", "informative", "degree" };
	static const char *const forms[] = { "table", "image" };
	struct rhm *h = &r->h;
	size_t form = 0;
	int rc = refuse(src, "rhm", foreign, 3, err);

	*h = (struct rhm){ .v = 8, .m = 8, .s = 2, .levels = 2, .classes = 8 };
	if (!rc)
		rc = get_size(src, "v", 2, 256, &h->v, err);
	if (!rc)
		rc = get_size(src, "m", 1, RHM_WORDS, &h->m, err);
	if (!rc)
		rc = get_size(src, "s", 2, 16, &h->s, err);
	if (!rc)
		rc = get_size(src, "levels", 1, RHM_LEVELS, &h->levels, err);
	if (!rc)
		rc = get_size(src, "classes", 2, 1000, &h->classes, err);
	if (!rc)
		rc = get_choice(src, "as", forms, 2, &form, err);
	r->as_image = form == 1;
	if (!rc && src->task != TASK_CLASSIFICATION)
		return error_set(err, ERR_CONFIG, "kind rhm has classes: the "
				 "task must be classification");
	return rc;
}

/* Kind, rows, seed and noise are asked of all; the rest of its kind alone. The
 * target column has no name that could be wrong: there is just one. */
static int get_recipe(const struct source *src, struct recipe *r,
		      struct error *err)
{
	const char *kinds[KINDS];
	size_t seed = 0;
	int rc;

	/* rhm behind the functions, whose numbers are those of the enum */
	memcpy(kinds, synthetic_names, sizeof(synthetic_names));
	kinds[SYNTHETIC_KINDS] = "rhm";
	*r = (struct recipe){ .rows = 10000 };
	if (!yaml_get(src->options, "kind"))
		return error_set(err, ERR_CONFIG, "reader synthetic needs an "
				 "option 'kind': axis_steps, low_rank, parity, "
				 "smooth_dense or rhm");
	if (src->n_drop || src->log_target)
		return error_set(err, ERR_CONFIG, "reader synthetic makes its "
				 "rows: nothing to drop or to take logarithms of");
	rc = get_choice(src, "kind", kinds, KINDS, &r->kind, err);
	if (!rc)
		rc = get_size(src, "rows", 1, ROWS_MOST, &r->rows, err);
	if (!rc)
		rc = get_size(src, "seed", 0, UINT32_MAX, &seed, err);
	if (!rc)
		rc = yaml_get_real(src->options, "noise", 0,
				   r->kind == SYNTHETIC_KINDS ? 1 : 100,
				   &r->noise, err);
	r->seed = seed;
	if (rc)
		return rc;
	return r->kind == SYNTHETIC_KINDS ? get_hierarchy(src, r, err) :
					    get_function(src, r, err);
}

/* ------------------------------------------------------------------- rows */

/* Bounded before anything is allocated: a typing error in a catalogue must not
 * take the machine's memory. */
static int check_size(size_t rows, size_t cols, struct error *err)
{
	if (rows <= CELLS_MOST / cols)
		return 0;
	return error_set(err, ERR_CONFIG, "%zu rows of %zu cells are more than "
			 "%zu: ask for fewer rows", rows, cols, CELLS_MOST);
}

/* Columns x0, x1 ... to be filled; `levels` 0: numbers. */
static int make_columns(struct making *k, size_t levels,
			const char *const *level_names, struct arena *a,
			struct items *out, struct error *err)
{
	struct column *columns = ARENA_NEW(a, struct column, k->cols);

	k->cell = ARENA_NEW(a, float *, k->cols);
	if (!columns || !k->cell)
		return arena_error(a, err);
	for (size_t j = 0; j < k->cols; j++) {
		columns[j].name = arena_printf(a, "x%zu", j);
		columns[j].is_cat = levels > 0;
		columns[j].levels = levels;
		columns[j].level_names = level_names;
		k->cell[j] = ARENA_RAW(a, float, k->r->rows);
		if (!columns[j].name || !k->cell[j])
			return arena_error(a, err);
	}
	out->cols = k->cols;
	out->columns = columns;
	out->cell = (const float *const *)k->cell;
	return 0;
}

/* prefix0, prefix1 ...; NULL when memory is out. */
static const char *const *number_names(const char *prefix, size_t n,
				       struct arena *a)
{
	const char **names = ARENA_NEW(a, const char *, n);

	for (size_t k = 0; names && k < n; k++) {
		names[k] = arena_printf(a, "%s%zu", prefix, k);
		if (!names[k])
			return NULL;
	}
	return names;
}

/* Rows of cells, and their target. */
static void make_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct making *k = ctx;
	const struct synthetic *f = &k->r->f;
	struct par_range r = par_range(k->r->rows, ROW_GRAIN, chunk);
	float *x = k->x + worker * k->cols;

	for (size_t i = r.begin; i < r.end; i++) {
		for (size_t j = 0; j < k->cols; j++)
			x[j] = k->cell[j][i] = synthetic_cell(f, i, j);
		k->target[i] = synthetic_target(f, i, x);
		if (k->label)
			k->label[i] = k->target[i] > 0;
	}
}

/* Labels are the sign of the target, noise included: near the boundary they lie,
 * far from it they do not. */
static int make_table(const struct source *src, struct recipe *r,
		      struct arena *a, struct items *out, struct error *err)
{
	static const char *const sides[] = { "below", "above" };
	struct making k = { .r = r, .cols = r->f.d };
	int rc = check_size(r->rows, k.cols, err);

	if (!rc)
		rc = synthetic_init(&r->f, a, err);
	if (!rc)
		rc = make_columns(&k, 0, NULL, a, out, err);
	if (rc)
		return rc;
	k.x = ARENA_RAW(a, float, (size_t)src->threads * k.cols);
	k.target = ARENA_RAW(a, float, r->rows);
	if (!k.x || !k.target)
		return arena_error(a, err);
	out->target = k.target;
	if (src->task == TASK_CLASSIFICATION) {
		k.label = ARENA_RAW(a, int32_t, r->rows);
		if (!k.label)
			return arena_error(a, err);
		out->target = NULL;
		out->label = k.label;
		out->classes = 2;
		out->class_names = sides;
	}
	par_for(src->threads, par_chunks(r->rows, ROW_GRAIN), make_rows, &k);
	return 0;
}

/* One-hot along the channels, which is how conv nets read symbols. */
static void paint(const struct rhm *h, const uint32_t *leaves, uint8_t *pixels)
{
	memset(pixels, 0, h->v * h->leaves);
	for (size_t j = 0; j < h->leaves; j++)
		pixels[leaves[j] * h->leaves + j] = 255;
}

/* Leaves and labels, of which a share is drawn anew. */
static void grow_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct making *k = ctx;
	const struct rhm *h = &k->r->h;
	struct rng lie = rng_make(k->r->seed, "rhm/noise");
	struct par_range r = par_range(k->r->rows, ROW_GRAIN, chunk);
	uint32_t *leaves = k->leaves + worker * h->leaves;

	for (size_t i = r.begin; i < r.end; i++) {
		size_t label = rhm_row(h, i, leaves);

		if (rng_uniform(lie, 2 * i) < k->r->noise)
			label = (size_t)rng_below(lie, 2 * i + 1, h->classes);
		k->label[i] = (int32_t)label;
		if (k->pixels)
			paint(h, leaves, k->pixels + i * h->v * h->leaves);
		for (size_t j = 0; j < k->cols; j++)
			k->cell[j][i] = (float)leaves[j];
	}
}

/* Pictures have no columns, tables no pixels. */
static int make_form(struct making *k, struct arena *a, struct items *out,
		     struct error *err)
{
	const struct rhm *h = &k->r->h;
	const char *const *symbols;

	if (!k->r->as_image) {
		k->cols = h->leaves;
		symbols = number_names("s", h->v, a);
		return symbols ? make_columns(k, h->v, symbols, a, out, err) :
				 arena_error(a, err);
	}
	k->pixels = arena_alloc_raw(a, k->r->rows, h->v * h->leaves);
	out->modality = MODALITY_IMAGE;
	out->channels = h->v;
	out->height = 1;
	out->width = h->leaves;
	out->pixels = k->pixels;
	return k->pixels ? 0 : arena_error(a, err);
}

/* Without a number of rows there are 10,000 or as many as there can be; asking
 * for more than those is an error, as rows would come twice. */
static int make_hierarchy(const struct source *src, struct recipe *r,
			  struct arena *a, struct items *out, struct error *err)
{
	struct making k = { .r = r };
	struct rhm *h = &r->h;
	int rc = rhm_init(h, rng_make(r->seed, "rhm"), a, err);

	if (!rc && h->inputs && !yaml_get(src->options, "rows") &&
	    r->rows > h->inputs)
		out->n = r->rows = (size_t)h->inputs; /* all there are */
	if (!rc && h->inputs && r->rows > h->inputs)
		rc = error_set(err, ERR_CONFIG, "%zu rows, but classes, m, s and "
			       "levels make %zu different ones", r->rows,
			       (size_t)h->inputs);
	if (!rc)
		rc = check_size(r->rows, h->leaves * (r->as_image ? h->v : 1),
				err);
	if (!rc)
		rc = make_form(&k, a, out, err);
	if (rc)
		return rc;
	k.leaves = ARENA_RAW(a, uint32_t, (size_t)src->threads * h->leaves);
	k.label = ARENA_RAW(a, int32_t, r->rows);
	out->classes = h->classes;
	out->class_names = number_names("c", h->classes, a);
	out->label = k.label;
	if (!k.leaves || !k.label || !out->class_names)
		return arena_error(a, err);
	par_for(src->threads, par_chunks(r->rows, ROW_GRAIN), grow_rows, &k);
	return 0;
}

/* Nothing is read: the options are the whole data set, and stand in its digest. */
static int read_synthetic(const struct source *src, struct arena *a,
			  struct items *out, struct error *err)
{
	struct recipe r;
	int rc = get_recipe(src, &r, err);

	if (rc)
		return rc;
	*out = (struct items){ .modality = MODALITY_TABULAR, .task = src->task,
			       .n = r.rows };
	return r.kind == SYNTHETIC_KINDS ? make_hierarchy(src, &r, a, out, err) :
					   make_table(src, &r, a, out, err);
}

static const char *const options[] = {
	"kind", "rows", "d", "noise", "seed", "informative", "degree", "v", "m",
	"s", "levels", "classes", "as", NULL,
};

const struct reader reader_synthetic = {
	.name = "synthetic",
	.summary = "made-up rows: steps, low rank, parity, smooth, hierarchies",
	.version = 1,
	.options = options,
	.no_files = true,
	.read = read_synthetic,
};
