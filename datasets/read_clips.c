/* Folders of recorded clips whose names say what is heard: sound/city/cs/
 * vit-m-hlava.ogg has three fields, "vit", "m" and "hlava". One field is the
 * class and another the group; files of other names are left out. Each clip
 * becomes a few segments of one length, rate and level (clip.h), with white
 * noise that depends on the segment's number alone.
 *
 *	classes		the values of the label field, required
 *	label_field	its place, from 0, not the last	(1)
 *	group_field	the field that names the group	(0)
 *	train, test	names of folders on the way to a file: its official part;
 *			a file that has neither is left out
 *	rate		samples a second		(16000)
 *	seconds		of a segment			(0.5)
 *	per_clip	segments of a clip at most	(4)
 *	silence_db	pieces so far below the loudest are dropped (30)
 *	snr_db		level of the speech above the noise (no noise)
 */
#include "datasets/reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/folder.h"
#include "datasets/media/bundle.h"
#include "datasets/media/clip.h"
#include "datasets/media/faults.h"
#include "harness/base/par.h"
#include "harness/base/rng.h"

/* Speech peaks 12 to 18 dB above its RMS: below 1 with room for the noise. */
#define LEVEL 0.05
#define NO_NOISE 200.0 /* dB: far below a float's last bit */
#define MAX_FIELDS 8
#define MAX_CLIPS 1000000

struct rule {
	struct clip_rule clip;
	double seconds, snr_db;
	int64_t label_field, group_field, per_clip;
	const char *train, *test; /* folder names, or NULL */
	const char *const *classes;
	size_t n_classes;
};

/* The files that take part. */
struct clips {
	size_t n;
	const char **path;  /* (n) */
	int32_t *label;	    /* (n) */
	uint8_t *official;  /* (n) */
	const char **group; /* (n) part and group field as one text */
	struct clip_info *info; /* (n) */
	size_t *at;    /* (n + 1) first segment, where every clip has its most */
	size_t *count; /* (n) segments it really has */
};

/* Bounds are wide, but finite: they keep a slip (rate: 16) from turning into
 * an allocation or a silent nonsense. */
static int read_rule(const struct yaml *o, struct arena *a, struct rule *r,
		     struct error *err)
{
	int rc = yaml_get_strings(a, o, "classes", &r->classes, &r->n_classes,
				  err);

	if (!rc && r->n_classes < 2)
		return error_set(err, ERR_CONFIG, "reader clips needs the "
				 "option 'classes' with 2 names or more");
	if (!rc)
		rc = yaml_get_int(o, "label_field", 0, MAX_FIELDS - 2,
				  &r->label_field, err);
	if (!rc)
		rc = yaml_get_int(o, "group_field", 0, MAX_FIELDS - 2,
				  &r->group_field, err);
	if (!rc)
		rc = yaml_get_int(o, "per_clip", 1, 1000, &r->per_clip, err);
	if (!rc)
		rc = yaml_get_string(o, "train", &r->train, err);
	if (!rc)
		rc = yaml_get_string(o, "test", &r->test, err);
	if (!rc && !r->train != !r->test)
		return error_set(err, ERR_CONFIG, "reader clips: the options "
				 "'train' and 'test' go together");
	if (!rc)
		rc = yaml_get_real(o, "rate", 4e3, 96e3, &r->clip.rate, err);
	if (!rc)
		rc = yaml_get_real(o, "seconds", 0.05, 10, &r->seconds, err);
	if (!rc)
		rc = yaml_get_real(o, "silence_db", 1, NO_NOISE,
				   &r->clip.silence, err);
	if (!rc)
		rc = yaml_get_real(o, "snr_db", -20, NO_NOISE, &r->snr_db, err);
	r->clip.length = (size_t)lround(r->seconds * r->clip.rate);
	r->clip.most = (size_t)r->per_clip;
	return rc;
}

/* The k-th field of a file name when another field follows it: the last one is
 * the name of the phrase and has the extension. */
static bool field(const char *name, int64_t k, const char **begin, size_t *n)
{
	for (; k > 0; k--) {
		name = strchr(name, '-');
		if (!name++)
			return false;
	}
	*begin = name;
	*n = strcspn(name, "-");
	return *n > 0 && name[*n] == '-';
}

