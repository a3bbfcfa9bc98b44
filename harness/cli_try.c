/* triarch try: fit one learner once, on a task of the catalogue or on files of
 * the user's, and print what came of it.
 *
 * The cell runs as one of a suite would, in a process of its own under the same
 * runner; only its row goes to stdout and not into a store. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/par.h"
#include "harness/cli.h"
#include "harness/describe.h"
#include "harness/keep.h"
#include "harness/machine.h"
#include "harness/opt.h"
#include "harness/own_report.h"
#include "harness/print.h"
#include "harness/runner.h"

struct options {
	const char *learner, *data, *train, *test, *target, *task, *format;
	const char *predictions, *save, *dump, *shap;
	bool importance;
	int64_t threads, seed, trials;
	double budget, limit, memory;
};

struct work {
	struct cli *cli;
	struct options o;
	struct catalog catalog;
	struct spec spec;
	struct protocol protocol;
	struct load_files files;
	struct cell cell;
	const char *model; /* where the child writes it; NULL: nowhere */
	bool is_temporary; /* it goes at the end */
	json_t *row;	   /* NULL: none came */
	struct error why;  /* of a cell that could not be run */
};

/* ---------------------------------------------------------------- options */

/* No limit and all processors, unlike a suite: one person waits for one fit. */
static int parse(struct cli *c, struct options *o, int argc, char **argv,
		 struct error *err)
{
	const struct opt table[] = {
		{ OPT_ARG, 0, "learner", NULL, &o->learner, "", 0, 0 },
		{ OPT_STRING, 'd', "data", "NAME[n=ROWS]", &o->data,
		  "a data set or a path; its first ROWS training rows", 0, 0 },
		{ OPT_STRING, 0, "train", "FILE", &o->train,
		  "or training rows as CSV with a header", 0, 0 },
		{ OPT_STRING, 0, "test", "FILE", &o->test, "test rows", 0, 0 },
		{ OPT_STRING, 0, "target", "COLUMN", &o->target,
		  "the column to predict", 0, 0 },
		{ OPT_STRING, 0, "task", "KIND", &o->task,
		  "classification or regression (guessed)", 0, 0 },
		{ OPT_INT, 0, "threads", "N", &o->threads,
		  "threads (all processors)", 1, 1024 },
		{ OPT_INT, 0, "seed", "S", &o->seed, "seed (0)", 0, 9e15 },
		{ OPT_INT, 0, "trials", "N", &o->trials,
		  "configurations to search, by validation (1)", 1, 1e5 },
		{ OPT_REAL, 0, "budget", "SECONDS", &o->budget,
		  "stop a fit after so long and keep what it has", 0, 1e7 },
		{ OPT_REAL, 0, "limit", "SECONDS", &o->limit,
		  "kill the process after so long", 0, 1e7 },
		{ OPT_REAL, 0, "memory", "MB", &o->memory,
		  "kill it above so many MiB", 0, 1e9 },
		{ OPT_STRING, 0, "predictions", "FILE", &o->predictions,
		  "write the test predictions as CSV", 0, 0 },
		{ OPT_STRING, 0, "save", "FILE", &o->save,
		  "write the model, for 'triarch predict' and 'triarch dump'", 0, 0 },
		{ OPT_STRING, 0, "dump", "FILE", &o->dump,
		  "write the model as JSON: trees with names of columns", 0, 0 },
		{ OPT_FLAG, 0, "importance", NULL, &o->importance,
		  "print the columns by what their cuts gained, too", 0, 0 },
		{ OPT_STRING, 0, "shap", "FILE", &o->shap,
		  "write each column's share in each test row's raw score as CSV", 0, 0 },
		{ OPT_STRING, 0, "format", "table|json", &o->format,
		  "how to print (table)", 0, 0 },
		{ .name = NULL },
	};

