/* SHAP values of trees: against XGBoost's, against Algorithm 2 as it is published,
 * against all subsets of columns, and what must hold of any Shapley values. */
#include "learners/gbdt/shap.h"

#include <stdlib.h>

#include "learners/gbdt/quadrature.h"
#include "tests/gbdt_sample.h"
#include "tests/shap_reference.h"
#include "tests/tap.h"

/* ---------------------------------------------------------------- twins */

/* Rows as trees walk them, and whose their numbers are. */
static const float *twin_row(const struct boost *b, const float *x, float *room)
{
	memcpy(room, x, b->cols * sizeof(*x));
	target_stats_row(&b->stats, x, room + b->cols);
	return room;
}

static uint32_t twin_player(const struct boost *b, const struct tree_node *n)
{
	return target_stats_source(&b->stats, b->cols, n->column);
}

/* Where a row goes at a node, and the rows below. */
static bool twin_left(const struct boost *b, const struct tree *t,
		      const struct tree_node *n, const float *x)
{
	float v = x[n->column];

	if (n->set >= 0)
		return tree_set_has(&t->set[n->set],
				    bins_find(&b->bins.column[n->kept], v));
	return isnan(v) ? n->missing_left : v <= n->threshold;
}

static double twin_cover(const struct tree *t, int32_t at)
{
	if (at < 0)
		return (double)t->cover[~at];
	return twin_cover(t, t->node[at].child[0]) + twin_cover(t, t->node[at].child[1]);
}

/* Algorithm 1: the mean of the tree when the columns of `known` are. */
static double twin_mean(const struct boost *b, const struct tree *t, int32_t at,
			const float *x, unsigned known)
{
	const struct tree_node *n = &t->node[at];
	double left, right;

	if (at < 0)
		return (double)t->value[~at];
	/* beyond 32 columns tests ask for all or none of them */
	if (known >> twin_player(b, n) % 32 & 1)
		return twin_mean(b, t, n->child[!twin_left(b, t, n, x)], x, known);
	left = twin_cover(t, n->child[0]);
	right = twin_cover(t, n->child[1]);
	return (left * twin_mean(b, t, n->child[0], x, known) +
		right * twin_mean(b, t, n->child[1], x, known)) / (left + right);
}

static double factorial(unsigned n)
{
	return n < 2 ? 1 : n * factorial(n - 1);
}

/* The definition: over all subsets without the column. */
static double twin_shapley(const struct boost *b, const struct tree *t, const float *x,
			   unsigned column)
{
	unsigned cols = (unsigned)b->cols;
	int32_t root = t->leaves > 1 ? 0 : ~0;
	double sum = 0;

	for (unsigned s = 0; s < 1u << cols; s++) {
		unsigned size = (unsigned)__builtin_popcount(s);

		if (s >> column & 1)
			continue;
		sum += factorial(size) * factorial(cols - size - 1) / factorial(cols) *
		       (twin_mean(b, t, root, x, s | 1u << column) -
			twin_mean(b, t, root, x, s));
	}
	return sum;
}

/* Algorithm 2 of Lundberg et al. 2020: EXTEND and RECURSE. */
struct element {
	int64_t d;
	double z, o, w;
};
enum { PATH = 260 };
struct path {
	size_t n;
	struct element at[PATH];
};

static void extend(struct path *m, double z, double o, int64_t d)
{
	size_t l = m->n++;

	m->at[l] = (struct element){ d, z, o, l ? 0 : 1 };
	for (size_t i = l; i-- > 0;) {
		m->at[i + 1].w += o * m->at[i].w * (double)(i + 1) / (double)(l + 1);
		m->at[i].w = z * m->at[i].w * (double)(l - i) / (double)(l + 1);
	}
}

/* UNWIND takes an element out again. The published loop divides, and on a path of 90
 * columns is off by 1e10; here all others are put in anew. */
static void unwind(struct path *m, size_t i)
{
	struct path other = { 0 };

	for (size_t k = 0; k < m->n; k++)
		if (k != i)
			extend(&other, m->at[k].z, m->at[k].o, m->at[k].d);
	*m = other;
}

