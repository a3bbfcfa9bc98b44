/* triarch: finds its files, takes the options that every verb has, and hands
 * over to the verb. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "harness/base/blas.h"
#include "harness/base/file.h"
#include "harness/base/suggest.h"
#include "harness/blas_core.h"
#include "harness/cli.h"
#include "version.h"

/* A verb more is a line here, a prototype in cli.h and a file cli_<verb>.c;
 * help, dispatch and suggestions follow. */
static const struct verb {
	const char *name;
	cli_verb *run;
	const char *help; /* NULL: for the program's own use */
} verbs[] = {
	{ "run", cli_run, "run the cells of a suite that have no row yet" },
	{ "board", cli_board, "the leaderboard of a suite" },
	{ "try", cli_try, "fit one learner once, on a task or on your own files" },
	{ "predict", cli_predict, "a saved model on the rows of a CSV file" },
	{ "dump", cli_dump, "a saved model as JSON: trees, importance" },
	{ "plan", cli_plan, "the cells of a suite, what is done and what is not" },
	{ "status", cli_status, "how far a suite is" },
	{ "list", cli_list, "learners, datasets, suites" },
	{ "info", cli_info, "all about one learner or data set" },
	{ "fetch", cli_fetch, "bring data here (the only verb that must)" },
	{ "doctor", cli_doctor, "is this machine fit to measure on?" },
	{ "cell", cli_cell, NULL },
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

/* Verbs from the table; the options of a verb are its own --help. To stdout
 * when it was asked for. */
static void usage(FILE *to)
{
	fprintf(to, "usage: triarch VERB [options]\n\n"
		    "Neural nets, kernel regression and boosted trees on the "
		    "same rows.\n\n");
	for (size_t i = 0; i < VERBS; i++)
		if (verbs[i].help)
			fprintf(to, "  %-8s %s\n", verbs[i].name, verbs[i].help);
	fprintf(to,
		"\neverywhere:\n"
		"  --catalog FILE      data sets (datasets/catalog.yaml)\n"
		"  --suites FILE       suites (suites.yaml)\n"
		"  --cache DIR         data (~/.cache/triarch)\n"
		"  -o, --results DIR   rows (results/runs)\n"
		"  --offline           no apt-get, no downloads\n"
		"  --blas-core NAME    OpenBLAS's kernels: Haswell, SkylakeX ... or "
		"auto\n"
		"  -q, --quiet; -v, --verbose\n"
		"  --color auto|always|never (NO_COLOR is obeyed)\n"
		"  --version; VERB --help\n");
}

/* ---------------------------------------------------------------- options */

/* Those that only main.c needs; the others go straight into struct cli. */
struct globals {
	const char *color, *blas_core;
	bool quiet, verbose;
};

struct global {
	const char *name, *letter;
	const char **text; /* takes a value */
	bool *flag;	   /* or is a switch */
};

/* Take one global option at argv[i] out: how many words it has, 0 when it is
 * none, -1 when its value is missing. A value that begins with a dash is a
 * value. */
static int take(const struct global *g, int argc, char **argv, int i)
{
	size_t n = strlen(g->name);

	if (!strncmp(argv[i], g->name, n) && argv[i][n] == '=' && g->text) {
		*g->text = argv[i] + n + 1;
		return 1;
	}
	if (strcmp(argv[i], g->name) &&
	    (!g->letter || strcmp(argv[i], g->letter)))
		return 0;
	if (g->flag) {
		*g->flag = true;
		return 1;
	}
	if (i + 1 >= argc)
		return -1;
	*g->text = argv[i + 1];
	return 2;
}

/* Sort the global options out of argv, in place; the new argc, or -1. They may
 * stand before the verb or anywhere behind it, which is why a verb must not
 * have an option of one of these names. */
static int take_globals(struct cli *c, struct globals *o, int argc, char **argv)
{
	const struct global table[] = {
		{ "--catalog", NULL, &c->catalog, NULL },
		{ "--suites", NULL, &c->suites, NULL },
		{ "--cache", NULL, &c->fetch.cache, NULL },
		{ "--results", "-o", &c->results, NULL },
		{ "--color", NULL, &o->color, NULL },
		{ "--blas-core", NULL, &o->blas_core, NULL },
		{ "--offline", NULL, NULL, &c->fetch.offline },
		{ "--quiet", "-q", NULL, &o->quiet },
		{ "--verbose", "-v", NULL, &o->verbose },
	};
	int kept = 1, words;

	for (int i = 1; i < argc; i += words) {
		words = 0;
		for (size_t g = 0; g < sizeof(table) / sizeof(table[0]) && !words;
		     g++)
			words = take(&table[g], argc, argv, i);
		if (words < 0) {
			fprintf(stderr, "triarch: %s needs a value\n", argv[i]);
			return -1;
		}
		if (!words) {
			argv[kept++] = argv[i];
			words = 1;
		}
	}
	argv[kept] = NULL;
	return kept;
}

/* Each stream on its own: a board in a pipe has no colours although the
 * progress beside it has. --color always was asked for here and now, so it wins
 * over NO_COLOR, as no-color.org wants it. */
static bool wants_color(const char *when, int stream)
{
	const char *no_color = getenv("NO_COLOR");

	if (strcmp(when, "auto"))
		return !strcmp(when, "always");
	return isatty(stream) && !(no_color && *no_color);
}

/* False when --color is none of its three words. -q beats -v, as silence is
 * what scripts rely on. */
static bool set_log(struct cli *c, const struct globals *o)
{
	const char *when = o->color ? o->color : "auto";
	struct log *l = &c->log;

	l->tty = isatty(STDERR_FILENO) != 0;
	l->level = o->quiet ? LOG_QUIET : o->verbose ? LOG_DEBUG : LOG_INFO;
	l->color = wants_color(when, STDERR_FILENO);
	c->color = wants_color(when, STDOUT_FILENO);
	if (!strcmp(when, "auto") || !strcmp(when, "always") ||
	    !strcmp(when, "never"))
		return true;
	fprintf(stderr, "triarch: --color is auto, always or never\n");
	return false;
}

/* OpenBLAS was loaded before we read a word, so a wish for other kernels needs
 * a second start. There the environment is as wished, and this does nothing but
 * check what came of it: OpenBLAS takes another core in silence when it lacks
 * the one that was named. */
static bool choose_kernels(const char *wish, char **words)
{
	struct blas_info got;
	struct error err;

	if (!wish)
		return true;
	if (blas_core_set(wish)) {
		execv("/proc/self/exe", words);
		fprintf(stderr, "triarch: cannot start again for --blas-core: "
			"%s\n", strerror(errno));
		return false;
	}
	blas_info(&got);
	if (!blas_core_check(wish, &got, &err))
		return true;
	fprintf(stderr, "triarch: %s\n", err.text);
	return false;
}

/* ---------------------------------------------------------------- places */

/* The program's path without its last `parts` parts; NULL when unknown. */
static const char *above_program(struct arena *a, int parts)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	for (int i = 0; i < parts; i++) {
		char *slash = strrchr(path, '/');

		if (!slash)
			return NULL;
		*slash = '\0';
	}
	return arena_strdup(a, path);
}

