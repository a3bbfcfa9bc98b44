/* An entry of the catalogue is written once and read for years: whatever could be
 * meant in two ways is refused here, before a file is opened. */
#include "datasets/media/filing_rule.h"

#include <string.h>

#define MAX_FIELD 15
#define NO_FIELD -1

/* "folder" is the only word so far; it is written out so that an entry of the
 * catalogue can be read without this file. */
static int read_folder_word(const struct yaml *o, const char *key, bool *set,
			    struct error *err)
{
	const char *word = NULL;
	int rc = yaml_get_string(o, key, &word, err);

	if (!rc && word && strcmp(word, "folder"))
		return yaml_error(yaml_get(o, key), err, "'%s' is not 'folder'; "
				  "for a part of the name there is '%s_field'",
				  word, key);
	*set = word != NULL;
	return rc;
}

/* Whether files have such a field is found later, with the name of the file. */
static int read_fields(const struct yaml *o, struct filing_rule *r,
		       struct error *err)
{
	const struct {
		const char *key;
		int64_t *to;
	} fields[] = { { "label_field", &r->label_field },
		       { "group_field", &r->group_field },
		       { "fold_field", &r->fold_field },
		       { "official_field", &r->official_field } };
	int rc = 0;

	for (size_t k = 0; k < 4 && !rc; k++)
		rc = yaml_get_int(o, fields[k].key, 0, MAX_FIELD, fields[k].to,
				  err);
	return rc;
}

/* The keys of `labels` are the classes, in their order. */
static int read_labels(const struct yaml *o, struct arena *a,
		       struct filing_rule *r, struct error *err)
{
	const char **names;

	r->labels = yaml_get(o, "labels");
	if (!r->labels)
		return 0;
	if (r->labels->kind != YAML_MAP)
		return yaml_error(r->labels, err, "'labels' is a map from each "
				  "class to a list of texts");
	if (r->n_classes)
		return yaml_error(r->labels, err, "'labels' names the classes "
				  "already; leave out 'classes'");
	names = ARENA_NEW(a, const char *, r->labels->n);
	if (!names)
		return arena_error(a, err);
	for (size_t c = 0; c < r->labels->n; c++) {
		const char *const *texts;
		size_t n;
		int rc = yaml_get_strings(a, r->labels, r->labels->keys[c]->text,
					  &texts, &n, err);

		if (rc)
			return rc;
		names[c] = r->labels->keys[c]->text;
	}
	r->classes = names;
	r->n_classes = r->labels->n;
	return 0;
}

/* Two answers to one question are a mistake, not a preference. */
static int check_rule(const struct yaml *o, const struct filing_rule *r,
		      bool label_folder, struct error *err)
{
	if (label_folder + (r->label_field >= 0) + (r->labels != NULL) > 1)
		return yaml_error(o, err, "of 'label', 'label_field' and "
				  "'labels' only one can be");
	if (r->group_folder && r->group_field >= 0)
		return yaml_error(o, err, "of 'group' and 'group_field' only one "
				  "can be");
	if (r->fold_folder && r->fold_field >= 0)
		return yaml_error(o, err, "of 'fold' and 'fold_field' only one "
				  "can be");
	if ((r->official_field >= 0) != (r->n_test_values > 0))
		return yaml_error(o, err, "'official_field' and 'test_values' go "
				  "together");
	if (!*r->separator)
		return yaml_error(yaml_get(o, "separator"), err, "the separator "
				  "is empty");
	return 0;
}

/* Everything starts as absent (NO_FIELD), since 0 is a field like others. */
int filing_rule_read(const struct yaml *o, struct arena *a,
		     struct filing_rule *r, struct error *err)
{
	bool label_folder = false;
	int rc;

	*r = (struct filing_rule){ NO_FIELD, NO_FIELD, NO_FIELD, NO_FIELD, 1,
				   .separator = "_" };
	rc = read_folder_word(o, "label", &label_folder, err);
	if (!rc)
		rc = read_folder_word(o, "group", &r->group_folder, err);
	if (!rc)
		rc = read_folder_word(o, "fold", &r->fold_folder, err);
	if (!rc)
		rc = read_fields(o, r, err);
	if (!rc)
		rc = yaml_get_string(o, "separator", &r->separator, err);
	if (!rc)
		rc = yaml_get_strings(a, o, "test_values", &r->test_values,
				      &r->n_test_values, err);
	if (!rc)
		rc = yaml_get_strings(a, o, "classes", &r->classes,
				      &r->n_classes, err);
	if (!rc)
		rc = yaml_get_int(o, "min_class", 1, 1000000, &r->min_class, err);
	if (!rc)
		rc = read_labels(o, a, r, err);
	return rc ? rc : o ? check_rule(o, r, label_folder, err) : 0;
}
