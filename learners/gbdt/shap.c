/* Output by output, tree by tree; within a tree, chunks of rows on all threads.
 * Sums are kept in double until all trees are in. */
#include "learners/gbdt/shap.h"

#include <math.h>

#include "harness/base/par.h"
#include "learners/gbdt/shap_paths.h"
#include "learners/gbdt/worth.h"

enum { ROWS = 16, TABLES = 32 };

/* Rules for 1 .. TABLES points, and one for the longest path of all. */
struct rules {
	size_t longest;		/* points of the last one */
	double *point, *weight; /* one behind the other */
};

struct shap {
	const struct boost *b;
	const struct part *rows;
	struct shap_paths paths;
	struct rules rules;
	double *sum;	  /* (rows, cols + 1) of one output */
	double **scratch; /* (threads) */
};

/* ---------------------------------------------------------------- points */

/* P_n(x) and its derivative by the three-term recurrence. */
static double legendre(size_t n, double x, double *slope)
{
	double before = 1, p = x;

	for (size_t k = 2; k <= n; k++) {
		double next = ((2 * (double)k - 1) * x * p - ((double)k - 1) * before) /
			      (double)k;

		before = p;
		p = next;
	}
	*slope = (double)n * (x * p - before) / (x * x - 1);
	return p;
}

/* Newton's steps from the guess of Abramowitz & Stegun 22.16.6 converge in a few;
 * weights are theirs, 25.4.29, halved for an interval of length 1. */
void shap_quadrature(size_t n, double *point, double *weight)
{
	for (size_t k = 0; k < n; k++) {
		double x = cos(M_PI * ((double)k + 0.75) / ((double)n + 0.5)), slope;

		for (int step = 0; step < 8; step++)
			x -= legendre(n, x, &slope) / slope;
		legendre(n, x, &slope);
		point[k] = (1 + x) / 2;
		weight[k] = 1 / ((1 - x * x) * slope * slope);
	}
}

static size_t points_for(const struct rules *r, size_t cuts)
{
	size_t n = (cuts + 1) / 2;

	return n <= TABLES ? n : r->longest;
}

/* Rules for 1, 2 ... n - 1 points lie before that for n. */
static size_t rule_start(const struct rules *r, size_t n)
{
	return n <= TABLES ? n * (n - 1) / 2 : (size_t)TABLES * (TABLES + 1) / 2 +
		n - r->longest;
}

static bool make_rules(struct rules *r, size_t cuts, struct arena *a)
{
	size_t n = (cuts + 1) / 2;
	size_t room = (size_t)TABLES * (TABLES + 1) / 2 + (n > TABLES ? n : 0);

	r->longest = n;
	r->point = ARENA_NEW(a, double, room);
	r->weight = ARENA_NEW(a, double, room);
	if (!r->point || !r->weight)
		return false;
	for (size_t k = 1; k <= TABLES; k++)
		shap_quadrature(k, r->point + rule_start(r, k), r->weight + rule_start(r, k));
	if (n > TABLES)
		shap_quadrature(n, r->point + rule_start(r, n), r->weight + rule_start(r, n));
	return true;
}

/* ---------------------------------------------------------------- a leaf */

/* Factor j at all points: t o_j + (1 - t) z_j. */
static inline void multiply(double *product, const double *point, size_t n, bool met,
			    double share)
{
	double own = met ? 1 : 0;

	for (size_t q = 0; q < n; q++)
		product[q] *= share + point[q] * (own - share);
}

/* The formula of the header. scratch: (longest + 1, points) products of the factors
 * before j, then (points) of those behind, then (longest) whether each is met. */
