/* The learner tree: exact CART on small data, what must not matter, pruning. */
#include "tests/forest_sample.h"
#include "tests/tap.h"

/* ------------------------------------------------------------- slow twin */

enum { ROWS = 150, COLS = 4, SLOW_NODES = 400 };

/* Raw values, doubles, every cut of every column tried, subsets of levels by
 * trying all of them. */
struct slow {
	const struct part *p;
	size_t classes, levels, least;
	struct {
		size_t column;
		float threshold;
		uint32_t set; /* of levels; bit `levels`: missing */
		bool missing_left, is_set;
		int child[2]; /* -1: a leaf */
		double value[4];
	} node[SLOW_NODES];
	int nodes;
};

static bool slow_left(const struct slow *s, int n, const float *x)
{
	float v = x[s->node[n].column];

	if (s->node[n].is_set)
		return s->node[n].set >> (isnan(v) ? s->levels : (size_t)v) & 1;
	return isnan(v) ? s->node[n].missing_left : v <= s->node[n].threshold;
}

/* Weighted sum of squares around the mean, over classes or the number. */
static double slow_cost(const struct slow *s, const bool *in, double *value)
{
	double w = 0, cost = 0;

	for (size_t c = 0; c < (s->classes ? s->classes : 1); c++) {
		double sum = 0, square = 0;

		w = 0;
		for (size_t i = 0; i < ROWS; i++) {
			double x = in[i] ? (s->p->weight ? (double)s->p->weight[i] :
							   1) : 0;
			double y = s->classes ? s->p->label[i] == (int32_t)c :
						(double)s->p->target[i];

			w += x;
			sum += x * y;
			square += x * y * y;
		}
		value[c] = sum / w;
		cost += square - sum * sum / w;
	}
	return cost;
}

/* Cost of the two sides of the cut that node n holds; INFINITY: not allowed. */
static double slow_sides(const struct slow *s, const bool *in, int n, bool *left,
			 bool *right)
{
	size_t count[2] = { 0 };
	double value[4];

	for (size_t i = 0; i < ROWS; i++) {
		bool l = slow_left(s, n, s->p->x + i * COLS);

		left[i] = in[i] && l;
		right[i] = in[i] && !l;
		count[0] += left[i];
		count[1] += right[i];
	}
	if (count[0] < s->least || count[1] < s->least)
		return INFINITY;
	return slow_cost(s, left, value) + slow_cost(s, right, value);
}

/* Put cut number k into node n; false when there is no such cut. */
static bool slow_cut(struct slow *s, int n, size_t k)
{
	size_t numeric = (COLS - 1) * ROWS * 2;

	s->node[n].is_set = k >= numeric;
	if (k < numeric) {
		s->node[n].column = k / 2 / ROWS;
		s->node[n].threshold = s->p->x[k / 2 % ROWS * COLS + k / 2 / ROWS];
		s->node[n].missing_left = k % 2;
		return !isnan(s->node[n].threshold);
	}
	s->node[n].column = COLS - 1;
	s->node[n].set = (uint32_t)(k - numeric);
	return true;
}

static int slow_grow(struct slow *s, const bool *in)
{
	bool left[ROWS], right[ROWS];
	int n = s->nodes++;
	double cost = slow_cost(s, in, s->node[n].value), best = INFINITY;
	size_t at = 0, cuts = (COLS - 1) * ROWS * 2 + ((size_t)2 << s->levels);

	s->node[n].child[0] = -1;
	if (cost < 1e-9)
		return n;
	for (size_t k = 0; k < cuts; k++) {
		double c = slow_cut(s, n, k) ? slow_sides(s, in, n, left, right) :
					       INFINITY;

		if (c < best - 1e-9 * cost) {
			best = c;
			at = k;
		}
	}
	if (isinf(best))
		return n;
	slow_cut(s, n, at);
	slow_sides(s, in, n, left, right);
	s->node[n].child[0] = slow_grow(s, left);
	s->node[n].child[1] = slow_grow(s, right);
	return n;
}

static const double *slow_predict(const struct slow *s, const float *x)
{
	int n = 0;

	while (s->node[n].child[0] >= 0)
		n = s->node[n].child[!slow_left(s, n, x)];
	return s->node[n].value;
}