static void recurse(const struct boost *b, const struct tree *t, int32_t at, struct path m,
		    double z, double o, int64_t d, const float *x, double *phi)
{
	const struct tree_node *n = &t->node[at];
	double iz = 1, io = 1;
	int side;

	extend(&m, z, o, d);
	if (at < 0) {
		for (size_t i = 1; i < m.n; i++) {
			struct path u = m;
			double w = 0;

			unwind(&u, i);
			for (size_t k = 0; k < u.n; k++)
				w += u.at[k].w;
			phi[m.at[i].d] += w * (m.at[i].o - m.at[i].z) *
					  (double)t->value[~at];
		}
		return;
	}
	for (size_t k = 1; k < m.n; k++)
		if (m.at[k].d == twin_player(b, n)) {
			iz = m.at[k].z;
			io = m.at[k].o;
			unwind(&m, k);
			break;
		}
	side = !twin_left(b, t, n, x);
	for (int s = 0; s < 2; s++)
		recurse(b, t, n->child[s], m,
			iz * twin_cover(t, n->child[s]) / twin_cover(t, at),
			s == side ? io : 0, twin_player(b, n), x, phi);
}

static void twin_explain(const struct boost *b, size_t output, const float *raw, double *phi)
{
	float room[256];
	const float *x = twin_row(b, raw, room);

	for (size_t j = 0; j < b->cols; j++)
		phi[j] = 0;
	phi[b->cols] = b->base[output];
	for (size_t r = 0; r < b->rounds; r++) {
		const struct tree *t = &b->tree[r][output];
		struct path empty = { 0 };

		phi[b->cols] += twin_mean(b, t, t->leaves > 1 ? 0 : ~0, x, 0);
		if (t->leaves > 1)
			recurse(b, t, 0, empty, 1, 1, -1, x, phi);
	}
}

/* ---------------------------------------------------------------- fits */

static float *explain(const struct boost *b, const struct part *rows, int threads,
		      struct arena *a)
{
	struct run run = { .arena = a, .threads = threads };
	struct error err = { 0 };
	float *out = ARENA_NEW(a, float, rows->rows * b->outputs * (b->cols + 1));

	if (!out || shap_explain(b, rows, &run, out, &err))
		abort();
	return out;
}

/* The largest difference to Algorithm 2. */
static double against_twin(const struct boost *b, const struct part *rows,
			   const float *got)
{
	double worst = 0, phi[64];

	for (size_t i = 0; i < rows->rows; i++)
		for (size_t c = 0; c < b->outputs; c++) {
			twin_explain(b, c, rows->x + i * b->cols, phi);
			for (size_t j = 0; j <= b->cols; j++)
				worst = fmax(worst, fabs(phi[j] - (double)*got++));
		}
	return worst;
}

static const struct sample_shape shapes[] = {
	{ .train = 300, .test = 25, .numeric = 4, .missing = 0.15, .noise = 0.1, .seed = 2 },
	{ .train = 300, .test = 25, .numeric = 3, .categories = 2, .levels = 9,
	  .missing = 0.1, .classes = 2, .seed = 3 },
	{ .train = 300, .test = 15, .numeric = 2, .categories = 3, .levels = 5,
	  .classes = 4, .seed = 4 },
};

/* 1e-5: contributions are floats of sums up to about 5. */
static void test_fits(void)
{
	for (size_t k = 0; k < sizeof(shapes) / sizeof(*shapes); k++) {
		struct sample d;
		struct sample_fit f;
		float *got;

		sample_make(&d, &shapes[k]);
		sample_fit(&f, &d.data, k ? "rounds=8,leaves=12,target_stats=4" :
			   "rounds=8,leaves=12", 2);
		got = explain(f.model, &d.data.test, 2, &f.arena);
		ok(against_twin(f.model, &d.data.test, got) < 1e-5,
		   "%zu classes: the values of Algorithm 2", shapes[k].classes);
		arena_clear(&f.arena);
		arena_clear(&d.arena);
	}
}

static void test_subsets(const char *options)
{
	float room[64];
	const struct sample_shape *shape = &shapes[1];
	struct sample d;
	struct sample_fit f;
	double worst = 0;
	float *got;

	sample_make(&d, shape);
	sample_fit(&f, &d.data, options, 1);
	got = explain(f.model, &d.data.test, 1, &f.arena);
	for (size_t i = 0; i < d.data.test.rows; i++)
		for (unsigned j = 0; j < d.data.cols; j++) {
			const float *x = twin_row(f.model, d.data.test.x + i * d.data.cols,
						  room);
			double want = 0;

			for (size_t r = 0; r < f.model->rounds; r++)
				want += twin_shapley(f.model, &f.model->tree[r][0], x, j);
			worst = fmax(worst, fabs(want -
						 (double)got[i * (d.data.cols + 1) + j]));
		}
	ok(worst < 1e-5, "%s: the definition of Shapley values, over all subsets of columns",
	   options);
	arena_clear(&f.arena);
	arena_clear(&d.arena);
}

