#include "harness/opt.h"

#include <stdint.h>

#include "tests/tap.h"

struct got {
	bool force;
	const char *suite, *first;
	int64_t jobs;
	double limit;
	struct opt_list learners, rest;
};

static struct arena arena;

static int parse(struct got *g, struct error *err, int argc, const char **argv)
{
	const struct opt table[] = {
		{ OPT_FLAG, 0, "force", NULL, &g->force, "", 0, 0 },
		{ OPT_STRING, 's', "suite", "SUITE", &g->suite, "", 0, 0 },
		{ OPT_INT, 'j', "jobs", "N", &g->jobs, "", 1, 8 },
		{ OPT_REAL, 0, "limit", "S", &g->limit, "", 0, 0 },
		{ OPT_LIST, 'l', "learner", "L", &g->learners, "", 0, 0 },
		{ OPT_ARG, 0, "first", NULL, &g->first, "", 0, 0 },
		{ OPT_ARGS, 0, "rest", NULL, &g->rest, "", 0, 0 },
		{ .name = NULL },
	};

	*g = (struct got){ 0 };
	error_clear(err);
	return opt_parse(table, "t", "s", &arena, argc,
			 (char **)(size_t)argv, err);
}

#define PARSE(g, err, ...)                                                 \
	parse((g), (err),                                                  \
	      (int)(sizeof((const char *[]){ "t", __VA_ARGS__ }) /         \
		    sizeof(char *)),                                       \
	      (const char *[]){ "t", __VA_ARGS__, NULL })

static void test_forms(void)
{
	struct error err;
	struct got g;

	ok(!PARSE(&g, &err, "-s", "a", "--jobs=3", "--force", "--limit", "1.5") &&
	   !strcmp(g.suite, "a") && g.jobs == 3 && g.force && g.limit == 1.5,
	   "-s V, --name=V, --name V and a switch");
	ok(!PARSE(&g, &err, "-squick", "-j2") && !strcmp(g.suite, "quick") &&
	   g.jobs == 2, "-sV");
	ok(!PARSE(&g, &err, "-l", "a", "-l", "b[k=v]") && g.learners.n == 2 &&
	   !strcmp(g.learners.items[1], "b[k=v]"), "a list grows");
	ok(!PARSE(&g, &err, "one", "-j", "2", "two", "three") &&
	   !strcmp(g.first, "one") && g.rest.n == 2 &&
	   !strcmp(g.rest.items[1], "three"),
	   "arguments may stand between options");
	ok(!PARSE(&g, &err, "--", "-j") && !strcmp(g.first, "-j"),
	   "-- ends the options");
}

static void test_refusals(void)
{
	struct error err;
	struct got g;

	ok(PARSE(&g, &err, "--sute", "x") == ERR_USAGE &&
	   strstr(err.text, "did you mean 'suite'"), "unknown: %s", err.text);
	ok(PARSE(&g, &err, "-z") == ERR_USAGE, "an unknown letter");
	ok(PARSE(&g, &err, "--jobs") == ERR_USAGE, "a value is missing: %s",
	   err.text);
	ok(PARSE(&g, &err, "--jobs", "9") == ERR_USAGE, "too large: %s", err.text);
	ok(PARSE(&g, &err, "--jobs", "1.5") == ERR_USAGE &&
	   PARSE(&g, &err, "--jobs", "two") == ERR_USAGE &&
	   PARSE(&g, &err, "--jobs", "") == ERR_USAGE, "no whole number");
	ok(PARSE(&g, &err, "--limit", "10s") == ERR_USAGE &&
	   PARSE(&g, &err, "--limit", "nan") == ERR_USAGE, "no number");
	ok(PARSE(&g, &err, "--force=1") == ERR_USAGE, "a switch has no value");
}

static void test_memory(void)
{
	struct error err;
	struct got g;

	arena.fail_at = arena.calls + 2;
	ok(PARSE(&g, &err, "-l", "a", "-l", "b") == ERR_MEMORY,
	   "a list that cannot grow is ERR_MEMORY");
	arena.fail_at = 0;
}

int main(void)
{
	arena_init(&arena, 0);
	test_forms();
	test_refusals();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
