/* A field more of struct boost is a line in both functions at the end. */
#include "learners/gbdt/boost_file.h"

#include "learners/gbdt/stats_file.h"
#include "learners/gbdt/tree_file.h"

/* Round by round, output by output. */
static void save_trees(const struct boost *b, struct model_writer *w)
{
	size_t n = b->rounds * b->outputs;
	const struct tree **list = ARENA_NEW(w->text.arena, const struct tree *, n);

	if (!list) {
		w->text.failed = true;
		return;
	}
	for (size_t k = 0; k < n; k++)
		list[k] = &b->tree[k / b->outputs][k % b->outputs];
	tree_file_save(list, n, w);
}

void boost_file_save(const struct boost *b, struct model_writer *w)
{
	model_writer_text(w, "boost.objective", b->objective->name);
	model_writer_count(w, "boost.outputs", b->outputs);
	model_writer_count(w, "boost.rounds", b->rounds);
	model_writer_array(w, "boost.base", MODEL_F64, b->base, b->outputs);
	stats_file_save(&b->stats, w);
	tree_file_save_columns(&b->bins, w);
	save_trees(b, w);
}

/* Its scores must be as many as the data's, or predict would write beyond them. */
static int load_objective(struct boost *b, const struct dataset *data,
			  struct model_reader *r, struct error *err)
{
	const char *name;
	size_t columns;

	if (model_reader_text(r, "boost.objective", &name, err) ||
	    model_reader_count(r, "boost.outputs", INT32_MAX, &b->outputs, err))
		return (int)err->code;
	b->objective = objective_find(name);
	if (!b->objective)
		return error_set(err, ERR_DATA, "%s: made by a newer triarch: objective "
				 "'%s'", r->path, name);
	columns = b->objective->columns ? b->objective->columns : b->outputs;
	if (!b->outputs || columns != learner_outputs(data) ||
	    (b->objective->columns && b->outputs != 1))
		return model_reader_bad(r, err, "objective '%s' with %zu outputs for %zu "
					"classes", name, b->outputs, data->classes);
	return 0;
}

static int load_trees(struct boost *b, const struct dataset *data, struct model_reader *r,
		      struct error *err)
{
	size_t width = b->cols + target_stats_extras(&b->stats);
	struct tree *tree = NULL;

	if (b->rounds > SIZE_MAX / b->outputs)
		return model_reader_bad(r, err, "%zu rounds", b->rounds);
	if (tree_file_load_columns(&b->bins, data, width, r, err) ||
	    tree_file_load(&tree, b->rounds * b->outputs, width, 0, &b->bins, r,
			   err))
		return (int)err->code;
	b->tree = ARENA_NEW(r->arena, struct tree *, b->rounds);
	if (!b->tree)
		return arena_error(r->arena, err);
	for (size_t k = 0; k < b->rounds; k++)
		b->tree[k] = tree + k * b->outputs;
	return 0;
}

int boost_file_load(struct boost *b, const struct dataset *data, struct model_reader *r,
		    struct error *err)
{
	const void *base = NULL;

	*b = (struct boost){ .cols = data->cols };
	if (load_objective(b, data, r, err) ||
	    model_reader_count(r, "boost.rounds", INT32_MAX, &b->rounds, err) ||
	    model_reader_array(r, "boost.base", MODEL_F64, b->outputs, &base, err) ||
	    stats_file_load(&b->stats, data, r, err) ||
	    load_trees(b, data, r, err))
		return (int)err->code;
	b->base = (double *)(size_t)base;
	return 0;
}
