#include "learners/learner.h"
#include "tests/tap.h"

static struct arena arena;

static int run_constant(const struct dataset *d, const char *options,
			const struct part *rows, float *scores)
{
	const struct learner *l = learner_find("constant");
	struct run run = { .arena = &arena, .threads = 1 };
	struct error err;
	double config[4];
	void *model;
	int rc;

	param_defaults(l->params, config);
	rc = param_set_all(l->params, config, options, &err);
	if (rc == 0)
		rc = l->fit(config, d, &run, &model, &err);
	return rc ? rc : l->predict(model, d, rows, &run, scores, &err);
}

static struct dataset three_classes(void)
{
	static const int32_t label[4] = { 0, 1, 1, 1 };

	return (struct dataset){
		.task = TASK_CLASSIFICATION,
		.classes = 3,
		.train = { .rows = 4, .label = label },
	};
}

static void test_classes(void)
{
	struct dataset d = three_classes();
	struct part two = { .rows = 2 };
	float p[6];

	run_constant(&d, "smoothing=0", &two, p);
	ok(p[0] == 0.25f && p[1] == 0.75f && p[2] == 0.0f,
	   "probabilities are the shares of the classes");
	ok(!memcmp(p, p + 3, 3 * sizeof(*p)), "every row gets the same");
	run_constant(&d, "", &two, p);
	/* (1 + 1) / 7, (3 + 1) / 7, (0 + 1) / 7 */
	ok(p[0] == 2.0f / 7 && p[2] == 1.0f / 7,
	   "by default each class is given a row: none is impossible");
}

static void test_weights(void)
{
	static const float weight[4] = { 3, 1, 0, 0 };
	struct dataset d = three_classes();
	struct part one = { .rows = 1 };
	float p[3];

	d.train.weight = weight;
	run_constant(&d, "smoothing=0", &one, p);
	ok(p[0] == 0.75f && p[1] == 0.25f, "rows count by their weights");
}

static void test_mean(void)
{
	static const float target[3] = { 1, 2, 6 };
	struct dataset d = {
		.task = TASK_REGRESSION,
		.train = { .rows = 3, .target = target },
	};
	struct part one = { .rows = 1 };
	float y;

	run_constant(&d, "", &one, &y);
	ok(y == 3.0f, "a target is answered by its mean, whatever the smoothing");
}

static void test_memory(void)
{
	struct dataset d = three_classes();
	struct part one = { .rows = 1 };
	float p[3];

	arena.fail_at = arena.calls + 1;
	ok(run_constant(&d, "", &one, p) == ERR_MEMORY,
	   "no memory is an error, not a crash");
	arena.fail_at = 0;
}

int main(void)
{
	arena_init(&arena, 0);
	test_classes();
	test_weights();
	test_mean();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
