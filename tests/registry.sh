#!/bin/sh
# The registries of learners, readers, encoders and transforms, from file names.
# usage: registry.sh "LEARNERS" "READERS" "ENCODERS" "TRANSFORMS" "LEFT OUT"
# (C on standard output; left out: learners whose library is missing)
list() { # list KIND NAMES...: the declarations and the table of one kind
	kind=$1; shift
	n=0
	for name; do
		echo "extern const struct $kind ${kind}_$name;"
		n=$((n + 1))
	done
	echo "const struct $kind *const ${kind}_list[] = {"
	for name; do echo "	&${kind}_$name,"; done
	echo "	NULL,"
	echo "};"
	echo "const size_t ${kind}_list_n = $n;"
}
cat <<'C'
/* Made by tests/registry.sh; do not edit. */
#include "datasets/encode.h"
#include "datasets/reader.h"
#include "datasets/transform.h"
#include "learners/learner.h"

extern const struct learner *const learner_list[];
extern const struct reader *const reader_list[];
extern const struct encoder *const encoder_list[];
extern const struct transform *const transform_list[];
extern const size_t learner_list_n, reader_list_n, encoder_list_n, transform_list_n;
C
list learner $1
list reader $2
list encoder $3
list transform $4
echo "extern const char *const learner_left_out_list[];"
echo "const char *const learner_left_out_list[] = {"
for name in $5; do echo "	\"$name\","; done
echo "	NULL,"
echo "};"
