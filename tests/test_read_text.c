/* Promises of the text reader. */
#include "tests/text_fixture.h"

#define CSV "format: csv\ntext_column: text\nlabel_column: label\n"

static void reads_csv(struct text_fixture *f)
{
	static const char file[] =
		"label,text,more\r\n"
		"spam,\"Buy, \"\"now\"\"\nor never\",1\r\n"
		"\r\n"
		"ham,  See you  ,2\n"
		"\"ham\",see you!,3";

	if (!ok(!text_of(f, "text", CSV, file), "csv: reads")) {
		printf("# %s\n", f->err.text);
		return;
	}
	ok(f->x.n == 3 && f->x.classes == 2 && f->x.modality == MODALITY_TEXT &&
		   f->x.task == TASK_CLASSIFICATION && !f->x.official,
	   "csv: a row a text, no part when none is named");
	ok(text_is(f, "Buy, \"now\"\nor never", "spam", OFFICIAL_NONE),
	   "csv: quotes hold separators, line ends and quotes");
	ok(text_is(f, "See you", "ham", OFFICIAL_NONE),
	   "csv: blanks around a cell are cut off");
	ok_str(f->x.class_names[0], "ham", "csv: classes in the order of bytes");
	ok(f->x.group[text_row(f, "See you")] == f->x.group[text_row(f, "see you!")],
	   "csv: texts of the same words are one group");
}

/* The two files of AG News are laid out in different ways. */
static void reads_two_csvs(struct text_fixture *f)
{
	static const char one[] = "label,gt,text\n9,0,first\n9,1,second\n";
	static const char two[] = "\"1\",\"Title\",\"and \"\"more\"\"\"\n"
				  "\"2\",\"b\",\"\"\n";

	text_put(f, 0, "train.csv", one, strlen(one));
	text_put(f, 1, "test.csv", two, strlen(two));
	if (!ok(!text_read(f, "text",
			   "format: csv\n"
			   "classes: [World, Sports]\n"
			   "official: [train, test]\n"
			   "files:\n"
			   "  - { text_column: text, label_column: gt,"
			   " label_base: 0 }\n"
			   "  - { header: false, text_column: [2, 3],"
			   " label_column: 1, label_base: 1 }\n"),
		"csv: files may differ")) {
		printf("# %s\n", f->err.text);
		return;
	}
	ok(text_is(f, "first", "World", OFFICIAL_TRAIN) &&
		   text_is(f, "second", "Sports", OFFICIAL_TRAIN),
	   "csv: numbers from 0 are classes by label_base");
	ok(text_is(f, "Title and \"more\"", "World", OFFICIAL_TEST),
	   "csv: numbers from 1 too; two columns are joined by a blank");
	ok_str(f->x.class_names[0], "World", "csv: classes in the order given");
}

static void reads_tsv(struct text_fixture *f)
{
	ok(!text_of(f, "text", "format: tsv\ntext_column: 1\nlabel_column: 2\n",
		    "t\tl\na, b\tx\nc\ty\n") &&
		   text_is(f, "a, b", "x", OFFICIAL_NONE),
	   "tsv: a comma separates nothing; columns by number");
	ok(!text_of(f, "text",
		    "format: tsv\nheader: false\ntext_column: 1\n"
		    "label_column: 2\n",
		    "a\tx\nc\ty\n") && f->x.n == 2,
	   "tsv: without a header the first row is a text");
	ok(!text_of(f, "text", "format: csv\ntext_column: a\nlabel_column: a\n",
		    "a\n\"x\"\"y\"\nz\n") &&
		   text_is(f, "x\"y", "x\"y", OFFICIAL_NONE),
	   "csv: text and label may be one column");
}

