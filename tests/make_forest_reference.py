#!/usr/bin/python3
"""Errors of scikit-learn's trees and forests on tables that
test_forest_reference.c makes by the same formula, and a pruned tree's leaves.

usage: make_forest_reference.py > forest_reference.h    (scikit-learn 1.2.1)
"""
import numpy as np
from sklearn.ensemble import (ExtraTreesClassifier, ExtraTreesRegressor,
                              RandomForestClassifier, RandomForestRegressor)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

ROWS, COLS = 3000, 6


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
    # 100 values a column: bins hold one value each
    x = [np.floor(100 * uniform(i, j)) / 100 for j in range(COLS)]
    y = 2 * np.sin(5 * x[0]) + (1.5 if x[1] > 0.4 else 0) + 2 * x[2] * x[3]
    y += 0.5 * (sum(uniform(i, 200 + k) for k in range(4)) - 2)
    return x, y


rows = [row(i) for i in range(ROWS)]
X = np.array([r[0] for r in rows], dtype=np.float32)
y = np.array([r[1] for r in rows], dtype=np.float32)
train, test = slice(0, ROWS // 2), slice(ROWS // 2, ROWS)


def classes(k):
    return np.clip((y + 1) / 6 * k, 0, k - 1).astype(int)


def rmse(model):
    p = model.fit(X[train], y[train]).predict(X[test])
    return np.sqrt(np.mean((p - y[test]) ** 2))


def error(model, k):
    c = classes(k)
    return np.mean(model.fit(X[train], c[train]).predict(X[test]) != c[test])


def seeds(measure):
    return np.mean([measure(s) for s in range(5)])


def show(name, value):
    print("#define SKLEARN_%s %.6f" % (name, value))


print("/* Made by tests/make_forest_reference.py: errors on the test half, the")
print(" * mean over five seeds, and the size of pruned trees. */")
for name, number, kind in (
        ("FOREST", RandomForestRegressor, RandomForestClassifier),
        ("EXTRA", ExtraTreesRegressor, ExtraTreesClassifier)):
    show(name + "_NUMBER", seeds(lambda s: rmse(
        number(100, max_features=0.67, random_state=s))))
    for k in 2, 5:
        show("%s_CLASSES_%d" % (name, k), seeds(lambda s: error(
            kind(100, random_state=s), k)))
for alpha in 0.01, 0.001:
    t = DecisionTreeRegressor(min_samples_leaf=7, ccp_alpha=alpha)
    t.fit(X[train], y[train])
    print("#define SKLEARN_LEAVES_NUMBER_%d %d" % (1000 * alpha,
                                                   t.get_n_leaves()))
    for k in 2, 5:
        t = DecisionTreeClassifier(min_samples_leaf=7, ccp_alpha=alpha)
        t.fit(X[train], classes(k)[train])
        print("#define SKLEARN_LEAVES_CLASSES_%d_%d %d" % (
            k, 1000 * alpha, t.get_n_leaves()))
