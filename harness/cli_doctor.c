/* triarch doctor: is this machine fit to measure on, and what would mend it?
 *
 * One function a check, each adding a row with its cure. BAD is what makes
 * numbers wrong or runs fail, and turns into exit code 1; NOTE is what a reader
 * of the numbers should know. Nothing is changed on the machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/machine.h"
#include "harness/opt.h"
#include "harness/print.h"

#define MEMORY_MB_MIN 2048.0
#define DISK_MB_MIN 512.0
#define LOAD_SHARE_MAX 0.3 /* of the processors: above it times are noisy */

enum { WHAT, STATE, FOUND, CURE, COLUMNS };

static const struct textable_column columns[COLUMNS] = {
	[WHAT] = { "what", "what", false },
	[STATE] = { "state", "state", false },
	[FOUND] = { "found", "found", false },
	[CURE] = { "cure", "cure", false },
};

/* FINE, worth knowing, or in need of mending. The order indexes names and
 * colours in say. */
enum state { FINE, NOTE, BAD };

/* What the checks share; `bad` counts the rows that must be mended. */
struct doctor {
	struct cli *cli;
	struct textable table;
	struct machine machine;
	int bad;
};

/* A row; the cure is shown when something is wrong. */
static void say(struct doctor *d, const char *what, enum state state,
		const char *found, const char *cure)
{
	static const char *const names[] = { "ok", "note", "mend" };
	static const char *const colors[] = { TEXTABLE_GREEN, NULL,
					      TEXTABLE_RED };

	textable_add_row(&d->table);
	textable_set(&d->table, WHAT, "%s", what);
	textable_set(&d->table, STATE, "%s", names[state]);
	textable_color(&d->table, STATE, colors[state]);
	textable_set(&d->table, FOUND, "%s", found);
	textable_set(&d->table, CURE, "%s", state == FINE ? "" : cure);
	d->bad += state == BAD;
}

/* ---------------------------------------------------------------- machine */

/* Always fine: every x86-64 or aarch64 has kernels, some have better ones. */
static void check_cpu(struct doctor *d)
{
	const struct machine *m = &d->machine;
	char found[256];

	snprintf(found, sizeof(found), "%s, %d processors, kernels for %s",
		 m->cpu, m->cpus, m->simd);
	say(d, "CPU", FINE, found, "");
}

/* Below it the learners that hold a kernel matrix run out first. */
static void check_memory(struct doctor *d)
{
	char found[64];

	snprintf(found, sizeof(found), "%.0f MB", d->machine.memory_mb);
	say(d, "memory", d->machine.memory_mb < MEMORY_MB_MIN ? NOTE : FINE,
	    found, "the quick suite wants 2 GB");
}

/* The load counts processes that want to run; noise_read gives NAN where it
 * cannot be read, which compares as quiet. */
static void check_load(struct doctor *d)
{
	struct noise n;
	char found[64];

	noise_read(&n);
	snprintf(found, sizeof(found), "%.2f on %d processors", n.load,
		 d->machine.cpus);
	say(d, "load", n.load > LOAD_SHARE_MAX * d->machine.cpus ? NOTE : FINE,
	    found, "times are only good on a quiet machine");
}

/* A run on fewer processors than there are is legal, and slower than the
 * board's readers will assume. */
static void check_threads(struct doctor *d)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	char found[96];

	snprintf(found, sizeof(found), "%d of %ld processors usable",
		 d->machine.cpus, online);
	say(d, "threads", d->machine.cpus < online ? NOTE : FINE, found,
	    "this process is confined (taskset, cgroup, OMP_NUM_THREADS)");
}

/* Kernels above the CPU end in an illegal instruction, sooner or later: that
 * must be mended whoever asked for them. A setting that holds BLAS back must be
 * mended, because it is easily undone; an old library is only worth knowing. */
static void check_blas(struct doctor *d)
{
	const struct blas_info *b = &d->machine.blas;
	bool is_bad = b->above || (b->below && b->forced_by[0]);
	char found[384], cure[160];

	snprintf(found, sizeof(found), "%s kernels, %s build (%s)", b->core,
		 b->build, b->config);
	if (b->above)
		snprintf(cure, sizeof(cure), "this CPU cannot run them, at most "
			 "%s: --blas-core auto lifts it", b->best);
	else if (b->forced_by[0])
		snprintf(cure, sizeof(cure), "unset %s: this CPU could use %s",
			 b->forced_by, b->best);
	else
		snprintf(cure, sizeof(cure),
			 "a newer libopenblas could use %s here", b->best);
	say(d, "BLAS", is_bad ? BAD : b->below ? NOTE : FINE, found, cure);
}

/* Settings that change speed or bits without anybody having asked. A note only:
 * check_blas and check_threads know which of them do harm. */
static void check_environment(struct doctor *d)
{
	static const char *const names[] = {
		"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS",
		"OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "GOTO_NUM_THREADS",
	};
	char found[256] = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		size_t n = strlen(found);

		if (value)
			snprintf(found + n, sizeof(found) - n, "%s%s=%.32s",
				 n ? ", " : "", names[i], value);
	}
	say(d, "environment", found[0] ? NOTE : FINE,
	    found[0] ? found : "no settings of BLAS or OpenMP",
	    "unset them: they change speed");
}

/* ---------------------------------------------------------------- folders */

/* The nearest folder that exists: `path` may only be made later. A relative
 * path ends at ".", an absolute one at "/". */
