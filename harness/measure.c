/* The life of a cell in its own process: load, warm up, tune, fit, predict,
 * judge, publish. Three rules shape it. The learner is lent a data set
 * without its test part. Only fit and predict are timed, each by wall and
 * CPU clock. What goes wrong with the learner is an answer (a status in the
 * row); what goes wrong with the place (disk, memory for the row, Ctrl-C) is
 * an error, and then there is no row. */
#include "harness/measure.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/par.h"
#include "harness/keep.h"
#include "harness/metric.h"
#include "harness/ranking.h"
#include "harness/tune.h"
#include "results/store.h"

#define MIB 1048576.0

/* All that one cell needs, from the first byte of data to the published row.
 * `all` and `lent` share their arrays; they differ in the test part alone. */
struct work {
	const struct measure *m;
	const struct learner *learner;
	const void *config; /* the one that is fitted: after tuning the best */
	struct arena arena; /* of the cell, with its limit */
	struct loaded loaded;
	struct dataset all;  /* with the test part */
	struct dataset lent; /* without: what fit sees */
	struct items items;  /* raw rows of a user's files */
	const char *metric;
	struct run run;
	double deadline;      /* of the fit at hand, 0: none */
	float *test, *valid;  /* scores; NULL: none yet */
	struct noise before;
};

/* ---------------------------------------------------------------- stop */

static bool asked_to_stop(const struct work *w)
{
	return w->m->stop && *w->m->stop;
}

/* False at the deadline of the soft budget or on Ctrl-C; the learner then
 * keeps what it has, and check_stop tells the two apart. */
static bool tick(void *ctx, size_t done, size_t total, double loss)
{
	const struct work *w = ctx;

	(void)done, (void)total, (void)loss;
	if (asked_to_stop(w))
		return false;
	return w->deadline == 0.0 || clock_wall() < w->deadline;
}

/* An interrupted cell has no answer, however far it came. */
static int check_stop(const struct work *w, struct error *err)
{
	if (!asked_to_stop(w))
		return 0;
	return error_set(err, ERR_INTERRUPTED, "interrupted");
}

/* ---------------------------------------------------------------- load */

/* The arrays of a mapped view are touched for the first time here, not while
 * the learner is timed. One byte a page is enough. */
static void touch(const void *data, size_t bytes)
{
	const volatile unsigned char *p = data;

	for (size_t i = 0; p && i < bytes; i += 4096)
		(void)p[i];
}

/* Features are what is large; labels and item numbers are a few pages. */
static void touch_part(const struct dataset *d, const struct part *p)
{
	size_t entries = p->row_start ? p->row_start[p->rows] : 0;

	touch(p->x, p->rows * d->cols * sizeof(*p->x));
	touch(p->index, entries * sizeof(*p->index));
	touch(p->value, entries * sizeof(*p->value));
}

/* Files of a user's are read whole, a task's view is mapped from the cache. */
static int load(struct work *w, struct error *err)
{
	const struct cell *c = w->m->cell;
	struct fetch fetch = { .cache = w->m->place->cache, .offline = true };
	struct ranking_gbdt how = { c->repeat, (int)c->protocol->threads };
	struct ranking ranking = ranking_by_gbdt(&how);
	struct load_request req = {
		.entry = c->entry, .view = c->view, .n = c->n,
		.repeat = c->repeat, .first = c->first, .chain = c->chain,
		.ranking = &ranking, .threads = (int)c->protocol->threads,
	};

	if (c->files) {
		if (load_from_files(c->files, &w->arena, &w->all, &w->items, err))
			return (int)err->code;
	} else {
		if (load_dataset(&fetch, &req, &w->arena, &w->loaded, err))
			return (int)err->code;
		w->all = w->loaded.data;
	}
	w->lent = w->all;
	w->lent.test = (struct part){ 0 };
	w->metric = cell_metric(c, w->all.task);
	touch_part(&w->all, &w->all.train);
	touch_part(&w->all, &w->all.valid);
	touch_part(&w->all, &w->all.test);
	return 0;
}

/* What the plan could not know before the data was there. The strings belong to
 * static tables, except the digest, which measure_cell copies out of `w`. */
