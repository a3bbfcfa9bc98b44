/* Arrays in NumPy's .npy files, format 1.0, 2.0 and 3.0
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html):
 * a magic string, a Python dictionary of three keys, the values.
 *
 * Known types: f4 f8, i1 i2 i4 i8, u1 u2 u4 u8, b1; either byte order, C or
 * Fortran order. Records, texts, complex and half numbers are not, and objects
 * never will be: unpickling runs code.
 */
#ifndef TRIARCH_NPY_H
#define TRIARCH_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"

#define NPY_MAX_DIMS 8

struct npy {
	char kind;    /* 'f', 'i', 'u', 'b' */
	size_t width; /* bytes of a value */
	bool big;     /* big-endian */
	size_t dims;
	size_t size[NPY_MAX_DIMS];   /* (dims) */
	size_t stride[NPY_MAX_DIMS]; /* (dims) values from one to the next */
	size_t count;		     /* product of size; 1 without dimensions */
	const uint8_t *values;	     /* in the bytes given, without alignment */
};

/* Takes no memory. ERR_DATA: anything but a known header and exactly the values
 * that it promises. */
int npy_parse(struct npy *out, const uint8_t *data, size_t size, struct error *err);

/* The array as a table: rows along the first dimension, all others flattened to
 * columns in C order. Columns: 1 when there is one dimension. */
size_t npy_cols(const struct npy *x);

/* Where column j of row 0 is; row i is i * stride[0] further. */
size_t npy_place(const struct npy *x, size_t j);

/* The value at a place, below count. */
double npy_at(const struct npy *x, size_t place);

#endif
