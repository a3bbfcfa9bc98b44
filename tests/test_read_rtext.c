/* Promises of the rtext reader. */
#include "tests/rdata_writer.h"
#include "tests/text_fixture.h"

/* data.frame(id = c("p", "q", "p"), review = ..., score = factor) */
static void w_reviews(struct writer *w, const char *const *review)
{
	w_item(w, 19, W_OBJECT | W_ATTR);
	w_int(w, 4);
	W_STRINGS(w, 0, "p", "q", "p");
	w_strings(w, 0, 3, review);
	W_INTS(w, 13, W_OBJECT | W_ATTR, 2, 1, 1);
	w_tag(w, "levels");
	W_STRINGS(w, 0, "great", "other");
	w_attr_string(w, "class", "factor");
	w_nil(w);
	W_REALS(w, 0, 1, 2, 3);
	w_tag(w, "names");
	W_STRINGS(w, 0, "id", "review", "score", "stars");
	w_attr_string(w, "class", "data.frame");
	w_tag(w, "row.names");
	W_INTS(w, 13, 0, W_NA, -3);
	w_nil(w);
}

static const char *const train[] = { "Tasty!", "Stale.", "Very nice" };
static const char *const test[] = { "So so", "Yum", "Good" };

/* save(a, b, lines, more): two frames and two vectors of lines. */
static void put_sample(struct text_fixture *f, const char *first)
{
	const char *reviews[] = { first, train[1], train[2] };
	struct writer w = { .n = 0 };

	w_bytes(&w, "RDX3\n", 5);
	w_begin(&w, 3);
	w_tag(&w, "a");
	w_reviews(&w, reviews);
	w_tag(&w, "b");
	w_reviews(&w, test);
	w_tag(&w, "lines");
	W_STRINGS(&w, 0, "EMMA", "", "VOLUME I", " ", "CHAPTER I", "", "",
		  "Emma Woodhouse,  _handsome_,", "  clever, and rich", "",
		  "She was the youngest of two", "", "short one", "",
		  "The end of what it was to be", "THE END");
	w_tag(&w, "more");
	W_STRINGS(&w, 0, "It is a truth universally acknowledged");
	w_nil(&w);
	text_put(f, 0, "sample.rda", w.bytes, w.n);
}

static void frames(struct text_fixture *f)
{
	put_sample(f, train[0]);
	f->target = "score";
	if (!ok(!text_read(f, "rtext", "{text: review, train: a, test: b}"),
		"frames: reads")) {
		printf("# %s\n", f->err.text);
		return;
	}
	ok(f->x.n == 6 && f->x.classes == 2 && f->x.modality == MODALITY_TEXT,
	   "frames: the rows of both objects");
	ok(text_is(f, "Tasty!", "other", OFFICIAL_TRAIN) &&
		   text_is(f, "Stale.", "great", OFFICIAL_TRAIN) &&
		   text_is(f, "So so", "other", OFFICIAL_TEST),
	   "frames: factor, text and part belong together");
	ok(!text_read(f, "rtext", "{text: review, object: a, group: id}") &&
		   !f->x.official && f->x.n == 3,
	   "frames: one object has no parts");
	ok(f->x.group[text_row(f, "Tasty!")] == f->x.group[text_row(f, "Very nice")] &&
		   f->x.group[text_row(f, "Tasty!")] !=
			   f->x.group[text_row(f, "Stale.")],
	   "frames: rows of one value of group are one group");
	f->target = "id";
	ok(!text_read(f, "rtext", "{text: review, object: a}") &&
		   text_is(f, "Stale.", "q", OFFICIAL_NONE),
	   "frames: strings are classes too");
}

static void fails(struct text_fixture *f, const char *yaml, enum err code,
		  const char *words, const char *promise)
{
	int rc = text_read(f, "rtext", yaml);

	if (!ok(rc == (int)code && strstr(f->err.text, words), "%s", promise))
		printf("# %d: %s\n", rc, f->err.text);
}

static void bad_frames(struct text_fixture *f)
{
	put_sample(f, train[0]);
	f->target = "score";
	fails(f, "{text: review, object: c}", ERR_CONFIG, "no object 'c'",
	      "frames: an unknown object");
	fails(f, "{text: reviews, object: a}", ERR_CONFIG,
	      "a: no column 'reviews'", "frames: an unknown column");
	fails(f, "{text: stars, object: a}", ERR_DATA, "neither strings",
	      "frames: numbers are no text");
	fails(f, "{text: review, object: lines}", ERR_DATA, "not a data frame",
	      "frames: a vector is none");
	fails(f, "{object: a}", ERR_CONFIG, "option text",
	      "frames: the column of the text must be said");
	fails(f, "{text: review, object: a, min_class: 2}", ERR_DATA, "min_class",
	      "frames: too few classes");
	put_sample(f, NULL);
	fails(f, "{text: review, object: a}", ERR_DATA, "element 1 is missing",
	      "frames: a missing text names its row");
	put_sample(f, "\xff");
	ok(text_read(f, "rtext", "{text: review, object: a}") == ERR_DATA,
	   "frames: a text that is not UTF-8");
	f->target = NULL;
	fails(f, "{text: review, object: a}", ERR_CONFIG, "target",
	      "frames: a target must be said");
}

