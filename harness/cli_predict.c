/* triarch predict MODEL DATA.csv: a saved model on new rows. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/par.h"
#include "harness/cli.h"
#include "harness/keep.h"
#include "harness/opt.h"

struct options {
	const char *model, *data, *out, *shap;
	int64_t threads;
};

/* main.c takes -o for all verbs; this one writes no results but a file. */
static int parse(struct cli *c, struct options *o, int argc, char **argv,
		 struct error *err)
{
	struct opt_list args = { 0 };
	const struct opt table[] = {
		{ OPT_ARGS, 0, "args", NULL, &args, "", 0, 0 },
		{ OPT_STRING, 0, "shap", "FILE", &o->shap,
		  "write each column's share in each raw score (SHAP values) as CSV",
		  0, 0 },
		{ OPT_INT, 0, "threads", "N", &o->threads, "threads (all processors)",
		  1, 1024 },
		{ .name = NULL },
	};
	int rc = opt_parse(table, "triarch predict MODEL DATA.csv [-o FILE] "
			   "[--shap FILE]",
			   "Predict the rows of a CSV file with a model that 'triarch try "
			   "LEARNER ... --save\nMODEL' wrote. Columns are found by name, "
			   "in any order; others are passed over. A\nlevel that training "
			   "had not is missing. Prints row (from 0), prediction, and for\n"
			   "classes the probability of each; -o FILE writes them there.",
			   c->arena, argc, argv, err);

	if (rc)
		return rc;
	if (args.n != 2)
		return error_set(err, ERR_USAGE, "predict needs a model and a CSV file");
	o->model = args.items[0];
	o->data = args.items[1];
	o->out = c->results_given ? c->results : NULL;
	return 0;
}

/* ---------------------------------------------------------------- words */

static const char *class_name(const struct cli *c, const struct model_file *m, size_t k)
{
	return m->frame.class_names ? m->frame.class_names[k] :
				      arena_printf(c->arena, "%zu", k);
}

/* A probability's column is the class's name behind "p_". */
static void add_header(const struct cli *c, const struct model_file *m, struct text *t)
{
	text_add(t, "row,prediction");
	for (size_t k = 0; k < m->frame.data.classes; k++) {
		const char *name = class_name(c, m, k);

		text_add(t, ",");
		keep_csv_field(t, arena_printf(c->arena, "p_%s", name));
	}
	text_add(t, "\n");
}

/* Of equal ones the first. */
static size_t best_class(const float *p, size_t n)
{
	size_t best = 0;

	for (size_t k = 1; k < n; k++)
		best = p[k] > p[best] ? k : best;
	return best;
}

/* A target that was fitted by its logarithm comes back in its own unit. Nine digits
 * bring every float back exactly. */
static void add_row(const struct cli *c, const struct model_file *m, const float *score,
		    struct text *t)
{
	size_t n = m->frame.data.classes;

	if (!n) {
		text_printf(t, "%.9g\n", m->frame.log_target ? exp((double)*score) :
							      (double)*score);
		return;
	}
	keep_csv_field(t, class_name(c, m, best_class(score, n)));
	for (size_t k = 0; k < n; k++)
		text_printf(t, ",%.9g", (double)score[k]);
	text_add(t, "\n");
}

/* ---------------------------------------------------------------- work */

static int write_out(const struct options *o, const struct text *t, struct error *err)
{
	if (t->failed)
		return arena_error(t->arena, err);
	if (o->out)
		return file_replace(o->out, t->data, t->size, err);
	fwrite(t->data, 1, t->size, stdout);
	return 0;
}

static int predict(struct cli *c, const struct options *o, const struct model_file *m,
		   const struct part *rows, struct error *err)
{
	struct run run = { .arena = c->arena, .threads = (int)o->threads };
	size_t outputs = learner_outputs(&m->frame.data);
	float *scores = ARENA_RAW(c->arena, float, rows->rows * outputs);
	struct text t = { .arena = c->arena };

	if (!scores)
		return arena_error(c->arena, err);
	if (m->learner->predict(m->model, &m->frame.data, rows, &run, scores, err) ||
	    (o->shap && keep_contributions(o->shap, m, rows, &run, err)))
		return (int)err->code;
	add_header(c, m, &t);
	for (size_t i = 0; i < rows->rows; i++) {
		text_printf(&t, "%zu,", i);
		add_row(c, m, scores + i * outputs, &t);
	}
	return write_out(o, &t, err);
}

int cli_predict(struct cli *c, int argc, char **argv)
{
	struct options o = { .threads = par_cpus() };
	struct error err = { 0 };
	struct model_file m;
	struct part rows;
	int rc = parse(c, &o, argc, argv, &err);

	if (rc > 0)
		return EXIT_FINE;
	if (rc || model_file_read(&m, o.model, c->arena, &err) ||
	    keep_check(m.learner, false, o.shap, &err))
		return cli_fail(c, &err);
	if (*m.frame.obstacle)
		rc = error_set(&err, ERR_UNSUPPORTED, "%s: %s", o.model, m.frame.obstacle);
	if (rc || frame_read_csv(&m.frame, o.data, (int)o.threads, c->arena, &rows, &err) ||
	    predict(c, &o, &m, &rows, &err))
		return cli_fail(c, &err);
	return EXIT_FINE;
}
