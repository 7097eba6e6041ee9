"""Lists made of other lists."""

from __future__ import annotations

import math

import numpy as np

from ..data import A34, X3, X5, Y3, Y5
from ..harness import case


@case(([1.0, 2.0, 3.0],), second=True)
def slices_of_lists(xs):
    ys = xs[1:]
    return ys[0] * 2 + ys[1] ** 2 + sum(xs[:2]) * xs[-1:][0]


@case(([1.0, 2.0, 3.0],), second=True)
def copies_of_lists(xs):
    ys = list(xs)
    ys[0] = ys[1] * ys[2]
    zs = xs.copy()
    zs[1] = 3.0
    return ys[0] * ys[2] + zs[0] * zs[1] + xs[0]


@case(([1.0, 2.0, 3.0], 0.5), second=True)
def sums_of_lists(xs, s):
    ys = xs + [s, xs[0] * s]
    zs = ys[::-1]
    ws = [0.0] * 3
    for i in range(3):
        ws[i] = zs[i] * xs[i]
    us = [s] * len(xs)
    us[1] = us[0] * us[2]
    return ws[0] * ws[1] + ys[3] * zs[0] + us[1] + sum(us) + ys[-1:][0]


@case(([X3, Y3, X3 * Y3],), second=True)
def neighbours_in_list(xs):
    s = 0.0
    for a, b in zip(xs, xs[1:]):
        s += (a * b).sum()
    for a, b in zip(xs[:-1], xs[1:]):
        s += (a * b).sum()
    return s


@case((X5,))
def lists_of_ints(x):
    k = list(range(5))
    j = k[1:3] + [0]
    n = [1] * 3
    m = list(k)
    return x[k[2]] * x[j[0]] * n[1] + x[m[4]] + x[list(range(2))].sum()


@case((X5,), second=True)
def elements_as_list(x):
    xs = x.tolist()
    s = 0.0
    for v in xs:
        s += v * v
    ys = list(x)
    return s + ys[0] * ys[1] ** 2


@case((Y5, X3))
def sum_of_list_of_arrays(x, w):
    return (sum(w[i] * x[i : i + 2] for i in range(3)) ** 2).sum() + (sum([x[i:][:2] for i in range(2)]) * x[3]).sum()


@case(A34)
def sum_of_list_of_broadcast_arrays(a):
    parts = [a[:, i : i + 1 + i] for i in range(2)]
    return (sum(parts) ** 2).sum() + sum(row.sum() for row in a)


def _powers(x, n):
    if n == 0:
        return [x]
    below = _powers(x, n - 1)
    below.append(below[-1] * x)
    return below


def _halves(xs):
    if len(xs) == 0:
        return []
    if len(xs) == 1:
        return [xs[0] * 2.0, xs[0]]
    return _halves(xs[:1]) + _halves(xs[1:])


@case(0.7, second=True)
def lists_of_several_lengths_returned(x):
    return sum(_powers(x, 3)) + sum(_halves([x, x * x, 1.5]))


@case((0.7, 1.2), second=True)
def lists_of_sums_of_themselves(x, y):
    k, logs, products = [], [], []
    for i in range(3):
        k.append(x + y * sum((v * 0.5 for v in k), 0.0) + i)
        logs.append(np.sum(logs) * y + x)
        products.append(math.prod(products) * x + np.array(logs).sum() + sum(k[::-1]))
    return k[-1] * logs[-1] * products[-1]


class _History:
    def __init__(self):
        self.values = []

    def add(self, x):
        self.values.append(x + 0.3 * np.sum(self.values))


@case((0.7, 1.2), second=True)
def history_of_an_instance_that_sums_it(x, y):
    history = _History()
    for i in range(3):
        history.add(x * y + i)
    return history.values[-1] * math.fsum(history.values)


@case((0.7, 1.2), second=True)
def empty_list_that_another_takes_the_place_of(x, y):
    w = []
    total = 0
    for _ in range(3):
        total += np.sum(w) * y
        w = w + [x + total]
    return total * x


@case((X3, 0.4))
def basis_that_grows(v, s):
    basis = []
    for w in (v, v[::-1], v * v):
        u = w - sum((q * (q @ w) for q in basis), np.zeros(3)) + s * np.sum(basis, axis=0)
        basis.append(u / np.linalg.norm(u))
    return basis[2]


@case(([(0.3, 0.7), (0.2, 1.1)], 0.5), second=True)
def tuples_put_behind_a_list_of_tuples(bars, s):
    t = 0.0
    for v, d in bars + [(s, 0.4), (0.0, 2.0)]:
        t += v * d + d * d
    return t


def _squares(xs, made=None):
    if made is None:
        made = []
    for v in xs:
        made.append(v * v)
    return sum(made)


@case(([1.0, 2.0, 3.0],), second=True)
def lists_made_where_none_is_given(xs):
    return _squares(xs) + _squares(xs[:2], [xs[0]]) ** 2
