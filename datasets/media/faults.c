#include "datasets/media/faults.h"

#include <stdint.h>

/* A slot a worker, so that workers need no lock between them. */
int faults_init(struct faults *f, size_t threads, struct arena *a,
		struct error *err)
{
	*f = (struct faults){ .threads = threads,
			      .of = ARENA_NEW(a, struct fault, threads) };
	return f->of ? 0 : arena_error(a, err);
}

/* Chunks are handed out in any order: the lowest so far need not be the first
 * that is noted. */
void faults_note(struct faults *f, size_t worker, size_t at,
		 const struct error *err)
{
	struct fault *mine = &f->of[worker];

	if (mine->err.code && mine->at < at)
		return;
	mine->err = *err;
	mine->at = at;
}

/* A scan over workers, not over items: each kept only the lowest of its own. */
int faults_first(const struct faults *f, struct error *err)
{
	size_t first = SIZE_MAX;

	for (size_t t = 0; t < f->threads; t++) {
		if (f->of[t].err.code && f->of[t].at < first) {
			first = f->of[t].at;
			*err = f->of[t].err;
		}
	}
	return first == SIZE_MAX ? 0 : (int)err->code;
}