/* Here; where the program was built (build/release/triarch); beside where it was
 * installed, also in a tree that was moved since (bin/triarch and share/); or
 * where it was to be installed. A file that is nowhere gets its plain name:
 * whoever opens it says so. */
static const char *find_file(struct arena *a, const char *name)
{
	const char *built = above_program(a, 3), *prefix = above_program(a, 2);
	const char *path;

	if (file_exists(name))
		return name;
	path = built ? arena_printf(a, "%s/%s", built, name) : NULL;
	if (path && file_exists(path))
		return path;
	path = prefix ? arena_printf(a, "%s/share/triarch/%s", prefix, name) :
			NULL;
	if (path && file_exists(path))
		return path;
#ifdef TRIARCH_DATADIR
	path = arena_printf(a, "%s/%s", TRIARCH_DATADIR, name);
	if (path && file_exists(path))
		return path;
#endif
	return name;
}

/* The XDG base directory rules; without a home (a daemon) a folder that
 * survives reboots. */
static const char *default_cache(struct arena *a)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (xdg && *xdg)
		return arena_printf(a, "%s/triarch", xdg);
	if (home && *home)
		return arena_printf(a, "%s/.cache/triarch", home);
	return "/var/tmp/triarch-cache";
}

/* fetch.h knows nothing of logs: this is its way to one. */
static void say_line(void *ctx, const char *line)
{
	log_info(ctx, "%s", line);
}

