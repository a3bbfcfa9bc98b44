/* A model on its way into a file: named, typed arrays, one behind the other.
 *
 *	magic	8 bytes		"\x89TRIMDL\n"
 *	version	u32		of this layout: MODEL_VERSION
 *	size	u64		of the whole file
 *	arrays			until 64 bytes before the end:
 *		type u8, name's size u8, elements u64, name, elements
 *	digest	64 bytes	SHA-256 of all before, in hexadecimal
 *
 * All numbers are little endian, floats are IEEE 754's, so a file is the same on
 * every machine. Magic and digest stay in their places in all versions to come:
 * whatever the file says beyond them, a flipped bit is told from a newer file.
 *
 * A learner writes what its `predict` needs under names of its own ("boost.base");
 * a name says what it is, and the reader refuses names that nobody asked for. So
 * a field more needs a name more and no new version.
 */
#ifndef TRIARCH_MODEL_WRITER_H
#define TRIARCH_MODEL_WRITER_H

#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/text.h"

#define MODEL_MAGIC "\x89TRIMDL\n"
enum { MODEL_VERSION = 1, MODEL_MAGIC_SIZE = 8, MODEL_HEAD = 20, MODEL_DIGEST = 64 };

/* In memory the C type of the name (bool counts as U8); text is bytes. */
enum model_type {
	MODEL_U8 = 1, MODEL_I32, MODEL_U32, MODEL_U64, MODEL_F32, MODEL_F64, MODEL_TEXT,
};

/* Bytes of an element. */
size_t model_type_size(enum model_type t);

/* Start with model_writer_init. What fails (memory) shows at the end alone, in
 * model_writer_finish, so that learners write without asking each time. */
struct model_writer {
	struct text text;
	enum model_type type; /* of the array that is being written */
	uint64_t rest;	      /* elements that it still lacks */
};

void model_writer_init(struct model_writer *w, struct arena *a);

/* A whole array of n elements. `name` has 1 .. 255 bytes and comes once. */
void model_writer_array(struct model_writer *w, const char *name, enum model_type type,
			const void *data, size_t n);

/* The same in pieces: `total` elements are promised, then come by n at a time,
 * each `stride` bytes behind the one before (a field of an array of structs). */
void model_writer_begin(struct model_writer *w, const char *name, enum model_type type,
			size_t total);
void model_writer_more(struct model_writer *w, const void *data, size_t n, size_t stride);

/* One number; a text, or n of them as one array. */
void model_writer_count(struct model_writer *w, const char *name, uint64_t count);
void model_writer_text(struct model_writer *w, const char *name, const char *text);
void model_writer_texts(struct model_writer *w, const char *name,
			const char *const *list, size_t n);

/* Put size and digest where they belong: the file is text.data[0 .. text.size).
 * ERR_MEMORY. */
int model_writer_finish(struct model_writer *w, struct error *err);

#endif
