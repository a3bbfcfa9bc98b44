/* Sparse rows: the same numbers as a dense table give the same bins, trees and
 * predictions; very many columns; odd values and weights. */
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

#include "learners/gbdt/bins.h"

/* The entries of a table that are not 0. */
static struct part sparse_part(const struct part *from, size_t cols,
			       struct arena *a)
{
	struct part p = *from;
	uint64_t *start = ARENA_NEW(a, uint64_t, p.rows + 1);
	uint32_t *index = ARENA_RAW(a, uint32_t, p.rows * cols);
	float *value = ARENA_RAW(a, float, p.rows * cols);
	uint64_t n = 0;

	for (size_t i = 0; i < p.rows; i++) {
		for (size_t j = 0; j < cols; j++) {
			float x = from->x[i * cols + j];

			if (x == 0 && (i + j) % 97) /* some zeros are listed */
				continue;
			index[n] = (uint32_t)j;
			value[n++] = x;
		}
		start[i + 1] = n;
	}
	p.row_start = start;
	p.index = index;
	p.value = value;
	p.x = NULL;
	return p;
}

/* A sample in which most cells became 0, and one column negative. */
static void make_pair(struct sample *s, struct dataset *sparse,
		      const struct sample_shape *shape, double share)
{
	struct part *part[3];
	struct rng r = rng_make(shape->seed, "thin");

	sample_make(s, shape);
	part[0] = &s->data.train;
	part[1] = &s->data.valid;
	part[2] = &s->data.test;
	for (size_t p = 0; p < 3; p++) {
		float *x = (float *)part[p]->x;

		for (size_t i = 0; i < part[p]->rows * s->data.cols; i++) {
			x[i] -= i % s->data.cols == 3 ? 0.5f : 0;
			if (rng_uniform(rng_sub(r, p), i) > share)
				x[i] = 0;
		}
	}
	s->data.columns = NULL;
	s->data.view = VIEW_DENSE;
	*sparse = s->data;
	sparse->view = VIEW_SPARSE;
	sparse->train = sparse_part(&s->data.train, s->data.cols, &s->arena);
	sparse->valid = sparse_part(&s->data.valid, s->data.cols, &s->arena);
	sparse->test = sparse_part(&s->data.test, s->data.cols, &s->arena);
}

/* The bin of the column that each byte of its store stands for. */
static void read_bytes(const struct bins_column *c, uint32_t bin_of[256])
{
	for (uint32_t byte = 0; byte < 256; byte++)
		bin_of[byte] = c->is_bundled ? c->home : byte;
	for (uint32_t bin = 0; c->is_bundled && bin <= c->bins; bin++) {
		uint8_t left[256] = { 0 };

		left[bin] = 1;
		bins_spread(c, left);
		for (uint32_t byte = 0; bin != c->home && byte < 256; byte++)
			bin_of[byte] = left[byte] ? bin : bin_of[byte];
	}
}

static size_t cells_apart(const struct bins *one, const struct bins *two)
{
	size_t apart = 0;

	for (size_t k = 0; k < one->cols; k++) {
		const struct bins_column *a = &one->column[k], *b = &two->column[k];
		uint32_t bin_of[2][256];

		read_bytes(a, bin_of[0]);
		read_bytes(b, bin_of[1]);
		for (size_t i = 0; i < one->rows; i++)
			apart += bin_of[0][one->bin[a->store * one->pitch + i]] !=
				 bin_of[1][two->bin[b->store * two->pitch + i]];
	}
	return apart;
}

static void test_same_bins(void)
{
	struct sample_shape shape = { .train = 3000, .numeric = 40,
				      .missing = .1, .seed = 1 };
	struct bins_options o = { .max_bins = 60, .sparse_bins = 60 };
	struct sample s;
	struct dataset sparse;
	struct bins one, two;
	struct error err;
	float *weight;
	bool same = true;

	for (int weighed = 0; weighed < 2; weighed++) {
		make_pair(&s, &sparse, &shape, 0.02);
		weight = ARENA_NEW(&s.arena, float, shape.train);
		for (size_t i = 0; i < shape.train; i++)
			weight[i] = (float)(i % 4);
		s.data.train.weight = weighed ? weight : NULL;
		sparse.train.weight = s.data.train.weight;
		same = !bins_make_with(&one, &s.data, &o, 1, &s.arena, &err) &&
		       !bins_make_with(&two, &sparse, &o, 2, &s.arena, &err) &&
		       one.cols == two.cols;
		for (size_t k = 0; k < one.cols && same; k++)
			same &= one.column[k].bins == two.column[k].bins &&
				one.column[k].source == two.column[k].source &&
				!memcmp(one.column[k].edge, two.column[k].edge,
					4 * one.column[k].bins);
		ok(same, "sparse bins%s: edges are those of the dense table",
		   weighed ? " by weight" : "");
		ok(two.stores < one.stores && !cells_apart(&one, &two),
		   "sparse bins: the same cells, %zu columns in %zu stores",
		   two.cols, two.stores);
		arena_clear(&s.arena);
	}
}

