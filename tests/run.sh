#!/bin/sh
# Run test programs (TAP on their standard output), JOBS at a time, and count their
# promises.
# usage: run.sh PROGRAM...     last line: N passed, N failed, N skipped
# Tests run four threads on whatever there is: spinning threads would only take
# processors from those they wait for.
: "${GOMP_SPINCOUNT:=100}"
export GOMP_SPINCOUNT

one() { # one DIRECTORY PROGRAM: its verdict, and a file of its counts
	log=$(mktemp "$1/log.XXXXXX") || exit 1
	began=$(date +%s)
	case $2 in *.sh) sh "$2" ;; *) "$2" ;; esac >"$log" 2>"$log.err" </dev/null
	rc=$?
	took=$(($(date +%s) - began))
	good=$(grep -c '^ok' "$log"); skips=$(grep -c '^ok .*# SKIP' "$log")
	bad=$(grep -c '^not ok' "$log")
	# A program that dies, or stops before its plan line, is a failure.
	if [ "$bad" -eq 0 ] && { [ $rc -ne 0 ] || ! grep -q '^1\.\.' "$log"; }; then
		bad=1
		echo "not ok - $2 ended with $rc before its plan" >>"$log"
	fi
	if [ "$bad" -gt 0 ]; then
		echo "FAIL $2"
		grep -A3 '^not ok' "$log" | head -40
		tail -n 15 "$log.err"
	else
		echo "ok   $2 ($good, $took s)"
	fi >"$log.out"
	grep '^ok .*# SKIP' "$log" | sed 's/^/     /' >>"$log.out"
	cat "$log.out" # one write: programs that end together do not mix their lines
	echo "$((good - skips)) $bad $skips" >"$log.count"
}

if [ "$1" = --one ]; then
	one "$2" "$3"
	exit
fi
logs=$(mktemp -d) || exit 1
trap 'rm -rf "$logs"' EXIT
printf '%s\n' "$@" |
	xargs -P "${JOBS:-$(nproc)}" -n 1 sh "$0" --one "$logs"
cat "$logs"/*.count | awk -v programs=$# '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		failed += programs - NR # one that could not even be counted
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed > 0
	}'
