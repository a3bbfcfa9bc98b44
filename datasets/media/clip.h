/* One recorded clip -> equal segments of speech at one rate and level. */
#ifndef TRIARCH_CLIP_H
#define TRIARCH_CLIP_H

#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

/* What is read of a clip at most, in time and in frames; a header may claim
 * anything. */
#define CLIP_MAX_S 60.0
#define CLIP_MAX_FRAMES 6e6

/* The names of sounds end so (bundle_is_kind); NULL-terminated. */
extern const char *const clip_extensions[];

/* Where a clip's bytes are. */
struct clip_file {
	const char *name;	   /* the path, or what messages call it */
	const unsigned char *data; /* (size), or NULL: in the file `name` */
	size_t size;
};

/* What is made of every clip. */
struct clip_rule {
	double rate;	/* samples a second of the segments */
	size_t length;	/* samples of a segment */
	size_t most;	/* segments of a clip, spread evenly over it */
	double silence; /* dB below the loudest 20 ms: dropped */
	double level;	/* RMS of every segment */
};

/* A file as its header describes it. */
struct clip_info {
	size_t frames; /* of those read at most; may be 0 */
	size_t channels;
	double rate;
};

/* Open the file and look: WAV, FLAC, Ogg Vorbis, Opus ... (libsndfile). ERR_DATA,
 * with libsndfile's words, when it is none, or its rate is outside 4,000 to
 * 400,000 Hz, or it has more than 8 channels. */
int clip_info(const char *path, struct clip_info *out, struct error *err);
int clip_look(const struct clip_file *f, struct clip_info *out,
	      struct error *err);

/* Memory for the decoding of clips, one a worker. */
struct clip_desk {
	size_t room_in, room_out; /* values of each */
	float *block; /* some frames, all their channels */
	float *in;    /* (room_in) mono */
	float *out;   /* (room_out) resampled, then without silence */
};

/* Large enough for each of the n clips. ERR_MEMORY. */
int clip_desk_init(struct clip_desk *d, const struct clip_info *info, size_t n,
		   const struct clip_rule *rule, struct arena *a,
		   struct error *err);

/* Decode the first info->frames frames and mix them to mono: d->in[0..frames).
 * `info` is what clip_look said, or has fewer frames. ERR_DATA when the file has
 * fewer. May run in par_for, as all below. */
int clip_decode(const struct clip_file *f, const struct clip_info *info,
		struct clip_desk *d, struct error *err);

/* Bring d->in to another rate (libsamplerate, its fast sinc, 97 dB):
 * d->out[0..*n). ERR_DATA. */
int clip_resample(const struct clip_file *f, const struct clip_info *info,
		  double rate, struct clip_desk *d, size_t *n,
		  struct error *err);

/* Decode, mix to mono, resample (libsamplerate, its fast sinc, 97 dB), drop the silent
 * 20 ms pieces, cut segments and bring each to the level. Writes at most
 * rule->most of them; *n says how many (0: too short). May run in par_for.
 * ERR_DATA when the file has fewer frames than its header says. */
int clip_read(const char *path, const struct clip_info *info,
	      const struct clip_rule *rule, struct clip_desk *d,
	      float *segments /* (most, length) */, size_t *n,
	      struct error *err);

#endif
