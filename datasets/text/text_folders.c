/* A text a file, its class and its part told by the folders around it: folders
 * on disk or in an archive (bundle.h). */
#include "datasets/text/text_source.h"

#include <string.h>

#include "datasets/media/bundle.h"
#include "datasets/text/usenet.h"

/* A folder of a path: [s, s + size). */
struct step {
	const char *s;
	size_t size;
};

/* Whole names: `train` is no part of `train-small`. */
static bool is_named(struct step f, const char *name)
{
	return strlen(name) == f.size && !memcmp(f.s, name, f.size);
}

/* How many folders a file is in. */
static size_t depth_of(const char *name)
{
	size_t n = 0;

	for (; *name; name++)
		n += *name == '/';
	return n;
}

/* Folder k of a path that has more of them. */
static struct step folder_at(const char *name, size_t k)
{
	for (; k; k--)
		name = strchr(name, '/') + 1;
	return (struct step){ name, strcspn(name, "/") };
}

/* The folder that is the label, -1 from the inside or 0 from the outside; false
 * when the file is in fewer folders. */
static bool find_label(const struct text_source *s, const char *name,
		       struct step *out)
{
	int64_t depth = (int64_t)depth_of(name), k = s->label_level;

	if (k < 0)
		k += depth;
	if (k < 0 || k >= depth)
		return false;
	*out = folder_at(name, (size_t)k);
	return true;
}

/* Linear: there are few classes, and reading a file takes far longer. */
static bool is_class(const struct text_source *s, struct step label)
{
	for (size_t k = 0; k < s->n_classes; k++)
		if (is_named(label, s->classes[k]))
			return true;
	return !s->classes;
}

/* The part that a folder is named after; false when parts are named and the
 * file is in none of them. */
static bool find_part(const struct text_source *s, const char *name,
		      enum official *out)
{
	bool any = false;

	*out = s->official;
	for (size_t p = OFFICIAL_TRAIN; p <= OFFICIAL_TEST; p++) {
		any |= s->part[p] != NULL;
		for (size_t k = 0; s->part[p] && k < depth_of(name); k++)
			if (is_named(folder_at(name, k), s->part[p])) {
				*out = (enum official)p;
				return true;
			}
	}
	return !any;
}

/* One file, which is the arena's or the archive's, as a text of its own. */
static int add_file(const struct text_source *s, struct corpus *c,
		    const struct bundle *b, size_t i, struct step label,
		    enum official part, struct error *err)
{
	struct text_source of_file = *s;
	const unsigned char *bytes;
	struct utf8_text t;
	size_t size;

	if (bundle_bytes(b, i, c->arena, &bytes, &size, err))
		return err->code;
	of_file.official = part;
	of_file.path = b->files[i].name; /* for messages */
	if (utf8_decode(bytes, size, b->files[i].name, s->from, c->arena, &t,
			err))
		return error_wrap(err, "%s", s->path);
	size = usenet_strip(t.bytes, t.size, s->strip);
	return text_source_add(&of_file, c, t.bytes, size, label.s, label.size, 1, err);
}

/* Archives hold lists and read-me files beside the texts: what has no class or
 * no part is passed over. */
int text_folders_read(const struct text_source *s, struct corpus *c,
		      struct error *err)
{
	struct bundle b;

	if (bundle_open(&b, s->path, c->arena, err))
		return err->code;
	for (size_t i = 0; i < b.n; i++) {
		enum official part;
		struct step label;

		if (!find_label(s, b.files[i].name, &label) ||
		    !is_class(s, label) ||
		    !find_part(s, b.files[i].name, &part))
			continue;
		if (add_file(s, c, &b, i, label, part, err))
			return err->code;
	}
	return 0;
}
