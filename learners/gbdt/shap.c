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
	size_t batch;	     /* rows */
	double *sum;	     /* (batch, outputs, cols + 1) */
	double **scratch;    /* (threads) */
	const float *x;	     /* (rows, cols) of the batch */
	size_t rows, output; /* of the batch, of the tree */
	const float *value;  /* (leaves) of the tree */
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

/* The formula of the header. scratch: (m) whether each is met, (m + 1, points)
 * products of the factors before j, (points) of those behind. */
static void add_leaf(const struct shap *s, size_t l, const float *x, double *scratch,
		     double *phi)
{
	const struct shap_paths *p = &s->paths;
	const struct shap_element *of = p->element + p->start[l];
	size_t m = p->elements[l], start, n = quadrature_points(&s->rule, m, &start);
	const double *point = s->rule.point + start, *weight = s->rule.weight + start;
	double *met = scratch, *before = met + m, *behind = before + (m + 1) * n;

	meet(s, l, x, met);
	for (size_t q = 0; q < n; q++) {
		before[q] = weight[q] * (double)s->value[l];
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
		phi[of[j].player] += (met[j] - of[j].share) * sum;
		multiply(behind, point, n, met[j], of[j].share);
	}
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
	size_t cols = s->t->cols;
	struct par_range r = par_range(s->rows, GRAIN, chunk);

	for (size_t i = r.begin; i < r.end; i++) {
		double *phi = s->sum + i * s->wide + s->output * (cols + 1);

		for (size_t l = 0; l < p->leaves; l++) {
			phi[cols] += p->weight[l] * (double)s->value[l];
			add_leaf(s, l, s->x + i * cols, s->scratch[worker], phi);
		}
	}
}

/* ---------------------------------------------------------------- all trees */

/* A leaf with five cuts takes about 50 ns. */
static void add_tree(struct shap *s, size_t k, int threads)
{
	const struct tree *t = s->t->tree[k];

	shap_paths_make(&s->paths, t);
	s->output = k % s->t->outputs;
	s->value = t->value;
	par_for(worth_threads(threads, 50.0 * (double)s->rows * (double)t->leaves),
		par_chunks(s->rows, GRAIN), explain_rows, s);
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

static bool allocate(struct shap *s, size_t rows, int threads, struct arena *a)
{
	const struct shap_trees *t = s->t;

	s->batch = SUM_CELLS / s->wide;
	s->batch = s->batch > LEAST_BATCH ? s->batch : LEAST_BATCH;
	s->batch = rows < s->batch ? rows : s->batch;
	if (s->batch > SIZE_MAX / s->wide)
		return false;
	s->sum = ARENA_RAW(a, double, s->batch * s->wide);
	s->scratch = ARENA_NEW(a, double *, (size_t)threads);
	if (!s->sum || !s->scratch ||
	    !shap_paths_allocate(&s->paths, t->tree, t->n, t->cols, NULL, a) ||
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
	struct shap s = { .t = t, .wide = t->outputs * (t->cols + 1) };

	if (!allocate(&s, rows->rows, run->threads, run->arena))
		return arena_error(run->arena, err);
	for (size_t i = 0; i < rows->rows; i += s.rows) {
		s.rows = rows->rows - i < s.batch ? rows->rows - i : s.batch;
		s.x = rows->x + i * t->cols;
		explain_batch(&s, run->threads, contributions + i * s.wide);
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
				.base = b->base };
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
