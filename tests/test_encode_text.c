/* Promises of the sparse and token views of text. */
#include "datasets/encode.h"

#include "harness/base/blas.h"
#include "tests/tap.h"
#include "tests/tfidf_reference.h"

#define REF_ALL (REF_TRAIN + REF_TEST)

static int32_t labels[REF_ALL];
static uint32_t numbers[REF_ALL];

static struct items make_items(void)
{
	for (uint32_t i = 0; i < REF_ALL; i++) {
		labels[i] = (int32_t)(i % 2);
		numbers[i] = i;
	}
	return (struct items){
		.modality = MODALITY_TEXT,
		.task = TASK_CLASSIFICATION,
		.n = REF_ALL,
		.text = ref_texts,
		.classes = 2,
		.label = labels,
	};
}

/* The reference's rows; nobody validates. */
static struct split make_split(void)
{
	return (struct split){
		.n_train = REF_TRAIN,
		.n_test = REF_TEST,
		.train = numbers,
		.valid = numbers,
		.test = numbers + REF_TRAIN,
	};
}

static int encode(enum view view, const struct items *items,
		  const struct split *split, struct arena *a,
		  struct dataset *out, struct error *err)
{
	return encoder_find(view, MODALITY_TEXT)->encode(items, split, 1, a,
							 out, err);
}

/* The largest difference of values; a large one where the pattern differs. */
static double part_error(const struct part *p, size_t rows,
			 const uint64_t *start, const uint32_t *index,
			 const double *value)
{
	double worst = 0;

	if (p->rows != rows ||
	    memcmp(p->row_start, start, (rows + 1) * sizeof(*start)) ||
	    memcmp(p->index, index, start[rows] * sizeof(*index)))
		return 1e9;
	for (uint64_t k = 0; k < start[rows]; k++)
		worst = fmax(worst, fabs((double)p->value[k] - value[k]));
	return worst;
}

static void matches_reference(struct arena *a)
{
	struct items items = make_items();
	struct split split = make_split();
	struct error err = { 0 };
	struct dataset d;

	if (!ok(!encode(VIEW_SPARSE, &items, &split, a, &d, &err),
		"sparse: encodes"))
		return;
	ok(d.cols == REF_COLS && d.view == VIEW_SPARSE,
	   "sparse: the terms of scikit-learn");
	/* 1e-7: both are rounded, ours to float (6e-8 below 1) */
	ok_near(part_error(&d.train, REF_TRAIN, ref_train_start,
			   ref_train_index, ref_train_value),
		0, 1e-7, "sparse: its training rows");
	ok_near(part_error(&d.test, REF_TEST, ref_test_start, ref_test_index,
			   ref_test_value),
		0, 1e-7, "sparse: its test rows");
	ok(d.train.label[3] == 1 && d.test.item[0] == REF_TRAIN,
	   "sparse: targets and item numbers come along");
	ok(d.valid.rows == 0 && d.valid.row_start[0] == 0,
	   "sparse: a part may be empty");
}

/* Other test texts must not change what training rows become. */
static void fitted_on_training(struct arena *a)
{
	struct items items = make_items();
	struct split all = make_split(), alone = make_split();
	struct error err = { 0 };
	struct dataset d, e;

	alone.n_test = 0;
	encode(VIEW_SPARSE, &items, &all, a, &d, &err);
	encode(VIEW_SPARSE, &items, &alone, a, &e, &err);
	ok(d.cols == e.cols &&
		   !memcmp(d.train.value, e.train.value,
			   d.train.row_start[REF_TRAIN] * sizeof(float)),
	   "sparse: fitted on the training rows alone");
	encode(VIEW_TOKENS, &items, &all, a, &d, &err);
	encode(VIEW_TOKENS, &items, &alone, a, &e, &err);
	ok(d.vocab == e.vocab &&
		   !memcmp(d.train.index, e.train.index,
			   d.train.row_start[REF_TRAIN] * sizeof(uint32_t)),
	   "tokens: fitted on the training rows alone");
}

static void tokens(struct arena *a)
{
	struct items items = make_items();
	struct split split = make_split();
	struct error err = { 0 };
	struct dataset d;
	const uint32_t *t;
	bool below = true;

	if (!ok(!encode(VIEW_TOKENS, &items, &split, a, &d, &err),
		"tokens: encodes"))
		return;
	for (uint64_t k = 0; k < d.train.row_start[REF_TRAIN]; k++)
		below &= d.train.index[k] < d.vocab;
	ok(below, "tokens: numbers are below the size of the vocabulary");
	t = d.train.index;
	ok(d.train.row_start[1] == 7 && t[0] == 1 && t[5] == t[0],
	   "tokens: words in their order, the most frequent has number 1");
	t = d.train.index + d.train.row_start[13];
	ok(d.train.row_start[14] - d.train.row_start[13] == 1 && *t == 0,
	   "tokens: a word that stands once in training is 0");
	t = d.test.index + d.test.row_start[1];
	ok(t[0] == 0 && t[1] == 0 && t[2] == 0,
	   "tokens: words that training does not have are 0");
	ok(d.test.row_start[3] == d.test.row_start[2],
	   "tokens: a text without words has an empty row");
}

