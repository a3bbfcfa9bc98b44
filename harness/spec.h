/* A learner with its parameters, as people write it: "krr[kernel=laplace]". */
#ifndef TRIARCH_SPEC_H
#define TRIARCH_SPEC_H

#include "harness/base/arena.h"
#include "learners/learner.h"

struct spec {
	const struct learner *learner;
	const void *config;  /* (learner->config_size) bytes, all filled in */
	const char *text;    /* as it was written */
	unsigned view;	     /* an enum view asked for by [view=...], 0: none */
	const char *given;   /* "k=v,..." what was written in the brackets */
};

/* Parse "NAME" or "NAME[k=v,...]"; everything in the arena. ERR_CONFIG for an
 * unknown learner or parameter (with "did you mean") or a value it cannot
 * take, ERR_MISSING for a learner that this build is without, ERR_MEMORY. */
int spec_parse(struct spec *s, struct arena *a, const char *text,
	       struct error *err);

/* Was the parameter named in the brackets? */
bool spec_gives(const struct spec *s, const char *param);

/* The view this learner gets on a modality: the one asked for, else its
 * preferred one. False when it has none there. */
bool spec_view(const struct spec *s, enum modality m, enum task t,
	       enum view *out);

#endif
