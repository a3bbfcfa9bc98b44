/* By the name that its ABI has in Debian: another one may mean other calls. */
#include "learners/xgboost/xgb_api.h"

#include <dlfcn.h>
#include <string.h>

#define SONAME "libxgboost.so.0"

static int find(void *library, const char *name, void *pointer, struct error *err)
{
	void *found = dlsym(library, name);

	if (!found)
		return error_set(err, ERR_UNSUPPORTED, "xgboost: " SONAME
				 " has no %s; install libxgboost0 1.7", name);
	memcpy(pointer, &found, sizeof(found));
	return 0;
}

int xgb_api_load(struct xgb_api *api, struct error *err)
{
	void *library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return error_set(err, ERR_UNSUPPORTED, "xgboost: %s; install "
				 "libxgboost0", dlerror());
#define XGB_CALL(name)                                       \
	if (find(library, #name, &api->name, err))           \
		return err->code;
	XGB_CALLS(XGB_CALL)
#undef XGB_CALL
	return 0;
}