static void no_terms(struct arena *a)
{
	struct items items = make_items();
	struct split split = make_split();
	struct error err = { 0 };
	struct dataset d;

	split.train = numbers + 12; /* "" and "unique" */
	split.n_train = 2;
	ok(encode(VIEW_SPARSE, &items, &split, a, &d, &err) == ERR_DATA,
	   "sparse: texts that share no word are an error");
	ok(!encode(VIEW_TOKENS, &items, &split, a, &d, &err) && d.vocab == 1,
	   "tokens: then every word is unknown");
}

/* Four training texts, two test texts. */
static void chars(struct arena *a)
{
	static const char *const few[] = { "Abba", "b A", "b \xef\xbd\x81 q",
					   "z", "aBz", "caf\xc3\xa9" };
	static const uint32_t abba[] = { 1, 2, 2, 1 };
	static const uint32_t last[] = { 0, 1, 0, 0 };
	struct items items = make_items();
	struct split split = make_split();
	struct error err = { 0 };
	struct dataset d;

	items.n = 6;
	items.text = few;
	split.n_train = 4;
	split.n_test = 2;
	split.test = numbers + 4;
	if (!ok(!encode(VIEW_CHARS, &items, &split, a, &d, &err),
		"chars: encodes"))
		return;
	ok(d.view == VIEW_TOKENS && d.vocab == 4,
	   "chars: a, b and the blank; rare ones are 0");
	ok(d.train.row_start[1] == 4 && !memcmp(d.train.index, abba, 16),
	   "chars: case is folded, the most frequent has number 1");
	ok(d.train.index[4] == 2 && d.train.index[5] == 3 &&
		   d.train.index[6] == 1,
	   "chars: blanks are characters");
	ok(d.train.index[9] == 1 && d.train.index[11] == 0,
	   "chars: compatible letters are one, a rare one is 0");
	ok(d.test.row_start[2] - d.test.row_start[1] == 4 &&
		   !memcmp(d.test.index + 3, last, 16),
	   "chars: those that training does not have are 0");
}

/* The value of a row in a column, 0 where it has none. */
static double value_at(const struct part *p, size_t row, uint32_t column)
{
	for (uint64_t k = p->row_start[row]; k < p->row_start[row + 1]; k++)
		if (p->index[k] == column)
			return (double)p->value[k];
	return 0;
}

/* "a" twice and "a a": the weights by hand, of two training texts. */
static void hashed_values(struct arena *a)
{
	static const char *const few[] = { "a a", "b", "b a", "unheard" };
	struct items items = make_items();
	struct split split = make_split();
	struct error err = { 0 };
	struct dataset d;
	double idf = 1 + log(3.0 / 2), word = (1 + log(2.0)) * idf, norm;
	uint32_t at, pair;

	items.n = 4;
	items.text = few;
	split.n_train = 2;
	split.n_test = 2;
	split.test = numbers + 2;
	if (!ok(!encode(VIEW_HASHED, &items, &split, a, &d, &err),
		"hashed: encodes"))
		return;
	ok(d.cols == 262144 && d.view == VIEW_SPARSE, "hashed: 2^18 columns");
	ok(d.train.row_start[1] == 2 && d.train.row_start[2] == 3,
	   "hashed: a column a word and a pair");
	norm = sqrt(word * word + idf * idf);
	at = (double)d.train.value[0] > .8 ? d.train.index[0] : d.train.index[1];
	pair = d.train.index[0] + d.train.index[1] - at;
	ok_near(value_at(&d.train, 0, at), word / norm, 1e-6,
		"hashed: (1 + ln tf) (1 + ln((1 + n) / (1 + df))), a word");
	ok_near(value_at(&d.train, 0, pair), idf / norm, 1e-6,
		"hashed: and a pair; rows have length 1 (floats: 6e-8)");
	norm = sqrt(2 * idf * idf + pow(1 + log(3.0), 2));
	ok_near(value_at(&d.test, 0, at), idf / norm, 1e-6,
		"hashed: a pair of no training text has a weight, too");
	ok_near(value_at(&d.test, 0, d.train.index[2]), idf / norm, 1e-6,
		"hashed: a word has the same column in all parts");
	ok(d.test.row_start[2] - d.test.row_start[1] == 1 &&
		   d.test.value[d.test.row_start[1]] > .999f,
	   "hashed: unheard words count, as there is no vocabulary");
}

