/* Rows for tests: a plausible record whose key and numbers follow `i`. */
#ifndef TRIARCH_RECORD_SAMPLE_H
#define TRIARCH_RECORD_SAMPLE_H

#include <math.h>
#include <stdio.h>

#include "harness/base/hash.h"
#include "results/record.h"

/* The key of sample `i`. */
__attribute__((unused)) static void record_sample_key(int i, char hex[HASH_HEX])
{
	char name[32];
	int n = snprintf(name, sizeof(name), "question %d", i);

	hash_bytes(name, (size_t)n, hex);
}

/* record_clear it. Its key lives in *r's own buffer ring: 8 samples at once. */
__attribute__((unused)) static void record_sample(struct record *r, int i)
{
	static char keys[8][HASH_HEX];
	static const char fingerprint[] =
		"f1f2f3f4f5f6f7f8f1f2f3f4f5f6f7f8f1f2f3f4f5f6f7f8f1f2f3f4f5f6f7f8";

	record_sample_key(i, keys[i & 7]);
	record_init(r);
	r->key = keys[i & 7];
	r->build = "0123456789ab";
	r->fingerprint = fingerprint;
	r->created = 1700000000 + i;
	r->task = "letter";
	r->modality = "tabular";
	r->task_kind = "classification";
	r->metric = "accuracy";
	r->view = "table";
	r->digest = "d0";
	r->learner = "gbdt";
	r->family = "tree";
	r->origin = "ours";
	r->learner_version = 1;
	r->params = json_pack("{s:i, s:f}", "rounds", 300, "shrinkage", 0.1);
	r->tuning = json_pack("{s:i}", "trials", 1);
	r->seed = i;
	r->repeat = i % 3;
	r->n_train = 16000;
	r->n_valid = 1600;
	r->n_test = 4000;
	r->cols = 16;
	r->classes = 26;
	r->threads = 2;
	r->limit_s = 600;
	r->status = STATUS_OK;
	r->score = 0.96 + 0.001 * (i % 3);
	r->error = 1.0 - r->score;
	r->metrics = json_pack("{s:f, s:f}", "accuracy", r->score, "log_loss",
			       0.13);
	r->prepare_s = 0.01;
	r->fit_s = 1.5 + 0.1 * (i % 3);
	r->fit_cpu_s = 2.9;
	r->predict_s = 0.05;
	r->predict_cpu_s = NAN;
	r->peak_rss_mb = 81.5;
	r->steps = 300;
	r->machine = json_pack("{s:s, s:i}", "cpu", "Test CPU", "cores", 2);
	r->blas = json_pack("{s:s}", "core", "Zen");
	r->versions = json_pack("{s:s}", "triarch", "0.1");
	r->noise = json_pack("{s:f}", "load", 0.5 + i);
}

#endif
