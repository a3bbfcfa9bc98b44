/* Names for lines of one learner that differ in a parameter.
 *
 * A suite may enter "krr" twice, with two kernels. On the board they must not
 * both be "krr", and their whole parameters would fill the line; so a name says
 * what differs from the other lines of that learner in the same block, and
 * nothing else: "krr[kernel=laplace]". Quadratic in the lines of one learner of
 * one task, which are a handful.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "results/board_private.h"

/* Another line of the same learner in the block rows[0..n)? */
static bool is_twin(const struct board_row *x, const struct board_row *y)
{
	return x != y && x->learner == y->learner;
}

/* Does parameter `name` have another value in some twin of rows[k]? */
static bool differs(const struct board_row *rows, size_t n, size_t k,
		    const char *name, const json_t *value)
{
	bool other = false;

	for (size_t i = 0; i < n && !other; i++) {
		json_t *params;

		if (!is_twin(&rows[k], &rows[i]))
			continue;
		params = json_loads(rows[i].params, 0, NULL);
		other = !json_equal(json_object_get(params, name), value);
		json_decref(params);
	}
	return other;
}

static void add_pair(struct text *t, const char *name, const char *value)
{
	text_printf(t, "%s%s=%s", t->size ? "," : "", name, value);
}

/* "kernel=laplace,l2=0.1": the parameters that tell the line from its twins. */
static void add_params(struct text *t, const struct board_row *rows, size_t n,
		       size_t k)
{
	json_t *params = json_loads(rows[k].params, 0, NULL);
	const char *name;
	json_t *value;

	json_object_foreach (params, name, value) {
		if (!differs(rows, n, k, name, value))
			continue;
		if (json_is_string(value))
			add_pair(t, name, json_string_value(value));
		else
			add_pair(t, name, json_canonical(t->arena, value));
	}
	json_decref(params);
}

/* The name of rows[k] in its block: bare when it has no twin. */
static int label_row(struct board_row *rows, size_t n, size_t k,
		     const char **label, struct arena *a, struct error *err)
{
	struct text t = { .arena = a };
	bool views = false, threads = false, twin = false;

	for (size_t i = 0; i < n; i++) {
		if (!is_twin(&rows[k], &rows[i]))
			continue;
		twin = true;
		views |= rows[i].view != rows[k].view;
		threads |= rows[i].threads != rows[k].threads;
	}
	*label = rows[k].learner;
	if (!twin)
		return 0;
	add_params(&t, rows, n, k);
	if (views)
		add_pair(&t, "view", rows[k].view);
	if (threads)
		text_printf(&t, "%sthreads=%lld", t.size ? "," : "",
			    (long long)rows[k].threads);
	if (t.size)
		*label = arena_printf(a, "%s[%s]", rows[k].learner, t.data);
	return t.failed || !*label ? arena_error(a, err) : 0;
}

/* All labels are made before the first is set, since is_twin compares bare
 * names. */
int board_label(struct board *b, struct arena *a, struct error *err)
{
	const char **labels = ARENA_NEW(a, const char *, b->n);
	int rc = labels ? 0 : arena_error(a, err);

	for (size_t i = 0, end; !rc && i < b->n; i = end) {
		end = board_block_end(b, i);
		for (size_t k = i; !rc && k < end; k++)
			rc = label_row(&b->rows[i], end - i, k - i, &labels[k],
				       a, err);
	}
	for (size_t i = 0; !rc && i < b->n; i++)
		b->rows[i].learner = labels[i];
	return rc;
}
