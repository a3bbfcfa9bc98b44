/* A cell as data: the question (task, view, size, learner, protocol, seed)
 * and the place (files and folders), to JSON and back, and the question's
 * half of a row. Only names and numbers travel to the child; it reads the
 * catalogue and the learner's schema itself, so that there is one source for
 * each. */
#include "harness/cell.h"

#include <string.h>
#include <time.h>

#include "harness/base/json.h"
#include "harness/taskspec.h"

/* ---------------------------------------------------------------- names */

/* Of a user's files the name without its folders: what identifies them on a
 * screen, and no path of anybody's home in a row that may be published. */
const char *cell_task(const struct cell *c)
{
	const char *slash;

	if (c->entry)
		return c->label ? c->label : c->entry->name;
	slash = strrchr(c->files->train, '/');
	return slash ? slash + 1 : c->files->train;
}

/* Files have no entry that could name a metric: the most usual one of the kind. */
const char *cell_metric(const struct cell *c, enum task task)
{
	if (c->entry)
		return c->entry->metric;
	return task == TASK_CLASSIFICATION ? "accuracy" : "r2";
}

/* ---------------------------------------------------------------- forecast */

/* As datasets/split.h shares the rows out, without an official test part, whose
 * size only the files know. */
static size_t fitted_rows(const struct cell *c)
{
	const struct split_rule *rule = &c->entry->split;

	if (c->n)
		return c->n;
	return (size_t)((double)c->entry->expect.rows * (1.0 - rule->test) /
			(1.0 + rule->valid));
}

/* The learner is shown a data set that consists of sizes alone, without one
 * array. Where the catalogue is silent about the columns it sees 0 and
 * forecasts what it can. */
bool cell_forecast(const struct cell *c, struct forecast *out)
{
	const struct learner *l = c->spec->learner;
	const struct expected *e = c->entry ? &c->entry->expect : NULL;
	struct dataset sizes = { .view = c->view };

	if (!l->forecast || !e || (e->rows == SIZE_MAX && !c->n))
		return false;
	sizes.task = c->entry->task;
	sizes.train.rows = fitted_rows(c);
	sizes.cols = e->columns == SIZE_MAX ? 0 : e->columns;
	sizes.classes = e->classes == SIZE_MAX ? 0 : e->classes;
	*out = l->forecast(c->spec->config, &sizes);
	return true;
}

/* ---------------------------------------------------------------- to JSON */

/* All of it, although the child needs little: the row shows its protocol. */
static json_t *protocol_json(const struct protocol *p)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:f}",
			 "repeats", (json_int_t)p->repeats,
			 "seed", (json_int_t)p->seed,
			 "threads", (json_int_t)p->threads,
			 "trials", (json_int_t)p->trials,
			 "tune_s", p->tune_s, "limit_s", p->limit_s,
			 "memory_mb", p->memory_mb, "budget_s", p->budget_s);
}

/* null for a task of the catalogue, which its name describes. The view and the
 * threads are left out: they are the cell's own. */
static json_t *files_json(const struct load_files *f)
{
	if (!f)
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:i, s:b, s:f}", "train", f->train,
			 "test", f->test, "target", f->target, "task",
			 (int)f->task, "guess_task", (int)f->guess_task,
			 "valid_share", f->valid_share);
}

/* Every parameter, not only those given, so that a row can be read without the
 * source that has the defaults. json_pack fails as a whole when one of its
 * parts is NULL, which is how running out of memory shows. */
static json_t *question_json(const struct cell *c)
{
	return json_pack("{s:s?, s:o, s:s, s:o, s:s, s:I, s:b, s:i, s:I, s:o, "
			 "s:s}",
			 "task", !c->entry ? NULL : c->source ? c->source : cell_task(c),
			 "files", files_json(c->files),
			 "learner", c->spec->learner->name,
			 "params", param_to_json(c->spec->learner->params,
						 c->spec->config),
			 "view", view_name(c->view),
			 "n", (json_int_t)c->n,
			 "first", (int)c->first,
			 "repeat", (int)c->repeat,
			 "seed", (json_int_t)c->seed,
			 "protocol", protocol_json(c->protocol),
			 "key", c->key);
}

/* Two halves, because only the first is part of the answer: the same cell in
 * another folder is the same question. */
json_t *cell_to_json(const struct cell *c, const struct cell_place *place)
{
	return json_pack("{s:o, s:{s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:I}}",
			 "cell", question_json(c), "place",
			 "catalog", place->catalog, "cache", place->cache,
			 "store", place->store,
			 "predictions", place->predictions,
			 "save", place->save,
			 "contributions", place->contributions,
			 "repetition", (json_int_t)place->repetition);
}

