#!/usr/bin/python3
"""Predictions of XGBoost's Python package on tables that test_xgboost.c makes by
the same formula, under the parameters that the learner should pass on.

usage: make_xgboost_reference.py > xgboost_reference.h    (xgboost 1.7.4)
"""
import numpy as np
import xgboost

TRAIN, VALID, TEST, COLS, LEVELS = 600, 200, 12, 6, 12


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
    y = 2 * x[0] * x[1] + (1.5 if x[2] > 0.4 else 0) + (level * 7 % LEVELS) / 6
    y += 2 * (uniform(i, 200) + uniform(i, 201)) - 2
    x[5] = level
    return [np.nan if uniform(i, 100 + j) < 0.1 else x[j] for j in range(COLS)], y


rows = [row(i) for i in range(TRAIN + VALID + TEST)]
X = np.array([r[0] for r in rows], dtype=np.float32)
y = np.array([r[1] for r in rows], dtype=np.float32)
w = np.array([1 + i % 3 for i in range(len(rows))], dtype=np.float32)


def classes(k):
    return np.clip((y.astype(float) + 1) / 6 * k, 0, k - 1).astype(int)


def matrix(part, labels, categorical, weights):
    types = ["float"] * (COLS - 1) + ["c" if categorical else "float"]
    return xgboost.DMatrix(X[part], labels[part], feature_types=types,
                           weight=w[part] if weights else None,
                           enable_categorical=categorical)


def fit(name, labels, params, rounds, patience=None, categorical=False, weights=False):
    parts = [slice(0, TRAIN), slice(TRAIN, TRAIN + VALID), slice(TRAIN + VALID, None)]
    train, valid, test = (matrix(p, labels, categorical, weights) for p in parts)
    b = xgboost.train(dict(nthread=2, verbosity=0, seed=7, max_bin=255, **params),
                      train, rounds, [(valid, "valid")] if patience else [],
                      early_stopping_rounds=patience, verbose_eval=False)
    best = b.best_iteration + 1 if patience else rounds
    p = b.predict(test, iteration_range=(0, best))
    print("#define %s_ROUNDS %d" % (name, best))
    print("static const float %s[] = {" % name.lower())
    for k in range(0, p.size, 4):
        print("\t" + " ".join("%.9gf," % v if v % 1 else "%.1ff," % v
                              for v in p.ravel()[k:k + 4]))
    print("};")


leafwise = dict(tree_method="hist", grow_policy="lossguide", max_leaves=15, max_depth=0)
mean = float(np.average(y[:TRAIN].astype(float)))
print("/* Made by tests/make_xgboost_reference.py: predictions of the test rows. */")
fit("REF_SQUARED", y,
    dict(objective="reg:squarederror", base_score=mean, eta=0.2, alpha=0.5,
         min_child_weight=3, gamma=0.2, **leafwise, **{"lambda": 2}), 40)
fit("REF_STOPPED", y,
    dict(objective="reg:squarederror", base_score=mean, eta=0.3, **leafwise,
         **{"lambda": 1}), 200, patience=5)
fit("REF_WEIGHTED", y,
    dict(objective="reg:squarederror",
         base_score=float(np.average(y[:TRAIN].astype(float), weights=w[:TRAIN])),
         eta=0.3, **leafwise), 20, weights=True)
two = classes(2)
fit("REF_LOGISTIC", two,
    dict(objective="binary:logistic", base_score=float(np.mean(two[:TRAIN])), eta=0.2,
         tree_method="approx", grow_policy="depthwise", max_depth=4, max_leaves=31,
         max_cat_to_onehot=5, max_cat_threshold=6), 20, categorical=True)
fit("REF_SOFTMAX", classes(4),
    dict(objective="multi:softprob", num_class=4, eta=0.2, subsample=0.7,
         colsample_bytree=0.6, colsample_bylevel=0.8, colsample_bynode=0.9,
         max_cat_to_onehot=20, **leafwise), 10, categorical=True)