static void add_leaf(const struct shap *s, size_t l, const float *x, double *scratch,
		     double *phi)
{
	const struct shap_paths *p = &s->paths;
	const struct shap_cut *cut = p->cut + p->start[l];
	size_t m = p->start[l + 1] - p->start[l], n = points_for(&s->rules, m);
	const double *point = s->rules.point + rule_start(&s->rules, n);
	const double *weight = s->rules.weight + rule_start(&s->rules, n);
	double *before = scratch, *behind = scratch + (m + 1) * n, *met = behind + n;

	for (size_t q = 0; q < n; q++) {
		before[q] = weight[q] * (double)p->value[l];
		behind[q] = 1;
	}
	for (size_t j = 0; j < m; j++) {
		met[j] = shap_paths_meets(&cut[j], s->b->bins.column, x);
		for (size_t q = 0; q < n; q++)
			before[(j + 1) * n + q] = before[j * n + q];
		multiply(before + (j + 1) * n, point, n, met[j] > 0, cut[j].share);
	}
	for (size_t j = m; j-- > 0;) {
		double sum = 0;

		for (size_t q = 0; q < n; q++)
			sum += before[j * n + q] * behind[q];
		phi[cut[j].column] += (met[j] - cut[j].share) * sum;
		multiply(behind, point, n, met[j] > 0, cut[j].share);
	}
}

static size_t scratch_size(const struct shap *s)
{
	size_t m = s->paths.longest;
	size_t n = s->rules.longest > TABLES ? s->rules.longest : TABLES;

	return (m + 2) * n + m;
}

static void explain_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct shap *s = ctx;
	size_t cols = s->b->cols;
	struct par_range r = par_range(s->rows->rows, ROWS, chunk);

	for (size_t i = r.begin; i < r.end; i++) {
		double *phi = s->sum + i * (cols + 1);

		phi[cols] += s->paths.mean;
		for (size_t l = 0; l < s->paths.leaves; l++)
			add_leaf(s, l, s->rows->x + i * cols, s->scratch[worker], phi);
	}
}

/* ---------------------------------------------------------------- all trees */

/* A leaf with five cuts takes about 50 ns. */
static void add_tree(struct shap *s, const struct tree *t, int threads)
{
	shap_paths_make(&s->paths, t);
	par_for(worth_threads(threads, 50.0 * (double)s->rows->rows * (double)t->leaves),
		par_chunks(s->rows->rows, ROWS), explain_rows, s);
}

static void explain_output(struct shap *s, size_t output, int threads, float *out)
{
	const struct boost *b = s->b;
	size_t rows = s->rows->rows, wide = b->cols + 1;

	for (size_t k = 0; k < rows * wide; k++)
		s->sum[k] = k % wide == b->cols ? b->base[output] : 0;
	for (size_t r = 0; r < b->rounds; r++)
		add_tree(s, &b->tree[r][output], threads);
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < wide; j++)
			out[(i * b->outputs + output) * wide + j] =
				(float)s->sum[i * wide + j];
}

static bool allocate(struct shap *s, int threads, struct arena *a)
{
	const struct boost *b = s->b;
	size_t n = b->rounds * b->outputs, wide = b->cols + 1;
	const struct tree **list = ARENA_NEW(a, const struct tree *, n);

	if (!list || s->rows->rows > SIZE_MAX / wide)
		return false;
	for (size_t k = 0; k < n; k++)
		list[k] = &b->tree[k / b->outputs][k % b->outputs];
	s->sum = ARENA_RAW(a, double, s->rows->rows * wide);
	s->scratch = ARENA_NEW(a, double *, (size_t)threads);
	if (!s->sum || !s->scratch ||
	    !shap_paths_allocate(&s->paths, list, n, b->cols, a) ||
	    !make_rules(&s->rules, s->paths.longest, a))
		return false;
	for (int t = 0; t < threads; t++) {
		s->scratch[t] = ARENA_NEW(a, double, scratch_size(s));
		if (!s->scratch[t])
			return false;
	}
	return true;
}

int shap_explain(const struct boost *b, const struct part *rows, struct run *run,
		 float *contributions, struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	struct shap s = { .b = b, .rows = rows };

	if (!allocate(&s, run->threads, run->arena))
		return arena_error(run->arena, err);
	for (size_t c = 0; c < b->outputs; c++)
		explain_output(&s, c, run->threads, contributions);
	arena_rewind(run->arena, mark);
	return 0;
}
