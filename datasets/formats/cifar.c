/* A file of another kind whose size happens to fit is caught by its labels: of
 * random bytes one in 25 is below 10. */
#include "datasets/formats/cifar.h"

#include <string.h>

/* Labels first, then 3 planes of 32 x 32: the same size in every record. */
static size_t record_size(const struct cifar_form *form)
{
	return form->label_bytes + CIFAR_PIXELS;
}

/* No alignment is promised: a record is 3073 or 3074 bytes. */
static const uint8_t *record(const struct cifar *c, size_t i)
{
	return c->data + i * record_size(&c->form);
}

/* A cut file and the wrong number of labels look alike from the size alone,
 * hence both in one message. Places count from 1 for people, bytes from 0 for
 * editors. */
int cifar_parse(struct cifar *out, const uint8_t *data, size_t size,
		const struct cifar_form *form, struct error *err)
{
	size_t bytes = record_size(form);

	*out = (struct cifar){ .n = size / bytes, .form = *form, .data = data };
	if (!size || size % bytes)
		return error_set(err, ERR_DATA,
				 "%zu bytes are no whole number of records of %zu bytes: "
				 "cut short, or with another number of label bytes",
				 size, bytes);
	for (size_t i = 0; i < out->n; i++) {
		size_t label = record(out, i)[form->label_at];

		if (label >= form->classes)
			return error_set(err, ERR_DATA,
					 "record %zu (byte %zu): the label %zu is not "
					 "below %zu, the number of classes",
					 i + 1, i * bytes + form->label_at, label,
					 form->classes);
	}
	return 0;
}

/* The planes are in the order of the items already. */
void cifar_copy(const struct cifar *c, int32_t *label, uint8_t *pixels)
{
	for (size_t i = 0; i < c->n; i++) {
		const uint8_t *r = record(c, i);

		label[i] = r[c->form.label_at];
		memcpy(pixels + i * CIFAR_PIXELS, r + c->form.label_bytes, CIFAR_PIXELS);
	}
}
