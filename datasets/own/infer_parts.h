/* What the files of the inference share. Private to datasets/infer*.c. */
#ifndef TRIARCH_INFER_PARTS_H
#define TRIARCH_INFER_PARTS_H

#include "datasets/csv/csv.h"
#include "datasets/own/infer.h"

/* The layout of the text, before any column is looked at. */
struct infer_layout {
	char separator;
	bool header;
};
void infer_layout(const char *bytes, size_t size, const struct own_settings *s,
		  struct infer_layout *out);

/* The texts that stand for holes: the markers that occur, "" first. `counts` of
 * them go to a note. ERR_MEMORY. */
int infer_markers(const char *bytes, size_t size, const struct infer_layout *layout,
		  struct arena *a, const char *const **out, size_t *n,
		  struct notes *notes, struct error *err);

/* Kind, counts, range and sight of column j of a parsed table. ERR_MEMORY. */
int infer_column(const struct table *t, size_t j, char decimal, struct arena *a,
		 struct infer_column *out, struct error *err);

/* Roles, task and document of all columns, with their notes. ERR_CONFIG for names
 * that no column has. */
int infer_roles(const struct own_settings *s, const char *path, struct arena *a,
		struct inferred *out, struct notes *notes, struct error *err);

/* Is it a name that people give to numbers of rows? */
bool infer_id_name(const char *name);

#endif
