#!/bin/sh
# The second compiler, and the whole suite under the address and undefined
# sanitizers at once: minutes of work, so only where CI=true asks for it.
. tests/tap.sh
[ "${BUILD_DIR:-build/release}" = build/release ] || { tap_done; exit; }

# A make of our own: not a part of the one that runs the tests.
build() { env -u MAKEFLAGS -u MFLAGS make -s --no-print-directory "$@" >"$log" 2>&1; }
clean() { build CI=1 "$@" && ! [ -s "$log" ]; }
promise() { # promise NAME COMMAND...: as ok, and the log's end when it fails
	name=$1; shift
	if "$@"; then
		ok "$name" true
	else
		ok "$name" false
		{ grep -A3 '^FAIL' "$log" || tail -n 20 "$log"; } | sed 's/^/# /' | head -n 40
	fi
}
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

if [ -z "$CI" ]; then
	skip "clang, asan" "CI=true (or make CC=clang B=build/clang, make asan)"
	tap_done
	exit
fi
if command -v clang >/dev/null; then
	promise "clang compiles everything without a warning" clean CC=clang \
		B=build/clang build/clang/libtriarch.a build/clang/obj/harness/main.o
else
	skip "clang compiles everything" "clang"
fi
promise "every test passes under the address and undefined sanitizers" build asan
tap_done
