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
#include "datasets/clip.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <samplerate.h>
#include <sndfile.h>

#define PIECE_S 0.020	/* what is silent or not */
#define MAX_CHANNELS 8
#define LOWEST_RATE 4e3
#define HIGHEST_RATE 4e5

/* Opening a file is enough to know its shape: nothing is decoded. A header may
 * claim any length (0x7fffffff for streams that were cut), so it is bounded
 * here, before memory is taken for it. */
int clip_info(const char *path, struct clip_info *out, struct error *err)
{
	SF_INFO info = { 0 };
	SNDFILE *f = sf_open(path, SFM_READ, &info);
	double most;

	if (!f)
		return error_set(err, ERR_DATA, "cannot read '%s': %s", path,
				 sf_strerror(NULL));
	sf_close(f);
	if (info.samplerate < LOWEST_RATE || info.samplerate > HIGHEST_RATE)
		return error_set(err, ERR_DATA, "'%s': a rate of %d Hz is "
				 "outside 4,000 to 400,000", path,
				 info.samplerate);
	if (info.channels < 1 || info.channels > MAX_CHANNELS)
		return error_set(err, ERR_DATA, "'%s': %d channels; 1 to %d are "
				 "read", path, info.channels, MAX_CHANNELS);
	most = CLIP_MAX_S * info.samplerate;
	out->frames = (size_t)fmax(0, fmin((double)info.frames, most));
	out->channels = (size_t)info.channels;
	out->rate = info.samplerate;
	return 0;
}

/* Frames after resampling, with some to spare for rounding. */
static size_t resampled(const struct clip_info *info, double rate)
{
	return (size_t)ceil((double)info->frames * rate / info->rate) + 16;
}

/* The largest product of frames and channels and the longest output need not
 * belong to the same clip: each buffer has its own maximum. */
int clip_desk_init(struct clip_desk *d, const struct clip_info *info, size_t n,
		   const struct clip_rule *rule, struct arena *a,
		   struct error *err)
{
	*d = (struct clip_desk){ 0 };
	for (size_t i = 0; i < n; i++) {
		size_t in = info[i].frames * info[i].channels;
		size_t out = resampled(&info[i], rule->rate);

		d->room_in = in > d->room_in ? in : d->room_in;
		d->room_out = out > d->room_out ? out : d->room_out;
	}
	d->in = ARENA_RAW(a, float, d->room_in);
	d->out = ARENA_RAW(a, float, d->room_out);
	return d->in && d->out ? 0 : arena_error(a, err);
}

/* The file is opened a second time and may have been replaced meanwhile: its
 * channels are compared with those that the buffer was sized for. */
static int decode(const char *path, const struct clip_info *want,
		  struct clip_desk *d, struct error *err)
{
	SF_INFO info = { 0 };
	SNDFILE *f = sf_open(path, SFM_READ, &info);
	sf_count_t got;

	if (!f)
		return error_set(err, ERR_DATA, "cannot read '%s'", path);
	if ((size_t)info.channels != want->channels) {
		sf_close(f);
		return error_set(err, ERR_DATA, "'%s' changed while it was read",
				 path);
	}
	got = sf_readf_float(f, d->in, (sf_count_t)want->frames);
	sf_close(f);
	if (got != (sf_count_t)want->frames)
		return error_set(err, ERR_DATA, "'%s' is cut short: %lld of %zu "
				 "frames", path, (long long)got, want->frames);
	return 0;
}

/* The mean of the channels, in place: sample i of the result lies at or before
 * the samples it is made of. Float files may hold NaN or inf; those are
 * silence, as one of them would spread over the whole clip in the resampler. */
static void mix(float *x, size_t frames, size_t channels)
{
	for (size_t i = 0; i < frames; i++) {
		double sum = 0;

		for (size_t c = 0; c < channels; c++)
			sum += (double)x[i * channels + c];
		x[i] = isfinite(sum) ? (float)(sum / (double)channels) : 0;
	}
}

/* Band-limited sinc interpolation (libsamplerate), since taking every k-th
 * sample would fold what is above the new Nyquist frequency into the speech.
 * The converter is deterministic: the same clip gives the same bits. */
static int resample(const char *path, const struct clip_info *info, double rate,
		    struct clip_desk *d, size_t *n, struct error *err)
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
				 path, src_strerror(code));
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
	size_t samples = 0;
	int rc;

	*n = 0;
	if (!info->frames)
		return 0;
	rc = decode(path, info, d, err);
	if (rc)
		return rc;
	mix(d->in, info->frames, info->channels);
	rc = resample(path, info, rule->rate, d, &samples, err);
	if (rc)
		return rc;
	samples = drop_silence(d->out, samples, rule);
	*n = cut(d->out, samples, rule, segments);
	return 0;
}
