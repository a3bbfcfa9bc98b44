#include "results/predictions.h"

#include "harness/base/file.h"
#include "results/store_file.h"
#include "tests/store_fixture.h"

enum { ROWS = 1000, OUTPUTS = 3 };

static const struct predictions *sample_predictions(float shift)
{
	static uint32_t item[ROWS];
	static float truth[ROWS], scores[ROWS * OUTPUTS];
	static const struct predictions p = { ROWS, OUTPUTS, item, scores,
					      truth };

	for (uint32_t i = 0; i < ROWS; i++) {
		item[i] = i * 7;
		truth[i] = (float)(i % OUTPUTS);
	}
	for (int i = 0; i < ROWS * OUTPUTS; i++)
		scores[i] = sinf((float)i) + shift;
	return &p;
}

static void test_predictions(void)
{
	struct store *s = must_open();
	const struct predictions *p = sample_predictions(0.0f);
	struct predictions back = { 0 };
	char hex[HASH_HEX];
	struct record r;

	record_sample(&r, 500);
	predictions_hash(p, hex);
	r.pred_sha256 = hex;
	ok(!store_publish(s, &r, NULL, p, NULL, &err),
	   "store: a row with predictions is published");
	ok(!store_predictions(s, &r, true, &arena, &back, &err) &&
		   back.rows == ROWS && back.outputs == OUTPUTS,
	   "store: they come back");
	ok(!memcmp(back.scores, p->scores, ROWS * OUTPUTS * sizeof(float)) &&
		   !memcmp(back.item, p->item, ROWS * sizeof(uint32_t)) &&
		   !memcmp(back.truth, p->truth, ROWS * sizeof(float)),
	   "store: bit for bit");
	ok(store_predictions(s, &r, false, &arena, &back, &err) == ERR_MISSING,
	   "store: of validation there are none");
	store_publish(s, &r, NULL, sample_predictions(1.0f), NULL, &err);
	ok(!store_predictions(s, &r, true, &arena, &back, &err),
	   "store: a second publication leaves the predictions alone");
	r.pred_sha256 = "0123";
	ok(store_predictions(s, &r, true, &arena, &back, &err) == ERR_DATA &&
		   strstr(err.text, "not the predictions"),
	   "store: predictions that are not the row's are refused");
	record_clear(&r);
	store_close(s);
}

/* Predictions of a run that died before its row must not outlive it. */
static void test_orphan_predictions(void)
{
	struct store *s = must_open();
	struct predictions back = { 0 };
	char path[PATH_MAX];
	struct record r;

	record_sample(&r, 501);
	store_publish(s, &r, sample_predictions(5.0f), NULL, NULL, &err);
	store_cell_path(dir, &r, path, &err);
	unlink(path);
	store_publish(s, &r, sample_predictions(6.0f), NULL, NULL, &err);
	ok(!store_predictions(s, &r, false, &arena, &back, &err) &&
		   back.scores[0] == 6.0f,
	   "store: predictions without a row are replaced");
	record_clear(&r);
	store_close(s);
}

static void test_damaged_predictions(void)
{
	char path[80], *bytes = NULL;
	struct predictions back;
	size_t size = 0, caught = 0, tried = 0;

	snprintf(path, sizeof(path), "%s/p.gz", dir);
	predictions_write(path, sample_predictions(0.0f), &err);
	file_read(&arena, path, &bytes, &size, &err);
	for (size_t cut = 0; cut < size; cut += 501, tried++) {
		write_bytes(path, bytes, cut);
		caught += predictions_read(path, &arena, &back, &err) == ERR_DATA;
	}
	ok(caught == tried, "predictions: a cut file is refused (%zu of %zu)",
	   caught, tried);
	/* The first ten bytes are gzip's own header, where a time or a system
	 * may differ without harm. */
	for (size_t at = 10, n = caught = tried = 0; at < size;
	     at += 97, tried++, n++) {
		bytes[at] = (char)(bytes[at] ^ 0x40);
		write_bytes(path, bytes, size);
		caught += predictions_read(path, &arena, &back, &err) == ERR_DATA;
		bytes[at] = (char)(bytes[at] ^ 0x40);
	}
	ok(caught == tried, "predictions: a flipped bit is noticed (%zu of %zu)",
	   caught, tried);
	write_bytes(path, "hello", 5);
	ok(predictions_read(path, &arena, &back, &err) == ERR_DATA &&
		   strstr(err.text, "p.gz"), "predictions: the file is named");
}

static void test_predictions_out_of_memory(void)
{
	char path[80];
	bool good = true;
	size_t n = 0;

	snprintf(path, sizeof(path), "%s/p.gz", dir);
	predictions_write(path, sample_predictions(0.0f), &err);
	for (int rc = -1; rc && n < 100; n++) {
		struct predictions back;
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = n + 1;
		rc = predictions_read(path, &a, &back, &err);
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && n > 1, "predictions: each allocation may fail");
}

int main(void)
{
	arena_init(&arena, 0);
	new_dir();
	test_predictions();
	test_orphan_predictions();
	test_damaged_predictions();
	test_predictions_out_of_memory();
	remove_dir();
	arena_clear(&arena);
	return tap_done();
}
