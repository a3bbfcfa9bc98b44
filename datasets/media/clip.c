/* A clip's way: decode, mix, resample, drop silence, cut, equalise.
 *
 * Each step takes away something by which a learner could tell recordings
 * apart without listening: the number of channels, the rate, pauses, the
 * distance from the microphone. What is left for all clips is a mono wave at
 * one rate and level. The bandwidth that a codec leaves is not equalised; that
 * is why the catalogue keeps each language (and with it each codec) on one
 * side of the split.
 *
 * Buffers are lent by the caller (struct clip_desk) and sized for the longest
 * clip, so that thousands of clips need no allocation each and threads do not
 * meet in malloc. */
#include "datasets/media/clip.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <samplerate.h>
#include <sndfile.h>

#define PIECE_S 0.020	/* what is silent or not */
#define MAX_CHANNELS 8
#define LOWEST_RATE 4e3
#define HIGHEST_RATE 4e5
#define BLOCK 4096 /* frames that are decoded at once */

const char *const clip_extensions[] = { ".ogg",	".oga",	 ".opus", ".wav", ".flac",
					".aiff", ".aif", ".mp3",  NULL };

/* ---------------------------------------------------------------- bytes */

/* A file in memory, as libsndfile wants to read it. */
struct memory {
	const unsigned char *data; /* (size) */
	sf_count_t size, at;
};

/* Called before anything else is read; a wrong one would make libsndfile
 * believe that a file was cut. */
static sf_count_t memory_size(void *user)
{
	return ((struct memory *)user)->size;
}

/* Headers that are damaged send libsndfile anywhere: out of bounds is -1. */
static sf_count_t memory_seek(sf_count_t to, int whence, void *user)
{
	struct memory *m = user;
	sf_count_t from = whence == SEEK_CUR ? m->at :
			  whence == SEEK_END ? m->size :
					       0;

	if (__builtin_add_overflow(from, to, &to) || to < 0 || to > m->size)
		return -1;
	return m->at = to;
}

/* A negative count comes from headers whose sizes overflowed. */
static sf_count_t memory_read(void *to, sf_count_t n, void *user)
{
	struct memory *m = user;

	n = n < 0 ? 0 : n > m->size - m->at ? m->size - m->at : n;
	memcpy(to, m->data + m->at, (size_t)n);
	m->at += n;
	return n;
}

/* Never called, as sounds are opened to read; here so that none is NULL. */
static sf_count_t memory_write(const void *from, sf_count_t n, void *user)
{
	(void)from, (void)n, (void)user;
	return 0;
}

/* Bytes from the start of the file, not of its sound data. */
static sf_count_t memory_tell(void *user)
{
	return ((struct memory *)user)->at;
}

/* `m` must live as long as what is returned. */
static SNDFILE *open_sound(const struct clip_file *f, struct memory *m,
			   SF_INFO *info)
{
	SF_VIRTUAL_IO io = { memory_size, memory_seek, memory_read, memory_write,
			     memory_tell };

	*info = (SF_INFO){ 0 };
	*m = (struct memory){ .data = f->data, .size = (sf_count_t)f->size };
	return f->data ? sf_open_virtual(&io, SFM_READ, info, m) :
			 sf_open(f->name, SFM_READ, info);
}

/* ---------------------------------------------------------------- headers */

/* Opening a file is enough to know its shape: nothing is decoded. A header may
 * claim any length (0x7fffffff for streams that were cut), so it is bounded
 * here, before memory is taken for it. */
int clip_look(const struct clip_file *file, struct clip_info *out,
	      struct error *err)
{
	struct memory memory;
	SF_INFO info;
	SNDFILE *f = open_sound(file, &memory, &info);
	double most;

	if (!f)
		return error_set(err, ERR_DATA, "cannot read '%s': %s",
				 file->name, sf_strerror(NULL));
	sf_close(f);
	if (info.samplerate < LOWEST_RATE || info.samplerate > HIGHEST_RATE)
		return error_set(err, ERR_DATA, "'%s': a rate of %d Hz is "
				 "outside 4,000 to 400,000", file->name,
				 info.samplerate);
	if (info.channels < 1 || info.channels > MAX_CHANNELS)
		return error_set(err, ERR_DATA, "'%s': %d channels; 1 to %d are "
				 "read", file->name, info.channels, MAX_CHANNELS);
	most = fmin(CLIP_MAX_S * info.samplerate, CLIP_MAX_FRAMES);
	out->frames = (size_t)fmax(0, fmin((double)info.frames, most));
	out->channels = (size_t)info.channels;
	out->rate = info.samplerate;
	return 0;
}

/* From the disk: without bytes open_sound takes the name for a path. */
int clip_info(const char *path, struct clip_info *out, struct error *err)
{
	return clip_look(&(struct clip_file){ .name = path }, out, err);
}

/* Frames after resampling, with some to spare for rounding. */
static size_t resampled(const struct clip_info *info, double rate)
{
	return (size_t)ceil((double)info->frames * rate / info->rate) + 16;
}

/* The longest input and the longest output need not belong to the same clip:
 * each buffer has its own maximum. */
int clip_desk_init(struct clip_desk *d, const struct clip_info *info, size_t n,
		   const struct clip_rule *rule, struct arena *a,
		   struct error *err)
{
	*d = (struct clip_desk){ 0 };
	for (size_t i = 0; i < n; i++) {
		size_t in = info[i].frames;
		size_t out = resampled(&info[i], rule->rate);

		d->room_in = in > d->room_in ? in : d->room_in;
		d->room_out = out > d->room_out ? out : d->room_out;
	}
	d->block = ARENA_RAW(a, float, BLOCK * MAX_CHANNELS);
	d->in = ARENA_RAW(a, float, d->room_in);
	d->out = ARENA_RAW(a, float, d->room_out);
	return d->block && d->in && d->out ? 0 : arena_error(a, err);
}