	return opt_parse(table, "triarch try 'LEARNER[k=v,...]' (-d NAME[n=ROWS] "
			 "| --train A.csv --test B.csv --target COLUMN)",
			 "Fit one learner once, in a process of its own.",
			 c->arena, argc, argv, err);
}

/* Combinations that the table of options cannot express, in the order in which
 * one would mend them. */
static int check(const struct options *o, struct error *err)
{
	bool files = o->train || o->test || (o->target && !o->data);

	if (!o->learner)
		return error_set(err, ERR_USAGE, "try needs a learner ("
				 "'triarch list learners' names them)");
	if ((o->data != NULL) == files)
		return error_set(err, ERR_USAGE, "try needs either -d NAME, or -d PATH "
				 "with or without --target, or --train, --test and "
				 "--target");
	if (files && !(o->train && o->test && o->target))
		return error_set(err, ERR_USAGE,
				 "--train, --test and --target go together");
	if (strcmp(o->format, "table") && strcmp(o->format, "json"))
		return error_set(err, ERR_USAGE,
				 "--format is table or json, not '%s'",
				 o->format);
	if (o->task && strcmp(o->task, "classification") &&
	    strcmp(o->task, "regression"))
		return error_set(err, ERR_USAGE, "--task is classification or "
				 "regression, not '%s'", o->task);
	return 0;
}

/* ---------------------------------------------------------------- the cell */

/* --target and --task say of a path what its brackets may say, too. */
static const char *with_options(struct work *w)
{
	const struct options *o = &w->o;
	const char *data = o->data, *comma = "[";
	struct text t = { .arena = w->cli->arena };
	size_t n = strlen(data);

	if (!o->target && !o->task)
		return data;
	if (n && data[n - 1] == ']' && strchr(data, '[')) {
		comma = ",";
		n--;
	}
	text_add_bytes(&t, data, n);
	if (o->target)
		text_printf(&t, "%starget=%s", comma, o->target);
	if (o->task)
		text_printf(&t, "%stask=%s", o->target ? "," : comma, o->task);
	text_add(&t, "]");
	return t.failed ? NULL : t.data;
}

/* Of the catalogue's data sets target and task are settled. */
static int parse_data(struct work *w, struct taskspec *what, struct error *err)
{
	const char *data = with_options(w);

	if (!data)
		return arena_error(w->cli->arena, err);
	if (catalog_read(&w->catalog, w->cli->arena, w->cli->catalog, err))
		return (int)err->code;
	if (taskspec_parse(what, w->cli->arena, &w->catalog, data, err)) {
		if (data != w->o.data && !what->own && err->code == ERR_CONFIG)
			error_wrap(err, "--target and --task are for paths");
		return (int)err->code;
	}
	return own_report_tell(w->cli, what, err);
}

/* [n=N] means the first N training rows here, so that the answer can be
 * repeated by hand; a suite draws them. Missing data is fetched at once, as
 * there is one data set and somebody who waits. */
static int ask_catalog(struct work *w, struct error *err)
{
	struct cli *c = w->cli;
	struct taskspec what;

	if (parse_data(w, &what, err))
		return (int)err->code;
	w->cell.entry = what.entry;
	w->cell.label = what.label;
	w->cell.source = what.source;
	w->cell.chain = what.chain;
	w->cell.transform = what.transform;
	w->cell.n = what.n;
	w->cell.first = what.n != 0;
	if (fetch_present(&c->fetch, w->cell.entry))
		return 0;
	return fetch_entry(&c->fetch, w->cell.entry, err);
}

/* A user's rows are all fitted, unless something was asked for that cannot do
 * without validation: early stopping by name, or a search. */
static void ask_files(struct work *w)
{
	const struct options *o = &w->o;
	bool stops = w->spec.learner->uses_valid &&
		     spec_gives(&w->spec, "patience");

	w->files = (struct load_files){
		.train = o->train, .test = o->test, .target = o->target,
		.guess_task = !o->task,
		.task = o->task && !strcmp(o->task, "regression") ?
			TASK_REGRESSION : TASK_CLASSIFICATION,
		.valid_share = stops || o->trials > 1 ? 0.1 : 0.0,
	};
	w->cell.files = &w->files;
}

