/* Some rows at a time, whose sums are kept in double until all trees are in; tree by
 * tree; within a tree, chunks of rows on all threads. */
#include "learners/gbdt/shap.h"

#include "harness/base/par.h"
#include "learners/gbdt/quadrature.h"
#include "learners/gbdt/shap_paths.h"
#include "learners/gbdt/worth.h"

/* Sums of the rows at hand may take so many doubles, 64 MiB; but a tree is taken
 * apart anew for each batch of them, so a batch has 256 rows at least. */
enum { GRAIN = 16, LEAST_BATCH = 256 };
#define SUM_CELLS ((size_t)1 << 23)

struct shap {
	const struct shap_trees *t;
	struct shap_paths paths;
	struct quadrature rule;
	size_t wide;	     /* outputs * (cols + 1) */
	size_t batch, grain; /* rows */
	double *sum;	     /* (batch, outputs, cols + 1) */
	double **scratch;    /* (threads) */
	struct expand expand;
	const struct part *part;
	size_t first, rows;  /* of the batch */
	const struct tree *tree;
	size_t output; /* of the tree */
};

/* ---------------------------------------------------------------- a leaf */

/* Factor j at all points: t o_j + (1 - t) z_j. */
static inline void multiply(double *product, const double *point, size_t n, double met,
			    double share)
{
	for (size_t q = 0; q < n; q++)
		product[q] *= share + point[q] * (met - share);
}

/* met (elements) <- 1 where all of an element's cuts are met, else 0. */
static void meet(const struct shap *s, size_t l, const float *x, double *met)
{
	const struct shap_paths *p = &s->paths;

	for (size_t e = 0; e < p->elements[l]; e++)
		met[e] = 1;
	for (size_t k = p->start[l]; k < p->start[l + 1]; k++)
		if (!shap_paths_meets(&p->cut[k], s->t->column, x))
			met[p->cut[k].element] = 0;
}

/* The formula of the header with v = 1: scratch (m) <- each element's contribution.
 * It holds whether each is met before; behind it lie (m + 1, points) products of the
 * factors before j and (points) of those behind. */
static void weigh(const struct shap *s, size_t l, const float *x, double *scratch)
{
	const struct shap_paths *p = &s->paths;
	const struct shap_element *of = p->element + p->start[l];
	size_t m = p->elements[l], start, n = quadrature_points(&s->rule, m, &start);
	const double *point = s->rule.point + start, *weight = s->rule.weight + start;
	double *met = scratch, *before = met + m, *behind = before + (m + 1) * n;

	meet(s, l, x, met);
	for (size_t q = 0; q < n; q++) {
		before[q] = weight[q];
		behind[q] = 1;
	}
	for (size_t j = 0; j < m; j++) {
		for (size_t q = 0; q < n; q++)
			before[(j + 1) * n + q] = before[j * n + q];
		multiply(before + (j + 1) * n, point, n, met[j], of[j].share);
	}
	for (size_t j = m; j-- > 0;) {
		double sum = 0;

		for (size_t q = 0; q < n; q++)
			sum += before[j * n + q] * behind[q];
		multiply(behind, point, n, met[j], of[j].share);
		met[j] = (met[j] - of[j].share) * sum;
	}
}

static void add_value(const struct shap *s, size_t l, double value, const double *part,
		      double *phi)
{
	const struct shap_paths *p = &s->paths;
	const struct shap_element *of = p->element + p->start[l];

	value *= s->t->scale;
	phi[s->t->cols] += p->weight[l] * value;
	for (size_t j = 0; j < p->elements[l]; j++)
		phi[of[j].player] += value * part[j];
}

/* A leaf's value, or its vector, over all outputs of a row. */
static void add_leaf(const struct shap *s, size_t l, const double *part, double *sum)
{
	const struct tree *t = s->tree;
	size_t wide = s->t->cols + 1;

	if (!t->start) {
		add_value(s, l, (double)t->value[l], part, sum + s->output * wide);
		return;
	}
	for (uint32_t k = t->start[l]; k < t->start[l + 1]; k++)
		add_value(s, l, (double)t->share[k].value, part,
			  sum + t->share[k].output * wide);
}

static size_t scratch_size(const struct shap *s)
{
	size_t m = s->paths.longest, n = s->rule.most;

	return (m + 2) * (n > QUADRATURE_TABLES ? n : QUADRATURE_TABLES) + m;
}

