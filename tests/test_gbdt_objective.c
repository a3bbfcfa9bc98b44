/* Losses: derivatives against differences, bases, predictions. */
#include "learners/gbdt/objective.h"
#include "learners/gbdt/objective_kernels.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { N = 300, K = 5 };

static float score[K * N], gradient[K * N], hessian[K * N], target[N], weight[N];
static float scratch[2 * N];
static double partial[2 * N], sums[2 * K];
static int32_t label[N];

static struct objective_rows make(size_t outputs, size_t classes)
{
	struct rng r = rng_make(outputs, "objective");

	for (size_t i = 0; i < K * N; i++)
		score[i] = (float)rng_normal(r, i);
	for (size_t i = 0; i < N; i++) {
		target[i] = fabsf((float)rng_normal(r, 5000 + i));
		weight[i] = (float)rng_uniform_open(r, 7000 + i) * 3;
		label[i] = (int32_t)rng_below(r, 9000 + i, classes);
	}
	return (struct objective_rows){ .rows = N, .outputs = outputs,
					.label = label, .target = target,
					.weight = weight,
					.quantile_level = 0.8,
					.huber_delta = 0.7 };
}

static void derive(const struct objective *o, const struct objective_rows *t)
{
	double some[2 * K];

	memset(sums, 0, sizeof(sums));
	for (size_t k = 0; k < par_chunks(N, OBJECTIVE_ROWS); k++) {
		o->derive(t, score, par_range(N, OBJECTIVE_ROWS, k), gradient,
			  hessian, some);
		for (size_t c = 0; c < 2 * t->outputs; c++)
			sums[c] += some[c];
	}
}

static double loss_of(const struct objective *o, const struct objective_rows *t)
{
	return objective_loss(o, t, score, partial, 1);
}

/* Analytic gradient and hessian of every tenth row against central
 * differences of the loss; `scale` is loss over objective (2 for squares), and
 * `factor` hessian over curvature, 0 where the hessian is not one. Rows whose
 * loss has a corner within the step are passed over. */
static void check(const struct objective *o, size_t outputs, size_t classes,
		  double scale, double factor)
{
	struct objective_rows t = make(outputs, classes);
	double off = 0, off2 = 0;
	const float step = 1e-2f;

	derive(o, &t);
	for (size_t at = 0; at < outputs * N; at += 10) {
		size_t i = at % N;
		struct par_range r = { i, i + 1 };
		float keep = score[at];
		double mid = o->loss(&t, score, r), up, down;
		double d = fabs((double)keep - (double)target[i]);

		score[at] = keep + step;
		up = o->loss(&t, score, r);
		score[at] = keep - step;
		down = o->loss(&t, score, r);
		score[at] = keep;
		if (o->renew && (d < 0.02 || fabs(d - t.huber_delta) < 0.02))
			continue;
		off = fmax(off, fabs((up - down) / (2 * (double)step) / scale -
				     (double)gradient[at]));
		off2 = fmax(off2, fabs((up - 2 * mid + down) /
				       ((double)step * (double)step) / scale *
					       factor - (double)hessian[at]));
	}
	/* differences of step 1e-2: errors of its square, and of floats */
	ok(off < 1e-3, "%s: gradient is the loss's slope (off %.1e)", o->name, off);
	if (factor > 0)
		ok(off2 < 2e-2, "%s: hessian is its curvature (off %.1e)",
		   o->name, off2);
}

/* The sums that come with the derivatives, and rows without weights. */
static void check_sums(const struct objective *o, size_t outputs, size_t classes)
{
	struct objective_rows t = make(outputs, classes);
	double worst = 0, off = 0;

	derive(o, &t);
	for (size_t c = 0; c < outputs; c++) {
		double g = 0, h = 0;

		for (size_t i = 0; i < N; i++) {
			g += fabs((double)gradient[c * N + i]);
			h += (double)hessian[c * N + i];
		}
		worst = fmax(worst, fabs(sums[2 * c] / g - 1));
		worst = fmax(worst, fabs(sums[2 * c + 1] / h - 1));
	}
	/* sums of up to 256 floats */
	ok(worst < 1e-5, "%s: sums of derivatives (off %.1e)", o->name, worst);
	for (size_t i = 0; i < N; i++) {
		weight[i] = 1;
		scratch[i] = gradient[i];
	}
	derive(o, &t);
	memcpy(scratch, gradient, N * sizeof(float));
	t.weight = NULL;
	derive(o, &t);
	for (size_t i = 0; i < N; i++)
		off = fmax(off, fabs((double)scratch[i] - (double)gradient[i]));
	ok(off == 0, "%s: no weights are weights of 1", o->name);
}

/* Every instruction set against the baseline, and each row alone against the
 * row among others. */
