/* What a post on Usenet gives away besides its text.
 */
#ifndef TRIARCH_USENET_H
#define TRIARCH_USENET_H

#include <stddef.h>

enum usenet_part {
	/* From the top to the first empty line. Newsgroups and Subject name the
	 * group outright; From and Organization name people who post in one. */
	USENET_HEADERS = 1 << 0,
	/* Lines that start with > or |, and those that introduce them ("X
	 * writes:", "In article <...>"): the quoted post may be in the other
	 * part, and the names are those of a group's regulars. */
	USENET_QUOTES = 1 << 1,
	/* The last block behind an empty line or a line of dashes: a signature,
	 * the same below every post of its author. */
	USENET_FOOTERS = 1 << 2,
};

/* Strip parts (bits) off a post in place; the new size, with a NUL behind it.
 * The rules are the usual ones for 20 Newsgroups (those of scikit-learn's
 * fetch_20newsgroups(remove=...)), but that a post without any empty line keeps
 * all its text. */
size_t usenet_strip(char *text, size_t size, unsigned parts);

#endif
