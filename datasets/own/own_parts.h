/* What the files of own data share. Private to datasets/own*.c. */
#ifndef TRIARCH_OWN_PARTS_H
#define TRIARCH_OWN_PARTS_H

#include "datasets/own/own.h"

struct own_work {
	struct own *own;
	struct own_settings s;
	struct arena *a;
	struct error *err;
};

/* Fill the entry's modality, task, reader, options, target and drops. */
int own_table(struct own_work *w);
int own_folder(struct own_work *w);

/* Check `options:` of the settings against what the reader knows. */
int own_options(struct own_work *w, const struct reader *r);

#endif
