/* From a suite to cells in three steps: narrow it by the command line,
 * expand it to every task, learner and repeat with a key each, and put them
 * in the order in which they run. Keys are hashes of the question's
 * canonical JSON. */
#include "harness/plan.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/suggest.h"

/* ---------------------------------------------------------------- narrowing */

/* The suite's data sets as a catalogue of their own: what -d may name, each as
 * often as it stands in the suite. */
static int suite_catalog(const struct suite *s, struct arena *a, struct catalog *c,
			 struct error *err)
{
	struct entry *entries = ARENA_NEW(a, struct entry, s->n_tasks);

	if (!entries)
		return arena_error(a, err);
	for (size_t i = 0; i < s->n_tasks; i++)
		entries[i] = *s->tasks[i].what.entry;
	*c = (struct catalog){ .entries = entries, .n = s->n_tasks };
	return 0;
}

/* "letter[rotate]" without its brackets is the name of the data set. */
static bool same_name(const struct taskspec *x, const struct taskspec *y)
{
	return !strcmp(x->entry->name, y->entry->name);
}

/* The suite's task that -d means: the one of that label, else the first one on
 * the data set, with the wishes of the command line in place of its own. Rows
 * are the suite's unless they are named. */
static int find_dataset(const struct suite *s, struct arena *a,
			const struct catalog *known, const char *text,
			struct suite_task *out, struct error *err)
{
	const struct suite_task *first = NULL;
	struct taskspec what;

	if (taskspec_parse(&what, a, known, text, err)) {
		if (err->code == ERR_USAGE)
			error_wrap(err, "suite '%s'", s->name);
		return (int)err->code;
	}
	if (what.own) { /* no suite has it: its learners and limits are the suite's */
		*out = (struct suite_task){ .what = what, .protocol = s->protocol,
					    .specs = s->specs, .n_specs = s->n_specs };
		return 0;
	}
	for (size_t i = s->n_tasks; i-- > 0;)
		if (same_name(&s->tasks[i].what, &what))
			first = &s->tasks[i];
	for (size_t i = s->n_tasks; i-- > 0;)
		if (!strcmp(s->tasks[i].what.label, what.label))
			first = &s->tasks[i];
	*out = *first;
	if (strchr(what.label, '[')) {
		what.n = what.n ? what.n : first->what.n;
		out->what = what;
	} else if (what.n) {
		out->what.n = what.n;
	}
	return 0;
}

/* -d keeps the order of the command line and may name a task twice, with
 * different rows; -m keeps the suite's order. */
static int narrow_tasks(struct suite *s, struct arena *a,
			const struct plan_filter *f, struct error *err)
{
	struct suite_task *kept = ARENA_NEW(a, struct suite_task,
					    s->n_tasks + f->n_datasets);
	struct catalog known;
	size_t n = 0;

	if (!kept)
		return arena_error(a, err);
	if (suite_catalog(s, a, &known, err))
		return (int)err->code;
	for (size_t i = 0; i < f->n_datasets; i++)
		if (find_dataset(s, a, &known, f->datasets[i], &kept[n++], err))
			return (int)err->code;
	for (size_t i = 0; !f->n_datasets && i < s->n_tasks; i++) {
		const char *m = modality_name(s->tasks[i].what.entry->modality);

		if (!f->modality || !strcmp(m, f->modality))
			kept[n++] = s->tasks[i];
	}
	s->tasks = kept;
	s->n_tasks = n;
	return 0;
}

/* -l NAME keeps the suite's own entries of that learner; with parameters, or
 * where the suite has no such entry, it stands for itself. */
static int narrow_specs(struct suite_task *t, struct arena *a,
			const struct spec *wanted, size_t n_wanted,
			struct error *err)
{
	struct spec *kept = ARENA_NEW(a, struct spec, t->n_specs + n_wanted);
	size_t n = 0;

	if (!kept)
		return arena_error(a, err);
	for (size_t w = 0; w < n_wanted; w++) {
		size_t before = n;

		for (size_t i = 0; !*wanted[w].given && i < t->n_specs; i++)
			if (t->specs[i].learner == wanted[w].learner)
				kept[n++] = t->specs[i];
		if (n == before)
			kept[n++] = wanted[w];
	}
	t->specs = kept;
	t->n_specs = n;
	return 0;
}

/* Every wish is parsed before any task is narrowed: a mistyped -l is an error
 * even when -d has left no task that it could apply to. */
