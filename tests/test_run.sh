#!/bin/sh
# triarch run and plan through the program: wrong suites are named to the column,
# tuning leaves its trials behind, what is asked again is told from what is new.
. "$(dirname "$0")/cli_lib.sh"
suites=$dir/s.yaml

# wrong WORDS LINE:COLUMN PROMISE, with the file on stdin
wrong() {
	cat >"$suites"
	t run -s s --suites "$suites" --offline
	ok "$3: usage" code 2
	ok "$3: $1" err "$1"
	ok "$3: the place is named" err "s.yaml:$2:"
}
wrong "did you mean 'repeats'" 3:5 "an unknown key" <<'Y'
suites:
  s:
    repeat: 3
    tasks: [letter]
    learners: [constant]
Y
wrong "did you mean 'letter'" 3:13 "an unknown task" <<'Y'
suites:
  s:
    tasks: [leter]
    learners: [constant]
Y
wrong "did you mean 'gbdt'" 4:26 "an unknown learner" <<'Y'
suites:
  s:
    tasks: [letter]
    learners: [constant, gbtd]
Y
wrong "did you mean 'rounds'" 4:16 "an unknown parameter" <<'Y'
suites:
  s:
    tasks: [letter]
    learners: ["gbdt[round=3]"]
Y
wrong "three" 3:14 "a word where a number belongs" <<'Y'
suites:
  s:
    repeats: three
    tasks: [letter]
    learners: [constant]
Y
wrong "10s" 3:14 "a number with a unit" <<'Y'
suites:
  s:
    limit_s: 10s
    tasks: [letter]
    learners: [constant]
Y
wrong "tasks" 3:12 "a word where a list belongs" <<'Y'
suites:
  s:
    tasks: letter
    learners: [constant]
Y
wrong "has no 'tasks'" 3:5 "a suite without tasks" <<'Y'
suites:
  s:
    learners: [constant]
Y
wrong "stands here twice" 5:3 "two suites of one name" <<'Y'
suites:
  s:
    tasks: [letter]
    learners: [constant]
  s:
    tasks: [letter]
    learners: [constant]
