/* From stored rows to samples: one a question, strings interned.
 *
 * A board of 100,000 rows has perhaps a hundred different strings. Interned,
 * a sample is small, and whether two samples belong to one line is decided by
 * comparing pointers. The store delivers rows by (key, created), so all answers
 * to one question come together, the latest last.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "results/board_private.h"

/* ---------------------------------------------------------------- interning */

/* A set of strings with open addressing; `at` has a power of two of places. */
struct intern {
	struct arena *arena;
	const char **at;
	size_t n, room;
};

/* Where `s` is, or would be: linear probing, never full (grow sees to that). */
static const char **find_place(const struct intern *t, const char *s)
{
	size_t i = (size_t)hash_fnv1a(s, strlen(s)) & (t->room - 1);

	while (t->at[i] && strcmp(t->at[i], s))
		i = (i + 1) & (t->room - 1);
	return &t->at[i];
}

/* Twice the places; the strings stay where they are. */
static bool grow(struct intern *t)
{
	struct intern bigger = { .arena = t->arena,
				 .n = t->n,
				 .room = t->room ? 2 * t->room : 256 };

	bigger.at = ARENA_NEW(t->arena, const char *, bigger.room);
	if (!bigger.at)
		return false;
	for (size_t i = 0; i < t->room; i++)
		if (t->at[i])
			*find_place(&bigger, t->at[i]) = t->at[i];
	*t = bigger;
	return true;
}

/* The one copy of `s`; NULL when out of memory. */
static const char *intern(struct intern *t, const char *s)
{
	const char **place;

	if (2 * (t->n + 1) > t->room && !grow(t))
		return NULL;
	place = find_place(t, s);
	if (!*place) {
		*place = arena_strdup(t->arena, s);
		t->n += *place != NULL;
	}
	return *place;
}

/* ---------------------------------------------------------------- collecting */

/* Rows of one learner share the object of their parameters (the index sees to
 * that), so its text is looked up by address while we hold it. */
#define PARAMS_KNOWN 64
struct known_params {
	json_t *object; /* owned */
	const char *text;
};

struct collector {
	struct board_samples *out;
	struct arena *arena;
	struct intern names;
	size_t room;
	char key[128]; /* of the row before */
	struct board_sample last; /* that row */
	size_t questions;
	struct known_params params[PARAMS_KNOWN];
	struct error *err;
};

/* The interned `s`; most names are those of the row before, and one strcmp
 * says so without hashing. */
static const char *intern_again(struct intern *t, const char *before,
				const char *s)
{
	return before && !strcmp(before, s) ? before : intern(t, s);
}

/* False when out of memory, as in all copy_* here. */
static bool copy_names(struct collector *c, const struct record *r,
		       struct board_sample *s)
{
	const struct board_sample *last = &c->last;

#define COPY(name) \
	(s->name = intern_again(&c->names, last->name, r->name))
	return COPY(task) && COPY(modality) && COPY(task_kind) &&
	       COPY(metric) && COPY(view) && COPY(transform) && COPY(learner) && COPY(family) &&
	       COPY(origin) && COPY(message) && COPY(build) &&
	       COPY(fingerprint);
#undef COPY
}

/* Sorted and compact text, so that equal parameters are one pointer whatever
 * order a row had them in. */
static bool copy_params(struct collector *c, const struct record *r,
			struct board_sample *s)
{
	size_t slot = ((size_t)r->params >> 4) % PARAMS_KNOWN;
	struct known_params *known = &c->params[slot];
	char *text;

	if (!r->params || known->object != r->params) {
		text = r->params ? json_dumps(r->params, JSON_COMPACT |
							 JSON_SORT_KEYS) :
				   strdup("{}");
		json_decref(known->object);
		known->object = json_incref(r->params);
		known->text = text ? intern(&c->names, text) : NULL;
		free(text);
	}
	s->params = known->text;
	return s->params;
}

/* Names interned, values beside them: a JSON object for each of 100,000 rows
 * would be a kilobyte each. */
static bool copy_metrics(struct collector *c, const struct record *r,
			 struct board_sample *s)
{
	size_t n = json_object_size(r->metrics);
	struct board_metric *m = ARENA_NEW(c->arena, struct board_metric, n);
	const char *name;
	json_t *value;

	if (!m)
		return false;
	s->metrics = m;
	json_object_foreach (r->metrics, name, value) {
		if (!json_is_number(value))
			continue;
		m[s->n_metrics].name = intern(&c->names, name);
		m[s->n_metrics].value = json_number_value(value);
		if (!m[s->n_metrics++].name)
			return false;
	}
	return true;
}

