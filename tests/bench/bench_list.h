/* The benchmarks by module; each call adds its own (bench.h). */
#ifndef TRIARCH_BENCH_LIST_H
#define TRIARCH_BENCH_LIST_H

void bench_base(void);
void bench_csv(void);
void bench_hist(void);
void bench_sound(void);

#endif
