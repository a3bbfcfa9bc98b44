/* What the verbs share when they print on stdout and open things. */
#ifndef TRIARCH_PRINT_H
#define TRIARCH_PRINT_H

#include "harness/base/textable.h"
#include "harness/cli.h"
#include "results/store.h"

/* The table on stdout. ERR_MEMORY. */
int print_table(const struct cli *c, const struct textable *t,
		enum textable_format f, struct error *err);

/* Columns by what their cuts gained (keep_importance), on stdout; the share of each
 * in the gain of all beside it. ERR_MEMORY. */
int print_importance(const struct cli *c, const json_t *list, enum textable_format f,
		     struct error *err);

/* The results folder for reading, its index up to date; files that are no row
 * are warned of. ERR_MISSING when there is no such folder. */
int print_open_store(const struct cli *c, struct store **s, struct error *err);

/* "classification, regression" of bits 1u << enum task; likewise of modalities,
 * "any" of all four; "table dense" of a list of views; in the arena, NULL when out of memory. */
const char *print_tasks(struct arena *a, unsigned tasks);
const char *print_modalities(struct arena *a, unsigned modalities);
const char *print_views(struct arena *a, const enum view *views, size_t n);

#endif
