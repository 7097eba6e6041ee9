"""Lists made of other lists."""

from __future__ import annotations

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
