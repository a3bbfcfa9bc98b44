#!/usr/bin/python3
"""Fit one peer once on one set (set_files.h) and print what bench_fit prints
of ours: a line of JSON with CPU and wall seconds of binning, of boosting and of
prediction, the memory that the fit took beyond the data, and the test metric.

usage: peer_child.py PEER THREADS FOLDER       PEER: xgb-depth6 | xgb-lossguide
                                                     | sklearn

Each runs in a process of its own (peers.py starts it), so that memory peaks and
idle threads of one are not another's.

All have learning rate 0.1, at most 255 bins (XGBoost: 256, its default, which
is the same number of cuts), L2 penalty 1; trees have 63 leaves, or depth 6.
Leaves: XGBoost's min_child_weight 1, scikit-learn's usual 20 rows.

Categories: XGBoost with enable_categorical. scikit-learn takes categories of at
most 255 levels as such; those of more it gets as numbers.

Binning: scikit-learn's is the time in its _bin_data. XGBoost's "hist" bins when
the first round needs it, so binning is the time of making the DMatrix plus what
the first round takes above the median of the others. (A QuantileDMatrix would
bin earlier but not the same: it sketches the data in batches.) Boosting is the
time of all rounds less that excess.
"""
import json
import os
import resource
import sys
import time

import numpy as np

RATE, LEAVES, BINS = 0.1, 63, 255


class Span:
    """CPU (this process, all threads) and wall seconds since it was made."""

    def __init__(self):
        self.begin = self.now()

    @staticmethod
    def now():
        """The two clocks."""
        use = resource.getrusage(resource.RUSAGE_SELF)
        return np.array([use.ru_utime + use.ru_stime, time.perf_counter()])

    def took(self):
        """Array of CPU and wall seconds."""
        return self.now() - self.begin


class Table:
    """A set as arrays in memory."""

    def __init__(self, folder):
        with open(os.path.join(folder, "set.json")) as f:
            self.about = json.load(f)
        self.x, self.y, self.test_x, self.test_y = (
            np.load(os.path.join(folder, "%s.npy" % name))
            for name in ("x_train", "y_train", "x_test", "y_test"))
        self.classes = self.about["classes"]
        self.rounds = self.about["rounds"]
        self.levels = self.about["levels"]


def status(field):
    """MiB of a field of /proc/self/status; NaN where there is none."""
    try:
        with open("/proc/self/status") as f:
            for line in f:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return float("nan")


def reset_peak():
    """The peak falls to what is in use now (proc(5): clear_refs)."""
    try:
        with open("/proc/self/clear_refs", "w") as f:
            f.write("5")
    except OSError:
        pass


# ------------------------------------------------------------------ XGBoost

def xgboost_parameters(peer, table, threads):
    """One dictionary for xgboost.Booster."""
    p = dict(eta=RATE, max_bin=BINS + 1, reg_lambda=1, min_child_weight=1,
             tree_method="hist", nthread=threads, verbosity=0)
    if peer == "xgb-depth6":
        p.update(max_depth=6)
    else:
        p.update(max_depth=0, max_leaves=LEAVES, grow_policy="lossguide")
    if table.classes > 2:
        p.update(objective="multi:softprob", num_class=table.classes)
    elif table.classes:
        p.update(objective="binary:logistic")
    else:
        p.update(objective="reg:squarederror", base_score=float(table.y.mean()))
    return p


def xgboost_matrix(table, x, y, threads):
    """A DMatrix whose categorical columns are marked."""
    import xgboost
    kinds = ["c" if n else "q" for n in table.levels]
    return xgboost.DMatrix(x, y, feature_types=kinds, nthread=threads,
                           enable_categorical=True)


def fit_xgboost(peer, table, threads):
    """(model, seconds of binning, seconds of boosting)"""
    import xgboost
    span = Span()
    matrix = xgboost_matrix(table, table.x, table.y, threads)
    made = span.took()
    booster = xgboost.Booster(xgboost_parameters(peer, table, threads), [matrix])
    rounds = []
    for k in range(table.rounds):
        span = Span()
        booster.update(matrix, k)
        rounds.append(span.took())
    rounds = np.array(rounds)
    excess = np.maximum(rounds[0] - np.median(rounds[1:], axis=0), 0)
    return booster, made + excess, rounds.sum(axis=0) - excess


def predict_xgboost(booster, table, threads):
    """(scores, seconds): from the raw floats, by the faster of its two ways."""
    span = Span()
    scores = booster.predict(xgboost_matrix(table, table.test_x, None, threads))
    took = span.took()
    if not any(table.levels):  # the other knows no categories
        span = Span()
        scores = booster.inplace_predict(table.test_x)
        took = np.minimum(took, span.took())
    return scores, took


# ------------------------------------------------------------- scikit-learn

def fit_sklearn(_peer, table, _threads):
    """(model, seconds of binning, seconds of boosting); threads come from
    OMP_NUM_THREADS, which the parent sets."""
    from sklearn import ensemble
    kind = (ensemble.HistGradientBoostingClassifier if table.classes
            else ensemble.HistGradientBoostingRegressor)
    model = kind(max_iter=table.rounds, learning_rate=RATE, max_leaf_nodes=LEAVES,
                 max_bins=BINS, l2_regularization=1, early_stopping=False,
                 categorical_features=[0 < n <= BINS for n in table.levels])
    spent, plain = [], model._bin_data

    def timed(*args, **kwargs):
        span = Span()
        out = plain(*args, **kwargs)
        spent.append(span.took())
        return out

    model._bin_data = timed
    span = Span()
    model.fit(table.x, table.y)
    binning = sum(spent)
    return model, binning, span.took() - binning


def predict_sklearn(model, table, _threads):
    """(scores, seconds)"""
    span = Span()
    if not table.classes:
        scores = model.predict(table.test_x)
    else:
        scores = model.predict_proba(table.test_x)
        if table.classes == 2:
            scores = scores[:, 1]
    return scores, span.took()


# ------------------------------------------------------------------- report

def metrics(table, scores):
    """The same names as ours."""
    y = table.test_y
    if not table.classes:
        return {"rmse": float(np.sqrt(np.mean((scores - y)**2)))}
    if table.classes > 2:
        return {"accuracy": float(np.mean(scores.argmax(axis=1) == y))}
    from sklearn.metrics import roc_auc_score
    return {"auc": float(roc_auc_score(y, scores)),
            "accuracy": float(np.mean((scores > 0.5) == y))}


def seconds(pair):
    """As bench_fit writes them."""
    return {"cpu": float(pair[0]), "wall": float(pair[1])}


def main():
    """See the top of the file."""
    peer, threads, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    fit, predict = ((fit_sklearn, predict_sklearn) if peer == "sklearn"
                    else (fit_xgboost, predict_xgboost))
    if peer == "sklearn":  # its import is not the fit's memory
        import sklearn.ensemble  # noqa: F401
    else:
        import xgboost  # noqa: F401
    table = Table(folder)
    reset_peak()
    before = status("VmRSS")
    model, binning, boosting = fit(peer, table, threads)
    grown = status("VmHWM") - before
    scores, predicting = predict(model, table, threads)
    print(json.dumps({
        "program": peer, "set": table.about["name"], "seed": table.about["seed"],
        "threads": threads, "rows": len(table.x), "cols": table.x.shape[1],
        "test_rows": len(table.test_x), "classes": table.classes, "binning": seconds(binning),
        "boosting": seconds(boosting), "fit": seconds(binning + boosting),
        "predict": seconds(predicting), "memory_mib": grown,
        "metrics": metrics(table, scores)}))


if __name__ == "__main__":
    main()