static void describe_data(const struct work *w, struct record *r)
{
	const struct dataset *d = &w->all;

	r->modality = modality_name(d->modality);
	r->task_kind = task_name(d->task);
	r->metric = w->metric;
	r->view = view_name(w->m->cell->view);
	r->digest = w->loaded.digest;
	r->n_train = (int64_t)d->train.rows;
	r->n_valid = (int64_t)d->valid.rows;
	r->n_test = (int64_t)d->test.rows;
	r->cols = (int64_t)d->cols;
	r->classes = (int64_t)d->classes;
}

/* ---------------------------------------------------------------- warm-up */

/* Two of the blocks of rows into which blas_sgemm_par cuts, and no more work
 * than a millisecond's. */
#define WARM_ROWS 512
#define WARM_COLS 64

/* Threads, BLAS buffers and the first pages of code are there before the clock
 * starts; they would cost a short fit more than the fit itself. */
static void warm_up(struct work *w)
{
	struct arena_mark mark = arena_mark(&w->arena);
	float *x = ARENA_NEW(&w->arena, float, 3 * WARM_ROWS * WARM_COLS);
	struct blas_gemm g = {
		.m = WARM_ROWS, .n = WARM_COLS, .k = WARM_COLS, .alpha = 1.0f,
		.a = x, .lda = WARM_COLS,
		.b = x + WARM_ROWS * WARM_COLS, .ldb = WARM_COLS,
		.c = x + 2 * WARM_ROWS * WARM_COLS, .ldc = WARM_COLS,
	};

	if (x)
		blas_sgemm_par((int)w->m->cell->protocol->threads, &g);
	arena_rewind(&w->arena, mark);
}

/* ---------------------------------------------------------------- fit */

/* What cannot fit is turned down before it has cost anybody an hour. A learner
 * without a forecast is let through, and the arena's limit stops it.
 * Unsupported and not out of memory, for nothing was tried. */
static int check_forecast(const struct work *w, const void *config,
			  struct error *err)
{
	const struct arena *a = &w->arena;
	struct forecast f;

	if (!w->learner->forecast || !a->limit)
		return 0;
	f = w->learner->forecast(config, &w->lent);
	if (f.bytes <= (double)(a->limit - a->used))
		return 0;
	return error_set(err, ERR_UNSUPPORTED, "%s takes %.0f MiB for %zu rows "
			 "beyond the data, the limit of %zu MiB leaves %zu",
			 w->learner->name, ceil(f.bytes / MIB),
			 w->lent.train.rows, a->limit >> 20,
			 (a->limit - a->used) >> 20);
}

/* An error of a learner that was interrupted is the interruption's: it may fail
 * in any way when it is told to stop early. The soft budget is for one fit, so
 * that every trial of a search has the whole of it. */
static int fit(struct work *w, const void *config, void **model,
	       struct error *err)
{
	const struct protocol *p = w->m->cell->protocol;

	if (check_forecast(w, config, err))
		return (int)err->code;
	w->run = (struct run){
		.arena = &w->arena, .threads = (int)p->threads,
		.seed = w->m->cell->seed, .tick = tick, .tick_ctx = w,
	};
	w->deadline = p->budget_s > 0.0 ? clock_wall() + p->budget_s : 0.0;
	if (w->learner->fit(config, &w->lent, &w->run, model, err) &&
	    !asked_to_stop(w))
		return (int)err->code;
	return check_stop(w, err);
}

/* Models live in the arena; release is for what a reference learner's library
 * allocates by itself. */
static void release(struct work *w, void *model)
{
	if (w->learner->release)
		w->learner->release(model);
}

/* The learner sees `lent` here, too: sizes and columns, and no part but `rows`. */
static int predict(struct work *w, const void *model, const struct part *rows,
		   float *scores, struct error *err)
{
	if (w->learner->predict(model, &w->lent, rows, &w->run, scores, err))
		return (int)err->code;
	return check_stop(w, err);
}

/* One trial: fit, then the score on the validation rows, never on the test
 * rows. Its memory is given back, so that the last fit finds as much as the
 * first. w->valid is written over by each trial and by the final model at the
 * end. */
