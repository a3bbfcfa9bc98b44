/* A data set of the catalogue as files for all programs to read (set_files.h),
 * in our own split: repeat REPEAT's fitted and validation rows are train.
 *
 *	bench_export CATALOG CACHE NAME[=SHOWN] REPEAT ROUNDS FOLDER [LEARNER]
 *
 * The view is the learner's (gbdt's, when none is named).
 *
 * Exit code 3: its files are not there (triarch fetch NAME). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/load.h"
#include "learners/learner.h"
#include "tests/bench/set_files.h"

struct export {
	const char *catalog, *name, *shown, *folder;
	const struct learner *learner;
	struct fetch fetch;
	unsigned repeat;
	long long rounds;
};

static int export(const struct export *e, struct arena *a, struct error *err)
{
	struct load_request req = { .repeat = e->repeat, .threads = 1 };
	struct catalog catalog;
	struct loaded loaded;
	struct set_files set = { .seed = e->repeat, .rounds = e->rounds };
	int rc;

	if (catalog_read(&catalog, a, e->catalog, err) ||
	    catalog_get(&catalog, e->name, &req.entry, err))
		return err->code;
	if (!learner_view(e->learner, load_views(req.entry->modality), &req.view))
		return error_set(err, ERR_UNSUPPORTED, "%s has no view for %s", e->name,
				 e->learner->name);
	if (load_dataset(&e->fetch, &req, a, &loaded, err))
		return err->code;
	set.data = loaded.data;
	set.data.name = e->shown;
	set.digest = loaded.digest;
	rc = set_files_write(&set, e->folder, a, err);
	load_close(&loaded);
	return rc;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	struct export e = { 0 };
	struct arena a;
	char *shown;
	int rc;

	e.learner = learner_find(argc == 8 ? argv[7] : "gbdt");
	if ((argc != 7 && argc != 8) || !e.learner) {
		fputs("usage: bench_export CATALOG CACHE NAME[=SHOWN] REPEAT ROUNDS FOLDER "
		      "[LEARNER]\n", stderr);
		return 2;
	}
	shown = strchr(argv[3], '=');
	if (shown)
		*shown++ = '\0';
	e.catalog = argv[1];
	e.fetch = (struct fetch){ .cache = argv[2], .offline = true };
	e.name = argv[3];
	e.shown = shown ? shown : argv[3];
	e.repeat = (unsigned)atoi(argv[4]);
	e.rounds = atoll(argv[5]);
	e.folder = argv[6];
	arena_init(&a, 0);
	rc = export(&e, &a, &err);
	if (rc)
		fprintf(stderr, "bench_export: %s\n", err.text);
	arena_clear(&a);
	return rc == ERR_MISSING ? 3 : rc ? 1 : 0;
}
