/* libFuzzer: any bytes as a CIFAR file give labels below the classes and every
 * pixel, or an error with words. Two bytes choose the form. */
#include <stdlib.h>
#include <string.h>

#include "datasets/formats/cifar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct cifar *c)
{
	int32_t *label = malloc(c->n * sizeof(*label));
	uint8_t *pixels = malloc(c->n * CIFAR_PIXELS);

	if (!label || !pixels)
		abort();
	cifar_copy(c, label, pixels);
	for (size_t i = 0; i < c->n; i++)
		if (label[i] < 0 || (size_t)label[i] >= c->form.classes)
			abort();
	if (memcmp(pixels + (c->n - 1) * CIFAR_PIXELS,
		   c->data + c->n * (c->form.label_bytes + CIFAR_PIXELS) - CIFAR_PIXELS,
		   CIFAR_PIXELS))
		abort();
	free(label);
	free(pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cifar_form form = { .label_bytes = 1, .classes = 10 };
	struct error err = { 0 };
	struct cifar c;

	if (size < 2)
		return 0;
	if (data[0] & 1)
		form = (struct cifar_form){ .label_bytes = 2,
					    .label_at = data[0] >> 1 & 1,
					    .classes = 1 + (size_t)data[1] };
	/* Mutators hardly meet a length: the last bytes may go. */
	if (data[0] & 4 && size > 2 + CIFAR_PIXELS + form.label_bytes)
		size -= (size - 2) % (CIFAR_PIXELS + form.label_bytes);
	if (!cifar_parse(&c, data + 2, size - 2, &form, &err))
		check(&c);
	else if (!err.text[0])
		abort();
	return 0;
}
