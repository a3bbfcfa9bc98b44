"""Make tests/learner_reference.h: a small data set and what scikit-learn says.

    python3 tests/make_learner_reference.py > tests/learner_reference.h
"""
import numpy as np
import sklearn
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

N, COLS, CLASSES, TEST = 90, 4, 3, 10
rng = np.random.RandomState(7)
x = rng.randn(N + TEST, COLS).astype(np.float32)
s = np.stack([x[:, 0] + x[:, 1] ** 2, 1 + x[:, 2], x[:, 3] - x[:, 0]], 1)
label = np.argmax(s + 0.5 * rng.randn(*s.shape), 1)
y = (np.sin(x[:, 0]) * 3 + x[:, 1] * x[:, 2] + 5
     + 0.1 * rng.randn(len(x))).astype(np.float32)
a, b = x[:N].astype(float), x[N:].astype(float)


def array(name, values, shape=""):
    kind = "int32_t" if values.dtype.kind == "i" else "float"
    text = ["%d" % v if kind == "int32_t" else "%.9gf" % v
            for v in values.ravel()]
    text = [t if "." in t or "e" in t or kind == "int32_t"
            else t[:-1] + ".0f" for t in text]
    print("static const %s %s[] = { /* %s */" % (kind, name, shape))
    for i in range(0, len(text), 6):
        print("\t" + ", ".join(text[i:i + 6]) + ",")
    print("};\n")


def kernel(kind, p, q, width):
    d = pairwise_distances(p, q)
    if kind == "laplace":
        return np.exp(-d / width)
    return np.exp(-d ** 2 / (2 * width ** 2))


def krr(kind):
    d = pairwise_distances(a)[np.tril_indices(N, -1)]
    width = np.sort(d)[len(d) // 2]
    mean, sd = y[:N].mean(dtype=float), y[:N].std(dtype=float)
    model = KernelRidge(alpha=0.1, kernel="precomputed")
    model.fit(kernel(kind, a, a, width), (y[:N] - mean) / sd)
    return model.predict(kernel(kind, b, a, width)) * sd + mean


print("/* Made by tests/make_learner_reference.py with scikit-learn %s. */"
      % sklearn.__version__)
print("#ifndef TRIARCH_LEARNER_REFERENCE_H")
print("#define TRIARCH_LEARNER_REFERENCE_H\n")
print("#include <stdint.h>\n")
print("enum { REF_ROWS = %d, REF_COLS = %d, REF_CLASSES = %d, REF_TEST = %d };\n"
      % (N, COLS, CLASSES, TEST))
array("ref_x", x, "(rows + test, cols)")
array("ref_label", label, "(rows + test)")
array("ref_y", y, "(rows + test)")
logistic = LogisticRegression(C=1, tol=1e-10, max_iter=10000)
array("ref_logistic", logistic.fit(a, label[:N]).predict_proba(b),
      "(test, classes) C = 1")
array("ref_ridge", Ridge(alpha=2).fit(a, y[:N]).predict(b), "(test) alpha = 2")
array("ref_krr_laplace", krr("laplace"), "(test) alpha = 0.1, median width")
array("ref_krr_gaussian", krr("gaussian"), "(test) alpha = 0.1, median width")
for w in ("uniform", "distance"):
    c = KNeighborsClassifier(5, weights=w, algorithm="brute")
    array("ref_knn_" + w, c.fit(a, label[:N]).predict_proba(b),
          "(test, classes) k = 5")
r = KNeighborsRegressor(5, weights="distance", algorithm="brute")
array("ref_knn_target", r.fit(a, y[:N]).predict(b), "(test) k = 5, distance")
print("#endif")
