/* The container of models: what is written comes back, any flipped bit and any cut
 * is found and said, and so is a newer file. */
#include "learners/model/model_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/hash.h"
#include "learners/model/model_reader.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;

/* ---------------------------------------------------------------- arrays */

struct pair {
	float x;
	uint32_t k;
};

static struct text write_arrays(void)
{
	static const uint8_t bytes[] = { 0, 1, 255 };
	static const int32_t ints[] = { -1, INT32_MIN, 7 };
	static const uint64_t longs[] = { UINT64_MAX, 0x0102030405060708 };
	static const float floats[] = { 1.5f, -0.0f, INFINITY, NAN };
	static const double doubles[] = { 0.1, -1e300 };
	static const struct pair pairs[] = { { 1, 10 }, { 2, 20 }, { 3, 30 } };
	static const char *const names[] = { "a", "", "grün" };
	struct model_writer w;

	model_writer_init(&w, &arena);
	model_writer_array(&w, "bytes", MODEL_U8, bytes, 3);
	model_writer_array(&w, "ints", MODEL_I32, ints, 3);
	model_writer_array(&w, "longs", MODEL_U64, longs, 2);
	model_writer_array(&w, "floats", MODEL_F32, floats, 4);
	model_writer_array(&w, "doubles", MODEL_F64, doubles, 2);
	model_writer_begin(&w, "pairs.k", MODEL_U32, 3);
	model_writer_more(&w, &pairs[0].k, 2, sizeof(struct pair));
	model_writer_more(&w, &pairs[2].k, 1, sizeof(struct pair));
	model_writer_array(&w, "none", MODEL_F32, NULL, 0);
	model_writer_count(&w, "count", 42);
	model_writer_text(&w, "text", "hello");
	model_writer_texts(&w, "names", names, 3);
	ok(model_writer_finish(&w, &err) == 0, "arrays are written");
	return w.text;
}

static bool reads(struct model_reader *r, const struct text *t)
{
	error_clear(&err);
	return model_reader_open(r, t->data, t->size, "m.tri", &arena, &err) == 0;
}

static bool same(struct model_reader *r, const char *name, enum model_type type, size_t n,
		 const void *want)
{
	const void *got = NULL;

	return model_reader_array(r, name, type, n, &got, &err) == 0 &&
	       !memcmp(got, want, n * model_type_size(type));
}

static void test_arrays(void)
{
	struct text t = write_arrays();
	struct model_reader r;
	const char *text = "";
	const char *const *names = NULL;
	const void *longs = NULL;
	size_t n = 0;

	ok(reads(&r, &t), "a file opens");
	ok(same(&r, "bytes", MODEL_U8, 3, "\0\1\xff"), "bytes come back");
	ok(same(&r, "ints", MODEL_I32, 3, (int32_t[]){ -1, INT32_MIN, 7 }), "integers");
	ok(same(&r, "floats", MODEL_F32, 4, (float[]){ 1.5f, -0.0f, INFINITY, NAN }),
	   "floats to the bit, infinite and missing ones too");
	ok(same(&r, "doubles", MODEL_F64, 2, (double[]){ 0.1, -1e300 }), "doubles");
	ok(same(&r, "pairs.k", MODEL_U32, 3, (uint32_t[]){ 10, 20, 30 }),
	   "a field of structs, written in pieces");
	ok(same(&r, "none", MODEL_F32, 0, ""), "an array without elements");
	ok(model_reader_count(&r, "count", 42, &n, &err) == 0 && n == 42, "a number");
	ok(model_reader_text(&r, "text", &text, &err) == 0 && !strcmp(text, "hello"),
	   "a text");
	ok(model_reader_texts(&r, "names", 3, &names, &err) == 0 && !strcmp(names[2], "grün")
	   && !*names[1], "a list of texts, an empty one among them");
	ok(model_reader_done(&r, &err) == ERR_DATA && strstr(err.text, "newer triarch") &&
	   strstr(err.text, "'longs'"), "an array that nobody asked for is a newer file's");
	ok(model_reader_array(&r, "longs", MODEL_U64, 2, &longs, &err) == 0 &&
	   model_reader_done(&r, &err) == 0, "when all is read, all is well");
}

