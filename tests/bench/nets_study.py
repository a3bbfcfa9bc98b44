#!/usr/bin/python3
"""Errors of nets on the tables of suites/nets.yaml: each net beside mlp, and mlp
beside scikit-learn's MLPClassifier and MLPRegressor with the same options.

usage: nets_study.py [-b BUILD] [-o DIR] [--json FILE] [--no-run] [SET...]
       (python3-sklearn 1.2.1, from the top of the tree, after
       `make all build/release/bench_export`)

It runs the suites nets and nets-peers (rows that are there are kept), fits
scikit-learn on the very matrices (kept in DIR/sklearn), and prints for each set the
error of mlp (share of wrong labels, or the root mean squared error; mean over the
repeats) and ratios of errors, geometric means over the repeats, each with its
standard error over the test rows (trees_study.py: ratio); below them geometric
means over the sets. A set on which one of two errs on fewer than 5 rows of a test
part is at the ceiling: it is in the table, not in the means.
"""
import argparse
import glob
import json
import os
import subprocess
import tempfile
import warnings

import numpy as np

import trees_study as trees

# What `mlp` of the suite nets-peers has, in scikit-learn's words.
SETTINGS = dict(hidden_layer_sizes=(128, 128), alpha=0, batch_size=128,
                learning_rate_init=1e-3, max_iter=30, n_iter_no_change=31)


def fit_sklearn(info, parts, seed):
    """Errors of the test rows. Targets are standardised as ours does it."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    (x, y), _, (tx, ty) = parts
    settings = dict(SETTINGS, batch_size=min(SETTINGS["batch_size"], len(y)),
                    random_state=seed)
    if info["classes"]:
        model = MLPClassifier(**settings).fit(x, y)
        return (model.predict(tx) != ty).astype(float)
    mean, sd = y.mean(dtype=float), y.std(dtype=float) or 1
    model = MLPRegressor(**settings).fit(x, (y - mean) / sd)
    return (model.predict(tx) * sd + mean - ty) ** 2


def sklearn_errors(args, name, repeat):
    """Of one task, from the file that keeps them or by a fit."""
    kept = "%s/sklearn/%s-%d.npz" % (args.o, name, repeat)
    if not os.path.exists(kept):
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # 30 epochs are few on purpose
            subprocess.check_call([args.b + "/bench_export", "datasets/catalog.yaml",
                                   trees.cache(), name, str(repeat), "1", folder, "mlp"])
            info, parts = trees.load(folder)
            np.savez_compressed(kept, errors=fit_sklearn(info, parts, repeat))
    return {"errors": np.load(kept)["errors"]}


def read_rows(results):
    """{(task, learner): {repeat: row}}; mlp without patience is the peers' own."""
    rows = [json.load(open(path)) for path in glob.glob(results + "/cells/*/*.json")]
    out = {}
    for row in sorted(rows, key=lambda r: r["created"]):  # of two the newer
        if row["status"] != "ok":
            continue
        who = row["learner"]
        if who == "mlp" and not row["params"]["patience"]:
            who = "equal"
        out.setdefault((row["task"], who), {})[row["repeat"]] = row
    return out


def compare(name, ours, theirs, kind):
    """A dictionary of two lists of errors, repeat by repeat."""
    root = kind == "regression"
    mean, se = trees.ratio(ours, theirs, "errors", root)
    few = not root and any(np.mean([r["errors"].sum() for r in who]) < 5
                           for who in (ours, theirs))
    return dict(set=name, ratio=mean, se=se, ceiling=few, task=kind)


def study(args, name, rows):
    """All ratios of one set: {program: dictionary}; "error" is mlp's own."""
    mine = {who: at for (task, who), at in rows.items() if task == name}
    own = {who: {r: trees.own_rows(args.o, row) for r, row in at.items()}
           for who, at in mine.items()}
    out = {}
    for who, errors in own.items():
        kind = next(iter(mine[who].values()))["task_kind"]
        anchor = own.get("mlp", {})
        if who == "equal":
            anchor = {r: sklearn_errors(args, name, r) for r in errors}
        both = sorted(set(errors) & set(anchor))
        if both and who != "mlp":
            out["mlp / sklearn" if who == "equal" else who + " / mlp"] = compare(
                name, [errors[r] for r in both], [anchor[r] for r in both], kind)
    if "mlp" in own:
        power = 0.5 if next(iter(mine["mlp"].values()))["task_kind"] == "regression" else 1
        out["error"] = float(np.mean([e["errors"].mean() ** power
                                      for e in own["mlp"].values()]))
    return out


def means(found):
    """{ratio: {kind: summary of trees_study}}"""
    out = {}
    for key in sorted({k for f in found.values() for k in f if k != "error"}):
        some = [f[key] for f in found.values() if key in f]
        for kind in ("classification", "regression", "all"):
            s = trees.summary([t for t in some if kind in (t["task"], "all")], "ratio")
            if s:
                out.setdefault(key, {})[kind] = s
    return out


def print_all(found, summary):
    """The table, then the means."""
    keys = list(summary)
    print("%-17s %9s" % ("set", "mlp") + "".join("  %20s" % k for k in keys))
    for name, f in found.items():
        cells = ["%.3f +- %.3f%s" % (f[k]["ratio"], f[k]["se"], "^" if f[k]["ceiling"] else " ")
                 if k in f else "-" for k in keys]
        print("%-17s %9.4g" % (name, f.get("error", np.nan)) + "".join("  %20s" % c
                                                                     for c in cells))
    print("(^ at the ceiling: not in the means)")
    for key, kinds in summary.items():
        for kind, s in kinds.items():
            print("%-20s %-14s geometric mean %.4f (%.4f to %.4f over %d sets), better on "
                  "%d, worst %.3f (%s)" % (key, kind, s["mean"], s["low"], s["high"],
                                           s["sets"], s["wins"], s["worst"], s["set"]))


def main():
    """See the top of the file."""
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("-b", default="build/release")
    p.add_argument("-o", default="build/nets")
    p.add_argument("--json", default="build/nets.json")
    p.add_argument("--no-run", action="store_true", help="only the rows that are there")
    p.add_argument("sets", nargs="*")
    args = p.parse_args()
    for suite in () if args.no_run else ("nets", "nets-peers"):
        subprocess.call([args.b + "/triarch", "run", "-s", suite, "-o", args.o])
    os.makedirs(args.o + "/sklearn", exist_ok=True)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    rows = read_rows(args.o)
    found = {name: study(args, name, rows) for name in sorted({t for t, _ in rows})
             if not args.sets or name in args.sets}
    summary = means(found)
    print_all(found, summary)
    json.dump(dict(sklearn=SETTINGS, sets=found, means=summary), open(args.json, "w"),
              indent=1)


if __name__ == "__main__":
    main()
