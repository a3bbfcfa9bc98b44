#!/bin/sh
# Run each fuzzer for some seconds.   usage: fuzz.sh SECONDS FUZZER...
seconds=$1; shift
rc=0
for f; do
	corpus=$(mktemp -d) || exit 1
	if "$f" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 \
		-artifact_prefix="$(dirname "$f")/" "$corpus" >"$f.log" 2>&1; then
		echo "clean $f: $(grep -c . "$f.log") log lines, $(ls "$corpus" | wc -l) inputs kept"
	else
		echo "FOUND $f: see $f.log"; rc=1
	fi
	rm -rf "$corpus"
done
exit $rc