static void bad_csv(struct text_fixture *f)
{
	text_fails(f, "text", CSV, "label,text\na,b\n\"c", ERR_DATA, "file:3: a quote",
		   "csv: an open quote: file:line");
	text_fails(f, "text", CSV, "label,text\n\"a\"b,c\n", ERR_DATA,
		   "file:2: text behind", "csv: text behind a quote");
	text_fails(f, "text", CSV, "label,text\na,b\nc\n", ERR_DATA,
		   "file:3: 1 cells where the first row has 2",
		   "csv: a row with too few cells");
	text_fails(f, "text", CSV, "label,text\na,b,c\n", ERR_DATA, "3 cells",
		   "csv: a row with too many cells");
	text_fails(f, "text", CSV, "lable,text\na,b\n", ERR_CONFIG,
		   "no column 'label' (did you mean 'lable'?)",
		   "csv: an unknown column, with the nearest");
	text_fails(f, "text", CSV, "label,text\n,b\n", ERR_DATA, "file:2: no label",
		   "csv: an empty label");
	text_fails(f, "text", CSV, "", ERR_DATA, "empty", "csv: an empty file");
	text_fails(f, "text", CSV, "label,text\n", ERR_DATA, "no text",
		   "csv: a header alone");
	text_fails(f, "text", CSV, "label,text\na,b\n", ERR_DATA, "1 classes",
		   "csv: a single class");
	text_fails(f, "text", "format: csv", "a,b\n", ERR_CONFIG, "text_column",
		   "csv: columns must be said");
	text_fails(f, "text",
		   "{format: csv, header: false, text_column: 3, label_column: 1}",
		   "a,b\n", ERR_CONFIG, "no column '3'",
		   "csv: a number beyond the columns");
	text_fails(f, "text", CSV "classes: [x, y]\nlabel_base: 1\n",
		   "label,text\n3,b\n", ERR_DATA, "no class has the label '3'",
		   "csv: a number beyond the classes");
	text_fails(f, "text", CSV "classes: [x, y]\nlabel_base: 1\n",
		   "label,text\n1x,b\n", ERR_DATA, "no number",
		   "csv: a label that is no number");
	text_fails(f, "text", CSV "classes: [spam, ham]\n",
		   "label,text\nspan,b\n", ERR_DATA,
		   "did you mean 'spam'", "csv: a label that is not in classes");
}

static void many_columns(struct text_fixture *f)
{
	size_t size = 1000000;
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memset(text, ',', size);
	text[size] = '\n';
	text_put(f, 0, "wide.csv", text, size + 1);
	free(text);
	ok(text_read(f, "text", "{format: csv, header: false, text_column: 1,"
				" label_column: 1000001}") == ERR_DATA &&
		   strstr(f->err.text, "no label"),
	   "csv: a million columns and an empty label");
	ok(f->a.peak < (size_t)100 << 20, "csv: they take no more than 100 MiB");
}

static void reads_lines(struct text_fixture *f)
{
	ok(!text_of(f, "text", "{format: lines, label_until: ':'}",
		    "DESC:manner How did it ?\nABBR:exp What : is\n\n"
		    "DESC:def  Why \r\n") &&
		   f->x.n == 3 && f->x.classes == 2 &&
		   text_is(f, "How did it ?", "DESC", OFFICIAL_NONE) &&
		   text_is(f, "What : is", "ABBR", OFFICIAL_NONE) &&
		   text_is(f, "Why", "DESC", OFFICIAL_NONE),
	   "lines: TREC's labels end at the colon; blank lines are skipped");
	ok(!text_of(f, "text", "{format: lines, classes: [bad, good],"
			       " label_base: 0}",
		    "1 fine film\n0 no") &&
		   text_is(f, "fine film", "good", OFFICIAL_NONE) &&
		   text_is(f, "no", "bad", OFFICIAL_NONE),
	   "lines: SST-2's numbers; the last line needs no end");
	ok(!text_of(f, "text", "{format: lines, separator: tab}",
		    "ham\tA B\nspam\tC\tD\n") &&
		   text_is(f, "C\tD", "spam", OFFICIAL_NONE),
	   "lines: a tab, and a text may hold more");
	text_fails(f, "text", "{format: lines, separator: tab}",
		   "ham\tok\nspam now\n", ERR_DATA, "file:2: no tab",
		   "lines: a missing separator: file:line");
	text_fails(f, "text", "{format: lines, label_until: ':'}", ":x text\n",
		   ERR_DATA, "file:1: no label", "lines: nothing before the colon");
	text_fails(f, "text", "{format: lines}", "", ERR_DATA, "no text",
		   "lines: an empty file");
}

static void reads_lines_by_file(struct text_fixture *f)
{
	text_put(f, 0, "pos", "good\nvery\n", 10);
	text_put(f, 1, "neg", "bad\n", 4);
	ok(!text_read(f, "text", "{format: lines_by_file,"
				 " classes: [plus, minus]}") &&
		   text_is(f, "very", "plus", OFFICIAL_NONE) &&
		   text_is(f, "bad", "minus", OFFICIAL_NONE) && f->x.n == 3,
	   "lines_by_file: classes in the order of the files");
	ok(!text_read(f, "text", "format: lines_by_file\nfiles:\n"
				 " - { class: a, official: train }\n"
				 " - { class: b, official: test }\n") &&
		   text_is(f, "bad", "b", OFFICIAL_TEST),
	   "lines_by_file: or class and part of each");
	ok(text_read(f, "text", "{format: lines_by_file, classes: [a]}") ==
			   ERR_CONFIG &&
		   strstr(f->err.text, "2 files"),
	   "lines_by_file: a class for each file");
}

