#include "tests/bench/bench.h"

#include <benchmark/benchmark.h>

#include <vector>

struct bench {
	benchmark::State *state;
};

extern "C" {

void bench_add(const char *name, bench_fn *fn, size_t n_args,
	       const size_t *args)
{
	std::vector<int64_t> list(args, args + n_args);
	auto *added = benchmark::RegisterBenchmark(
		name, [fn](benchmark::State &state) {
			bench b = { &state };
			fn(&b);
		});

	if (!list.empty())
		added->Args(list);
}

bool bench_keep_running(struct bench *b)
{
	return b->state->KeepRunning();
}

size_t bench_arg(const struct bench *b, size_t i)
{
	return static_cast<size_t>(b->state->range(i));
}

void bench_items(struct bench *b, double per_call)
{
	b->state->counters["items"] = benchmark::Counter(
		per_call, benchmark::Counter::kIsIterationInvariantRate);
}

void bench_bytes(struct bench *b, double per_call)
{
	b->state->counters["bytes"] = benchmark::Counter(
		per_call, benchmark::Counter::kIsIterationInvariantRate,
		benchmark::Counter::kIs1024);
}

void bench_flops(struct bench *b, double per_call)
{
	b->state->counters["flop"] = benchmark::Counter(
		per_call, benchmark::Counter::kIsIterationInvariantRate);
}

void bench_number(struct bench *b, const char *name, double value)
{
	b->state->counters[name] = benchmark::Counter(value);
}

size_t bench_calls(const struct bench *b)
{
	return static_cast<size_t>(b->state->iterations());
}

void bench_context(const char *name, const char *value)
{
	benchmark::AddCustomContext(name, value);
}

int bench_main(int argc, char **argv)
{
	benchmark::Initialize(&argc, argv);
	if (benchmark::ReportUnrecognizedArguments(argc, argv))
		return 2;
	benchmark::RunSpecifiedBenchmarks();
	benchmark::Shutdown();
	return 0;
}
}
