#include "harness/config.h"

#include "tests/suite_text.h"

static struct arena arena;
static struct catalog catalog;

static int read_text(const char *text, struct config *c, struct error *err)
{
	suite_write(suite_path, text);
	return config_read(c, &arena, suite_path, &catalog, err);
}

/* The message, without the folder in front of it. */
static const char *complaint(const char *text)
{
	static struct error err;
	struct config c;

	error_clear(&err);
	if (!read_text(text, &c, &err))
		return "nothing";
	return strncmp(err.text, suite_dir, strlen(suite_dir)) ?
		err.text : err.text + strlen(suite_dir) + 1;
}

static const char good[] =
	"defaults: {repeats: 3, threads: 2, limit_s: 60}\n"
	"suites:\n"
	"  one:\n"
	"    summary: a line\n"
	"    memory_mb: 500\n"
	"    tasks:\n"
	"      - letter\n"
	"      - diamonds[n=1000]\n"
	"      - {task: satellite, n: 300, repeats: 1, skip: [mlp]}\n"
	"      - task: letter\n"
	"        learners: ['mlp[epochs=3]']\n"
	"    learners: [constant, mlp]\n"
	"  two:\n"
	"    tasks: [letter]\n"
	"    learners: [constant]\n";

static void test_good(void)
{
	struct error err = { 0 };
	const struct suite *s = NULL;
	struct config c;

	ok(!read_text(good, &c, &err), "a correct file is read %s", err.text);
	ok(c.n == 2 && !config_find(&c, "one", &s, &err) && s == &c.suites[0],
	   "suites stand in file order and are found by name");
	ok_str(s->summary, "a line", "a suite has its summary");
	ok(s->n_tasks == 4 && s->tasks[0].what.n == 0 && s->tasks[1].what.n == 1000 &&
	   s->tasks[2].what.n == 300, "a task is whole, or has its number of rows");
	ok(s->tasks[0].protocol.repeats == 3 &&
	   s->tasks[0].protocol.limit_s == 60.0 &&
	   s->tasks[0].protocol.memory_mb == 500.0,
	   "a task inherits the suite's protocol, and that the defaults'");
	ok(s->tasks[2].protocol.repeats == 1, "a task may say otherwise");
	ok(c.suites[1].tasks[0].protocol.memory_mb == 0.0,
	   "what one suite says does not reach the next");
}

static void test_learners(void)
{
	struct error err = { 0 };
	const struct suite_task *t;
	struct config c;

	read_text(good, &c, &err);
	t = c.suites[0].tasks;
	ok(t[0].n_specs == 2 && !strcmp(t[0].specs[1].text, "mlp"),
	   "a task has the suite's learners");
	ok(t[2].n_specs == 1 && !strcmp(t[2].specs[0].text, "constant"),
	   "skip takes one away");
	ok(t[3].n_specs == 2 && !strcmp(t[3].specs[1].text, "mlp[epochs=3]") &&
	   spec_gives(&t[3].specs[1], "epochs"),
	   "a task's own learner replaces the suite's of that name");
}

#define HEAD "suites:\n  s:\n"

static void test_unknown_names(void)
{
	ok_str(complaint("suits: {}\n"),
	       "suites.yaml:1:1: unknown key 'suits' (did you mean 'suites'?)",
	       "an unknown key has a place and a hint");
	ok_str(complaint(HEAD "    repeat: 3\n    tasks: [letter]\n"
			 "    learners: [mlp]\n"),
	       "suites.yaml:3:5: unknown key 'repeat' (did you mean 'repeats'?)",
	       "an unknown key of a suite");
	ok_str(complaint(HEAD "    tasks: [letter]\n    learners: [mpl]\n"),
	       "suites.yaml:4:16: unknown learner 'mpl' (did you mean 'mlp'?)",
	       "an unknown learner");
	ok_str(complaint(HEAD "    tasks:\n    - leter[n=5]\n"
			 "    learners: [mlp]\n"),
	       "suites.yaml:4:7: unknown data set 'leter' (did you mean "
	       "'letter'?); 'triarch list datasets' names them",
	       "an unknown task");
	ok_str(complaint(HEAD "    tasks:\n    - {task: letter, skips: []}\n"
			 "    learners: [mlp]\n"),
	       "suites.yaml:4:22: unknown key 'skips' (did you mean 'skip'?)",
	       "an unknown key of a task");
	ok(strstr(complaint(HEAD "    tasks: [letter]\n    learners:\n"
			    "    - mlp[epoch=3]\n"),
		  "suites.yaml:5:7: mlp: ") &&
	   strstr(complaint(HEAD "    tasks: [letter]\n    learners:\n"
			    "    - mlp[epoch=3]\n"), "did you mean 'epochs'"),
	   "an unknown parameter of a learner");
	ok(!strncmp(complaint("defaults: {limit: 3}\nsuites: {}\n"),
		    "suites.yaml:1:12: unknown key 'limit'", 37),
	   "an unknown key of the defaults");
}

