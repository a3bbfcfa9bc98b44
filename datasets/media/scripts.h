/* Scripts by their blocks of Unicode. */
#ifndef TRIARCH_SCRIPTS_H
#define TRIARCH_SCRIPTS_H

#include <stddef.h>
#include <stdint.h>

/* One block of a script; a script of several has several rows in sequence. */
struct script_block {
	const char *script;
	uint32_t first, last; /* code points, both included */
};

/* All blocks known, by code point of each script's first. */
const struct script_block *script_blocks(size_t *n);

#endif
