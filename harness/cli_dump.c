/* triarch dump MODEL: what is in a saved model. */
#include <stdio.h>
#include <string.h>

#include "harness/cli.h"
#include "harness/describe.h"
#include "harness/keep.h"
#include "harness/opt.h"
#include "harness/print.h"

struct options {
	const char *model, *format;
	bool importance;
};

static int parse(struct cli *c, struct options *o, int argc, char **argv,
		 struct error *err)
{
	const struct opt table[] = {
		{ OPT_ARG, 0, "model", NULL, &o->model, "", 0, 0 },
		{ OPT_FLAG, 0, "importance", NULL, &o->importance,
		  "only the columns, by what their cuts gained", 0, 0 },
		{ OPT_STRING, 0, "format", "json|text", &o->format,
		  "how to print (json); importance: table|md|csv|json (table)", 0, 0 },
		{ .name = NULL },
	};

	return opt_parse(table, "triarch dump MODEL [--format json|text] [--importance]",
			 "Print a model that 'triarch try LEARNER ... --save MODEL' wrote: "
			 "trees with the\nnames of columns and levels, thresholds, gains, "
			 "covers (rows) and leaf values. Raw\nscores are base_score plus "
			 "one leaf of each tree.",
			 c->arena, argc, argv, err);
}

static int dump(struct cli *c, const struct model_file *m, const char *format,
		struct error *err)
{
	struct text t = { .arena = c->arena };
	bool text = format && !strcmp(format, "text");

	if (format && !text && strcmp(format, "json"))
		return error_set(err, ERR_USAGE, "--format is json or text, not '%s'",
				 format);
	if (describe_model(m, text ? DUMP_TEXT : DUMP_JSON, c->arena, &t, err))
		return (int)err->code;
	fwrite(t.data, 1, t.size, stdout);
	return 0;
}

static int importance(struct cli *c, const struct model_file *m, const char *format,
		      struct error *err)
{
	enum textable_format f;
	json_t *list;
	int rc;

	if (textable_format_from_name(format ? format : "table", &f, err))
		return (int)err->code;
	list = keep_importance(m, c->arena, err);
	if (!list)
		return (int)err->code;
	rc = print_importance(c, list, f, err);
	json_decref(list);
	return rc;
}

int cli_dump(struct cli *c, int argc, char **argv)
{
	struct options o = { 0 };
	struct error err = { 0 };
	struct model_file m;
	int rc = parse(c, &o, argc, argv, &err);

	if (rc > 0)
		return EXIT_FINE;
	if (!rc && !o.model)
		rc = error_set(&err, ERR_USAGE, "dump needs a model ('triarch try LEARNER "
			       "... --save FILE' makes one)");
	if (rc || model_file_read(&m, o.model, c->arena, &err))
		return cli_fail(c, &err);
	rc = o.importance ? importance(c, &m, o.format, &err) :
			    dump(c, &m, o.format, &err);
	return rc ? cli_fail(c, &err) : EXIT_FINE;
}
