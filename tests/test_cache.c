#include "tests/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datasets/cache.h"
#include "datasets/encode.h"
#include "datasets/folder.h"
#include "tests/data_fixtures.h"

static char folder[] = "/tmp/triarch-cache-XXXXXX";
static char path[sizeof(folder) + 8];

/* Both NULL, or the same bytes and aligned as promised. */
static bool same(const void *a, const void *b, size_t bytes)
{
	if (!a || !b)
		return !a && !b;
	return !memcmp(a, b, bytes) && (size_t)b % 64 == 0;
}

static bool same_names(const char *const *a, const char *const *b, size_t n)
{
	for (size_t i = 0; a && b && i < n; i++)
		if (strcmp(a[i], b[i]))
			return false;
	return !a == !b;
}

static bool same_items(const struct items *a, const struct items *b)
{
	size_t pixels = a->n * a->channels * a->height * a->width;
	bool good = a->modality == b->modality && a->task == b->task &&
		    a->n == b->n && a->cols == b->cols &&
		    a->classes == b->classes && a->rate == b->rate;

	for (size_t j = 0; good && j < a->cols; j++)
		good = same(a->cell[j], b->cell[j], a->n * 4) &&
		       !strcmp(a->columns[j].name, b->columns[j].name) &&
		       a->columns[j].is_cat == b->columns[j].is_cat &&
		       a->columns[j].levels == b->columns[j].levels &&
		       same_names(a->columns[j].level_names,
				  b->columns[j].level_names,
				  a->columns[j].levels);
	return good && same(a->pixels, b->pixels, pixels) &&
	       same(a->wave_start, b->wave_start, (a->n + 1) * 8) &&
	       same(a->wave, b->wave, a->wave ? a->wave_start[a->n] * 4 : 0) &&
	       same_names(a->text, b->text, a->n) &&
	       same_names(a->class_names, b->class_names, a->classes) &&
	       same(a->label, b->label, a->n * 4) &&
	       same(a->target, b->target, a->n * 4) &&
	       same(a->official, b->official, a->n) &&
	       same(a->group, b->group, a->n * 4);
}

static void check_items(const struct items *it, const char *name,
			struct arena *a)
{
	struct items back;
	struct file_map m;
	struct error err;
	bool good = !cache_save_items(path, it, &err) &&
		    !cache_open_items(path, a, &back, &m, &err);

	if (!ok(good, "cache: items of %s are written and read", name)) {
		printf("# %s\n", err.text);
		return;
	}
	ok(same_items(it, &back), "cache: items of %s come back", name);
	file_unmap(&m);
}

static void test_items(struct arena *a)
{
	static const char *const names[] = { "low", "", "high" };
	struct items it = fixture_table(a, 123, 3);
	struct column *columns = arena_copy(a, it.columns,
					    5 * sizeof(*columns));

	it.class_names = names;
	columns[3].levels = 3;
	columns[3].level_names = names;
	it.columns = columns;
	it.official = ARENA_NEW(a, uint8_t, 123);
	it.group = ARENA_NEW(a, uint32_t, 123);
	check_items(&it, "a table", a);
	it = fixture_table(a, 50, 0);
	check_items(&it, "a regression", a);
	it = fixture_image(a, 31);
	check_items(&it, "pictures", a);
	it = fixture_audio(a, 9);
	check_items(&it, "sound", a);
	it = fixture_text(a, 77);
	check_items(&it, "text", a);
	it = fixture_image(a, 0);
	check_items(&it, "nothing", a);
}

static bool same_part(const struct dataset *d, const struct part *a,
		      const struct part *b)
{
	size_t entries = a->row_start ? a->row_start[a->rows] : 0;

	return a->rows == b->rows && same(a->x, b->x, a->rows * d->cols * 4) &&
	       same(a->row_start, b->row_start, (a->rows + 1) * 8) &&
	       same(a->index, b->index, entries * 4) &&
	       same(a->value, b->value, entries * 4) &&
	       same(a->label, b->label, a->rows * 4) &&
	       same(a->target, b->target, a->rows * 4) &&
	       same(a->item, b->item, a->rows * 4);
}

static void check_view(enum view view, const struct items *it, struct arena *a)
{
	struct split split = fixture_split(a, it->n, it->n / 2, it->n / 4);
	struct dataset d, back;
	struct file_map m;
	struct error err;
	bool good = !encoder_find(view, it->modality)
			     ->encode(it, &split, 1, a, &d, &err) &&
		    !cache_save_dataset(path, &d, &err) &&
		    !cache_open_dataset(path, a, &back, &m, &err);

	if (!ok(good, "cache: the %s view is written and read", view_name(view)))
		return;
	ok(back.view == view && back.cols == d.cols && back.vocab == d.vocab &&
		   back.classes == d.classes && back.height == d.height &&
		   !back.columns == !d.columns &&
		   same_part(&d, &d.train, &back.train) &&
		   same_part(&d, &d.valid, &back.valid) &&
		   same_part(&d, &d.test, &back.test),
	   "cache: the %s view comes back", view_name(view));
	file_unmap(&m);
}