/* Of files whose kind is guessed, only the child learns what they are. */
static int choose_view(struct work *w, struct error *err)
{
	const struct entry *e = w->cell.entry;
	const struct learner *l = w->spec.learner;
	enum modality m = e ? e->modality : MODALITY_TABULAR;
	unsigned views = load_views(m);

	if (w->spec.view)
		views &= w->spec.view;
	if (e && !(l->tasks & (1u << e->task)))
		return error_set(err, ERR_UNSUPPORTED, "'%s' does not do %s",
				 l->name, task_name(e->task));
	if (!learner_view(l, views, &w->cell.view))
		return error_set(err, ERR_UNSUPPORTED,
				 "'%s' has no view of %s data", l->name,
				 modality_name(m));
	return 0;
}

/* One cell without a key: nothing is stored. */
static int make_cell(struct work *w, struct error *err)
{
	const struct options *o = &w->o;

	w->protocol = (struct protocol){
		.repeats = 1, .seed = o->seed, .threads = o->threads,
		.trials = o->trials, .limit_s = o->limit,
		.memory_mb = o->memory, .budget_s = o->budget,
	};
	w->cell = (struct cell){ .spec = &w->spec, .protocol = &w->protocol,
				 .seed = (uint64_t)o->seed };
	if (spec_parse(&w->spec, w->cli->arena, o->learner, err))
		return (int)err->code;
	if (!o->data)
		ask_files(w);
	else if (ask_catalog(w, err))
		return (int)err->code;
	return choose_view(w, err);
}

/* ---------------------------------------------------------------- answer */

/* As JSON, because the record ends with the call. */
static void keep_row(void *ctx, const struct job *job, const struct record *r)
{
	struct work *w = ctx;

	(void)job;
	w->row = record_to_json(r);
}

/* Kept for the exit code. */
static void keep_error(void *ctx, const struct job *job,
		       const struct error *why)
{
	struct work *w = ctx;

	(void)job;
	w->why = *why;
}

/* Objects (the metrics) line by line; strings and numbers as they are. */
static void print_value(const char *name, const json_t *v)
{
	if (json_is_object(v)) {
		const char *key;
		json_t *item;

		json_object_foreach ((json_t *)(size_t)v, key, item)
			if (json_is_number(item))
				printf("%-18s %.6g\n", key,
				       json_number_value(item));
	} else if (json_is_string(v)) {
		printf("%-18s %s\n", name, json_string_value(v));
	} else if (json_is_number(v)) {
		printf("%-18s %.6g\n", name, json_number_value(v));
	}
}

/* The fields in the order in which they are asked for: what, how it went, how
 * good, how fast. What a row has beside them is in the JSON. */
