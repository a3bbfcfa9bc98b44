#!/bin/sh
# The benchmark of trees beside its peers, on tiny sets: the tools work together
# and their files are what they say. Speed is not looked at.
. "$(dirname "$0")/cli_lib.sh"
bench=tests/bench
built=$(dirname "$triarch")
unset OPENBLAS_NUM_THREADS OMP_WAIT_POLICY

python=
for p in /usr/bin/python3 python3; do
	"$p" -c 'import numpy' 2>/dev/null && { python=$p; break; }
done
if [ -z "$python" ]; then
	echo "ok 1 - bench: sets and peers # SKIP python3-numpy is not installed"
	echo "1..1"
	exit 0
fi
py() { "$python" -B "$@"; }

# --------------------------------------------------------------- made sets
makes() { py $bench/make_sets.py --sets "$1" --seeds "$2" --shrink "$3" "$dir/$4"; }
makes d 1,2 100 sets
ok "bench: sets are made" makes e 1 400 sets
makes d 1 100 again
ok "bench: a seed gives the same bytes" \
	cmp "$dir/sets/d.1/x_train.npy" "$dir/again/d.1/x_train.npy"
ok "bench: and the same labels" cmp "$dir/sets/d.1/y_test.npy" "$dir/again/d.1/y_test.npy"
ok "bench: another seed gives other rows" \
	no cmp -s "$dir/sets/d.1/x_train.npy" "$dir/sets/d.2/x_train.npy"

cat >"$dir/look.py" <<'END'
import json, sys
import numpy as np
x, y, about = (np.load(sys.argv[1] + "/x_train.npy"), np.load(sys.argv[1] + "/y_train.npy"),
               json.load(open(sys.argv[1] + "/set.json")))
levels = np.array(about["levels"])
assert x.dtype == np.float32 and x.flags.c_contiguous and y.shape == (len(x),)
assert len(levels) == x.shape[1]
codes = x[:, levels > 0]
assert (codes == codes.astype(int)).all() and (codes >= 0).all()
assert (codes.max(axis=0, initial=0) < levels[levels > 0]).all()
if about["classes"]:
    assert set(np.unique(y)) <= set(range(about["classes"])) and len(np.unique(y)) > 1
END
ok "bench: set e is numbers, codes below their levels, labels" py "$dir/look.py" "$dir/sets/e.1"

# -------------------------------------------------------------------- fits
f() { "$built/bench_fit" "$@" >"$dir/out" 2>"$dir/err" </dev/null; rc=$?; }
digest() { sed 's/.*"digest": "\([0-9a-f]*\)".*/\1/' "$dir/out"; }
f "$dir/sets/e.1" rounds=20
ok "bench: ours fits a set" code 0
for key in binning boosting predict memory_mib auc digest; do
	ok "bench: and tells its $key" out "\"$key\": "
done
one=$(digest)
f -t 2 "$dir/sets/e.1" rounds=20
ok "bench: two threads predict the same bits" test "$(digest)" = "$one"
f "$dir/sets/e.1" rounds=21
ok "bench: parameters reach the fit" out '"rounds": 21'
f "$dir/sets/e.1" ronds=20
ok "bench: a wrong parameter fails" code 1
ok "bench: with a suggestion" err "did you mean 'rounds'"
f "$dir/nowhere"
ok "bench: a missing folder fails" code 1
ok "bench: and is named" err "$dir/nowhere"
f
ok "bench: without a folder it tells its usage" err '^usage: bench_fit'

cp -r "$dir/sets/d.1" "$dir/bad"
cp "$dir/sets/e.1/y_train.npy" "$dir/bad/y_train.npy"
f "$dir/bad"
ok "bench: targets of another number of rows are an error" err 'y_train.npy: .* values for .* rows'
head -c 200 "$dir/sets/d.1/x_train.npy" >"$dir/bad/x_train.npy"
f "$dir/bad"
ok "bench: so is an array that was cut" err 'x_train.npy: '

# ---------------------------------------------------------------- real sets
x() {
	"$built/bench_export" datasets/catalog.yaml "$dir/cache" "$@" >"$dir/out" 2>"$dir/err"
	rc=$?
}
x axis-steps=steps 0 30 "$dir/steps.1"
ok "bench: a set of the catalogue is written" code 0
ok "bench: as Python reads it" py "$dir/look.py" "$dir/steps.1"
ok "bench: with the number of rows that are for validation" \
	grep -q '"valid": [1-9]' "$dir/steps.1/set.json"
ok "bench: and the digest of its content" \
	grep -Eq '"digest": "[0-9a-f]{16}' "$dir/steps.1/set.json"