static int try_config(void *ctx, const void *config, double *score,
		      struct error *err)
{
	struct work *w = ctx;
	struct arena_mark mark = arena_mark(&w->arena);
	struct metrics metrics;
	void *model = NULL;
	int rc = fit(w, config, &model, err);

	if (!rc) {
		rc = predict(w, model, &w->lent.valid, w->valid, err);
		if (!rc)
			rc = metric_compute(&metrics, &w->lent, &w->lent.valid,
					    w->valid, &w->arena, err);
		release(w, model);
	}
	if (!rc)
		*score = metric_score(&metrics, w->metric);
	arena_rewind(&w->arena, mark);
	return rc;
}

/* Replaces the plan of the search in the row by its log, and the parameters by
 * the best ones. The time of a search stands in its log; fit_s is that of the
 * last fit alone, so that tuned and plain learners are compared on the same
 * quantity. */
static int tune(struct work *w, struct record *r, struct error *err)
{
	const struct cell *c = w->m->cell;
	struct tune t = {
		.learner = w->learner, .base = w->config, .seed = c->seed,
		.trials = c->protocol->trials, .cpu_s = c->protocol->tune_s,
	};
	json_t *params, *log;

	if (t.trials <= 1)
		return 0;
	if (!w->all.valid.rows)
		return error_set(err, ERR_UNSUPPORTED,
				 "a search needs validation rows, and there are "
				 "none");
	if (tune_search(&t, &w->arena, try_config, w, &w->config, &log, err))
		return (int)err->code;
	json_decref(r->tuning);
	r->tuning = log;
	params = param_to_json(w->learner->params, w->config);
	if (!params)
		return error_set(err, ERR_MEMORY, "out of memory");
	json_decref(r->params);
	r->params = params;
	return 0;
}

/* ---------------------------------------------------------------- measure */

/* Steps and times are recorded also when it fails: how far it came is worth
 * knowing. */
static int timed_fit(struct work *w, struct record *r, void **model,
		     struct error *err)
{
	double wall = clock_wall(), cpu = clock_cpu();
	int rc = fit(w, w->config, model, err);

	r->fit_s = clock_wall() - wall;
	r->fit_cpu_s = clock_cpu() - cpu;
	r->steps = (int64_t)w->run.steps;
	r->stopped = w->run.stopped;
	return rc;
}

/* The first look at the test rows. */
static int timed_predict(struct work *w, struct record *r, const void *model,
			 struct error *err)
{
	double wall = clock_wall(), cpu = clock_cpu();
	int rc = predict(w, model, &w->all.test, w->test, err);

	r->predict_s = clock_wall() - wall;
	r->predict_cpu_s = clock_cpu() - cpu;
	return rc;
}

/* Untimed, and not within the learner's limit of memory. */
static int keep(struct work *w, const void *model, struct error *err)
{
	struct keep k = {
		.cell = w->m->cell, .place = w->m->place, .data = &w->lent,
		.items = w->m->cell->files ? &w->items : NULL,
		.config = w->config, .model = model, .run = &w->run,
	};
	size_t limit = w->arena.limit;
	int rc;

	w->arena.limit = 0;
	rc = keep_fit(&k, &w->all.test, err);
	w->arena.limit = limit;
	return rc;
}

/* The peak is reset before the fit, so that decoding the data does not count as
 * the learner's, and read before the validation scores, which are untimed. */
static int fit_and_predict(struct work *w, struct record *r, struct error *err)
{
	void *model = NULL;
	int rc;

	clock_reset_peak_rss();
	rc = timed_fit(w, r, &model, err);
	if (rc) {
		r->peak_rss_mb = (double)clock_peak_rss() / MIB;
		return rc;
	}
	rc = timed_predict(w, r, model, err);
	r->peak_rss_mb = (double)clock_peak_rss() / MIB;
	if (!rc && w->all.valid.rows)
		rc = predict(w, model, &w->all.valid, w->valid, err);
	if (!rc)
		rc = keep(w, model, err);
	release(w, model);
	return rc;
}

/* `out` is a new reference, which the row then owns. */
static int judge(struct work *w, const struct part *rows, const float *scores,
		 json_t **out, struct metrics *m, struct error *err)
{
	if (metric_compute(m, &w->all, rows, scores, &w->arena, err))
		return (int)err->code;
	*out = metric_to_json(m);
	return *out ? 0 : error_set(err, ERR_MEMORY, "out of memory");
}

