"""Starred targets and displays; tuples that are one value."""

from __future__ import annotations

import numpy as np

from ..data import A34, X5
from ..harness import case


def pair(x):
    return x[0] * 2, x[1], x[2] * x[0]


@case((X5,), second=True)
def star1(x):
    first, *rest = x
    a, *mid, z = rest
    s = first * a + z**2
    for v in mid:
        s += v * v
    return s


@case((X5,), second=True)
def star2(x):
    first, *rest = pair(x)
    *head, last = (x[0], x[1] * x[2], x[3])
    return first * rest[0] + rest[1] ** 2 + head[1] * last + len(rest)


@case(([1.0, 2.0, 3.0], X5), second=True)
def star3(xs, x):
    a, *b = xs
    ys = [*b, a * a, *pair(x)]
    t = (*pair(x), a)
    zs = [*x, *xs]
    return sum(ys) * ys[0] + t[1] * t[3] + b[0] ** 2 + zs[0] * zs[-1]


@case((A34,))
def star4(m):
    a, *b = m
    return (a * b[0]).sum() + (b[1] ** 2).sum()


@case((X5,))
def star5(x):
    for a, *b in [(x[0], x[1], x[2]), (x[2], x[3], x[4])]:
        c = a * b[0] * b[1]
    return c


@case((X5,), second=True)
def loop_over_result(x):
    s = 0.0
    for v in pair(x):
        s += v * v
    for i, v in enumerate(pair(x)):
        s += v * i
    p = pair(x)
    for u, v in zip(p, p[1:]):
        s += u * v
    return s + max(pair(x)) + sum(pair(x)) * min(p)


@case((X5,), second=True)
def index_tuple(x):
    t = (x[0], x[1] * 2, x[2])
    p = pair(x)
    s = 0.0
    for i in range(3):
        s += t[i] * p[2 - i]
    return s


@case(((0.5, 1.5, 2.0),), second=True)
def tuple_arg(t):
    s = 0.0
    for i in range(len(t)):
        s += t[i] ** 2
    for v in t:
        s *= v
    for i, (a, b) in enumerate(zip(t, t[1:])):
        s += a * b * i
    return s + sum(t) * max(t) + np.array(t).sum() + np.sum(t)


@case((X5,), second=True)
def parts_in_regions(x):
    p = pair(x)
    s = 0.0
    for i in range(3):
        if x[i] > 0.0:
            s += p[0] * x[i]
        else:
            s -= p[1] ** 2
        q = pair(x * s)
        while s > 100.0:
            s = s - q[2]
    return s + p[2]


@case((A34.T,), second=True)
def rows_of_a_transposed_argument(points):
    x, y, z = points.T
    (first, *_), second, *rest = points
    return np.sum(x * y) + z @ x + first * second[1] + rest[1][2]


@case((A34,), second=True)
def rows_written_through_their_names(a):
    b = a * 2.0
    x, y, z = b
    x += y * z
    y[1] = x[0]
    return (b**2).sum()


@case((A34,))
def rows_that_are_too_many(a):
    try:
        x, y = a
        out = x @ y
    except ValueError:
        out = a[2, 0] * a[1, 1]
    return out


@case((A34[:2],), second=True)
def rows_spread_into_a_call(points):
    def area(u, v):
        return u[0] * v[1] - u[1] * v[0]

    return np.hypot(*points).sum() + area(*points.T[:2]) + area(*points)
