#include "learners/forest/grove_model.h"

#include "learners/gbdt/shap.h"
#include "learners/gbdt/tree_dump.h"
#include "learners/gbdt/tree_file.h"

static const struct tree **list_trees(const struct grove *g, struct arena *a)
{
	const struct tree **list = ARENA_NEW(a, const struct tree *, g->trees);

	for (size_t k = 0; list && k < g->trees; k++)
		list[k] = &g->tree[k];
	return list;
}

/* ---------------------------------------------------------------- files */

void grove_save(const void *model, const struct dataset *data, struct model_writer *w)
{
	const struct grove *g = model;
	const struct tree **list = list_trees(g, w->text.arena);

	if (!list) {
		w->text.failed = true;
		return;
	}
	model_writer_count(w, "grove.trees", g->trees);
	model_writer_count(w, "grove.outputs", g->outputs);
	model_writer_array(w, "grove.gain", MODEL_F32, g->gain, data->cols);
	model_writer_array(w, "grove.cuts", MODEL_F32, g->cuts, data->cols);
	tree_file_save_columns(&(struct bins){ .cols = g->kept, .column = g->column }, w);
	tree_file_save(list, g->trees, w);
}

/* Outputs as truth.h has them; vectors where there is more than one, and only
 * there. */
static int check_outputs(const struct grove *g, const struct model_reader *r,
			 struct error *err)
{
	size_t want = g->classes > 2 ? g->classes : 1;

	if (!g->trees || g->outputs != want ||
	    (g->tree[0].start != NULL) != (g->outputs > 1))
		return model_reader_bad(r, err, "%zu trees of %zu outputs for %zu classes",
					g->trees, g->outputs, g->classes);
	return 0;
}

static int load(struct grove *g, const struct dataset *data, struct model_reader *r,
		struct error *err)
{
	const void *gain = NULL, *cuts = NULL;
	struct bins bins;

	*g = (struct grove){ .cols = data->cols, .classes = data->classes };
	if (model_reader_count(r, "grove.trees", INT32_MAX, &g->trees, err) ||
	    model_reader_count(r, "grove.outputs", INT32_MAX, &g->outputs, err) ||
	    model_reader_array(r, "grove.gain", MODEL_F32, g->cols, &gain, err) ||
	    model_reader_array(r, "grove.cuts", MODEL_F32, g->cols, &cuts, err) ||
	    tree_file_load_columns(&bins, data, g->cols, r, err) ||
	    tree_file_load(&g->tree, g->trees, g->cols, g->outputs, &bins, r, err))
		return (int)err->code;
	g->gain = (float *)(size_t)gain;
	g->cuts = (float *)(size_t)cuts;
	g->column = bins.column;
	g->kept = bins.cols;
	for (size_t j = 0; j < g->kept; j++)
		g->has_levels |= g->column[j].is_cat;
	return check_outputs(g, r, err);
}

int grove_load(struct model_reader *r, const struct dataset *data, void **model,
	       struct error *err)
{
	struct grove *g = ARENA_NEW(r->arena, struct grove, 1);

	if (!g)
		return arena_error(r->arena, err);
	*model = g;
	return load(g, data, r, err);
}

/* ---------------------------------------------------------------- words */

int grove_dump(const void *model, const struct dataset *data, enum dump_format format,
	       struct text *out, struct error *err)
{
	const struct grove *g = model;
	const struct tree_dump with = { .column = g->column, .data = data };
	bool fits = true;

	text_add(out, format == DUMP_JSON ? "{\"trees\":[" : "mean of trees\n");
	for (size_t k = 0; k < g->trees && fits; k++) {
		if (format == DUMP_TEXT) {
			text_printf(out, "tree[%zu]\n", k);
			tree_dump_text(&g->tree[k], &with, out);
			continue;
		}
		text_add(out, k ? ",\n{\"tree\":" : "\n{\"tree\":");
		fits = tree_dump_json(&g->tree[k], &with, out);
		text_add(out, "}");
	}
	if (!fits)
		return error_set(err, ERR_UNSUPPORTED, "a tree is more than %d nodes deep, "
				 "too deep for nested JSON; --format text has no limit",
				 TREE_DUMP_DEPTH);
	if (format == DUMP_JSON)
		text_add(out, "\n]}");
	return out->failed ? arena_error(out->arena, err) : 0;
}

size_t grove_raw_outputs(const void *model)
{
	const struct grove *g = model;

	return g->outputs;
}

int grove_explain(const void *model, const struct part *rows, struct run *run,
		  float *contributions, struct error *err)
{
	const struct grove *g = model;
	struct arena_mark mark = arena_mark(run->arena);
	struct shap_trees t = { .n = g->trees, .outputs = g->outputs, .column = g->column,
				.cols = g->cols, .scale = 1.0 / (double)g->trees,
				.tree = list_trees(g, run->arena) };
	int rc;

	if (!t.tree)
		return arena_error(run->arena, err);
	rc = shap_explain_trees(&t, rows, run, contributions, err);
	arena_rewind(run->arena, mark);
	return rc;
}
