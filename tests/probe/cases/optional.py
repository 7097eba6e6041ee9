"""Variables, attributes and elements that may be None."""

from __future__ import annotations

import numpy as np

from ..data import X3, X5, Y3
from ..harness import case


@case((X5,), second=True)
def best_of_loop(x):
    best = None
    for v in x:
        w = v * v - v
        if best is None or w < best:
            best = w
    return best * 2.0


@case((X5,), second=True)
def best_with_index(x):
    best, at = None, -1
    for i, v in enumerate(x):
        if best is None or v > best:
            best, at = v, i
    return best * best + x[at]


@case((X5,), (np.array([-1.0, -2.0]),), second=True)
def first_positive(x):
    found = None
    for v in x:
        if v > 0:
            found = v * v
            break
    if found is None:
        return x.sum()
    return found


@case((X3, 3), second=True)
def previous_array(x, n):
    prev = None
    s = 0.0
    for i in range(n):
        cur = np.sin(x * (i + 1))
        if prev is not None:
            s += ((cur - prev) ** 2).sum()
        prev = cur
    return s


@case((1.5, None), (1.5, 0.7), second=True)
def none_by_default(x, y=None):
    if y is None:
        y = x * 2.0
    return x * y


@case((1.5, True), (1.5, False), second=True)
def optional_by_flag(x, flag):
    extra = x * x if flag else None
    out = x
    if extra is not None:
        out = out + extra
    return out


@case((1.5, 0.7), (0.5, 0.7), second=True)
def optional_by_value(x, y):
    extra = None
    if x > 1.0:
        extra = x * y
    if extra is None:
        return y * y
    return extra * x


@case((1.5, 0.7), (0.5, 0.7), second=True)
def function_returns_none(x, y):
    r = maybe(x, y)
    return y if r is None else r * y


def maybe(x, y):
    if x > 1.0:
        return x * y
    return None


@case((X5,), second=True)
def optional_tuple(x):
    best = None
    for i, v in enumerate(x):
        if best is None or v < best[0]:
            best = (v, i)
    return best[0] ** 2 + best[1]


@case((X3, Y3), second=True)
def list_with_none(x, y):
    parts = [x, None, y]
    s = 0.0
    for p in parts:
        if p is not None:
            s += (p * p).sum()
    return s


@case((1.5, 0.7, True), (1.5, 0.7, False), second=True)
def chosen_none(x, y, flag):
    act = np.tanh if flag else None
    h = x * y
    if act is not None:
        h = act(h)
    return h


@case((X3,), second=True)
def or_default(x, y=None):
    y = y or 2.0
    return (x * y).sum()


@case((0.7,), (5.0,))
def falls_off_the_end(x):
    for k in range(1, 6):
        if x * k > 2.0:
            return x * x * k
