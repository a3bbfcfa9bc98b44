/* The layout is in model_writer.h. Numbers are turned round byte by byte only on
 * machines that keep them the other way. */
#include "learners/model/model_writer.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "harness/base/hash.h"

size_t model_type_size(enum model_type t)
{
	switch (t) {
	case MODEL_U8:
	case MODEL_TEXT:
		return 1;
	case MODEL_I32:
	case MODEL_U32:
	case MODEL_F32:
		return 4;
	case MODEL_U64:
	case MODEL_F64:
		return 8;
	}
	return 0; /* a type of a newer file */
}

static void put_u32(struct model_writer *w, uint32_t x)
{
	x = htole32(x);
	text_add_bytes(&w->text, (const char *)&x, sizeof(x));
}

static void put_u64(struct model_writer *w, uint64_t x)
{
	x = htole64(x);
	text_add_bytes(&w->text, (const char *)&x, sizeof(x));
}

/* The size is not known yet; model_writer_finish fills it in. */
void model_writer_init(struct model_writer *w, struct arena *a)
{
	*w = (struct model_writer){ .text = { .arena = a } };
	text_add_bytes(&w->text, MODEL_MAGIC, MODEL_MAGIC_SIZE);
	put_u32(w, MODEL_VERSION);
	put_u64(w, 0);
}

void model_writer_begin(struct model_writer *w, const char *name, enum model_type type,
			size_t total)
{
	size_t size = strlen(name);
	const char head[2] = { (char)type, (char)size };

	assert(!w->rest && size && size < 256);
	text_add_bytes(&w->text, head, 2);
	put_u64(w, total);
	text_add_bytes(&w->text, name, size);
	w->type = type;
	w->rest = total;
}

static void put_element(struct model_writer *w, const char *from, size_t size)
{
	uint32_t four;
	uint64_t eight;

	if (size == 4) {
		memcpy(&four, from, 4);
		put_u32(w, four);
	} else if (size == 8) {
		memcpy(&eight, from, 8);
		put_u64(w, eight);
	} else {
		text_add_bytes(&w->text, from, 1);
	}
}

void model_writer_more(struct model_writer *w, const void *data, size_t n, size_t stride)
{
	size_t size = model_type_size(w->type);
	const char *from = data;

	assert(n <= w->rest);
	w->rest -= n;
	if (stride == size && (size == 1 || BYTE_ORDER == LITTLE_ENDIAN)) {
		text_add_bytes(&w->text, n ? from : "", n * size);
		return;
	}
	for (size_t k = 0; k < n; k++)
		put_element(w, from + k * stride, size);
}

void model_writer_array(struct model_writer *w, const char *name, enum model_type type,
			const void *data, size_t n)
{
	model_writer_begin(w, name, type, n);
	model_writer_more(w, data, n, model_type_size(type));
}

void model_writer_count(struct model_writer *w, const char *name, uint64_t count)
{
	model_writer_array(w, name, MODEL_U64, &count, 1);
}

/* With their NULs, which part one text from the next. */
void model_writer_texts(struct model_writer *w, const char *name,
			const char *const *list, size_t n)
{
	size_t total = 0;

	for (size_t k = 0; k < n; k++)
		total += strlen(list[k]) + 1;
	model_writer_begin(w, name, MODEL_TEXT, total);
	for (size_t k = 0; k < n; k++)
		model_writer_more(w, list[k], strlen(list[k]) + 1, 1);
}

void model_writer_text(struct model_writer *w, const char *name, const char *text)
{
	model_writer_texts(w, name, &text, 1);
}

int model_writer_finish(struct model_writer *w, struct error *err)
{
	uint64_t size = htole64(w->text.size + MODEL_DIGEST);
	char hex[HASH_HEX];

	assert(!w->rest);
	if (w->text.failed)
		return arena_error(w->text.arena, err);
	memcpy(w->text.data + MODEL_MAGIC_SIZE + 4, &size, sizeof(size));
	hash_bytes(w->text.data, w->text.size, hex);
	text_add_bytes(&w->text, hex, MODEL_DIGEST);
	return w->text.failed ? arena_error(w->text.arena, err) : 0;
}