/* Layout as bytes, so that another machine's file is this machine's. */
static void test_bytes(void)
{
	static const unsigned char want[] = { 0x89, 'T', 'R', 'I', 'M', 'D', 'L', '\n',
					      1, 0, 0, 0, 107, 0, 0, 0, 0, 0, 0, 0,
					      MODEL_F32, 1, 2, 0, 0, 0, 0, 0, 0, 0, 'f',
					      0, 0, 0xc0, 0x3f, 0, 0, 0, 0x80,
					      };
	const float f[] = { 1.5f, -0.0f };
	struct model_writer w;

	model_writer_init(&w, &arena);
	model_writer_array(&w, "f", MODEL_F32, f, 2);
	ok(model_writer_finish(&w, &err) == 0 &&
	   w.text.size == sizeof(want) + MODEL_DIGEST &&
	   !memcmp(w.text.data + 20, want + 20, sizeof(want) - 20) &&
	   !memcmp(w.text.data, want, 12) && w.text.data[12] == (char)w.text.size,
	   "a file has the bytes that the header says");
}

static void test_wrong_asks(void)
{
	struct text t = write_arrays();
	struct model_reader r;
	const void *p = NULL;
	const char *text;
	const char *const *names;
	size_t n = 0;

	reads(&r, &t);
	ok(model_reader_array(&r, "nix", MODEL_F32, 1, &p, &err) == ERR_DATA &&
	   strstr(err.text, "m.tri: damaged model: 'nix' is missing"),
	   "an array that is not there is named");
	ok(model_reader_array(&r, "ints", MODEL_F32, 3, &p, &err) == ERR_DATA &&
	   strstr(err.text, "of type"), "another type is an error");
	ok(model_reader_array(&r, "ints", MODEL_I32, 4, &p, &err) == ERR_DATA &&
	   strstr(err.text, "3 elements where 4"), "another number of elements is one");
	ok(model_reader_count(&r, "count", 41, &n, &err) == ERR_DATA, "a number too large");
	ok(model_reader_count(&r, "longs", UINT64_MAX, &n, &err) == ERR_DATA,
	   "two numbers are not one");
	ok(model_reader_texts(&r, "names", 2, &names, &err) == ERR_DATA &&
	   model_reader_texts(&r, "names", 4, &names, &err) == ERR_DATA &&
	   model_reader_texts(&r, "names", SIZE_MAX, &names, &err) == ERR_DATA &&
	   model_reader_text(&r, "names", &text, &err) == ERR_DATA,
	   "lists of another length are errors");
	ok(model_reader_has(&r, "text") && !model_reader_has(&r, "tex"),
	   "names are compared whole");
}

/* ---------------------------------------------------------------- damage */

