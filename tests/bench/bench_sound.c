/* From compressed sound to a picture of it: what a data set of sounds costs to
 * read. `items/s` are seconds of sound a CPU second; ten minutes in 5 s on two
 * threads ask for 60. */
#include "tests/bench/bench_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sndfile.h>

#include "datasets/media/clip.h"
#include "datasets/views/logmel.h"
#include "harness/base/rng.h"
#include "tests/bench/bench.h"

/* A file that is written in memory. */
struct tape {
	unsigned char data[1 << 22];
	sf_count_t size, at;
};

static sf_count_t tape_size(void *user)
{
	return ((struct tape *)user)->size;
}

static sf_count_t tape_tell(void *user)
{
	return ((struct tape *)user)->at;
}

static sf_count_t tape_seek(sf_count_t to, int whence, void *user)
{
	struct tape *t = user;

	t->at = to + (whence == SEEK_CUR ? t->at : whence == SEEK_END ? t->size : 0);
	return t->at;
}

static sf_count_t tape_read(void *to, sf_count_t n, void *user)
{
	struct tape *t = user;

	n = n < t->size - t->at ? n : t->size - t->at;
	memcpy(to, t->data + t->at, (size_t)n);
	t->at += n;
	return n;
}

static sf_count_t tape_write(const void *from, sf_count_t n, void *user)
{
	struct tape *t = user;

	if (t->at + n > (sf_count_t)sizeof(t->data))
		abort();
	memcpy(t->data + t->at, from, (size_t)n);
	t->at += n;
	t->size = t->at > t->size ? t->at : t->size;
	return n;
}

/* Noise under a tone that comes and goes: a codec spends bits on noise, as it
 * does on rain and applause. */
static void record(struct tape *t, int format, int rate, size_t seconds)
{
	SF_VIRTUAL_IO io = { tape_size, tape_seek, tape_read, tape_write, tape_tell };
	SF_INFO info = { .samplerate = rate, .channels = 1, .format = format };
	SNDFILE *f = sf_open_virtual(&io, SFM_WRITE, &info, t);
	struct rng r = rng_make(1, "bench/sound");
	float block[1024];

	if (!f)
		abort();
	for (size_t at = 0; at < seconds * (size_t)rate; at += 1024) {
		rng_fill_normal(r, at, 1024, block);
		for (size_t i = 0; i < 1024; i++)
			block[i] = 0.05f * block[i] +
				   0.3f * sinf((float)at / 9000) * sinf((float)i * 0.1f);
		sf_writef_float(f, block, 1024);
	}
	sf_close(f);
}

/* args: seconds, rate of the items (of the file: 44,100) */
static void to_logmel(struct bench *b, int format)
{
	struct clip_rule rule = { .rate = (double)bench_arg(b, 1) };
	struct tape *t = calloc(1, sizeof(*t));
	struct clip_file file = { .name = "tape" };
	size_t start[2] = { 0, 0 };
	struct items items = { .modality = MODALITY_AUDIO, .n = 1,
			       .wave_start = start, .rate = rule.rate };
	uint32_t row = 0;
	struct arena a;

	if (!t)
		abort();
	record(t, format, 44100, bench_arg(b, 0));
	file.data = t->data;
	file.size = (size_t)t->size;
	while (bench_keep_running(b)) {
		struct clip_info info;
		struct clip_desk d;
		struct logmel m;
		struct error err;
		float *out;

		arena_init(&a, 0);
		if (clip_look(&file, &info, &err) ||
		    clip_desk_init(&d, &info, 1, &rule, &a, &err) ||
		    clip_decode(&file, &info, &d, &err) ||
		    clip_resample(&file, &info, rule.rate, &d, &start[1], &err))
			abort();
		items.wave = d.out;
		if (logmel_init(&m, &items, &err))
			abort();
		out = ARENA_RAW(&a, float, m.bands * m.frames);
		if (!out || logmel_fill(&m, &items, &row, 1, 1, &a, out, &err))
			abort();
		bench_keep(out);
		arena_clear(&a);
	}
	bench_items(b, (double)bench_arg(b, 0));
	free(t);
}

static void ogg_to_logmel(struct bench *b)
{
	to_logmel(b, SF_FORMAT_OGG | SF_FORMAT_VORBIS);
}

static void flac_to_logmel(struct bench *b)
{
	to_logmel(b, SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
}

void bench_sound(void)
{
	bench_add("ogg_to_logmel", ogg_to_logmel, 2, (size_t[]){ 10, 16000 });
	bench_add("ogg_to_logmel", ogg_to_logmel, 2, (size_t[]){ 10, 22050 });
	bench_add("flac_to_logmel", flac_to_logmel, 2, (size_t[]){ 10, 16000 });
}