static void test_wrong_types(void)
{
	static const struct {
		const char *text, *start;
	} bad[] = {
		{ "defaults: {repeats: three}\nsuites: {}\n", "suites.yaml:1:21: " },
		{ "defaults: {limit_s: 10s}\nsuites: {}\n", "suites.yaml:1:21: " },
		{ "defaults: {threads: 0}\nsuites: {}\n", "suites.yaml:1:21: " },
		{ "defaults: []\nsuites: {}\n", "suites.yaml:1:11: " },
		{ "[1, 2]\n", "suites.yaml:1:1: " },
		{ "suites: [s]\n", "suites.yaml:1:9: " },
		{ HEAD "    tasks: letter\n    learners: [mlp]\n",
		  "suites.yaml:3:12: " },
		{ HEAD "    tasks: [letter]\n    learners: mlp\n",
		  "suites.yaml:4:15: " },
		{ HEAD "    tasks: [{n: 3}]\n    learners: [mlp]\n",
		  "suites.yaml:3:13: " },
		{ HEAD "    tasks:\n    - letter[n=x]\n    learners: [mlp]\n",
		  "suites.yaml:4:7: " },
		{ HEAD "    tasks: [letter]\n    learners:\n    - mlp[epochs]\n",
		  "suites.yaml:5:7: " },
		{ HEAD "    tasks: [letter]\n    learners: [mlp, mlp]\n",
		  "suites.yaml:4:21: " },
		{ HEAD "    tasks: [letter]\n", "suites.yaml:3:5: " },
		{ HEAD "    learners: [mlp]\n", "suites.yaml:3:5: " },
		{ "defaults: {}\n", "suites.yaml:1:1: " },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *said = complaint(bad[i].text);

		if (!ok(!strncmp(said, bad[i].start, strlen(bad[i].start)),
			"wrong kind of value %zu: %s", i, said))
			printf("# wanted %s\n", bad[i].start);
	}
}

/* Means and claims over a suite take every data set once. */
static void test_identity(void)
{
	struct error err = { 0 };
	struct config c;

	ok_str(complaint(HEAD "    tasks: [letter, diamonds, letter-pmlb]\n"
			 "    learners: [mlp]\n"),
	       "suites.yaml:3:31: 'letter' and 'letter-pmlb' are one data set under "
	       "two names: take one of them",
	       "a data set under two names in one suite");
	ok(!read_text(HEAD "    tasks: [letter, 'letter[n=100]', 'letter[rotate]']\n"
		      "    learners: [mlp]\n", &c, &err),
	   "one name at several sizes, or with its twin, is fine");
}