static void test_flips(void)
{
	struct text t = write_arrays();
	struct model_reader r;
	size_t found = 0, told = 0;

	for (size_t bit = 0; bit < 8 * t.size; bit++) {
		t.data[bit / 8] ^= (char)(1 << bit % 8);
		found += !reads(&r, &t) && err.code == ERR_DATA;
		told += strstr(err.text, "m.tri: ") != NULL;
		t.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	ok(found == 8 * t.size, "every flipped bit is found");
	ok(told == found, "and the file named");
	ok(reads(&r, &t), "the file was right before and after");
}

static void test_cuts(void)
{
	struct text t = write_arrays(), cut = t;
	struct model_reader r;
	size_t found = 0;

	for (cut.size = 0; cut.size < t.size; cut.size++)
		found += !reads(&r, &cut) && err.code == ERR_DATA;
	ok(found == t.size, "every cut is found");
	cut.size = t.size / 2;
	reads(&r, &cut);
	ok(strstr(err.text, "it was cut short"), "and said to be one");
	cut.size = 3;
	reads(&r, &cut);
	ok(strstr(err.text, "not a model of triarch's"), "a file without magic is no model");
}

/* A right digest over other bytes: what a newer program would write. */
static void seal(struct text *t)
{
	char hex[HASH_HEX];

	hash_bytes(t->data, t->size - MODEL_DIGEST, hex);
	memcpy(t->data + t->size - MODEL_DIGEST, hex, MODEL_DIGEST);
}

static void test_newer(void)
{
	struct text t = write_arrays();
	struct model_reader r;

	t.data[8] = MODEL_VERSION + 1;
	reads(&r, &t);
	ok(strstr(err.text, "does not match its checksum"),
	   "a version that a flipped bit made is damage");
	seal(&t);
	ok(!reads(&r, &t) && strstr(err.text, "made by a newer triarch (layout 2"),
	   "a newer layout is said to be one");
}

static void test_sizes(void)
{
	struct model_reader r;
	size_t refused = 0;

	for (size_t at = 22; at < 30; at++) { /* the count of the first array */
		struct text t = write_arrays();

		t.data[at] = (char)0xff;
		seal(&t);
		refused += !reads(&r, &t) && err.code == ERR_DATA &&
			   strstr(err.text, "beyond its end") != NULL;
	}
	ok(refused == 8, "a size beyond the file is refused, whatever the digest says");
}

/* ---------------------------------------------------------------- models */

static struct model_file constant_model(double *value)
{
	return (struct model_file){
		.learner = learner_find("constant"), .version = 1, .params = "{}",
		.build = "b", .model = value,
		.frame = { .data = { .name = "d", .view = VIEW_DENSE,
				     .modality = MODALITY_IMAGE, .cols = 4, .classes = 2,
				     .channels = 1, .height = 2, .width = 2 },
			   .view = VIEW_HOG, .target = "", .layout = "",
			   .obstacle = "it was fitted on image data" },
	};
}

static void test_model(void)
{
	static const char *const names[] = { "no", "yes" };
	double value[] = { 0.25, 0.75 };
	struct model_file m = constant_model(value), back;
	char path[] = "/tmp/test_model_file-XXXXXX";

	close(mkstemp(path));
	m.frame.class_names = names;
	ok(model_file_write(path, &m, &arena, &err) == 0, "a model is written");
	ok(model_file_read(&back, path, &arena, &err) == 0, "and read");
	ok(back.learner == m.learner && back.version == 1 && !strcmp(back.build, "b"),
	   "with its learner, version and build");
	ok(back.frame.data.cols == 4 && back.frame.data.height == 2 &&
	   back.frame.view == VIEW_HOG && back.frame.data.view == VIEW_DENSE &&
	   back.frame.data.modality == MODALITY_IMAGE, "what it says of the data comes back");
	ok_str(back.frame.class_names[1], "yes", "names of classes come back");
	ok_str(back.frame.obstacle, m.frame.obstacle, "and the obstacle");
	ok(!memcmp(back.model, value, sizeof(value)), "and the model");
	unlink(path);
	ok(model_file_read(&back, path, &arena, &err) == ERR_IO,
	   "a file that is not there is the system's error");
	m.learner = learner_find("krr");
	ok(model_file_write(path, &m, &arena, &err) == ERR_UNSUPPORTED &&
	   strstr(err.text, "'krr' cannot be saved"), "a learner without save says so");
	ok(!file_exists(path), "and leaves no file");
}

static struct text format(const struct model_file *m)
{
	struct text t = { .arena = &arena };

	error_clear(&err);
	model_file_format(m, &arena, &t, &err);
	return t;
}

static bool refuses(const struct model_file *m, const char *words)
{
	struct text t = format(m);
	struct model_file back;

	error_clear(&err);
	return model_file_parse(&back, t.data, t.size, "m", &arena, &err) == ERR_DATA &&
	       strstr(err.text, words);
}

static void test_refused(void)
{
	double value[] = { 0.25, 0.75, 0 };
	struct model_file m = constant_model(value);
	struct learner other = *m.learner;

	other.name = "sorcery";
	m.learner = &other;
	ok(refuses(&m, "a model of 'sorcery', which this triarch cannot load"),
	   "a learner that is not here is named");
	m = constant_model(value);
	m.frame.data.classes = 0;
	ok(refuses(&m, "0 classes"), "a classification has classes");
	m = constant_model(value);
	m.frame.obstacle = "";
	ok(refuses(&m, "a table without columns"), "a frame for rows has columns");
	m = constant_model(value);
	other = *learner_find("gbdt");
	other.save = m.learner->save;
	m.learner = &other;
	m.frame.data.view = VIEW_TOKENS;
	ok(refuses(&m, "'gbdt' does no classification of the view 'tokens'"),
	   "a view that the learner cannot take is refused");
}

static void test_memory(void)
{
	double value[] = { 0.25, 0.75 };
	struct model_file m = constant_model(value), back;
	struct text t = format(&m), none;
	struct arena a;
	size_t calls, said = 0;

	arena_init(&a, 0);
	model_file_format(&m, &a, &none, &err);
	model_file_parse(&back, t.data, t.size, "m", &a, &err);
	calls = a.calls;
	arena_clear(&a);
	for (size_t k = 1; k <= calls; k++) {
		arena_init(&a, 0);
		a.fail_at = k;
		error_clear(&err);
		said += (model_file_format(&m, &a, &none, &err) ||
			 model_file_parse(&back, t.data, t.size, "m", &a, &err)) &&
			err.code == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(calls > 10 && said == calls, "every failing allocation is reported");
}

int main(void)
{
	arena_init(&arena, 0);
	test_arrays();
	test_bytes();
	test_wrong_asks();
	test_flips();
	test_cuts();
	test_newer();
	test_sizes();
	test_model();
	test_refused();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