/* Raw scores are what the regression predicts. */
static void test_sums(void)
{
	struct sample_shape shape = shapes[0];
	struct sample d;
	struct sample_fit f;
	double worst = 0;
	float *one, *two, *four;
	size_t size;

	shape.test = 200;
	sample_make(&d, &shape);
	sample_fit(&f, &d.data, "rounds=60", 2);
	one = explain(f.model, &d.data.test, 1, &f.arena);
	two = explain(f.model, &d.data.test, 2, &f.arena);
	four = explain(f.model, &d.data.test, 4, &f.arena);
	for (size_t i = 0; i < shape.test; i++) {
		double sum = 0;

		for (size_t j = 0; j <= d.data.cols; j++)
			sum += (double)one[i * (d.data.cols + 1) + j];
		worst = fmax(worst, fabs(sum - (double)f.test[i]));
	}
	ok(worst < 2e-5, "contributions add up to the raw score"); /* float sums of 60 */
	size = shape.test * (d.data.cols + 1) * sizeof(float);
	ok(!memcmp(one, two, size) && !memcmp(one, four, size),
	   "the same bits on 1, 2 and 4 threads");
	arena_clear(&f.arena);
	arena_clear(&d.arena);
}

/* ---------------------------------------------------------------- by hand */

struct hand {
	struct arena arena;
	struct boost b;
	double base;
	struct tree *round[SHAP_TREES];
	struct tree tree[SHAP_TREES];
};

static void hand_init(struct hand *h, size_t cols, size_t trees)
{
	*h = (struct hand){ .base = 0 };
	arena_init(&h->arena, 0);
	h->b = (struct boost){ .cols = cols, .outputs = 1, .rounds = trees,
			       .base = &h->base, .tree = h->round };
	for (size_t k = 0; k < trees; k++)
		h->round[k] = &h->tree[k];
}

static void test_xgboost(void)
{
	const struct tree_node *node = shap_nodes;
	const struct part rows = { .rows = SHAP_ROWS, .x = shap_x };
	struct hand h;
	size_t leaf = 0;
	double worst = 0;
	float *got;

	hand_init(&h, SHAP_COLS, SHAP_TREES);
	h.base = 0.5;
	for (size_t k = 0; k < SHAP_TREES; k++) {
		size_t n = shap_leaves[k];

		h.tree[k] = (struct tree){ .leaves = n,
					   .node = (struct tree_node *)(size_t)node,
					   .value = (float *)(size_t)(shap_value + leaf),
					   .cover = (float *)(size_t)(shap_cover + leaf) };
		node += n - 1;
		leaf += n;
	}
	got = explain(&h.b, &rows, 1, &h.arena);
	for (size_t k = 0; k < SHAP_ROWS * (SHAP_COLS + 1); k++)
		worst = fmax(worst, fabs((double)got[k] - shap_want[k]));
	/* XGBoost adds and unwinds in float */
	ok(worst < 3e-5, "XGBoost's pred_contribs on the same trees");
	arena_clear(&h.arena);
}

/* x0 <= 0 and x1 <= 0 together are worth 1, over a quarter of the rows each. */
static void test_and(void)
{
	const float x[] = { 0, 0, 1, 0, NAN, 0 };
	const struct part rows = { .rows = 3, .x = x };
	struct hand h;
	struct tree *t;
	float *got;

	hand_init(&h, 2, 1);
	t = &h.tree[0];
	tree_allocate(t, 3, &h.arena);
	t->leaves = 3;
	t->node[0] = (struct tree_node){ .column = 0, .child = { 1, ~0 }, .set = -1 };
	t->node[1] = (struct tree_node){ .column = 1, .child = { ~1, ~2 }, .set = -1 };
	t->value[1] = 1;
	t->cover[0] = 2;
	t->cover[1] = t->cover[2] = 1;
	got = explain(&h.b, &rows, 1, &h.arena);
	/* v() = 1/4, v(0) = v(1) = 1/2, v(01) = 1: 3/8 each */
	ok_near(got[0], 0.375, 1e-7, "what two columns do together is shared equally");
	ok_near(got[1], 0.375, 1e-7, "by both of them");
	ok_near(got[2], 0.25, 1e-7, "the base is the mean over the rows");
	ok_near(got[3], -0.375, 1e-7, "a column that spoils it all is charged");
	ok(!memcmp(got + 3, got + 6, 3 * sizeof(*got)), "a missing value goes its way");
	arena_clear(&h.arena);
}

