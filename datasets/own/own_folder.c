/* A folder of a person's own: one sub-folder a class, its files by their endings. */
#include <string.h>
#include <strings.h>

#include "datasets/folder.h"
#include "datasets/own/own_parts.h"
#include "datasets/own/yaml_make.h"

enum { IMAGES, SOUNDS, TEXTS, KINDS };

struct kind {
	const char *reader;
	enum modality modality;
	const char *endings; /* each with a blank behind */
};

static const struct kind kinds[KINDS] = {
	{ "images", MODALITY_IMAGE, "png jpg jpeg " },
	{ "sounds", MODALITY_AUDIO, "wav flac ogg mp3 aif aiff au opus " },
	{ "text", MODALITY_TEXT, "txt " },
};

/* The kind of a file, or KINDS. By the ending alone, in any case: opening each of
 * 100,000 files would take minutes. */
static size_t kind_of(const char *path)
{
	const char *dot = strrchr(path, '.');
	char ending[16];
	size_t n = dot ? strlen(dot + 1) : 0;

	if (!n || n + 2 > sizeof(ending))
		return KINDS;
	for (size_t k = 0; k < KINDS; k++)
		for (const char *p = kinds[k].endings; *p; p += strcspn(p, " ") + 1)
			if (strcspn(p, " ") == n && !strncasecmp(p, dot + 1, n))
				return k;
	return KINDS;
}

/* The kind that most files are of; files that stand in the folder itself belong to no
 * class and are not counted. Ties go to the first kind, pictures before sounds before
 * texts. */
static int count_files(struct own_work *w, size_t *best, size_t *others)
{
	size_t count[KINDS + 1] = { 0 }, n, root = strlen(w->own->path);
	const char *const *paths;

	if (folder_files(w->own->path, w->a, &paths, &n, w->err))
		return (int)w->err->code;
	for (size_t i = 0; i < n; i++)
		if (strchr(paths[i] + root + 1, '/'))
			count[kind_of(paths[i])]++;
	*best = 0;
	*others = count[KINDS];
	for (size_t k = 1; k < KINDS; k++)
		if (count[k] > count[*best])
			*best = k;
	for (size_t k = 0; k < KINDS; k++)
		*others += k == *best ? 0 : count[k];
	if (!count[*best])
		return error_set(w->err, ERR_DATA, "%s: no images, sounds or .txt files in its "
				 "sub-folders: one sub-folder for each class is expected",
				 w->own->path);
	return 0;
}

/* The reader of texts knows other formats as well; the others know folders only. What
 * a person says of the format stands above "folders". */
static int add_options(struct own_work *w, bool say_format)
{
	struct yaml_maker m = { .arena = w->a, .file = w->own->entry.name };
	const struct yaml *given = w->s.options;
	struct yaml *map = yaml_make_map(&m, 1 + (given ? given->n : 0));

	if (own_options(w, w->own->entry.reader))
		return (int)w->err->code;
	if (say_format && !yaml_get(given, "format"))
		yaml_make_text(&m, map, "format", "folders");
	if (m.failed)
		return arena_error(w->a, w->err);
	for (size_t k = 0; given && k < given->n; k++) {
		map->keys[map->n] = given->keys[k];
		map->items[map->n++] = given->items[k];
	}
	w->own->entry.options = map;
	return 0;
}

/* One kind a folder: a mixture is most likely a picture that strayed in. */
int own_folder(struct own_work *w)
{
	struct entry *e = &w->own->entry;
	size_t best = 0, others = 0;

	if (count_files(w, &best, &others))
		return (int)w->err->code;
	e->modality = kinds[best].modality;
	e->task = TASK_CLASSIFICATION;
	e->reader = reader_find(kinds[best].reader);
	if (!e->reader)
		return error_set(w->err, ERR_CONFIG, "%s: this program has no reader '%s' for "
				 "the files of this folder", w->own->path, kinds[best].reader);
	if (others)
		notes_add(&w->own->notes, NOTE_WARNING, "%zu files of other kinds are in the "
			  "folder", others);
	return add_options(w, best == TEXTS);
}
