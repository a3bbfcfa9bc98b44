#include "harness/blas_core.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static const struct blas_info fine = { .core = "Zen", .best = "Zen" };
static const struct blas_info slow = { .core = "Nehalem", .best = "Zen",
				       .below = true };
static const struct blas_info forced = { .core = "Nehalem", .best = "Zen",
					 .below = true,
					 .forced_by = "OPENBLAS_CORETYPE" };
static const struct blas_info beyond = { .core = "SkylakeX", .best = "Zen",
					 .above = true };

static bool says(const struct blas_info *b, const char *words)
{
	char line[256] = "";

	return blas_core_warning(b, line, sizeof(line)) && strstr(line, words);
}

static void test_warning(void)
{
	char line[256] = "untouched";

	ok(!blas_core_warning(&fine, line, sizeof(line)),
	   "the CPU's own kernels: no warning");
	ok(!strcmp(line, "untouched"), "and nothing is written");
	ok(says(&forced, "--blas-core auto"), "forced: the cure is auto");
	ok(says(&slow, "--blas-core Zen"),
	   "chosen too low by OpenBLAS itself: the cure is the best by name");
	ok(says(&beyond, "cannot run"), "beyond the CPU is said as well");
}

static void test_check(void)
{
	struct error err = { 0 };

	ok(!blas_core_check("auto", &slow, &err), "auto is always fulfilled");
	ok(!blas_core_check("zen", &fine, &err), "names in any case");
	ok(blas_core_check("Haswell", &fine, &err) == ERR_USAGE &&
		   strstr(err.text, "'Haswell'") && strstr(err.text, "'Zen'"),
	   "another core than asked for is an error that names both");
	ok(blas_core_check("SkylakeX", &beyond, &err) == ERR_USAGE,
	   "a core the CPU cannot run is refused");
	ok(blas_core_check("auto", &beyond, &err) == ERR_USAGE,
	   "whoever asked for it");
}

static void test_set(void)
{
	setenv("OPENBLAS_CORETYPE", "Zen", 1);
	setenv("OPENBLAS_L2_SIZE", "1", 1);
	ok(!blas_core_set("Zen"), "what is set already changes nothing");
	ok(blas_core_set("Haswell") &&
		   !strcmp(getenv("OPENBLAS_CORETYPE"), "Haswell"),
	   "another name is set");
	ok(!blas_core_set("Haswell"), "once: a second start must not be a third");
	ok(blas_core_set("auto") && !getenv("OPENBLAS_CORETYPE") &&
		   !getenv("OPENBLAS_L2_SIZE"),
	   "auto removes the core and its cache size");
	ok(!blas_core_set("auto"), "once");
	setenv("OPENBLAS_L2_SIZE", "1", 1);
	ok(blas_core_set("AUTO"), "auto removes a size that stands alone");
}

int main(void)
{
	test_warning();
	test_check();
	test_set();
	return tap_done();
}
