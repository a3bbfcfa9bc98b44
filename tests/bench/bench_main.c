/* All micro-benchmarks as one program; `make bench` runs it. */
#include <stdio.h>

#include "harness/base/blas.h"
#include "harness/machine.h"
#include "tests/bench/bench.h"
#include "tests/bench/bench_list.h"

/* Numbers without the machine that made them say nothing. */
static void machine_context(void)
{
	struct machine m;
	struct noise noise;
	char load[32];

	machine_read(&m);
	noise_read(&noise);
	snprintf(load, sizeof(load), "%.2f", noise.load);
	bench_context("cpu", m.cpu);
	bench_context("instructions", m.simd);
	bench_context("blas", m.blas.config);
	bench_context("blas_core", m.blas.core);
	bench_context("blas_build", m.blas.build);
	if (m.blas.below)
		bench_context("blas_core_possible", m.blas.best);
	bench_context("load", load);
	bench_context("compiler", m.compiler);
	bench_context("commit", m.build);
}

int main(int argc, char **argv)
{
	blas_init();
	machine_context();
	bench_base();
	bench_csv();
	bench_hist();
	bench_sound();
	return bench_main(argc, argv);
}
