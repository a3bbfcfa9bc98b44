#!/bin/sh
# Run test programs (TAP on their standard output) and count their promises.
# usage: run.sh PROGRAM...     last line: N passed, N failed, N skipped
# Tests run four threads on whatever there is: spinning threads would only take
# processors from those they wait for.
: "${GOMP_SPINCOUNT:=100}"
export GOMP_SPINCOUNT
passed=0 failed=0 skipped=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
for t; do
	case $t in *.sh) sh "$t" ;; *) "$t" ;; esac >"$log" 2>"$log.err" </dev/null
	rc=$?
	good=$(grep -c '^ok' "$log"); skips=$(grep -c '^ok .*# SKIP' "$log")
	bad=$(grep -c '^not ok' "$log")
	# A program that dies, or stops before its plan line, is a failure.
	if [ "$bad" -eq 0 ] && { [ $rc -ne 0 ] || ! grep -q '^1\.\.' "$log"; }; then
		bad=1
		echo "not ok - $t ended with $rc before its plan" >>"$log"
	fi
	passed=$((passed + good - skips)); failed=$((failed + bad))
	skipped=$((skipped + skips))
	if [ "$bad" -gt 0 ]; then
		echo "FAIL $t"
		grep -A3 '^not ok' "$log" | head -40
		tail -n 15 "$log.err"
	else
		echo "ok   $t ($good)"
	fi
	grep '^ok .*# SKIP' "$log" | sed 's/^/     /'
	rm -f "$log.err"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