static int narrow_learners(struct suite *s, struct arena *a,
			   const struct plan_filter *f, struct error *err)
{
	struct spec *wanted = ARENA_NEW(a, struct spec, f->n_learners);
	struct suite_task *tasks = arena_copy(a, s->tasks,
					      s->n_tasks * sizeof(*tasks));

	if (!wanted || !tasks)
		return arena_error(a, err);
	for (size_t i = 0; i < f->n_learners; i++)
		if (spec_parse(&wanted[i], a, f->learners[i], err))
			return (int)err->code;
	for (size_t i = 0; i < s->n_tasks; i++)
		if (narrow_specs(&tasks[i], a, wanted, f->n_learners, err))
			return (int)err->code;
	s->tasks = tasks;
	return 0;
}

/* More trials are another question: such cells have keys of their own. */
static int set_trials(struct suite *s, struct arena *a, int64_t trials,
		      struct error *err)
{
	struct suite_task *tasks = arena_copy(a, s->tasks,
					      s->n_tasks * sizeof(*tasks));

	if (!tasks)
		return arena_error(a, err);
	for (size_t i = 0; i < s->n_tasks; i++)
		tasks[i].protocol.trials = trials;
	s->tasks = tasks;
	return 0;
}

/* The nearest of four. A modality that exists but that the suite lacks is no
 * error here; a plan without cells is, where it is to be run. */
static int check_modality(const char *name, struct error *err)
{
	const char *names[4];
	char hint[96];

	for (int m = MODALITY_TABULAR; m <= MODALITY_TEXT; m++) {
		names[m] = modality_name((enum modality)m);
		if (!strcmp(names[m], name))
			return 0;
	}
	return error_set(err, ERR_USAGE, "unknown modality '%s'%s", name,
			 suggest_text(name, names, 4, hint, sizeof(hint)));
}

/* Trials last, on the tasks that are left. Whatever narrows must leave the keys
 * of the remaining cells as they are: what was run as part of a suite is found
 * by a narrower command and the other way round. Only --trials and [n=] change
 * keys, being other questions. */
static int narrow(struct suite *s, struct arena *a, const struct plan_filter *f,
		  struct error *err)
{
	if (f->modality && check_modality(f->modality, err))
		return (int)err->code;
	if ((f->n_datasets || f->modality) && narrow_tasks(s, a, f, err))
		return (int)err->code;
	if (f->n_learners && narrow_learners(s, a, f, err))
		return (int)err->code;
	return f->trials ? set_trials(s, a, f->trials, err) : 0;
}

/* ---------------------------------------------------------------- keys */

/* A question is one flat object with sorted keys. Only `repeat` and `seed`
 * differ between the repeats of a task and a learner, and they sort beside
 * each other; so the text before and after them is made once a pair, which
 * is what lets 100,000 cells expand in less than a second. */
struct stem {
	const char *head; /* {"budget_s": ... "params":{...}, */
	const char *tail; /* ,"task": ... } */
};

/* Keys that sort before "repeat". With tail_json all that may change an answer;
 * limits belong to it, since they decide between ok and timeout. The machine
 * and the suite do not: the same question asked elsewhere has the same key, and
 * the fingerprint tells the answers apart. */
static json_t *head_json(const struct cell *c, const char *digest)
{
	const struct protocol *p = c->protocol;

	return json_pack("{s:o, s:s, s:b, s:s, s:s, s:o, s:o, s:I, s:o}",
			 "budget_s", json_number(p->budget_s),
			 "data", digest,
			 "first", c->first,
			 "kind", "fit",
			 "learner", c->spec->learner->name,
			 "limit_s", json_number(p->limit_s),
			 "memory_mb", json_number(p->memory_mb),
			 "n", (json_int_t)c->n,
			 "params", param_to_json(c->spec->learner->params,
						 c->spec->config));
}

