/* A model from the bytes of a file, whose layout is in model_writer.h.
 *
 * No size in the file is trusted: every array was found to lie within it when it
 * was opened, so what is read takes no more memory than the file has bytes. Arrays
 * are asked for by name and type; at the end model_reader_done says whether the
 * file holds any that nobody asked for, which only a newer triarch writes.
 *
 * ERR_DATA of all of them says the file, the array and what is wrong with it.
 */
#ifndef TRIARCH_MODEL_READER_H
#define TRIARCH_MODEL_READER_H

#include "learners/model/model_writer.h"

struct model_array {
	const unsigned char *name; /* (name_size), in the file */
	size_t name_size;
	enum model_type type;
	size_t n;		   /* elements */
	const unsigned char *data; /* in the file, little endian */
	bool used;
};

struct model_reader {
	struct arena *arena; /* where all that is read goes */
	const char *path;    /* for messages */
	struct model_array *array; /* (n) */
	size_t n;
};

/* Check and index `size` bytes, which must stay until the reader is done with. A
 * damaged file, one that is no model and one of a newer layout are ERR_DATA, each
 * in words of its own. ERR_MEMORY. */
int model_reader_open(struct model_reader *r, const void *bytes, size_t size,
		      const char *path, struct arena *a, struct error *err);

/* An array that must be there with exactly n elements: a decoded copy in the
 * arena. model_reader_size first tells the number where only the file knows it. */
int model_reader_array(struct model_reader *r, const char *name, enum model_type type,
		       size_t n, const void **out, struct error *err);
int model_reader_size(struct model_reader *r, const char *name, enum model_type type,
		      size_t *n, struct error *err);

/* One number, at most `most`. */
int model_reader_count(struct model_reader *r, const char *name, uint64_t most,
		       size_t *out, struct error *err);

/* One text; exactly n of them. */
int model_reader_text(struct model_reader *r, const char *name, const char **out,
		      struct error *err);
int model_reader_texts(struct model_reader *r, const char *name, size_t n,
		       const char *const **out, struct error *err);

/* Is it there? For what older files lack. */
bool model_reader_has(const struct model_reader *r, const char *name);

/* What a learner finds wrong with what it read: "FILE: damaged model: ...". */
int model_reader_bad(const struct model_reader *r, struct error *err, const char *fmt,
		     ...) __attribute__((format(printf, 3, 4)));

/* Was everything read? */
int model_reader_done(const struct model_reader *r, struct error *err);

#endif
