/* The nearest name, for messages. The distance counts a swap of neighbours as
 * one mistake and not two, because "gbtd" is what fingers do. A table of all
 * prefixes is enough: names are short and looked for once a mistake.
 */
#include "harness/base/suggest.h"

#include <stdio.h>
#include <string.h>

#define LONGEST 48 /* longer words are not compared: nobody mistypes those */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: insert, delete, replace, swap neighbours. */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	size_t d[LONGEST + 1][LONGEST + 1];

	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			best = smaller(best, d[i - 1][j] + 1);
			best = smaller(best, d[i][j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				best = smaller(best, d[i - 2][j - 2] + 1);
			d[i][j] = best;
		}
	}
	return d[n][m];
}

/* A third of the letters may be wrong, and one more for short words; beyond
 * that a suggestion is noise. Of equals the first in the list wins. */
const char *suggest_nearest(const char *word, const char *const *names, size_t n)
{
	size_t best = strlen(word) / 3 + 2;
	const char *found = NULL;

	if (strlen(word) > LONGEST)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t d;

		if (strlen(names[i]) > LONGEST)
			continue;
		d = distance(word, names[i]);
		if (d < best) {
			best = d;
			found = names[i];
		}
	}
	return found;
}

const char *suggest_text(const char *word, const char *const *names, size_t n,
			 char *out, size_t size)
{
	const char *near = suggest_nearest(word, names, n);

	if (near)
		snprintf(out, size, " (did you mean '%s'?)", near);
	else
		out[0] = '\0';
	return out;
}
