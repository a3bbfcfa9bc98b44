/* Debian packages, brought and unpacked without root. */
#ifndef TRIARCH_PACKAGE_H
#define TRIARCH_PACKAGE_H

#include <stdbool.h>

#include "harness/base/error.h"

/* `apt-get download` of a package into the folder `temp` (which exists), or
 * its .deb from the folder `mirror` when that is not NULL and has one; then
 * unpacked under `temp`/tree. With `offline` only the mirror is looked at.
 * ERR_MISSING when there is no such package or no way to it, with apt's own
 * words and the cure; ERR_IO. */
int package_unpack(const char *package, const char *mirror, bool offline,
		   const char *temp, struct error *err);

#endif
