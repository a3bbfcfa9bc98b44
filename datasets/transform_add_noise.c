/* A probe of shift: white noise is added to the wave of each TEST row, at a
 * ratio of powers (mean squares over the whole sound) of severity decibels;
 * clipped to [-1, 1] as a recording would be. Silence gets no noise. Training
 * and validation rows stay. */
#include <math.h>

#include "datasets/twins/wave_edit.h"

/* severity = 10 log10(signal / noise), so the noise has the deviation sqrt(signal /
 * 10^(severity / 10)). The numbers are addressed by row and sample: a sound has the
 * same noise whichever others are in the test part. Clipping takes a little of loud
 * noise away, so at -20 dB the measured ratio is above what was asked. */
static void add(const struct transform_job *job, uint32_t row, const float *from, size_t n,
		double rate, float *to)
{
	struct rng r = rng_sub(job->rng, row);
	double power = 0, sd;

	(void)rate;
	for (size_t k = 0; k < n; k++)
		power += (double)from[k] * (double)from[k] / (double)n;
	sd = sqrt(power * pow(10, -job->severity / 10));
	for (size_t k = 0; k < n; k++)
		to[k] = (float)fmax(-1, fmin(1, (double)from[k] + sd * rng_normal(r, k)));
}

/* wave_edit leaves training and validation rows as they were. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	return wave_edit(job, items, add, err);
}

const struct transform transform_add_noise = {
	.name = "add_noise",
	.summary = "white noise is added to each test sound; training sounds are clean",
	.severity = "signal-to-noise ratio in dB: lower is louder noise",
	.version = 1,
	.modalities = 1u << MODALITY_AUDIO,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = -20,
	.max = 60,
	.usual = 10,
	.items = apply,
};
