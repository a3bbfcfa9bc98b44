#!/usr/bin/python3
"""tests/metric_reference.h from scikit-learn 1.2.1:
python3 tests/make_metric_reference.py > tests/metric_reference.h

The scores come from a formula that the test repeats, so that only the results
stand in the header. Scores are rounded to a coarse grid: ties are frequent.
"""
import warnings

import numpy as np
from sklearn import metrics

warnings.simplefilter("ignore")
N = 200


def scores(classes):
    i, c = np.meshgrid(np.arange(N), np.arange(classes), indexing="ij")
    raw = 1 + (i * 7 + c * 13 + (i * c) % 5) % 11
    p = raw.astype(np.float32) / raw.sum(1, keepdims=True).astype(np.float32)
    label = (np.arange(N) * 5 + np.arange(N) // 7) % classes
    return label, p


def classification(name, classes):
    label, p = scores(classes)
    auc = metrics.roc_auc_score(label, p[:, 1] if classes == 2 else p, multi_class="ovr")
    print(f"static const struct metrics {name} = {{")
    print(f"\t.accuracy = {metrics.accuracy_score(label, p.argmax(1)):.17g},")
    print(f"\t.balanced_accuracy = {metrics.balanced_accuracy_score(label, p.argmax(1)):.17g},")
    print(f"\t.auc = {auc:.17g},")
    print(f"\t.log_loss = {metrics.log_loss(label, p):.17g},")
    print("};")


def regression():
    i = np.arange(N)
    y = ((i * 37 % 101) / 8).astype(np.float32)
    p = (y + ((i * 11 % 7) - 3) / np.float32(16)).astype(np.float32)
    y, p = y.astype(float), p.astype(float)
    print("static const struct metrics want_regression = {")
    print(f"\t.rmse = {metrics.mean_squared_error(y, p, squared=False):.17g},")
    print(f"\t.mae = {metrics.mean_absolute_error(y, p):.17g},")
    print(f"\t.r2 = {metrics.r2_score(y, p):.17g},")
    print("};")


print("/* Made by tests/make_metric_reference.py; do not edit. */")
print('#include "harness/metric.h"\n')
classification("want_binary", 2)
classification("want_five", 5)
regression()
