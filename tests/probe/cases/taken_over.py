"""Written arrays, lists and objects that a list takes over; aliases that are refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..data import A33, X3, X5
from ..harness import case


@dataclass
class Node:
    """A mutable dataclass that holds an array."""

    v: float
    w: np.ndarray


@case((X5,), second=True)
def list_2d_zeros(x):
    n = 3
    t = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            t[i][j] = x[i] * x[j] + (t[i - 1][j] if i > 0 else 0.0)
    return sum(t[2]) * t[1][1]


@case((X3, 4), second=True)
def layers_written(x, n):
    hs = [np.zeros(3) for _ in range(n)]
    hs[0] += x
    for i in range(1, n):
        hs[i][:] = np.sin(hs[i - 1]) * x
        hs[i][0] += 1.0
    return sum([h.sum() for h in hs]) * hs[2][1]


@case((X3, 4), second=True)
def rows_while_building(x, n):
    rows = []
    s = 0.0
    for i in range(n):
        row = x * (i + 1)
        row[0] = row[1] * 2.0
        rows.append(row)
        for r in rows:
            r[2] += 0.5 * r[1]
        s += rows[0][2]
    return s + rows[n - 1].sum()


@case((X3,), second=True)
def objects_in_list(x):
    nodes = []
    for i in range(3):
        nodes.append(Node(x[i], x * i))
    for n in nodes:
        n.v = n.v * 2.0
        n.w[0] = n.v
    nodes[1].v += nodes[0].v * nodes[2].w.sum()
    return sum([n.v * n.w[1] for n in nodes])


@case((X3,), second=True)
def nested_lists(x):
    g = []
    for i in range(2):
        h = []
        for j in range(3):
            h.append(x[j] * (i + 1))
        h[0] = h[1] * h[2]
        g.append(h)
    g[0][1] = g[1][0]
    return g[0][0] * g[0][1] + sum(g[1])


@case((X5,), second=True)
def matrix_as_lists(x):
    m = [[x[0], x[1]], [x[2], x[3]]]
    y = [0.0, 0.0]
    for i in range(2):
        for j in range(2):
            y[i] += m[i][j] * x[j + 1]
    m[0][1] = y[0] * y[1]
    return m[0][0] * m[0][1] + y[1]


@case((X3,), second=True)
def tuple_in_node(x):
    nodes = []
    for i in range(2):
        nodes.append((x * (i + 1.0), i))
    nodes[1][0][0] = nodes[0][0][1] ** 2
    return nodes[1][0].sum() * nodes[0][0][0]


@case((X3,), second=True)
def dicts_in_list(x):
    layers = []
    for i in range(3):
        layers.append({"w": np.outer(x, x) * (i + 1), "b": x[i]})
    for l in layers:
        l["w"] *= 0.5
        l["w"][0, 1] += l["b"]
        l["b"] = l["b"] * 2.0
    y = x
    for l in layers:
        y = np.tanh(l["w"] @ y + l["b"])
    return y.sum()


@case((0.8, X3), second=True)
def list_as_long_as_it_was(mu, y):
    """The list that a loop reads grows behind it; what a list took over is handed to others."""
    ks = []
    for _ in range(3):
        yi = y.copy()
        for kj in ks:
            yi += mu * kj
        ks.append(np.sin(yi))
    return sum(k.sum() for k in [k for k in ks])


def _pair(y, mu):
    return mu * y, np.sin(y)


@case((0.8, X3), second=True)
def parts_of_a_result_taken_over(mu, y):
    ks, ls = [], []
    for _ in range(2):
        a, b = _pair(y, mu)
        ks.append(a)
        ls.append(b)
    ks[0] *= mu
    ls[1][0] += mu
    return ks[0] @ ls[1] + ks[1] @ ls[0]


@case((0.8, A33), second=True)
def factors_taken_over_and_written(mu, a):
    factors = []
    for _ in range(2):
        q, r = np.linalg.qr(mu * a)
        factors.append(q)
        factors.append(r)
    for f in factors:
        f *= mu
    return (factors[0] @ factors[1] + factors[3]).sum()