Y
wrong "" 3:1 "no YAML at all" <<'Y'
suites:
  s: [
Y
ok "none of them made a results folder" no test -e "$dir/results"
t run -s s --suites "$dir/nix.yaml"
ok "suites that are not there: 1" code 1
ok "suites that are not there: named" err "$dir/nix.yaml"
t run
ok "run without a suite: usage" code 2
t run -s quikc
ok "an unknown suite: usage" code 2
ok "an unknown suite: with a hint" err "did you mean 'quick'"
t run -s quick -d leter
ok "a task that the suite lacks: usage" code 2
ok "a task that the suite lacks: with a hint" err "did you mean 'letter'"
t run -s quick -m tabulr
ok "an unknown modality: usage" code 2
t run -s quick -j 0
ok "no cell at a time: usage" code 2
t run -s quick --trials 0
ok "no trial: usage" code 2
t run -s quick -d letter -l constant --offline --cache "$dir/cache"
ok "data that is not there, offline: 3" code 3
ok "data that is not there: named" err "letter"

cat >"$suites" <<'Y'
defaults: {threads: 1, limit_s: 60, memory_mb: 2000}
suites:
  s:
    repeats: 2
    tasks: ["letter[n=300]"]
    learners: [constant, "gbdt[rounds=5]", "krr"]
  tight:
    memory_mb: 150
    tasks: ["letter[n=9000]"]
    learners: [krr, constant]
Y
s() { verb=$1; shift; t "$verb" --suites "$suites" --offline "$@"; }
rows() { find "$dir/results/cells" -name '*.json' | wc -l; }
has_rows() { [ "$(rows)" -eq "$1" ] || { rows; false; }; }
row() { # rows hold no line end
	for file in "$dir"/results/cells/*/*.json; do
		cat "$file"
		echo
	done | grep "\"learner\":\"$1\""
}

s plan -s s -l krr --format json
ok "plan: a learner's forecast of bytes" each '"forecast_bytes"' ': [1-9]'
ok "plan: and of operations" each '"forecast_flops"' ': [1-9]'
s plan -s s -l constant --format json
ok "plan: none where the learner makes none" each '"forecast_bytes"' 'null'
s plan -s s
ok "plan: in the table" out ' MiB  *Gflop  *state$'
ok "plan: without a store all is to do" out '^6 cells, 6 to do'

if ! "$triarch" try constant -d letter --offline -q >/dev/null 2>&1; then
	echo "ok $((run += 1)) - rows # SKIP data of letter (triarch fetch)"
	finish
fi

# ------------------------------------------------- what is there is not done again
s run -s s -j 2
ok "two cells at a time: well" code 0
ok "two cells at a time: all rows" has_rows 6
ok "nothing goes to stdout" no test -s "$dir/out"
ok "a log without a terminal has plain lines" no err "$(printf '\r\\|\033')"
ok "one a cell" [ "$(grep -c '^\[ *[0-9]*/6\] letter' "$dir/err")" -eq 6 ]
s run -s s
ok "again: all reused" err '6 reused, 0 ran'
s run -s s -q
ok "-q: not a word" no test -s "$dir/err"
s run -s s -l 'gbdt[rounds=5]'
ok "a parameter as it was: reused" err '2 reused, 0 ran'
s run -s s -l 'gbdt[rounds=6]'
ok "a parameter changed: new cells" err '0 reused, 2 ran'
ok "beside the old ones" has_rows 8
s run -s s -l constant --force
ok "--force runs again" err '0 reused, 2 ran again'
ok "as a repetition" has_rows 10
ok "numbered" [ "$(row constant | grep -c '"repetition":1')" -eq 2 ]
s plan -s s
ok "plan: the rows are seen" count 6 ' ok$'

# ------------------------------------------------- tuning
s run -s s -l 'gbdt[rounds=5]' --trials 3
ok "a search is another question" err '0 reused, 2 ran'
tuned=$(row gbdt | grep '"trials":3' | head -1)
ok "its row has every trial" \
	[ "$(echo "$tuned" | grep -o '"cpu_s":[^,]*,"params"' | wc -l)" -eq 3 ]
ok "trial 0 is what was asked for" sh -c \
	"echo '$tuned' | grep -o '\"log\":.*' | grep -q '^[^}]*\"rounds\":5[,}]'"
python=$(command -v python3)
if [ "$python" ]; then
	ok "the validation score alone chose the best" python3 -c '
import json, sys
r = json.loads(sys.argv[1]); t = r["tuning"]; log = t["log"]
scores = [x["score"] for x in log]
assert t["best"] == scores.index(max(scores)), t
assert t["valid_score"] == max(scores) == r["valid"]["accuracy"]
assert r["params"] == log[t["best"]]["params"]' "$tuned"
else
	echo "ok $((run += 1)) - the best trial # SKIP python3"
fi
s plan -s s -l 'gbdt[rounds=5]' --trials 3
ok "plan --trials sees the search's rows" count 2 ' ok$'
"$triarch" try 'gbdt[rounds=5]' -d 'letter[n=300]' --trials 3 --threads 1 \
	--format json >"$dir/out" 2>"$dir/err"
ok "try --trials has them too" out '"valid_score"'

# ------------------------------------------------- cells that fail
s run -s tight
ok "a failed cell: 1" code 1
ok "a failed cell: what went wrong" err 'krr.* unsupported: krr takes .* MiB'
ok "the others run" err 'constant.* accuracy'
ok "the count of rows that are not ok" err '1 rows not ok'
before=$(rows)
s run -s tight
ok "its row is an answer, too" err '2 reused, 0 ran'
ok "that still counts" code 1
s run -s tight --retry
ok "--retry runs what is not ok" err '1 reused, 1 ran'
ok "as a repetition of it" has_rows $((before + 1))

# ------------------------------------------------- damaged files
file=$(find "$dir/results/cells" -name '*.json' | xargs grep -l '"learner":"krr"' |
	xargs grep -l '"n_train":300' | head -1)
echo '{"half' >"$file"
rm -f "$dir"/results/index.sqlite*
before=$(rows)
s run -s s
ok "a damaged row is named" err "$(basename "$file")"
ok "and its cell run again" err '5 reused, 1 ran'
ok "beside it" has_rows $((before + 1))
s run -s s
ok "once" err '6 reused, 0 ran'

# one damaged file in a cache of its own, which has nothing but this package
cache=$dir/cache package=${XDG_CACHE_HOME:-$HOME/.cache}/triarch/packages/r-cran-mlbench
mkdir -p "$cache/packages"
cp -r "$package" "$cache/packages/"
fit() {
	"$triarch" try gbdt -d 'letter[n=300]' --threads 1 --offline \
		--cache "$cache" --format json >"$dir/out" 2>"$dir/err"
	rc=$?
}
digest() { grep '"pred_sha256"' "$dir/out"; }
fit
whole=$(digest)
answered() { # as before: the file is made again
	[ "$rc" -eq 0 ] && [ "$(digest)" = "$whole" ]
}
for kind in items views; do
	file=$(echo "$cache/$kind"/[0-9a-f]*)
	[ $kind = items ] && rm -r "$cache/views"
	truncate -s 3000 "$file"
	fit
	ok "a cut file of $kind is no data" answered
	[ $kind = items ] && rm -r "$cache/views"
	printf 'XXXX' | dd of="$file" bs=1 seek=64 conv=notrunc 2>/dev/null
	fit
	ok "nor is one of $kind with another header" answered
done
rm -r "$cache/items" "$cache/views"
find "$cache/packages" -name 'Letter*' -exec truncate -s 3000 {} +
fit
ok "a cut file of the package, offline: no fit" no code 0
ok "and no prediction" no out pred_sha256
ok "the data set is named" err letter

# ------------------------------------------------- places
: >"$dir/file"
"$triarch" run -s s --suites "$suites" --offline -o "$dir/file/r" 2>"$dir/err"
rc=$?
ok "a results folder below a file: 1" code 1
ok "a results folder below a file: named" err "$dir/file/r"
finish
