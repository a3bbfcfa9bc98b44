/* The penalty chosen along the path is the one that validation prefers. */
#include "learners/linear/path.h"

#include "harness/base/blas.h"
#include "tests/synth.h"
#include "tests/tap.h"

#define OUTPUTS 3

static struct arena a;
static struct error err;

static struct path make(const struct dataset *data, struct design *design)
{
	if (design_init(design, data, &data->train, true, &a, &err))
		ok(false, "path: %s", err.text);
	return (struct path){
		.data = data,
		.fit = { .design = design, .outputs = OUTPUTS,
			 .label = data->train.label, .iterations = 500,
			 .tolerance = 1e-6 },
	};
}

/* Mean log loss on the validation rows, written out plainly. */
static double plain_loss(const struct dataset *d, const float *w)
{
	double sum = 0;

	for (size_t i = 0; i < d->valid.rows; i++) {
		double z[OUTPUTS], total = 0;

		for (size_t c = 0; c < OUTPUTS; c++) {
			z[c] = (double)w[d->cols * OUTPUTS + c];
			for (size_t j = 0; j < d->cols; j++)
				z[c] += (double)d->valid.x[i * d->cols + j] *
					(double)w[j * OUTPUTS + c];
			total += exp(z[c]);
		}
		sum -= z[d->valid.label[i]] - log(total);
	}
	return sum / (double)d->valid.rows;
}

/* Cold fits at every penalty, up to the first that is worse. */
static double plain_choice(const struct path *p)
{
	double best = INFINITY, choice = 0;

	for (const double *l2 = path_l2; *l2 > 0; l2++) {
		float w[(SYNTH_COLS + 1) * OUTPUTS] = { 0 };
		struct run run = { .arena = &a, .threads = 1 };
		double loss;

		if (path_fit_one(p, *l2, w, &run, &err))
			break;
		loss = plain_loss(p->data, w);
		if (loss >= best)
			break;
		best = loss;
		choice = *l2;
	}
	return choice;
}

static void test_choice(uint64_t seed)
{
	struct synth s = { .view = VIEW_DENSE, .classes = OUTPUTS, .train = 90,
			   .valid = 60, .test = 1, .seed = seed };
	struct run run = { .arena = &a, .threads = 2 };
	float w[(SYNTH_COLS + 1) * OUTPUTS] = { 0 };
	struct dataset data;
	struct design design;
	struct path p;
	double l2;

	synth_make(&s, &a, &data);
	p = make(&data, &design);
	ok(!path_fit(&p, w, &l2, &run, &err) && l2 == plain_choice(&p),
	   "path: seed %d takes l2 = %g, as cold fits would", (int)seed, l2);
	ok(strstr(run.note, "by validation") != NULL,
	   "path: the note names the choice");
}

static void test_without_validation(void)
{
	struct synth s = { .view = VIEW_DENSE, .classes = OUTPUTS, .train = 90,
			   .test = 1, .seed = 1 };
	struct run run = { .arena = &a, .threads = 1 };
	float w[(SYNTH_COLS + 1) * OUTPUTS] = { 0 }, one[sizeof(w) / 4] = { 0 };
	struct dataset data;
	struct design design;
	struct path p;
	double l2;

	synth_make(&s, &a, &data);
	p = make(&data, &design);
	path_fit(&p, w, &l2, &run, &err);
	path_fit_one(&p, 1, one, &run, &err);
	ok(l2 == 1 && !memcmp(w, one, sizeof(w)),
	   "path: without validation rows l2 is 1");
}

static bool stop(void *ctx, size_t done, size_t total, double loss)
{
	(void)ctx, (void)done, (void)total, (void)loss;
	return false;
}

static void test_stopped(void)
{
	struct synth s = { .view = VIEW_DENSE, .classes = OUTPUTS, .train = 90,
			   .valid = 30, .test = 1, .seed = 2 };
	struct run run = { .arena = &a, .threads = 1, .tick = stop };
	float w[(SYNTH_COLS + 1) * OUTPUTS] = { 0 };
	struct dataset data;
	struct design design;
	struct path p;
	double l2;

	synth_make(&s, &a, &data);
	p = make(&data, &design);
	ok(!path_fit(&p, w, &l2, &run, &err) && run.stopped && l2 == 100,
	   "path: stopped at once, it keeps the first fit");
}

int main(void)
{
	blas_init();
	arena_init(&a, 0);
	for (uint64_t seed = 1; seed <= 4; seed++)
		test_choice(seed);
	test_without_validation();
	test_stopped();
	arena_clear(&a);
	return tap_done();
}
