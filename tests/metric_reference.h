/* Made by tests/make_metric_reference.py; do not edit. */
#include "harness/metric.h"

static const struct metrics want_binary = {
	.accuracy = 0.495,
	.balanced_accuracy = 0.51417788657690744,
	.auc = 0.50734394124847004,
	.log_loss = 0.8284708059429563,
};
static const struct metrics want_five = {
	.accuracy = 0.20000000000000001,
	.balanced_accuracy = 0.19670329670329667,
	.auc = 0.50732989025284014,
	.log_loss = 1.7754729628982675,
};
static const struct metrics want_regression = {
	.rmse = 0.12515615246562992,
	.mae = 0.1075,
	.r2 = 0.99882731115695877,
};
