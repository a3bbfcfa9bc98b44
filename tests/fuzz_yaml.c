/* libFuzzer on YAML: whatever the bytes are, the parser gives a tree whose
 * every node has a place and can be asked for anything, or an error with a
 * place. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "harness/base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		__builtin_trap();
}

/* Each of the typed readers gives a value in its range or an error. */
static void ask(const struct yaml *node)
{
	struct error err = { 0 };
	const char *text = NULL;
	int64_t whole = 0;
	double real = 0.0;
	bool flag = false;

	must(yaml_string(node, &text, &err) || text == node->text);
	must(yaml_int(node, -5, 5, &whole, &err) ||
	     (whole >= -5 && whole <= 5));
	must(yaml_real(node, 0.0, 1.0, &real, &err) ||
	     (real >= 0.0 && real <= 1.0));
	must(!yaml_bool(node, &flag, &err) || err.code == ERR_CONFIG);
}

/* A map finds each of its keys, so none stands in it twice. */
static void walk(const struct yaml *node)
{
	must(node->line > 0 && node->column > 0 && node->file);
	ask(node);
	for (size_t i = 0; i < node->n; i++) {
		walk(node->items[i]);
		if (node->kind == YAML_MAP)
			must(yaml_get(node, node->keys[i]->text) ==
			     node->items[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	struct yaml *root = NULL;
	struct arena a;
	int rc;

	arena_init(&a, (size_t)256 << 20);
	rc = yaml_parse(&a, (const char *)data, size, "f.yaml", &root, &err);
	if (rc)
		must(rc == ERR_MEMORY || !strncmp(err.text, "f.yaml:", 7));
	else
		walk(root);
	arena_clear(&a);
	return 0;
}
