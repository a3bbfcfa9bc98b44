/* What the options of filing.h say, checked against each other; for filing.c. */
#ifndef TRIARCH_FILING_RULE_H
#define TRIARCH_FILING_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"
#include "harness/base/yaml.h"

/* Fields count from 0; a negative one was not asked for. Texts and lists belong
 * to the options or the arena. */
struct filing_rule {
	int64_t label_field, group_field, fold_field, official_field, min_class;
	bool group_folder, fold_folder;
	const char *separator;
	const struct yaml *labels; /* the map, or NULL */
	const char *const *test_values, *const *classes;
	size_t n_test_values, n_classes;
};

/* Read the rule from the options (NULL: none). ERR_CONFIG with the option's
 * place: a wrong word or number, or two options that answer one question. */
int filing_rule_read(const struct yaml *o, struct arena *a,
		     struct filing_rule *r, struct error *err);

#endif
