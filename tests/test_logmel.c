/* Promises of datasets/views/logmel.h. */
#include "datasets/views/logmel.h"

#include "harness/base/rng.h"
#include "tests/tap.h"

#define RATE 16000
#define LENGTH 2000 /* samples of an item: 11 frames */
#define ITEMS 40
#define CELLS (LOGMEL_BANDS * 11)

static float wave[ITEMS * LENGTH];
static size_t starts[ITEMS + 1];
static uint32_t rows[ITEMS];
static float got[ITEMS * CELLS], again[ITEMS * CELLS];

/* Noise that grows from item to item, the last one digital silence. */
static struct items make_items(void)
{
	struct rng r = rng_make(3, "test/wave");

	rng_fill_normal(r, 0, ITEMS * LENGTH, wave);
	for (size_t i = 0; i < ITEMS; i++) {
		starts[i + 1] = (i + 1) * LENGTH;
		rows[i] = (uint32_t)i;
		for (size_t t = 0; t < LENGTH; t++)
			wave[i * LENGTH + t] *= i + 1 < ITEMS ?
				0.003f * (float)(i + 1) : 0.0f;
	}
	return (struct items){
		.modality = MODALITY_AUDIO,
		.n = ITEMS,
		.wave = wave,
		.wave_start = starts,
		.rate = RATE,
	};
}

/* Power at bin k of one frame, by the definition of the DFT. */
static double slow_power(const struct logmel *m, const float *x, size_t k)
{
	double re = 0, im = 0;

	for (size_t i = 0; i < m->window; i++) {
		double turn = 2 * M_PI / (double)m->window * (double)i;
		double v = (double)x[i] * (1 - cos(turn)) / 2;
		double angle = 2 * M_PI * (double)(i * k % m->fft) /
			       (double)m->fft;

		re += v * cos(angle);
		im -= v * sin(angle);
	}
	return re * re + im * im;
}

static double slow_edge(size_t k)
{
	double low = 2595 * log10(1 + 60 / 700.0);
	double high = 2595 * log10(1 + 7600 / 700.0);
	double at = low + (high - low) / (LOGMEL_BANDS + 1) * (double)k;

	return 700 * (pow(10, at / 2595) - 1);
}

/* The cell of band b as logmel.h defines it; the slow twin. */
static double slow_cell(const struct logmel *m, const double *power, size_t b)
{
	double e0 = slow_edge(b), e1 = slow_edge(b + 1), e2 = slow_edge(b + 2);
	double sum = 1e-6;

	for (size_t k = 0; k <= m->fft / 2; k++) {
		double f = (double)k * RATE / (double)m->fft;
		double w = f < e1 ? (f - e0) / (e1 - e0) : (e2 - f) / (e2 - e1);

		sum += w > 0 ? w * power[k] : 0;
	}
	return log(sum);
}

static double worst_cell(const struct logmel *m, size_t item)
{
	double power[257], worst = 0;

	for (size_t t = 0; t < m->frames; t += 5) {
		const float *x = wave + item * LENGTH + t * m->hop;

		for (size_t k = 0; k <= m->fft / 2; k++)
			power[k] = slow_power(m, x, k);
		for (size_t b = 0; b < m->bands; b++)
			worst = fmax(worst, fabs(slow_cell(m, power, b) -
				(double)got[(item * m->bands + b) * m->frames + t]));
	}
	return worst;
}

static void against_twin(struct arena *a, const struct items *items)
{
	struct error err = { 0 };
	struct logmel m;

	ok(!logmel_init(&m, items, &err) && m.window == 400 && m.hop == 160 &&
		   m.fft == 512 && m.bands == 40 && m.frames == 11,
	   "logmel: 25 ms windows every 10 ms, 40 bands");
	ok(!logmel_fill(&m, items, rows, ITEMS, 1, a, got, &err),
	   "logmel: fills");
	/* 1e-4: float FFT of 512 points, relative error about 1e-6 of the
	 * whole power, seen in the log of the weakest band */
	ok_near(worst_cell(&m, 0), 0, 1e-4, "logmel: as the plain DFT has it");
	ok_near(worst_cell(&m, 17), 0, 1e-4, "logmel: also for a louder item");
	ok_near(got[(ITEMS - 1) * CELLS], log(1e-6), 1e-5,
		"logmel: silence is the floor");
}

