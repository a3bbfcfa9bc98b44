#!/bin/sh
# Line coverage of the sources, from the counters of a BUILD=cov run.
# usage: coverage.sh BUILD_FOLDER
cd "$1" || exit 1
find obj -name '*.gcda' | while read -r f; do
	gcov -n -r -s "$(cd ../.. && pwd)" "$f" 2>/dev/null
done | awk '
	/^File/ { file = $2; gsub(/\x27/, "", file) }
	/^Lines executed/ && file ~ /\.c$/ {
		split($0, part, /[:% ]+/)
		pct = part[3]; n = part[5]
		if (pct * n > hit[file] * 100) hit[file] = pct * n / 100
		total[file] = n
	}
	END {
		for (f in total) {
			printf "%5.1f %% %6d lines  %s\n", 100 * hit[f] / total[f], total[f], f
			h += hit[f]; t += total[f]
		}
		printf "line coverage %.1f %% of %d lines\n", t ? 100 * h / t : 0, t
	}' | sort -n
