#include "harness/selection.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

static struct arena arena;
static char suites[] = "/tmp/triarch-selection-XXXXXX";

static const char text[] =
	"suites:\n"
	"  one:\n"
	"    summary: two tasks and two learners\n"
	"    repeats: 2\n"
	"    tasks: [letter, diamonds]\n"
	"    learners: [constant, linear]\n";

/* As a verb reads them: its table, then the check for a suite. */
static int parse(struct selection *s, struct error *err, int argc,
		 const char **argv)
{
	const struct opt table[] = {
		SELECTION_OPTIONS(s),
		{ .name = NULL },
	};
	int rc;

	*s = (struct selection){ 0 };
	error_clear(err);
	rc = opt_parse(table, "t", "s", &arena, argc, (char **)(size_t)argv,
		       err);
	return rc ? rc : selection_check(s, "board", err);
}

#define PARSE(s, err, ...)                                                 \
	parse((s), (err),                                                  \
	      (int)(sizeof((const char *[]){ "t", __VA_ARGS__ }) /         \
		    sizeof(char *)),                                       \
	      (const char *[]){ "t", __VA_ARGS__, NULL })

static int plan(const struct selection *s, struct plan *out, struct error *err)
{
	struct cli c = { .arena = &arena, .suites = suites,
			 .catalog = "datasets/catalog.yaml" };

	error_clear(err);
	return selection_plan(s, &c, out, err);
}

static void test_words(void)
{
	struct selection s;
	struct error err;

	ok(PARSE(&s, &err, "-l", "linear") == ERR_USAGE &&
	   strstr(err.text, "board needs -s SUITE") &&
	   strstr(err.text, "triarch list suites"),
	   "without a suite: the verb is named, and how to find one");
	ok(!PARSE(&s, &err, "-s", "one") && !s.learners.n && !s.datasets.n &&
	   !s.modality && !s.trials, "a suite alone is all of it");
	ok(!PARSE(&s, &err, "-s", "one", "-l", "linear", "-l", "gbdt", "-d",
		  "letter", "-m", "image", "--trials", "5") &&
	   s.learners.n == 2 && s.datasets.n == 1 && s.trials == 5 &&
	   !strcmp(s.modality, "image"), "-l and -d may repeat");
	ok(PARSE(&s, &err, "-s", "one", "--trials", "0") == ERR_USAGE &&
	   PARSE(&s, &err, "-s", "one", "--trials", "200000") == ERR_USAGE,
	   "trials are 1 to 100000");
}

static void test_plan(void)
{
	struct plan all, some, tuned;
	struct selection s;
	struct error err;

	PARSE(&s, &err, "-s", "one");
	ok(!plan(&s, &all, &err) && all.n == 8, "the cells of a suite: %zu%s",
	   all.n, err.text);
	PARSE(&s, &err, "-s", "one", "-d", "letter", "-l", "linear");
	ok(!plan(&s, &some, &err) && some.n == 2, "narrowed to one pair");
	PARSE(&s, &err, "-s", "one", "-d", "letter", "-l", "linear",
	      "--trials", "3");
	ok(!plan(&s, &tuned, &err) && tuned.n == some.n &&
	   strcmp(tuned.keys[0], some.keys[0]) != 0,
	   "--trials reaches the keys: other cells than without");
	PARSE(&s, &err, "-s", "one", "-m", "text");
	ok(!plan(&s, &some, &err) && some.n == 0,
	   "a modality that the suite lacks leaves nothing");
}

static void test_refusals(void)
{
	struct selection s;
	struct error err;
	struct plan p;

	PARSE(&s, &err, "-s", "on");
	ok(plan(&s, &p, &err) == ERR_USAGE && strstr(err.text, "one"),
	   "an unknown suite: %s", err.text);
	PARSE(&s, &err, "-s", "one", "-d", "lettre");
	ok(plan(&s, &p, &err) == ERR_USAGE && strstr(err.text, "'letter'"),
	   "an unknown task: %s", err.text);
	PARSE(&s, &err, "-s", "one", "-m", "txt");
	ok(plan(&s, &p, &err) == ERR_USAGE && strstr(err.text, "'text'"),
	   "an unknown modality: %s", err.text);
	PARSE(&s, &err, "-s", "one", "-l", "linaer");
	ok(plan(&s, &p, &err) == ERR_CONFIG && strstr(err.text, "'linear'"),
	   "an unknown learner: %s", err.text);
}

int main(void)
{
	int fd = mkstemp(suites);

	arena_init(&arena, 0);
	if (fd < 0 || write(fd, text, sizeof(text) - 1) < 0)
		return 1;
	close(fd);
	test_words();
	test_plan();
	test_refusals();
	unlink(suites);
	arena_clear(&arena);
	return tap_done();
}
