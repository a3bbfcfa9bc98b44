#include "harness/spec.h"

#include "tests/tap.h"

static struct arena arena;

static int parse(const char *text, struct spec *s, struct error *err)
{
	error_clear(err);
	return spec_parse(s, &arena, text, err);
}

static void test_good(void)
{
	struct error err;
	struct spec s, plain;
	json_t *o, *p;

	ok(!parse("mlp[epochs=3]", &s, &err) && !parse("mlp", &plain, &err),
	   "a learner with and without parameters");
	o = param_to_json(s.learner->params, s.config);
	p = param_to_json(plain.learner->params, plain.config);
	ok(json_integer_value(json_object_get(o, "epochs")) == 3 &&
	   json_object_size(o) == json_object_size(p),
	   "the rest has its defaults");
	ok(spec_gives(&s, "epochs") && !spec_gives(&s, "epoch") &&
	   !spec_gives(&plain, "epochs"), "what was given is known");
	ok(!parse("mlp[]", &s, &err), "empty brackets are fine");
	json_decref(o);
	json_decref(p);
}

static void test_refusals(void)
{
	static const char *const bad[] = {
		"", "[", "mlp[", "mlp]", "mlp[epochs]", "mlp[epochs=3",
		"mlp[epochs=x]", "mlp[=3]", "mlp[epochs=3][x=1]",
		"mlp[epochs=-5]", "mlp[view=grid]", "mlp[view=gird]",
	};
	struct error err;
	struct spec s;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(parse(bad[i], &s, &err) == ERR_CONFIG, "refused: '%s': %s",
		   bad[i], err.text);
	ok(parse("mlpp", &s, &err) == ERR_CONFIG &&
	   strstr(err.text, "did you mean 'mlp'"), "an unknown learner has a hint");
	ok(parse("xgboost", &s, &err) ==
		   (learner_left_out("xgboost") ? ERR_MISSING : 0),
	   "a learner is there, or said to be left out: %s", err.text);
	ok(!learner_left_out("mlp") && !learner_left_out("mlpp"),
	   "what needs no library is never left out");
}

static void test_view(void)
{
	struct error err;
	struct spec s;
	enum view v;

	parse("mlp", &s, &err);
	ok(spec_view(&s, MODALITY_TABULAR, TASK_CLASSIFICATION, &v) &&
	   v == VIEW_DENSE, "a net takes the dense view of a table");
	parse("constant[view=dense]", &s, &err);
	ok(s.view == VIEW_DENSE &&
	   spec_view(&s, MODALITY_TABULAR, TASK_CLASSIFICATION, &v) &&
	   v == VIEW_DENSE, "[view=...] asks for one");
}

static void test_given(void)
{
	struct error err;
	struct spec s;
	json_t *o;

	ok(!parse("mlp[epochs=3,epochs=5]", &s, &err), "a key twice is no error");
	o = param_to_json(s.learner->params, s.config);
	ok(json_integer_value(json_object_get(o, "epochs")) == 5,
	   "and the last counts");
	json_decref(o);
	ok(!parse("mlp[epochs=3,view=dense]", &s, &err) &&
	   spec_gives(&s, "epochs") && spec_gives(&s, "view"),
	   "all that is in the brackets was given");
	ok(!spec_gives(&s, "dense") && !spec_gives(&s, "3") &&
	   !spec_gives(&s, ""), "values were not, nor was nothing");
	ok_str(s.text, "mlp[epochs=3,view=dense]", "the text stays as written");
	ok(!spec_gives(&(struct spec){ 0 }, "epochs"),
	   "a spec that was never parsed gives nothing");
	ok(parse("mlp[epochs=3,epoch=4]", &s, &err) == ERR_CONFIG &&
	   strstr(err.text, "mlp: ") && strstr(err.text, "'epochs'"),
	   "a wrong key names the learner and the right one: %s", err.text);
}

/* Whoever asks for a view that the modality lacks gets none, not another. */
static void test_view_missing(void)
{
	struct error err;
	struct spec s;
	enum view v;

	ok(!parse("constant[view=grid]", &s, &err), "a baseline takes any view");
	ok(!spec_view(&s, MODALITY_TABULAR, TASK_CLASSIFICATION, &v),
	   "the grid of a table: there is none");
	ok(spec_view(&s, MODALITY_IMAGE, TASK_CLASSIFICATION, &v) &&
	   v == VIEW_GRID, "of an image there is");
}

static void test_memory(void)
{
	struct error err = { 0 };
	struct spec s;
	size_t at, odd = 0;
	int rc = -1;

	for (at = 1; rc; at++) {
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = at;
		rc = spec_parse(&s, &a, "mlp[epochs=3]", &err);
		odd += rc && rc != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(!odd && at > 2, "every allocation that fails is ERR_MEMORY");
}

int main(void)
{
	arena_init(&arena, 0);
	test_good();
	test_refusals();
	test_view();
	test_given();
	test_view_missing();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