/* Columns depend on the term alone: not on other texts, nor on their order. */
static void hashed_columns(struct arena *a)
{
	struct items items = make_items();
	struct split split = make_split(), few = split;
	struct error err = { 0 };
	struct dataset d, e;

	few.n_test = 0;
	few.n_train = 3;
	encode(VIEW_HASHED, &items, &split, a, &d, &err);
	encode(VIEW_HASHED, &items, &few, a, &e, &err);
	ok(d.train.row_start[3] == e.train.row_start[3] &&
		   !memcmp(d.train.index, e.train.index,
			   e.train.row_start[3] * sizeof(uint32_t)),
	   "hashed: columns do not depend on the other texts");
	few = split;
	few.n_test = 0;
	encode(VIEW_HASHED, &items, &few, a, &e, &err);
	ok(!memcmp(d.train.value, e.train.value,
		   d.train.row_start[REF_TRAIN] * sizeof(float)),
	   "hashed: weights are fitted on the training rows alone");
}

/* Documents nobody expects, in the test part alone: rows, and finite ones. */
static void odd_texts(struct arena *a)
{
	static const char *const odd[] = {
		"", " \n\t ", "...!?", "zzqx vvkw zzqx", "\xf0\x9f\x98\x80",
		"0", "a", "\xe4\xb8\xad\xe6\x96\x87",
	};
	enum { N_ODD = sizeof(odd) / sizeof(odd[0]) };
	const char *texts[REF_TRAIN + N_ODD];
	int32_t odd_labels[REF_TRAIN + N_ODD] = { 0 };
	uint32_t rows[REF_TRAIN + N_ODD];
	struct items items = make_items();
	struct split split = { .n_train = REF_TRAIN, .n_test = N_ODD, .train = rows,
			       .valid = rows, .test = rows + REF_TRAIN };
	struct error err = { 0 };
	struct dataset d;
	bool zero = true;

	for (uint32_t i = 0; i < REF_TRAIN + N_ODD; i++) {
		texts[i] = i < REF_TRAIN ? ref_texts[i] : odd[i - REF_TRAIN];
		rows[i] = i;
	}
	items.n = REF_TRAIN + N_ODD;
	items.text = texts;
	items.label = odd_labels;
	ok(!encode(VIEW_SPARSE, &items, &split, a, &d, &err) &&
		   d.test.row_start[5] == 0,
	   "sparse: empty texts and unknown words have empty rows");
	ok(!encode(VIEW_TOKENS, &items, &split, a, &d, &err) &&
		   d.test.row_start[3] == 0 && d.test.row_start[4] == 3 &&
		   d.test.index[0] == 0 && d.test.index[2] == 0,
	   "tokens: texts without words are empty, unknown words are 0");
	ok(!encode(VIEW_DENSE, &items, &split, a, &d, &err), "dense: encodes them");
	for (size_t k = 0; k < 5 * d.cols; k++)
		zero &= d.test.x[k] >= 0 && d.test.x[k] <= 0;
	ok(zero, "dense: a text of unknown words is the origin");
}

/* The row of a text is the same whatever case and punctuation it has. */
static void spelling(struct arena *a)
{
	static const char *const loud[] = { "a b, c", "A  B! -- c?" };
	const char *texts[REF_TRAIN + 2];
	struct items items = make_items();
	struct split split = make_split();
	struct error err = { 0 };
	struct dataset d;
	const uint64_t *start;

	memcpy(texts, ref_texts, REF_TRAIN * sizeof(*texts));
	memcpy(texts + REF_TRAIN, loud, sizeof(loud));
	items.n = REF_TRAIN + 2;
	items.text = texts;
	split.n_test = 2;
	for (unsigned v = VIEW_TOKENS; v <= VIEW_SPARSE; v <<= 1) {
		size_t n;

		if (!ok(!encode((enum view)v, &items, &split, a, &d, &err),
			"%s: spellings", view_name((enum view)v)))
			return;
		start = d.test.row_start;
		n = start[1];
		ok(start[2] == 2 * n &&
			   !memcmp(d.test.index, d.test.index + n, n * 4),
		   "%s: case and punctuation change nothing",
		   view_name((enum view)v));
	}
}

static void failing_memory(enum view view)
{
	struct items items = make_items();
	struct split split = make_split();
	bool good = true;
	int rc = ERR_MEMORY;

	for (size_t k = 1; rc && k < 200; k++) {
		struct error err = { 0 };
		struct dataset d;
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = k;
		rc = encode(view, &items, &split, &a, &d, &err);
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && !rc, "%s: every allocation that fails is an error",
	   view_name(view));
}

int main(void)
{
	struct arena a;

	blas_init();
	arena_init(&a, 0);
	matches_reference(&a);
	fitted_on_training(&a);
	tokens(&a);
	chars(&a);
	hashed_values(&a);
	hashed_columns(&a);
	no_terms(&a);
	odd_texts(&a);
	spelling(&a);
	failing_memory(VIEW_SPARSE);
	failing_memory(VIEW_TOKENS);
	failing_memory(VIEW_CHARS);
	failing_memory(VIEW_HASHED);
	arena_clear(&a);
	return tap_done();
}
