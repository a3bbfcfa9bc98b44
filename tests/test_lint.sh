#!/bin/sh
# The house rules as a test.
make -s --no-print-directory lint >"${TMPDIR:-/tmp}/lint.$$" 2>&1
rc=$?
sed 's/^/# /' "${TMPDIR:-/tmp}/lint.$$"
rm -f "${TMPDIR:-/tmp}/lint.$$"
[ $rc -eq 0 ] && echo "ok 1 - lint: the house rules hold" ||
	echo "not ok 1 - lint: the house rules hold"
echo "1..1"