static void copy_numbers(const struct record *r, struct board_sample *s)
{
	s->created = r->created;
	s->repeat = r->repeat;
	s->n_train = r->n_train;
	s->n_test = r->n_test;
	s->threads = r->threads;
	s->status = r->status;
	s->score = r->score;
	s->error = r->error;
	s->fit_s = r->fit_s;
	s->fit_cpu_s = r->fit_cpu_s;
	s->predict_s = r->predict_s;
	s->prepare_s = r->prepare_s;
	s->peak_rss_mb = r->peak_rss_mb;
}

/* A place for the sample: that of an earlier row of the same question and
 * machine (rows of a key come together, the oldest first), else a new one. */
static struct board_sample *place_for(struct collector *c,
				      const struct board_sample *s)
{
	struct board_samples *out = c->out;

	for (size_t i = out->n; i-- && out->at[i].question == s->question;)
		if (out->at[i].fingerprint == s->fingerprint)
			return &out->at[i];
	if (out->n == c->room) {
		size_t room = c->room ? 2 * c->room : 256;
		struct board_sample *at =
			ARENA_RAW(c->arena, struct board_sample, room);

		if (!at)
			return NULL;
		if (out->n)
			memcpy(at, out->at, out->n * sizeof(*at));
		out->at = at;
		c->room = room;
	}
	return &out->at[out->n++];
}

/* Taken before the old is dropped: they may be the same. */
static void swap_object(json_t **to, json_t *from)
{
	json_incref(from);
	json_decref(*to);
	*to = from;
}

/* The newest row speaks for the board: its machine, its BLAS, its commit. */
static void remember_newest(struct collector *c, const struct record *r,
			    const struct board_sample *s)
{
	if (c->out->fingerprint && r->created < c->out->created)
		return;
	c->out->created = r->created;
	c->out->fingerprint = s->fingerprint;
	c->out->build = s->build;
	swap_object(&c->out->machine, r->machine);
	swap_object(&c->out->blas, r->blas);
	swap_object(&c->out->versions, r->versions);
}

/* Called by the store in order of (key, created). */
static int take_row(void *ctx, const struct record *r)
{
	struct collector *c = ctx;
	struct board_sample s = { 0 }, *place;

	if (strncmp(c->key, r->key, sizeof(c->key) - 1)) {
		strncpy(c->key, r->key, sizeof(c->key) - 1);
		c->questions++;
	}
	s.question = c->questions;
	copy_numbers(r, &s);
	if (!copy_names(c, r, &s) || !copy_params(c, r, &s) ||
	    !copy_metrics(c, r, &s))
		return arena_error(c->arena, c->err);
	place = place_for(c, &s);
	if (!place)
		return arena_error(c->arena, c->err);
	*place = c->last = s;
	remember_newest(c, r, &s);
	return 0;
}

/* One sample a question: the one of the newest machine, else the newest. */
static void keep_one_each(struct board_samples *s)
{
	size_t kept = 0;

	for (size_t i = 0, end; i < s->n; i = end) {
		const struct board_sample *best = &s->at[i];

		for (end = i + 1; end < s->n &&
				  s->at[end].question == s->at[i].question;
		     end++) {
			const struct board_sample *other = &s->at[end];

			if (best->fingerprint == s->fingerprint)
				continue;
			if (other->fingerprint == s->fingerprint ||
			    other->created >= best->created)
				best = other;
		}
		s->foreign += best->fingerprint != s->fingerprint;
		s->at[kept++] = *best;
	}
	s->n = kept;
}

/* What a sample is made of: the JSON of other fields is not even parsed. */
static const char *const fields[] = {
	"key", "build", "fingerprint", "created", "task", "modality",
	"task_kind", "metric", "view", "transform", "learner", "family", "origin", "params",
	"repeat", "n_train", "n_test", "threads", "status", "message",
	"metrics", "score", "error", "prepare_s", "fit_s", "fit_cpu_s",
	"predict_s", "peak_rss_mb", "machine", "blas", "versions",
};

int board_collect(struct board_samples *out, struct store *s,
		  const char *const *keys, size_t n, struct arena *a,
		  struct error *err)
{
	struct collector c = { .out = out, .arena = a, .err = err };
	int rc;

	*out = (struct board_samples){ 0 };
	c.names.arena = a;
	rc = store_each_of(s, keys, n, fields,
			   sizeof(fields) / sizeof(fields[0]), take_row, &c,
			   err);
	for (size_t i = 0; i < PARAMS_KNOWN; i++)
		json_decref(c.params[i].object);
	if (rc)
		board_samples_clear(out);
	else
		keep_one_each(out);
	return rc;
}

void board_samples_clear(struct board_samples *s)
{
	json_decref(s->machine);
	json_decref(s->blas);
	json_decref(s->versions);
	s->machine = s->blas = s->versions = NULL;
}