static void check_levels(void)
{
	struct objective_rows t = make(K, K);
	static float other[K * N];
	struct objective_strip s = {
		.n = 256, .outputs = K, .stride = N, .score = score,
		.label = label, .weight = t.weight, .gradient = gradient,
		.hessian = hessian, .sums = sums,
	};
	bool same = true;

	for (int level = 0; level <= (int)simd_level(); level++) {
		const struct objective_kernels *k =
			SIMD_AT(objective_kernels, (enum simd_level)level);
		double worst = 0;

		s.gradient = level ? gradient : other;
		s.n = 256;
		k->softmax(&s);
		for (size_t i = 0; i < K * N && level; i++)
			if (i % N < 256)
				worst = fmax(worst, fabs((double)gradient[i] -
							 (double)other[i]));
		/* an ulp of 3, the largest weight */
		ok(worst < 1e-6, "softmax: level %d as the baseline (off %.1e)",
		   level, worst);
	}
	memcpy(other, s.gradient, sizeof(other));
	s.n = 1;
	for (size_t i = 0; i < 256; i++, s.score++, s.label++, s.weight++) {
		SIMD_PICK(objective_kernels)->softmax(&s);
		for (size_t c = 0; c < K; c++)
			same &= s.gradient[c * N] == other[c * N + i];
	}
	ok(same, "softmax: a row alone has the bits it has among others");
}

/* The best constant: the summed gradient at the base is zero. */
static void check_base(const struct objective *o, size_t outputs, size_t classes)
{
	struct objective_rows t = make(outputs, classes);
	double base[K], worst = 0;

	objective_base(o, &t, scratch, base);
	for (size_t c = 0; c < outputs; c++)
		for (size_t i = 0; i < N; i++)
			score[c * N + i] = (float)base[c];
	derive(o, &t);
	for (size_t c = 0; c < outputs; c++) {
		double sum = 0;

		for (size_t i = 0; i < N; i++)
			sum += (double)gradient[c * N + i];
		worst = fmax(worst, fabs(sum));
	}
	/* N rows of float rounding */
	ok(worst < 1e-3, "%s: no constant is better than the base", o->name);
}

static void test_links(void)
{
	float raw[6] = { 0, 1, 2, -100, 0, 100 }, out[12];

	objective_poisson.link(raw, 6, 1, out);
	ok_near(out[2], exp(2), 1e-5, "poisson: predicts exp of its score");

	objective_squared.link(raw, 6, 1, out);
	ok(!memcmp(raw, out, sizeof(raw)), "squared: predicts its score");
	objective_logistic.link(raw, 6, 1, out);
	ok_near(out[3], 1 / (1 + exp(-1)), 1e-6, "logistic: sigmoid of the score");
	ok(out[6] > 0.999f && out[7] < 1e-30f && out[11] > 0.999f,
	   "logistic: extreme scores stay probabilities");
	objective_softmax.link(raw, 2, 3, out);
	ok_near(out[0], 1 / (1 + exp(1) + exp(2)), 1e-6, "softmax: of a row");
	ok(out[5] > 0.999f && out[3] >= 0 && isfinite(out[3]),
	   "softmax: extreme scores stay probabilities");
}

static void test_losses(void)
{
	struct objective_rows t = make(1, 2);
	double want = 0, all = 0;

	t.weight = NULL;
	for (size_t i = 0; i < N; i++)
		want += pow((double)score[i] - (double)target[i], 2) / N;
	ok_near(loss_of(&objective_squared, &t), sqrt(want), 1e-9,
		"squared: the loss told is the RMSE");
	memset(score, 0, sizeof(score));
	ok_near(loss_of(&objective_logistic, &t), log(2), 1e-9,
		"logistic: a coin costs log 2");
	t = make(K, K);
	memset(score, 0, sizeof(score));
	ok_near(loss_of(&objective_softmax, &t), log(K), 1e-6,
		"softmax: a die of K costs log K, whatever the weights");
	t.rows = 0;
	all = loss_of(&objective_softmax, &t);
	ok(isnan(all), "no rows, no loss");
}

static void test_unseen_class(void)
{
	struct objective_rows t = make(3, 2);
	double base[3];

	objective_softmax.base(&t, base);
	ok(isfinite(base[2]) && base[2] < base[0] && base[2] < base[1],
	   "softmax: a class without rows has a small finite base");
}

