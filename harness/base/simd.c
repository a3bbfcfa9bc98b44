/* Which instruction set this process may use, decided by what the CPU says and
 * by nothing else: no environment variable, so that a row's `simd` is a fact
 * about its machine.
 */
#include "harness/base/simd.h"

/* Levels are asked for by the features that only they have: "x86-64-v3" is a
 * name that clang 14 does not know in __builtin_cpu_supports, and every CPU
 * with these has the rest of the level (lzcnt, movbe, f16c). The builtin also
 * asks whether the system saves the wide registers. */
enum simd_level simd_level(void)
{
#ifdef __x86_64__
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
	    !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2"))
		return SIMD_BASE;
	if (!__builtin_cpu_supports("avx512f") ||
	    !__builtin_cpu_supports("avx512bw") ||
	    !__builtin_cpu_supports("avx512cd") ||
	    !__builtin_cpu_supports("avx512dq") ||
	    !__builtin_cpu_supports("avx512vl"))
		return SIMD_V3;
	return SIMD_V4;
#else
	return SIMD_BASE;
#endif
}

/* The names of the x86-64 psABI; a row's machine has them. */
const char *simd_level_name(enum simd_level level)
{
#ifdef __x86_64__
	static const char *const names[SIMD_LEVELS] = {
		[SIMD_BASE] = "x86-64",
		[SIMD_V3] = "x86-64-v3",
		[SIMD_V4] = "x86-64-v4",
	};

	return names[level];
#elif defined(__aarch64__)
	(void)level;
	return "aarch64";
#else
	(void)level;
	return "baseline";
#endif
}

/* A pointer to a constant table: asking costs a few loads, so nobody keeps it. */
const struct vec_kernels *simd_vec(void)
{
	return SIMD_PICK(vec_kernels);
}
