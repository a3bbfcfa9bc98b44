#include "harness/opt.h"

#include <stdint.h>
#include <unistd.h>

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

static void test_values(void)
{
	struct error err;
	struct got g;

	ok(!PARSE(&g, &err, "--suite=a=b") && !strcmp(g.suite, "a=b"),
	   "only the first = parts name and value");
	ok(!PARSE(&g, &err, "--suite=") && !strcmp(g.suite, ""),
	   "an empty value is a value");
	ok(!PARSE(&g, &err, "-s", "-j") && !strcmp(g.suite, "-j") && !g.jobs,
	   "a value may begin with a dash");
	ok(!PARSE(&g, &err, "--limit", "-2.5e-3") && g.limit == -2.5e-3,
	   "so may a number");
	ok(!PARSE(&g, &err, "--jobs=8e0") && g.jobs == 8,
	   "a whole number may be written as a power");
	ok(!PARSE(&g, &err, "--jobs", "1") && !PARSE(&g, &err, "--jobs", "8"),
	   "both ends of a range belong to it");
	ok(PARSE(&g, &err, "--jobs", "0") == ERR_USAGE &&
	   strstr(err.text, "1 .. 8"), "outside, the range is named: %s",
	   err.text);
	ok(!PARSE(&g, &err, "-s", "a", "-s", "b") && !strcmp(g.suite, "b"),
	   "said twice, the last counts");
	ok(!PARSE(&g, &err, "-") && !strcmp(g.first, "-"),
	   "a lone dash is an argument");
	ok(!PARSE(&g, &err, "--", "--help") && !strcmp(g.first, "--help"),
	   "behind -- even --help is one");
	ok(PARSE(&g, &err, "--su", "a") == ERR_USAGE,
	   "names are not to be cut short: a new option would change them");
}

static void test_no_place(void)
{
	static const char *argv[] = { "t", "one", "two", NULL };
	const char *only = NULL;
	const struct opt table[] = {
		{ OPT_ARG, 0, "only", NULL, &only, "", 0, 0 },
		{ .name = NULL },
	};
	struct error err = { 0 };

	ok(opt_parse(table, "t", "s", &arena, 3, (char **)(size_t)argv, &err) ==
	   ERR_USAGE && strstr(err.text, "'two'"),
	   "an argument without a place is named: %s", err.text);
	error_clear(&err);
	ok(opt_parse(table, "t", "s", &arena, 1, (char **)(size_t)argv, &err) ==
	   0, "an argument may be left out");
}

/* What --help writes to stdout, and what opt_parse gives. */
static int read_help(char *text, size_t size, const char *with)
{
	struct error err;
	struct got g;
	int saved, fd[2], rc;
	ssize_t n;

	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	if (saved < 0 || pipe(fd))
		return -1;
	dup2(fd[1], STDOUT_FILENO);
	rc = PARSE(&g, &err, with, "--no-such-option");
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd[1]);
	n = read(fd[0], text, size - 1);
	close(fd[0]);
	text[n > 0 ? n : 0] = '\0';
	return rc;
}

static void test_help(void)
{
	static const char *const lines[] = {
		"usage: t\n", "\n      --force ", "\n  -s, --suite SUITE ",
		"\n  -j, --jobs N ", "\n      --limit S ", "\n  -h, --help ",
	};
	char text[4096];

	ok(read_help(text, sizeof(text), "--help") == 1,
	   "--help is neither success nor error, whatever stands beside it");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ok(strstr(text, lines[i]) != NULL, "it has a line of option %zu",
		   i);
	ok(!strstr(text, "first") && !strstr(text, "rest"),
	   "arguments have none: the usage line shows them");
	ok(read_help(text, sizeof(text), "-h") == 1, "-h is the same");
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
	test_values();
	test_no_place();
	test_help();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
