#!/bin/sh
# board and status over rows made by small programs of this test: a suite of
# constants needs the data of one task, so without it this test skips.
. "$(dirname "$0")/cli_lib.sh"

cat >"$dir/suites.yaml" <<'YAML'
suites:
  tiny:
    summary: a baseline and a line
    repeats: 3
    tasks:
      - letter[n=300]
      - diamonds[n=300]
    learners: [constant, linear]
YAML
mkdir "$dir/suites"
s="--suites $dir/suites.yaml"

t fetch letter diamonds --offline
if [ "$rc" -ne 0 ]; then
	echo "ok 1 - board: of a suite that ran # SKIP no data here (triarch fetch)"
	echo "1..1"
	exit 0
fi
t $s run -s tiny -q
ok "board: the suite ran" code 0
t $s board -s tiny
ok "board: a table" out '^★ .*linear'
ok "board: names the machine" out '^machine '
ok "board: and the kernels of BLAS" out '^BLAS .* kernels'
ok "board: ends with who leads" out '^tabular, 2 tasks: linear '
t $s board -s tiny --format json
ok "board: JSON has a line a task and learner" count 4 '"learner":'
for key in task modality learner family metric score error fit_s fit_cpu_s \
	predict_s prepare_s peak_rss_mb status seeds n_train; do
	ok "board: with $key" each '"learner":' "\"$key\":"
done
ok "board: three repeats each" each '"learner":' '"seeds":3,'
ok "board: all ok" each '"learner":' '"status":"ok"'
ok "board: an interval around each error" each '"learner":' '"error_hi":[0-9]'
ok "board: the same rows for all" each '"learner":' '"n_train":300,'
ok "board: r2 for regression" each '"task":"diamonds"' '"metric":"r2"'
ok "board: nothing is missing" out '"cells":12,.*"missing":0,'
t $s board -s tiny --format csv
ok "board: CSV has a line a row and a head" test "$(wc -l <"$dir/out")" -eq 5
t $s board -s tiny --format md
ok "board: Markdown has a heading a task" out '^### letter (tabular)'
t $s board -s tiny -d letter --format json
ok "board: -d narrows" each '"learner":' '"task":"letter"'
t $s board -s tiny --trials 2 --format json
ok "board: --trials asks for other cells" out '"missing":12,'
t $s run -s tiny -d letter -l linear --trials 2 -q
ok "run: --trials ran them" code 0
t $s board -s tiny -d letter -l linear --trials 2 --format json
ok "board: --trials shows what run --trials stored" count 1 '"learner":'
ok "board: and nothing else is missing" out '"cells":3,.*"missing":0,'
t $s board -s tiny -d letter -l linear --format json
ok "board: without it, the rows as before" out '"cells":3,.*"missing":0,'
t $s board -s tiny --trials 0
ok "board: --trials has a range" code 2
t $s status -s tiny --format json
ok "status: all is done" out '"next": "triarch board -s tiny"'

t $s board -s tiny --twins --format csv
ok "board: twins, of which the suite has none" code 0
rm "$dir"/results/index.sqlite
t $s board -s tiny --format csv
ok "board: the index may be lost" test "$(wc -l <"$dir/out")" -eq 5
first=$(find "$dir/results/cells" -name '*.json' | sort | head -1)
: >"$first"
rm "$dir"/results/index.sqlite
t $s board -s tiny
ok "board: a broken file is left out and named" err "left out: .*$(basename "$first")"
ok "board: and its cell said to be missing" out '1 cell has no row yet'
t $s status -s tiny
ok "status: says what to run" out 'triarch run -s tiny'
finish
