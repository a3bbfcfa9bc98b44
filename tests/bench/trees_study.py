#!/usr/bin/python3
"""Accuracy of gbdt beside XGBoost and scikit-learn's HistGradientBoosting with
the same settings, on the tables of suites/trees.yaml: the ratios of test errors.

usage: trees_study.py [-b BUILD] [-o DIR] [--suite trees] [--json FILE] [SET...]
       (python3-sklearn 1.2.1, from the top of the tree, after
       `make all build/release/bench_export`)

It runs the suite (rows that are there are kept), fits scikit-learn on the very
matrices (kept in DIR/sklearn) and prints a table:

  error   share of wrong labels, or the root mean squared error, of ours; mean
          over the repeats
  xgb     ours / XGBoost's, both with XGBoost's rule for leaves
          (min_child_weight 1, lambda 1), geometric mean over the repeats
  skl     ours / scikit-learn's, both with its rule (min_samples_leaf 20, no l2)
  +-      standard error of the ratio over the test rows, paired row by row (the
          delta method; repeats are pooled): what another test part of this size
          would do to it
  loss    the same ratios of log losses (two numbers, classification alone)

Means are over classification, regression, the sets with a column of 32 levels or
more ("levels"), and all. A set on which one of them errs on fewer than 5 rows of
a test part is at the ceiling: it is in the table, not in the means of errors.
Early stopping is the same for all: the round with the best validation loss, once
20 rounds brought nothing better.
"""
import argparse
import glob
import gzip
import json
import math
import os
import subprocess
import tempfile

import numpy as np

PATIENCE, ROUNDS, STEP = 20, 300, 50
MANY = 32  # levels of a column from which a set counts among those of many
SETTINGS = dict(learning_rate=0.1, max_leaf_nodes=31, max_bins=255,
                min_samples_leaf=20, l2_regularization=0)
OURS = {"xgb": 1, "skl": 20}  # min_child_rows tells our two configurations apart


# ------------------------------------------------------------------ scikit-learn

def load(folder):
    """What set_files.h describes, with the validation rows apart."""
    info = json.load(open(folder + "/set.json"))
    x, y, tx, ty = [np.load("%s/%s_%s.npy" % (folder, k, p))
                    for p in ("train", "test") for k in "xy"]
    n = len(y) - info["valid"]
    parts = [(x[:n], y[:n]), (x[n:], y[n:]), (tx, ty)]
    if info["classes"]:
        parts = [(x, y.astype(int)) for x, y in parts]
    return info, parts


def make_model(info, n):
    """More levels than bins are numbers to it: its own limit."""
    from sklearn.ensemble import HistGradientBoostingClassifier as Classifier
    from sklearn.ensemble import HistGradientBoostingRegressor as Regressor
    levels = [j for j, k in enumerate(info["levels"]) if 0 < k <= 255]
    kind = Classifier if info["classes"] else Regressor
    return kind(max_iter=n, early_stopping=False, warm_start=True,
                categorical_features=levels or None, random_state=0, **SETTINGS)


def row_losses(info, model, p, y):
    """Log loss or squared error of each row."""
    if not info["classes"]:
        return (p - y) ** 2
    at = np.searchsorted(model.classes_, y)
    at = np.where(np.isin(y, model.classes_), at, 0)
    p = np.where(np.isin(y, model.classes_), p[np.arange(len(y)), at], 0)
    return -np.log(np.maximum(p, 1e-15))


def stages(info, model, x):
    return (model.staged_predict_proba if info["classes"] else model.staged_predict)(x)


def fit_sklearn(info, parts):
    """The best round by the rule of patience; then what it says of the test rows."""
    (x, y), (vx, vy), (tx, ty) = parts
    best, best_loss, model = 0, math.inf, make_model(info, STEP)
    losses = []
    while len(losses) < ROUNDS and len(losses) - best < PATIENCE:
        model.set_params(max_iter=min(len(losses) + STEP, ROUNDS))
        model.fit(x, y)
        done = len(losses)
        for k, p in enumerate(stages(info, model, vx)):
            if k < done or k + 1 - best >= PATIENCE + 1:
                continue
            losses.append(float(np.mean(row_losses(info, model, p, vy))))
            if losses[-1] < best_loss:
                best, best_loss = k + 1, losses[-1]
    for k, p in enumerate(stages(info, model, tx)):
        if k + 1 == best:
            break
    wrong = (model.classes_[p.argmax(1)] != ty) if info["classes"] else (p - ty) ** 2
    return dict(rounds=best, errors=wrong.astype(float),
                losses=row_losses(info, model, p, ty))


