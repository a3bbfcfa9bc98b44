/* Google Benchmark for C.
 *
 *	static void copy(struct bench *b)
 *	{
 *		size_t n = bench_arg(b, 0);
 *		... prepare ...
 *		while (bench_keep_running(b))
 *			memcpy(to, from, n);
 *		bench_bytes(b, (double)n);
 *	}
 *	bench_add("copy", copy, 1, (size_t[]){ 4096 });
 *
 * Times are CPU seconds of the calling thread, so a busy machine does little to
 * them; rates are by CPU time as well.
 */
#ifndef TRIARCH_BENCH_H
#define TRIARCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bench; /* opaque: one run of one benchmark */
typedef void bench_fn(struct bench *b);

/* `args` are copied and become part of the name: "copy/4096". */
void bench_add(const char *name, bench_fn *fn, size_t n_args,
	       const size_t *args);

/* True as long as the routine is to be called once more. */
bool bench_keep_running(struct bench *b);
size_t bench_arg(const struct bench *b, size_t i);

/* After the loop: what one call did. Printed as rates: items/s, bytes/s,
 * flop/s. */
void bench_items(struct bench *b, double per_call);
void bench_bytes(struct bench *b, double per_call);
void bench_flops(struct bench *b, double per_call);
/* A number that is printed as it is. */
void bench_number(struct bench *b, const char *name, double value);
/* Calls made so far; after the loop all of them. */
size_t bench_calls(const struct bench *b);

/* A line of the context, in the header and in the JSON. */
void bench_context(const char *name, const char *value);

/* Run what was added. Options are Google Benchmark's (--benchmark_filter=...,
 * --benchmark_out=FILE). Returns the exit code. */
int bench_main(int argc, char **argv);

/* Keep the compiler from dropping what computed this memory. */
static inline void bench_keep(const void *p)
{
	__asm__ volatile("" : : "g"(p) : "memory");
}

#ifdef __cplusplus
}
#endif

#endif
