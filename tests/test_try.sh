#!/bin/sh
# triarch try: one fit, on files and on the catalogue; what is wrong is said,
# and the exit code says what kind of wrong it was.
. tests/tap.sh
triarch=${BUILD_DIR:-build/release}/triarch
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# a class that follows from x; a gap in color; a quoted comma
awk 'BEGIN { print "x,color,y"; for (i = 0; i < 120; i++)
	printf "%d,%s,%s\n", i, i % 3 ? "red" : (i % 2 ? "\"re,d\"" : ""),
	       i < 60 ? "low" : "high" }' >"$tmp/train.csv"
cp "$tmp/train.csv" "$tmp/test.csv"

try() { "$triarch" try "$@" --threads 1 >"$tmp/out" 2>"$tmp/err"; }
files() { # files LEARNER [OPTION...]
	l=$1; shift
	try "$l" --train "$tmp/train.csv" --test "$tmp/test.csv" --target y "$@"
}
code() { # code WANTED COMMAND...
	want=$1; shift
	"$@"; rc=$?
	[ $rc -eq "$want" ] || { cat "$tmp/err" >&2; false; }
}
said() { grep -q -- "$1" "$tmp/err"; }
has() { grep -q -- "$1" "$tmp/out"; }

# ------------------------------------------------------------- files
ok "a fit on files succeeds" code 0 files gbdt --format json
for key in metrics accuracy prepare_s fit_s fit_cpu_s predict_s peak_rss_mb \
	status pred_sha256 n_train view steps; do
	ok "the answer has '$key'" has "\"$key\""
done
ok "all rows of the file are fitted" has '"n_train": 120'
ok "predictions are written" code 0 files gbdt --predictions "$tmp/p.csv"
ok "one line a row, and a header" [ "$(wc -l <"$tmp/p.csv")" -eq 121 ]
ok "early stopping by name keeps rows back" code 0 files 'mlp[patience=3]' --format json
ok "a tenth of them" has '"n_valid": 12'
ok "a regression on request" code 0 try gbdt --train "$tmp/train.csv" \
	--test "$tmp/test.csv" --target x --task regression
ok "with its metrics" has '^r2 '
for learner in $("$triarch" list learners --format csv 2>/dev/null | sed 1d | cut -d, -f1); do
	files "$learner" --budget 5; rc=$?
	if grep -q "no view of tabular" "$tmp/err"; then
		ok "$learner says that it does not do tables" [ $rc -eq 1 ]
	else
		ok "$learner fits a table with gaps and quoted commas" [ $rc -eq 0 ]
	fi
done

# ------------------------------------------------------------- wrong input
ok "no learner: usage" code 2 try
ok "unknown learner: usage" code 2 files gbtd
ok "with a hint" said "did you mean 'gbdt'"
ok "unknown parameter: usage" code 2 files 'gbdt[round=3]'
ok "with a hint" said "did you mean 'rounds'"
ok "a parameter out of range: usage" code 2 files 'gbdt[rounds=0]'
ok "unknown option: usage" code 2 files gbdt --sed 3
ok "unknown data set: usage" code 2 try gbdt -d leter
ok "with a hint" said "did you mean 'letter'"
ok "files and data set at once: usage" code 2 files gbdt -d letter
ok "a missing target: usage" code 2 try gbdt --train "$tmp/train.csv" \
	--test "$tmp/test.csv" --target z
ok "a text target in regression: usage" code 2 files gbdt --task regression
printf 'x,y\n1,a\n2\n' >"$tmp/ragged.csv"
ok "ragged rows: usage" code 2 try gbdt --train "$tmp/ragged.csv" \
	--test "$tmp/test.csv" --target y
ok "with the line" said 'ragged.csv:3'
: >"$tmp/empty.csv"
ok "an empty file: usage" code 2 try gbdt --train "$tmp/empty.csv" \
	--test "$tmp/test.csv" --target y
printf 'x,y\n1,a\n2,a\n' >"$tmp/one.csv"
ok "one class only: usage" code 2 try gbdt --train "$tmp/one.csv" \
	--test "$tmp/one.csv" --target y
ok "a file that is not there: 1" code 1 try gbdt --train "$tmp/nix.csv" \
	--test "$tmp/test.csv" --target y
ok "an unknown verb: usage" code 2 sh -c "'$triarch' tri 2>'$tmp/err'"
ok "with a hint" said "did you mean 'try'"

# ------------------------------------------------------------- limits
if "$triarch" try constant -d letter --offline -q >/dev/null 2>&1; then
	ok "the wall-clock limit" code 1 try 'gbdt[rounds=100000]' -d letter --limit 1
	ok "is the status 'timeout'" has '^status *timeout'
	ok "the memory limit" code 1 try 'gbdt[rounds=50]' -d letter --memory 8
	ok "is the status 'oom'" has '^status *oom'
	ok "with figures" has '^message .* 8 MiB'
	ok "a forecast above the limit" code 1 try krr -d letter --memory 200
	ok "is the status 'unsupported'" has '^status *unsupported'
	ok "with what it takes and what there is" has 'takes .* MiB .* limit of 200 MiB'
	ok "-d NAME[n=N] fits N rows" code 0 try constant -d 'letter[n=500]' --format json
	ok "and says so" has '"n_train": 500'
	ok "more rows than there are: usage" code 2 try constant -d 'letter[n=99999]'
else
	skip "limits" "data of letter (triarch fetch letter)"
fi
ok "data that is not there, offline: 3" code 3 try constant -d letter \
	--offline --cache "$tmp/cache"
tap_done