/* The row's score and error are of the test part; the digest is over float32
 * scores as they lie in memory, which is what "same bits" means. */
static int judge_all(struct work *w, struct record *r, struct error *err)
{
	size_t bytes = w->all.test.rows * learner_outputs(&w->all) * sizeof(float);
	struct metrics m;
	char hex[HASH_HEX];

	if (w->all.valid.rows &&
	    judge(w, &w->all.valid, w->valid, &r->valid, &m, err))
		return (int)err->code;
	if (judge(w, &w->all.test, w->test, &r->metrics, &m, err))
		return (int)err->code;
	r->score = metric_score(&m, w->metric);
	r->error = metric_error(&m);
	hash_bytes(w->test, bytes, hex);
	r->pred_sha256 = arena_strdup(w->m->arena, hex);
	return r->pred_sha256 ? 0 : arena_error(w->m->arena, err);
}

/* Before anything is timed, and within the cell's limit: a learner with 10,000
 * classes pays for its scores. */
static int make_room(struct work *w, struct error *err)
{
	size_t outputs = learner_outputs(&w->all);

	w->test = ARENA_NEW(&w->arena, float, w->all.test.rows * outputs);
	w->valid = ARENA_NEW(&w->arena, float, w->all.valid.rows * outputs);
	return w->test && w->valid ? 0 : arena_error(&w->arena, err);
}

/* From the data to the metrics; any error is the row's status. */
static int examine(struct work *w, struct record *r, struct error *err)
{
	if (!(w->learner->tasks & (1u << w->all.task)))
		return error_set(err, ERR_UNSUPPORTED, "'%s' does not do %s",
				 w->learner->name, task_name(w->all.task));
	if (make_room(w, err))
		return (int)err->code;
	warm_up(w);
	if (tune(w, r, err) || fit_and_predict(w, r, err) ||
	    judge_all(w, r, err))
		return (int)err->code;
	return 0;
}

/* ---------------------------------------------------------------- publish */

/* Files of a user's are numbered through, the test rows after the training rows; a
 * part that came without numbers is counted from 0. */
static const uint32_t *item_numbers(struct arena *a, const struct part *p)
{
	uint32_t *item;

	if (p->item)
		return p->item;
	item = ARENA_RAW(a, uint32_t, p->rows);
	for (size_t i = 0; item && i < p->rows; i++)
		item[i] = (uint32_t)i;
	return item;
}

/* Labels and targets alike as floats: class codes are far below 2^24. */
static const float *truth(struct arena *a, const struct part *p)
{
	float *y;

	if (p->target)
		return p->target;
	y = ARENA_RAW(a, float, p->rows);
	for (size_t i = 0; y && i < p->rows; i++)
		y[i] = (float)p->label[i];
	return y;
}

/* Everything but the scores is lent or lies in the arena; scores are (rows,
 * outputs). */
static int make_predictions(struct work *w, const struct part *p,
			    const float *scores, struct predictions *out,
			    struct error *err)
{
	*out = (struct predictions){
		.rows = p->rows, .outputs = learner_outputs(&w->all),
		.scores = scores,
		.item = item_numbers(&w->arena, p),
		.truth = truth(&w->arena, p),
	};
	return out->item && out->truth ? 0 : arena_error(&w->arena, err);
}

/* CSV for people: item, truth, then one column an output. Nine digits bring
 * every float back exactly. */
static int write_predictions(const char *path, const struct predictions *p,
			     struct error *err)
{
	FILE *f = fopen(path, "w");
	bool bad;

	if (!f)
		return error_set(err, ERR_IO, "cannot write '%s': %s", path,
				 strerror(errno));
	fputs("item,truth", f);
	for (size_t c = 0; c < p->outputs; c++)
		fprintf(f, ",score%zu", c);
	fputc('\n', f);
	for (size_t i = 0; i < p->rows; i++) {
		fprintf(f, "%u,%.9g", p->item[i], (double)p->truth[i]);
		for (size_t c = 0; c < p->outputs; c++)
			fprintf(f, ",%.9g",
				(double)p->scores[i * p->outputs + c]);
		fputc('\n', f);
	}
	bad = ferror(f) != 0;
	if (fclose(f) || bad)
		return error_set(err, ERR_IO, "cannot write '%s'", path);
	return 0;
}