static void test_views(struct arena *a)
{
	struct items table = fixture_table(a, 100, 3);
	struct items image = fixture_image(a, 60);
	struct items text = fixture_text(a, 80);

	check_view(VIEW_TABLE, &table, a);
	check_view(VIEW_DENSE, &table, a);
	check_view(VIEW_GRID, &image, a);
	check_view(VIEW_TOKENS, &text, a);
	check_view(VIEW_SPARSE, &text, a);
}

static int reopen(struct arena *a)
{
	struct items back;
	struct file_map m;
	struct error err;
	int rc = cache_open_items(path, a, &back, &m, &err);

	if (!rc)
		file_unmap(&m);
	return rc;
}

/* Change one byte of the file. */
static void poke(off_t at)
{
	int fd = open(path, O_RDWR);
	unsigned char byte = 0;

	ok(pread(fd, &byte, 1, at) == 1, "cache: byte %d is there", (int)at);
	byte ^= 0x55;
	ok(pwrite(fd, &byte, 1, at) == 1, "cache: and can be changed");
	close(fd);
}

static void test_broken(struct arena *a)
{
	static const off_t places[] = { 0, 9, 17, 25, 40, 130, 200 };
	struct items it = fixture_table(a, 40, 2);
	struct dataset d;
	struct file_map m;
	struct error err;
	struct stat st;

	for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
		if (cache_save_items(path, &it, &err))
			puts(err.text);
		poke(places[k]);
		ok(reopen(a) == ERR_DATA, "cache: a change at byte %d is noticed",
		   (int)places[k]);
	}
	cache_save_items(path, &it, &err);
	ok(cache_open_dataset(path, a, &d, &m, &err) == ERR_DATA,
	   "cache: items are not taken for a view");
	ok(!stat(path, &st) && !truncate(path, st.st_size - 1) &&
		   reopen(a) == ERR_DATA,
	   "cache: a file that lacks its last byte is noticed");
	ok(!truncate(path, 20) && reopen(a) == ERR_DATA &&
		   !truncate(path, 0) && reopen(a) == ERR_DATA,
	   "cache: a stump and an empty file are noticed");
	unlink(path);
	ok(reopen(a) == ERR_IO, "cache: a file that is not there");
	ok(cache_save_items("/proc/no/such/folder", &it, &err) == ERR_IO,
	   "cache: a file that cannot be written is an error");
}

/* A small file, cut at every byte and changed at every byte of what decides
 * where its arrays lie. */
static void test_everywhere(struct arena *a)
{
	struct items it = fixture_text(a, 3);
	/* 7 bytes behind the checksum only fill the header up to a multiple of 8 */
	const size_t fill = 97, fill_end = 104;
	size_t size, head = 0, cut = 0, changed = 0;
	struct error err;
	char *whole;

	if (cache_save_items(path, &it, &err) ||
	    file_read(a, path, &whole, &size, &err)) {
		ok(false, "cache: a small file: %s", err.text);
		return;
	}
	for (size_t n = 0; n < size; n++) {
		file_replace(path, whole, n, &err);
		cut += reopen(a) == ERR_DATA;
	}
	ok(cut == size, "cache: a file cut at any of %zu bytes is noticed", size);
	/* the small values end where the first array is aligned to */
	memcpy(&head, whole + 16, sizeof(head));
	for (size_t k = 0; k < head; k += k + 1 == fill ? fill_end - fill + 1 : 1) {
		whole[k] ^= 1;
		file_replace(path, whole, size, &err);
		changed += reopen(a) == ERR_DATA;
		whole[k] ^= 1;
	}
	ok(head > 200 && changed + fill_end - fill == head,
	   "cache: a change of any of the first %zu bytes is noticed", head);
	file_replace(path, whole, size, &err);
	ok(!reopen(a), "cache: the file as it was is read again");
}

static void test_memory(struct arena *a)
{
	struct items it = fixture_text(a, 40);
	struct error err;
	int rc = ERR_MEMORY;
	size_t calls = 0;

	cache_save_items(path, &it, &err);
	for (; rc == ERR_MEMORY; calls++) {
		struct arena small;

		arena_init(&small, 0);
		small.fail_at = calls + 1;
		rc = reopen(&small);
		arena_clear(&small);
	}
	ok(!rc && calls > 1, "cache: every failing allocation is an error");
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/file", folder);
	test_items(&a);
	test_views(&a);
	test_broken(&a);
	test_everywhere(&a);
	test_memory(&a);
	folder_remove(folder);
	arena_clear(&a);
	return tap_done();
}