/* One column after the other, each cut once (or every third one again), so that
 * paths are longer than the tables of points. */
static void make_chain(struct hand *h, size_t cols, size_t leaves)
{
	struct tree *t = &h->tree[0];

	hand_init(h, cols, 1);
	tree_allocate(t, leaves, &h->arena);
	t->leaves = leaves;
	for (size_t k = 0; k + 1 < leaves; k++)
		t->node[k] = (struct tree_node){
			.column = (uint32_t)(k % cols), .set = -1,
			.threshold = k < cols ? 0.5f : 0.25f,
			.child = { k + 2 < leaves ? (int32_t)k + 1 : ~(int32_t)(leaves - 1),
				   ~(int32_t)k },
		};
	for (size_t l = 0; l < leaves; l++) {
		t->value[l] = (float)(l * l % 7) - 2;
		t->cover[l] = (float)(1 + l % 3);
	}
	t->cover[leaves - 1] = 5;
}

static void test_chain(void)
{
	enum { COLS = 90, LEAVES = 120 };
	float x[2 * COLS], *got;
	const struct part rows = { .rows = 2, .x = x };
	double sum = 0, score = 0, worst = 0;
	struct hand h;

	make_chain(&h, COLS, LEAVES);
	for (size_t k = 0; k < 2 * COLS; k++)
		x[k] = k < COLS ? 0 : (float)(k == COLS + 70);
	got = explain(&h.b, &rows, 1, &h.arena);
	for (size_t i = 0; i < 2; i++) {
		double phi[COLS + 1];
		size_t leaf = tree_leaf(&h.tree[0], NULL, x + i * COLS);

		twin_explain(&h.b, 0, x + i * COLS, phi);
		for (size_t j = 0; j <= COLS; j++) {
			worst = fmax(worst, fabs(phi[j] - (double)got[i * (COLS + 1) + j]));
			sum += (double)got[i * (COLS + 1) + j];
		}
		score += (double)h.tree[0].value[leaf];
	}
	ok(worst < 1e-6, "a path of 90 columns, some cut twice, agrees with Algorithm 2");
	ok_near(sum, score, 1e-5, "and adds up");
	arena_clear(&h.arena);
}

/* ---------------------------------------------------------------- edges */

static void test_edges(void)
{
	const float x[] = { INFINITY, -INFINITY, 0.5f, -0.0f };
	struct part rows = { .rows = 2, .x = x };
	struct hand h;
	struct tree *t;
	float *got;

	hand_init(&h, 2, 1);
	h.base = 3;
	t = &h.tree[0];
	tree_allocate(t, 1, &h.arena);
	t->value[0] = 1;
	got = explain(&h.b, &rows, 2, &h.arena);
	ok(got[0] == 0 && got[1] == 0 && got[2] == 4, "a tree of one leaf is all base");
	h.b.rounds = 0;
	got = explain(&h.b, &rows, 2, &h.arena);
	ok(got[0] == 0 && got[5] == 3, "so is a model without trees");
	rows.rows = 0;
	explain(&h.b, &rows, 2, &h.arena);
	ok(true, "no rows, no contributions");
	arena_clear(&h.arena);
	hand_init(&h, 2, 1);
	rows.rows = 2;
	t = &h.tree[0];
	tree_allocate(t, 2, &h.arena);
	t->leaves = 2;
	t->node[0] = (struct tree_node){ .column = 1, .child = { ~0, ~1 }, .set = -1 };
	t->value[0] = 2;
	got = explain(&h.b, &rows, 1, &h.arena);
	ok(got[1] == 1 && got[2] == 1 && got[4] == 1,
	   "where no row was, halves; -infinity and -0 go left of 0");
	t->node[0].column = 0;
	got = explain(&h.b, &rows, 1, &h.arena);
	ok(got[0] == -1, "infinity goes right");
	arena_clear(&h.arena);
}

