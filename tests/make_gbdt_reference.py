#!/usr/bin/python3
"""Test losses of scikit-learn's HistGradientBoosting and of XGBoost on tables
that test_gbdt_reference.c makes by the same formula.

usage: make_gbdt_reference.py > gbdt_reference.h    (scikit-learn 1.2.1,
xgboost 1.7.4; one thread is enough)
"""
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier as Classifier
from sklearn.ensemble import HistGradientBoostingRegressor as Regressor
from sklearn.metrics import log_loss, mean_squared_error

ROWS, COLS, LEVELS = 4000, 6, 12


def uniform(i, j):
    m = 0xFFFFFFFF
    h = (i * 0x9E3779B1 + j * 0x85EBCA77 + 12345) & m
    h ^= h >> 15
    h = h * 0x2C1B3C6D & m
    h ^= h >> 12
    h = h * 0x297A2D39 & m
    h ^= h >> 15
    return h / 2**32


def row(i):
    x = [uniform(i, j) for j in range(COLS)]
    level = int(x[5] * LEVELS)
    y = 2 * np.sin(5 * x[0]) + (1.5 if x[1] > 0.4 else 0) + 2 * x[2] * x[3]
    y += (level * 7 % LEVELS) / 6
    y += 0.5 * (sum(uniform(i, 200 + k) for k in range(4)) - 2)
    x[5] = level
    return [np.nan if uniform(i, 100 + j) < 0.1 else x[j] for j in range(COLS)], y


rows = [row(i) for i in range(ROWS)]
X = np.array([r[0] for r in rows], dtype=np.float32)
y = np.array([r[1] for r in rows], dtype=np.float32)
half = ROWS // 2
train, test = slice(0, half), slice(half, ROWS)
same = dict(max_iter=100, learning_rate=0.1, max_leaf_nodes=31, max_bins=255,
            min_samples_leaf=20, l2_regularization=0, early_stopping=False)


def rmse(p):
    return mean_squared_error(y[test], p, squared=False)


def mae(p):
    return np.mean(np.abs(y[test] - p))


def pinball(p, level=0.8):
    d = y[test] - p
    return np.mean(np.maximum(level * d, (level - 1) * d))


def huber(p, delta=1.5):
    d = np.abs(y[test] - p)
    return np.mean(np.where(d <= delta, d * d / 2, delta * (d - delta / 2)))


counts = np.maximum(np.floor(y + 1.5), 0)


def deviance(p):
    c = counts[test]
    logs = np.where(c > 0, c * np.log(np.where(c > 0, c, 1) / p), 0)
    return 2 * np.mean(logs - c + p)


def classes(k):
    return np.clip((y + 1) / 6 * k, 0, k - 1).astype(int)


def xgboost_fit(target, base, params=None, obj=None):
    import xgboost
    same = dict(eta=0.1, tree_method="hist", grow_policy="lossguide",
                max_leaves=31, max_depth=0, max_bin=255, min_child_weight=20,
                reg_lambda=0, base_score=float(base), nthread=1)
    b = xgboost.train(dict(same, **(params or {})),
                      xgboost.DMatrix(X[train], target[train]), 100, obj=obj)
    return b.predict(xgboost.DMatrix(X[test]))


def huber_gradient(p, d, delta=1.5):
    return np.clip(p - d.get_label(), -delta, delta), np.ones_like(p)


def sklearn_fit(target, **loss):
    return Regressor(**{**same, **loss}).fit(X[train], target[train]).predict(X[test])


print("/* Made by tests/make_gbdt_reference.py: losses on the test half. */")
print("#define SKLEARN_SQUARED %.6f" %
      rmse(Regressor(**same).fit(X[train], y[train]).predict(X[test])))
print("#define SKLEARN_LEVELS %.6f" % rmse(
    Regressor(categorical_features=[5], **same).fit(X[train], y[train])
    .predict(X[test])))
for name, k in ("LOGISTIC", 2), ("SOFTMAX", 4):
    c = classes(k)
    p = Classifier(**same).fit(X[train], c[train]).predict_proba(X[test])
    print("#define SKLEARN_%s %.6f" % (name, log_loss(c[test], p)))
print("#define XGBOOST_SQUARED %.6f" %
      rmse(xgboost_fit(y, np.mean(y[train]))))
print("#define SKLEARN_ABSOLUTE %.6f" % mae(sklearn_fit(y, loss="absolute_error")))
print("#define SKLEARN_QUANTILE %.6f" %
      pinball(sklearn_fit(y, loss="quantile", quantile=0.8)))
# Leaves by one Newton step, as XGBoost has no leaf renewal for it.
print("#define XGBOOST_HUBER %.6f" %
      huber(xgboost_fit(y, np.median(y[train]), obj=huber_gradient)))
print("#define XGBOOST_POISSON %.6f" %
      deviance(xgboost_fit(counts, np.mean(counts[train]),
                           dict(objective="count:poisson", min_child_weight=1))))

# Growth and what holds leaves back; the second column falls though its effect
# rises, so the constraint costs.
for name, params in (
        ("DEPTHWISE", dict(grow_policy="depthwise", max_depth=5, max_leaves=0)),
        ("DEPTH_LEAVES", dict(grow_policy="depthwise", max_depth=8,
                              max_leaves=12)),
        ("MONOTONE", dict(monotone_constraints="(0,-1,1,0,0,0)")),
        ("DELTA_STEP", dict(max_delta_step=0.3)),
        ("PENALTIES", dict(reg_alpha=20, reg_lambda=5, gamma=5,
                           min_child_weight=5)),
        ("LEVEL_NODE", dict(colsample_bylevel=0.6, colsample_bynode=0.7,
                            seed=1))):
    print("#define XGBOOST_%s %.6f" %
          (name, rmse(xgboost_fit(y, np.mean(y[train]), params))))