/* Is there a folder of that name on the way? `way` is relative. */
static bool passes(const char *way, const char *folder)
{
	size_t n = folder ? strlen(folder) : 0;

	for (; n && strchr(way, '/'); way = strchr(way, '/') + 1)
		if (!strncmp(way, folder, n) && way[n] == '/')
			return true;
	return false;
}

/* -1: not a class; the file is left out (a narrator among two characters). */
static int find_class(const struct rule *r, const char *s, size_t n)
{
	for (size_t c = 0; c < r->n_classes; c++)
		if (strlen(r->classes[c]) == n && !memcmp(r->classes[c], s, n))
			return (int)c;
	return -1;
}

/* Take the file in if its name is as it should be. The official part stands in
 * front of the group's name, so that a level that was recorded in both
 * languages is two groups: a split must not close the training rows for the
 * sake of the test part. */
static int add_file(struct clips *c, const struct rule *r, const char *path,
		    const char *way, struct arena *a, struct error *err)
{
	const char *name = strrchr(path, '/') + 1, *s;
	uint8_t part = passes(way, r->train) ? OFFICIAL_TRAIN :
		       passes(way, r->test)  ? OFFICIAL_TEST :
					       OFFICIAL_NONE;
	size_t n;
	int label;

	if (!bundle_is_kind(name, clip_extensions) || !field(name, r->label_field, &s, &n))
		return 0;
	label = find_class(r, s, n);
	if (label < 0 || !field(name, r->group_field, &s, &n))
		return 0;
	if (r->train && part == OFFICIAL_NONE)
		return 0;
	c->path[c->n] = path;
	c->label[c->n] = label;
	c->official[c->n] = part;
	c->group[c->n] = arena_printf(a, "%u/%.*s", part, (int)n, s);
	return c->group[c->n++] ? 0 : arena_error(a, err);
}

/* At most all files are clips; a million of them is no data set of ours. */
static int clips_alloc(struct clips *c, size_t n, struct arena *a,
		       struct error *err)
{
	if (n > MAX_CLIPS)
		return error_set(err, ERR_DATA, "%zu files; at most %d are read",
				 n, MAX_CLIPS);
	c->path = ARENA_NEW(a, const char *, n);
	c->label = ARENA_NEW(a, int32_t, n);
	c->official = ARENA_NEW(a, uint8_t, n);
	c->group = ARENA_NEW(a, const char *, n);
	c->info = ARENA_NEW(a, struct clip_info, n);
	c->at = ARENA_NEW(a, size_t, n + 1);
	c->count = ARENA_NEW(a, size_t, n);
	if (!c->path || !c->label || !c->official || !c->group || !c->info ||
	    !c->at || !c->count)
		return arena_error(a, err);
	return 0;
}

/* The files of all folders, folder by folder, in the order of their paths. */
static int list_clips(const struct source *src, const struct rule *r,
		      struct arena *a, struct clips *c, struct error *err)
{
	const char *const **files = ARENA_NEW(a, const char *const *,
					      src->n_paths);
	size_t *n = ARENA_NEW(a, size_t, src->n_paths), total = 0;
	int rc = files && n ? 0 : arena_error(a, err);

	for (size_t k = 0; k < src->n_paths && !rc; k++) {
		rc = folder_files(src->paths[k], a, &files[k], &n[k], err);
		total += n[k];
	}
	if (!rc)
		rc = clips_alloc(c, total, a, err);
	for (size_t k = 0; k < src->n_paths && !rc; k++) {
		size_t skip = strlen(src->paths[k]) + 1;

		for (size_t i = 0; i < n[k] && !rc; i++)
			rc = add_file(c, r, files[k][i], files[k][i] + skip, a,
				      err);
	}
	if (!rc && !c->n)
		return error_set(err, ERR_DATA, "%s: no clip has a name that "
				 "fits the options", src->name);
	return rc;
}

/* One thread's memory. */
struct worker {
	struct clip_desk desk;
	float *noise; /* (length) */
};

