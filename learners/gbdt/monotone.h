/* Monotone constraints: a column in which the prediction may only rise, or only
 * fall, all else being equal.
 *
 * Every leaf carries an interval for its value. A cut in a constrained column
 * is refused when the values of its sides, clamped to that interval, are in the
 * wrong order; when it is made, the middle of the two becomes the upper bound
 * of all leaves on one side and the lower bound of all on the other. Cuts in
 * other columns hand the interval down as it is. So no leaf below the one side
 * can ever pass one below the other: the "basic" method of XGBoost and
 * LightGBM, described by Auguste, Malory & Smirnov 2022, "A better method to
 * enforce monotonic constraints in regression and classification trees". Where
 * missing values go is learned as ever: a constraint orders values only. */
#ifndef TRIARCH_GBDT_MONOTONE_H
#define TRIARCH_GBDT_MONOTONE_H

#include "learners/gbdt/cut.h"

/* (*sign)[j] = 1 (rising), -1 (falling) or 0 for each column of `data`, in the
 * arena; *sign is NULL for an empty text. The text is "+age:-price" (sign and
 * name, or sign and # and number from 0), or one of 1, 0, -1 for each of the
 * first columns, "1:0:-1". ERR_CONFIG: no such column (did you mean), twice
 * the same, a categorical one, more signs than columns. ERR_UNSUPPORTED: more
 * than two classes, whose probabilities trees cannot order. ERR_MEMORY. */
int monotone_read(const int8_t **sign, const char *text,
		  const struct dataset *data, struct arena *a,
		  struct error *err);

/* below[0], below[1] = the intervals of the sides of a cut through a leaf with
 * the interval `above`, in a column with this sign, when `middle` is to lie
 * between them. */
void monotone_pass(int8_t sign, const struct cut_bounds *above, double middle,
		   struct cut_bounds below[2]);

#endif
