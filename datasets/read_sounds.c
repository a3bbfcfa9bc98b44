/* Folders or archives of sounds, one file an item: labels by filing.h.
 *
 *	rate		samples a second			(16000)
 *	seconds		of every item: longer sounds are cut, shorter ones end in
 *			silence			(the longest sound, 60 at most)
 *	normalise	none; peak: the loudest sample is 1 or -1; rms: the root
 *			of the mean square is 0.05	(none)
 *
 * Where `clips` cuts speech into many segments, this reader keeps what a
 * person recorded as one example. */
#include "datasets/reader.h"

#include <math.h>
#include <string.h>

#include "datasets/media/clip.h"
#include "datasets/media/faults.h"
#include "datasets/media/filing.h"
#include "harness/base/par.h"

#define LEVEL 0.05 /* as in read_clips.c */
#define FREE_BYTES ((size_t)64 << 20)
/* Decoded beyond the cut, so that the resampler's filter (which looks ahead a
 * few ms) does not take the cut for an end in silence. */
#define BEHIND_S 0.020

enum normalise { NORMALISE_NONE, NORMALISE_PEAK, NORMALISE_RMS };

struct rule {
	double rate, seconds; /* seconds 0: the longest */
	enum normalise normalise;
};

struct job {
	struct rule rule;
	const struct filing *files;
	struct clip_info *info; /* (n) */
	size_t threads, length;
	struct clip_desk *desks; /* (threads) */
	struct faults faults;
	float *wave; /* (n, length) */
};

/* Bounds keep a slip in the unit (rate: 16, seconds: 500) from becoming a
 * data set. */
static int read_rule(const struct yaml *o, struct rule *r, struct error *err)
{
	static const char *const words[] = { "none", "peak", "rms" };
	const char *word = "none";
	int rc = yaml_get_real(o, "rate", 4e3, 96e3, &r->rate, err);

	if (!rc)
		rc = yaml_get_real(o, "seconds", 0.01, CLIP_MAX_S, &r->seconds,
				   err);
	if (!rc)
		rc = yaml_get_string(o, "normalise", &word, err);
	if (rc)
		return rc;
	for (size_t k = 0; k < 3; k++) {
		if (!strcmp(word, words[k])) {
			r->normalise = (enum normalise)k;
			return 0;
		}
	}
	return yaml_error(yaml_get(o, "normalise"), err, "'%s' is none of none, "
			  "peak, rms", word);
}

/* ---------------------------------------------------------------- one sound */

/* The map's bytes stay mapped as long as libsndfile reads; the name is for
 * messages alone. */
static struct clip_file clip_of(const struct job *j, size_t i,
				const struct file_map *m)
{
	return (struct clip_file){ .name = filing_name(j->files, i),
				   .data = m->data, .size = m->size };
}

/* Its header. What is behind the cut is never decoded. */
static void look(void *ctx, size_t i, size_t worker)
{
	struct job *j = ctx;
	const struct filing_file *f = &j->files->files[i];
	struct clip_info *info = &j->info[i];
	struct error err = { 0 };
	struct file_map m;
	int rc = bundle_map(f->bundle, f->index, &m, &err);

	if (!rc) {
		struct clip_file clip = clip_of(j, i, &m);

		rc = clip_look(&clip, info, &err);
		bundle_unmap(f->bundle, &m);
	}
	if (!rc && j->rule.seconds > 0)
		info->frames = (size_t)fmin((double)info->frames,
					    ceil((j->rule.seconds + BEHIND_S) *
						 info->rate));
	if (rc)
		faults_note(&j->faults, worker, i, &err);
}

/* By what the samples are to be multiplied; 1 for silence. */
static double gain(const float *x, size_t n, enum normalise how)
{
	double top = 0, sum = 0;

	for (size_t t = 0; t < n; t++) {
		top = fmax(top, fabs((double)x[t]));
		sum += (double)x[t] * (double)x[t];
	}
	if (how == NORMALISE_NONE || top <= 0)
		return 1;
	return how == NORMALISE_PEAK ? 1 / top : LEVEL / sqrt(sum / (double)n);
}

/* Samples stay in [-1, 1], which the resampler and a gain can leave. The level
 * is measured on what was recorded, not on the silence put behind it. */
static void place(const struct job *j, const float *x, size_t n, float *out)
{
	double by;

	n = n < j->length ? n : j->length;
	by = gain(x, n, j->rule.normalise);
	for (size_t t = 0; t < n; t++)
		out[t] = (float)fmax(-1, fmin(1, (double)x[t] * by));
	memset(out + n, 0, (j->length - n) * sizeof(*out));
}

/* Decode, at the rate. *x lies on the desk. */
static int decode(const struct job *j, size_t i, struct clip_desk *d,
		  const float **x, size_t *n, struct error *err)
{
	const struct filing_file *f = &j->files->files[i];
	const struct clip_info *info = &j->info[i];
	struct clip_file clip;
	struct file_map m;
	int rc = bundle_map(f->bundle, f->index, &m, err);

	if (rc)
		return rc;
	clip = clip_of(j, i, &m);
	rc = clip_decode(&clip, info, d, err);
	bundle_unmap(f->bundle, &m);
	*x = d->in;
	*n = info->frames;
	if (rc || info->rate == j->rule.rate || !info->frames)
		return rc;
	*x = d->out;
	return clip_resample(&clip, info, j->rule.rate, d, n, err);
}