struct job {
	const struct rule *rule;
	struct clips *clips;
	size_t threads;
	struct worker *workers; /* (threads) */
	struct faults faults;
	struct rng rng;
	double sigma; /* of the noise */
	float *wave;  /* (at[n], length), then (segments, length) */
};

/* One header. */
static void measure_one(void *ctx, size_t i, size_t worker)
{
	struct job *j = ctx;
	struct error err = { 0 };

	if (clip_info(j->clips->path[i], &j->clips->info[i], &err))
		faults_note(&j->faults, worker, i, &err);
}

/* Look into every header, and make room for the segments that each clip could
 * have if none of it were silent. */
static int measure(struct job *j, struct error *err)
{
	struct clips *c = j->clips;
	int rc;

	par_for((int)j->threads, c->n, measure_one, j);
	rc = faults_first(&j->faults, err);
	for (size_t i = 0; i < c->n && !rc; i++) {
		double length = (double)c->info[i].frames / c->info[i].rate;
		double fit = floor(length / j->rule->seconds + 1);

		c->at[i + 1] = c->at[i] +
			       (size_t)fmin(fit, (double)j->rule->clip.most);
	}
	return rc;
}

/* One desk a thread, each large enough for every clip. */
static int make_desks(struct job *j, struct arena *a, struct error *err)
{
	const struct clip_rule *rule = &j->rule->clip;
	int rc = 0;

	for (size_t t = 0; t < j->threads && !rc; t++) {
		struct worker *w = &j->workers[t];

		w->noise = ARENA_RAW(a, float, rule->length);
		rc = w->noise ? clip_desk_init(&w->desk, j->clips->info,
					       j->clips->n, rule, a, err) :
				arena_error(a, err);
	}
	return rc;
}

/* One clip into its own place of the wave, which no other thread touches. */
static void read_one(void *ctx, size_t i, size_t worker)
{
	struct job *j = ctx;
	struct clips *c = j->clips;
	struct worker *w = &j->workers[worker];
	struct clip_rule rule = j->rule->clip;
	struct error err = { 0 };

	rule.most = c->at[i + 1] - c->at[i];
	if (clip_read(c->path[i], &c->info[i], &rule, &w->desk,
		      j->wave + c->at[i] * rule.length, &c->count[i], &err))
		faults_note(&j->faults, worker, i, &err);
}

/* Close the gaps that short clips left; returns the segments there are. */
static size_t compact(struct job *j)
{
	size_t length = j->rule->clip.length, n = 0;

	for (size_t i = 0; i < j->clips->n; i++) {
		memmove(j->wave + n * length,
			j->wave + j->clips->at[i] * length,
			j->clips->count[i] * length * sizeof(float));
		n += j->clips->count[i];
	}
	return n;
}

/* White noise from a stream of the segment's own number: the same on any
 * number of threads, and for a segment the same whatever others there are
 * behind it. */
static void add_noise(void *ctx, size_t i, size_t worker)
{
	struct job *j = ctx;
	size_t length = j->rule->clip.length;
	float *noise = j->workers[worker].noise, *x = j->wave + i * length;

	rng_fill_normal(rng_sub(j->rng, i), 0, length, noise);
	for (size_t t = 0; t < length; t++) {
		double v = (double)x[t] + j->sigma * (double)noise[t];

		x[t] = (float)fmax(-1, fmin(1, v));
	}
}