static void existing_folder(const char *path, char out[4096])
{
	snprintf(out, 4096, "%s", path);
	while (out[0] && access(out, F_OK)) {
		char *slash = strrchr(out, '/');

		if (!slash || slash == out) {
			strcpy(out, slash ? "/" : ".");
			return;
		}
		*slash = '\0';
	}
}

/* Free space is asked of the folder that will hold the files, not of "/".
 * f_bavail and not f_bfree: what is reserved for root is not ours. */
static void check_folder(struct doctor *d, const char *what, const char *path)
{
	char dir[4096], found[4200], cure[64];
	double free_mb = 0.0;
	struct statvfs v;
	bool writable;

	existing_folder(path, dir);
	writable = !access(dir, W_OK);
	if (!statvfs(dir, &v))
		free_mb = (double)v.f_bavail * (double)v.f_frsize / 1048576.0;
	snprintf(found, sizeof(found), "%.1f GB free in %s%s", free_mb / 1024.0,
		 path, writable ? "" : ", not writable");
	snprintf(cure, sizeof(cure), "free some space, or name another with %s",
		 strcmp(what, "cache") ? "-o DIR" : "--cache DIR");
	say(d, what, writable && free_mb >= DISK_MB_MIN ? FINE : BAD, found,
	    cure);
}

/* Not there on other systems: data can still come from a folder. Only its place
 * is looked at; it is never started here. */
static void check_apt(struct doctor *d)
{
	bool here = !access("/usr/bin/apt-get", X_OK);

	say(d, "apt-get", here ? FINE : NOTE,
	    here ? "/usr/bin/apt-get" : "not found",
	    "fetch --mirror DIR takes .deb files from a folder");
}

/* Missing data is no fault of the machine, a broken catalogue is. Presence
 * alone is asked, not digests, so that this verb answers at once; fetch
 * --verify reads all of it. */
static void check_data(struct doctor *d)
{
	struct text missing = { .arena = d->cli->arena };
	struct catalog catalog;
	struct error err;
	char found[96];
	size_t here = 0;

	if (catalog_read(&catalog, d->cli->arena, d->cli->catalog, &err)) {
		say(d, "data", BAD, err.text, "mend the catalogue");
		return;
	}
	for (size_t i = 0; i < catalog.n; i++) {
		const struct entry *e = &catalog.entries[i];

		if (fetch_present(&d->cli->fetch, e))
			here++;
		else
			text_printf(&missing, "%s%s", missing.size ? ", " : "",
				    e->name);
	}
	snprintf(found, sizeof(found), "%zu of %zu data sets here", here,
		 catalog.n);
	if (missing.size)
		text_add(&missing, ": triarch fetch --all");
	say(d, "data", missing.size ? NOTE : FINE, found,
	    missing.data ? missing.data : "");
}

/* Files that are no row harm nobody, but somebody lost a result: BAD, as only a
 * person can say whether a copy exists. */
static void check_results(struct doctor *d)
{
	int64_t broken_files = 0;
	struct store *s;
	struct error err;
	size_t broken = 0;
	char found[96];

	if (store_open_readonly(&s, d->cli->results, &err))
		return; /* nothing stored yet: nothing to be wrong */
	if (!store_sync(s, NULL, NULL, &broken, &err))
		broken_files = (int64_t)broken;
	store_close(s);
	snprintf(found, sizeof(found), "%lld files that are no row",
		 (long long)broken_files);
	say(d, "stored rows", broken_files ? BAD : FINE, found,
	    "triarch board names them: delete them, or bring a copy back");
}

/* For bug reports: what is linked, as the libraries themselves say. */
static void list_versions(struct doctor *d)
{
	json_t *all = machine_versions_json(&d->machine), *value;
	const char *name;

	json_object_foreach (all, name, value)
		if (json_is_string(value))
			say(d, name, FINE, json_string_value(value), "");
	json_decref(all);
}

/* ---------------------------------------------------------------- verb */

/* In the order in which one would mend things. */
static int examine(struct doctor *d, enum textable_format f, struct error *err)
{
	machine_read(&d->machine);
	textable_init(&d->table, d->cli->arena, columns, COLUMNS);
	check_cpu(d);
	check_threads(d);
	check_memory(d);
	check_load(d);
	check_blas(d);
	check_environment(d);
	check_folder(d, "cache", d->cli->fetch.cache);
	check_folder(d, "results", d->cli->results);
	check_apt(d);
	check_data(d);
	check_results(d);
	list_versions(d);
	return print_table(d->cli, &d->table, f, err);
}

/* The formats of all tables, so that a script can look for "mend" by column. */
int cli_doctor(struct cli *c, int argc, char **argv)
{
	const char *format_name = "table";
	const struct opt table[] = {
		{ OPT_STRING, 0, "format", "table|md|csv|json", &format_name,
		  "how to print (table)", 0, 0 },
		{ .name = NULL },
	};
	struct doctor d = { .cli = c };
	enum textable_format f;
	struct error err = { 0 };
	int rc = opt_parse(table, "triarch doctor",
			   "Is this machine fit to measure on? Exit code 1 when "
			   "something must be mended.", c->arena, argc, argv,
			   &err);

	if (rc > 0)
		return EXIT_FINE;
	if (rc || textable_format_from_name(format_name, &f, &err) ||
	    examine(&d, f, &err))
		return cli_fail(c, &err);
	return d.bad ? EXIT_FAILED_CELLS : EXIT_FINE;
}
