/* A probe of shift: the wave of each TEST row is moved in time, by a number of
 * samples drawn evenly from [-severity, severity] seconds; silence comes in.
 * Training and validation rows stay. */
#include <math.h>
#include <string.h>

#include "datasets/twins/wave_edit.h"

/* The new wave is zero where nothing is copied to: wave_edit gives it cleared. A sound
 * that is shorter than the move is silent afterwards. The draw is over samples, so two
 * sounds of different rates move by different steps of time. */
static void move(const struct transform_job *job, uint32_t row, const float *from, size_t n,
		 double rate, float *to)
{
	size_t most = (size_t)floor(job->severity * rate);
	size_t by = (size_t)rng_below(job->rng, row, 2 * most + 1);
	size_t late = by > most ? by - most : 0, early = by < most ? most - by : 0;

	if (late + early < n)
		memcpy(to + late, from + early, (n - late - early) * sizeof(*to));
}

/* Training sounds are where they were: the question is whether a learner knows a sound
 * that comes later. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	return wave_edit(job, items, move, err);
}

const struct transform transform_time_shift = {
	.name = "time_shift",
	.summary = "each test sound is moved in time at random; training sounds are not",
	.severity = "most seconds of the move, either way",
	.version = 1,
	.modalities = 1u << MODALITY_AUDIO,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 10,
	.usual = 0.1,
	.items = apply,
};
