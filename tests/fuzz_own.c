/* libFuzzer on dates, amounts and settings: the small parsers of own data. */
#include <stddef.h>
#include <stdint.h>

#include "datasets/csv/amounts.h"
#include "datasets/csv/dates.h"
#include "datasets/own/own_settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct own_settings s;
	struct yaml *root;
	struct arena a;
	struct error err;
	struct date d;
	unsigned marks;
	float x;

	for (int k = DATE_ISO; k <= DATE_COMPACT; k++)
		if (date_parse(text, size, (enum date_order)k, &d) &&
		    (date_weekday(&d) < 1 || date_weekday(&d) > 7))
			__builtin_trap();
	amount_parse(text, size, '.', &x, &marks);
	amount_parse(text, size, ',', &x, &marks);
	arena_init(&a, (size_t)1 << 28);
	own_settings_init(&s);
	if (!yaml_parse(&a, text, size, "a", &root, &err))
		own_settings_read(&s, root, &a, &err);
	arena_clear(&a);
	return 0;
}
