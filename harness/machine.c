/* What is known of the machine comes from /proc, uname and OpenBLAS; nothing
 * is measured and nothing may fail, since a row without a CPU's name is
 * still a row. */
#include "harness/machine.h"

#include <math.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <yaml.h>
#include <zlib.h>

#include "harness/base/json.h"
#include "harness/base/par.h"
#include "harness/base/simd.h"
#include "learners/learner.h"
#include "version.h"

/* Copy one line without the blanks at both ends, as much as fits. */
static void copy_trimmed(char *out, size_t size, const char *from)
{
	size_t n;

	from += strspn(from, " \t");
	n = strcspn(from, "\n");
	while (n && from[n - 1] == ' ')
		n--;
	snprintf(out, size, "%.*s", (int)n, from);
}

/* The value of the first "field : value" line of a file in /proc, which stands
 * for all processors; "" where the file or the field is missing. */
static void proc_field(const char *path, const char *field, char *out,
		       size_t size)
{
	char line[512];
	FILE *f = fopen(path, "r");

	out[0] = '\0';
	while (f && !out[0] && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (colon && !strncmp(line, field, strlen(field)))
			copy_trimmed(out, size, colon + 1);
	}
	if (f)
		fclose(f);
}

/* Processors that this process may run on, not those of the box: a container
 * or taskset decides how fast it is. */
static void read_cpu(struct machine *m)
{
	char kib[64];

	proc_field("/proc/cpuinfo", "model name", m->cpu, sizeof(m->cpu));
	if (!m->cpu[0]) /* aarch64 has no model name */
		proc_field("/proc/cpuinfo", "CPU part", m->cpu, sizeof(m->cpu));
	proc_field("/proc/meminfo", "MemTotal", kib, sizeof(kib));
	m->memory_mb = floor(strtod(kib, NULL) / 1024.0);
	m->cpus = par_cpus();
	snprintf(m->simd, sizeof(m->simd), "%s", simd_level_name(simd_level()));
}

/* For the reader of a row; it decides nothing. */
static void read_system(struct machine *m)
{
	struct utsname u;

	if (uname(&u))
		return;
	snprintf(m->os, sizeof(m->os), "%.20s %.60s %.20s", u.sysname,
		 u.release, u.machine);
	snprintf(m->host, sizeof(m->host), "%.63s", u.nodename);
}

/* Only what decides speed and bits: the host's name, its kernel or a new
 * commit of ours must not part rows that can be compared. */
static void make_fingerprint(struct machine *m)
{
	struct hash *h = hash_new();
	char cpus[16];

	if (!h)
		return;
	snprintf(cpus, sizeof(cpus), "%d", m->cpus);
	hash_add_string(h, m->cpu);
	hash_add_string(h, cpus);
	hash_add_string(h, m->simd);
	hash_add_string(h, m->blas.core);
	hash_add_string(h, m->blas.config);
	hash_add_string(h, m->blas.build);
	hash_finish(h, m->fingerprint);
}

/* The fingerprint last: it is over what was read before. */
void machine_read(struct machine *m)
{
	*m = (struct machine){ 0 };
	read_cpu(m);
	read_system(m);
	blas_info(&m->blas);
#ifdef __clang__
	snprintf(m->compiler, sizeof(m->compiler), "%.63s", __VERSION__);
#else
	snprintf(m->compiler, sizeof(m->compiler), "gcc %.50s", __VERSION__);
#endif
	snprintf(m->build, sizeof(m->build), "%s", TRIARCH_BUILD);
	make_fingerprint(m);
}

/* For the reader of a row; memory_mb is MiB of the whole machine, cores are
 * those that this process may use. */
json_t *machine_to_json(const struct machine *m)
{
	return json_pack("{s:s, s:i, s:f, s:s, s:s, s:s}", "cpu", m->cpu,
			 "cores", m->cpus, "memory_mb", m->memory_mb,
			 "simd", m->simd, "os", m->os, "host", m->host);
}

/* `below` and `forced_by` explain a slow row long after the run. */
json_t *machine_blas_json(const struct machine *m)
{
	const struct blas_info *b = &m->blas;

	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s}", "core", b->core,
			 "config", b->config, "build", b->build, "best",
			 b->best, "below", (int)b->below, "forced_by",
			 b->forced_by);
}

/* A reference learner is its library: under the learner's name. */
static json_t *add_learners(json_t *versions)
{
	const struct learner *const *all;
	size_t n;

	all = learner_all(&n);
	for (size_t i = 0; versions && i < n; i++) {
		char text[64];

		if (!all[i]->library)
			continue;
		all[i]->library(text, sizeof(text));
		if (json_object_set_new(versions, all[i]->name, json_string(text))) {
			json_decref(versions);
			versions = NULL;
		}
	}
	return versions;
}

/* The libraries that were loaded, not those that it was built with, where
 * they tell. */
json_t *machine_versions_json(const struct machine *m)
{
	return add_learners(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "triarch",
			 m->build, "compiler", m->compiler, "openblas",
			 m->blas.config, "jansson", JANSSON_VERSION, "sqlite",
			 sqlite3_libversion(), "openssl",
			 OpenSSL_version(OPENSSL_VERSION), "zlib",
			 zlibVersion(), "yaml", yaml_get_version_string()));
}

/* ---------------------------------------------------------------- noise */

/* "some avg10=1.23 ..." of /proc/pressure/<what>; NAN on kernels without. */
static double pressure(const char *what)
{
	char path[64];
	double avg10 = NAN;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/pressure/%s", what);
	f = fopen(path, "r");
	if (!f)
		return NAN;
	if (fscanf(f, "some avg10=%lf", &avg10) != 1)
		avg10 = NAN;
	fclose(f);
	return avg10;
}

/* NAN and not 0 for what cannot be read: silence was not measured. */
void noise_read(struct noise *n)
{
	struct rusage use;

	*n = (struct noise){ 0 };
	if (getloadavg(&n->load, 1) != 1)
		n->load = NAN;
	n->cpu_pressure = pressure("cpu");
	n->io_pressure = pressure("io");
	n->memory_pressure = pressure("memory");
	if (!getrusage(RUSAGE_SELF, &use))
		n->involuntary = use.ru_nivcsw;
}

json_t *noise_to_json(const struct noise *before, const struct noise *after)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}",
			 "load_before", json_number(before->load),
			 "load_after", json_number(after->load),
			 "cpu_pressure", json_number(after->cpu_pressure),
			 "io_pressure", json_number(after->io_pressure),
			 "memory_pressure", json_number(after->memory_pressure),
			 "involuntary_switches",
			 (json_int_t)(after->involuntary - before->involuntary));
}
