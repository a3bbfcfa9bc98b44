/* YAML trees without a file: options that are found out instead of written. */
#ifndef TRIARCH_YAML_MAKE_H
#define TRIARCH_YAML_MAKE_H

#include "harness/base/yaml.h"

/* Nodes live in the arena and say `file` as their place. A failed allocation
 * leaves `failed` true; ask once at the end. */
struct yaml_maker {
	struct arena *arena;
	const char *file;
	bool failed;
};

/* An empty map with room for `most` pairs. */
struct yaml *yaml_make_map(struct yaml_maker *m, size_t most);

/* One more pair; the texts are not copied. */
void yaml_make_text(struct yaml_maker *m, struct yaml *map, const char *key,
		    const char *text);
void yaml_make_list(struct yaml_maker *m, struct yaml *map, const char *key,
		    const char *const *texts, size_t n);

#endif
