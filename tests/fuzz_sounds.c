/* libFuzzer: any bytes as a sound give as many finite samples as its header
 * said, or an error with words. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "datasets/media/clip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libsndfile 1.2.0 loses some 6 kB of libvorbis's when the header of an Ogg
 * stream is damaged (sf_open fails, so there is nothing to close). Leaks of our
 * own memory are still found. */
const char *__lsan_default_suppressions(void)
{
	return "leak:vorbis_\nleak:ogg_\nleak:libsndfile\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct clip_file f = { .name = "x", .data = data, .size = size };
	const struct clip_rule rule = { .rate = 8000 };
	struct clip_info info;
	struct error err = { 0 };
	struct clip_desk d;
	struct arena a;
	size_t n = 0;

	arena_init(&a, (size_t)256 << 20);
	if (clip_look(&f, &info, &err) ||
	    clip_desk_init(&d, &info, 1, &rule, &a, &err) ||
	    clip_decode(&f, &info, &d, &err) || !info.frames ||
	    clip_resample(&f, &info, rule.rate, &d, &n, &err)) {
		if (err.code && !err.text[0])
			abort();
	}
	for (size_t i = 0; i < n; i++)
		if (isnan(d.out[i]))
			abort();
	arena_clear(&a);
	return 0;
}