/* What was given on the command line is taken as it is, found or not. */
static void find_places(struct cli *c)
{
	if (!c->catalog)
		c->catalog = find_file(c->arena, "datasets/catalog.yaml");
	if (!c->suites)
		c->suites = find_file(c->arena, "suites.yaml");
	c->results_given = c->results != NULL;
	if (!c->results)
		c->results = "results/runs";
	if (!c->fetch.cache)
		c->fetch.cache = default_cache(c->arena);
	c->fetch.mirror = getenv("TRIARCH_MIRROR"); /* --mirror goes above it */
	if (c->fetch.mirror && !*c->fetch.mirror)
		c->fetch.mirror = NULL;
	c->fetch.say = say_line;
	c->fetch.say_ctx = &c->log;
}

/* ---------------------------------------------------------------- verbs */

/* Exit code 2 with the nearest verb. */
static int unknown_verb(const char *name)
{
	const char *names[VERBS];
	char hint[96];

	for (size_t i = 0; i < VERBS; i++)
		names[i] = verbs[i].name;
	fprintf(stderr, "triarch: unknown verb '%s'%s\n", name,
		suggest_text(name, names, VERBS, hint, sizeof(hint)));
	return EXIT_USAGE;
}

/* Help that was asked for goes to stdout, help for the lost to stderr. */
static int dispatch(struct cli *c, int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help")) {
		usage(stdout);
		return EXIT_FINE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("triarch " TRIARCH_BUILD);
		return EXIT_FINE;
	}
	for (size_t i = 0; i < VERBS; i++)
		if (!strcmp(verbs[i].name, argv[1]))
			return verbs[i].run(c, argc - 1, argv + 1);
	return unknown_verb(argv[1]);
}

/* Globals, log, kernels of BLAS, places, and then the verb. The arena holds
 * what lives as long as the program and is cleared so that leak checkers see
 * real leaks alone. */
int main(int argc, char **argv)
{
	struct globals globals = { 0 };
	struct arena arena;
	struct cli c = { .arena = &arena, .program = argv[0] };
	char **words; /* all of argv, which take_globals shortens */
	int rc;

	/* Started through /proc/self/exe, as cells are, it would be "exe" in
	 * top. That path and not the file's name, since only it is sure to be
	 * this very build when the file was replaced meanwhile. */
	prctl(PR_SET_NAME, "triarch");
	arena_init(&arena, 0);
	words = arena_copy(&arena, argv, ((size_t)argc + 1) * sizeof(*argv));
	argc = take_globals(&c, &globals, argc, argv);
	if (argc < 0 || !words || !set_log(&c, &globals) ||
	    !choose_kernels(globals.blas_core, words)) {
		arena_clear(&arena);
		return EXIT_USAGE;
	}
	find_places(&c);
	blas_init();
	rc = dispatch(&c, argc, argv);
	arena_clear(&arena);
	/* A full disk shows itself when the buffer is written. */
	if ((fflush(stdout) || ferror(stdout)) && rc == EXIT_FINE)
		rc = EXIT_FAILED_CELLS;
	return rc;
}
