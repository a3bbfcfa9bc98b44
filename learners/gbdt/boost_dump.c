#include "learners/gbdt/boost_dump.h"

#include "learners/gbdt/tree_dump.h"

static void add_base(const struct boost *b, struct text *out)
{
	for (size_t c = 0; c < b->outputs; c++)
		text_printf(out, c ? ",%.17g" : "%.17g", b->base[c]);
}

/* One tree a line: what is found with grep can be read with eyes. */
static void add_stats(const struct boost *b, const struct tree_dump *with,
		      struct text *out)
{
	if (!b->stats.columns)
		return;
	text_add(out, ",\n\"target_statistics\":[");
	for (size_t c = 0; c < b->stats.columns; c++) {
		text_add(out, c ? ",\n" : "\n");
		tree_dump_stats(with, c, out);
	}
	text_add(out, "]");
}

static bool dump_json(const struct boost *b, const struct tree_dump *with,
		      struct text *out)
{
	bool fits = true;

	text_printf(out, "{\"objective\":\"%s\",\"outputs\":%zu,\"rounds\":%zu,"
		    "\"base_score\":[", b->objective->name, b->outputs, b->rounds);
	add_base(b, out);
	text_add(out, "]");
	add_stats(b, with, out);
	text_add(out, ",\"trees\":[");
	for (size_t k = 0; k < b->rounds * b->outputs && fits; k++) {
		text_printf(out, "%s\n{\"round\":%zu,\"output\":%zu,\"tree\":",
			    k ? "," : "", k / b->outputs, k % b->outputs);
		fits = tree_dump_json(&b->tree[k / b->outputs][k % b->outputs],
				      with, out);
		text_add(out, "}");
	}
	text_add(out, "\n]}");
	return fits;
}

static void dump_text(const struct boost *b, const struct tree_dump *with,
		      struct text *out)
{
	text_printf(out, "objective=%s outputs=%zu rounds=%zu base_score=",
		    b->objective->name, b->outputs, b->rounds);
	add_base(b, out);
	for (size_t k = 0; k < b->rounds * b->outputs; k++) {
		text_printf(out, "\nbooster[%zu] round=%zu output=%zu\n", k,
			    k / b->outputs, k % b->outputs);
		tree_dump_text(&b->tree[k / b->outputs][k % b->outputs], with, out);
	}
}

int boost_dump(const struct boost *b, const struct dataset *data, enum dump_format format,
	       struct text *out, struct error *err)
{
	const struct tree_dump with = { .column = b->bins.column, .data = data,
					.stats = &b->stats };

	if (format == DUMP_TEXT)
		dump_text(b, &with, out);
	else if (!dump_json(b, &with, out))
		return error_set(err, ERR_UNSUPPORTED, "a tree is more than %d nodes deep, "
				 "too deep for nested JSON; --format text has no limit",
				 TREE_DUMP_DEPTH);
	return out->failed ? arena_error(out->arena, err) : 0;
}
