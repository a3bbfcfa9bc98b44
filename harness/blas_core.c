/* OpenBLAS picks its kernels once, when the program is loaded, from the CPU or
 * from OPENBLAS_CORETYPE. A wish from the command line comes too late for that,
 * so it is written into the environment and the program starts itself again.
 * All that follows (the fingerprint, `doctor`, the cells) then speaks of the
 * same kernels, which no option passed to the cells alone could reach. */
#include "harness/blas_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Block sizes set for one kernel are wrong for another, hence both go. */
static const char *const variables[] = { "OPENBLAS_CORETYPE",
					 "OPENBLAS_L2_SIZE" };

/* Case is ignored as OpenBLAS does it with the names of cores. */
static bool is_auto(const char *wish)
{
	return !strcasecmp(wish, "auto");
}

/* True when a second start is due. A wish that the environment holds already is
 * none, or the program would start itself for ever. */
bool blas_core_set(const char *wish)
{
	const char *now = getenv(variables[0]);
	bool changed = false;

	if (!is_auto(wish)) {
		if (now && !strcmp(now, wish))
			return false;
		return setenv(variables[0], wish, 1) == 0;
	}
	for (size_t i = 0; i < 2; i++)
		if (getenv(variables[i]))
			changed |= unsetenv(variables[i]) == 0;
	return changed;
}

/* Above the CPU first: the name may be the one that was asked for and still end
 * in an illegal instruction. */
int blas_core_check(const char *wish, const struct blas_info *got,
		    struct error *err)
{
	if (got->above)
		return error_set(err, ERR_USAGE, "this CPU cannot run kernels "
				 "'%s', at most '%s'", got->core, got->best);
	if (is_auto(wish) || !strcasecmp(wish, got->core))
		return 0;
	return error_set(err, ERR_USAGE, "OpenBLAS has no kernels '%s' here and "
			 "would take '%s' (--blas-core auto leaves the choice to "
			 "it)", wish, got->core);
}

/* Every line ends with the option that lifts it, for a reader who has never
 * heard of OpenBLAS's kernels. */
bool blas_core_warning(const struct blas_info *b, char *out, size_t size)
{
	if (!b->below && !b->above)
		return false;
	if (b->above)
		snprintf(out, size, "BLAS runs '%s' kernels, which this CPU "
			 "cannot run: --blas-core auto lifts it", b->core);
	else if (b->forced_by[0])
		snprintf(out, size, "BLAS runs '%s' kernels because %s is set; "
			 "this CPU can do '%s': --blas-core auto lifts it",
			 b->core, b->forced_by, b->best);
	else
		snprintf(out, size, "BLAS runs '%s' kernels, this CPU can do "
			 "'%s': --blas-core %s asks for them", b->core, b->best,
			 b->best);
	return true;
}