static void encodings(struct text_fixture *f)
{
	text_fails(f, "text", "{format: lines}", "a x\nb caf\xe9\n", ERR_DATA,
		   "file:2: byte e9 is not UTF-8", "bad UTF-8: file:line");
	ok(strstr(f->err.text, "latin1") != NULL, "and the cure");
	ok(!text_of(f, "text", "{format: lines, encoding: latin1}",
		    "a x\nb caf\xe9\n") &&
		   text_is(f, "caf\xc3\xa9", "b", OFFICIAL_NONE),
	   "latin1 becomes UTF-8");
	ok(!text_of(f, "text", "{format: lines, bad_utf8: replace}",
		    "a x\nb caf\xe9!\n") &&
		   text_is(f, "caf\xef\xbf\xbd!", "b", OFFICIAL_NONE),
	   "a bad byte is replaced when asked");
	text_put(f, 0, "nul", "a x\nb y\0z\n", 10);
	ok(text_read(f, "text", "{format: lines}") == ERR_DATA &&
		   strstr(f->err.text, "nul:2: has a NUL"),
	   "a NUL byte is an error");
	ok(!text_of(f, "text", "{format: lines}", "\xef\xbb\xbf" "a x\nb y\n") &&
		   text_is(f, "x", "a", OFFICIAL_NONE),
	   "a byte order mark is left out");
}

static void limits(struct text_fixture *f)
{
	static const char file[] = "a one\na two\nb three\nb four\nc five\n";

	ok(!text_of(f, "text", "{format: lines, min_class: 2}", file) &&
		   f->x.n == 4 && f->x.classes == 2,
	   "min_class leaves out small classes");
	text_fails(f, "text", "{format: lines, min_class: 3}", file, ERR_DATA,
		   "min_class", "too few classes name the option");
	ok(!text_of(f, "text", "{format: lines, max_bytes: 4}",
		    "a one\nb caf\xc3\xa9\n") &&
		   text_is(f, "caf", "b", OFFICIAL_NONE),
	   "max_bytes cuts no character in two");
}

static void bad_options(struct text_fixture *f)
{
	static const char *const bad[][2] = {
		{ "{}", "needs the option format" },
		{ "{format: jsonl}", "unknown format 'jsonl'" },
		{ "{format: lines, official: [train, test]}", "1 files" },
		{ "{format: lines, official: [tset]}", "did you mean 'test'" },
		{ "{format: lines, label_base: 1}", "needs classes" },
		{ "{format: lines, encoding: utf16}", "unknown encoding" },
		{ "{format: lines, strip: [head]}", "part to strip" },
		{ "{format: lines, files: [{clas: x}]}", "did you mean 'class'" },
		{ "{format: lines, max_bytes: 0}", "0 is outside 1" },
	};

	for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++)
		text_fails(f, "text", bad[k][0], "a b\nc d\n", ERR_CONFIG,
			   bad[k][1], bad[k][1]);
	text_put(f, 0, "gone", "", 0);
	unlink(f->path[0]);
	ok(text_read(f, "text", "{format: lines}") == ERR_IO &&
		   strstr(f->err.text, f->path[0]),
	   "a missing file is named");
}

/* Two classes one after the other in the file. */
static void mixes(struct text_fixture *f)
{
	char text[4096] = "";
	size_t first = 0, len = 0;

	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%c text %d\n", i < 50 ? 'a' : 'b', i);
	if (!ok(!text_of(f, "text", "{format: lines}", text), "reads 100 lines"))
		return;
	for (size_t i = 0; i < 50; i++)
		first += f->x.label[i] == 0;
	ok(first > 10 && first < 40, "rows are mixed, for files are sorted");
}

static void make_file(struct text_fixture *f, const char *folder,
		      const char *name, const char *text)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/tree/%s", f->dir, folder);
	if (file_make_dirs(path, &f->err))
		abort();
	snprintf(path, sizeof(path), "%s/tree/%s/%s", f->dir, folder, name);
	out = fopen(path, "wb");
	if (!out || fputs(text, out) < 0 || fclose(out))
		abort();
}