/* Few levels and random weights, so that no two cuts are worth the same. */
static void test_twin(size_t classes, double missing)
{
	struct sample_shape shape = {
		.train = ROWS, .test = 10, .numeric = COLS - 1, .categories = 1,
		.levels = 5, .classes = classes, .missing = missing,
		.noise = 0.5, .seed = 3 + classes,
	};
	struct sample d;
	struct grove_fit f;
	static struct slow s;
	bool all[ROWS];
	float *weight;
	double worst = 0;

	sample_make(&d, &shape);
	weight = ARENA_NEW(&d.arena, float, ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		all[i] = true;
		weight[i] = (float)(0.5 + rng_uniform(rng_make(1, "w"), i));
	}
	d.data.train.weight = weight;
	/* with three classes levels are ordered but once: here there are none */
	for (size_t i = 0; classes > 2 && i < ROWS; i++)
		*sample_cell(&d.data.train, COLS, i, COLS - 1) = 0;
	grove_try_on(&f, &d.data, "tree", "ccp_alpha=0,min_leaf=8");
	s = (struct slow){ .p = &d.data.train, .classes = classes,
			   .levels = classes > 2 ? 1 : 5, .least = 8 };
	slow_grow(&s, all);
	for (size_t i = 0; i < ROWS; i++) {
		size_t k = classes ? classes : 1;
		const double *want = slow_predict(&s, d.data.train.x + i * COLS);

		for (size_t c = 0; c < k; c++)
			worst = fmax(worst, fabs((double)f.train[i * k + c] -
						 want[c]));
	}
	ok(!f.rc && f.model->tree[0].leaves == (size_t)(s.nodes + 1) / 2 &&
		   worst < 1e-5,
	   "tree: %zu classes, %g missing: exhaustive search's %zu leaves and "
	   "values (off by %.1e)", classes, missing, f.model->tree[0].leaves,
	   worst);
	arena_clear(&f.arena);
	arena_clear(&d.arena);
}

/* ------------------------------------------------------------- invariance */

static const struct sample_shape mixed = {
	.train = 500, .valid = 200, .test = 300, .numeric = 3, .categories = 1,
	.levels = 12, .missing = 0.1, .noise = 0.3, .seed = 1,
};

static bool same_scores(const struct grove_fit *a, const struct grove_fit *b,
			const struct dataset *d)
{
	size_t k = learner_outputs(d);

	return !a->rc && !b->rc &&
	       !memcmp(a->train, b->train, d->train.rows * k * sizeof(float)) &&
	       !memcmp(a->test, b->test, d->test.rows * k * sizeof(float));
}

static void test_monotone(size_t classes)
{
	struct sample_shape shape = mixed;
	struct sample a, b;
	struct grove_fit f, g;
	struct part *parts[3];

	shape.classes = classes;
	sample_make(&a, &shape);
	sample_make(&b, &shape);
	parts[0] = &b.data.train;
	parts[1] = &b.data.valid;
	parts[2] = &b.data.test;
	for (size_t p = 0; p < 3; p++)
		for (size_t i = 0; i < parts[p]->rows; i++)
			*sample_cell(parts[p], 4, i, 0) =
				1000 * powf(*sample_cell(parts[p], 4, i, 0), 3);
	grove_try_on(&f, &a.data, "tree", "");
	grove_try_on(&g, &b.data, "tree", "");
	ok(same_scores(&f, &g, &a.data),
	   "tree: %zu classes: a monotone transform changes no bit", classes);
	arena_clear(&g.arena);
	arena_clear(&b.arena);
	b = a;
	grove_try_on(&g, &a.data, "tree", "");
	ok(same_scores(&f, &g, &a.data), "tree: the same again");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&a.arena);
}

/* ------------------------------------------------------------- pruning */

static size_t leaves_of(const struct sample *s, const char *options)
{
	struct grove_fit f;
	size_t leaves;

	grove_try_on(&f, &s->data, "tree", options);
	leaves = f.rc ? 0 : f.model->tree[0].leaves;
	arena_clear(&f.arena);
	return leaves;
}

static void test_alpha(size_t classes)
{
	struct sample_shape shape = mixed;
	struct sample s;
	size_t before, now;
	bool falls = true;

	shape.classes = classes;
	sample_make(&s, &shape);
	before = leaves_of(&s, "ccp_alpha=0");
	for (double alpha = 1e-5; alpha < 10; alpha *= 3) {
		char options[64];

		snprintf(options, sizeof(options), "ccp_alpha=%g", alpha);
		now = leaves_of(&s, options);
		falls &= now && now <= before;
		before = now;
	}
	ok(falls && before == 1,
	   "tree: %zu classes: a higher price leaves fewer leaves, at last one",
	   classes);
	arena_clear(&s.arena);
}