def cache():
    home = os.path.expanduser("~/.cache")
    return os.environ.get("TRIARCH_CACHE") or home + "/triarch"


def sklearn_rows(build, out, name, repeat):
    kept = "%s/%s-%d.npz" % (out, name, repeat)
    if not os.path.exists(kept):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.check_call([build + "/bench_export", "datasets/catalog.yaml", cache(),
                                   name, str(repeat), str(ROUNDS), folder])
            info, parts = load(folder)
        np.savez_compressed(kept, digest=info["digest"], levels=max(info["levels"]),
                            **fit_sklearn(info, parts))
    return np.load(kept)


# ------------------------------------------------------------------ ours, XGBoost

def read_predictions(path):
    """results/predictions.c: a header of 88 bytes, items, truth, scores."""
    data = gzip.open(path).read()
    outputs = int.from_bytes(data[12:16], "little")
    rows = int.from_bytes(data[16:24], "little")
    body = np.frombuffer(data, dtype=np.float32, offset=88)
    return body[rows:2 * rows], body[2 * rows:].reshape(rows, outputs)


def own_rows(results, row):
    path = glob.glob("%s/predictions/%s/%s*test*" % (results, row["key"][:2], row["key"]))
    truth, scores = read_predictions(path[0])
    if row["task_kind"] == "regression":
        d = (scores[:, 0].astype(float) - truth) ** 2
        return dict(rounds=row["steps"], errors=d, losses=d)
    truth = truth.astype(int)
    p = scores[np.arange(len(truth)), truth].astype(float)
    return dict(rounds=row["steps"], losses=-np.log(np.maximum(p, 1e-15)),
                errors=(scores.argmax(1) != truth).astype(float))


def read_rows(results):
    """{(task, repeat): {"xgboost": row, "xgb": row, "skl": row}}"""
    out = {}
    rows = [json.load(open(path)) for path in glob.glob(results + "/cells/*/*.json")]
    for row in sorted(rows, key=lambda r: r["created"]):  # of two the newer
        if row["status"] != "ok":
            continue
        who = row["learner"]
        if who == "gbdt":
            who = [k for k, n in OURS.items() if row["params"]["min_child_rows"] == n][0]
        out.setdefault((row["task"], row["repeat"]), {})[who] = row
    return out


# ------------------------------------------------------------------ ratios

def ratio(ours, theirs, what, root):
    """Geometric mean over repeats of the ratio of mean errors, and the standard
    error of its logarithm over the rows."""
    logs, variance = [], 0
    for a, b in zip(ours, theirs):
        a, b = a[what], b[what]
        ma, mb = (v.mean() if root else max(v.mean(), 0.5 / len(v)) for v in (a, b))
        logs.append(math.log(ma / mb))
        variance += np.var(a / ma - b / mb) / len(a)
    scale = 0.5 if root else 1.0
    return (math.exp(scale * np.mean(logs)),
            scale * math.sqrt(variance) / len(logs))


def study(args, name, rows):
    kinds = rows[0]["xgb"]
    root = kinds["task_kind"] == "regression"
    ours = {k: [own_rows(args.o, r[k]) for r in rows] for k in ("xgb", "skl")}
    peer = dict(xgb=[own_rows(args.o, r["xgboost"]) for r in rows] if "xgboost" in rows[0]
                else None,
                skl=[sklearn_rows(args.b, args.o + "/sklearn", name, r["xgb"]["repeat"])
                     for r in rows])
    error = np.mean([o["errors"].mean() ** (0.5 if root else 1) for o in ours["xgb"]])
    out = dict(set=name, task=kinds["task_kind"], rows=kinds["n_train"],
               cols=kinds["cols"], classes=kinds["classes"], repeats=len(rows),
               error=float(error), levels=int(peer["skl"][0]["levels"]))
    out["ceiling"] = not root and any(
        np.mean([r["errors"].sum() for r in who]) < 5
        for who in [*ours.values(), *peer.values()] if who)
    for k, theirs in peer.items():
        if theirs is None:
            continue
        out[k], out[k + "_se"] = ratio(ours[k], theirs, "errors", root)
        out[k + "_loss"] = ratio(ours[k], theirs, "losses", root)[0]
        out[k + "_rounds"] = [float(np.mean([v["rounds"] for v in who]))
                              for who in (ours[k], theirs)]
    return out


