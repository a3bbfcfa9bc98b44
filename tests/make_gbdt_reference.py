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


def classes(k):
    return np.clip((y + 1) / 6 * k, 0, k - 1).astype(int)


def xgboost_rmse():
    import xgboost
    b = xgboost.train(dict(eta=0.1, tree_method="hist", grow_policy="lossguide",
                           max_leaves=31, max_depth=0, max_bin=255,
                           min_child_weight=20, reg_lambda=0,
                           base_score=float(np.mean(y[train])), nthread=1),
                      xgboost.DMatrix(X[train], y[train]), 100)
    return rmse(b.predict(xgboost.DMatrix(X[test])))


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
print("#define XGBOOST_SQUARED %.6f" % xgboost_rmse())
