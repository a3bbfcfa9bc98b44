#!/usr/bin/python3
"""Writes tests/recurrent_reference.h: outputs and gradients of PyTorch's LSTM and GRU
(python3-torch), both directions, on packed rows, for test_nn_recurrent.c.

    tests/make_recurrent_reference.py > tests/recurrent_reference.h
"""
import torch

LENGTHS, IN, UNITS = [3, 1, 5], 4, 3


def numbers(shape, seed):
    """Whole numbers over 64, so that both sides read the same values."""
    n = 1
    for s in shape:
        n *= s
    k = torch.arange(n, dtype=torch.float64)
    return (((k * 37 + seed * 11) % 101) - 50).reshape(shape) / 64


def write(name, values, per=5):
    """A float array of C."""
    flat = [float(v) for v in values.reshape(-1)]
    print("static const float %s[%d] = {" % (name, len(flat)))
    for i in range(0, len(flat), per):
        print("\t" + " ".join("%.9gf," % v for v in flat[i:i + per]))
    print("};")


def run(kind, gates):
    """One layer: PyTorch has no bias in its input part but where ours has one."""
    net = getattr(torch.nn, kind)(IN, UNITS, bidirectional=True, batch_first=True).double()
    with torch.no_grad():
        for d, end in enumerate(["", "_reverse"]):
            getattr(net, "weight_ih_l0" + end)[:] = numbers((gates * UNITS, IN), 1 + d)
            getattr(net, "weight_hh_l0" + end)[:] = numbers((gates * UNITS, UNITS), 3 + d)
            getattr(net, "bias_ih_l0" + end)[:] = numbers((gates * UNITS,), 5 + d)
            recurrent = torch.zeros(gates * UNITS, dtype=torch.float64)
            if kind == "GRU":
                recurrent[2 * UNITS:] = numbers((UNITS,), 7 + d)
            getattr(net, "bias_hh_l0" + end)[:] = recurrent
    x = numbers((sum(LENGTHS), IN), 9).requires_grad_()
    rows = torch.nn.utils.rnn.pack_sequence(x.split(LENGTHS), enforce_sorted=False)
    y, _ = torch.nn.utils.rnn.pad_packed_sequence(net(rows)[0], batch_first=True)
    out = torch.cat([y[i, :n] for i, n in enumerate(LENGTHS)])
    (out * numbers(out.shape, 13)).sum().backward()
    name = kind.lower()
    write(name + "_out", out)
    write(name + "_d_in", x.grad)
    for d, end in enumerate(["", "_reverse"]):
        write("%s_d_wh%d" % (name, d), getattr(net, "weight_hh_l0" + end).grad)
        write("%s_d_wx%d" % (name, d), getattr(net, "weight_ih_l0" + end).grad)
        write("%s_d_b%d" % (name, d), getattr(net, "bias_ih_l0" + end).grad)


print("/* Made by tests/make_recurrent_reference.py with PyTorch %s. */" %
      torch.__version__)
print("#ifndef TRIARCH_RECURRENT_REFERENCE_H\n#define TRIARCH_RECURRENT_REFERENCE_H\n")
run("LSTM", 4)
run("GRU", 3)
print("\n#endif")