static void reads_folders(struct text_fixture *f)
{
	static const char by_part[] = "{format: folders, train: train, "
				      "test: test, classes: [neg, pos]}";

	make_file(f, "set/train/pos", "1.txt", "fine");
	make_file(f, "set/train/neg", "1.txt", "awful");
	make_file(f, "set/train/unsup", "1.txt", "no label");
	make_file(f, "set/train", "urls.txt", "http");
	make_file(f, "set/test/pos", "2.txt", "great\n");
	make_file(f, "set", "README", "read me");
	memcpy(f->path[0], f->dir, sizeof(f->dir));
	strcat(f->path[0], "/tree");
	f->n = 1;
	if (!ok(!text_read(f, "text", by_part), "folders: reads")) {
		printf("# %s\n", f->err.text);
		return;
	}
	ok(f->x.n == 3 && text_is(f, "fine", "pos", OFFICIAL_TRAIN) &&
		   text_is(f, "awful", "neg", OFFICIAL_TRAIN) &&
		   text_is(f, "great\n", "pos", OFFICIAL_TEST),
	   "folders: class and part by folder, other files passed over");
	ok(!text_read(f, "text", "{format: folders, label_level: 1}") &&
		   text_is(f, "no label", "train", OFFICIAL_NONE) &&
		   text_is(f, "great\n", "test", OFFICIAL_NONE) && f->x.n == 5,
	   "folders: the label at another level, from the outside");
	ok(!text_read(f, "text", "{format: folders, label_level: -2, "
				 "classes: [train, test]}") && f->x.n == 4,
	   "folders: or from the inside");
	ok(text_read(f, "text", "{format: folders, train: nowhere}") == ERR_DATA,
	   "folders: parts that no file is in leave nothing");
	make_file(f, "set/test/pos", "3.txt", "caf\xe9");
	ok(text_read(f, "text", by_part) == ERR_DATA &&
		   strstr(f->err.text, "set/test/pos/3.txt:1: byte e9"),
	   "folders: bad UTF-8 names the file");
	text_failing_memory(f, "text", "{format: folders, encoding: latin1, "
				       "train: train, test: test}");
}

/* One file behind the others in a tar (POSIX.1-1988 ustar). */
static size_t add_to_tar(unsigned char *tar, size_t at, const char *name,
			 const char *text)
{
	char *h = (char *)tar + at;
	unsigned sum = 0;

	memset(h, 0, 1024);
	strcpy(h, name);
	strcpy(h + 100, "0000644");
	strcpy(h + 108, "0000000");
	strcpy(h + 116, "0000000");
	snprintf(h + 124, 12, "%011o", (unsigned)strlen(text));
	strcpy(h + 136, "00000000000");
	memset(h + 148, ' ', 8);
	h[156] = '0';
	memcpy(h + 257, "ustar\00000", 8);
	for (size_t k = 0; k < 512; k++)
		sum += (unsigned char)h[k];
	snprintf(h + 148, 8, "%06o", sum);
	strcpy(h + 512, text);
	return at + 1024;
}

static void reads_archives(struct text_fixture *f)
{
	static const char options[] =
		"{format: folders, train: by-train, test: by-test,"
		" encoding: latin1, strip: [headers, quotes]}";
	static unsigned char tar[5 * 1024];
	size_t n = 0;

	n = add_to_tar(tar, n, "by-test/rec.autos/3", "From: x\n\ncaf\xe9");
	n = add_to_tar(tar, n, "by-train/rec.autos/1",
		       "Newsgroups: rec.autos\n\n> old\nMy car\n");
	n = add_to_tar(tar, n, "by-train/sci.med/2", "From: y\n\nMy arm\n");
	memset(tar + n, 0, 1024);
	text_put(f, 0, "set.tar", tar, n + 1024);
	if (!ok(!text_read(f, "text", options), "archives: reads a tar")) {
		printf("# %s\n", f->err.text);
		return;
	}
	ok(f->x.n == 3 && text_is(f, "My car\n", "rec.autos", OFFICIAL_TRAIN) &&
		   text_is(f, "My arm\n", "sci.med", OFFICIAL_TRAIN) &&
		   text_is(f, "caf\xc3\xa9", "rec.autos", OFFICIAL_TEST),
	   "archives: posts without headers and quotes, as from folders");
	text_put(f, 0, "set.tar", tar, n - 700);
	ok(text_read(f, "text", options) != 0 && f->err.text[0],
	   "archives: one that is cut short is an error");
}

int main(void)
{
	static const char sample[] = "label,text,more\r\nspam,\"Buy \"\"now\"\"\n"
				     "or never\",1\r\nham,See you,2\nham,x,3\n";
	struct text_fixture f;

	text_begin(&f);
	reads_csv(&f);
	reads_two_csvs(&f);
	reads_tsv(&f);
	bad_csv(&f);
	many_columns(&f);
	reads_lines(&f);
	reads_lines_by_file(&f);
	encodings(&f);
	limits(&f);
	bad_options(&f);
	mixes(&f);
	text_of(&f, "text", CSV, sample);
	text_failing_memory(&f, "text", CSV);
	text_mutations(&f, "text", CSV "bad_utf8: replace\n", sample);
	text_mutations(&f, "text", "{format: lines, encoding: latin1}", sample);
	reads_folders(&f);
	reads_archives(&f);
	text_end(&f);
	return tap_done();
}
