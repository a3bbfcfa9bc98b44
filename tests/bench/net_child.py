#!/usr/bin/python3
"""Train one peer's net once on one set (set_files.h) and print what bench_fit
prints of ours: a line of JSON with CPU and wall seconds of the fit and of
prediction, steps, memory and the test metric.

usage: net_child.py PEER CASE THREADS SEED ROWS FOLDER
       PEER: torch | mlpclassifier;  CASE: of net_cases.py

The nets are written as PyTorch's tutorials would: modules of torch.nn, an Adam or
SGD of torch.optim, batches of a fresh permutation. scikit-learn has its
MLPClassifier with early_stopping off. Inputs of images are standardised before
the fit, as ours does in it.
"""
import json
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import net_cases  # noqa: E402
import peer_child as child  # noqa: E402


def inputs(table, case_name):
    """Rows as the net wants them: (train, test)."""
    x, test_x = table.x, table.test_x
    if case_name in ("cnn", "resnet"):
        mean, sd = x.mean(dtype=np.float64), x.std(dtype=np.float64)
        shape = [-1] + table.about["shape"]
        return [((a - mean) / sd).astype(np.float32).reshape(shape) for a in (x, test_x)]
    if case_name in ("transformer", "bag"):
        return x.astype(np.int64), test_x.astype(np.int64)
    return np.array(x), np.array(test_x)


# ------------------------------------------------------------------ PyTorch

def perceptron(nn, sizes):
    """Linear layers with ReLU between."""
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def small_cnn(nn, table):
    """Norms and the pooling where ours has them."""
    c, h, w = table.about["shape"]
    return nn.Sequential(
        nn.Conv2d(c, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1), nn.MaxPool2d(2), nn.BatchNorm2d(64), nn.ReLU(),
        nn.Flatten(), nn.Linear(64 * (h // 2) * (w // 2), 128), nn.ReLU(),
        nn.Linear(128, table.classes))


def small_resnet(nn, table):
    """A basic block (He et al. 2016) a stage of 32, 64 and 128 channels."""
    class Block(nn.Module):
        """Two convolutions beside the identity, or a 1x1 where shapes change."""

        def __init__(self, a, b, stride):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(),
                nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b))
            self.side = nn.Identity() if a == b and stride == 1 else nn.Sequential(
                nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b))

        def forward(self, x):
            return (self.body(x) + self.side(x)).relu()

    return nn.Sequential(
        nn.Conv2d(table.about["shape"][0], 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32),
        nn.ReLU(), Block(32, 32, 1), Block(32, 64, 2), Block(64, 128, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, table.classes))


def transformer(nn, table):
    """Norms first, GELU, positions by weights, the mean position."""
    import torch

    class Encoder(nn.Module):
        """Of whole documents, none is padded."""

        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(table.about["vocab"], 128)
            self.places = nn.Parameter(0.02 * torch.randn(table.x.shape[1], 128))
            layer = nn.TransformerEncoderLayer(128, 4, 512, dropout=0, activation="gelu",
                                               batch_first=True, norm_first=True)
            self.body = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(128))
            self.head = nn.Linear(128, table.classes)

        def forward(self, x):
            return self.head(self.body(self.words(x) + self.places).mean(1))

    return Encoder()


def bag(nn, table):
    """fastText without pairs, and with its first weights: those of PyTorch, N(0, 1),
    are never unlearnt by so few steps."""
    words = nn.EmbeddingBag(table.about["vocab"], 64, mode="mean", sparse=True)
    nn.init.uniform_(words.weight, -1 / 64, 1 / 64)
    return nn.Sequential(words, nn.Linear(64, table.classes))


def torch_net(name, table):
    """The module of a case."""
    from torch import nn
    cols, k = table.x.shape[1], table.classes
    if name == "mlp":
        return perceptron(nn, [cols, 512, 256, k])
    if name == "tabular":
        return perceptron(nn, [cols, 256, 256, 256, k])
    return {"cnn": small_cnn, "resnet": small_resnet, "transformer": transformer,
            "bag": bag}[name](nn, table)


def train_torch(net, case, name, x, y, seed):
    """All epochs; returns the number of steps."""
    import torch
    torch.manual_seed(seed)
    sgd = name == "bag"
    optimizer = (torch.optim.SGD(net.parameters(), lr=case.lr * case.batch) if sgd
                 else torch.optim.Adam(net.parameters(), lr=case.lr))
    loss = torch.nn.CrossEntropyLoss()
    steps, total = 0, case.epochs * -(-len(x) // case.batch)
    net.train()
    for _ in range(case.epochs):
        for rows in torch.randperm(len(x)).split(case.batch):
            if sgd:  # as ours: the rate falls on a line
                optimizer.param_groups[0]["lr"] = case.lr * case.batch * (1 - steps / total)
            optimizer.zero_grad()
            loss(net(x[rows]), y[rows]).backward()
            optimizer.step()
            steps += 1
    return steps


def run_torch(name, case, table, threads, seed):
    """(steps, seconds of the fit, function of the test rows -> scores)."""
    import torch
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    x, test = [torch.from_numpy(a) for a in inputs(table, name)]
    y = torch.from_numpy(table.y.astype(np.int64))
    child.reset_peak()
    before, span = child.status("VmRSS"), child.Span()
    net = torch_net(name, table)
    steps = train_torch(net, case, name, x, y, seed)
    took = span.took()

    def predict():
        net.eval()
        with torch.no_grad():
            return torch.cat([net(part).softmax(1) for part in test.split(1000)]).numpy()

    return steps, took, before, predict


# ------------------------------------------------------------- scikit-learn

def run_sklearn(name, case, table, _threads, seed):
    """The same of MLPClassifier."""
    from sklearn.neural_network import MLPClassifier
    x, test = inputs(table, name)
    net = MLPClassifier((512, 256) if name == "mlp" else (256, 256, 256), alpha=0,
                        batch_size=case.batch, learning_rate_init=case.lr,
                        max_iter=case.epochs, n_iter_no_change=case.epochs + 1,
                        random_state=seed)
    child.reset_peak()
    before, span = child.status("VmRSS"), child.Span()
    net.fit(x, table.y.astype(int))
    took = span.took()
    steps = case.epochs * -(-len(x) // case.batch)
    return steps, took, before, lambda: net.predict_proba(test)


def main():
    """See the top of the file."""
    import warnings
    warnings.simplefilter("ignore")  # of too few epochs: they are few on purpose
    peer, name, threads, seed, rows, folder = sys.argv[1:]
    case, table = net_cases.CASES[name], child.Table(folder)
    __import__(net_cases.package_of(peer)[0])
    if peer == "mlpclassifier":  # its import is not the fit's memory
        import sklearn.neural_network  # noqa: F401
    table.x, table.y = table.x[:int(rows)], table.y[:int(rows)]
    run = run_torch if peer == "torch" else run_sklearn
    steps, took, before, predict = run(name, case, table, int(threads), int(seed))
    peak = child.status("VmHWM")
    span = child.Span()
    scores = predict()
    predicting = span.took()
    print(json.dumps({
        "program": peer, "set": name, "seed": int(seed), "threads": int(threads),
        "rows": len(table.x), "cols": table.x.shape[1], "test_rows": len(table.test_x),
        "classes": table.classes, "rounds": steps, "fit": child.seconds(took),
        "predict": child.seconds(predicting), "memory_mib": peak - before,
        "peak_mib": peak,
        "metrics": child.metrics(table, scores[:, 1] if table.classes == 2 else scores)}))


if __name__ == "__main__":
    main()