/* Plain sums of what the losses are said to be. */
static void test_loss_values(void)
{
	struct objective_rows t = make(1, 2);
	double all = 0, absolute = 0, pinball = 0, huber = 0, deviance = 0;
	double logistic = 0;

	for (size_t i = 0; i < N; i++) {
		double w = (double)weight[i], y = (double)target[i];
		double s = (double)score[i], d = fabs(y - s);

		all += w;
		absolute += w * d;
		pinball += w * (y > s ? 0.8 : 0.2) * d;
		huber += w * (d < 0.7 ? d * d / 2 : 0.7 * (d - 0.35));
		deviance += w * 2 * (y * log(y / exp(s)) - (y - exp(s)));
		logistic += w * log1p(exp(label[i] ? -s : s));
	}
	ok_near(loss_of(&objective_absolute, &t), absolute / all, 1e-9,
		"absolute: the loss told is the MAE");
	ok_near(loss_of(&objective_quantile, &t), pinball / all, 1e-9,
		"quantile: the pinball loss");
	ok_near(loss_of(&objective_huber, &t), huber / all, 1e-9, "huber: its own");
	ok_near(loss_of(&objective_poisson, &t), deviance / all, 1e-9,
		"poisson: the deviance");
	ok_near(loss_of(&objective_logistic, &t), logistic / all, 1e-7,
		"logistic: the log loss");
	for (size_t i = 0; i < N; i++)
		weight[i] = 1;
	logistic = loss_of(&objective_logistic, &t);
	t.weight = NULL;
	ok_near(loss_of(&objective_logistic, &t), logistic, 1e-12,
		"logistic: a log of a product is a sum of logs");
	for (size_t i = 0; i < N; i++)
		score[i] = label[i] ? 40 : -40;
	/* 4e-18 a row, which 1 + e of a float would not show */
	ok_near(loss_of(&objective_logistic, &t), 4.2e-18, 4.2e-18,
		"logistic: tiny losses do not overflow");
}

static void test_pick(void)
{
	static const char *const names[] = { "squared", "absolute", "quantile",
					     "huber", "poisson" };
	struct gbdt_config config = { .objective = 0 };
	struct dataset d = { .task = TASK_REGRESSION };
	const struct objective *o;
	struct error err;
	size_t outputs;

	ok(!objective_pick(&config, &d, &o, &outputs, &err) &&
		   o == &objective_squared && outputs == 1,
	   "pick: regression takes squares");
	for (size_t k = 0; k < 5; k++) {
		config.objective = (int)k + 1;
		ok(!objective_pick(&config, &d, &o, &outputs, &err) &&
			   !strcmp(o->name, names[k]) &&
			   !strcmp(objective_choices[k + 1], names[k]) &&
			   objective_find(names[k]) == o,
		   "pick: objective=%s", names[k]);
	}
	d = (struct dataset){ .task = TASK_CLASSIFICATION, .classes = 2 };
	ok(objective_pick(&config, &d, &o, &outputs, &err) == ERR_CONFIG,
	   "pick: %s", err.text);
	config.objective = 0;
	ok(!objective_pick(&config, &d, &o, &outputs, &err) &&
		   o == &objective_logistic && outputs == 1,
	   "pick: two classes take one logistic tree a round");
	d.classes = 7;
	ok(!objective_pick(&config, &d, &o, &outputs, &err) &&
		   o == &objective_softmax && outputs == 7,
	   "pick: seven classes take seven trees a round");
	ok(!objective_find("hinge"), "find: an unknown name is none");
}

static void test_check(void)
{
	struct objective_rows t = make(1, 2);
	struct error err;

	ok(!objective_check(&objective_poisson, &t, "training", &err),
	   "check: counts are fine for poisson");
	target[3] = -0.5f;
	ok(objective_check(&objective_poisson, &t, "training", &err) == ERR_DATA &&
		   strstr(err.text, "training row 4"), "check: %s", err.text);
	ok(!objective_check(&objective_huber, &t, "training", &err),
	   "check: huber takes it");
	target[5] = NAN;
	ok(objective_check(&objective_huber, &t, "validation", &err) == ERR_DATA &&
		   strstr(err.text, "validation row 6"), "check: %s", err.text);
	t.target = NULL;
	ok(!objective_check(&objective_softmax, &t, "training", &err),
	   "check: labels have no targets");
}

static void test_no_counts(void)
{
	struct objective_rows t = make(1, 2);
	double base;

	memset(target, 0, sizeof(target));
	objective_base(&objective_poisson, &t, NULL, &base);
	ok(isfinite(base) && base < 0, "poisson: no events at all is a number");
}

int main(void)
{
	static const struct objective *const all[] = {
		&objective_squared, &objective_absolute, &objective_quantile,
		&objective_huber, &objective_poisson, &objective_logistic,
		&objective_softmax,
	};

	/* the sum of squares is twice the objective, the deviance too;
	 * LightGBM's softmax hessian is K / (K - 1) times the diagonal, and
	 * poisson's that of a score larger by 0.7 */
	check(&objective_squared, 1, 2, 2, 1);
	check(&objective_absolute, 1, 2, 1, 0);
	check(&objective_quantile, 1, 2, 1, 0);
	check(&objective_huber, 1, 2, 1, 0);
	check(&objective_poisson, 1, 2, 2, exp(0.7));
	check(&objective_logistic, 1, 2, 1, 1);
	check(&objective_softmax, K, K, 1, K / (K - 1.0));
	for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++) {
		bool many = all[k] == &objective_softmax;

		check_sums(all[k], many ? K : 1, many ? K : 2);
		if (all[k] != &objective_absolute && all[k] != &objective_quantile)
			check_base(all[k], many ? K : 1, many ? K : 2);
	}
	check_levels();
	test_links();
	test_losses();
	test_loss_values();
	test_unseen_class();
	test_pick();
	test_check();
	test_no_counts();
	return tap_done();
}
