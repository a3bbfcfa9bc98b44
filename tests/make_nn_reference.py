#!/usr/bin/python3
"""Five full-batch steps of scikit-learn's multilayer perceptrons from given
weights -> nn_reference.h (scikit-learn 1.2.1):
    /usr/bin/python3 tests/make_nn_reference.py > tests/nn_reference.h
"""
import warnings

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

warnings.simplefilter("ignore")  # five steps do not converge
ROWS, COLS, HIDDEN, CLASSES, STEPS, LR = 12, 4, 5, 3, 5, 0.05

rng = np.random.RandomState(7)
x = rng.randn(ROWS, COLS)
label = np.arange(ROWS) % CLASSES
target = rng.randn(ROWS)


def weights(outputs):
    r = np.random.RandomState(8)
    return ([r.randn(COLS, HIDDEN) * 0.7, r.randn(HIDDEN, outputs) * 0.7],
            [r.randn(HIDDEN) * 0.1, r.randn(outputs) * 0.1])


def flat(coefs, biases):
    return np.concatenate([np.concatenate([w.ravel(), b])
                           for w, b in zip(coefs, biases)])


def fit(kind, y, outputs, solver):
    coefs, biases = weights(outputs)
    pairs = iter(zip([c.copy() for c in coefs], [b.copy() for b in biases]))

    class Fixed(kind):
        def _init_coef(self, fan_in, fan_out, dtype):
            return next(pairs)

    m = Fixed((HIDDEN,), solver=solver, alpha=0.0, batch_size=ROWS,
              learning_rate_init=LR, max_iter=STEPS, shuffle=False,
              momentum=0.9, nesterovs_momentum=True, tol=0.0)
    m.fit(x, y)
    return flat(coefs, biases), flat(m.coefs_, m.intercepts_), m.loss_curve_


def array(name, values, kind="float"):
    print(f"static const {kind} {name}[] = {{")
    form = {"float": "{:.8e}f", "double": "{:.12e}", "int32_t": "{:d}"}[kind]
    text = [form.format(v) for v in values]
    for i in range(0, len(text), 4):
        print("\t" + ", ".join(text[i:i + 4]) + ",")
    print("};")


print("/* Made by tests/make_nn_reference.py with scikit-learn; do not edit. */")
print("#include <stdint.h>\n")
for name in ("ROWS", "COLS", "HIDDEN", "CLASSES", "STEPS", "LR"):
    print(f"#define REF_{name} {globals()[name]}")
print()
array("ref_x", x.ravel())
array("ref_label", label, "int32_t")
array("ref_target", target)
for name, kind, y, outputs, solver in (
        ("adam", MLPClassifier, label, CLASSES, "adam"),
        ("sgd", MLPClassifier, label, CLASSES, "sgd"),
        ("squared", MLPRegressor, target, 1, "adam")):
    start, end, losses = fit(kind, y, outputs, solver)
    array(f"ref_{name}_start", start)
    array(f"ref_{name}_end", end)
    array(f"ref_{name}_loss", losses, "double")