/* Rows are apart in `wave`, so threads need no lock. */
static void read_one(void *ctx, size_t i, size_t worker)
{
	struct job *j = ctx;
	struct error err = { 0 };
	const float *x;
	size_t n;

	if (decode(j, i, &j->desks[worker], &x, &n, &err))
		faults_note(&j->faults, worker, i, &err);
	else
		place(j, x, n, j->wave + i * j->length);
}

/* Only whether the sound is as long as its header says. */
static void prove_one(void *ctx, size_t i, size_t worker)
{
	struct job *j = ctx;
	struct error err = { 0 };
	const float *x;
	size_t n;

	if (decode(j, i, &j->desks[worker], &x, &n, &err))
		faults_note(&j->faults, worker, i, &err);
}

/* ---------------------------------------------------------------- all sounds */

/* Every desk is sized for the longest sound, as any thread may get it. */
static int make_desks(struct job *j, struct arena *a, struct error *err)
{
	const struct clip_rule rule = { .rate = j->rule.rate };
	int rc = 0;

	j->desks = ARENA_NEW(a, struct clip_desk, j->threads);
	if (!j->desks)
		return arena_error(a, err);
	for (size_t t = 0; t < j->threads && !rc; t++)
		rc = clip_desk_init(&j->desks[t], j->info, j->files->n, &rule, a,
				    err);
	return rc;
}

/* The length of an item, from the options or the longest header. */
static int find_length(struct job *j, struct error *err)
{
	double seconds = j->rule.seconds;

	for (size_t i = 0; i < j->files->n && j->rule.seconds <= 0; i++)
		seconds = fmax(seconds, (double)j->info[i].frames /
						j->info[i].rate);
	j->length = (size_t)lround(seconds * j->rule.rate);
	if (!j->length)
		return error_set(err, ERR_DATA, "'%s' and all others are empty",
				 filing_name(j->files, 0));
	return 0;
}

/* One header with a wrong length would make every item that long. Where that
 * could cost memory, the sounds are first decoded for nothing: with `seconds`
 * given, the memory is what the options asked for. */
static int prove(struct job *j, size_t values, struct error *err)
{
	if (j->rule.seconds > 0 ||
	    values <= (FREE_BYTES / 2 + 2 * j->files->bytes) / sizeof(float))
		return 0;
	par_for((int)j->threads, j->files->n, prove_one, j);
	return faults_first(&j->faults, err);
}

/* Headers, length, desks, proof, samples, in this order: each step bounds the
 * memory of the next. */
static int read_waves(struct job *j, struct arena *a, struct error *err)
{
	size_t values = 0;
	int rc;

	par_for((int)j->threads, j->files->n, look, j);
	rc = faults_first(&j->faults, err);
	if (!rc)
		rc = find_length(j, err);
	if (!rc && __builtin_mul_overflow(j->files->n, j->length, &values))
		rc = error_set(err, ERR_MEMORY, "too many samples");
	if (!rc)
		rc = make_desks(j, a, err);
	if (!rc)
		rc = prove(j, values, err);
	if (rc)
		return rc;
	j->wave = ARENA_RAW(a, float, values);
	if (!j->wave)
		return arena_error(a, err);
	par_for((int)j->threads, j->files->n, read_one, j);
	return faults_first(&j->faults, err);
}

/* All items are of one length, but the format has a start for each, as other
 * readers need. */
static int fill_items(const struct job *j, struct arena *a, struct items *out,
		      struct error *err)
{
	size_t *start = ARENA_NEW(a, size_t, j->files->n + 1);

	if (!start)
		return arena_error(a, err);
	for (size_t i = 0; i <= j->files->n; i++)
		start[i] = i * j->length;
	*out = (struct items){ .modality = MODALITY_AUDIO,
			       .rate = j->rule.rate,
			       .wave = j->wave,
			       .wave_start = start };
	return filing_items(j->files, a, out, err);
}

/* Silence and cuts are place()'s; here nothing is left out, so that rows are
 * files one to one. */
static int read_sounds(const struct source *src, struct arena *a,
		       struct items *out, struct error *err)
{
	struct filing files;
	struct job j = { .rule = { .rate = 16000 }, .files = &files,
			 .threads = src->threads > 0 ? (size_t)src->threads : 1 };
	int rc = read_rule(src->options, &j.rule, err);

	if (!rc)
		rc = filing_read(&files, src, clip_extensions, a, err);
	if (!rc)
		rc = faults_init(&j.faults, j.threads, a, err);
	if (rc)
		return rc;
	j.info = ARENA_NEW(a, struct clip_info, files.n);
	if (!j.info)
		return arena_error(a, err);
	rc = read_waves(&j, a, err);
	return rc ? rc : fill_items(&j, a, out, err);
}

static const char *const options[] = { FILING_OPTIONS, "rate", "seconds",
				       "normalise", NULL };

const struct reader reader_sounds = {
	.name = "sounds",
	.summary = "folders or archives of sounds, labelled by folder or name",
	.version = 1,
	.options = options,
	.read = read_sounds,
};
