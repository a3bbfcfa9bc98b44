/* What every learner that can be saved promises: the file brings back the model, to
 * the bit, in every view and task that the learner takes. A learner is covered as
 * soon as it has save(). */
#include "learners/model/model_reader.h"
#include "tests/contract.h"
#include "tests/tap.h"

static bool save(const struct learner *l, const void *model, const struct dataset *d,
		 struct arena *a, struct text *out)
{
	struct model_writer w;
	struct error err;

	model_writer_init(&w, a);
	l->save(model, d, &w);
	*out = w.text;
	if (model_writer_finish(&w, &err))
		return false;
	*out = w.text;
	return true;
}

static int load(const struct learner *l, const struct text *t, const struct dataset *d,
		struct arena *a, void **model, struct error *err)
{
	struct dataset about = *d;
	struct model_reader r;

	about.train = about.valid = about.test = (struct part){ 0 };
	if (model_reader_open(&r, t->data, t->size, "m", a, err) ||
	    l->load(&r, &about, model, err))
		return (int)err->code;
	return model_reader_done(&r, err);
}

/* False when the learner could not be fitted here, which other tests are about. */
static bool fit(const struct learner *l, const struct dataset *d, struct run *run,
		void **model)
{
	_Alignas(16) unsigned char config[CONFIG_MAX];
	struct dataset lent = *d;
	struct error err;

	contract_config(l, config);
	lent.test = (struct part){ 0 };
	return l->fit(config, &lent, run, model, &err) == 0;
}

/* Contributions of every row add up to the same raw scores before and after. */
static bool same_shares(const struct learner *l, const void *one, const void *two,
			const struct dataset *d, struct run *run)
{
	size_t wide = l->raw_outputs(one) * (d->cols + 1);
	float *a = ARENA_NEW(run->arena, float, d->test.rows * wide);
	float *b = ARENA_NEW(run->arena, float, d->test.rows * wide);
	struct error err;

	return l->raw_outputs(two) == l->raw_outputs(one) &&
	       !l->explain(one, &d->test, run, a, &err) &&
	       !l->explain(two, &d->test, run, b, &err) &&
	       !memcmp(a, b, d->test.rows * wide * sizeof(*a));
}

static void test_one(const struct learner *l, enum view view, enum task task)
{
	struct synth s = contract_synth(view, task);
	struct arena arena;
	struct run run = { .arena = &arena, .threads = 2, .seed = 5 };
	struct error err = { 0 };
	struct dataset d;
	struct text t = { 0 }, again = { 0 };
	void *model = NULL, *back = NULL;
	float *before, *after;
	size_t size;

	arena_init(&arena, 0);
	s.train = 100;
	s.test = 12;
	if (!synth_make(&s, &arena, &d) || !fit(l, &d, &run, &model)) {
		arena_clear(&arena);
		return;
	}
	size = d.test.rows * learner_outputs(&d) * sizeof(float);
	before = arena_alloc(&arena, 1, size);
	after = arena_alloc(&arena, 1, size);
	l->predict(model, &d, &d.test, &run, before, &err);
	ok(save(l, model, &d, &arena, &t) && !load(l, &t, &d, &arena, &back, &err),
	   "%s, %s, %s: is saved and loaded%s", l->name, view_name(view), task_name(task),
	   err.text);
	l->predict(back, &d, &d.test, &run, after, &err);
	ok(!memcmp(before, after, size), "and predicts the same bits");
	ok(save(l, back, &d, &arena, &again) && again.size == t.size &&
	   !memcmp(again.data, t.data, t.size), "and is saved as the same bytes");
	if (l->explain)
		ok(same_shares(l, model, back, &d, &run), "and is explained alike");
	if (l->release)
		l->release(model);
	arena_clear(&arena);
}

/* The two come together, and so do those for contributions. */
static void test_pairs(const struct learner *l)
{
	ok(!l->save == !l->load, "%s: can be loaded if it can be saved", l->name);
	ok(!l->explain == !l->raw_outputs, "and says how many raw scores it explains");
}

int main(void)
{
	size_t n;
	const struct learner *const *all = learner_all(&n);

	for (size_t k = 0; k < n; k++) {
		test_pairs(all[k]);
		for (size_t v = 0; all[k]->save && v < N_VIEWS; v++)
			for (int task = 0; task < 2; task++)
				if (contract_takes(all[k], contract_views[v],
						   (enum task)task))
					test_one(all[k], contract_views[v],
						 (enum task)task);
	}
	return tap_done();
}