static void test_folder(void)
{
	struct error err = { 0 };
	const struct suite *s = NULL;
	struct config c;
	char path[128];

	snprintf(path, sizeof(path), "%s/suites", suite_dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/suites/more.yaml", suite_dir);
	suite_write(path, "suites:\n  three:\n    tasks: [letter]\n"
			  "    learners: [constant]\n");
	ok(!read_text(good, &c, &err) && c.n == 3 &&
	   !config_find(&c, "three", &s, &err) &&
	   s->tasks[0].protocol.repeats == 3,
	   "suites/*.yaml are read, from the main file's defaults");
	suite_write(path, "suites:\n  one:\n    tasks: [letter]\n"
			  "    learners: [constant]\n");
	ok(read_text(good, &c, &err) == ERR_CONFIG &&
	   strstr(err.text, "more.yaml:2:3: a second suite 'one'"),
	   "a suite of a name that is taken is refused");
	unlink(path);
}

/* Two files of the folder: what one says must not reach the other, and what is
 * no file of suites is not read. */
static void test_folder_files(void)
{
	struct error err = { 0 };
	const struct suite *a = NULL, *b = NULL;
	struct config c;
	char path[3][128];

	snprintf(path[0], sizeof(path[0]), "%s/suites/a.yaml", suite_dir);
	snprintf(path[1], sizeof(path[1]), "%s/suites/b.yaml", suite_dir);
	snprintf(path[2], sizeof(path[2]), "%s/suites/.#b.yaml", suite_dir);
	suite_write(path[0], "defaults: {repeats: 9, seed: 5}\nsuites:\n"
			     "  a:\n    tasks: [letter]\n"
			     "    learners: [constant]\n");
	suite_write(path[1], "suites:\n  b:\n    tasks: [letter]\n"
			     "    learners: [constant]\n");
	suite_write(path[2], "what an editor left: [\n");
	ok(!read_text(good, &c, &err) && c.n == 4, "hidden files are not read %s",
	   err.text);
	config_find(&c, "a", &a, &err);
	config_find(&c, "b", &b, &err);
	ok(a == &c.suites[2] && b == &c.suites[3],
	   "the main file's suites first, then the folder's by name");
	ok(a->tasks[0].protocol.repeats == 9 && a->tasks[0].protocol.seed == 5 &&
	   a->tasks[0].protocol.threads == 2,
	   "a file's defaults are over the main file's");
	ok(b->tasks[0].protocol.repeats == 3 && b->tasks[0].protocol.seed == 0,
	   "and end with the file");
	for (size_t k = 0; k < 3; k++)
		unlink(path[k]);
}

static void test_merging(void)
{
	static const char text[] =
		"suites:\n"
		"  s:\n"
		"    tasks:\n"
		"    - {task: 'letter[n=100]', n: 200}\n"
		"    - {task: letter, learners: [linear, 'mlp[epochs=1]',"
		" 'mlp[epochs=2]'], skip: [constant]}\n"
		"    learners: [constant, 'mlp[epochs=3]', 'mlp[epochs=4]']\n";
	struct error err = { 0 };
	const struct suite_task *t;
	struct config c;

	ok(!read_text(text, &c, &err), "several configurations of a learner %s",
	   err.text);
	t = c.suites[0].tasks;
	ok(t[0].what.n == 200, "n: beside a task wins over [n=] behind its name");
	ok(t[0].n_specs == 3, "all of the suite's learners are the task's");
	ok(t[1].n_specs == 3 && !strcmp(t[1].specs[0].text, "linear") &&
	   !strcmp(t[1].specs[1].text, "mlp[epochs=1]") &&
	   !strcmp(t[1].specs[2].text, "mlp[epochs=2]"),
	   "a task's own replace every configuration of that name");
	ok(strstr(complaint(HEAD "    tasks: [{task: letter, skip: [mpl]}]\n"
			    "    learners: [mlp]\n"),
		  "suites.yaml:3:35: unknown learner 'mpl'"),
	   "a mistyped name in skip is an error at its place");
	ok(c.suites[0].summary[0] == '\0', "a summary may be left out");
}

static void test_missing(void)
{
	struct error err = { 0 };
	const struct suite *s;
	struct config c;

	ok(config_read(&c, &arena, "no/such/file.yaml", &catalog, &err) == ERR_IO,
	   "a file that is not there is an error of the system");
	read_text(good, &c, &err);
	ok(config_find(&c, "on", &s, &err) == ERR_USAGE &&
	   strstr(err.text, "did you mean 'one'"), "an unknown suite: %s",
	   err.text);
}

static void test_memory(void)
{
	struct error err = { 0 };
	struct config c;
	struct arena a;
	size_t at, odd = 0;
	int rc = -1;

	suite_write(suite_path, good);
	for (at = 1; rc; at++) {
		arena_init(&a, 0);
		a.fail_at = at;
		rc = config_read(&c, &a, suite_path, &catalog, &err);
		odd += rc && rc != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(!odd && at > 10, "each of %zu allocations that fails is ERR_MEMORY",
	   at - 2);
}

int main(void)
{
	arena_init(&arena, 0);
	suite_folder();
	suite_catalog(&catalog, &arena);
	test_good();
	test_learners();
	test_unknown_names();
	test_wrong_types();
	test_identity();
	test_folder();
	test_folder_files();
	test_merging();
	test_missing();
	test_memory();
	suite_cleanup();
	arena_clear(&arena);
	return tap_done();
}
