#!/usr/bin/python3
"""The made sets of `make bench`: tables on which boosted trees are timed, and a
table and documents for nets.

usage: make_sets.py [--sets a,b,d,e,s,t] [--seeds 1] [--shrink 1] FOLDER

Each set has one law (which columns matter and how) and draws its rows by seed,
so that two seeds are two samples of the same world:

  a  800,000 x 28 continuous, two classes; 21 plain columns and 7 made of them,
     as the HIGGS set has its derived masses (Baldi et al. 2014)
  b   80,000 x 100 continuous, two classes
  d    4,000 x 20 continuous, two classes
  e  400,000 x 20, two classes; 8 columns are categories of 10 to 1000 levels

  t  100,000 x 50 continuous, two classes; in the dense view, for nets
  s  6,400 documents of 128 words of 20,000, four classes; in the tokens view.
     A word in twelve is moved to the nearest of its class's, a quarter of all words

The scale of the noise in the labels is chosen so that Debian's XGBoost 1.7.4
(100 rounds, depth 6 or 63 leaves, learning rate 0.1) ends near these test AUCs:
a .807 and .810, b .778 and .784, d .769 and .770, e .791 and .789. A set's
folder is NAME.SEED with x_train.npy, y_train.npy, x_test.npy, y_test.npy
(float32, C order) and set.json. Categories are codes 0 .. levels - 1.
"""
import argparse
import functools
import json
import os

import numpy as np


class Shape:
    """Sizes of a set, its law's mixture, and how clear its labels are."""

    def __init__(self, train, test, cols, scale, mix, levels=()):
        self.train, self.test, self.cols = train, test, cols
        self.scale = scale    # of the standardised score in the logit
        self.mix = mix        # weights of curves, products, boxes, levels
        self.levels = levels  # of the last columns, categorical


SHAPES = {
    "a": Shape(800000, 200000, 28, 1.56, (1.0, 0.8, 0.8, 0)),
    "b": Shape(80000, 50000, 100, 2.2, (1.0, 0.6, 0.6, 0)),
    "d": Shape(4000, 20000, 20, 1.61, (1.0, 0.5, 0.5, 0)),
    "e": Shape(400000, 100000, 20, 1.7, (1.0, 0.5, 0.5, 0.9),
               (10, 20, 40, 80, 150, 300, 600, 1000)),
}
NET_SHAPES = {"t": Shape(100000, 20000, 50, 2.0, (1.0, 0.6, 0.6, 0)), "s": None}
DOCUMENTS, TEST_DOCUMENTS, WORDS, VOCABULARY, CLASSES = 6400, 4000, 128, 20000, 4
DERIVED = 7     # columns of set a that are functions of others
CHUNK = 100000  # rows that are drawn at a time


def shape_of(name):
    """Of a table."""
    return SHAPES.get(name) or NET_SHAPES[name]


def state(*words):
    """A generator for these words; its stream is the same in every NumPy."""
    return np.random.RandomState([len(words)] + [int(w) for w in words])


def draw_numeric(rng, rows, cols):
    """Columns of three kinds in turn: normal, exponential, uniform."""
    x = rng.standard_normal((rows, cols))
    x[:, 1::3] = rng.standard_exponential((rows, len(range(1, cols, 3)))) - 1
    x[:, 2::3] = rng.uniform(-1.7, 1.7, (rows, len(range(2, cols, 3))))
    return x


def add_derived(law, x, n):
    """The last n columns become lengths and products of three others."""
    plain = x.shape[1] - n
    for j in range(plain, x.shape[1]):
        p = law.permutation(plain)[:3]
        x[:, j] = np.sqrt(x[:, p[0]]**2 + x[:, p[1]]**2 + 0.1 * x[:, j]**2)
        x[:, j] += 0.5 * x[:, p[1]] * x[:, p[2]]


def draw_levels(rng, rows, levels):
    """Codes whose frequencies fall like a power: a few common levels, many
    rare ones, in an order that says nothing of their frequency."""
    share = 1.0 / np.arange(3, levels + 3)**0.8
    order = state(levels).permutation(levels)
    cut = np.cumsum(share / share.sum())
    return order[np.searchsorted(cut, rng.uniform(size=rows)).clip(max=levels - 1)]


def curves(law, x):
    """A sum of one-column functions: waves and steps."""
    total = 0
    for j in range(x.shape[1]):
        weight = law.standard_exponential() * law.choice([-1, 1])
        speed, turn, step = law.uniform(0.5, 2.5), law.uniform(0, 6), law.normal()
        total = total + weight * (np.sin(speed * x[:, j] + turn) +
                                  0.7 * (x[:, j] > step))
    return total


def products(law, x):
    """Pairs of columns that matter together."""
    total = 0
    for _ in range(x.shape[1]):
        j, k = law.permutation(x.shape[1])[:2]
        weight = law.standard_exponential() * law.choice([-1, 1])
        total = total + weight * np.tanh(x[:, j]) * np.sin(1.5 * x[:, k] + law.normal())
    return total


def boxes(law, x):
    """Corners of four columns: what deep trees find and shallow ones miss."""
    total = 0
    for _ in range(x.shape[1]):
        inside = np.ones(len(x), dtype=bool)
        for j in law.permutation(x.shape[1])[:4]:
            inside &= (x[:, j] > 0.4 * law.normal()) == (law.uniform() < 0.5)
        total = total + law.normal() * 3 * inside
    return total


