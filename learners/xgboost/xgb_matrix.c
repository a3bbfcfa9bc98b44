/* XGBoost's words and its forms of a matrix. */
#include "learners/xgboost/xgb_matrix.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "[19:01:02] ./src/x.cc:12: message\nStack trace: ..." less what is no use to
 * whoever reads a row. */
int xgb_failed(const struct xgb_api *api, struct error *err, const char *doing)
{
	const char *text = api->XGBGetLastError(), *at;
	size_t n;

	if (strstr(text, "bad_alloc"))
		return error_set(err, ERR_MEMORY, "xgboost: %s: out of memory",
				 doing);
	at = text[0] == '[' ? strstr(text, "] ") : NULL;
	text = at ? at + 2 : text;
	at = strstr(text, ": ");
	n = strcspn(text, "\n");
	/* a place in its source has no blank */
	if (at && strcspn(text, " ") > (size_t)(at - text)) {
		text = at + 2;
		n = strcspn(text, "\n");
	}
	return error_set(err, ERR_UNSUPPORTED, "xgboost: %s: %.*s", doing,
			 (int)(n < 600 ? n : 600), text);
}

/* ---------------------------------------------------------------- matrix */

/* NumPy's array interface, the form in which the C API takes arrays. */
void xgb_describe(char *out, const void *data, size_t rows, size_t cols,
		     const char *type)
{
	char shape[48];

	snprintf(shape, sizeof(shape), cols ? "[%zu, %zu]" : "[%zu]", rows, cols);
	snprintf(out, XGB_PLACE, "{\"data\": [%" PRIuPTR ", true], \"shape\": %s, "
		 "\"typestr\": \"%s\", \"version\": 3}", (uintptr_t)data, shape,
		 type);
}

static int make_dense(const struct xgb_api *api, const struct dataset *data,
		      const struct part *p, int threads, DMatrixHandle *out)
{
	char place[XGB_PLACE], config[64];

	xgb_describe(place, p->x, p->rows, data->cols, "<f4");
	snprintf(config, sizeof(config), "{\"missing\": NaN, \"nthread\": %d}",
		 threads);
	return api->XGDMatrixCreateFromDense(place, config, out);
}

static int make_sparse(const struct xgb_api *api, const struct dataset *data,
		       const struct part *p, int threads, DMatrixHandle *out)
{
	char start[XGB_PLACE], index[XGB_PLACE], value[XGB_PLACE], config[64];
	size_t n = p->row_start[p->rows];

	xgb_describe(start, p->row_start, p->rows + 1, 0, "<u8");
	xgb_describe(index, p->index, n, 0, "<u4");
	xgb_describe(value, p->value, n, 0, "<f4");
	snprintf(config, sizeof(config), "{\"missing\": NaN, \"nthread\": %d}",
		 threads);
	return api->XGDMatrixCreateFromCSR(start, index, value, data->cols,
					   config, out);
}

int xgb_matrix(const struct xgb_api *api, const struct dataset *data,
	       const struct part *p, int threads, DMatrixHandle *out,
	       struct error *err)
{
	int rc = data->view == VIEW_SPARSE ?
			 make_sparse(api, data, p, threads, out) :
			 make_dense(api, data, p, threads, out);

	return rc ? xgb_failed(api, err, "making its matrix") : 0;
}
