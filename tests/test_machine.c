#include "harness/machine.h"

#include <math.h>

#include "tests/tap.h"

static bool is_hex(const char *s)
{
	return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

static void test_machine(void)
{
	struct machine a, b;

	machine_read(&a);
	machine_read(&b);
	ok(a.cpu[0] && a.cpus >= 1 && a.memory_mb > 0.0,
	   "CPU, cores and memory are known: %s, %d", a.cpu, a.cpus);
	ok(a.simd[0] && a.os[0] && a.compiler[0] && a.build[0],
	   "so are level, system, compiler and commit");
	ok(is_hex(a.fingerprint), "the fingerprint is a SHA-256");
	ok_str(b.fingerprint, a.fingerprint,
	       "and the same each time on one machine");
}

static void test_json(void)
{
	struct machine m;
	json_t *machine, *blas, *versions;

	machine_read(&m);
	machine = machine_to_json(&m);
	blas = machine_blas_json(&m);
	versions = machine_versions_json(&m);
	ok(json_object_get(machine, "cpu") && json_object_get(machine, "cores") &&
	   json_object_get(machine, "simd"), "the machine as an object");
	ok(json_object_get(blas, "core") && json_object_get(blas, "forced_by"),
	   "BLAS as an object");
	ok(json_object_get(versions, "triarch") &&
	   json_object_get(versions, "openblas") &&
	   json_object_get(versions, "sqlite"), "versions as an object");
	json_decref(machine);
	json_decref(blas);
	json_decref(versions);
}

static void test_noise(void)
{
	struct noise before = { .involuntary = 5, .load = 0.5,
				.cpu_pressure = NAN };
	struct noise after = { .involuntary = 9, .load = 0.7,
			       .cpu_pressure = NAN };
	json_t *o = noise_to_json(&before, &after);

	ok(json_integer_value(json_object_get(o, "involuntary_switches")) == 4,
	   "involuntary switches are those of the cell");
	ok(json_is_null(json_object_get(o, "cpu_pressure")),
	   "what a kernel does not tell is null");
	json_decref(o);
	noise_read(&before);
	ok(before.involuntary >= 0 && !(before.load < 0.0), "noise is read");
}

/* What a row shows is what was read, field by field. */
static void test_json_values(void)
{
	struct machine m = { .cpu = "a CPU", .cpus = 3, .memory_mb = 2048.0,
			     .simd = "v3", .os = "an OS", .host = "here",
			     .blas = { .core = "Zen", .best = "SkylakeX",
				       .below = true, .forced_by = "NAME" } };
	json_t *o = machine_to_json(&m), *b = machine_blas_json(&m);

	ok_str(json_string_value(json_object_get(o, "cpu")), "a CPU", "CPU");
	ok(json_integer_value(json_object_get(o, "cores")) == 3 &&
	   json_real_value(json_object_get(o, "memory_mb")) == 2048.0,
	   "cores and MiB");
	ok_str(json_string_value(json_object_get(o, "simd")), "v3", "level");
	ok_str(json_string_value(json_object_get(o, "host")), "here", "host");
	ok(json_is_true(json_object_get(b, "below")), "slow kernels are known");
	ok_str(json_string_value(json_object_get(b, "best")), "SkylakeX",
	       "with what could have been");
	ok_str(json_string_value(json_object_get(b, "forced_by")), "NAME",
	       "and who is to blame");
	json_decref(o);
	json_decref(b);
}

/* Every quantity before and after, and null for each that is not known. */
static void test_noise_keys(void)
{
	const struct noise known = { .load = 0.5, .cpu_pressure = 1.0,
				     .io_pressure = 2.0,
				     .memory_pressure = 3.0 };
	const struct noise unknown = { .load = NAN, .cpu_pressure = NAN,
				       .io_pressure = NAN,
				       .memory_pressure = NAN };
	json_t *a = noise_to_json(&known, &known);
	json_t *b = noise_to_json(&unknown, &unknown);
	const char *key;
	size_t nulls = 0;
	json_t *value;

	ok(json_real_value(json_object_get(a, "load_before")) == 0.5 &&
	   json_real_value(json_object_get(a, "io_pressure")) == 2.0 &&
	   json_real_value(json_object_get(a, "memory_pressure")) == 3.0,
	   "noise: numbers where they are known");
	json_object_foreach (b, key, value)
		nulls += json_is_null(value);
	ok(nulls == 5 && json_object_size(a) == json_object_size(b),
	   "noise: the same keys with null where they are not");
	json_decref(a);
	json_decref(b);
}

int main(void)
{
	test_json_values();
	test_noise_keys();
	test_machine();
	test_json();
	test_noise();
	return tap_done();
}