def summary(table, key):
    table = [t for t in table if key in t and (key.endswith("loss") or not t["ceiling"])]
    logs = np.log([t[key] for t in table])
    if not len(logs):
        return None
    half = 2.02 * logs.std(ddof=1) / math.sqrt(len(logs)) if len(logs) > 1 else 0
    worst = max(table, key=lambda t: t[key])
    return dict(mean=math.exp(logs.mean()), low=math.exp(logs.mean() - half),
                high=math.exp(logs.mean() + half), worst=worst[key], set=worst["set"],
                wins=int((logs < 0).sum()), sets=len(logs))


def print_table(table):
    print("%-17s %6s %4s %3s %9s  %6s %5s  %6s %5s  %6s %6s  rounds (ours/xgb, ours/skl)"
          % ("set", "rows", "cols", "k", "error", "xgb", "+-", "skl", "+-", "loss", ""))
    for t in table:
        flags = ["^" if t["ceiling"] else " " if t.get(k, 0) <= 1.04 else
                 "*" if math.log(t[k]) > 2 * t[k + "_se"] else "~" for k in ("xgb", "skl")]
        print("%-17s %6d %4d %3s %9.4g  %6.3f%s%5.3f  %6.3f%s%5.3f  %6.3f %6.3f  %s"
              % (t["set"], t["rows"], t["cols"], t["classes"] or "", t["error"],
                 t.get("xgb", math.nan), flags[0], t.get("xgb_se", math.nan), t["skl"],
                 flags[1], t["skl_se"], t.get("xgb_loss", math.nan), t["skl_loss"],
                 "%.0f/%.0f %.0f/%.0f" % tuple(t.get("xgb_rounds", [0, 0]) + t["skl_rounds"])))
    print("(* above 1.04 by more than two standard errors; ~ above 1.04 within them; ^ at the ceiling)")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("-b", default="build/release")
    p.add_argument("-o", default="build/trees")
    p.add_argument("--suite", default="trees")
    p.add_argument("--json", default="build/trees.json")
    p.add_argument("--no-run", action="store_true", help="only the rows that are there")
    p.add_argument("sets", nargs="*")
    args = p.parse_args()
    if not args.no_run:
        subprocess.call([args.b + "/triarch", "run", "-s", args.suite, "-o", args.o])
    os.makedirs(args.o + "/sklearn", exist_ok=True)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    rows, table = read_rows(args.o), []
    for name in sorted({t for t, _ in rows}):
        if args.sets and name not in args.sets:
            continue
        some = [r for (t, _), r in sorted(rows.items()) if t == name and
                {"xgb", "skl", "xgboost"} <= set(r)]
        if some:
            table.append(study(args, name, some))
    print_table(table)
    result = dict(sklearn=SETTINGS, patience=PATIENCE, rounds=ROUNDS, sets=table)
    for key in "xgb", "skl", "xgb_loss", "skl_loss":
        for kind in "classification", "regression", "levels", "all":
            s = summary([t for t in table if kind in (t["task"], "all") or
                         kind == "levels" and t["levels"] >= MANY], key)
            if not s:
                continue
            result["%s %s" % (key, kind)] = s
            print("%-9s %-14s geometric mean %.4f (%.4f to %.4f over %d sets), better on "
                  "%d, worst %.3f (%s)" % (key, kind, s["mean"], s["low"],
                                           s["high"], s["sets"], s["wins"], s["worst"],
                                           s["set"]))
    json.dump(result, open(args.json, "w"), indent=1)


if __name__ == "__main__":
    main()
