/* One recorded clip -> equal segments of speech at one rate and level. */
#ifndef TRIARCH_CLIP_H
#define TRIARCH_CLIP_H

#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

/* A clip's time that is read at most; a header may claim anything. */
#define CLIP_MAX_S 60.0

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
	size_t frames; /* those of CLIP_MAX_S at most; may be 0 */
	size_t channels;
	double rate;
};

/* Open the file and look: WAV, FLAC, Ogg Vorbis, Opus ... (libsndfile). ERR_DATA,
 * with libsndfile's words, when it is none, or its rate is outside 4,000 to
 * 400,000 Hz, or it has more than 8 channels. */
int clip_info(const char *path, struct clip_info *out, struct error *err);

/* Memory for the decoding of clips, one a worker. */
struct clip_desk {
	size_t room_in, room_out; /* values of each */
	float *in;  /* (room_in) frames x channels, then mono */
	float *out; /* (room_out) resampled, then without silence */
};

/* Large enough for each of the n clips. ERR_MEMORY. */
int clip_desk_init(struct clip_desk *d, const struct clip_info *info, size_t n,
		   const struct clip_rule *rule, struct arena *a,
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
