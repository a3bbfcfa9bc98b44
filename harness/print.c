/* What the verbs that only look share: a table on stdout, and a store opened for
 * reading with its index brought up to date.
 */
#include "harness/print.h"

#include <stdio.h>

#include "harness/base/json.h"
#include "learners/learner.h"

/* Made as a whole before the first byte goes out: out of memory leaves stdout
 * empty, not half a table. */
int print_table(const struct cli *c, const struct textable *t,
		enum textable_format f, struct error *err)
{
	struct text out = { .arena = c->arena };
	int rc = textable_format(t, f, c->color, &out, err);

	if (!rc)
		fputs(out.data, stdout);
	return rc;
}

int print_importance(const struct cli *c, const json_t *list, enum textable_format f,
		     struct error *err)
{
	static const struct textable_column columns[] = {
		{ "column", "column", false }, { "gain", "gain", true },
		{ "share", "share of gain", true }, { "splits", "cuts", true },
	};
	struct textable t;
	double total = 0;
	size_t k;
	json_t *one;

	json_array_foreach ((json_t *)(size_t)list, k, one)
		total += json_get_real(one, "gain", 0);
	textable_init(&t, c->arena, columns, 4);
	json_array_foreach ((json_t *)(size_t)list, k, one) {
		double gain = json_get_real(one, "gain", 0);

		textable_add_row(&t);
		textable_set(&t, 0, "%s", json_get_string(one, "column", ""));
		textable_set(&t, 1, "%.6g", gain);
		textable_set(&t, 2, "%.4f", total > 0 ? gain / total : 0);
		textable_set(&t, 3, "%.0f", json_get_real(one, "splits", 0));
	}
	return print_table(c, &t, f, err);
}

/* A broken file is told every time until it is gone: somebody lost a result. */
static void warn_broken(void *ctx, const char *line)
{
	log_warn(ctx, "left out: %s", line);
}

/* A copy of the log, since store_sync's context is not const. */
int print_open_store(const struct cli *c, struct store **s, struct error *err)
{
	struct log log = c->log;
	int rc = store_open_readonly(s, c->results, err);

	if (rc)
		return rc;
	rc = store_sync(*s, warn_broken, &log, NULL, err);
	if (!rc)
		return 0;
	store_close(*s);
	*s = NULL;
	return rc;
}

/* Bits in the order of enum task. */
const char *print_tasks(struct arena *a, unsigned tasks)
{
	struct text t = { .arena = a };

	for (enum task k = TASK_CLASSIFICATION; k <= TASK_REGRESSION; k++)
		if (tasks & 1u << k)
			text_printf(&t, "%s%s", t.size ? ", " : "",
				    task_name(k));
	return t.failed ? NULL : t.data ? t.data : "";
}

/* Bits in the order of enum modality. */
const char *print_modalities(struct arena *a, unsigned modalities)
{
	struct text t = { .arena = a };
	unsigned all = (1u << (MODALITY_TEXT + 1)) - 1;

	if ((modalities & all) == all)
		return "any";
	for (enum modality m = MODALITY_TABULAR; m <= MODALITY_TEXT; m++)
		if (modalities & 1u << m)
			text_printf(&t, "%s%s", t.size ? ", " : "", modality_name(m));
	return t.failed ? NULL : t.data ? t.data : "";
}

/* Zero ends the list before its last place when it is not full. */
const char *print_views(struct arena *a, const enum view *views, size_t n)
{
	struct text t = { .arena = a };

	for (size_t i = 0; i < n && views[i]; i++)
		text_printf(&t, "%s%s", t.size ? " " : "", view_name(views[i]));
	return t.failed ? NULL : t.data ? t.data : "";
}
