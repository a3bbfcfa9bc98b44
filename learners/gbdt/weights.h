/* How much a row counts: its own weight in the data times that of its class.
 *
 * A weight multiplies the row's loss, in training and in validation alike, so
 * that early stopping looks at what is minimised. A row of weight 2 is two rows
 * and one of weight 0 is none: it has no part in the bins either. */
#ifndef TRIARCH_GBDT_WEIGHTS_H
#define TRIARCH_GBDT_WEIGHTS_H

#include "datasets/dataset.h"
#include "learners/gbdt/config.h"

enum weights_class {
	WEIGHTS_AS_GIVEN,
	/* all / (classes that occur * the class's own), all being sums of
	 * weights of training rows: King & Zeng 2001, "Logistic regression in
	 * rare events data", Eq. 8, with every class equally likely */
	WEIGHTS_BALANCED,
};

/* *out = *data, with train and valid as boosting is to see them; what does not
 * change is lent, new arrays are in the arena. ERR_DATA: a weight that is
 * negative or no number, or no training row that weighs anything. ERR_CONFIG:
 * class weights for a task that has no (or not two) classes. ERR_MEMORY. */
int weights_apply(const struct gbdt_config *config, const struct dataset *data,
		  struct dataset *out, struct arena *a, struct error *err);

/* ERR_DATA for a weight that is negative or no finite number, naming the row of
 * the part `what`. *zeros <- how many rows weigh nothing. */
int weights_check(const struct part *p, const char *what, size_t *zeros,
		  struct error *err);

/* factor[c] (zeroed) <- what balances the classes of p, 1 for one that does not
 * occur. */
void weights_balance(const struct part *p, size_t classes, double *factor);

#endif
