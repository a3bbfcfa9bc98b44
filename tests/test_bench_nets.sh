#!/bin/sh
# The benchmark of nets beside its peers, on tiny sets: the tools work together, in
# every view. Speed is not looked at.
. "$(dirname "$0")/cli_lib.sh"
bench=tests/bench
built=$(dirname "$triarch")
unset OPENBLAS_NUM_THREADS OMP_WAIT_POLICY

python=
for p in /usr/bin/python3 python3; do
	"$p" -c 'import numpy' 2>/dev/null && { python=$p; break; }
done
if [ -z "$python" ]; then
	echo "ok 1 - bench: nets and peers # SKIP python3-numpy is not installed"
	echo "1..1"
	exit 0
fi
py() { "$python" -B "$@"; }

# -------------------------------------------------------------------- sets
makes() { py $bench/make_sets.py --sets "$1" --shrink "$2" "$dir/$3"; }
ok "nets: sets are made" makes s,t 40 sets
makes s 40 again
ok "nets: a seed gives the same documents" \
	cmp "$dir/sets/s.1/x_train.npy" "$dir/again/s.1/x_train.npy"
cat >"$dir/look.py" <<'END'
import json, sys
import numpy as np
x, y, about = (np.load(sys.argv[1] + "/x_train.npy"), np.load(sys.argv[1] + "/y_train.npy"),
               json.load(open(sys.argv[1] + "/set.json")))
assert x.dtype == np.float32 and y.shape == (len(x),) and len(np.unique(y)) > 1
assert about["view"] == sys.argv[2] and x.shape[1] == len(about["levels"])
if about["view"] == "tokens":
    assert (x == x.astype(int)).all() and 0 <= x.min() and x.max() < about["vocab"]
    assert (np.diff((x > 0).astype(int), axis=1) <= 0).all() or (x > 0).all()
if about["view"] == "grid":
    assert np.prod(about["shape"]) == x.shape[1]
END
ok "nets: documents are ids below the vocabulary" py "$dir/look.py" "$dir/sets/s.1" tokens
ok "nets: a table is in the dense view" py "$dir/look.py" "$dir/sets/t.1" dense

x() {
	"$built/bench_export" datasets/catalog.yaml "$dir/cache" "$@" >"$dir/out" 2>"$dir/err"
	rc=$?
}
x axis-steps 0 1 "$dir/dense.1" mlp
ok "nets: a set is written in a learner's view" py "$dir/look.py" "$dir/dense.1" dense
x axis-steps 0 1 "$dir/dense.2" cnn
ok "nets: which it must have" err 'axis-steps has no view for cnn'
x axis-steps 0 1 "$dir/dense.2" mpl
ok "nets: an unknown learner is a usage error" err '^usage: bench_export'

# -------------------------------------------------------------------- fits
f() { "$built/bench_fit" "$@" >"$dir/out" 2>"$dir/err" </dev/null; rc=$?; }
digest() { sed 's/.*"digest": "\([0-9a-f]*\)".*/\1/' "$dir/out"; }
f -l mlp -n 300 "$dir/sets/t.1" epochs=2,layers=1,width=8
ok "nets: ours fits a dense set" code 0
ok "nets: so many rows of it" out '"rows": 300'
for key in fit predict memory_mib peak_mib auc digest; do
	ok "nets: and tells its $key" out "\"$key\": "
done
one=$(digest)
f -t 2 -l mlp -n 300 "$dir/sets/t.1" epochs=2,layers=1,width=8
ok "nets: two threads predict the same bits" test "$(digest)" = "$one"
f -l embedding_bag "$dir/sets/s.1" epochs=2,buckets=0
ok "nets: and documents" out '"program": "embedding_bag"'
f -l image_net "$dir/sets/t.1"
ok "nets: a learner that is not there is exit code 3" code 3
ok "nets: and is named" err "no learner 'image_net'"

cat >"$dir/image.py" <<'END'
import json, sys
import numpy as np
r = np.random.RandomState(0)
for part, n in (("train", 40), ("test", 10)):
    y = np.arange(n) % 2
    x = r.uniform(size=(n, 1, 12, 12)) + y[:, None, None, None]
    np.save("%s/x_%s.npy" % (sys.argv[1], part), x.reshape(n, -1).astype(np.float32))
    np.save("%s/y_%s.npy" % (sys.argv[1], part), y.astype(np.float32))
