#include "learners/param.h"

#include "tests/tap.h"

struct config {
	int64_t rounds;
	double shrinkage;
	bool early;
	int kernel;
	char names[12];
};

static const char *const kernels[] = { "gaussian", "laplace", "linear", NULL };
static const struct param schema[] = {
	PARAM_INT(struct config, rounds, 300, 1, 1000, "trees",
		  PARAM_LOG(10, 500)),
	PARAM_REAL(struct config, shrinkage, 0.1, 0, 1, "learning rate",
		   PARAM_LIN(0.02, 0.3)),
	PARAM_BOOL(struct config, early, true, "stop early"),
	PARAM_CHOICE(struct config, kernel, 1, kernels, "kernel", PARAM_ANY),
	PARAM_TEXT(struct config, names, "columns"),
	PARAM_END,
};

static struct error err;

static void test_set(void)
{
	struct config c;

	param_defaults(schema, &c);
	ok(c.rounds == 300 && c.shrinkage == 0.1 && c.early && c.kernel == 1,
	   "param: defaults");
	ok(!param_set_all(schema, &c, "rounds=20,kernel=linear,early=no", &err) &&
		   c.rounds == 20 && c.kernel == 2 && !c.early,
	   "param: k=v,k=v");
	ok(!param_set_all(schema, &c, "", &err), "param: nothing to set");
	ok(!c.names[0] && !param_set(schema, &c, "names", "+age,-price", &err) &&
		   !strcmp(c.names, "+age,-price"),
	   "param: a text, empty at first, of as many bytes as its field has");
	ok(!param_set_all(schema, &c, "names=,rounds=3", &err) && !c.names[0],
	   "param: an empty text");
}

static void refused(const char *text, const char *want)
{
	struct config c;

	param_defaults(schema, &c);
	error_clear(&err);
	if (!ok(param_set_all(schema, &c, text, &err) == ERR_CONFIG &&
			strstr(err.text, want),
		"param: '%s' is refused", text))
		printf("# got '%s'\n", err.text);
}

static void test_refused(void)
{
	refused("round=3", "did you mean 'rounds'");
	refused("rounds=3.5", "whole number");
	refused("rounds=0", "outside 1 .. 1000");
	refused("rounds=99999999999999999999", "whole number");
	refused("shrinkage=nan", "number");
	refused("shrinkage=", "number");
	refused("early=perhaps", "true or false");
	refused("kernel=cubic", "gaussian, laplace, linear");
	refused("rounds", "NAME=VALUE");
	refused("names=a longer text", "more than 11 bytes");
	refused("names=\xff", "UTF-8");
}

static void test_json(void)
{
	struct config c, d;
	json_t *j, *wrong = json_pack("{s:s}", "rounds", "many");

	param_defaults(schema, &c);
	c.rounds = 77;
	c.kernel = 0;
	c.early = false;
	strcpy(c.names, "-x");
	j = param_to_json(schema, &c);
	param_defaults(schema, &d);
	ok(!param_from_json(schema, &d, j, &err) && d.rounds == 77 &&
		   d.kernel == 0 && !d.early && d.shrinkage == 0.1 &&
		   !strcmp(d.names, "-x"),
	   "param: JSON there and back");
	ok(param_from_json(schema, &d, wrong, &err) == ERR_CONFIG,
	   "param: a wrong type in JSON is refused");
	json_decref(j);
	json_decref(wrong);
}

static void test_sample(void)
{
	struct rng r = rng_make(1, "tune");
	bool inside = true, kinds[3] = { false };
	size_t low = 0;
	struct config c, again;

	for (size_t t = 0; t < 400; t++) {
		param_defaults(schema, &c);
		param_sample(schema, &c, r, t);
		if (!t)
			ok(c.rounds == 300 && c.kernel == 1,
			   "param: trial 0 is the default");
		else
			inside &= c.rounds >= 10 && c.rounds <= 500 &&
				  c.shrinkage >= 0.02 && c.shrinkage <= 0.3 &&
				  c.early;
		low += c.rounds < 71; /* the middle of 10 .. 500 in logs */
		kinds[c.kernel] = true;
	}
	ok(inside, "param: draws stay in their space, fixed ones fixed");
	ok(low > 150 && low < 250, "param: a log scale is drawn in logs");
	ok(kinds[0] && kinds[1] && kinds[2], "param: every choice is drawn");
	param_defaults(schema, &again);
	param_sample(schema, &again, r, 399);
	ok(again.rounds == c.rounds && again.shrinkage == c.shrinkage,
	   "param: a trial is a pure function of its number");
}

int main(void)
{
	test_set();
	test_refused();
	test_json();
	test_sample();
	return tap_done();
}