/* A tree that was cut back by its own validation rows beats the whole one. */
static void test_validation(size_t classes)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct grove_fit whole, pruned, deaf;
	size_t leaves;
	double a, b;

	shape.classes = classes;
	shape.noise = 1;
	sample_make(&s, &shape);
	grove_try_on(&whole, &s.data, "tree", "ccp_alpha=0");
	grove_try_on(&pruned, &s.data, "tree", "");
	a = classes ? -sample_accuracy(&s.data.test, whole.test, classes) :
		      sample_rmse(&s.data.test, whole.test);
	b = classes ? -sample_accuracy(&s.data.test, pruned.test, classes) :
		      sample_rmse(&s.data.test, pruned.test);
	leaves = whole.model->tree[0].leaves;
	ok(pruned.model->tree[0].leaves < leaves / 2 && b < a,
	   "tree: %zu classes: pruned by validation it is better (%.3f, %.3f)",
	   classes, b, a);
	s.data.valid = (struct part){ 0 };
	grove_try_on(&deaf, &s.data, "tree", "");
	ok(!deaf.rc && deaf.model->tree[0].leaves == leaves,
	   "tree: without validation rows it is not pruned");
	arena_clear(&whole.arena);
	arena_clear(&pruned.arena);
	arena_clear(&deaf.arena);
	arena_clear(&s.arena);
}

/* The leaves of a pruned tree hold the means of their rows. */
static void test_leaf_values(size_t classes)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct grove_fit f;
	size_t k = classes ? classes : 1, n = shape.train;
	const struct tree *t;
	double worst = 0;

	shape.classes = classes;
	sample_make(&s, &shape);
	grove_try_on(&f, &s.data, "tree", "");
	t = &f.model->tree[0];
	for (size_t l = 0; l < t->leaves; l++) {
		double sum[8] = { 0 }, rows = 0;
		const float *got = NULL;

		for (size_t i = 0; i < n; i++) {
			if (tree_leaf(t, f.model->column,
				      s.data.train.x + i * 4) != l)
				continue;
			sum[classes ? s.data.train.label[i] : 0] +=
				classes ? 1 : (double)s.data.train.target[i];
			got = f.train + i * k;
			rows++;
		}
		worst = fmax(worst, fabs((double)t->cover[l] - rows));
		for (size_t c = 0; c < k && got; c++)
			worst = fmax(worst, fabs((double)got[c] - sum[c] / rows));
	}
	ok(!f.rc && worst < 1e-5, "tree: %zu classes: leaves hold their rows' mean and number",
	   classes);
	arena_clear(&f.arena);
	arena_clear(&s.arena);
}

/* ------------------------------------------------------------- limits */

static void test_limits(void)
{
	struct sample_shape shape = mixed;
	struct sample s;

	sample_make(&s, &shape);
	ok(leaves_of(&s, "ccp_alpha=0,depth=3") == 8, "tree: depth 3 is 8 leaves");
	ok(leaves_of(&s, "ccp_alpha=0,min_leaf=250") <= 2,
	   "tree: a leaf has the least rows");
	ok(leaves_of(&s, "ccp_alpha=0,min_cut=501") == 1,
	   "tree: a node with too few rows is a leaf");
	ok(leaves_of(&s, "ccp_alpha=0,criterion=entropy") > 8,
	   "tree: entropy is no matter to a number");
	arena_clear(&s.arena);
}

static void test_threads(void)
{
	struct sample_shape shape = mixed;
	struct sample s;
	struct grove_fit f, g;
	struct grove_trial t = { .learner = "tree", .options = "", .threads = 4 };

	shape.train = 40000; /* large nodes are shared among threads */
	shape.classes = 3;
	sample_make(&s, &shape);
	grove_try_on(&f, &s.data, "tree", "");
	grove_try(&g, &s.data, &t);
	ok(same_scores(&f, &g, &s.data), "tree: same bits on 4 threads");
	arena_clear(&f.arena);
	arena_clear(&g.arena);
	arena_clear(&s.arena);
}

int main(void)
{
	for (size_t classes = 0; classes <= 3; classes += classes ? 1 : 2) {
		test_twin(classes, 0);
		test_twin(classes, 0.15);
		test_monotone(classes);
		test_alpha(classes);
		test_validation(classes);
		test_leaf_values(classes);
	}
	test_limits();
	test_threads();
	return tap_done();
}
