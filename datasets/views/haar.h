/* Random rotations, drawn uniformly from SO(d): twins of tables take one, and
 * whoever splits along axes has no axes left.
 *
 * Stewart 1980 ("The efficient generation of random orthogonal matrices",
 * SIAM J. Numer. Anal. 17): the Householder QR of a Gaussian matrix, without
 * the matrix; signs as in Mezzadri 2007 ("How to generate random matrices from
 * the classical compact groups", Notices of the AMS 54), without which the law
 * is not uniform.
 */
#ifndef TRIARCH_HAAR_H
#define TRIARCH_HAAR_H

#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/rng.h"

struct haar {
	size_t d;
	double *q; /* (d, d) orthogonal, determinant +1 */
};

/* The rotation of the stream `r`; 4/3 d^3 flops, on one thread. d = 1 is the
 * identity. ERR_MEMORY. */
int haar_init(struct haar *h, size_t d, struct rng r, struct arena *a,
	      struct error *err);

/* y = x Q and x = y Q' for n rows of d; the arrays must not overlap. A row's bits
 * depend on that row alone, neither on the threads nor on the other rows. */
void haar_rotate(const struct haar *h, int threads, const double *x, size_t n,
		 double *y);
void haar_restore(const struct haar *h, int threads, const double *y, size_t n,
		  double *x);

#endif