/* Predictions are stored for what is ok alone, and the row of it with their
 * digest. The row is written last of all (store.h): who sees it can rely on the
 * rest. */
static int publish(struct work *w, const struct record *r, struct error *err)
{
	const struct cell_place *place = w->m->place;
	struct predictions valid = { 0 }, test = { 0 };
	bool ok = r->status == STATUS_OK;
	struct store *s;
	int rc;

	w->arena.limit = 0; /* the learner's limit, not the row's */
	if (ok && (make_predictions(w, &w->all.test, w->test, &test, err) ||
		   make_predictions(w, &w->all.valid, w->valid, &valid, err)))
		return (int)err->code;
	if (ok && place->predictions &&
	    write_predictions(place->predictions, &test, err))
		return (int)err->code;
	if (!place->store)
		return 0;
	if (store_open(&s, place->store, err))
		return (int)err->code;
	rc = store_publish(s, r, ok && valid.rows ? &valid : NULL,
			   ok ? &test : NULL, NULL, err);
	store_close(s);
	return rc;
}

/* ---------------------------------------------------------------- cell */

/* Is the error an answer about the learner, and which? Before the fit only
 * memory and a view that does not exist are: the rest is the place's. */
static bool is_answer(enum err code, bool loaded, enum status *out)
{
	switch (code) {
	case ERR_OK:
		*out = STATUS_OK;
		return true;
	case ERR_MEMORY:
		*out = STATUS_OOM;
		return true;
	case ERR_UNSUPPORTED:
		*out = STATUS_UNSUPPORTED;
		return true;
	case ERR_DIVERGED:
		*out = STATUS_DIVERGED;
		return loaded;
	case ERR_TIMEOUT:
		*out = STATUS_TIMEOUT;
		return loaded;
	case ERR_INTERRUPTED:
	case ERR_MISSING:
	case ERR_IO:
		return false;
	default:
		*out = STATUS_ERROR;
		return loaded;
	}
}

/* Loading is timed and limited apart, since the first cell of a task may
 * have to decode what the others find in the cache. */
static int answer(struct work *w, struct record *r, struct error *err)
{
	struct error why = { .code = ERR_OK };
	double start = clock_wall();
	struct noise after;
	bool loaded;

	load(w, &why);
	loaded = why.code == ERR_OK;
	r->prepare_s = clock_wall() - start;
	if (loaded) {
		if (w->m->loaded)
			w->m->loaded();
		describe_data(w, r);
		examine(w, r, &why);
	}
	if (!is_answer(why.code, loaded, &r->status)) {
		*err = why;
		return (int)err->code;
	}
	r->message = arena_strdup(w->m->arena, why.code ? why.text : w->run.note);
	noise_read(&after);
	r->noise = noise_to_json(&w->before, &after);
	return r->message && r->noise ? publish(w, r, err) :
					error_set(err, ERR_MEMORY,
						  "out of memory for a row");
}

/* The arena of the cell carries the limit on memory, and the caller's does not:
 * a row about a learner that used all of it must still be written. */
int measure_cell(const struct measure *m, struct record *r, struct error *err)
{
	const struct protocol *p = m->cell->protocol;
	struct work w = {
		.m = m, .learner = m->cell->spec->learner,
		.config = m->cell->spec->config,
	};
	int rc;

	if (cell_record(m->cell, m->machine, r, err))
		return (int)err->code;
	r->repetition = m->place->repetition;
	arena_init(&w.arena, (size_t)(p->memory_mb * MIB));
	noise_read(&w.before);
	rc = answer(&w, r, err);
	/* the digest lives in w, which goes now */
	r->digest = arena_strdup(m->arena, r->digest);
	if (!rc && !r->digest)
		rc = arena_error(m->arena, err);
	if (w.loaded.map)
		load_close(&w.loaded);
	arena_clear(&w.arena);
	if (rc)
		record_clear(r);
	return rc;
}
