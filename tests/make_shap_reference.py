#!/usr/bin/env python3
"""SHAP values of XGBoost's (Debian: python3-xgboost 1.7.4) for trees that the test
builds again: tests/shap_reference.h.   usage: make_shap_reference.py > shap_reference.h

Values are whole numbers, so that XGBoost's x < t and our x <= t' part them alike
with t' = t - 0.5; rows have holes. Squared error: covers are rows."""
import json

import numpy as np
import xgboost as xgb

rng = np.random.default_rng(5)
ROWS, COLS, TREES, SHOWN = 300, 5, 4, 12
x = rng.integers(0, 9, (ROWS, COLS)).astype(np.float32)
y = x[:, 0] * (x[:, 1] > 4) + np.where(x[:, 2] > 2, x[:, 3], -x[:, 4])
x[rng.random((ROWS, COLS)) < 0.15] = np.nan
booster = xgb.train({"max_depth": 5, "eta": 0.3, "base_score": 0.5, "nthread": 1,
                     "tree_method": "exact"}, xgb.DMatrix(x, y), TREES)


def flatten(root):
    """Inner nodes and leaves in preorder; a child is a node or ~leaf."""
    nodes, leaves = [], []

    def walk(n):
        if "leaf" in n:
            leaves.append((n["leaf"], n["cover"]))
            return ~(len(leaves) - 1)
        at = len(nodes)
        nodes.append(None)
        kid = {c["nodeid"]: c for c in n["children"]}
        left, right = walk(kid[n["yes"]]), walk(kid[n["no"]])
        nodes[at] = (n["split_condition"] - 0.5, int(n["split"][1:]), left, right,
                     int(n["missing"] == n["yes"]))
        return at

    walk(root)
    return nodes, leaves


def number(v):
    return "NAN" if np.isnan(v) else repr(float(v))


trees = [flatten(json.loads(t))
         for t in booster.get_dump(dump_format="json", with_stats=True)]
print("/* Made by tests/make_shap_reference.py with XGBoost", xgb.__version__ + ". */")
print("#ifndef TRIARCH_SHAP_REFERENCE_H\n#define TRIARCH_SHAP_REFERENCE_H\n")
print('#include <math.h>\n\n#include "learners/gbdt/tree.h"\n')
print("enum { SHAP_COLS = %d, SHAP_TREES = %d, SHAP_ROWS = %d };" % (COLS, TREES, SHOWN))
print("#define N(t, c, l, r, m) { .threshold = (t), .column = (c), .child = { (l), (r) }, "
      "\\\n\t.set = -1, .missing_left = (m) }")
print("static const struct tree_node shap_nodes[] = {")
for nodes, _ in trees:
    for t, c, left, right, missing in nodes:
        print("\tN(%rf, %d, %d, %d, %d)," % (t, c, left, right, missing))
print("};\n#undef N\nstatic const size_t shap_leaves[] = {",
      ", ".join(str(len(v)) for _, v in trees), "};")
for name, k in (("value", 0), ("cover", 1)):
    print("static const float shap_%s[] = {" % name)
    for _, leaves in trees:
        print("".join("\t%.9gf,\n" % np.float32(v[k]) if "." in "%.9g" % v[k] else
                      "\t%.9g,\n" % v[k] for v in leaves), end="")
    print("};")
print("static const float shap_x[] = { /* (SHAP_ROWS, SHAP_COLS) */")
for row in x[:SHOWN]:
    print("\t" + ", ".join(number(v) for v in row) + ",")
print("};\nstatic const double shap_want[] = { /* (SHAP_ROWS, SHAP_COLS + 1) */")
for row in booster.predict(xgb.DMatrix(x[:SHOWN]), pred_contribs=True):
    print("\t" + ", ".join("%.9g" % v for v in row) + ",")
print("};\n#endif")