static bool same_scores(const struct sample_fit *a, const struct sample_fit *b,
			const struct dataset *d)
{
	size_t outputs = learner_outputs(d);

	return !a->rc && !b->rc &&
	       !memcmp(a->train, b->train, 4 * outputs * d->train.rows) &&
	       !memcmp(a->test, b->test, 4 * outputs * d->test.rows);
}

static void test_same_predictions(void)
{
	static const char *const options[] = {
		"row_sample=1,col_sample=1,sparse_bins=255,growth=depth",
		"row_sample=0.5,col_sample=0.3,sparse_bins=255,leaves=12",
		"bundle=no,row_sample=0.8,col_sample=1,sparse_bins=255",
		/* too many leaves for a sieve: rows are written out */
		"leaves=250,min_child_rows=1,rounds=5,sparse_bins=255",
	};
	enum { OPTIONS = sizeof(options) / sizeof(*options) };
	struct sample s;
	struct dataset sparse;
	struct sample_fit dense, thin;

	for (size_t k = 0; k < 2 * OPTIONS; k++) {
		struct sample_shape shape = {
			.train = 800, .valid = k % 2 ? 200 : 0, .test = 300,
			.numeric = 30, .classes = k < OPTIONS ? 0 : 2 + k % 2,
			.missing = k % 2 ? .1 : 0, .noise = .1, .seed = 7 + k,
		};

		make_pair(&s, &sparse, &shape, 0.2);
		sample_fit(&dense, &s.data, options[k % OPTIONS], 1);
		sample_fit(&thin, &sparse, options[k % OPTIONS], 2);
		ok(same_scores(&dense, &thin, &s.data),
		   "sparse: the same predictions as of dense rows (%s)",
		   options[k % OPTIONS]);
		arena_clear(&dense.arena);
		arena_clear(&thin.arena);
		arena_clear(&s.arena);
	}
}

/* Words: column j is in a row with a probability that falls with j. */
static struct part word_part(struct arena *a, size_t rows, size_t cols,
			     uint64_t seed)
{
	enum { WORDS = 30 };
	uint64_t *start = ARENA_NEW(a, uint64_t, rows + 1);
	uint32_t *index = ARENA_RAW(a, uint32_t, rows * WORDS);
	float *value = ARENA_RAW(a, float, rows * WORDS);
	int32_t *label = ARENA_NEW(a, int32_t, rows);
	uint64_t n = 0;

	for (size_t i = 0; i < rows; i++) {
		struct rng r = rng_sub(rng_make(seed, "words"), i);

		label[i] = (int32_t)(rng_u32(r, 99) % 2);
		for (size_t w = 0; w < WORDS; w++) {
			double u = rng_uniform(r, w);
			size_t j = (size_t)((double)cols * u * u * u);

			j = w < 2 ? 2 * (j % 50) + (size_t)label[i] : j;
			index[n] = (uint32_t)(j < cols ? j : cols - 1);
			value[n++] = 1 + (float)(j % 3);
		}
		start[i + 1] = n;
	}
	return (struct part){ .rows = rows, .row_start = start, .index = index,
			      .value = value, .label = label };
}