/* For qsort and bsearch over arrays of strings. */
static int compare_names(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The number of each clip's group: its place among the sorted names. */
static int number_groups(const struct clips *c, struct arena *a,
			 uint32_t **number, struct error *err)
{
	const char **sorted = ARENA_NEW(a, const char *, c->n);
	size_t n = 0;

	*number = ARENA_NEW(a, uint32_t, c->n);
	if (!sorted || !*number)
		return arena_error(a, err);
	memcpy(sorted, c->group, c->n * sizeof(*sorted));
	qsort(sorted, c->n, sizeof(*sorted), compare_names);
	for (size_t i = 0; i < c->n; i++)
		if (!n || strcmp(sorted[n - 1], sorted[i]))
			sorted[n++] = sorted[i];
	for (size_t i = 0; i < c->n; i++) {
		const char **at = bsearch(&c->group[i], sorted, n,
					  sizeof(*sorted), compare_names);

		(*number)[i] = (uint32_t)(at - sorted);
	}
	return 0;
}

/* What a clip is told of, each of its segments is told of. */
static int fill_items(const struct job *j, struct arena *a, struct items *out,
		      struct error *err)
{
	const struct clips *c = j->clips;
	size_t *start = ARENA_NEW(a, size_t, out->n + 1);
	int32_t *label = ARENA_NEW(a, int32_t, out->n);
	uint8_t *official = ARENA_NEW(a, uint8_t, out->n);
	uint32_t *group = ARENA_NEW(a, uint32_t, out->n), *number;
	size_t row = 0;
	int rc = number_groups(c, a, &number, err);

	if (rc || !start || !label || !official || !group)
		return rc ? rc : arena_error(a, err);
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < c->count[i]; k++, row++) {
			label[row] = c->label[i];
			official[row] = c->official[i];
			group[row] = number[i];
			start[row + 1] = (row + 1) * j->rule->clip.length;
		}
	}
	out->wave = j->wave;
	out->wave_start = start;
	out->label = label;
	out->official = j->rule->train ? official : NULL;
	out->group = group;
	return 0;
}

/* Headers first, then one allocation for all waves, then the decoding. */
static int read_segments(struct job *j, struct arena *a, struct items *out,
			 struct error *err)
{
	const struct rule *r = j->rule;
	struct clips *c = j->clips;
	size_t values;
	int rc;

	j->workers = ARENA_NEW(a, struct worker, j->threads);
	if (!j->workers)
		return arena_error(a, err);
	rc = faults_init(&j->faults, j->threads, a, err);
	if (!rc)
		rc = measure(j, err);
	if (!rc)
		rc = make_desks(j, a, err);
	if (rc)
		return rc;
	if (__builtin_mul_overflow(c->at[c->n], r->clip.length, &values))
		return error_set(err, ERR_MEMORY, "too many segments");
	j->wave = ARENA_RAW(a, float, values);
	if (!j->wave)
		return arena_error(a, err);
	par_for((int)j->threads, c->n, read_one, j);
	rc = faults_first(&j->faults, err);
	if (rc)
		return rc;
	out->n = compact(j);
	if (!out->n)
		return error_set(err, ERR_DATA, "no clip is longer than %g s",
				 r->seconds);
	if (r->snr_db < NO_NOISE)
		par_for((int)j->threads, out->n, add_noise, j);
	return fill_items(j, a, out, err);
}

/* Names decide who takes part before any file is opened; headers then size
 * the desks, and only the last pass decodes. */
static int read_clips(const struct source *src, struct arena *a,
		      struct items *out, struct error *err)
{
	struct rule r = {
		.clip = { .rate = 16000, .silence = 30, .level = LEVEL },
		.seconds = 0.5,
		.snr_db = NO_NOISE,
		.label_field = 1,
		.per_clip = 4,
	};
	struct clips c = { 0 };
	struct job j = { .rule = &r, .clips = &c,
			 .threads = src->threads > 0 ? (size_t)src->threads : 1,
			 .rng = rng_make(0, "clips/noise") };
	int rc = read_rule(src->options, a, &r, err);

	if (!rc)
		rc = list_clips(src, &r, a, &c, err);
	if (rc)
		return rc;
	*out = (struct items){
		.modality = MODALITY_AUDIO,
		.task = TASK_CLASSIFICATION,
		.rate = r.clip.rate,
		.classes = r.n_classes,
		.class_names = r.classes,
	};
	j.sigma = LEVEL * pow(10, -r.snr_db / 20);
	return read_segments(&j, a, out, err);
}

static const char *const options[] = {
	"classes", "label_field", "group_field", "train",  "test", "rate",
	"seconds", "per_clip",	  "silence_db",	 "snr_db", NULL,
};

const struct reader reader_clips = {
	.name = "clips",
	.summary = "folders of recorded clips, labelled by their file names",
	.version = 1,
	.options = options,
	.read = read_clips,
};
