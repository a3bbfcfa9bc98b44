/* Which of OpenBLAS's kernels this program and its cells use (--blas-core). */
#ifndef TRIARCH_BLAS_CORE_H
#define TRIARCH_BLAS_CORE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/blas.h"

/* Put the wish into the environment: a core's name, or "auto" for what OpenBLAS
 * chooses itself. True when that changed anything: OpenBLAS has read its
 * environment by then, so it holds for programs that start from now on only,
 * and a caller who wants it for itself must exec itself. */
bool blas_core_set(const char *wish);

/* ERR_USAGE when `wish` is not what came of it, because OpenBLAS has no such
 * core and took another, or when the CPU cannot run it. */
int blas_core_check(const char *wish, const struct blas_info *got,
		    struct error *err);

/* What is wrong with the kernels in use and how to lift it, in one line; false
 * when nothing is. */
bool blas_core_warning(const struct blas_info *b, char *out, size_t size);

#endif