/* So many columns that a batch has the least number of rows. */
static void test_batches(void)
{
	enum { COLS = 33000, ROWS = 258 };
	struct hand h;
	struct part rows = { .rows = ROWS };
	struct tree *t;
	float *got, *x;

	hand_init(&h, COLS, 1);
	t = &h.tree[0];
	x = ARENA_NEW(&h.arena, float, (size_t)ROWS * COLS);
	rows.x = x;
	tree_allocate(t, 2, &h.arena);
	t->leaves = 2;
	t->node[0] = (struct tree_node){ .column = COLS - 1, .child = { ~0, ~1 }, .set = -1 };
	t->value[0] = 2;
	t->cover[0] = t->cover[1] = 5;
	x[(size_t)ROWS * COLS - 1] = 1;
	got = explain(&h.b, &rows, 2, &h.arena);
	ok(!memcmp(got, got + (size_t)256 * (COLS + 1), (COLS + 1) * sizeof(*got)),
	   "rows of the second batch are explained as those of the first");
	ok(got[COLS - 1] == 1 && got[(size_t)ROWS * (COLS + 1) - 2] == -1 &&
	   got[(size_t)ROWS * (COLS + 1) - 1] == 1, "to the last one");
	arena_clear(&h.arena);
}

/* Rows that list what is not 0. */
static void test_sparse(void)
{
	struct sample d;
	struct sample_fit f;
	struct part sparse;
	float *dense, *got, *value;
	uint32_t *index;
	uint64_t *start;

	sample_make(&d, &(struct sample_shape){ .train = 200, .test = 30, .numeric = 3,
						.seed = 7 });
	sample_fit(&f, &d.data, "rounds=5", 1);
	sparse = (struct part){ .rows = 30 };
	sparse.value = value = ARENA_NEW(&f.arena, float, 90);
	sparse.index = index = ARENA_NEW(&f.arena, uint32_t, 90);
	sparse.row_start = start = ARENA_NEW(&f.arena, uint64_t, 31);
	for (size_t k = 0; k < 90; k++) {
		float *x = (float *)(size_t)&d.data.test.x[k];

		start[k / 3 + 1] += k % 3 == 0 ? start[k / 3] : 0;
		*x = k % 4 ? *x : 0;
		if (k % 4 == 0)
			continue;
		value[start[k / 3 + 1]] = *x;
		index[start[k / 3 + 1]++] = (uint32_t)(k % 3);
	}
	dense = explain(f.model, &d.data.test, 1, &f.arena);
	got = explain(f.model, &sparse, 2, &f.arena);
	ok(!memcmp(dense, got, 30 * 4 * sizeof(*got)), "sparse rows are explained as dense");
	arena_clear(&f.arena);
	arena_clear(&d.arena);
}

static void test_quadrature(void)
{
	double point[40], weight[40], worst = 0;

	for (size_t n = 1; n <= 40; n++) {
		quadrature_make(n, point, weight);
		for (size_t degree = 0; degree < 2 * n; degree++) {
			double sum = 0;

			for (size_t q = 0; q < n; q++)
				sum += weight[q] * pow(point[q], (double)degree);
			worst = fmax(worst, fabs(sum - 1 / (double)(degree + 1)));
		}
	}
	ok(worst < 1e-14, "n points integrate polynomials of degree 2 n - 1");
}

static void test_memory(void)
{
	struct sample d;
	struct sample_fit f;
	struct arena a;
	struct error err;
	struct run run = { .arena = &a, .threads = 2 };
	float out[20 * 10];
	size_t calls, said = 0, used;

	sample_make(&d, &(struct sample_shape){ .train = 60, .test = 20, .numeric = 2,
						.seed = 1 });
	sample_fit(&f, &d.data, "rounds=3", 1);
	arena_init(&a, 0);
	used = a.used;
	shap_explain(f.model, &d.data.test, &run, out, &err);
	ok(a.used == used, "all memory is given back");
	calls = a.calls;
	for (size_t k = 1; k <= calls; k++) {
		arena_clear(&a);
		a.calls = 0;
		a.fail_at = k;
		said += shap_explain(f.model, &d.data.test, &run, out, &err) == ERR_MEMORY;
	}
	ok(said == calls && calls > 8, "every failing allocation is reported");
	arena_clear(&a);
	arena_clear(&f.arena);
	arena_clear(&d.arena);
}

int main(void)
{
	test_fits();
	test_subsets("rounds=4,leaves=10");
	test_subsets("rounds=4,leaves=10,target_stats=4");
	test_sums();
	test_xgboost();
	test_and();
	test_chain();
	test_edges();
	test_batches();
	test_sparse();
	test_quadrature();
	test_memory();
	return tap_done();
}
