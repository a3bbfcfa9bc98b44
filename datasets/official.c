/* Said file by file and not found out from names: a "test" in a path may be
 * anything. */
#include "datasets/official.h"

#include <string.h>

static const char *const words[] = {
	[OFFICIAL_TRAIN] = "train",
	[OFFICIAL_VALID] = "valid",
	[OFFICIAL_TEST] = "test",
};

/* OFFICIAL_NONE when it is no such word. */
static enum official part_of(const char *word)
{
	for (size_t k = OFFICIAL_TRAIN; k <= OFFICIAL_TEST; k++)
		if (!strcmp(word, words[k]))
			return (enum official)k;
	return OFFICIAL_NONE;
}

int official_parts(const struct source *src, size_t n, struct arena *a,
		   enum official **part, struct error *err)
{
	const struct yaml *at = yaml_get(src->options, "official");
	const char *const *text = NULL;
	bool seen[OFFICIAL_TEST + 1] = { false };
	size_t n_text = 0;

	*part = ARENA_NEW(a, enum official, n);
	if (!*part)
		return arena_error(a, err);
	if (yaml_get_strings(a, src->options, "official", &text, &n_text, err))
		return err->code;
	if (!text)
		return 0;
	if (n_text != n)
		return yaml_error(at, err, "%zu words for %zu files: each has its part",
				  n_text, n);
	for (size_t k = 0; k < n; k++) {
		(*part)[k] = part_of(text[k]);
		if ((*part)[k] == OFFICIAL_NONE)
			return yaml_error(at, err, "'%s' is not train, valid or test",
					  text[k]);
		seen[(*part)[k]] = true;
	}
	if (!seen[OFFICIAL_TRAIN] || !seen[OFFICIAL_TEST])
		return yaml_error(at, err, "an official split has a train and a test part");
	return 0;
}

int official_mark(const enum official *part, const size_t *end, size_t n, struct arena *a,
		  struct items *out, struct error *err)
{
	uint8_t *official;
	size_t i = 0;

	if (!n || part[0] == OFFICIAL_NONE)
		return 0;
	official = ARENA_RAW(a, uint8_t, out->n);
	if (!official)
		return arena_error(a, err);
	for (size_t k = 0; k < n; k++)
		for (; i < end[k]; i++)
			official[i] = (uint8_t)part[k];
	out->official = official;
	return 0;
}