cp -r "$dir/steps.1" "$dir/steps.first"
x axis-steps=steps 0 30 "$dir/steps.1"
ok "bench: the same rows twice" cmp -s "$dir/steps.1/x_train.npy" "$dir/steps.first/x_train.npy"
cat >"$dir/parts.py" <<'END'
import sys
sys.path.insert(0, "tests/bench")
import trees_study as t
info, parts = t.load(sys.argv[1])
assert [len(x) == len(y) > 0 for x, y in parts] == [True] * 3
assert len(parts[1][0]) == info["valid"]
END
ok "bench: which the study takes apart" py "$dir/parts.py" "$dir/steps.1"
f "$dir/steps.1"
ok "bench: and ours, under the name it was given" out '"set": "steps"'
ok "bench: with its rounds" out '"rounds": 30'
x letter 0 10 "$dir/letter.1"
ok "bench: one whose files are not there is exit code 3" code 3
x lettr 0 10 "$dir/letter.1"
ok "bench: an unknown one gets a suggestion" err "did you mean 'letter'"

# ------------------------------------------------------------------- tables
cat >"$dir/tables.py" <<'END'
import sys
sys.path.insert(0, "tests/bench")
import peer_tables as t
def one(program, pair, cpu, auc):
    s = {"cpu": cpu, "wall": 2 * cpu}
    return {"program": program, "pair": pair, "set": "a", "seed": pair, "threads": 1,
            "boosting": s, "binning": s, "fit": s, "predict": s, "memory_mib": cpu,
            "metrics": {"auc": auc, "accuracy": .7}, "rows": 1, "cols": 1, "test_rows": 1,
            "classes": 2}
runs = [one("ours", k, 1.0 + k, .80 + k / 100) for k in range(3)]
runs += [one("p", k, 4.0 + k, .79 + k / 100) for k in range(3)]
runs += [one("q", k, 4.0 + k, .805 + k / 100) for k in range(2)]
assert t.ratios(runs, "p", "boosting", "cpu") == [4, 2.5, 2]
assert t.ratios(runs, "q", "memory", "cpu") == [4, 2.5]
assert t.three([3, 1, 2]) == [1, 2, 3] and t.three([]) is None
assert t.accuracy(runs, "a")["verdict"] == "inside"
assert t.verdict(.9, [.7, .8], "auc") == "above" and t.verdict(.6, [.7, .8], "auc") == "below"
assert t.verdict(.9, [.7, .8], "rmse") == "below" and t.verdict(.6, [.7, .8], "rmse") == "above"
found = {"boosting": [1, 2.5, 9]}
assert t.goal("a", "xgb-depth6", found, 1).endswith("2.4: met") and not t.goal("a", "p", found, 1)
assert t.goal("a", "xgb-lossguide", found, 1).endswith("missed") and not t.is_whole(runs, "a")
assert t.summary(runs)["a"]["ratios"][1]["p"]["fit"] == [2, 2.5, 4]
END
ok "bench: ratios are by pair, bands by means" py "$dir/tables.py"

p() {
	py $bench/peers.py --build "$built" --sets-folder "$dir/made" --out "$dir/trees.json" \
		--cache "$dir/cache" --shrink 100 --pairs 1 --seeds 2 "$@" >"$dir/out" 2>"$dir/err"
	rc=$?
}
p --sets d,letter --peers "" --threads 1
ok "bench: peers.py ends well without a peer" code 0
ok "bench: and names a set that is not here" err 'without letter: .*fetch letter'
ok "bench: the numbers are in a file" py -c "
import json; r = json.load(open('$dir/trees.json'))
assert len(r['runs']) == 2 and r['missing'].keys() == {'letter'}"
p --sets f
ok "bench: an unknown set is a usage error" err 'unknown sets: f (known: a,b'
# Other people's programs gain nothing from our sanitizers: one build is enough.
if [ "$(basename "$built")" != release ]; then
	:
elif py -c 'import xgboost, sklearn' 2>/dev/null; then
	p --sets d --threads 1,2 --passive --ours rounds=50 --seeds 1 \
		--peers xgb-depth6,sklearn
	ok "bench: peers.py ends well with peers" code 0
	ok "bench: a table of ratios" out '^xgb-depth6 / *ours '
	ok "bench: a band of accuracy" out '^d  *auc  *ours .* 1 seed '
	ok "bench: two threads against one" out '^beside a busy process .*boosting'
else
	echo "ok $((run += 1)) - bench: peers # SKIP python3-xgboost or python3-sklearn is not installed"
fi
finish
