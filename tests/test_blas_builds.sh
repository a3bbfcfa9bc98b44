#!/bin/sh
# Every learner gives the same bits with the serial, pthread and OpenMP builds
# of OpenBLAS, on one thread and on two.
# Of the release build alone: a sanitizer has seen the same fits once already.
. tests/tap.sh
[ "${BUILD_DIR:-build/release}" = build/release ] || { tap_done; exit; }
programs=build/release/tests/test_contract
triplet=$(cc -dumpmachine)
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
n=0
for build in serial pthread openmp; do
	dir=/usr/lib/$triplet/openblas-$build
	for threads in 1 2; do
		n=$((n + 1))
		name="the same bits with the $build build on $threads threads"
		if [ ! -e "$dir/libopenblas.so.0" ]; then
			echo "ok $n - $name # SKIP libopenblas0-$build is not installed"
			continue
		fi
		(LD_LIBRARY_PATH=$dir && export LD_LIBRARY_PATH &&
			"${programs}_learners" $threads && "${programs}_nets" $threads
		) >"$out/$build-$threads" 2>&1
		rc=$?
		[ -e "$out/first" ] || cp "$out/$build-$threads" "$out/first"
		if [ $rc -eq 0 ] && [ -s "$out/first" ] &&
			diff "$out/first" "$out/$build-$threads" >"$out/diff"; then
			echo "ok $n - $name ($(grep -c . "$out/first") cases)"
		else
			echo "not ok $n - $name"
			sed 's/^/# /' "$out/diff" | head -20
		fi
	done
done
echo "1..$n"
