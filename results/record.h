/* One row of results: what one cell was asked and what came of it.
 *
 * The JSON text of a record is the truth; this struct is its typed mirror.
 * Fields that a later version adds are optional when read, unknown ones are
 * kept out of the way, so old rows stay readable when learners are gone.
 */
#ifndef TRIARCH_RECORD_H
#define TRIARCH_RECORD_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

#define RECORD_FORMAT 1

enum status {
	STATUS_OK,
	STATUS_TIMEOUT,	    /* killed at the wall-clock limit */
	STATUS_OOM,	    /* killed at the memory limit, or an arena's */
	STATUS_DIVERGED,    /* loss or weights left the finite numbers */
	STATUS_CRASHED,	    /* a signal or an unknown exit */
	STATUS_UNSUPPORTED, /* the learner cannot take this task */
	STATUS_ERROR,	    /* anything else that was reported in words */
};
const char *status_name(enum status s); /* "ok" ... */
int status_from_name(const char *name, enum status *out); /* 0 or -1 */

struct record {
	/* identity */
	const char *key;	 /* sha256 of the question */
	const char *build;	 /* commit of the program, "-dirty" if changed */
	const char *fingerprint; /* sha256 of machine and BLAS */
	int64_t repetition;	 /* 0, 1 ... of the same question */
	int64_t created;	 /* Unix seconds */
	/* the question */
	const char *task; /* the label: data set, options, transforms */
	const char *dataset, *transform; /* its name; "rotate=1" or "" */
	const char *modality, *task_kind, *metric, *view, *digest;
	const char *learner, *family, *origin;
	int64_t learner_version;
	json_t *params; /* object: every parameter; owned, record_clear drops */
	json_t *tuning; /* object: {trials, ...} and after the run the trials */
	int64_t seed, repeat, n_train, n_valid, n_test, cols, classes, threads;
	double limit_s, limit_mb; /* hard limits, 0: none */
	double budget_s;	  /* soft limit through tick, 0: none */
	/* the answer */
	enum status status;
	const char *message; /* why not ok, or a note; "" */
	json_t *metrics;     /* object on test: accuracy, log_loss ... */
	json_t *valid;	     /* object on validation, or NULL */
	double score, error; /* NAN unless ok */
	double prepare_s, fit_s, fit_cpu_s, predict_s, predict_cpu_s;
	double peak_rss_mb;
	int64_t steps;
	int64_t stopped;	 /* 1: a deadline ended the fit early */
	const char *pred_sha256; /* of the test scores, float32 little endian */
	/* the circumstances */
	json_t *machine; /* object: cpu, cores, memory, simd, os, host */
	json_t *blas;	 /* object: core, config, build, best, forced_by */
	json_t *versions; /* object: triarch, compiler, libraries */
	json_t *noise;	 /* object: load, involuntary switches, pressure */
};

/* All zero, strings "", doubles NAN where "NAN unless ok", objects NULL. */
void record_init(struct record *r);
/* Drop the JSON references. */
void record_clear(struct record *r);

/* A new reference, NULL when out of memory. */
json_t *record_to_json(const struct record *r);

/* Strings go to the arena. ERR_DATA names the first field that is wrong, or a
 * format newer than RECORD_FORMAT. */
int record_from_json(struct record *r, struct arena *a, const json_t *object,
		     struct error *err);

/* Predictions of one part, for metrics recomputed and paired tests. */
struct predictions {
	size_t rows, outputs;
	const uint32_t *item; /* (rows) */
	const float *scores;  /* (rows, outputs) */
	const float *truth;   /* (rows) class code or target */
};

#endif
