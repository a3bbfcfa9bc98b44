/* What the adapter to XGBoost hands over and hears back. */
#ifndef TRIARCH_XGB_MATRIX_H
#define TRIARCH_XGB_MATRIX_H

#include "datasets/dataset.h"
#include "learners/xgboost/xgb_api.h"

enum { XGB_PLACE = 160 }; /* bytes of an array's description */

/* After a call that failed: XGBoost's own words without its place and stack.
 * ERR_MEMORY when it had none left, else ERR_UNSUPPORTED. */
int xgb_failed(const struct xgb_api *api, struct error *err, const char *doing);

/* out (XGB_PLACE) = an array as JSON, in NumPy's array interface: `type` is
 * "<f4", "<u4" or "<u8"; cols 0: one dimension. It is lent, not copied. */
void xgb_describe(char *out, const void *data, size_t rows, size_t cols,
		  const char *type);

/* A DMatrix of the rows, dense with NaN for holes or sparse; XGBoost copies
 * them. The caller frees it (XGDMatrixFree). Errors as xgb_failed. */
int xgb_matrix(const struct xgb_api *api, const struct dataset *data,
	       const struct part *p, int threads, DMatrixHandle *out,
	       struct error *err);

#endif