def level_effects(law, codes, levels):
    """Each level of each categorical column has its own worth, and those of
    neighbouring columns a worth together (by parity)."""
    total = 0
    for j, n in enumerate(levels):
        total = total + law.normal(size=n)[codes[:, j].astype(int)]
    for j in range(len(levels) - 1):
        same = codes[:, j] % 2 == codes[:, j + 1] % 2
        total = total + 0.5 * law.normal() * same
    return total


def score(name, numeric, codes):
    """The four parts of a set's score, each (rows)."""
    shape = shape_of(name)
    parts = [part(state(ord(name), k), numeric)
             for k, part in enumerate((curves, products, boxes))]
    if shape.levels:
        parts.append(level_effects(state(ord(name), 3), codes, shape.levels))
    return parts


def draw(name, seed, chunk, rows):
    """Columns of `rows` fresh rows: (numeric, codes)."""
    shape = shape_of(name)
    rng = state(ord(name), seed, 1000 + chunk)
    numeric = draw_numeric(rng, rows, shape.cols - len(shape.levels))
    if name == "a":
        add_derived(state(ord(name), 9), numeric, DERIVED)
    codes = [draw_levels(rng, rows, n) for n in shape.levels]
    return numeric, np.array(codes, dtype=np.float64).reshape(-1, rows).T, rng


@functools.lru_cache(maxsize=None)
def standard(name):
    """Mean and spread of each part, from rows that no set has."""
    numeric, codes, _ = draw(name, 0, 0, CHUNK)
    return [(p.mean(), p.std()) for p in score(name, numeric, codes)]


def make_rows(name, seed, first, rows, norm):
    """x (rows, cols) and y (rows) float32, chunk by chunk."""
    shape = shape_of(name)
    x = np.empty((rows, shape.cols), dtype=np.float32)
    y = np.empty(rows, dtype=np.float32)
    weight = np.array([w for w in shape.mix if w])
    weight = weight / np.sqrt((weight**2).sum())
    for at in range(0, rows, CHUNK):
        n = min(CHUNK, rows - at)
        numeric, codes, rng = draw(name, seed, first + at // CHUNK, n)
        parts = score(name, numeric, codes)
        z = sum(w * (p - m) / s for w, p, (m, s) in zip(weight, parts, norm))
        x[at:at + n] = np.hstack([numeric, codes])
        y[at:at + n] = rng.uniform(size=n) < 1 / (1 + np.exp(-shape.scale * z))
    return x, y


def documents(seed, part, rows):
    """x (rows, WORDS) of word ids from 1 on, rare ones as in a language, and y."""
    rng = state(ord("s"), seed, part)
    y = rng.randint(CLASSES, size=rows)
    rank = np.exp(rng.uniform(0, np.log(VOCABULARY - 1), size=(rows, WORDS)))
    x = rank.astype(np.int64)  # 1 .. VOCABULARY - 2, about 1 / rank as often
    own = rng.uniform(size=(rows, WORDS)) < 0.08
    # Of the words with rank modulo CLASSES == y an owner takes the nearest one.
    x = np.where(own, x - x % CLASSES + y[:, None], x)
    return np.clip(x, 1, VOCABULARY - 1).astype(np.float32), y.astype(np.float32)


def write_documents(folder, seed, shrink):
    """Set s as files."""
    place = os.path.join(folder, "s.%d" % seed)
    os.makedirs(place, exist_ok=True)
    for part, rows in (("train", DOCUMENTS), ("test", TEST_DOCUMENTS)):
        x, y = documents(seed, part == "test", max(rows // shrink, 50))
        np.save(os.path.join(place, "x_%s.npy" % part), x)
        np.save(os.path.join(place, "y_%s.npy" % part), y)
    with open(os.path.join(place, "set.json"), "w") as f:
        json.dump({"name": "s", "seed": seed, "classes": CLASSES, "rounds": 1, "view": "tokens",
                   "vocab": VOCABULARY, "levels": [0] * WORDS}, f)
        f.write("\n")


def write_set(folder, name, seed, shrink):
    """One set as files; `shrink` divides its rows, for a quick try."""
    if name == "s":
        write_documents(folder, seed, shrink)
        return
    shape = shape_of(name)
    norm = standard(name)
    place = os.path.join(folder, "%s.%d" % (name, seed))
    os.makedirs(place, exist_ok=True)
    for part, first, rows in (("train", 0, shape.train), ("test", 1000, shape.test)):
        x, y = make_rows(name, seed, first, max(rows // shrink, 50), norm)
        np.save(os.path.join(place, "x_%s.npy" % part), x)
        np.save(os.path.join(place, "y_%s.npy" % part), y)
    plain = shape.cols - len(shape.levels)
    with open(os.path.join(place, "set.json"), "w") as f:
        json.dump({"name": name, "seed": seed, "classes": 2, "rounds": 100,
                   "view": "table" if name in SHAPES else "dense",
                   "levels": [0] * plain + list(shape.levels)}, f)
        f.write("\n")


def main():
    """See the top of the file."""
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("folder")
    p.add_argument("--sets", default="a,b,d,e")
    p.add_argument("--seeds", default="1")
    p.add_argument("--shrink", type=int, default=1)
    args = p.parse_args()
    for name in args.sets.split(","):
        for seed in args.seeds.split(","):
            write_set(args.folder, name, int(seed), args.shrink)


if __name__ == "__main__":
    main()