/* ---------------------------------------------------------------- from JSON */

/* The child reads what a parent of the same build wrote, so anything missing
 * is a bug; a person who feeds `triarch cell` by hand gets words, too. */
static int bad_field(struct error *err, const char *field)
{
	return error_set(err, ERR_USAGE, "the cell's '%s' is missing or wrong",
			 field);
}

/* A string into the arena; *out is NULL when absent or null. Running out of
 * memory is told apart from that: a cell whose store was lost would publish
 * nothing. */
static int copy_string(const char **out, struct arena *a, const json_t *o,
		       const char *key, struct error *err)
{
	const char *s = json_get_string(o, key, NULL);

	*out = s ? arena_strdup(a, s) : NULL;
	return s && !*out ? arena_error(a, err) : 0;
}

/* Ranges were checked where it was made; only what could hurt here is again:
 * threads and trials size loops and arrays. */
static int read_protocol(struct protocol *p, const json_t *o, struct error *err)
{
	if (!json_is_object(o))
		return bad_field(err, "protocol");
	protocol_defaults(p);
	p->repeats = json_get_int(o, "repeats", p->repeats);
	p->seed = json_get_int(o, "seed", p->seed);
	p->threads = json_get_int(o, "threads", p->threads);
	p->trials = json_get_int(o, "trials", p->trials);
	p->tune_s = json_get_real(o, "tune_s", 0.0);
	p->limit_s = json_get_real(o, "limit_s", 0.0);
	p->memory_mb = json_get_real(o, "memory_mb", 0.0);
	p->budget_s = json_get_real(o, "budget_s", 0.0);
	if (p->threads < 1 || p->threads > 1024 || p->trials < 1)
		return bad_field(err, "protocol");
	return 0;
}

/* The name alone is parsed, which gives the defaults, then all parameters are
 * replaced. The copy is there because a spec lends its configuration for
 * reading only. Parameters that this build lacks are an error: parent and child
 * are one program, so somebody edited the question. */
static int read_spec(struct cell *c, struct arena *a, const json_t *o,
		     struct error *err)
{
	struct spec *s = ARENA_NEW(a, struct spec, 1);
	const char *name = json_get_string(o, "learner", "");
	const json_t *params = json_object_get(o, "params");
	void *config;

	if (!s)
		return arena_error(a, err);
	if (!json_is_object(params))
		return bad_field(err, "params");
	if (spec_parse(s, a, name, err))
		return (int)err->code;
	config = arena_copy(a, s->config, s->learner->config_size);
	if (!config)
		return arena_error(a, err);
	if (param_from_json(s->learner->params, config, params, err))
		return error_wrap(err, "%s", name);
	s->config = config;
	c->spec = s;
	return 0;
}

/* The kind of task is guessed by whoever reads the file, hence a flag for
 * it. */
static int read_files(struct cell *c, struct arena *a, const json_t *o,
		      struct error *err)
{
	struct load_files *f = ARENA_NEW(a, struct load_files, 1);

	if (!f)
		return arena_error(a, err);
	if (copy_string(&f->train, a, o, "train", err) ||
	    copy_string(&f->test, a, o, "test", err) ||
	    copy_string(&f->target, a, o, "target", err))
		return (int)err->code;
	f->task = (enum task)json_get_int(o, "task", 0);
	f->guess_task = json_is_true(json_object_get(o, "guess_task"));
	f->valid_share = json_get_real(o, "valid_share", 0.0);
	f->view = c->view;
	f->threads = (int)c->protocol->threads;
	if (!f->train || !f->test || !f->target)
		return bad_field(err, "files");
	c->files = f;
	return 0;
}

/* By its label from the catalogue, which the child reads for itself: digests and
 * columns then come from one place, and not from whoever wrote the question. */
static int read_entry(struct cell *c, const struct cell_place *place,
		      struct catalog *catalog, struct arena *a, const json_t *o,
		      struct error *err)
{
	struct taskspec task;

	if (catalog_read(catalog, a, place->catalog, err) ||
	    taskspec_parse(&task, a, catalog, json_get_string(o, "task", ""), err))
		return (int)err->code;
	c->entry = task.entry;
	c->label = task.label;
	c->source = task.source;
	c->chain = task.chain;
	c->transform = task.transform;
	return 0;
}

/* A short key is fine (`triarch try` has none); a longer one would be cut. */
static int read_numbers(struct cell *c, struct arena *a, const json_t *o,
			struct error *err)
{
	struct protocol *p = ARENA_NEW(a, struct protocol, 1);
	const char *key = json_get_string(o, "key", "");

