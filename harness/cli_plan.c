/* triarch plan: the cells of a suite, what is done, and what the rest costs.
 *
 * The same cells in the same order as `run` takes them, and the same question
 * to the store, so that a plan which says "0 to do" means that a run would end
 * at once. Reads only; no data need be here. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/machine.h"
#include "harness/progress.h"
#include "harness/resume.h"
#include "harness/selection.h"

/* Unlike `board` no md or csv: a plan is for looking, and its JSON for
 * programs. */
struct options {
	struct selection which;
	const char *format;
};

/* As `run` has them, so that one can be tried as the other. Formats are checked
 * before anything is read. */
static int parse(struct cli *c, struct options *o, int argc, char **argv,
		 struct error *err)
{
	const struct opt table[] = {
		SELECTION_OPTIONS(&o->which),
		{ OPT_STRING, 0, "format", "table|json", &o->format,
		  "how to print (table)", 0, 0 },
		{ .name = NULL },
	};
	int rc = opt_parse(table, "triarch plan -s SUITE [options]",
			   "The cells of a suite in the order in which they run, "
			   "and which of them have a row.", c->arena, argc, argv,
			   err);

	if (!rc)
		rc = selection_check(&o->which, "plan", err);
	if (!rc && strcmp(o->format, "table") && strcmp(o->format, "json"))
		return error_set(err, ERR_USAGE,
				 "--format is table or json, not '%s'",
				 o->format);
	return rc;
}

/* A broken file counts as no row here too, as the run would see it. */
static void warn_line(void *ctx, const char *line)
{
	log_warn(ctx, "%s", line);
}

/* What the store knows, (p->n) in the order of the cells; nothing, where there
 * is no store yet, which is no error of a plan. */
static int find_rows(struct cli *c, const struct plan *p, struct resume **rows,
		     struct error *err)
{
	struct machine m;
	struct store *s;
	size_t broken;
	int rc = store_open_readonly(&s, c->results, err);

	machine_read(&m);
	if (rc == ERR_MISSING) {
		error_clear(err);
		*rows = ARENA_NEW(c->arena, struct resume, p->n);
		for (size_t i = 0; *rows && i < p->n; i++)
			(*rows)[i].seconds = NAN;
		return *rows ? 0 : arena_error(c->arena, err);
	}
	if (rc)
		return rc;
	rc = store_sync(s, warn_line, &c->log, &broken, err);
	if (!rc)
		rc = resume_find(rows, c->arena, s, p, m.fingerprint, err);
	store_close(s);
	return rc;
}

/* One word that people and scripts look for. */
static const char *state_of(const struct resume *r)
{
	return r->done ? status_name(r->status) : "to do";
}

/* Seconds that the cell will take: what it took when it ran, here or elsewhere;
 * else the mean of the pair's other repeats, which have as many rows. NAN when
 * the pair never ran. */
static double expect(const struct plan *p, const struct resume *rows, size_t i)
{
	const struct cell *c = &p->cells[i];
	double sum = 0.0;
	size_t n = 0;

	if (!isnan(rows[i].seconds))
		return rows[i].seconds;
	for (size_t k = 0; k < p->n; k++) {
		if (p->cells[k].spec != c->spec || isnan(rows[k].seconds))
			continue;
		sum += rows[k].seconds;
		n++;
	}
	return n ? sum / (double)n : NAN;
}

/* State last, for it is what people look for with grep, and the columns before
 * it have widths that long names may burst. */
static void print_cell(const struct cell *c, const struct resume *row)
{
	char n[24] = "all", mib[24] = "", gflop[24] = "";
	struct forecast f;

	if (c->n)
		snprintf(n, sizeof(n), "%zu", c->n);
	if (cell_forecast(c, &f)) {
		snprintf(mib, sizeof(mib), "%.1f", f.bytes / 1048576.0);
		snprintf(gflop, sizeof(gflop), "%.3g", f.flops / 1e9);
	}
	printf("%-16s %-32s %-7s %9s %3u %8s %8s  %s\n", cell_task(c),
	       c->spec->text, view_name(c->view), n, c->repeat, mib, gflop,
	       state_of(row));
}

/* MiB and Gflop are what the learner itself forecasts of its fit; blank without
 * a forecast. The sum of seconds is of one cell after the other, as `run` does
 * it without -j. */
static void print_table(const struct plan *p, const struct resume *rows)
{
	double seconds = 0.0;
	size_t todo = 0, unknown = 0;
	char text[32];

	printf("%-16s %-32s %-7s %9s %3s %8s %8s  %s\n", "task", "learner",
	       "view", "n", "rep", "MiB", "Gflop", "state");
	for (size_t i = 0; i < p->n; i++) {
		print_cell(&p->cells[i], &rows[i]);
		if (rows[i].done)
			continue;
		todo++;
		if (isnan(expect(p, rows, i)))
			unknown++;
		else
			seconds += expect(p, rows, i);
	}
	printf("%zu cells, %zu to do: %s expected%s\n", p->n, todo,
	       progress_duration(seconds, text, sizeof(text)),
	       unknown ? ", not counting those that never ran here" : "");
}

/* A new reference, NULL when out of memory. Numbers stay whole and in bytes:
 * rounding is for people. */
static json_t *cell_row(const struct cell *c, const struct resume *r)
{
	struct forecast f = { NAN, NAN };

	cell_forecast(c, &f);
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:i, s:I, s:s, s:b, s:s, "
			 "s:o, s:o}",
			 "task", cell_task(c),
			 "modality", modality_name(c->entry->modality),
			 "learner", c->spec->learner->name,
			 "view", view_name(c->view),
			 "n", (json_int_t)c->n, "repeat", (int)c->repeat,
			 "seed", (json_int_t)c->seed, "key", c->key,
			 "done", (int)r->done, "state", state_of(r),
			 "forecast_bytes", json_number(f.bytes),
			 "forecast_flops", json_number(f.flops));
}

/* For programs: the key and the seed, too, and null where nothing is known. */
static int print_json(const struct plan *p, const struct resume *rows,
		      struct error *err)
{
	json_t *all = json_array();
	bool bad = !all;

	for (size_t i = 0; i < p->n && !bad; i++)
		bad = json_array_append_new(all, cell_row(&p->cells[i],
							  &rows[i])) != 0;
	if (!bad) {
		json_dumpf(all, stdout, JSON_INDENT(1));
		putchar('\n');
	}
	json_decref(all);
	return bad ? error_set(err, ERR_MEMORY, "out of memory") : 0;
}

/* Reads only: a plan may be asked for while a run is at work. */
static int print_plan(struct cli *c, const struct options *o, struct error *err)
{
	struct resume *rows;
	struct plan plan;

	if (selection_plan(&o->which, c, &plan, err) ||
	    find_rows(c, &plan, &rows, err))
		return (int)err->code;
	if (!strcmp(o->format, "json"))
		return print_json(&plan, rows, err);
	print_table(&plan, rows);
	return 0;
}

/* A plan with nothing to do is fine, too: 0. */
int cli_plan(struct cli *c, int argc, char **argv)
{
	struct options o = { .format = "table" };
	struct error err = { 0 };
	int rc = parse(c, &o, argc, argv, &err);

	if (rc > 0)
		return EXIT_FINE;
	if (rc || print_plan(c, &o, &err))
		return cli_fail(c, &err);
	return EXIT_FINE;
}
