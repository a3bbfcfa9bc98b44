/* The binary version of CIFAR-10 and CIFAR-100
 * (https://www.cs.toronto.edu/~kriz/cifar.html): records of 1 or 2 label bytes
 * (coarse, fine) and 32 x 32 pixels, as a red, a green and a blue plane. There is
 * no header: the size of a file and the range of its labels are all that can be
 * checked, so both are.
 */
#ifndef TRIARCH_CIFAR_H
#define TRIARCH_CIFAR_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"

#define CIFAR_CHANNELS 3
#define CIFAR_SIDE     32
#define CIFAR_PIXELS   ((size_t)CIFAR_CHANNELS * CIFAR_SIDE * CIFAR_SIDE)

struct cifar_form {
	size_t label_bytes; /* 1 or 2 */
	size_t label_at;    /* which of them is the label, from 0 */
	size_t classes;	    /* labels are below it */
};

struct cifar {
	size_t n;
	struct cifar_form form;
	const uint8_t *data; /* (n, label_bytes + pixels), the bytes given */
};

/* Takes no memory. ERR_DATA with the record's number and its byte. */
int cifar_parse(struct cifar *out, const uint8_t *data, size_t size,
		const struct cifar_form *form, struct error *err);

/* Copy all records: label (n), pixels (n, channels, side, side). */
void cifar_copy(const struct cifar *c, int32_t *label, uint8_t *pixels);

#endif