	if (!p)
		return arena_error(a, err);
	c->protocol = p;
	c->n = (size_t)json_get_int(o, "n", 0);
	c->first = json_is_true(json_object_get(o, "first"));
	c->repeat = (unsigned)json_get_int(o, "repeat", 0);
	c->seed = (uint64_t)json_get_int(o, "seed", 0);
	if (strlen(key) >= sizeof(c->key))
		return bad_field(err, "key");
	memcpy(c->key, key, strlen(key) + 1);
	if (!view_from_name(json_get_string(o, "view", ""), &c->view))
		return bad_field(err, "view");
	return read_protocol(p, json_object_get(o, "protocol"), err);
}

static int read_place(struct cell_place *place, struct arena *a,
		      const json_t *o, struct error *err)
{
	*place = (struct cell_place){
		.repetition = json_get_int(o, "repetition", 0),
	};
	if (copy_string(&place->catalog, a, o, "catalog", err) ||
	    copy_string(&place->cache, a, o, "cache", err) ||
	    copy_string(&place->store, a, o, "store", err) ||
	    copy_string(&place->predictions, a, o, "predictions", err) ||
	    copy_string(&place->save, a, o, "save", err) ||
	    copy_string(&place->contributions, a, o, "contributions", err))
		return (int)err->code;
	if (!place->catalog || !place->cache)
		return bad_field(err, "place");
	return 0;
}

/* In this order, as files need the view and the threads of what was read before
 * them. On an error *c may be half filled; all of it lies in the arena. */
int cell_from_json(struct cell *c, struct cell_place *place,
		   struct catalog *catalog, struct arena *a,
		   const json_t *object, struct error *err)
{
	const json_t *o = json_object_get(object, "cell");
	const json_t *files = json_object_get(o, "files");

	*c = (struct cell){ 0 };
	if (!json_is_object(o))
		return bad_field(err, "cell");
	if (read_place(place, a, json_object_get(object, "place"), err) ||
	    read_numbers(c, a, o, err) || read_spec(c, a, o, err))
		return (int)err->code;
	if (json_is_object(files))
		return read_files(c, a, files, err);
	return read_entry(c, place, catalog, a, o, err);
}

/* ---------------------------------------------------------------- record */

/* A user's files have none of these in advance; measure.c fills them in once
 * they are loaded. */
static void record_entry(const struct entry *e, struct record *r)
{
	r->modality = modality_name(e->modality);
	r->task_kind = task_name(e->task);
	r->metric = e->metric;
}

static void record_protocol(const struct protocol *p, struct record *r)
{
	r->threads = p->threads;
	r->limit_s = p->limit_s;
	r->limit_mb = p->memory_mb;
	r->budget_s = p->budget_s;
}

/* `tuning` is the plan of the search here; measure.c replaces it by its log. */
static void record_learner(const struct cell *c, struct record *r)
{
	static const char *const origins[] = { "ours", "reference" };
	const struct learner *l = c->spec->learner;

	r->learner = l->name;
	r->family = family_name(l->family);
	r->origin = origins[l->origin];
	r->learner_version = l->version;
	r->params = param_to_json(l->params, c->spec->config);
	r->tuning = json_pack("{s:I, s:f}", "trials",
			      (json_int_t)c->protocol->trials, "tune_s",
			      c->protocol->tune_s);
}

/* The strings stay the machine's, which must outlive the row. */
static void record_machine(const struct machine *m, struct record *r)
{
	r->build = m->build;
	r->fingerprint = m->fingerprint;
	r->machine = machine_to_json(m);
	r->blas = machine_blas_json(m);
	r->versions = machine_versions_json(m);
}

/* Crashed until proven otherwise: whoever finishes the row sets the status, and
 * a row that nobody finished must not look well. The strings stay the cell's
 * and the machine's; the JSON objects are the row's own. */
int cell_record(const struct cell *c, const struct machine *m,
		struct record *r, struct error *err)
{
	record_init(r);
	r->key = c->key;
	r->created = (int64_t)time(NULL);
	r->task = cell_task(c);
	r->dataset = c->entry ? c->entry->name : r->task;
	r->transform = c->transform ? c->transform : "";
	r->modality = modality_name(MODALITY_TABULAR);
	if (c->entry)
		record_entry(c->entry, r);
	r->view = view_name(c->view);
	r->seed = (int64_t)c->seed;
	r->repeat = c->repeat;
	r->n_train = (int64_t)c->n;
	r->status = STATUS_CRASHED;
	record_protocol(c->protocol, r);
	record_learner(c, r);
	record_machine(m, r);
	if (r->params && r->tuning && r->machine && r->blas && r->versions)
		return 0;
	record_clear(r);
	return error_set(err, ERR_MEMORY, "out of memory for a row");
}