static void paragraphs(struct text_fixture *f)
{
	put_sample(f, train[0]);
	if (!ok(!text_read(f, "rtext", "{objects: {emma: lines, pride: more},"
				       " min_words: 3, block: 2}"),
		"paragraphs: reads")) {
		printf("# %s\n", f->err.text);
		return;
	}
	ok(f->x.n == 4 && f->x.classes == 2,
	   "paragraphs: headings and short ones are left out");
	ok(text_is(f, "Emma Woodhouse, handsome, clever, and rich", "emma",
		   OFFICIAL_NONE),
	   "paragraphs: lines joined by single blanks, marks of emphasis left out");
	ok(text_is(f, "The end of what it was to be THE END", "emma",
		   OFFICIAL_NONE),
	   "paragraphs: long ones are no heading, however they start");
	ok(text_is(f, "It is a truth universally acknowledged", "pride",
		   OFFICIAL_NONE),
	   "paragraphs: the last needs no empty line");
	ok(f->x.group[text_row(f, "She was the youngest of two")] ==
		   f->x.group[text_row(f, "Emma Woodhouse, handsome, clever, "
					  "and rich")],
	   "paragraphs: neighbours of a block are one group");
	ok(f->x.group[text_row(f, "She was the youngest of two")] !=
		   f->x.group[text_row(f, "The end of what it was to be THE END")],
	   "paragraphs: the next block is another");
}

static void bad_paragraphs(struct text_fixture *f)
{
	put_sample(f, train[0]);
	fails(f, "{objects: {x: a, y: lines}}", ERR_DATA, "not lines of text",
	      "paragraphs: a data frame has no lines");
	fails(f, "{objects: [lines]}", ERR_CONFIG, "objects is a map",
	      "paragraphs: objects have classes");
	fails(f, "{objects: {x: lines, y: line}}", ERR_CONFIG,
	      "did you mean 'lines'", "paragraphs: an unknown object");
	fails(f, "{objects: {x: lines, y: more}, block: 0}", ERR_CONFIG,
	      "outside 1", "paragraphs: a block has a paragraph");
	fails(f, "{objects: {x: lines, y: more}, min_words: 900}", ERR_DATA,
	      "no text", "paragraphs: none long enough");
}

/* The file cut anywhere: an error in words. */
static void prefixes(struct text_fixture *f)
{
	static char whole[W_MAX];
	size_t size, good = 0;
	FILE *in;

	put_sample(f, train[0]);
	f->target = "score";
	in = fopen(f->path[0], "rb");
	size = in ? fread(whole, 1, sizeof(whole), in) : 0;
	if (in)
		fclose(in);
	for (size_t n = 0; n < size; n++) {
		text_put(f, 0, "sample.rda", whole, n);
		good += text_read(f, "rtext", "{text: review, object: a}") &&
			f->err.text[0];
	}
	ok(size > 500 && good == size, "each of %zu prefixes is an error", size);
}

/* Rows of one value of the group never part, whatever their labels; a part may be
 * one object alone. */
static void more_frames(struct text_fixture *f)
{
	put_sample(f, train[0]);
	f->target = "score";
	ok(!text_read(f, "rtext", "{text: review, train: a, valid: b}") &&
		   text_is(f, "Yum", "great", OFFICIAL_VALID) &&
		   text_is(f, "So so", "other", OFFICIAL_VALID),
	   "frames: a valid part");
	ok(!text_read(f, "rtext", "{text: review, train: a, test: a}") && f->x.n == 6,
	   "frames: an object may be two parts; its copies are one group");
	ok(!text_read(f, "rtext", "{text: id, object: a}") && f->x.n == 3 &&
		   f->x.group[0] < 2 && f->x.group[1] < 2 && f->x.group[2] < 2,
	   "frames: equal texts are one group");
	fails(f, "{text: review, object: a, group: ids}", ERR_CONFIG, "no column 'ids'",
	      "frames: an unknown group");
	fails(f, "{text: review, object: a, group: stars}", ERR_DATA, "neither strings",
	      "frames: a group of numbers");
	fails(f, "{text: [review], object: a}", ERR_CONFIG, "opt:1",
	      "frames: one column is the text");
	fails(f, "{text: review, object: a, min_class: 0}", ERR_CONFIG, "opt:1",
	      "frames: a class has a row or more");
	fails(f, "{text: review}", ERR_CONFIG, "a",
	      "frames: of several objects one must be named");
}

/* Every byte turned over, one at a time: words or rows, and nothing else. */
static void flipped(struct text_fixture *f)
{
	static char whole[W_MAX];
	size_t size, good = 0;
	FILE *in;

	put_sample(f, train[0]);
	in = fopen(f->path[0], "rb");
	size = in ? fread(whole, 1, sizeof(whole), in) : 0;
	if (in)
		fclose(in);
	for (size_t n = 0; n < size; n++) {
		whole[n] ^= 0x55;
		text_put(f, 0, "sample.rda", whole, size);
		good += !text_read(f, "rtext", "{objects: {x: lines, y: more}, "
					       "min_words: 1}") ||
			f->err.text[0];
		whole[n] ^= 0x55;
	}
	ok(good == size, "each of %zu bytes may be wrong", size);
	ok(f->a.peak < (size_t)200 << 20, "and asks for no memory that is not there");
}

int main(void)
{
	struct text_fixture f;

	text_begin(&f);
	frames(&f);
	bad_frames(&f);
	more_frames(&f);
	flipped(&f);
	paragraphs(&f);
	bad_paragraphs(&f);
	prefixes(&f);
	put_sample(&f, train[0]);
	text_failing_memory(&f, "rtext", "{text: review, train: a, test: b, "
					 "group: id}");
	text_failing_memory(&f, "rtext", "{objects: {x: lines, y: more}, "
					 "min_words: 3}");
	text_end(&f);
	return tap_done();
}