static void test_many_columns(void)
{
	enum { COLS = 100000, ROWS = 3000 };
	struct arena a;
	struct dataset data = { .view = VIEW_SPARSE, .cols = COLS, .classes = 2,
				.task = TASK_CLASSIFICATION };
	struct sample_fit f;

	arena_init(&a, 0);
	data.train = word_part(&a, ROWS, COLS, 1);
	data.test = word_part(&a, 500, COLS, 2);
	sample_fit(&f, &data, "rounds=40,sparse_columns=4000,min_child_rows=5", 2);
	ok(!f.rc && sample_accuracy(&data.test, f.test, 2) > 0.75,
	   "sparse: 100,000 columns are learned from (%.3f)",
	   f.rc ? 0 : sample_accuracy(&data.test, f.test, 2));
	ok(f.arena.peak < (size_t)200 << 20,
	   "sparse: in %zu MiB, dense rows would take 1144", f.arena.peak >> 20);
	ok(!f.rc && f.model->bins.stores < 1000,
	   "sparse: %zu columns in %zu stores", f.model->bins.cols,
	   f.model->bins.stores);
	arena_clear(&f.arena);
	arena_clear(&a);
}

/* No entries at all, one entry, entries that are infinite or missing. */
static void test_odd_rows(void)
{
	uint64_t start[] = { 0, 0, 2, 3, 5, 5 };
	uint32_t index[] = { 0, 2, 2, 0, 1 };
	float value[] = { INFINITY, NAN, 1, -INFINITY, 0 };
	struct dataset d = { .view = VIEW_SPARSE, .cols = 3,
			     .train = { .rows = 5, .row_start = start,
					.index = index, .value = value } };
	struct bins_options o = { .max_bins = 9, .sparse_bins = 9, .bundle = true };
	struct bins b;
	struct arena a;
	struct error err;

	arena_init(&a, 0);
	ok(!bins_make_with(&b, &d, &o, 1, &a, &err) && b.cols == 2 &&
		   b.column[0].bins == 3 && b.column[0].home == 1,
	   "sparse bins: infinities are the least and the largest value");
	ok(b.column[1].has_missing && b.column[1].bins == 2 &&
		   b.column[1].home == 0,
	   "sparse bins: what is listed as NaN is missing, what is not is 0");
	memset(start, 0, sizeof(start));
	ok(!bins_make_with(&b, &d, &o, 1, &a, &err) && b.cols == 0,
	   "sparse bins: rows without entries");
	d.cols = 0;
	ok(!bins_make_with(&b, &d, &o, 1, &a, &err) && b.cols == 0,
	   "sparse bins: no columns");
	arena_clear(&a);
}

/* Of more rows than the sample, the same rows are sampled as of a table. */
static void test_sample(void)
{
	enum { ROWS = 300000, COLS = 2 };
	struct sample s;
	struct dataset sparse;
	struct bins one, two;
	struct bins_options o = { .max_bins = 50, .sparse_bins = 50 };
	struct error err;
	float *x;

	arena_init(&s.arena, 0);
	x = ARENA_NEW(&s.arena, float, ROWS * COLS);
	for (size_t i = 0; i < ROWS * COLS; i += 3)
		x[i] = (float)rng_normal(rng_make(1, "many"), i);
	s.data = (struct dataset){ .view = VIEW_DENSE, .cols = COLS,
				   .train = { .rows = ROWS, .x = x } };
	sparse = s.data;
	sparse.view = VIEW_SPARSE;
	sparse.train = sparse_part(&s.data.train, COLS, &s.arena);
	ok(!bins_make_with(&one, &s.data, &o, 1, &s.arena, &err) &&
		   !bins_make_with(&two, &sparse, &o, 1, &s.arena, &err) &&
		   !memcmp(one.column[1].edge, two.column[1].edge,
			   4 * one.column[1].bins),
	   "sparse bins: a sample of 300,000 rows gives the dense table's edges");
	arena_clear(&s.arena);
}

static void test_memory(void)
{
	struct sample_shape shape = { .train = 100, .numeric = 8, .seed = 6 };
	struct bins_options o = { .max_bins = 20, .sparse_bins = 5 };
	struct sample s;
	struct dataset sparse;
	struct bins b;
	struct error err;
	size_t calls = 0, wrong = 0;
	int rc = -1;

	make_pair(&s, &sparse, &shape, 0.1);
	for (; rc; calls++) {
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = calls + 1;
		rc = bins_make_with(&b, &sparse, &o, 2, &a, &err);
		wrong += rc && rc != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(!wrong && calls > 15, "sparse bins: each of %zu failing allocations "
				 "is told", calls - 1);
	arena_clear(&s.arena);
}

int main(void)
{
	test_same_bins();
	test_same_predictions();
	test_many_columns();
	test_odd_rows();
	test_sample();
	test_memory();
	return tap_done();
}