/* The chain with all that decides what it makes; null for the plain task. */
static json_t *chain_json(const struct transform_chain *c)
{
	json_t *list = c->n ? json_array() : json_null();

	for (size_t k = 0; list && k < c->n; k++) {
		const struct transform_step *s = &c->steps[k];

		if (json_array_append_new(list, json_pack("[s, i, o]", s->transform->name,
							  s->transform->version,
							  json_number(s->severity)))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *tail_json(const struct cell *c)
{
	const struct protocol *p = c->protocol;

	return json_pack("{s:s, s:I, s:o, s:I, s:o, s:i, s:s}",
			 "task", cell_task(c),
			 "threads", (json_int_t)p->threads,
			 "transform", chain_json(&c->chain),
			 "trials", (json_int_t)p->trials,
			 "tune_s", json_number(p->tune_s),
			 "version", c->spec->learner->version,
			 "view", view_name(c->view));
}

/* Takes the reference over, also when it is NULL. */
static char *text_of(struct arena *a, json_t *owned)
{
	char *text = owned ? json_canonical(a, owned) : NULL;

	json_decref(owned);
	return text;
}

/* Both halves are whole JSON objects; their inner braces become the commas
 * around the middle. False when out of memory. */
static bool make_stem(struct stem *s, struct arena *a, const struct cell *c,
		      const char *digest)
{
	char *head = text_of(a, head_json(c, digest));
	char *tail = text_of(a, tail_json(c));

	if (!head || !tail)
		return false;
	head[strlen(head) - 1] = ','; /* the object goes on ... */
	tail[0] = ',';		      /* ... here */
	*s = (struct stem){ .head = head, .tail = tail };
	return true;
}

/* Spelled as json_canonical spells it; test_plan.c compares. */
static void middle(const struct cell *c, char text[64])
{
	snprintf(text, 64, "\"repeat\":%u,\"seed\":%llu", c->repeat,
		 (unsigned long long)c->seed);
}

/* One hash over the three pieces, without joining them. */
static int make_key(const struct stem *s, struct cell *c, struct error *err)
{
	struct hash *h = hash_new();
	char mid[64];

	if (!h)
		return error_set(err, ERR_MEMORY, "out of memory for a key");
	middle(c, mid);
	hash_add(h, s->head, strlen(s->head));
	hash_add(h, mid, strlen(mid));
	hash_add(h, s->tail, strlen(s->tail));
	hash_finish(h, c->key);
	return 0;
}

/* For people and tests; the plan itself never holds the text of a question. */
char *plan_question(struct arena *a, const struct cell *c)
{
	char digest[HASH_HEX], mid[64];
	struct stem s;

	load_digest(c->entry, c->view, digest);
	if (!make_stem(&s, a, c, digest))
		return NULL;
	middle(c, mid);
	return arena_printf(a, "%s%s%s", s.head, mid, s.tail);
}

/* ---------------------------------------------------------------- cells */

/* Digests by view, for the task at hand: a digest reads the lists of files and
 * options of an entry, which a suite of many learners would ask for over and
 * over. */
struct digests {
	unsigned known; /* bits of enum view */
	char of[VIEW_COUNT][HASH_HEX];
};

/* Views are single bits, and the number of the bit is the place. */
static const char *digest_of(struct digests *d, const struct entry *e,
			     enum view v)
{
	unsigned i = (unsigned)__builtin_ctz((unsigned)v);

	assert(i < VIEW_COUNT);
	if (!(d->known & (unsigned)v))
		load_digest(e, v, d->of[i]);
	d->known |= (unsigned)v;
	return d->of[i];
}

/* All repeats of one task and learner, at cells[0..repeats). The stem is the
 * same for all and goes back to the scratch arena afterwards. */
static int pair_cells(const struct suite_task *t, const struct spec *spec,
		      enum view view, const char *digest, struct arena *scratch,
		      struct cell *cells, struct error *err)
{
	struct arena_mark mark = arena_mark(scratch);
	struct stem stem = { 0 };
	int rc = 0;

	for (int64_t r = 0; r < t->protocol.repeats && !rc; r++) {
		struct cell *c = &cells[r];

		*c = (struct cell){
			.entry = t->what.entry, .label = t->what.label,
			.source = t->what.source,
			.chain = t->what.chain, .transform = t->what.transform,
			.spec = spec, .view = view,
			.n = t->what.n, .repeat = (unsigned)r,
			.seed = (uint64_t)(t->protocol.seed + r),
			.protocol = &t->protocol,
		};
		if (!stem.head && !make_stem(&stem, scratch, c, digest))
			rc = arena_error(scratch, err);
		else
			rc = make_key(&stem, c, err);
	}
	arena_rewind(scratch, mark);
	return rc;
}

/* An upper bound: pairs without a common view are left out later. */
static size_t count_cells(const struct suite *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_tasks; i++)
		n += s->tasks[i].n_specs * (size_t)s->tasks[i].protocol.repeats;
	return n;
}

/* A learner without a view for a task is no failure: the suite says which
 * learners, and not which of them can. */
static int all_cells(struct plan *p, struct arena *scratch, struct cell *cells,
		     struct error *err)
{
	enum view view;

	for (size_t i = 0; i < p->suite->n_tasks; i++) {
		const struct suite_task *t = &p->suite->tasks[i];
		const struct entry *e = t->what.entry;
		struct digests digests = { 0 };

		for (size_t k = 0; k < t->n_specs; k++) {
			if (!spec_view(&t->specs[k], e->modality, e->task,
				       &view)) {
				p->left_out++;
				continue;
			}
			if (pair_cells(t, &t->specs[k], view,
				       digest_of(&digests, e, view), scratch,
				       cells + p->n, err))
				return (int)err->code;
			p->n += (size_t)t->protocol.repeats;
		}
	}
	return 0;
}

/* ---------------------------------------------------------------- order */

/* Tasks of one suite may have different numbers of repeats. */
static unsigned most_repeats(const struct cell *cells, size_t n)
{
	unsigned most = 0;

	for (size_t i = 0; i < n; i++)
		if (cells[i].repeat >= most)
			most = cells[i].repeat + 1;
	return most;
}

/* The first place of each repeat in the order: counts, summed up. */
static size_t *repeat_starts(struct arena *a, const struct cell *cells,
			     size_t n, unsigned repeats)
{
	size_t *start = ARENA_NEW(a, size_t, (size_t)repeats + 1);

	for (size_t i = 0; start && i < n; i++)
		start[cells[i].repeat + 1]++;
	for (unsigned r = 0; start && r < repeats; r++)
		start[r + 1] += start[r];
	return start;
}

/* Counting sort by repeat through a shuffle: repeats come out one after the
 * other, each in an order of its own that never changes. */
static int put_in_order(struct plan *p, struct arena *a,
			const struct cell *cells, struct error *err)
{
	unsigned repeats = most_repeats(cells, p->n);
	size_t *next = repeat_starts(a, cells, p->n, repeats);
	uint32_t *shuffled = ARENA_RAW(a, uint32_t, p->n);

	p->cells = ARENA_RAW(a, struct cell, p->n);
	p->keys = ARENA_RAW(a, const char *, p->n);
	if (!next || !shuffled || !p->cells || !p->keys)
		return arena_error(a, err);
	rng_permutation(rng_make(0, "plan/order"), p->n, shuffled);
	for (size_t i = 0; i < p->n; i++) {
		const struct cell *c = &cells[shuffled[i]];

		p->cells[next[c->repeat]++] = *c;
	}
	for (size_t i = 0; i < p->n; i++)
		p->keys[i] = p->cells[i].key;
	return 0;
}

/* Texts of the stems go with a scratch arena of their own: the plan of
 * 100,000 cells keeps their keys alone. */
static int expand(struct plan *p, struct arena *a, struct error *err)
{
	size_t n = count_cells(p->suite);
	struct cell *cells = ARENA_RAW(a, struct cell, n);
	struct arena scratch;
	int rc;

	if (!cells)
		return arena_error(a, err);
	arena_init(&scratch, 0);
	rc = all_cells(p, &scratch, cells, err);
	arena_clear(&scratch);
	return rc ? rc : put_in_order(p, a, cells, err);
}

/* The suite is copied before it is narrowed: others may use it. */
int plan_make(struct plan *p, struct arena *a, const struct suite *suite,
	      const struct plan_filter *filter, struct error *err)
{
	struct suite *s = arena_copy(a, suite, sizeof(*suite));

	*p = (struct plan){ .suite = s };
	if (!s)
		return arena_error(a, err);
	if (filter && narrow(s, a, filter, err))
		return (int)err->code;
	return expand(p, a, err);
}

/* The catalogue must outlive the plan, whose cells point to its entries: it
 * goes into the arena and not onto the stack. */
int plan_read(struct plan *p, struct arena *a, const struct plan_source *src,
	      const struct plan_filter *filter, struct error *err)
{
	struct catalog *catalog = ARENA_NEW(a, struct catalog, 1);
	struct config config;
	const struct suite *suite;

	if (!catalog)
		return arena_error(a, err);
	if (catalog_read(catalog, a, src->catalog, err) ||
	    config_read(&config, a, src->suites, catalog, err) ||
	    config_find(&config, src->suite, &suite, err))
		return (int)err->code;
	return plan_make(p, a, suite, filter, err);
}
