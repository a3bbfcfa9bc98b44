/* A store of a test's own, rows put into it, and the board made of them. */
#ifndef TRIARCH_BOARD_FIXTURE_H
#define TRIARCH_BOARD_FIXTURE_H

#include <stdlib.h>

#include "harness/base/json.h"
#include "results/board.h"
#include "tests/record_sample.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static char dir[64];
static struct store *store;
static int questions; /* so many keys were used */

static const char other_machine[] =
	"0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b";

__attribute__((unused)) static void new_store(void)
{
	strcpy(dir, "/tmp/triarch-board-XXXXXX");
	if (!mkdtemp(dir) || store_open(&store, dir, &err))
		printf("Bail out! %s\n", err.text);
	questions = 0;
}

__attribute__((unused)) static void remove_store(void)
{
	char command[128];

	store_close(store);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (system(command))
		printf("# cannot remove %s\n", dir);
}

__attribute__((unused)) static void put(struct record *r)
{
	if (store_publish(store, r, NULL, NULL, NULL, &err))
		printf("# %s\n", err.text);
	record_clear(r);
}

/* A good row of a question that was not asked before. */
__attribute__((unused)) static void
new_row(struct record *r, const char *learner, const char *family, int repeat,
	double score)
{
	record_sample(r, questions++);
	r->learner = learner;
	r->family = family;
	r->repeat = repeat;
	r->score = score;
	r->error = 1.0 - score;
	r->fit_s = 1.0 + repeat * repeat;
	r->peak_rss_mb = 100 + repeat;
	json_object_set_new(r->metrics, "accuracy", json_real(score));
}

__attribute__((unused)) static void put_three(const char *learner, const char *family, double score)
{
	for (int i = 0; i < 3; i++) {
		struct record r;

		new_row(&r, learner, family, i, score + 0.01 * (i - 1));
		put(&r);
	}
}

__attribute__((unused)) static struct board make(void)
{
	struct board b = { 0 };
	size_t broken;

	if (store_sync(store, NULL, NULL, &broken, &err) || broken ||
	    board_make(&b, store, NULL, 0, &arena, &err))
		printf("# %s\n", err.text);
	return b;
}

__attribute__((unused)) static const struct board_row *
find(const struct board *b, const char *learner)
{
	static const struct board_row none = { .learner = "none" };

	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->rows[i].learner, learner))
			return &b->rows[i];
	printf("# no row of %s\n", learner);
	return &none;
}

__attribute__((unused)) static void put_task(const char *task, const char *modality, double net,
		     double tree)
{
	struct record r;

	for (int i = 0; i < 6; i++) {
		new_row(&r, i % 2 ? "cnn" : "gbdt", i % 2 ? "net" : "tree",
			i / 2, i % 2 ? net : tree);
		r.task = task;
		r.modality = modality;
		put(&r);
	}
}

__attribute__((unused)) static const char *
formatted(const struct board *b, enum board_format f)
{
	const char *text = "";

	if (board_format(b, f, false, &arena, &text, &err))
		printf("# %s\n", err.text);
	return text;
}

#endif
