/* What the catalogue, or a person, says about a CSV file, as options of the parser. */
#ifndef TRIARCH_CSV_SOURCE_H
#define TRIARCH_CSV_SOURCE_H

#include "datasets/csv/csv.h"

/* The options of the source's map that are the parser's own; what it does not say
 * is left as `o` has it. ERR_CONFIG at the place in the YAML, ERR_MEMORY. */
int csv_source_options(const struct source *src, struct arena *a, struct csv_options *o,
		       struct error *err);

#endif