static void threads(struct arena *a, const struct items *items)
{
	struct error err = { 0 };
	struct logmel m;

	logmel_init(&m, items, &err);
	for (int t = 2; t <= 4; t += 2) {
		logmel_fill(&m, items, rows, ITEMS, t, a, again, &err);
		ok(!memcmp(got, again, sizeof(got)),
		   "logmel: same bits on %d threads", t);
	}
	logmel_fill(&m, items, rows + 5, 1, 1, a, again, &err);
	ok(!memcmp(got + 5 * CELLS, again, CELLS * sizeof(float)),
	   "logmel: a row does not depend on the others");
}

/* A pure tone is loudest in the band whose triangle has it. */
static void tone(struct arena *a)
{
	static const size_t one[] = { 0, LENGTH };
	struct items items = make_items();
	struct error err = { 0 };
	size_t best = 0, frames;
	struct logmel m;

	for (size_t i = 0; i < LENGTH; i++)
		wave[i] = (float)sin(2 * M_PI * 1000 * (double)i / RATE);
	items.n = 1;
	items.wave_start = one;
	logmel_init(&m, &items, &err);
	logmel_fill(&m, &items, rows, 1, 1, a, got, &err);
	frames = m.frames;
	for (size_t b = 1; b < m.bands; b++)
		if (got[b * frames] > got[best * frames])
			best = b;
	ok(slow_edge(best) < 1000 && 1000 < slow_edge(best + 2),
	   "logmel: a tone of 1 kHz is in its band");
}

static void short_waves(struct arena *a)
{
	static const size_t two[] = { 0, 560, 660 };
	struct items items = make_items();
	struct error err = { 0 };
	bool fine = true;
	struct logmel m;

	items.n = 2;
	items.wave_start = two;
	ok(!logmel_init(&m, &items, &err) && m.frames == 2,
	   "logmel: the longest wave decides the frames");
	ok(!logmel_fill(&m, &items, rows, 2, 1, a, got, &err),
	   "logmel: shorter waves are padded");
	for (size_t k = 0; k < 2 * 40 * 2; k++)
		fine &= isfinite(got[k]) != 0;
	ok(fine && fabs((double)got[40 * 2 + 1] - log(1e-6)) < 1e-5,
	   "logmel: beyond the end is silence");
}

static void bad(const struct items *items)
{
	struct items x = *items;
	struct error err = { 0 };
	struct logmel m;

	x.rate = 100;
	ok(logmel_init(&m, &x, &err) == ERR_DATA && strstr(err.text, "100"),
	   "logmel: a rate too low is an error");
	x.rate = NAN;
	ok(logmel_init(&m, &x, &err) == ERR_DATA, "logmel: so is NaN");
	x.n = 0;
	ok(logmel_init(&m, &x, &err) == ERR_DATA, "logmel: and no wave");
}

static void failing_memory(const struct items *items)
{
	bool good = true;
	int rc = ERR_MEMORY;

	for (size_t k = 1; rc && k < 200; k++) {
		struct error err = { 0 };
		struct logmel m;
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = k;
		rc = logmel_init(&m, items, &err);
		if (!rc)
			rc = logmel_fill(&m, items, rows, 2, 2, &a, got, &err);
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && !rc, "logmel: every allocation that fails is an error");
}

int main(void)
{
	struct items items = make_items();
	struct arena a;

	arena_init(&a, 0);
	against_twin(&a, &items);
	threads(&a, &items);
	tone(&a);
	short_waves(&a);
	bad(&items);
	failing_memory(&items);
	arena_clear(&a);
	return tap_done();
}