json.dump({"name": "i", "seed": 1, "classes": 2, "rounds": 1, "view": sys.argv[2],
           "shape": [1, 12, int(sys.argv[3])], "levels": [0] * 144},
          open(sys.argv[1] + "/set.json", "w"))
END
mkdir -p "$dir/i.1"
py "$dir/image.py" "$dir/i.1" grid 12
f -l cnn "$dir/i.1" epochs=1,channels=2
ok "nets: and images" code 0
py "$dir/image.py" "$dir/i.1" grid 13
f -l cnn "$dir/i.1"
ok "nets: whose shape must be their columns'" err 'set.json: a shape of another number'
py "$dir/image.py" "$dir/i.1" sparse 12
f -l linear "$dir/i.1"
ok "nets: a sparse set is refused" err "a set of the view 'sparse'"

# ------------------------------------------------------------------- tables
cat >"$dir/tables.py" <<'END'
import sys
sys.path.insert(0, "tests/bench")
import net_cases as c, peer_tables as t
def one(program, pair, cpu, threads=1):
    s = {"cpu": cpu, "wall": cpu}
    return {"program": program, "pair": pair, "set": "mlp", "seed": pair, "threads": threads,
            "step": s, "epoch": s, "fit": s, "predict": s, "memory_mib": cpu, "peak_mib": cpu,
            "metric": "accuracy", "metrics": {"accuracy": .8 + pair / 100}, "rows": 60000,
            "cols": 1, "test_rows": 1, "classes": 10, "digest": str(pair)}
runs = [one("ours", k, 1.0, n) for k in range(3) for n in (1, 2)]
runs += [one("torch", k, 1.25 + k / 4, n) for k in range(3) for n in (1, 2)]
runs += [one("mlpclassifier", k, 2.0) for k in range(3)]
s = t.summary(runs)["mlp"]
assert s["ratios"][1]["torch"]["step"] == [1.25, 1.5, 1.75]
assert s["goals"][1]["torch"] == {"step": {"least": 1.5, "met": True},
                                  "peak": {"least": 2, "met": False}}
assert s["goals"][1]["mlpclassifier"] == {"step": {"least": 1.8, "met": True}}
assert s["accuracy"]["verdict"] == "inside" and t.is_whole(runs, "mlp")
t.print_set(runs, "mlp"); t.print_accuracy(runs); t.print_bits(runs)
for name, case in c.CASES.items():
    assert set(case.goals) == set(case.peers) and "epochs=%d" % case.epochs in case.parameters()
END
py "$dir/tables.py" >"$dir/out" 2>"$dir/err"; rc=$?
ok "nets: goals are by medians, on each number of threads" code 0
ok "nets: and said" out 'goal step 1.5: met; goal peak 2.0: missed'
ok "nets: and whether threads change bits" out '^mlp: same bits on 1 and 2 threads: yes'

p() {
	py $bench/peers.py --bench nets --build "$built" --sets-folder "$dir/made" \
		--out "$dir/nets.json" --cache "$dir/cache" --shrink 50 --pairs 1 --seeds 1 \
		--passive "$@" >"$dir/out" 2>"$dir/err"
	rc=$?
}
p --sets bag,mlp --peers "" --threads 1
ok "nets: peers.py ends well without a peer" code 0
ok "nets: and names a set that is not here" err 'without mlp: .*fetch fashion-mnist'
ok "nets: the numbers are in a file" py -c "
import json; r = json.load(open('$dir/nets.json'))
assert len(r['runs']) == 1 and r['missing'].keys() == {'mlp'} and r['runs'][0]['step']"
p --sets trees
ok "nets: an unknown case is a usage error" err 'unknown sets: trees (known: mlp,cnn'
# Other people's programs gain nothing from our sanitizers: one build is enough.
if [ "$(basename "$built")" != release ]; then
	:
elif py -c 'import sklearn, torch' 2>/dev/null; then
	p --sets bag --threads 1
	ok "nets: peers.py ends well with peers" code 0
	ok "nets: PyTorch's ratios" out '^torch / *ours '
	p --sets tabular --threads 1 --peers mlpclassifier
	ok "nets: and those of scikit-learn" out '^mlpclassifier / *ours '
else
	echo "ok $((run += 1)) - nets: peers # SKIP python3-torch or python3-sklearn is not installed"
fi
finish
