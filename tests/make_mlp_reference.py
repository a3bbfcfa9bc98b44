#!/usr/bin/python3
"""How good scikit-learn's MLPs are on the rows that test_mlp_reference makes: the
numbers in its table. Run by hand, with python3-sklearn:

    tests/make_mlp_reference.py

Rows come from a generator that both have, so that nothing but scores is copied:
uniform in [-1, 1), 24 bits each; the class is the sign of a curved function with a
tenth of the labels turned, the value is another with noise."""
import warnings

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

COLS, TRAIN, TEST, SEEDS = 8, 800, 2000, 40


def rows(n, state):
    """(n, COLS + 1) uniform numbers; Knuth's multiplier, the upper 24 bits."""
    out = np.empty(n * (COLS + 1))
    for i in range(len(out)):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out[i] = (state >> 40) / 2**23 - 1
    return out.reshape(n, COLS + 1)


def label(u):
    """Class, value of each row."""
    score = u[:, 0] * u[:, 1] + 0.5 * u[:, 2] - 0.5 * u[:, 3] ** 2
    turned = u[:, COLS] > 0.8
    return (score > -0.1) ^ turned, np.sin(3 * u[:, 0]) + u[:, 1] * u[:, 2] + 0.3 * u[:, COLS]


def main():
    """Means over seeds and their standard errors."""
    warnings.simplefilter("ignore")  # of too few epochs
    train, test = rows(TRAIN, 1), rows(TEST, 2)
    (c, y), (test_c, test_y) = label(train), label(test)
    shared = dict(hidden_layer_sizes=(64, 64), alpha=0, batch_size=40,
                  learning_rate_init=1e-3, max_iter=30, n_iter_no_change=100)
    right, rmse = [], []
    for seed in range(SEEDS):
        net = MLPClassifier(random_state=seed, **shared).fit(train[:, :COLS], c)
        right.append(net.score(test[:, :COLS], test_c))
        net = MLPRegressor(random_state=seed, **shared)
        net.fit(train[:, :COLS], (y - y.mean()) / y.std())
        miss = net.predict(test[:, :COLS]) * y.std() + y.mean() - test_y
        rmse.append(np.sqrt(np.mean(miss ** 2)))
    for name, values in (("accuracy", right), ("rmse", rmse)):
        print("%s %.4f, standard error %.4f" % (name, np.mean(values),
                                               np.std(values) / np.sqrt(SEEDS - 1)))
    print("rows: %.9g, classes %d, values %.9g" % (train.sum(), c.sum(), y.sum()))


if __name__ == "__main__":
    main()