static void print_row(const json_t *row)
{
	static const char *const names[] = {
		"task", "learner", "view", "status", "message", "n_train",
		"n_valid", "n_test", "cols", "threads", "seed", "metrics",
		"prepare_s", "fit_s", "fit_cpu_s", "predict_s", "peak_rss_mb",
		"steps", "pred_sha256",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		print_value(names[i], json_object_get(row, names[i]));
}

/* The same runner as for a suite, so that limits and failures mean the same.
 * One attempt: the user sees what is wrong and tries again. */
static int run(struct work *w, struct error *err)
{
	struct machine machine;
	struct job job = { .cell = &w->cell };
	const struct runner runner = {
		.log = &w->cli->log, .machine = &machine,
		.place = { .catalog = w->cli->catalog,
			   .cache = w->cli->fetch.cache,
			   .predictions = w->o.predictions,
			   .save = w->model, .contributions = w->o.shap },
		.jobs = 1, .attempts = 1,
		.row = keep_row, .broken = keep_error, .ctx = w,
	};

	machine_read(&machine);
	if (runner_run(&runner, &job, 1, err))
		return (int)err->code;
	if (!w->row && !w->why.code)
		return error_set(err, ERR_MEMORY, "out of memory for the row");
	if (!w->row)
		*err = w->why;
	return (int)err->code;
}

/* ---------------------------------------------------------------- the model */

/* What is read out of the model needs it as a file, also where nobody wants to keep
 * that. Whether the learner can is asked before it is fitted for nothing. */
static int place_model(struct work *w, struct error *err)
{
	const struct options *o = &w->o;
	const char *folder = getenv("TMPDIR");
	char *path;
	int handle;

	w->model = o->save;
	if (keep_check(w->spec.learner, o->save || o->dump || o->importance, o->shap, err))
		return (int)err->code;
	if (o->save || (!o->dump && !o->importance))
		return 0;
	path = arena_printf(w->cli->arena, "%s/triarch-model-XXXXXX",
			    folder && *folder ? folder : "/tmp");
	if (!path)
		return arena_error(w->cli->arena, err);
	handle = mkstemp(path);
	if (handle < 0)
		return error_set(err, ERR_IO, "cannot write '%s': %s", path, strerror(errno));
	close(handle);
	w->model = path;
	w->is_temporary = true;
	return 0;
}

/* In the row where that is JSON, as a table behind it otherwise. */
static int show_importance(struct work *w, const struct model_file *m, struct error *err)
{
	json_t *list = keep_importance(m, w->cli->arena, err);
	int rc = 0;

	if (!list)
		return (int)err->code;
	if (!strcmp(w->o.format, "json"))
		return json_object_set_new(w->row, "importance", list) ?
			error_set(err, ERR_MEMORY, "out of memory") : 0;
	print_row(w->row);
	putchar('\n');
	rc = print_importance(w->cli, list, TEXTABLE_TABLE, err);
	json_decref(list);
	return rc;
}

/* Of a fit that went well: the file is read again as anybody would. */
static int use_model(struct work *w, struct error *err)
{
	struct model_file m;
	struct text t = { .arena = w->cli->arena };

	if (!w->o.dump && !w->o.importance)
		return 0;
	if (model_file_read(&m, w->model, w->cli->arena, err))
		return (int)err->code;
	if (w->o.dump && (describe_model(&m, DUMP_JSON, w->cli->arena, &t, err) ||
			  file_replace(w->o.dump, t.data, t.size, err)))
		return (int)err->code;
	return w->o.importance ? show_importance(w, &m, err) : 0;
}

/* ---------------------------------------------------------------- the verb */

static int finish(struct work *w, struct error *err)
{
	bool fine = !strcmp(json_get_string(w->row, "status", ""), "ok");
	bool json = !strcmp(w->o.format, "json");

	if (fine && use_model(w, err))
		return cli_fail(w->cli, err);
	if (json) {
		json_dumpf(w->row, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
		putchar('\n');
	} else if (!fine || !w->o.importance) {
		print_row(w->row);
	}
	return fine ? EXIT_FINE : EXIT_FAILED_CELLS;
}

/* A row that is not ok is printed like any other, with its reason, and ends in
 * exit code 1. */
int cli_try(struct cli *c, int argc, char **argv)
{
	struct work w = { .cli = c, .o = { .format = "table", .trials = 1,
					   .threads = par_cpus() } };
	struct error err = { 0 };
	int rc = parse(c, &w.o, argc, argv, &err);

	if (rc > 0)
		return EXIT_FINE;
	if (rc || check(&w.o, &err) || make_cell(&w, &err) || place_model(&w, &err) ||
	    run(&w, &err))
		rc = cli_fail(c, &err);
	else
		rc = finish(&w, &err);
	if (w.is_temporary)
		unlink(w.model);
	json_decref(w.row);
	return rc;
}
