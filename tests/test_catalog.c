#include "tests/tap.h"

#include "datasets/catalog.h"
#include "harness/base/file.h"

int main(void)
{
	struct arena a;
	struct error err;
	struct catalog c;

	arena_init(&a, 0);
	if (!ok(!catalog_read(&c, &a, "datasets/catalog.yaml", &err),
		"catalog: the project's own catalogue is well formed"))
		printf("# %s\n", err.text);
	arena_clear(&a);
	return tap_done();
}