/* The mean of the channels. Float files may hold NaN or inf; those are silence,
 * as one of them would spread over the whole clip in the resampler. */
static void mix(const float *x, size_t frames, size_t channels, float *out)
{
	for (size_t i = 0; i < frames; i++) {
		double sum = 0;

		for (size_t c = 0; c < channels; c++)
			sum += (double)x[i * channels + c];
		out[i] = isfinite(sum) ? (float)(sum / (double)channels) : 0;
	}
}

/* The file is opened a second time and may have been replaced meanwhile: its
 * channels are compared with those that the block was sized for. */
int clip_decode(const struct clip_file *file, const struct clip_info *want,
		struct clip_desk *d, struct error *err)
{
	struct memory memory;
	SF_INFO info;
	SNDFILE *f = open_sound(file, &memory, &info);
	sf_count_t got = 1;
	size_t at = 0;

	if (!f)
		return error_set(err, ERR_DATA, "cannot read '%s'", file->name);
	if ((size_t)info.channels != want->channels) {
		sf_close(f);
		return error_set(err, ERR_DATA, "'%s' changed while it was read",
				 file->name);
	}
	while (at < want->frames && got > 0) {
		size_t n = want->frames - at < BLOCK ? want->frames - at : BLOCK;

		got = sf_readf_float(f, d->block, (sf_count_t)n);
		got = got < 0 ? 0 : got;
		mix(d->block, (size_t)got, want->channels, d->in + at);
		at += (size_t)got;
	}
	sf_close(f);
	if (at != want->frames)
		return error_set(err, ERR_DATA, "'%s' is cut short: %zu of %zu "
				 "frames", file->name, at, want->frames);
	return 0;
}

/* Band-limited sinc interpolation (libsamplerate), since taking every k-th
 * sample would fold what is above the new Nyquist frequency into the speech.
 * The converter is deterministic: the same clip gives the same bits. */
int clip_resample(const struct clip_file *f, const struct clip_info *info,
		  double rate, struct clip_desk *d, size_t *n, struct error *err)
{
	SRC_DATA job = {
		.data_in = d->in,
		.data_out = d->out,
		.input_frames = (long)info->frames,
		.output_frames = (long)resampled(info, rate),
		.src_ratio = rate / info->rate,
	};
	int code = src_simple(&job, SRC_SINC_FASTEST, 1);

	if (code)
		return error_set(err, ERR_DATA, "'%s': cannot resample: %s",
				 f->name, src_strerror(code));
	*n = (size_t)job.output_frames_gen;
	return 0;
}

/* Root of the mean square: the level of a piece of sound. 0 for no samples. */
static double rms(const float *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i] * (double)x[i];
	return n ? sqrt(sum / (double)n) : 0;
}

/* Close the gaps: keep the 20 ms pieces within `silence` dB of the loudest, in
 * place. The threshold follows the clip's own loudest piece, for recordings
 * differ in gain. An incomplete last piece goes too. Returns the samples left;
 * 0 for a silent clip. */
static size_t drop_silence(float *x, size_t n, const struct clip_rule *rule)
{
	size_t piece = (size_t)(rule->rate * PIECE_S), kept = 0;
	double loudest = 0, least;

	for (size_t at = 0; at + piece <= n; at += piece)
		loudest = fmax(loudest, rms(x + at, piece));
	least = loudest * pow(10, -rule->silence / 20);
	for (size_t at = 0; loudest > 0 && at + piece <= n; at += piece) {
		if (rms(x + at, piece) < least)
			continue;
		memmove(x + kept, x + at, piece * sizeof(*x));
		kept += piece;
	}
	return kept;
}

/* A segment without its mean, at the level; false when there is no sound. */
static bool equalise(const float *x, size_t n, double level, float *out)
{
	double mean = 0, scale;

	for (size_t i = 0; i < n; i++)
		mean += (double)x[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		out[i] = (float)((double)x[i] - mean);
	scale = rms(out, n);
	if (!(scale > 0))
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = (float)((double)out[i] * level / scale);
	return true;
}

/* As many segments as fit, at most `most`, the first at the start, the last at
 * the end, the rest evenly between. */
static size_t cut(const float *x, size_t n, const struct clip_rule *rule,
		  float *out)
{
	size_t fit = n / rule->length, kept = 0;

	if (fit > rule->most)
		fit = rule->most;
	for (size_t k = 0; k < fit; k++) {
		size_t at = fit > 1 ? (n - rule->length) * k / (fit - 1) : 0;

		kept += equalise(x + at, rule->length, rule->level,
				 out + kept * rule->length);
	}
	return kept;
}

/* A clip shorter than a segment, or silent, gives none and is no error: real
 * collections have such files, and leaving them out is what anybody would do
 * by hand. */
int clip_read(const char *path, const struct clip_info *info,
	      const struct clip_rule *rule, struct clip_desk *d,
	      float *segments /* (most, length) */, size_t *n,
	      struct error *err)
{
	struct clip_file f = { .name = path };
	size_t samples = 0;
	int rc;

	*n = 0;
	if (!info->frames)
		return 0;
	rc = clip_decode(&f, info, d, err);
	if (rc)
		return rc;
	rc = clip_resample(&f, info, rule->rate, d, &samples, err);
	if (rc)
		return rc;
	samples = drop_silence(d->out, samples, rule);
	*n = cut(d->out, samples, rule, segments);
	return 0;
}
