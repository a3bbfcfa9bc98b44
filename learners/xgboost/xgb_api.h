/* XGBoost's C API, loaded when a fit wants it: linked, it would cost every cell
 * of every learner 12 MB of memory and 10 ms of start. */
#ifndef TRIARCH_XGB_API_H
#define TRIARCH_XGB_API_H

#include <xgboost/c_api.h>

#include "harness/base/error.h"

#define XGB_CALLS(X)                                                         \
	X(XGBGetLastError)                                                   \
	X(XGBoostVersion)                                                    \
	X(XGBoosterCreate)                                                   \
	X(XGBoosterEvalOneIter)                                              \
	X(XGBoosterFeatureScore)                                             \
	X(XGBoosterFree)                                                     \
	X(XGBoosterPredictFromDMatrix)                                       \
	X(XGBoosterPredictFromDense)                                         \
	X(XGBoosterSetParam)                                                 \
	X(XGBoosterUpdateOneIter)                                            \
	X(XGDMatrixCreateFromCSR)                                            \
	X(XGDMatrixCreateFromDense)                                          \
	X(XGDMatrixFree)                                                     \
	X(XGDMatrixSetFloatInfo)                                             \
	X(XGDMatrixSetStrFeatureInfo)

/* Pointers under the functions' own names, with their types. */
struct xgb_api {
#define XGB_CALL(name) __typeof__(&name) name;
	XGB_CALLS(XGB_CALL)
#undef XGB_CALL
};

/* The library stays loaded until the process ends. ERR_UNSUPPORTED where there
 * is none, or one that lacks a call. */
int xgb_api_load(struct xgb_api *api, struct error *err);

#endif
