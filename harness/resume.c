/* Plan and store are joined by key: the plan's keys are sorted once and each
 * row of the store looks its cells up, so that 100,000 cells cost as much as
 * their rows. */
#include "harness/resume.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"

struct place {
	const char *key;
	struct resume *resume;
};

struct lookup {
	struct place *places; /* (n), sorted by key */
	size_t n;
	const char *fingerprint;
};

static int by_key(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return strcmp(x->key, y->key);
}

/* What the cell cost its process. A timeout recorded no times: it cost its
 * limit. */
static double seconds_of(const struct record *r)
{
	const double parts[] = { r->prepare_s, r->fit_s, r->predict_s,
				 json_get_real(r->tuning, "wall_s", 0.0) };
	double sum = 0.0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		sum += isfinite(parts[i]) ? parts[i] : 0.0;
	return r->status == STATUS_TIMEOUT ? r->limit_s : sum;
}

/* Rows of one key come in order of time: the last one stands. Two cells of one
 * key (the same question asked twice) share its row. */
static int see_row(void *ctx, const struct record *r)
{
	const struct lookup *l = ctx;
	const struct place want = { .key = r->key };
	const struct place *end = l->places + l->n;
	const struct place *p = bsearch(&want, l->places, l->n,
					sizeof(want), by_key);

	while (p && p > l->places && !strcmp(p[-1].key, r->key))
		p--;
	for (; p && p < end && !strcmp(p->key, r->key); p++) {
		p->resume->seconds = seconds_of(r);
		if (strcmp(r->fingerprint, l->fingerprint))
			continue;
		p->resume->done = true;
		p->resume->status = r->status;
		if (r->repetition > p->resume->last_repetition)
			p->resume->last_repetition = r->repetition;
	}
	return 0;
}

/* One pass over the rows of these keys; rows of other suites are not
 * touched. */
int resume_find(struct resume **out, struct arena *a, struct store *s,
		const struct plan *plan, const char *fingerprint,
		struct error *err)
{
	struct resume *all = ARENA_NEW(a, struct resume, plan->n);
	struct lookup l = {
		.places = ARENA_NEW(a, struct place, plan->n), .n = plan->n,
		.fingerprint = fingerprint,
	};

	if (!all || !l.places)
		return arena_error(a, err);
	for (size_t i = 0; i < plan->n; i++) {
		all[i] = (struct resume){ .last_repetition = -1,
					  .seconds = NAN };
		l.places[i] = (struct place){ .key = plan->keys[i],
					      .resume = &all[i] };
	}
	qsort(l.places, l.n, sizeof(*l.places), by_key);
	*out = all;
	return plan->n ? store_each(s, plan->keys, plan->n, see_row, &l, err) : 0;
}