static void explain_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct shap *s = ctx;
	const struct shap_paths *p = &s->paths;
	double *scratch = s->scratch[worker];
	struct par_range r = par_range(s->rows, s->grain, chunk);
	struct par_range at = { s->first + r.begin, s->first + r.end };
	const float *x = expand_open(&s->expand, s->part, NULL, at, worker);

	for (size_t i = r.begin; i < r.end; i++, x += s->expand.width)
		for (size_t l = 0; l < p->leaves; l++) {
			weigh(s, l, x, scratch);
			add_leaf(s, l, scratch, s->sum + i * s->wide);
		}
	expand_close(&s->expand, s->part, at, worker);
}

/* ---------------------------------------------------------------- all trees */

/* A leaf with five cuts takes about 50 ns. */
static void add_tree(struct shap *s, size_t k, int threads)
{
	const struct tree *t = s->t->tree[k];

	shap_paths_make(&s->paths, t);
	s->output = k % s->t->outputs;
	s->tree = t;
	par_for(worth_threads(threads, 50.0 * (double)s->rows * (double)t->leaves),
		par_chunks(s->rows, s->grain), explain_rows, s);
}

static void explain_batch(struct shap *s, int threads, float *out)
{
	const struct shap_trees *t = s->t;

	for (size_t k = 0; k < s->rows * s->wide; k++) {
		size_t c = k % s->wide / (t->cols + 1);

		s->sum[k] = k % (t->cols + 1) == t->cols && t->base ? t->base[c] : 0;
	}
	for (size_t k = 0; k < t->n; k++)
		add_tree(s, k, threads);
	for (size_t k = 0; k < s->rows * s->wide; k++)
		out[k] = (float)s->sum[k];
}

/* Whose each number behind the columns is; NULL when there are none. */
static bool name_players(const struct shap *s, const uint32_t **out, struct arena *a)
{
	size_t width = s->expand.width;
	uint32_t *player = NULL;

	if (width > s->t->cols) {
		player = ARENA_RAW(a, uint32_t, width);
		for (size_t k = 0; player && k < width; k++)
			player[k] = target_stats_source(s->t->stats, s->t->cols, k);
	}
	*out = player;
	return player || width == s->t->cols;
}

static bool allocate(struct shap *s, size_t rows, int threads, struct arena *a)
{
	const struct shap_trees *t = s->t;
	const uint32_t *player;

	s->batch = SUM_CELLS / s->wide;
	s->batch = s->batch > LEAST_BATCH ? s->batch : LEAST_BATCH;
	s->batch = rows < s->batch ? rows : s->batch;
	if (s->batch > SIZE_MAX / s->wide)
		return false;
	s->sum = ARENA_RAW(a, double, s->batch * s->wide);
	s->scratch = ARENA_NEW(a, double *, (size_t)threads);
	if (!s->sum || !s->scratch || !name_players(s, &player, a) ||
	    !shap_paths_allocate(&s->paths, t->tree, t->n, s->expand.width, player, a) ||
	    !quadrature_init(&s->rule, s->paths.longest, a))
		return false;
	for (int k = 0; k < threads; k++) {
		s->scratch[k] = ARENA_NEW(a, double, scratch_size(s));
		if (!s->scratch[k])
			return false;
	}
	return true;
}

int shap_explain_trees(const struct shap_trees *t, const struct part *rows,
		       struct run *run, float *contributions, struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	const struct target_stats none = { 0 };
	struct shap s = { .t = t, .part = rows, .wide = t->outputs * (t->cols + 1) };

	if (expand_init(&s.expand, t->cols, rows->row_start, t->stats ? t->stats : &none,
			run->threads, run->arena, err))
		return (int)err->code;
	s.grain = s.expand.grain < GRAIN ? s.expand.grain : GRAIN;
	if (!allocate(&s, rows->rows, run->threads, run->arena))
		return arena_error(run->arena, err);
	for (; s.first < rows->rows; s.first += s.rows) {
		s.rows = rows->rows - s.first < s.batch ? rows->rows - s.first : s.batch;
		explain_batch(&s, run->threads, contributions + s.first * s.wide);
	}
	arena_rewind(run->arena, mark);
	return 0;
}

/* Trees as they are told: round by round, an output each. */
int shap_explain(const struct boost *b, const struct part *rows, struct run *run,
		 float *contributions, struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	struct shap_trees t = { .n = b->rounds * b->outputs, .outputs = b->outputs,
				.column = b->bins.column, .cols = b->cols,
				.base = b->base, .stats = &b->stats,
				.scale = 1 };
	const struct tree **list = ARENA_NEW(run->arena, const struct tree *, t.n);
	int rc;

	if (!list)
		return arena_error(run->arena, err);
	for (size_t k = 0; k < t.n; k++)
		list[k] = &b->tree[k / b->outputs][k % b->outputs];
	t.tree = list;
	rc = shap_explain_trees(&t, rows, run, contributions, err);
	arena_rewind(run->arena, mark);
	return rc;
}
