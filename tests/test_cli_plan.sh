#!/bin/sh
# plan, and the cell that a run would start: what they promise without any data
# and without a store.
. "$(dirname "$0")/cli_lib.sh"

cat >"$dir/suites.yaml" <<'YAML'
suites:
  tiny:
    summary: two tasks and two learners
    repeats: 3
    tasks:
      - letter[n=300]
      - fashion-mnist
    learners: [constant, linear]
YAML
s="--suites $dir/suites.yaml --cache $dir/cache"

t $s plan -s tiny
ok "plan: needs neither data nor rows" code 0
ok "plan: a line a cell" count 12 ' to do$'
ok "plan: and what they come to" out '^12 cells, 12 to do: 0 s expected, not'
ok "plan: rows fitted on, or all" each '^fashion-mnist ' ' all '
ok "plan: makes no results folder" no test -e "$dir/results"
ok "plan: and no cache" no test -e "$dir/cache"
cp "$dir/out" "$dir/before"
t $s plan -s tiny
ok "plan: the order is the same each time" cmp "$dir/out" "$dir/before"

t $s plan -s tiny --format json
for key in task modality learner view n repeat seed key done state; do
	ok "plan: JSON has $key" count 12 "\"$key\": "
done
ok "plan: nothing is done" count 12 '"done": false'
grep '"key"' "$dir/out" | sort >"$dir/keys"
ok "plan: no two keys are the same" \
	test "$(sort -u "$dir/keys" | wc -l)" -eq 12
t $s plan -s tiny -d letter -l linear --format json
grep '"key"' "$dir/out" | sort >"$dir/some"
ok "plan: -d and -l leave three cells" test "$(wc -l <"$dir/some")" -eq 3
ok "plan: with the keys that they had" \
	test "$(comm -12 "$dir/some" "$dir/keys" | wc -l)" -eq 3
t $s plan -s tiny -d letter -l linear --trials 5 --format json
grep '"key"' "$dir/out" | sort >"$dir/tuned"
ok "plan: with --trials they have others" \
	test "$(comm -12 "$dir/tuned" "$dir/keys" | wc -l)" -eq 0
t $s plan -s tiny -m image
ok "plan: -m narrows to a modality" count 6 '^fashion-mnist '
t $s plan -s tiny -m text
ok "plan: nothing to do is no failure" code 0
ok "plan: and is said" out '^0 cells, 0 to do'

t $s plan
ok "plan: needs a suite" code 2
ok "plan: and says how to find one" err 'triarch list suites'
t $s plan -s tyni
ok "plan: an unknown suite is a usage error" code 2
ok "plan: with a suggestion" err "did you mean 'tiny'"
t $s plan -s tiny -d lettre
ok "plan: so is an unknown task" err "did you mean 'letter'"
t $s plan -s tiny -l linaer
ok "plan: so is an unknown learner" err "did you mean 'linear'"
t $s plan -s tiny --trials 0
ok "plan: --trials has a range" err '1 .. 100000'
t $s plan -s tiny --format csv
ok "plan: an unknown format is a usage error" code 2
t $s run -s tiny -m text --offline
ok "run: no cell at all is a usage error" code 2
t $s run -s tiny --offline
ok "run: offline without data is exit code 3" code 3

# cell: what a person who starts it by hand gets.
feed() { # feed TEXT: as the question
	printf '%s' "$1" | "$triarch" cell >"$dir/out" 2>"$dir/err"
	rc=$?
}
feed ''
ok "cell: nothing on stdin is a usage error" code 2
ok "cell: that says so" err 'no JSON'
feed '{"cell": 1, "cell": 2}'
ok "cell: a key twice is refused" code 2
feed '{}'
ok "cell: a question without a cell is a failure" code 1
ok "cell: which the parent can read" out '{"failure":{"code":"[a-z]*","text":'
feed '{"cell": {"learner": "linear"}, "place": {}}'
ok "cell: one without a place, too" out "the cell's 'place' is missing or wrong"
feed '[1, 2]'
ok "cell: a list is no question" out '"failure"'
finish
